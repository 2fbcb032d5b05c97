"""A machine that nobody has seen before, and a program for it that tells the right unlock code from all others.

From the seed come an instruction set (register, accumulator or stack machine; word of 10 to 30 bits; encodings, forms
of branches, numbering of opcodes, possibly keyed by position) with its interpreter in C, and a program of some stages
over the words of a code: sweeps that mix neighbors, systems of equations modulo the word, spreads of bits, shuffles.
On the higher levels code is sealed, stages run as coroutines or in a machine inside the machine, and decoys run along.

The code of an attempt is its secret. An image holds only what the stages make of it, so nothing in the interpreter or
in its memory shows it: whoever knows the code has understood the program and run its stages backward. All stages are
bijections that depend on every word, and all words are compared at once, so there is nothing to guess piece by piece.
A unit has a fuse whose words enter the stages; the twin's cannot be read, and its image fits every code equally.
"""
