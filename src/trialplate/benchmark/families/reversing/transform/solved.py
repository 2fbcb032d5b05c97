"""Stages whose inverse is no walk backward: it takes algebra, bit by bit lifting, or a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.kinds import Kind, Setting, listing, odd
from trialplate.benchmark.families.reversing.transform.spec import Part
from trialplate.benchmark.families.reversing.transform.spreading import TRIPLES, stepped
from trialplate.benchmark.families.reversing.transform.words import (
    MASK,
    OPERATORS,
    combine,
    left,
    load,
    separate,
    store,
)

_POLYNOMIALS = (0x1B, 0x1D, 0x2B, 0x2D, 0x4D, 0x5F, 0x63, 0x65, 0x69, 0x71, 0x87, 0x8D, 0xA9, 0xC3, 0xCF, 0xE7, 0xF5)
"""Irreducible polynomials of degree 8 over GF(2), without their highest term."""
_WIDTH = 4


def times(one: int, other: int, polynomial: int) -> int:
    """Return a product in GF(2^8)."""
    found = 0
    while other:
        if other & 1:
            found ^= one
        one = one << 1 ^ (0x100 | polynomial if one & 0x80 else 0)
        other >>= 1
    return found


def _power(value: int, exponent: int, polynomial: int) -> int:
    found = 1
    for _ in range(exponent):
        found = times(found, value, polynomial)
    return found


def inverse_matrix(rows: Sequence[Sequence[int]], polynomial: int) -> list[list[int]] | None:
    """Return the inverse of a square matrix over GF(2^8) by elimination, or None where there is none."""
    size = len(rows)
    work = [[*row, *(int(at == column) for column in range(size))] for at, row in enumerate(rows)]
    for column in range(size):
        pivot = next((row for row in range(column, size) if work[row][column]), None)
        if pivot is None:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        back = _power(work[column][column], 254, polynomial)
        work[column] = [times(value, back, polynomial) for value in work[column]]
        for row in range(size):
            factor = work[row][column]
            if row != column and factor:
                work[row] = [
                    value ^ times(factor, own, polynomial) for value, own in zip(work[row], work[column], strict=True)
                ]
    return [row[size:] for row in work]


def _rows(octets: bytes) -> list[list[int]]:
    return [list(octets[at : at + _WIDTH]) for at in range(0, _WIDTH**2, _WIDTH)]


class Matrix(Kind):
    """Columns of four bytes times a matrix over a field of 256 elements."""

    name: ClassVar[str] = "matrix"
    solved: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw field and matrix; without a matrix that can be inverted, draw again."""
        polynomial = rng.pick(_POLYNOMIALS)
        while True:
            table = bytes(rng.between(1, 255) for _ in range(_WIDTH**2))
            if inverse_matrix(_rows(table), polynomial):
                return Part(self.name, (("polynomial", polynomial), ("across", rng.below(2))), table.hex())

    def _mix(self, part: Part, data: bytearray, rows: Sequence[Sequence[int]]) -> None:
        """Multiply every column; across, its bytes lie a quarter of the text apart."""
        quarter = len(data) // _WIDTH
        for at in range(quarter):
            places = range(at, len(data), quarter) if part["across"] else range(_WIDTH * at, _WIDTH * at + _WIDTH)
            column = [data[place] for place in places]
            for place, row in zip(places, rows, strict=True):
                value = 0
                for factor, each in zip(row, column, strict=True):
                    value ^= times(each, factor, part["polynomial"])
                data[place] = value

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Multiply, then add the key."""
        del setting
        self._mix(part, data, _rows(part.octets))
        for at in range(len(data)):
            data[at] = data[at] + (keys[0] >> 8 * (at & 3)) & 255

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Take the key off and multiply with the inverse."""
        del setting
        for at in range(len(data)):
            data[at] = data[at] - (keys[0] >> 8 * (at & 3)) & 255
        self._mix(part, data, inverse_matrix(_rows(part.octets), part["polynomial"]) or [])

    def holes(self, part: Part) -> dict[str, str]:
        """Return the matrix and where the bytes of a column lie."""
        return {
            "matrix": ", ".join(f"{{{listing(row)}}}" for row in _rows(part.octets)),
            "first": "b + i" if part["across"] else "b + 4 * i",
            "stride": "n / 4" if part["across"] else "1",
        }


