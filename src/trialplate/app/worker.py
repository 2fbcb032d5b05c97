"""The worker: does what is due and its own, for every flow, and leaves the rest in somebody's inbox.

A handler runs at least once and its record is appended at most once: the slot is taken once, `after` refuses what was
decided on an older history, and the fence refuses what a slow worker brings after another took over. So a crash at
any point, a repeated tick and a second worker change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Protocol

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.flows.engine import Due, due, summarize
from trialplate.flows.table import WORKER, Flow, stem
from trialplate.records.body import Draft
from trialplate.records.header import RecordId, SubjectId, record_id
from trialplate.trust.labels import Granted, may_read
from trialplate.trust.ports import (
    Appended,
    Entry,
    Fenced,
    Held,
    Lease,
    Leases,
    Reader,
    RecordStore,
    SlotTaken,
    Stale,
    Stored,
)


class HandlerError(TrialplateError):
    """A handler did not make what its step makes."""


class Work(Struct, frozen=True, kw_only=True):
    """What a handler is given: the subject with its records, what is due, and the lease, to be renewed by long work."""

    subject: SubjectId
    history: tuple[Stored, ...]
    due: Due
    lease: Lease
    now: str


Handler = Callable[[Work], Draft]
"""Makes the record of one step; it may be called again after a crash, and only one result is ever kept."""


class WorkedStore(RecordStore, Leases, Protocol):
    """Records and leases in one place, so that a fence is checked in the transaction that it guards."""


class Bench(Struct, frozen=True, kw_only=True):
    """What a worker works with.

    Args:
        store: where records and leases are.
        flows: the flows that it knows, by name.
        sign: signs what a handler made with the worker's keys.
        handlers: what makes a record, by its kind without version: steps of the worker, and defaults of waits.
        reader: on whose behalf it reads; it must be able to read whatever it works on and makes.
        owner: its name in leases; of no two running workers the same.
        clock: gives the moment, as records write it.
        lease_s: how long it holds a subject, in seconds.
        page_rows: how many subjects are loaded at a time.
    """

    store: WorkedStore
    flows: Mapping[str, Flow]
    handlers: Mapping[str, Handler]
    sign: Callable[[Draft], Entry]
    reader: Reader
    owner: str
    clock: Callable[[], str]
    lease_s: int = 600
    page_rows: int = 100


class Done(Struct, frozen=True, kw_only=True):
    """A step was done, by a record of the kind `made`."""

    subject: SubjectId
    step: str
    made: str
    record: RecordId


class Failed(Struct, frozen=True, kw_only=True):
    """A step could not be done and will be tried again at the next tick; the other subjects went on."""

    subject: SubjectId
    step: str
    reason: str


class Why(Enum):
    """Why a subject was left as it was."""

    BUSY = "another worker holds it"
    MOVED = "it moved on meanwhile"
    FENCED = "another worker took it over meanwhile"


class Passed(Struct, frozen=True, kw_only=True):
    """A subject was left to a later tick."""

    subject: SubjectId
    why: Why


Outcome = Done | Failed | Passed


def tick(bench: Bench) -> Iterator[Outcome]:
    """Do what is due now, subject by subject, and yield what came of it.

    Only subjects whose `next_due_at` has come are loaded, a page at a time. Stopping half-way is harmless.

    Raises:
        TrialplateError: where the store itself fails.
    """
    now, after = bench.clock(), ""
    while page := bench.store.summaries(bench.reader, due_by=now, after=after, limit=bench.page_rows):
        for row in page:
            yield from _visit(bench, row.subject, row.flow)
        after = page[-1].subject
        if len(page) < bench.page_rows:
            return


def _visit(bench: Bench, subject: SubjectId, name: str) -> Iterator[Outcome]:
    flow = bench.flows.get(name)
    if flow is None:
        yield Failed(subject=subject, step="", reason=f"This program knows no flow {name!r}.")
        return
    lease = bench.store.acquire(subject, bench.owner, now=bench.clock(), seconds=bench.lease_s)
    if isinstance(lease, Held):
        yield Passed(subject=subject, why=Why.BUSY)
        return
    try:
        yield from _work(bench, flow, subject, lease)
    finally:
        bench.store.release(lease)


def _work(bench: Bench, flow: Flow, subject: SubjectId, lease: Lease) -> Iterator[Outcome]:
    """Do one own step after the other until none is left that can be done."""
    history = bench.store.history(bench.reader, subject)
    tried: set[str] = set()
    while own := _next(flow, history, now := bench.clock(), tried):
        tried.add(own.step)
        work = Work(subject=subject, history=history, due=own, lease=lease, now=now)
        try:
            entry = _made(bench, work)
        except Exception as failure:  # noqa: BLE001 - one subject's failure, of whatever kind, must not stop the others
            yield Failed(subject=subject, step=own.step, reason=str(failure) or type(failure).__name__)
            continue
        answer = _append(bench, flow, history, lease, (entry,))
        if not isinstance(answer, Appended):
            yield _left(subject, answer)
            return
        history = (*history, *answer.stored)
        yield Done(subject=subject, step=own.step, made=entry.header.kind, record=answer.stored[0].id)
    if not tried:
        # The row said that something is due, and nothing is: it is behind its records and would wake us every time.
        answer = _append(bench, flow, history, lease, ())
        if not isinstance(answer, Appended):
            yield _left(subject, answer)


def _next(flow: Flow, history: Sequence[Stored], now: str, tried: set[str]) -> Due | None:
    return next((item for item in due(flow, history, now) if item.by == WORKER and item.step not in tried), None)


def _made(bench: Bench, work: Work) -> Entry:
    """Return what the handler makes, checked to be the record of the step and no other.

    Raises:
        HandlerError: where it is another, or nobody makes it.
    """
    handler = bench.handlers.get(stem(work.due.makes))
    if handler is None:
        raise HandlerError(f"Nothing here makes {work.due.makes}.", "Run a worker that has its handler.")
    made = handler(work)
    header = made.header
    asked = work.due
    if (header.subject, header.slot) != (work.subject, asked.slot) or header.kind not in (asked.makes, *asked.or_makes):
        raise HandlerError(
            f"The handler of {work.due.makes} made {header.kind} for another place.",
            "Let it use the kind and the slot of the work that it is given.",
        )
    if not isinstance(may_read(header.label, bench.reader), Granted):
        raise HandlerError(
            f"This worker may not read the {work.due.makes} that its handler made.",
            "Run the worker with a reader that dominates the labels of its flows.",
        )
    return bench.sign(made)


def _append(
    bench: Bench, flow: Flow, history: Sequence[Stored], lease: Lease, batch: Sequence[Entry]
) -> Appended | SlotTaken | Stale | Fenced:
    now = bench.clock()
    coming = tuple(
        Stored(seq=seq, id=record_id(entry.header), entry=entry, received_at=now)
        for seq, entry in enumerate(batch, start=len(history) + 1)
    )
    return bench.store.append(
        bench.reader,
        batch,
        now=now,
        summaries=summarize(flow, (*history, *coming)),
        after={lease.subject: len(history)},
        lease=lease,
    )


def _left(subject: SubjectId, answer: SlotTaken | Stale | Fenced) -> Passed:
    return Passed(subject=subject, why=Why.FENCED if isinstance(answer, Fenced) else Why.MOVED)
