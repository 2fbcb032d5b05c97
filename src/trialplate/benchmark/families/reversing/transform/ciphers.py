"""Stages that are well-known block ciphers with other constants, shifts and rounds, in a chaining mode."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.kinds import Kind, Setting, odd
from trialplate.benchmark.families.reversing.transform.spec import Part
from trialplate.benchmark.families.reversing.transform.words import MASK, left, load, right, store


class Cipher(Kind):
    """A block cipher of some words; the first keys are its own, the others the start of the chain.

    The chain adds to a block the sealed block before, and with `plain` also that block's text.
    """

    known: ClassVar[bool] = True
    size: ClassVar[int]
    keyed: ClassVar[int] = 4

    def words(self, part: Part) -> int:
        """Take the keys and one block."""
        del part
        return self.keyed + self.size

    @abstractmethod
    def sealed(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Return a block sealed."""

    @abstractmethod
    def opened(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Return a block opened."""

    def _blocks(self, part: Part, data: bytearray) -> list[list[int]]:
        big, size = bool(part["big"]), 4 * self.size
        return [[load(data, at + 4 * word, big=big) for word in range(self.size)] for at in range(0, len(data), size)]

    def _write(self, part: Part, data: bytearray, blocks: Sequence[Sequence[int]]) -> None:
        for at, word in enumerate(word for block in blocks for word in block):
            store(data, 4 * at, word, big=bool(part["big"]))

    def _chain(self, part: Part, plain: Sequence[int], sealed: Sequence[int]) -> list[int]:
        return [one ^ other if part["plain"] else other for one, other in zip(plain, sealed, strict=True)]

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Seal block after block."""
        del setting
        chain, made = list(keys[self.keyed :]), list[list[int]]()
        for block in self._blocks(part, data):
            mixed = [one ^ other for one, other in zip(block, chain, strict=True)]
            made.append(self.sealed(part, mixed, keys))
            chain = self._chain(part, block, made[-1])
        self._write(part, data, made)

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Open block after block."""
        del setting
        chain, made = list(keys[self.keyed :]), list[list[int]]()
        for block in self._blocks(part, data):
            mixed = self.opened(part, list(block), keys)
            made.append([one ^ other for one, other in zip(mixed, chain, strict=True)])
            chain = self._chain(part, made[-1], block)
        self._write(part, data, made)

    def holes(self, part: Part) -> dict[str, str]:
        """Return the order of bytes and what the chain adds."""
        return {
            "end": "be" if part["big"] else "le",
            **{f"chain{at}": f"p{at} ^ v{at}" if part["plain"] else f"v{at}" for at in range(self.size)},
        }


class Tea(Cipher):
    """TEA."""

    name: ClassVar[str] = "tea"
    size: ClassVar[int] = 2

    def draw(self, rng: Rng) -> Part:
        """Draw constant, shifts and rounds."""
        numbers = {
            "delta": odd(rng),
            "rounds": rng.between(9, 40),
            "a": rng.between(2, 6),
            "b": rng.between(3, 9),
            "c": rng.between(2, 6),
            "d": rng.between(3, 9),
            "plain": rng.below(2),
            "big": rng.below(2),
        }
        return Part(self.name, tuple(numbers.items()))

    @staticmethod
    def _half(value: int, total: int, shifts: tuple[int, int], keys: Sequence[int]) -> int:
        return ((value << shifts[0]) + keys[0]) ^ (value + total) ^ ((value >> shifts[1]) + keys[1])

    def sealed(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Do the rounds."""
        one, two = block
        for turn in range(1, part["rounds"] + 1):
            total = turn * part["delta"]
            one = one + self._half(two, total, (part["a"], part["b"]), keys) & MASK
            two = two + self._half(one, total, (part["c"], part["d"]), keys[2:]) & MASK
        return [one, two]

    def opened(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Do them backward."""
        one, two = block
        for turn in range(part["rounds"], 0, -1):
            total = turn * part["delta"]
            two = two - self._half(one, total, (part["c"], part["d"]), keys[2:]) & MASK
            one = one - self._half(two, total, (part["a"], part["b"]), keys) & MASK
        return [one, two]


class Speck(Cipher):
    """Speck64, whose key schedule adds a drawn step instead of the number of the round."""

    name: ClassVar[str] = "speck"
    size: ClassVar[int] = 2
    keyed: ClassVar[int] = 2

    def draw(self, rng: Rng) -> Part:
        """Draw rotations, step and rounds."""
        numbers = {
            "rounds": rng.between(11, 27),
            "a": rng.between(5, 13),
            "b": rng.between(2, 7),
            "step": odd(rng),
            "plain": rng.below(2),
            "big": rng.below(2),
        }
        return Part(self.name, tuple(numbers.items()))

    @staticmethod
    def _keys(part: Part, keys: Sequence[int]) -> list[int]:
        key, other = keys[:2]
        found: list[int] = []
        for turn in range(part["rounds"]):
            found.append(key)
            other = (right(other, part["a"]) + key & MASK) ^ (turn * part["step"] & MASK)
            key = left(key, part["b"]) ^ other
        return found

    def sealed(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Do the rounds."""
        one, two = block
        for key in self._keys(part, keys):
            one = (right(one, part["a"]) + two & MASK) ^ key
            two = left(two, part["b"]) ^ one
        return [one, two]

    def opened(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Do them backward."""
        one, two = block
        for key in reversed(self._keys(part, keys)):
            two = right(two ^ one, part["b"])
            one = left((one ^ key) - two & MASK, part["a"])
        return [one, two]


class Quarter(Cipher):
    """ChaCha's quarter round over a block, with other rotations and a key word after each."""

    name: ClassVar[str] = "quarter"
    size: ClassVar[int] = 4

    def draw(self, rng: Rng) -> Part:
        """Draw rotations, step and rounds."""
        numbers = {
            "rounds": rng.between(6, 20),
            **{name: rng.between(3, 29) for name in ("a", "b", "c", "d")},
            "step": odd(rng),
            "plain": rng.below(2),
            "big": rng.below(2),
        }
        return Part(self.name, tuple(numbers.items()))

    def sealed(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Do the rounds; the words change their places after each."""
        a, b, c, d = block
        for turn in range(part["rounds"]):
            for first, second in ((part["a"], part["b"]), (part["c"], part["d"])):
                a = a + b & MASK
                d = left(d ^ a, first)
                c = c + d & MASK
                b = left(b ^ c, second)
            a = a ^ keys[turn & 3] + turn * part["step"] & MASK
            a, b, c, d = b, c, d, a
        return [a, b, c, d]

    def opened(self, part: Part, block: list[int], keys: Sequence[int]) -> list[int]:
        """Do them backward."""
        b, c, d, a = block
        for turn in range(part["rounds"] - 1, -1, -1):
            a = a ^ keys[turn & 3] + turn * part["step"] & MASK
            for first, second in ((part["c"], part["d"]), (part["a"], part["b"])):
                b = right(b, second) ^ c
                c = c - d & MASK
                d = right(d, first) ^ a
                a = a - b & MASK
            a, b, c, d = d, a, b, c
        return [b, c, d, a]
