"""What a kind of stage is, in Python and in C."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.spec import Part


@dataclass(frozen=True)
class Setting:
    """What a stage has beside its own parameters: the constants of shuffles, and the salt that no header holds."""

    shuffle: tuple[int, int]
    salt: int = 0


class Kind(ABC):
    """One kind of stage; its C is `data/stages/NAME.c.tmpl`, whose holes are its parameters and `holes`.

    Attributes:
        name: of the kind.
        spreads: whether every byte of the result hangs on every byte of the text.
        known: whether it is a changed form of a well-known algorithm.
        solved: whether its inverse takes algebra or a search and not only steps backward.
    """

    name: ClassVar[str]
    spreads: ClassVar[bool] = False
    known: ClassVar[bool] = False
    solved: ClassVar[bool] = False

    @abstractmethod
    def draw(self, rng: Rng) -> Part:
        """Draw parameters and a table."""

    def words(self, part: Part) -> int:
        """Return how many words the stage takes from the key schedule."""
        del part
        return 1

    @abstractmethod
    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do the stage, in place; the length of `data` is a multiple of `spec.BLOCK` and not 0."""

    @abstractmethod
    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Undo the stage, in place."""

    def holes(self, part: Part) -> dict[str, str]:
        """Return what fills the template in C beside the parameters."""
        del part
        return {}


def odd(rng: Rng) -> int:
    """Draw an odd word that spreads bits when it is multiplied with."""
    return rng.below(1 << 29) << 3 | rng.pick((3, 5)) | 1 << 30


def listing(data: Sequence[int], wide: bool = False) -> str:  # noqa: FBT001, FBT002 - bytes or words
    """Return numbers as the inside of an array in C."""
    return ", ".join(f"0x{each:08x}u" if wide else f"0x{each:02x}" for each in data)
