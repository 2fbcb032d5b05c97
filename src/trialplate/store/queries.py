"""The questions that a store asks its tables, each built once.

Whatever is answered to a reader passes `may_read` inside the database, so that counts and pages are made of readable
rows only. Parameters: `reader` is the text of a `Reader`; the others are named as in `RecordStore`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    select,
    text,
    tuple_,
)

from trialplate.store import schema

_record = schema.record
_summary = schema.summary
_mark = schema.mark
_lease = schema.lease
_leaf = schema.leaf_queue


def _may_read(label: ColumnElement[str]) -> ColumnElement[bool]:
    return func.may_read(label, bindparam("reader")) == 1


def _is_due(rows: FromClause) -> ColumnElement[bool]:
    return and_(rows.c.next_due_at != "", rows.c.next_due_at <= bindparam("due_by"))


_readable: Final = _may_read(_record.c.label)

RECORD: Final = select(_record).where(_record.c.id == bindparam("record"), _readable)
"""One record, by `record`."""

POSITION: Final = select(func.count()).where(
    _record.c.subject == bindparam("subject"), _record.c.seq <= bindparam("seq"), _readable
)
"""The number that a reader knows a record by: how many of `subject` it may read up to the inner `seq`."""

HISTORY: Final = select(_record).where(_record.c.subject == bindparam("subject"), _readable).order_by(_record.c.seq)
"""The records of `subject`, in order."""

VIEW: Final = HISTORY.with_only_columns(_record.c.id)
"""The ids of `HISTORY`."""

_slot: Final = (_record.c.subject, _record.c.flow, _record.c.step, _record.c.ordinal)

KNOWN: Final = select(_record).where(_record.c.id.in_(bindparam("some", expanding=True)))
"""The records of `some` ids: for deciding on an append, never for a reader."""

TAKEN: Final = select(_record.c.id, _record.c.label, *_slot).where(
    tuple_(*_slot).in_(bindparam("some", expanding=True))
)
"""Who holds `some` slots: for deciding on an append, never for a reader."""

COUNTS: Final = (
    select(_record.c.subject, _record.c.label, func.count().label("records"))
    .where(_record.c.subject.in_(bindparam("some", expanding=True)))
    .group_by(_record.c.subject, _record.c.label)
)
"""How many records of each label `some` subjects have: for deciding on an append, never for a reader."""

EVERYTHING: Final = select(_record).order_by(_record.c.subject, _record.c.seq)
"""All records, subject by subject: for folding, never for a reader."""


def _widest(row: FromClause) -> ColumnElement[bool]:
    """Return whether of the rows of its subject this is the one that the reader meets."""
    wider = _summary.alias("wider")
    none_wider = ~exists().where(
        wider.c.subject == row.c.subject,
        tuple_(wider.c.last_seq, wider.c.label) > tuple_(row.c.last_seq, row.c.label),
        _may_read(wider.c.label),
    )
    return and_(_may_read(row.c.label), none_wider)


def _page(*, due: bool, by_time: bool = False) -> Select[Any]:
    row = _summary.alias("row")
    # As an expression, no index serves the order, and SQLite is left with the one on `next_due_at`.
    order = row.c.subject.concat("") if by_time else row.c.subject
    query = select(row).where(order > bindparam("after"), _widest(row))
    return (query.where(_is_due(row)) if due else query).order_by(order).limit(bindparam("limit"))


PAGE: Final = _page(due=False)
"""Up to `limit` subjects `after` another, each with the widest row that the reader may read."""

DUE_PAGE: Final = _page(due=True)
"""As `PAGE`, of what is due by `due_by`; quick where that is much: a walk in subject order soon fills the page."""

FEW_DUE_PAGE: Final = _page(due=True, by_time=True)
"""As `DUE_PAGE`; quick where few are due among many: the due ones are found by time, and sorted."""

DUE_UP_TO: Final = select(func.count()).select_from(
    select(_summary.c.subject).where(_is_due(_summary)).limit(bindparam("most")).subquery()
)
"""How many rows are due, counting no further than `most`."""

UNMARK: Final = delete(_mark).where(_mark.c.subject == bindparam("about"), _mark.c.label == bindparam("view"))
"""Strike what a row's subject was found by."""


def _marked() -> Select[Any]:
    row, found = _summary.alias("row"), _summary.alias("found")
    # A list of pairs is written for SQLite as a table of them, whose columns have these names there. SQLAlchemy's own
    # `values` would be compiled anew at each call, which takes longer than the answer.
    asked = text("SELECT column1 AS name, column2 AS value FROM :some").bindparams(bindparam("some", expanding=True))
    asked = asked.columns(column("name", Text), column("value", Text)).cte("asked")
    bearers = (
        select(_mark.c.subject, _mark.c.label)
        .join(row, and_(row.c.subject == _mark.c.subject, row.c.label == _mark.c.label))
        .where(_mark.c.name == asked.c.name, _mark.c.value == asked.c.value, _widest(row))
        .order_by(_mark.c.subject)
        .limit(bindparam("limit"))
        .correlate(asked)
    )
    each = asked.join(found, tuple_(found.c.subject, found.c.label).in_(bearers))
    return select(asked, found.c.subject, found.c.state).select_from(each).order_by(found.c.subject)


MARKED: Final = _marked()
"""Who is found by each of `some` marks, pairs of name and value: of each up to `limit` subjects, in their order.

The limit is set within each mark, so that one that nearly everybody bears costs no more than its answer.
"""

LEASE: Final = select(_lease).where(_lease.c.subject == bindparam("subject"))
"""The row that is kept of a subject's lease."""

QUEUED: Final = select(_leaf.c.record).order_by(_leaf.c.seq).limit(bindparam("limit"))
"""The log leaves that wait longest."""

STRIKE: Final = delete(_leaf).where(_leaf.c.record == bindparam("leaf"))
"""Strike a leaf from the queue."""

SIZES: Final = select(
    select(func.count()).select_from(_record).scalar_subquery().label("records"),
    select(func.count(_record.c.subject.distinct())).scalar_subquery().label("subjects"),
    select(func.count()).select_from(_summary).scalar_subquery().label("summaries"),
    select(func.count(_summary.c.subject.distinct())).where(_is_due(_summary)).scalar_subquery().label("due"),
    select(func.count()).where(_lease.c.expires_at > bindparam("due_by")).scalar_subquery().label("leases"),
    select(func.count()).select_from(_leaf).scalar_subquery().label("queued"),
)
"""The sizes of `StoreInfo` at `due_by`."""
