"""What happens next on a subject: a pure function of its flow, its records and the moment.

Order is the store's `seq`; deadlines count from `received_at`, the store's clock, never from an author's `at`. A step
is done exactly when a record stands in its slot that nothing supersedes; a redo takes the next ordinal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from trialplate.flows.table import WORKER, Flow, FlowError, Step, stem
from trialplate.records.fold import fact_of, superseded
from trialplate.records.header import RecordId, Slot
from trialplate.records.label import Label
from trialplate.records.times import MomentError, later, moment
from trialplate.trust.labels import dominates, join
from trialplate.trust.ports import Stored, Summary

MAX_VIEWS = 64
"""Distinct views of one subject that are kept as rows: each set of compartments that differs makes one."""

ENDED = "ended"
"""The state of a subject on which nothing is open."""


_BEGINNING = "0001-01-01T00:00:00Z"


class _Ending(Struct, frozen=True):
    """The one field of a body that a wait hangs on."""

    ends_at: str


class Due(Struct, frozen=True, kw_only=True):
    """One thing that can be done on a subject now.

    A record of kind `makes`, or of one of `or_makes`, in `slot` does it, and it is `by` whose move it is. It became
    due at `since`. A wait ends at `deadline_at`, when the worker makes a record of kind `default` in the same slot;
    both are empty for what is the worker's own. Once a deadline has passed, the wait *is* the worker's: `by` and
    `makes` say so.
    """

    step: str
    makes: str
    or_makes: tuple[str, ...]
    by: str
    slot: Slot
    since: str
    deadline_at: str
    default: str


def due(flow: Flow, history: Sequence[Stored], now: str) -> tuple[Due, ...]:
    """Return what can be done at `now` on the subject whose records are `history`, in the order of the table.

    Args:
        flow: the table of steps.
        history: all records of one subject that may be read, by seq; empty before the first.
        now: the moment asked about; equal arguments give equal answers.

    Raises:
        MomentError: where `now` is not a moment.
    """
    moment(now)
    return tuple(
        _elapsed(item) if item.deadline_at and item.deadline_at <= now else item for item in _open(flow, history, now)
    )


def next_due_at(flow: Flow, history: Sequence[Stored]) -> str:
    """Return when the worker has something to do on the subject; empty where that is never, as things stand."""
    if not history:
        return ""
    moments = (item.deadline_at or item.since for item in _open(flow, history, _BEGINNING))
    return min(moments, default="")


def state(flow: Flow, history: Sequence[Stored]) -> str:
    """Return the state of the subject: the names of its open steps in the order of the table, or `ENDED`."""
    return " ".join(item.step for item in _open(flow, history, _BEGINNING)) or ENDED


def summarize(flow: Flow, history: Sequence[Stored]) -> tuple[Summary, ...]:
    """Return the summary rows of one subject: one a view, each folded from what that view may read.

    Raises:
        FlowError: where the labels of the subject make more than `MAX_VIEWS` views.
    """
    return tuple(_row(flow, label, seen(history, label)) for label in views(history))


def seen(history: Sequence[Stored], label: Label) -> tuple[Stored, ...]:
    """Return the records that a clearance of `label` dominates, numbered as that view numbers them."""
    visible = (stored for stored in history if dominates(label, stored.entry.header.label))
    return tuple(msgspec.structs.replace(stored, seq=seq) for seq, stored in enumerate(visible, start=1))


def views(history: Sequence[Stored]) -> tuple[Label, ...]:
    """Return the labels under which distinct readers see distinct parts of a history: the joins of what is in it.

    Whatever a reader holds, what it may read of the history is exactly what one of these labels dominates.

    Raises:
        FlowError: where there are more than `MAX_VIEWS`.
    """
    closed: dict[Label, None] = {}
    for label in dict.fromkeys(stored.entry.header.label for stored in history):
        for view in (label, *(join((label, other)) for other in closed)):
            closed.setdefault(view)
        if len(closed) > MAX_VIEWS:
            raise FlowError(
                f"The labels of one subject make more than {MAX_VIEWS} different views of it.",
                "Give each compartment a subject of its own.",
            )
    return tuple(closed)


def _row(flow: Flow, label: Label, history: Sequence[Stored]) -> Summary:
    first, last = history[0], history[-1]
    return Summary(
        subject=first.entry.header.subject,
        flow=flow.name,
        kind=first.entry.header.kind,
        state=state(flow, history),
        sort_key=last.received_at,
        next_due_at=next_due_at(flow, history),
        label=label,
        last_seq=last.seq,
        marks=flow.marks(history),
    )


def _open(flow: Flow, history: Sequence[Stored], now: str) -> tuple[Due, ...]:
    """Return every step whose needs stand and whose own record does not, as if no deadline had passed."""
    fallen = _fallen(history)
    standing = [stored for stored in history if stored.id not in fallen]
    opened = history[0].received_at if history else now
    found: list[Due] = []
    for step in flow.steps:
        made = [stored for stored in history if _makes(flow, step, stored)]
        barring = _of(step.barred(), history)
        met = [_met(need, standing) for need in step.needed()]
        if any(stored.id not in fallen for stored in (*made, *barring)) or "" in met:
            continue
        # What fell reopens its step when the correction came, or a wait would be over before it began.
        reopened = [fallen[stored.id] for stored in (*made, *barring)]
        since = max((opened, *met, *reopened))
        ordinal = 1 + max((stored.entry.header.slot.ordinal for stored in made), default=0)
        found.append(_due(flow, step, since, ordinal, _end(step, since, standing)))
    return tuple(found)


def _fallen(history: Sequence[Stored]) -> Mapping[RecordId, str]:
    """Return the records that no longer hold, each with when the store received what put an end to it."""
    facts = [fact_of(stored.id, stored.entry.header, stored.entry.body) for stored in history]
    received = {stored.id: stored.received_at for stored in history}
    return {record: received[cause] for record, cause in superseded(facts).items()}


def _makes(flow: Flow, step: Step, stored: Stored) -> bool:
    slot = stored.entry.header.slot
    return (slot.flow, slot.step) == (flow.name, step.name)


def _met(need: frozenset[str], standing: Sequence[Stored]) -> str:
    """Return when a need was met by a record that still stands, or nothing."""
    return next((stored.received_at for stored in _of(need, standing)), "")


def _of(kinds: frozenset[str], records: Sequence[Stored]) -> list[Stored]:
    return [stored for stored in records if stem(stored.entry.header.kind) in kinds]


def _end(step: Step, since: str, standing: Sequence[Stored]) -> str:
    """Return when a wait is over: by the last readable record that says so, or else so long after it began."""
    if not step.deadline:
        return ""
    said = map(_ends_at, reversed(_of(frozenset({step.ending()}), standing)))
    return next((end for end in said if end), later(since, step.deadline))


def _ends_at(stored: Stored) -> str:
    """Return the `ends_at` of a body, or nothing where it is withheld or has none that is a moment."""
    try:
        end = msgspec.json.decode(stored.entry.body, type=_Ending).ends_at
        moment(end)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, MomentError):
        return ""
    return end


def _due(flow: Flow, step: Step, since: str, ordinal: int, end: str) -> Due:
    return Due(
        step=step.name,
        makes=step.makes,
        or_makes=step.or_makes,
        by=step.by,
        slot=Slot(flow=flow.name, step=step.name, ordinal=ordinal),
        since=since,
        deadline_at=end,
        default=step.default,
    )


def _elapsed(wait: Due) -> Due:
    """Return what the worker has to do once a wait is over."""
    return Due(
        step=wait.step,
        makes=wait.default,
        or_makes=(),
        by=WORKER,
        slot=wait.slot,
        since=wait.deadline_at,
        deadline_at="",
        default="",
    )
