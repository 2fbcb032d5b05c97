"""Headers and drafts for the tests of records and trust."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from trialplate.records import (
    PUBLIC,
    RELEASED,
    Correction,
    Draft,
    Header,
    Label,
    RecordId,
    Slot,
    SubjectId,
    draft,
)

SUBJECT = SubjectId("00112233445566778899aabbccddeeff")


def record(name: str) -> RecordId:
    """Return the same record id for the same name."""
    return RecordId(hashlib.sha256(name.encode()).hexdigest())


def fixed(seed: str) -> Callable[[int], bytes]:
    """Return a source of the same bytes for the same seed."""
    return lambda count: hashlib.shake_256(f"{seed} {count}".encode()).digest(count)


def correction(of: str = "wrong", label: Label = PUBLIC) -> Draft:
    """Return the draft of a correction; equal arguments, equal drafts."""
    return draft(
        Correction(of=record(of), reason="Counted twice."),
        kinds=RELEASED,
        subject=SUBJECT,
        author="Example Evaluator",
        at="2026-07-02T00:00:00Z",
        label=label,
        parents=(record(of),),
        slot=Slot(flow="toy", step="correct", ordinal=1),
        random_bytes=fixed(of),
    )


def header() -> Header:
    """Return a header that breaks no rule."""
    return correction().header
