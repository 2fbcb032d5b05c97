"""Chance that anyone can draw again: numbers, picks and names from a seed, the same on every machine for ever.

The numbers are the SHA-256 of seed, label and a counter, cut without bias. Python's own generator promises the same
numbers only for some of its methods, and a revealed item must come out the same years later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_WORD_BYTES: Final = 8
_SPAN: Final = 1 << (8 * _WORD_BYTES)

_ONSETS: Final = "b c d f g h j k l m n p r s t v w z br cr dr fl gr kl pr sk sl sp st tr".split()
_VOWELS: Final = "a e i o u ai ea io ou".split()
_CODAS: Final = ("", "", "n", "r", "s", "l", "m", "t", "x", "nd", "rk", "lt")


class Rng:
    """Draws from a seed; `label` keeps draws for different ends apart."""

    def __init__(self, seed: bytes, label: str = "") -> None:
        self._key = hashlib.sha256(len(seed).to_bytes(8, "big") + seed + label.encode()).digest()
        self._count = 0

    def fork(self, label: str) -> Rng:
        """Return draws of their own for one part, so that a change of another part leaves them as they are."""
        return Rng(self._key, label)

    def _word(self) -> int:
        block = hashlib.sha256(self._key + self._count.to_bytes(8, "big")).digest()
        self._count += 1
        return int.from_bytes(block[:_WORD_BYTES], "big")

    def below(self, bound: int) -> int:
        """Return an integer from 0 to `bound` - 1; ValueError unless 0 < bound <= 2**64."""
        if not 0 < bound <= _SPAN:
            raise ValueError(f"no draw below {bound}")
        # Words beyond the last whole multiple of the bound would favor small numbers.
        limit = _SPAN - _SPAN % bound
        while (word := self._word()) >= limit:
            pass
        return word % bound

    def between(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """Return true in `percent` of 100 cases."""
        return self.below(100) < percent

    def pick(self, options: Sequence[T]) -> T:
        """Return one of `options`."""
        return options[self.below(len(options))]

    def sample(self, options: Sequence[T], count: int) -> tuple[T, ...]:
        """Return `count` different ones of `options`, in random order; ValueError where there are fewer."""
        if count > len(options):
            raise ValueError(f"no {count} of {len(options)}")
        return self.shuffled(options)[:count]

    def shuffled(self, options: Sequence[T]) -> tuple[T, ...]:
        """Return `options` in random order (Fisher and Yates)."""
        items = list(options)
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return tuple(items)

    def octets(self, count: int) -> bytes:
        """Return `count` random bytes."""
        return b"".join(self._word().to_bytes(_WORD_BYTES, "big") for _ in range(-(-count // _WORD_BYTES)))[:count]

    def word(self, syllables: int = 2) -> str:
        """Return an invented word that can be said, such as `dremoulk`; it names nobody and nothing."""
        return "".join(self.pick(_ONSETS) + self.pick(_VOWELS) for _ in range(syllables)) + self.pick(_CODAS)

    def words(self, count: int, syllables: int = 2) -> tuple[str, ...]:
        """Return `count` different invented words."""
        found: dict[str, None] = {}
        while len(found) < count:
            found[self.word(syllables)] = None
        return tuple(found)
