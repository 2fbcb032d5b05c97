"""Entries, readers and rows for tests of stores and flows."""

from __future__ import annotations

import hashlib
import json

from trialplate.records.header import Header, RecordId, Slot, SubjectId, commit_body, record_id
from trialplate.records.label import PUBLIC, Label, Level
from trialplate.records.times import later
from trialplate.trust.ports import Entry, Mark, Reader, Summary

START = "2026-06-02T00:00:00Z"

HIGH = Label(level=Level.SECRET, compartments=frozenset({"ALPHA"}))
SIDE = Label(level=Level.CUI, compartments=frozenset({"BRAVO"}))
ALL = Label(level=Level.TOP_SECRET, compartments=frozenset({"ALPHA", "BRAVO"}))

low = Reader(party="low", clearance=PUBLIC)
high = Reader(party="high", clearance=HIGH)
system = Reader(party="system", clearance=ALL)


def at(seconds: int) -> str:
    """Return the moment `seconds` after the start of the story."""
    return later(START, seconds)


def subject(name: str) -> SubjectId:
    """Return the same opaque id for the same name."""
    return SubjectId(hashlib.sha256(name.encode()).hexdigest()[:32])


def entry(  # noqa: PLR0913 - one argument a field that tests vary
    about: SubjectId,
    step: str = "toy.a",
    ordinal: int = 1,
    *,
    flow: str = "toy",
    kind: str = "",
    label: Label = PUBLIC,
    body: dict[str, object] | None = None,
    nonce: str = "00" * 16,
    said_at: str = START,
) -> Entry:
    """Return an entry of `kind` (by default version 1 of the step's) in a slot; equal arguments, equal entries."""
    text = json.dumps({"note": "a body"} if body is None else body, separators=(",", ":"), sort_keys=True).encode()
    salt = hashlib.sha256(nonce.encode() + text).digest()
    header = Header(
        kind=kind or f"{step}/1",
        subject=about,
        author="an author",
        office="",
        at=said_at,
        label=label,
        parents=(),
        slot=Slot(flow=flow, step=step, ordinal=ordinal),
        nonce=nonce,
        body_commit=commit_body(text, salt),
    )
    return Entry(header=header, body=text, salt=salt, envelope=b"an envelope")


def id_of(made: Entry) -> RecordId:
    """Return the id that a store gives an entry."""
    return record_id(made.header)


def row(  # noqa: PLR0913 - one argument a field that tests vary
    about: SubjectId,
    last_seq: int,
    *,
    label: Label = PUBLIC,
    due_at: str = "",
    state: str = "open",
    marks: tuple[Mark, ...] = (),
) -> Summary:
    """Return a summary row."""
    return Summary(
        subject=about,
        flow="toy",
        kind="toy.a/1",
        state=state,
        sort_key="",
        next_due_at=due_at,
        label=label,
        last_seq=last_seq,
        marks=marks,
    )
