"""Tickets whose protection is misused: a desk on another machine issues and accepts them, and a document describes it.

What varies: which of fifteen misuses it is (blocks on their own, malleable modes, a padding oracle, keystreams that
come again, extension of a hash, fields without seams, unpadded RSA, a reader that looks at half a block, one-time
numbers of a signature, shares outside the group, predictable numbers, a length that tells, a key from the clock, pads
of a polynomial tag that come again), in which variant, with which layout, encoding, wire, quota and sound parts beside
it. L1 is one misuse with a full description; L2 leaves out what gives it away and adds sound parts that look weak; L3
chains two desks, each with a variant for which the textbook's attack has to be changed.

Proof is the secret text, which a desk gives for a privileged ticket or which is inside somebody else's ticket.
"""
