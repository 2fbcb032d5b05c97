"""What is drawn for one item: one or two desks, the misuse of each, and the names on their wires."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from trialplate.benchmark.family import Spec


class Kind(StrEnum):
    """The misuses, by what is misused."""

    PASTE = "paste"
    """Blocks are encrypted on their own, so those of two tickets can be put together."""
    SUFFIX = "suffix"
    """Blocks are encrypted on their own, and what must stay hidden follows what the caller chooses."""
    FLIP = "flip"
    """A chained or streaming mode with no tag: the text can be changed without the key."""
    PADDING = "padding"
    """The desk tells wrong padding from a wrong text."""
    STREAM = "stream"
    """Parts of a keystream serve more than one ticket."""
    EXTENSION = "extension"
    """The tag is a chained hash of a secret and the body."""
    CONCAT = "concat"
    """The tag covers fields that were put together without a seam."""
    BLIND = "blind"
    """RSA signatures without padding multiply."""
    CUBE = "cube"
    """The reader of RSA signatures with the exponent 3 leaves parts of the block unread."""
    NONCE = "nonce"
    """One-time numbers of a discrete-logarithm signature repeat, follow from each other, or are short."""
    SUBGROUP = "subgroup"
    """A key agreement takes shares of small order."""
    GENERATOR = "generator"
    """Ticket numbers come from a generator whose state they give away."""
    COMPRESS = "compress"
    """Chosen text is packed together with what must stay hidden, and the length shows."""
    CLOCK = "clock"
    """The key follows from the time at which the desk opened."""
    POLYMAC = "polymac"
    """The one-time pads of a polynomial tag come again."""


READ: Final = frozenset({Kind.SUFFIX, Kind.PADDING, Kind.STREAM, Kind.SUBGROUP, Kind.COMPRESS})
"""Misuses that let one read a text; the others let one make a privileged ticket."""

BIG: Final = frozenset({"modulus", "a", "c", "prime"})
"""Parameters that are numbers too big for a record, and are kept as decimal text."""


Value = int | str | tuple[int, ...]


class Param(Struct, frozen=True, forbid_unknown_fields=True):
    """One parameter of a misuse, by the name that schemes, attacks and texts use."""

    name: str
    value: Value


class Layout(Struct, frozen=True, forbid_unknown_fields=True):
    """How the fields of a ticket are written: (meaning, name on the ticket) in order."""

    names: tuple[tuple[str, str], ...]
    sep: str
    assign: str
    last_wins: bool


class Stage(Struct, frozen=True, forbid_unknown_fields=True):
    """One misuse, ready to be attacked: its parameters, its tickets and its quota."""

    kind: Kind
    params: tuple[Param, ...]
    layout: Layout
    encoding: str
    join: str
    tag_first: bool
    low: str
    high: str
    until: str
    site: str
    other: str
    other_memo: str
    limit: int
    memo_most: int
    memo_any: bool

    @property
    def settings(self) -> Mapping[str, Value]:
        """The parameters by name, with big numbers as numbers."""
        return {
            row.name: int(row.value) if row.name in BIG and isinstance(row.value, str) else row.value
            for row in self.params
        }

    def number(self, name: str) -> int:
        """Return a parameter that is a number; KeyError where it is none."""
        value = self.settings[name]
        if not isinstance(value, int):
            raise KeyError(name)
        return value

    def text(self, name: str) -> str:
        """Return a parameter that is a text; KeyError where it is none."""
        value = self.settings[name]
        if not isinstance(value, str):
            raise KeyError(name)
        return value

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a parameter that is a row of numbers; KeyError where it is none."""
        value = self.settings[name]
        if not isinstance(value, tuple):
            raise KeyError(name)
        return value

    @property
    def reads(self) -> bool:
        """Whether the secret is inside a ticket, and not given for one."""
        return self.kind in READ


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """One machine of a desk and the requests that it takes."""

    host: str
    address: str
    port: int
    offers: tuple[str, ...]


class Station(Struct, frozen=True, forbid_unknown_fields=True):
    """One desk: its stage, what stands on its wire, its machines, and the sound parts beside its tickets."""

    stage: Stage
    title: str
    noun: str
    label: str
    transport: str
    frame: str
    words: tuple[tuple[str, str], ...]
    ops: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]
    extras: tuple[str, ...]


class TicketSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """An item. The last station's secret is the answer; an earlier one's admits to the next."""

    stations: tuple[Station, ...]
    account: str
    foothold: str
    address: str
    subnet: str
    client: bool
    phrasing: int
