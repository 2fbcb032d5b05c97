"""Upkeep of a store: making its derived rows anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from trialplate.flows.engine import seen, summarize, views
from trialplate.flows.table import Flow
from trialplate.records.label import Label
from trialplate.trust.ports import Stored, Summary

UNKNOWN: Final = "unknown flow"
"""The state of a subject whose flow this program does not know."""


class Rebuildable(Protocol):
    """A store whose summary rows can be made anew from its records."""

    def rebuild(self, fold: Callable[[tuple[Stored, ...]], Sequence[Summary]], progress: Callable[[int], None]) -> int:
        """Make every row anew, or none; return how many there are."""
        ...


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What a rebuild did: subjects folded, rows made, and subjects of flows that this program does not know."""

    subjects: int
    rows: int
    unknown: int


def rebuild(store: Rebuildable, flows: Mapping[str, Flow], progress: Callable[[int], None]) -> Rebuilt:
    """Make every summary row of `store` anew from the records that can be read.

    Args:
        store: the store; it changes all rows at once, or none.
        flows: the flows that this program knows, by name.
        progress: called with the number of subjects done so far.
    """
    subjects = unknown = 0

    def fold(history: tuple[Stored, ...]) -> Sequence[Summary]:
        nonlocal subjects, unknown
        subjects += 1
        flow = flow_of(history, flows)
        if flow is not None:
            return summarize(flow, history)
        unknown += 1
        return tuple(_unknown(label, seen(history, label)) for label in views(history))

    rows = store.rebuild(fold, progress)
    return Rebuilt(subjects=subjects, rows=rows, unknown=unknown)


def flow_of(history: Sequence[Stored], flows: Mapping[str, Flow]) -> Flow | None:
    """Return the flow of a subject: the first known one that a record of it has a slot in."""
    names = (stored.entry.header.slot.flow for stored in history)
    return next((flows[name] for name in names if name in flows), None)


def _unknown(label: Label, history: Sequence[Stored]) -> Summary:
    """Return the row of a subject that can be listed and not be worked on."""
    first, last = history[0].entry.header, history[-1]
    return Summary(
        subject=first.subject,
        flow=first.slot.flow,
        kind=first.kind,
        state=UNKNOWN,
        sort_key=last.received_at,
        next_due_at="",
        label=label,
        last_seq=last.seq,
    )
