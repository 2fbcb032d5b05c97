"""Rows of the tables to values and back: the one place that knows columns, for every SQL adapter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Executable, Insert, Row, Table, insert
from sqlalchemy.dialects.sqlite import insert as upsert

from trialplate.records.header import Header, RecordId, SubjectId
from trialplate.records.label import Label
from trialplate.store import queries, schema
from trialplate.store.appending import Holder, Incoming, Placed, SlotKey, Standing, slot_key
from trialplate.store.faults import Fault, Point
from trialplate.store.reading import label_text, reader_text, text_label
from trialplate.trust.ports import Entry, Lease, Mark, Marked, Reader, Stored, Summary

_CHUNK: Final = 500
"""Values a statement: four a slot stay well below the 32,766 variables that SQLite allows."""

_READ_ROWS: Final = 1000
"""Rows that are fetched at a time where all are."""

_header: Final = msgspec.json.Decoder(Header)


def _put_over(table: Table) -> Insert:
    """Return the statement that writes a row of `table` over the one with the same key."""
    statement = upsert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=table.primary_key, set_=changed)


_INSERT_RECORD: Final = insert(schema.record)
_QUEUE_LEAF: Final = insert(schema.leaf_queue)
_INSERT_MARK: Final = insert(schema.mark)
_PUT_SUMMARY: Final = _put_over(schema.summary)
_KEEP_LEASE: Final = _put_over(schema.lease)


class SqlTables:
    """An open transaction as `appending.Tables`.

    Args:
        connection: a connection in a transaction that holds the write lock.
        fault: called at each seam.
    """

    def __init__(self, connection: Connection, fault: Fault) -> None:
        self._connection = connection
        self._fault = fault

    def standing(self, batch: Sequence[Incoming], subjects: Iterable[SubjectId], lease: Lease | None) -> Standing:
        """See `Tables.standing`; the number of queries grows with the chunks of the batch, not with the store."""
        self._fault(Point.BEGUN)
        return Standing(
            known=self._known([incoming.id for incoming in batch]),
            taken=self._taken([slot_key(incoming.entry.header) for incoming in batch]),
            counts=self._counts(list(subjects)),
            lease=None if lease is None else lease_of(self._connection, lease.subject),
        )

    def view(self, reader: Reader, subject: SubjectId) -> tuple[RecordId, ...]:
        """See `Tables.view`."""
        asked = {"subject": subject, "reader": reader_text(reader)}
        return tuple(self._connection.execute(queries.VIEW, asked).scalars())

    def write(self, batch: Sequence[Incoming], summaries: Sequence[Summary], now: str) -> None:
        """See `Tables.write`."""
        if batch:
            self._connection.execute(_INSERT_RECORD, [_record_row(incoming, now) for incoming in batch])
        self._fault(Point.RECORDS)
        put_summaries(self._connection, summaries)
        self._fault(Point.SUMMARIES)
        if batch:
            self._connection.execute(_QUEUE_LEAF, [{"record": incoming.id} for incoming in batch])
        self._fault(Point.LEAVES)

    def _known(self, ids: Sequence[RecordId]) -> dict[RecordId, Placed]:
        return {
            row.id: Placed(id=row.id, entry=_entry(row), received_at=row.received_at)
            for row in self._rows(queries.KNOWN, ids)
        }

    def _taken(self, slots: Sequence[SlotKey]) -> dict[SlotKey, Holder]:
        return {
            SlotKey(row.subject, row.flow, row.step, row.ordinal): Holder(id=row.id, label=text_label(row.label))
            for row in self._rows(queries.TAKEN, slots)
        }

    def _counts(self, subjects: Sequence[SubjectId]) -> dict[SubjectId, dict[Label, int]]:
        counts: dict[SubjectId, dict[Label, int]] = {}
        for row in self._rows(queries.COUNTS, subjects):
            counts.setdefault(row.subject, {})[text_label(row.label)] = row.records
        return counts

    def _rows(self, query: Executable, values: Sequence[object]) -> Iterator[Row[Any]]:
        """Yield the rows of a query about some values, asked in chunks of them."""
        for some in _chunks(values):
            yield from self._connection.execute(query, {"some": some})


def stored(seq: int, row: Row[Any]) -> Stored:
    """Return a row of `record` as a reader meets it."""
    return Stored(seq=seq, id=row.id, entry=_entry(row), received_at=row.received_at)


def histories(connection: Connection) -> Iterator[tuple[Stored, ...]]:
    """Yield the whole history of every subject, one in memory at a time: for folding, never for a reader."""
    rows_of_all = connection.execute(queries.EVERYTHING.execution_options(yield_per=_READ_ROWS))
    for _, rows in groupby(rows_of_all, key=lambda row: row.subject):
        yield tuple(stored(seq, row) for seq, row in enumerate(rows, start=1))


def summary_of(row: Row[Any]) -> Summary:
    """Return a row of `summary` as a value."""
    return Summary(
        subject=row.subject,
        flow=row.flow,
        kind=row.kind,
        state=row.state,
        sort_key=row.sort_key,
        next_due_at=row.next_due_at,
        label=text_label(row.label),
        last_seq=row.last_seq,
    )


def put_summaries(connection: Connection, summaries: Sequence[Summary]) -> None:
    """Write summary rows over those of the same subjects and views, and their marks in place of the earlier ones."""
    rows = {(row.subject, label_text(row.label)): row for row in summaries}
    if not rows:
        return
    marks = [
        {"subject": subject, "label": label, "name": mark.name, "value": mark.value}
        for (subject, label), row in rows.items()
        for mark in set(row.marks)
    ]
    connection.execute(_PUT_SUMMARY, [_summary_row(row) for row in rows.values()])
    connection.execute(queries.UNMARK, [{"about": subject, "view": label} for subject, label in rows])
    if marks:
        connection.execute(_INSERT_MARK, marks)


def marked(connection: Connection, reader: Reader, marks: Sequence[Mark], limit: int) -> tuple[Marked, ...]:
    """Return who is found by each of `marks`; the number of queries grows with the chunks of them alone."""
    found: dict[Mark, list[Marked]] = {mark: [] for mark in marks}
    asked = {"reader": reader_text(reader), "limit": limit}
    for some in _chunks([(mark.name, mark.value) for mark in found]):
        for row in connection.execute(queries.MARKED, asked | {"some": some}):
            mark = Mark(name=row.name, value=row.value)
            found[mark].append(Marked(mark=mark, subject=row.subject, state=row.state))
    return tuple(chain.from_iterable(found.values()))


def lease_of(connection: Connection, subject: SubjectId) -> Lease | None:
    """Return the row that is kept of a subject's lease."""
    row = connection.execute(queries.LEASE, {"subject": subject}).one_or_none()
    if row is None:
        return None
    return Lease(subject=row.subject, owner=row.owner, fence=row.fence, expires_at=row.expires_at)


def keep_lease(connection: Connection, lease: Lease) -> None:
    """Write the row of a subject's lease."""
    connection.execute(_KEEP_LEASE, msgspec.structs.asdict(lease))


def _chunks(values: Sequence[object]) -> Iterator[Sequence[object]]:
    """Yield the values in runs that one statement can take."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _record_row(incoming: Incoming, now: str) -> dict[str, object]:
    header = incoming.entry.header
    return {
        "id": incoming.id,
        **slot_key(header)._asdict(),
        "label": label_text(header.label),
        "header": incoming.header,
        "body": incoming.entry.body,
        "salt": incoming.entry.salt,
        "envelope": incoming.entry.envelope,
        "received_at": now,
    }


def _summary_row(row: Summary) -> dict[str, object]:
    fields = msgspec.structs.asdict(row) | {"label": label_text(row.label)}
    return {name: value for name, value in fields.items() if name in schema.summary.c}


def _entry(row: Row[Any]) -> Entry:
    return Entry(header=_header.decode(row.header), body=row.body, salt=row.salt, envelope=row.envelope)
