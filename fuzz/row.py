"""A row of the table of targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_LONGEST_WORD: Final = 64
"""Bytes of a word in a dictionary of libFuzzer."""


@dataclass(frozen=True)
class Target:
    """One row.

    Attributes:
        name: what it is called on the command line and in folders.
        covers: the functions that it runs on hostile input.
        check: the oracle: whether the bytes are good; it fails where the parser does.
        seeds: good documents, each taken by the oracle.
        words: what documents of this format are made of.
        json: whether documents are JSON, so that mutations keep to it half of the time.
        longest: bytes of an input.
    """

    name: str
    covers: tuple[Callable[..., object], ...]
    check: Callable[[bytes], bool]
    seeds: tuple[bytes, ...]
    words: tuple[str, ...]
    json: bool = False
    longest: int = 4096

    @property
    def dictionary(self) -> tuple[str, ...]:
        """Return its words that libFuzzer can hold."""
        return tuple(word for word in self.words if 0 < len(word.encode()) <= _LONGEST_WORD)
