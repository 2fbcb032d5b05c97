"""What an append may do, decided in one place for every adapter.

An adapter opens a transaction, shows what stands (`Tables`), and is told what to write. The order of the checks is
part of the contract: a repeated batch first, because its author already got what it asked for; then the fence, then
`after`, then slots, then whether the summaries folded in everything.

What a writer learns here about records that it may not read: nothing but that a slot is taken (`SlotTaken` with an
empty `by`), and only in a subject that it writes to. A flow gives each of its steps one label, so that a writer of a
step may read whatever can take that step's slot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.body import verify_body
from trialplate.records.canon import canonical
from trialplate.records.header import HEADER_TAG, Header, RecordId, SubjectId
from trialplate.records.label import Label
from trialplate.records.times import moment
from trialplate.store.leasing import holds
from trialplate.store.reading import readable, require, view_of
from trialplate.trust.ports import (
    Appended,
    Entry,
    Fenced,
    Lease,
    Reader,
    SlotTaken,
    Stale,
    Stored,
    Summary,
)


class EntryError(TrialplateError):
    """An entry contradicts itself, so that no store may keep it."""


class Incoming(Struct, frozen=True, kw_only=True):
    """An entry that was checked at the door, with its id and the RFC 8785 bytes of its header."""

    id: RecordId
    entry: Entry
    header: bytes


class Placed(Struct, frozen=True, kw_only=True):
    """A record that stands in the store; the number that the store orders by stays inside."""

    id: RecordId
    entry: Entry
    received_at: str


class SlotKey(NamedTuple):
    """What at most one record of a store may have."""

    subject: SubjectId
    flow: str
    step: str
    ordinal: int


class Holder(Struct, frozen=True, kw_only=True):
    """The record that holds a slot."""

    id: RecordId
    label: Label


class Standing(Struct, frozen=True, kw_only=True):
    """What stands in a store, as far as a batch touches it.

    `known` holds those records of the batch that are stored already; `taken` who holds its slots; `counts` how many
    records of a label each subject has; `lease` the row that is kept.
    """

    known: Mapping[RecordId, Placed]
    taken: Mapping[SlotKey, Holder]
    counts: Mapping[SubjectId, Mapping[Label, int]]
    lease: Lease | None


class Tables(Protocol):
    """An open transaction on a store: everything seen and written through it stands or falls together."""

    def standing(self, batch: Sequence[Incoming], subjects: Iterable[SubjectId], lease: Lease | None) -> Standing:
        """Return what stands where the batch, the subjects and the lease touch the store."""
        ...

    def view(self, reader: Reader, subject: SubjectId) -> tuple[RecordId, ...]:
        """Return the ids of the records of `subject` that the reader may read, in order."""
        ...

    def write(self, batch: Sequence[Incoming], summaries: Sequence[Summary], now: str) -> None:
        """Write records, summary rows and queued leaves."""
        ...


def slot_key(header: Header) -> SlotKey:
    """Return the key of the slot that a record takes."""
    return SlotKey(header.subject, header.slot.flow, header.slot.step, header.slot.ordinal)


def checked(batch: Sequence[Entry]) -> tuple[Incoming, ...]:
    """Return the entries with their ids, one each, in their order.

    Raises:
        EntryError: where a body is not the one its header commits to, or comes without its random bytes.
    """
    incoming: dict[RecordId, Incoming] = {}
    for entry in batch:
        header = canonical(entry.header)
        # As `record_id`, whose costly half is the canonical form that the store keeps as well.
        found = RecordId(hashlib.sha256(HEADER_TAG + header).hexdigest())
        if (entry.body or entry.salt) and not verify_body(entry.header, entry.body, entry.salt):
            raise EntryError(
                f"The body of record {found} is not the one that its header commits to.",
                "Append the body and the random bytes from which the header was made, or neither.",
            )
        incoming.setdefault(found, Incoming(id=found, entry=entry, header=header))
    return tuple(incoming.values())


def append_in(  # noqa: PLR0913 - the arguments of the port, and the transaction
    tables: Tables,
    writer: Reader,
    batch: Sequence[Incoming],
    *,
    now: str,
    summaries: Sequence[Summary],
    after: Mapping[SubjectId, int],
    lease: Lease | None,
) -> Appended | SlotTaken | Stale | Fenced:
    """Decide on a batch and, where nothing stands against it, write it through `tables`.

    Raises:
        MomentError: where `now` is not a moment.
        NoReaderError: where nobody says who writes.
    """
    require(writer)
    moment(now)
    touched = {incoming.entry.header.subject for incoming in batch} | after.keys() | {row.subject for row in summaries}
    before = tables.standing(batch, sorted(touched), lease)
    new = tuple(incoming for incoming in batch if incoming.id not in before.known)
    if batch and not new:
        return Appended(stored=_answers(tables, writer, batch, before, now))
    refusal = (
        _fenced(before, lease)
        or _stale(tables, writer, before, after)
        or _taken(writer, before, new)
        or _behind(before, new, summaries)
    )
    if refusal is not None:
        return refusal
    tables.write(new, summaries, now)
    return Appended(stored=_answers(tables, writer, batch, before, now))


def _fenced(before: Standing, lease: Lease | None) -> Fenced | None:
    if lease is None or holds(before.lease, lease):
        return None
    return Fenced(subject=lease.subject)


def _stale(tables: Tables, writer: Reader, before: Standing, after: Mapping[SubjectId, int]) -> Stale | None:
    for subject, seen in after.items():
        if seen != _count(before, subject, writer):
            return Stale(subject=subject, changed=tables.view(writer, subject)[max(seen, 0) :])
    return None


def _taken(writer: Reader, before: Standing, new: Sequence[Incoming]) -> SlotTaken | None:
    holders = dict(before.taken)
    for incoming in new:
        header = incoming.entry.header
        holder = holders.setdefault(slot_key(header), Holder(id=incoming.id, label=header.label))
        if holder.id != incoming.id:
            return SlotTaken(by=holder.id if readable(holder.label, writer) else RecordId(""))
    return None


def _behind(before: Standing, new: Sequence[Incoming], summaries: Sequence[Summary]) -> Stale | None:
    for row in summaries:
        view = view_of(row.label)
        coming = sum(
            incoming.entry.header.subject == row.subject and readable(incoming.entry.header.label, view)
            for incoming in new
        )
        if row.last_seq != _count(before, row.subject, view) + coming:
            return Stale(subject=row.subject, changed=())
    return None


def _count(before: Standing, subject: SubjectId, reader: Reader) -> int:
    return sum(count for label, count in before.counts.get(subject, {}).items() if readable(label, reader))


def _answers(
    tables: Tables, writer: Reader, batch: Sequence[Incoming], before: Standing, now: str
) -> tuple[Stored, ...]:
    """Return what the writer is told of its batch: what stands where it may read that, else its own words again.

    A record that stands above the writer is answered with what the writer itself gave, so that whoever holds a header
    cannot fetch the body by appending the header once more.
    """
    seqs: dict[SubjectId, int] = {}
    answers: list[Stored] = []
    for incoming in batch:
        header = incoming.entry.header
        stands = before.known.get(incoming.id)
        if not readable(header.label, writer):
            answers.append(Stored(seq=0, id=incoming.id, entry=incoming.entry, received_at=now))
        elif stands is not None:
            seq = tables.view(writer, header.subject).index(incoming.id) + 1
            answers.append(Stored(seq=seq, id=incoming.id, entry=stands.entry, received_at=stands.received_at))
        else:
            seq = seqs.get(header.subject, _count(before, header.subject, writer)) + 1
            seqs[header.subject] = seq
            answers.append(Stored(seq=seq, id=incoming.id, entry=incoming.entry, received_at=now))
    return tuple(answers)
