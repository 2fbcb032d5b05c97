"""Arithmetic on words of 32 bits and on bytes, as C does it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MASK: Final = 0xFFFFFFFF
OPERATORS: Final = ("^", "+", "-")
"""How two values are combined, by number, in C."""


def left(value: int, turn: int) -> int:
    """Return a word rotated to the left."""
    turn &= 31
    return (value << turn | value >> (32 - turn)) & MASK


def right(value: int, turn: int) -> int:
    """Return a word rotated to the right."""
    return left(value, -turn)


def combine(op: int, one: int, other: int) -> int:
    """Return two values combined by an operator, not cut to their width."""
    return (one ^ other, one + other, one - other)[op]


def separate(op: int, one: int, other: int) -> int:
    """Undo `combine`."""
    return (one ^ other, one - other, one + other)[op]


def load(data: bytearray | bytes, at: int, *, big: bool) -> int:
    """Return the word at an offset."""
    return int.from_bytes(data[at : at + 4], "big" if big else "little")


def store(data: bytearray, at: int, value: int, *, big: bool) -> None:
    """Write a word at an offset."""
    data[at : at + 4] = (value & MASK).to_bytes(4, "big" if big else "little")


def shuffled(count: int, seed: int, constants: tuple[int, int]) -> list[int]:
    """Return 0 to `count` - 1 in the order that a linear congruential generator shuffles them into."""
    found = list(range(count))
    for last in range(count - 1, 0, -1):
        seed = (seed * constants[0] + constants[1]) & MASK
        other = (seed >> 8) % (last + 1)
        found[last], found[other] = found[other], found[last]
    return found


def inverted(table: Sequence[int]) -> list[int]:
    """Return the inverse of a permutation."""
    found = [0] * len(table)
    for at, value in enumerate(table):
        found[value] = at
    return found


def shifted(value: int, turn: int) -> int:
    """Return a word combined with itself shifted, to the left by a positive and to the right by a negative number."""
    return (value ^ (value << turn if turn > 0 else value >> -turn)) & MASK


def unshifted(value: int, turn: int) -> int:
    """Undo `shifted`."""
    found = value
    for _ in range(32 // abs(turn)):
        found = (value ^ (found << turn if turn > 0 else found >> -turn)) & MASK
    return found
