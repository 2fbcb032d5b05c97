"""What stands on a subject: its records with their bodies, without those that a correction took away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from msgspec import Struct

from trialplate.records import RELEASED, Label, Level, RecordId, decode_body, fact_of, superseded
from trialplate.trust import Reader
from trialplate.trust.ports import Stored

_T = TypeVar("_T", bound=Struct)

COORDINATION: Final = Label(level=Level.CUI, compartments=frozenset({"COORDINATION"}))
"""Whatever the clearinghouse holds before it is public. Parties get what they need by notice and never read here."""


def insider(party: str) -> Reader:
    """Return the reader who works for the clearinghouse as `party`."""
    return Reader(party=party, clearance=COORDINATION)


@dataclass(frozen=True)
class Said:
    """A record that stands, with its body."""

    stored: Stored
    body: Struct

    @property
    def id(self) -> RecordId:
        """The record's id."""
        return self.stored.id

    @property
    def author(self) -> str:
        """The party that said it."""
        return self.stored.entry.header.author

    @property
    def at(self) -> str:
        """When the store received it: the moment that counts, whatever its author's clock said."""
        return self.stored.received_at


@dataclass(frozen=True)
class History:
    """The records of one subject that stand, in their order."""

    standing: tuple[Said, ...]
    records: tuple[Stored, ...]

    def last(self, kind: type[_T]) -> _T | None:
        """Return the newest body of that type that stands, or None."""
        return next((said.body for said in reversed(self.standing) if isinstance(said.body, kind)), None)

    def record(self, *kinds: type[Struct]) -> Said | None:
        """Return the newest record with a body of one of those types that stands, or None."""
        return next((said for said in reversed(self.standing) if isinstance(said.body, kinds)), None)


def read(records: Sequence[Stored]) -> History:
    """Return what stands among the records of one subject; a record whose body is withheld says nothing.

    Raises:
        TrialplateError: where a body is of no known kind.
    """
    fallen = superseded([fact_of(stored.id, stored.entry.header, stored.entry.body) for stored in records])
    return History(
        standing=tuple(
            Said(stored, decode_body(RELEASED, stored.entry.header.kind, stored.entry.body))
            for stored in records
            if stored.id not in fallen and stored.entry.body
        ),
        records=tuple(records),
    )
