"""The record store in memory: a real store that ends with its process, for tests and trials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from threading import RLock

import msgspec

from trialplate.records.header import RecordId, SubjectId
from trialplate.records.label import Label
from trialplate.records.times import moment
from trialplate.store.appending import (
    Holder,
    Incoming,
    Placed,
    SlotKey,
    Standing,
    append_in,
    checked,
    slot_key,
)
from trialplate.store.faults import Fault, Point, no_fault
from trialplate.store.info import StoreInfo
from trialplate.store.leasing import extend, given_back, holds, take
from trialplate.store.reading import label_text, readable, require
from trialplate.store.schema import SCHEMA_VERSION
from trialplate.trust.ports import (
    Appended,
    Entry,
    Fenced,
    Held,
    Lease,
    Mark,
    Marked,
    Reader,
    SlotTaken,
    Stale,
    Stored,
    Summary,
)


class MemoryStore:
    """The ports `RecordStore`, `Leases` and `LeafQueue` in memory; may be shared by threads.

    Args:
        fault: called at the named points of a transaction; a test raises there to play a crash.
    """

    def __init__(self, *, fault: Fault = no_fault) -> None:
        self._fault = fault
        self._lock = RLock()
        self._tables = _Tables(fault)

    def append(  # noqa: PLR0913 - the arguments of the port
        self,
        writer: Reader,
        batch: Sequence[Entry],
        *,
        now: str,
        summaries: Sequence[Summary] = (),
        after: Mapping[SubjectId, int] | None = None,
        lease: Lease | None = None,
    ) -> Appended | SlotTaken | Stale | Fenced:
        """See `RecordStore.append`.

        Raises:
            EntryError: where a body is not the one its header commits to.
        """
        incoming = checked(batch)
        with self._lock:
            answer = append_in(
                self._tables, writer, incoming, now=now, summaries=summaries, after=after or {}, lease=lease
            )
        self._fault(Point.COMMITTED)
        return answer

    def get(self, reader: Reader, record: RecordId) -> Stored | None:
        """See `RecordStore.get`."""
        require(reader)
        with self._lock:
            placed = self._tables.records.get(record)
            if placed is None:
                return None
            history = self.history(reader, placed.entry.header.subject)
        return next((stored for stored in history if stored.id == record), None)

    def history(self, reader: Reader, subject: SubjectId) -> tuple[Stored, ...]:
        """See `RecordStore.history`."""
        require(reader)
        with self._lock:
            placed = list(self._tables.subjects.get(subject, ()))
        return _numbered(record for record in placed if readable(record.entry.header.label, reader))

    def summaries(self, reader: Reader, *, due_by: str = "", after: str = "", limit: int = 100) -> tuple[Summary, ...]:
        """See `RecordStore.summaries`."""
        require(reader)
        if due_by:
            moment(due_by)
        widest = self._widest(reader)
        page = (
            msgspec.structs.replace(widest[subject], marks=())
            for subject in sorted(widest)
            if subject > after and (not due_by or "" < widest[subject].next_due_at <= due_by)
        )
        return tuple(islice(page, limit))

    def marked(self, reader: Reader, marks: Sequence[Mark], *, limit: int = 1000) -> tuple[Marked, ...]:
        """See `RecordStore.marked`."""
        found: dict[Mark, list[Marked]] = {mark: [] for mark in marks}
        for subject, row in sorted(self._widest(require(reader)).items()):
            for mark in found.keys() & set(row.marks):
                found[mark].append(Marked(mark=mark, subject=subject, state=row.state))
        return tuple(chain.from_iterable(each[:limit] for each in found.values()))

    def acquire(self, subject: SubjectId, owner: str, *, now: str, seconds: int) -> Lease | Held:
        """See `Leases.acquire`."""
        with self._lock:
            return self._kept(take(self._tables.leases.get(subject), subject, owner, now=now, seconds=seconds))

    def renew(self, lease: Lease, *, now: str, seconds: int) -> Lease | Held:
        """See `Leases.renew`."""
        with self._lock:
            return self._kept(extend(self._tables.leases.get(lease.subject), lease, now=now, seconds=seconds))

    def release(self, lease: Lease) -> None:
        """See `Leases.release`."""
        with self._lock:
            row = self._tables.leases.get(lease.subject)
            if row is not None and holds(row, lease):
                self._kept(given_back(row))

    def queued(self, limit: int) -> tuple[RecordId, ...]:
        """See `LeafQueue.queued`."""
        with self._lock:
            return tuple(islice(self._tables.leaves, limit))

    def published(self, records: Sequence[RecordId]) -> None:
        """See `LeafQueue.published`."""
        with self._lock:
            for record in records:
                self._tables.leaves.pop(record, None)

    def rebuild(self, fold: Callable[[tuple[Stored, ...]], Sequence[Summary]], progress: Callable[[int], None]) -> int:
        """Make every summary row anew, or none, and return how many there are; see `SqliteStore.rebuild`."""
        rows: dict[tuple[SubjectId, Label], Summary] = {}
        with self._lock:
            self._fault(Point.SUMMARIES)
            for done, subject in enumerate(sorted(self._tables.subjects), start=1):
                rows.update({(row.subject, row.label): row for row in fold(_numbered(self._tables.subjects[subject]))})
                progress(done)
            self._tables.summaries = rows
        self._fault(Point.COMMITTED)
        return len(rows)

    def info(self, *, now: str) -> StoreInfo:
        """Return what the operator of this process may know; see `SqliteStore.info`."""
        moment(now)
        with self._lock:
            return StoreInfo(
                path="",
                schema_version=SCHEMA_VERSION,
                records=len(self._tables.records),
                subjects=len(self._tables.subjects),
                summaries=len(self._tables.summaries),
                due=len({row.subject for row in self._tables.summaries.values() if "" < row.next_due_at <= now}),
                leases=sum(lease.expires_at > now for lease in self._tables.leases.values()),
                queued=len(self._tables.leaves),
            )

    def _widest(self, reader: Reader) -> dict[SubjectId, Summary]:
        """Return the row of each subject that the reader meets."""
        widest: dict[SubjectId, Summary] = {}
        with self._lock:
            rows = list(self._tables.summaries.values())
        for row in rows:
            if readable(row.label, reader):
                widest[row.subject] = max(row, widest.get(row.subject, row), key=_width)
        return widest

    def _kept(self, answer: Lease | Held) -> Lease | Held:
        if isinstance(answer, Lease):
            self._tables.leases[answer.subject] = answer
        return answer


class _Tables:
    """What a store in memory holds; touched under the lock of its store only."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self.records: dict[RecordId, Placed] = {}
        self.subjects: dict[SubjectId, list[Placed]] = {}
        self.slots: dict[SlotKey, Holder] = {}
        self.summaries: dict[tuple[SubjectId, Label], Summary] = {}
        self.leases: dict[SubjectId, Lease] = {}
        self.leaves: dict[RecordId, None] = {}

    def standing(self, batch: Sequence[Incoming], subjects: Iterable[SubjectId], lease: Lease | None) -> Standing:
        """See `Tables.standing`."""
        self._fault(Point.BEGUN)
        keys = [slot_key(incoming.entry.header) for incoming in batch]
        return Standing(
            known={incoming.id: self.records[incoming.id] for incoming in batch if incoming.id in self.records},
            taken={key: self.slots[key] for key in keys if key in self.slots},
            counts={
                subject: Counter(placed.entry.header.label for placed in self.subjects.get(subject, ()))
                for subject in subjects
            },
            lease=None if lease is None else self.leases.get(lease.subject),
        )

    def view(self, reader: Reader, subject: SubjectId) -> tuple[RecordId, ...]:
        """See `Tables.view`."""
        placed = self.subjects.get(subject, ())
        return tuple(record.id for record in placed if readable(record.entry.header.label, reader))

    def write(self, batch: Sequence[Incoming], summaries: Sequence[Summary], now: str) -> None:
        """See `Tables.write`; every crash comes before the first change, so that nothing is ever half written."""
        for point in (Point.RECORDS, Point.SUMMARIES, Point.LEAVES):
            self._fault(point)
        for incoming in batch:
            header = incoming.entry.header
            placed = Placed(id=incoming.id, entry=incoming.entry, received_at=now)
            self.records[incoming.id] = placed
            self.subjects.setdefault(header.subject, []).append(placed)
            self.slots[slot_key(header)] = Holder(id=incoming.id, label=header.label)
            self.leaves[incoming.id] = None
        self.summaries |= {(row.subject, row.label): row for row in summaries}


def _width(row: Summary) -> tuple[int, str]:
    return row.last_seq, label_text(row.label)


def _numbered(records: Iterable[Placed]) -> tuple[Stored, ...]:
    return tuple(
        Stored(seq=seq, id=placed.id, entry=placed.entry, received_at=placed.received_at)
        for seq, placed in enumerate(records, start=1)
    )
