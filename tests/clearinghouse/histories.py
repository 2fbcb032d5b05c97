"""Histories of a subject from bodies alone, for tests of rules that read what stands."""

from __future__ import annotations

from msgspec import Struct

from tests.store.making import START
from trialplate.clearinghouse.history import COORDINATION, History, read
from trialplate.records import RELEASED, Slot, SubjectId, draft, later
from trialplate.trust.ports import Entry, Stored

SUBJECT = SubjectId("c" * 32)


def history(
    *bodies: Struct,
    subject: SubjectId = SUBJECT,
    author: str = "house",
    apart: int = 60,
    earlier: History | None = None,
) -> History:
    """Return the history in which these bodies were said, after `earlier`, `apart` seconds from one to the next."""
    records = list(earlier.records) if earlier else []
    for seq, body in enumerate(bodies, len(records) + 1):
        at = later(START, (seq - 1) * apart)
        made = draft(
            body,
            kinds=RELEASED,
            subject=subject,
            author=author,
            at=at,
            label=COORDINATION,
            parents=(),
            slot=Slot(flow="remediation", step="a.step", ordinal=seq),
            random_bytes=bytes,
        )
        entry = Entry(header=made.header, body=made.body, salt=made.salt, envelope=b"an envelope")
        records.append(Stored(seq=seq, id=made.id, entry=entry, received_at=at))
    return read(records)