class Polynomial(Kind):
    """Words put through a polynomial modulo 2^32 that is a permutation, each added to the one before."""

    name: ClassVar[str] = "polynomial"
    solved: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw the coefficients: odd for the word, even for its powers (Rivest 2001)."""
        numbers = {
            "one": odd(rng),
            "two": rng.below(1 << 31) * 2,
            "three": rng.below(1 << 31) * 2 * rng.below(2),
            "op": rng.below(3),
            "big": rng.below(2),
        }
        return Part(self.name, tuple(numbers.items()))

    @staticmethod
    def value(part: Part, word: int) -> int:
        """Return the polynomial's value."""
        return ((part["three"] * word + part["two"]) * word + part["one"]) * word & MASK

    def _root(self, part: Part, wanted: int) -> int:
        """Return the word with a value: its low bits alone decide the low bits of the value, so bit after bit."""
        found = 0
        for bit in range(32):
            if (self.value(part, found) ^ wanted) >> bit & 1:
                found |= 1 << bit
        return found

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Combine each word with the last result and replace it by its value."""
        del setting
        last = keys[0]
        for at in range(0, len(data), 4):
            word = combine(part["op"], load(data, at, big=bool(part["big"])), last) & MASK
            last = self.value(part, word)
            store(data, at, last, big=bool(part["big"]))

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Find each word by its value."""
        del setting
        last = keys[0]
        for at in range(0, len(data), 4):
            value = load(data, at, big=bool(part["big"]))
            store(data, at, separate(part["op"], self._root(part, value), last), big=bool(part["big"]))
            last = value

    def holes(self, part: Part) -> dict[str, str]:
        """Return operator and order of bytes."""
        return {"op": OPERATORS[part["op"]], "end": "be" if part["big"] else "le"}


class Linear(Kind):
    """Words combined with rotated copies of themselves: an invertible map over GF(2)."""

    name: ClassVar[str] = "linear"
    solved: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw the rotations: an odd number of terms can always be inverted."""
        turns = sorted(rng.sample(range(1, 32), rng.pick((2, 4))))
        numbers = {"terms": len(turns), **{f"turn{at}": turn for at, turn in enumerate(turns)}}
        numbers |= {"factor": odd(rng), "big": rng.below(2)}
        return Part(self.name, tuple(numbers.items()))

    @staticmethod
    def _mapped(part: Part, word: int) -> int:
        found = word
        for at in range(part["terms"]):
            found ^= left(word, part[f"turn{at}"])
        return found

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Map every word and add to it what the one before became."""
        del setting
        last = keys[0]
        for at in range(0, len(data), 4):
            last = self._mapped(part, load(data, at, big=bool(part["big"]))) + last * part["factor"] & MASK
            store(data, at, last, big=bool(part["big"]))

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Undo the map: squared five times it is the identity, because 32 is a power of two."""
        del setting
        last = keys[0]
        for at in range(0, len(data), 4):
            value = load(data, at, big=bool(part["big"]))
            word = value - last * part["factor"] & MASK
            last = value
            for _ in range(31):
                word = self._mapped(part, word)
            store(data, at, word, big=bool(part["big"]))

    def holes(self, part: Part) -> dict[str, str]:
        """Return the map and the order of bytes."""
        terms = " ^ ".join(f"ROTL(x, {part[f'turn{at}']})" for at in range(part["terms"]))
        return {"map": f"x ^ {terms}", "end": "be" if part["big"] else "le"}


class Lost(Kind):
    """A keystream from a salt that is thrown away; the header keeps a check word of it, so it can be searched."""

    name: ClassVar[str] = "lost"
    solved: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw the size of the salt, the check and the keystream."""
        numbers = {
            "bits": rng.between(22, 25),
            "rounds": rng.between(3, 6),
            "factor": odd(rng),
            "turn": rng.between(7, 25),
            "other": odd(rng),
            "fold": rng.between(9, 15),
            **dict(zip(("a", "b", "c"), rng.pick(TRIPLES), strict=True)),
            "tap": rng.between(0, 23),
            "op": rng.below(3),
        }
        return Part(self.name, tuple(numbers.items()))

    def words(self, part: Part) -> int:
        """Take two."""
        del part
        return 2

    @staticmethod
    def check(part: Part, salt: int, keys: Sequence[int]) -> int:
        """Return the check word of a salt."""
        found = salt ^ keys[0]
        for _ in range(part["rounds"]):
            found = left(found * part["factor"] & MASK, part["turn"]) + (found >> part["fold"] & keys[1]) & MASK
        return found

    def _stream(self, part: Part, salt: int, keys: Sequence[int]) -> Iterator[int]:
        state = (salt * part["other"] & MASK) ^ keys[1]
        state = (state ^ state >> part["fold"]) | 1
        while True:
            state = stepped(state, part)
            yield state >> part["tap"]

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Combine with the keystream of the salt."""
        for at, mask in zip(range(len(data)), self._stream(part, setting.salt, keys), strict=False):
            data[at] = combine(part["op"], data[at], mask) & 255

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Separate from it."""
        for at, mask in zip(range(len(data)), self._stream(part, setting.salt, keys), strict=False):
            data[at] = separate(part["op"], data[at], mask) & 255

    def holes(self, part: Part) -> dict[str, str]:
        """Return the operator."""
        return {"op": OPERATORS[part["op"]]}
