"""What the record store promises to everything above it: one choke point, read only with a `Reader`.

The adapters live in `trialplate.store`; a memory and a SQLite adapter pass one contract test suite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from trialplate.records.header import Header, RecordId, SubjectId
from trialplate.records.label import Label


class Reader(Struct, frozen=True, kw_only=True):
    """Who asks the store, and what that party holds. An empty clearance reads only what is public."""

    party: str
    clearance: Label


class Entry(Struct, frozen=True, kw_only=True):
    """A record on its way into the store: header, canonical body with its 32 random bytes, and DSSE envelope.

    `body` and `salt` are empty where the body is withheld from this store.
    """

    header: Header
    body: bytes
    salt: bytes
    envelope: bytes


class Stored(Struct, frozen=True, kw_only=True):
    """A record as one reader meets it in the store.

    `seq` orders the records of one subject that this reader may read: 1, 2, 3 without gaps, so that it says nothing
    about records that the reader may not read; it is 0 for a record that its own writer may not read back. The
    number that orders all records of a store is unique, only grows, is never reused, and never leaves the store.
    `received_at` is what the clock of the appending caller said: the base of every deadline, because an author's
    own `at` can lie.
    """

    seq: int
    id: RecordId
    entry: Entry
    received_at: str


class Mark(Struct, frozen=True, order=True):
    """Something that a subject is found by beside its id: what it says, by name, such as `project` or `state`."""

    name: str
    value: str


class Summary(Struct, frozen=True, kw_only=True):
    """One row a subject and view, derived from its records: what lists show and what the worker wakes up for.

    `label` is the join of the labels folded in and names the view: the row rests on all records of the subject that
    a clearance of `label` may read, and on no other. A subject whose records all carry one label has one row; a
    reader meets one row a subject, the widest it may read. `next_due_at` is RFC 3339 UTC, or empty when nothing will
    ever be due; `last_seq` is the newest record folded in, which is also how many were. `marks` are what the subject
    is found by in this view; putting a row puts its marks in place of the earlier ones, and no answer repeats them.
    """

    subject: SubjectId
    flow: str
    kind: str
    state: str
    sort_key: str
    next_due_at: str
    label: Label
    last_seq: int
    marks: tuple[Mark, ...] = ()


class Marked(Struct, frozen=True, kw_only=True):
    """A subject that a mark finds, with the state that its widest readable row has."""

    mark: Mark
    subject: SubjectId
    state: str


class Appended(Struct, frozen=True, kw_only=True):
    """The batch is durable, in this order."""

    stored: tuple[Stored, ...]


class SlotTaken(Struct, frozen=True, kw_only=True):
    """Nothing was appended: a slot of the batch is taken by `by`, which is empty where the writer may not read it."""

    by: RecordId


class Stale(Struct, frozen=True, kw_only=True):
    """Nothing was appended: `subject` has moved on past what the author saw; `changed` says by which records.

    Only records that the writer may read are named. An empty `changed` says that what was folded into a summary of
    the batch is behind (or, for `after`, ahead of) the store: read again, decide again.
    """

    subject: SubjectId
    changed: tuple[RecordId, ...]


class Fenced(Struct, frozen=True, kw_only=True):
    """Nothing was appended: the lease that the writer worked under is no longer its own."""

    subject: SubjectId


class Lease(Struct, frozen=True, kw_only=True):
    """The right to work on `subject` until `expires_at`; `fence` grows with every new holder."""

    subject: SubjectId
    owner: str
    fence: int
    expires_at: str


class Held(Struct, frozen=True, kw_only=True):
    """The lease is another's until `expires_at`; who that is stays unsaid."""

    expires_at: str


class RecordStore(Protocol):
    """Append-only records and the summary rows that are derived from them."""

    def append(  # noqa: PLR0913 - what one transaction needs; half of it has defaults
        self,
        writer: Reader,
        batch: Sequence[Entry],
        *,
        now: str,
        summaries: Sequence[Summary] = (),
        after: Mapping[SubjectId, int] | None = None,
        lease: Lease | None = None,
    ) -> Appended | SlotTaken | Stale | Fenced:
        """Append `batch` and put `summaries` in one transaction, or change nothing.

        `after` maps a subject to the last seq of it that the author saw (0: none), counted in the writer's own view.
        A summary must have folded in every record of its view, this batch included. A record whose id is stored
        already is answered with the stored one, so that a repeated call changes nothing.
        """
        ...

    def get(self, reader: Reader, record: RecordId) -> Stored | None:
        """Return the record, or None: one that the reader may not read is not found, never forbidden."""
        ...

    def history(self, reader: Reader, subject: SubjectId) -> tuple[Stored, ...]:
        """Return the records of `subject` that the reader may read, by seq."""
        ...

    def summaries(self, reader: Reader, *, due_by: str = "", after: str = "", limit: int = 100) -> tuple[Summary, ...]:
        """Return a page of readable summary rows in subject order after `after`; with `due_by`, only due ones."""
        ...

    def marked(self, reader: Reader, marks: Sequence[Mark], *, limit: int = 1000) -> tuple[Marked, ...]:
        """Return the subjects that the reader finds by each of `marks`, in the order of marks and then of subjects.

        A mark counts where it stands in the widest view of the subject that the reader may read. Each mark is answered
        with at most `limit` subjects.
        """
        ...


class Leases(Protocol):
    """Leases with fences: one holder a subject; a write with an old fence is refused."""

    def acquire(self, subject: SubjectId, owner: str, *, now: str, seconds: int) -> Lease | Held:
        """Take or retake the lease; a new holder gets a higher fence."""
        ...

    def renew(self, lease: Lease, *, now: str, seconds: int) -> Lease | Held:
        """Extend a lease that is still one's own."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back; giving back a lost one changes nothing."""
        ...


class LeafQueue(Protocol):
    """Record ids that were appended and are not yet in the public log."""

    def queued(self, limit: int) -> tuple[RecordId, ...]:
        """Return up to `limit` waiting ids, longest waiting first."""
        ...

    def published(self, records: Sequence[RecordId]) -> None:
        """Strike ids that the log now holds; striking one that does not wait changes nothing."""
        ...
