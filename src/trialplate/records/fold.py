"""Which records of a history still hold, given its corrections.

Corrections are themselves records, so they can be corrected. The rules, read from the last record to the first:

1. A correction supersedes the record that it is `of`, if that record stands before it.
2. A superseded correction does nothing: what it superseded holds again, and what it brought in its place (its
   `replacement`, if that stands before it) goes, unless another correction that holds brought it too.
3. A correction of what stands after it, or of what is not in the history, does nothing. Nobody can cancel a record
   before it exists, and no two corrections can cancel each other.

Who may correct what is for the flow to decide before a correction is appended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.body import Kinds, decode_body
from trialplate.records.header import Header, RecordId
from trialplate.records.kinds import RELEASED
from trialplate.records.upkeep import Correction

_CORRECTION: Final = "upkeep.correction/"


class Fact(Struct, frozen=True, kw_only=True):
    """A record as this fold meets it: its id, and what it corrects if it is a correction that can be read."""

    id: RecordId
    correction: Correction | None = None


def fact_of(record: RecordId, header: Header, body: bytes, *, kinds: Kinds = RELEASED) -> Fact:
    """Return the record as a fact; only corrections are decoded.

    A correction that is withheld, or whose body is none, corrects nothing: one malformed record must not stop
    everybody from reading the rest of a history.

    Args:
        record: its id.
        header: its header.
        body: its canonical body, empty where that is withheld.
        kinds: the table that knows corrections.
    """
    if not body or not header.kind.startswith(_CORRECTION):
        return Fact(id=record)
    try:
        decoded = decode_body(kinds, header.kind, body)
    except TrialplateError:
        return Fact(id=record)
    return Fact(id=record, correction=decoded if isinstance(decoded, Correction) else None)


def superseded(history: Sequence[Fact]) -> Mapping[RecordId, RecordId]:
    """Return the records of `history` that no longer hold, each with the correction because of which it does not.

    For a replacement that went with its correction, that is the correction of the correction.

    Args:
        history: the records of one subject by seq, never by what authors' clocks said.
    """
    fallen: dict[RecordId, RecordId] = {}
    corrected: dict[RecordId, RecordId] = {}
    withdrawn: dict[RecordId, RecordId] = {}
    brought: set[RecordId] = set()
    # Backwards, because whether a correction holds rests only on what stands after it.
    for fact in reversed(history):
        cause = corrected.get(fact.id)
        if cause is None and fact.id not in brought:
            cause = withdrawn.get(fact.id)
        if cause is not None:
            fallen[fact.id] = cause
        if fact.correction is None:
            continue
        if cause is None:
            corrected.setdefault(fact.correction.of, fact.id)
            brought.add(fact.correction.replacement)
        else:
            withdrawn.setdefault(fact.correction.replacement, cause)
    return fallen


def unsuperseded(history: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return the records of `history` that hold, in their order; see `superseded`."""
    fallen = superseded(history)
    return tuple(fact for fact in history if fact.id not in fallen)
