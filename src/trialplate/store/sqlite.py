"""The record store on one SQLite file: the embedded default.

Appends take the write lock as they begin, so that a second process waits and never corrupts; an acknowledged append
is on the disk (`synchronous=FULL`). Readers see one snapshot a call and are not held up by writers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, delete

from trialplate.records.header import RecordId, SubjectId
from trialplate.records.times import moment
from trialplate.store import queries, schema
from trialplate.store.appending import append_in, checked
from trialplate.store.faults import Fault, Point, no_fault
from trialplate.store.info import StoreInfo
from trialplate.store.leasing import extend, given_back, holds, take
from trialplate.store.opening import IMMEDIATE, Durability, explained, open_engine
from trialplate.store.reading import reader_text, require
from trialplate.store.rows import (
    SqlTables,
    histories,
    keep_lease,
    lease_of,
    marked,
    put_summaries,
    stored,
    summary_of,
)
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

_FEW_PAGES: Final = 10
"""Up to so many pages of due rows are sorted for each page that is shown."""
_ROWS: Final = 1000
"""Rows that a rebuild writes in one statement."""


class SqliteStore:
    """The ports `RecordStore`, `Leases` and `LeafQueue` on one file; may be shared by threads and processes.

    Args:
        path: the database file; its folder must exist.
        busy_timeout_s: how long a call waits for another process's transaction, in seconds.
        durability: what an acknowledged append survives.
        fault: called at the named points of a transaction; a test raises there to play a crash.

    Raises:
        StoreError: where the file cannot be opened as a store of this program's version.
    """

    def __init__(
        self,
        path: Path,
        *,
        busy_timeout_s: int = 60,
        durability: Durability = Durability.FULL,
        fault: Fault = no_fault,
    ) -> None:
        self.path = path
        self.engine: Engine = open_engine(path, busy_timeout_s=busy_timeout_s, durability=durability)
        self._writing = self.engine.execution_options(**{IMMEDIATE: True})
        self._fault = fault

    def close(self) -> None:
        """Close the file; the store cannot be used after."""
        self.engine.dispose()

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
            StoreError: where the file cannot be written; the batch may be repeated.
        """
        incoming = checked(batch)
        with self._write() as connection:
            tables = SqlTables(connection, self._fault)
            answer = append_in(tables, writer, incoming, now=now, summaries=summaries, after=after or {}, lease=lease)
        self._fault(Point.COMMITTED)
        return answer

    def get(self, reader: Reader, record: RecordId) -> Stored | None:
        """See `RecordStore.get`."""
        text = reader_text(require(reader))
        with self._read() as connection:
            row = connection.execute(queries.RECORD, {"record": record, "reader": text}).one_or_none()
            if row is None:
                return None
            place = {"subject": row.subject, "seq": row.seq, "reader": text}
            return stored(connection.execute(queries.POSITION, place).scalar_one(), row)

    def history(self, reader: Reader, subject: SubjectId) -> tuple[Stored, ...]:
        """See `RecordStore.history`."""
        asked = {"subject": subject, "reader": reader_text(require(reader))}
        with self._read() as connection:
            rows = connection.execute(queries.HISTORY, asked)
            return tuple(stored(seq, row) for seq, row in enumerate(rows, start=1))

    def summaries(self, reader: Reader, *, due_by: str = "", after: str = "", limit: int = 100) -> tuple[Summary, ...]:
        """See `RecordStore.summaries`."""
        asked: dict[str, str | int] = {"reader": reader_text(require(reader)), "after": after, "limit": limit}
        page = queries.PAGE
        with self._read() as connection:
            if due_by:
                moment(due_by)
                asked["due_by"] = due_by
                most = _FEW_PAGES * limit
                due = connection.execute(queries.DUE_UP_TO, {"due_by": due_by, "most": most}).scalar_one()
                page = queries.FEW_DUE_PAGE if due < most else queries.DUE_PAGE
            return tuple(summary_of(row) for row in connection.execute(page, asked))

    def marked(self, reader: Reader, marks: Sequence[Mark], *, limit: int = 1000) -> tuple[Marked, ...]:
        """See `RecordStore.marked`."""
        require(reader)
        with self._read() as connection:
            return marked(connection, reader, marks, limit)

    def acquire(self, subject: SubjectId, owner: str, *, now: str, seconds: int) -> Lease | Held:
        """See `Leases.acquire`."""
        with self._write() as connection:
            answer = take(lease_of(connection, subject), subject, owner, now=now, seconds=seconds)
            if isinstance(answer, Lease):
                keep_lease(connection, answer)
        return answer

    def renew(self, lease: Lease, *, now: str, seconds: int) -> Lease | Held:
        """See `Leases.renew`."""
        with self._write() as connection:
            answer = extend(lease_of(connection, lease.subject), lease, now=now, seconds=seconds)
            if isinstance(answer, Lease):
                keep_lease(connection, answer)
        return answer

    def release(self, lease: Lease) -> None:
        """See `Leases.release`."""
        with self._write() as connection:
            row = lease_of(connection, lease.subject)
            if row is not None and holds(row, lease):
                keep_lease(connection, given_back(row))

    def queued(self, limit: int) -> tuple[RecordId, ...]:
        """See `LeafQueue.queued`."""
        with self._read() as connection:
            return tuple(connection.execute(queries.QUEUED, {"limit": limit}).scalars())

    def published(self, records: Sequence[RecordId]) -> None:
        """See `LeafQueue.published`."""
        if not records:
            return
        with self._write() as connection:
            connection.execute(queries.STRIKE, [{"leaf": record} for record in records])

    def rebuild(self, fold: Callable[[tuple[Stored, ...]], Sequence[Summary]], progress: Callable[[int], None]) -> int:
        """Make every summary row anew, with its marks, in one transaction and return how many there are.

        Writers wait meanwhile and readers see the old rows until the new ones are there. `fold` is handed each
        subject's whole history, whatever its labels: the rows that it makes carry theirs, and are read with a
        `Reader` like any other.

        Args:
            fold: makes the rows of one subject from its history in order, with `seq` from 1.
            progress: called with the number of subjects done so far.
        """
        total = 0
        with self._write() as connection:
            connection.execute(delete(schema.summary))
            self._fault(Point.SUMMARIES)
            waiting: list[Summary] = []
            for done, history in enumerate(histories(connection), start=1):
                rows = fold(history)
                total += len(rows)
                waiting.extend(rows)
                if len(waiting) >= _ROWS:
                    put_summaries(connection, waiting)
                    waiting.clear()
                progress(done)
            put_summaries(connection, waiting)
        self._fault(Point.COMMITTED)
        return total

    def info(self, *, now: str) -> StoreInfo:
        """Return what the operator of this machine may know of the file: sizes, and nothing sealed.

        The counts are over all labels; they are for whoever holds the file, never for a reader.
        """
        moment(now)
        with self._read() as connection:
            sizes = connection.execute(queries.SIZES, {"due_by": now}).mappings().one()
        return StoreInfo(path=str(self.path), schema_version=schema.SCHEMA_VERSION, **sizes)

    @contextmanager
    def _read(self) -> Generator[Connection]:
        with explained(self.path), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Generator[Connection]:
        with explained(self.path), self._writing.begin() as connection:
            yield connection
