"""A program seals files and cannot open them; one sealed file has to be opened.

A seed draws the chain of stages (sweeps and feedback over the whole text, wide Feistel rounds, altered block ciphers,
keystreams, substitutions, permutations, mixing of bits and of columns, an alphabet at the end), their parameters and
tables, the key schedule, the header, and how all of it stands in C: the calls, what is inlined, what is a table. From
the second level on there are stages that never run, branches that are never taken and encoded strings; the third adds
checks for a debugger and of the program's own code, which change the result without a word, and a stage that has to be
solved or searched.

The schedule starts from the master key in the program, a nonce that the program draws, the length and a checksum of
the text, so that nothing learned by sealing texts of one's own applies to another file, even with the nonce held fast.
Possession of the code in the sealed document proves that the transform was inverted. In the twin the document was
sealed by another master key, which is nowhere on the machine.
"""
