"""What is done to the words of a code: bijections, each with its inverse.

All work on `count` words of `width` bits, and every index is taken modulo the count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Final

from msgspec import Struct

from trialplate.benchmark.families.reversing.bytecode.machine import ARITHMETIC

Words = tuple[int, ...]

SUBSTITUTED: Final = 31
"""The bits of a word that a table of 32 stands for."""
SPUN: Final = 7
"""The bits of a word that say how far another is turned."""


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a sweep: what is done to a word x, with the word p that was done before it, and a number.

    `add`, `sub`, `xor`: with the number; `mul`: by an odd number; `fold`: x ^= x >> number; `roll`: turned by the
    number; `subst`: its low bits by the table; `addp`: x += p * number; `xorp`: x ^= p >> number; `lookp`: x += the
    table at p's low bits; `spin`: turned by p's low bits; `mixp`: x ^= p * number.
    """

    act: str
    by: int = 0


class Sweep(Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Goes over the words, `rounds` of them from `first` in strides; round r takes lane r modulo their number."""

    first: int
    stride: int
    rounds: int
    lanes: tuple[tuple[Turn, ...], ...]
    table: Words


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of an equation: (x[i+one] op x[i+other]) << shift, with a shift of at least one."""

    op: str
    one: int
    other: int
    shift: int


class System(Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Equations: y[i] is the sum of rows[i][j] * x[j], and of the terms. The matrix is invertible modulo 2."""

    rows: tuple[Words, ...]
    terms: tuple[Term, ...]


class Spread(Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Bits of three words: y[i] is x[i] ^ rol(x[i+one], turns[0]) ^ rol(x[i+other], turns[1])."""

    one: int
    other: int
    turns: tuple[int, int]


class Shuffle(Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Moves words: y[i] is x[order[i]]."""

    order: Words


Stage = Sweep | System | Spread | Shuffle


def applied(stage: Stage, words: Words, width: int) -> Words:
    """Return what a stage makes of some words."""
    mask, count = (1 << width) - 1, len(words)
    match stage:
        case Sweep():
            return _swept(stage, words, width)
        case System(rows, terms):
            linear = (sum(factor * word for factor, word in zip(row, words, strict=True)) for row in rows)
            return tuple((value + _terms(terms, words, at)) & mask for at, value in enumerate(linear))
        case Spread(one, other, turns):
            return tuple(
                word
                ^ rotated(words[(at + one) % count], turns[0], width)
                ^ rotated(words[(at + other) % count], turns[1], width)
                for at, word in enumerate(words)
            )
        case Shuffle(order):
            return tuple(words[at] for at in order)


def undone(stage: Stage, words: Words, width: int) -> Words:
    """Return the words that a stage makes these of; ValueError where it is no bijection."""
    match stage:
        case Sweep():
            return _unswept(stage, words, width)
        case System():
            return _lifted(stage, words, width)
        case Spread():
            return _gathered(stage, words, width)
        case Shuffle(order):
            return tuple(words[order.index(at)] for at in range(len(words)))


def rotated(word: int, turn: int, width: int) -> int:
    """Return a word turned to the left."""
    return ARITHMETIC["rol"](word, turn, width)


# --------------------------------------------------------------------------------------------------------------- sweeps


def places(sweep: Sweep, count: int) -> list[int]:
    """Return which word each round of a sweep is about."""
    return [(sweep.first + sweep.stride * at) % count for at in range(sweep.rounds)]


def _swept(sweep: Sweep, words: Words, width: int) -> Words:
    state, count = list(words), len(words)
    for at, place in enumerate(places(sweep, count)):
        before = state[(place - sweep.stride) % count]
        for turn in sweep.lanes[at % len(sweep.lanes)]:
            state[place] = turned(turn, state[place], before, sweep.table, width)
    return tuple(state)


def _unswept(sweep: Sweep, words: Words, width: int) -> Words:
    state, count = list(words), len(words)
    for at, place in reversed(list(enumerate(places(sweep, count)))):
        before = state[(place - sweep.stride) % count]
        for turn in reversed(sweep.lanes[at % len(sweep.lanes)]):
            state[place] = _unturned(turn, state[place], before, sweep.table, width)
    return tuple(state)


_MIXES: Final[dict[str, Callable[[Turn, int, Words], tuple[str, int]]]] = {
    "add": lambda turn, _, __: ("add", turn.by),
    "sub": lambda turn, _, __: ("sub", turn.by),
    "xor": lambda turn, _, __: ("xor", turn.by),
    "addp": lambda turn, before, _: ("add", before * turn.by),
    "xorp": lambda turn, before, _: ("xor", before >> turn.by),
    "mixp": lambda turn, before, _: ("xor", before * turn.by),
    "lookp": lambda _, before, table: ("add", table[before & SUBSTITUTED]),
    "roll": lambda turn, _, __: ("rol", turn.by),
    "spin": lambda _, before, __: ("rol", before & SPUN),
}
"""The turns that are one operation of x with something that does not depend on x."""
_BACK: Final = {"add": "sub", "sub": "add", "xor": "xor"}


def turned(turn: Turn, word: int, before: int, table: Words, width: int) -> int:
    """Return what a turn makes of a word."""
    mask = (1 << width) - 1
    if turn.act in _MIXES:
        op, value = _MIXES[turn.act](turn, before, table)
        return ARITHMETIC[op](word, value & mask, width) & mask
    match turn.act:
        case "mul":
            return word * turn.by & mask
        case "fold":
            return word ^ word >> turn.by
        case _:
            return word & ~SUBSTITUTED | table[word & SUBSTITUTED]


def _unturned(turn: Turn, word: int, before: int, table: Words, width: int) -> int:
    mask = (1 << width) - 1
    if turn.act in _MIXES:
        op, value = _MIXES[turn.act](turn, before, table)
        if op == "rol":
            return rotated(word, -value % width, width)
        return ARITHMETIC[_BACK[op]](word, value & mask, width) & mask
    match turn.act:
        case "mul":
            return word * pow(turn.by, -1, 1 << width) & mask
        case "fold":
            return reduce(int.__xor__, (word >> shift for shift in range(0, width, turn.by)))
        case _:
            return word & ~SUBSTITUTED | table.index(word & SUBSTITUTED)


# ------------------------------------------------------------------------------------------------------------ equations


def _terms(terms: Sequence[Term], words: Words, at: int) -> int:
    count = len(words)
    return sum(
        ARITHMETIC[term.op](words[(at + term.one) % count], words[(at + term.other) % count], 0) << term.shift
        for term in terms
    )


def _lifted(system: System, words: Words, width: int) -> Words:
    """Solve from the lowest bits up: a bit of y hangs on the same bits of x by the matrix alone, else on lower ones."""
    inverse = inverted([sum((factor & 1) << at for at, factor in enumerate(row)) for row in system.rows])
    found = tuple(0 for _ in words)
    for bit in range(width):
        wrong = zip(words, applied(system, found, width), strict=True)
        rest = sum(((want ^ have) >> bit & 1) << at for at, (want, have) in enumerate(wrong))
        found = tuple(word | ((row & rest).bit_count() & 1) << bit for word, row in zip(found, inverse, strict=True))
    return found


def _gathered(spread: Spread, words: Words, width: int) -> Words:
    """Solve over single bits, all of them together."""
    count = len(words)
    columns = [joined(applied(spread, split(1 << at, count, width), width), width) for at in range(count * width)]
    rows = [sum((column >> at & 1) << place for place, column in enumerate(columns)) for at in range(count * width)]
    value = joined(words, width)
    bits = ((row & value).bit_count() & 1 for row in inverted(rows))
    return split(sum(bit << at for at, bit in enumerate(bits)), count, width)


def inverted(rows: Sequence[int]) -> list[int]:
    """Return the inverse of a square matrix modulo 2, whose rows are numbers; ValueError where there is none."""
    size = len(rows)
    work = [row | 1 << (size + at) for at, row in enumerate(rows)]
    for at in range(size):
        pivot = next((other for other in range(at, size) if work[other] >> at & 1), None)
        if pivot is None:
            raise ValueError("no inverse")
        work[at], work[pivot] = work[pivot], work[at]
        work = [row ^ work[at] if other != at and row >> at & 1 else row for other, row in enumerate(work)]
    return [row >> size for row in work]


def split(value: int, count: int, width: int) -> Words:
    """Return a number as words, the lowest bits first."""
    return tuple(value >> width * at & (1 << width) - 1 for at in range(count))


def joined(words: Words, width: int) -> int:
    """Return words as one number: the inverse of `split`."""
    return sum(word << width * at for at, word in enumerate(words))
