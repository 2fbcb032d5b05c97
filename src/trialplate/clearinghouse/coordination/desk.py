"""The desk: which cases a maintainer is told of now. Nothing passes the limit that it set. Pure.

The most urgent goes first, then what has a fix that holds in our own replay, then what was reported first. The limit
counts every report that is open with the project, whoever sent it. What is known to be exploited may pass it, and only
on a coordinator's signature.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from trialplate.clearinghouse.coordination.embargo import PUBLIC
from trialplate.clearinghouse.history import History, Said
from trialplate.records import later
from trialplate.records.case import (
    Bypass,
    Case,
    Embargo,
    EmbargoEnded,
    FixAccepted,
    Known,
    NoAnswer,
    NoPatch,
    NotABug,
    Notice,
    PartyAdded,
    Priority,
    Shelved,
    WontFix,
)
from trialplate.records.finding import Report, Reproduced
from trialplate.records.project import Policy

_DAY: Final = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A case that its maintainer was not told of yet.

    `order` is its priority, 0 first. `since` is when its first report came. `exploited` says whether it is known to be,
    `bypass` why a coordinator lets it pass the limit, empty where none does.
    """

    case: str
    order: int
    fix_ready: bool
    since: str
    exploited: bool = False
    bypass: str = ""


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a project takes: its limit and pace, the reports that are open with it, and when the last one was sent."""

    limit: int
    pace_days: int
    open: int
    last_sent: str = ""


@dataclass(frozen=True)
class Pick:
    """A case to be sent now, with the reports that are open before it, and why it passes the limit, if it does."""

    case: str
    open_before: int
    bypass: str = ""


def is_open(history: History) -> bool:
    """Say whether a report is open with its maintainer: it was sent, and nothing has ended that since.

    Where a project works in public, the embargo ends with the notice; the report is open until it is answered, or the
    time to answer is over.
    """
    if not (history.record(Notice) and history.record(Case)) or history.record(NotABug, WontFix, FixAccepted):
        return False
    embargo = history.last(Embargo)
    in_public = embargo is not None and embargo.basis == PUBLIC
    return history.record(*((NoAnswer, NoPatch) if in_public else (EmbargoEnded,))) is None


def open_reports(histories: Iterable[History]) -> int:
    """Return how many of these cases are open with their maintainer, whoever reported them."""
    return sum(is_open(history) for history in histories)


def waiting(case: str, history: History, coordinators: Collection[str]) -> Waiting | None:
    """Return a case as it waits for the desk, or None where it does not.

    Args:
        case: its subject.
        history: what stands on it.
        coordinators: the parties whose signature lets a case pass the limit.
    """
    priority, report = history.last(Priority), history.record(Report)
    needed = history.record(Case) and history.record(PartyAdded)
    if not needed or not priority or not report or history.record(Notice, Shelved, NotABug, WontFix):
        return None
    reproduced, bypass = history.last(Reproduced), history.record(Bypass)
    return Waiting(
        case=case,
        order=priority.order,
        # A fix counts that our own replay has shown to hold, never one that a report names.
        fix_ready=reproduced is not None and bool(reproduced.replayed.fixed_source),
        since=report.at,
        exploited=priority.exploited is Known.YES,
        bypass=_signed(bypass, coordinators),
    )


def room(policy: Policy, histories: Iterable[History]) -> Room:
    """Return what a project takes now, from all its cases that were sent."""
    sent = list(histories)
    notices = [said.at for said in (history.record(Notice) for history in sent) if said]
    return Room(
        limit=policy.open_limit,
        pace_days=policy.pace_days,
        open=open_reports(sent),
        last_sent=max(notices, default=""),
    )


def pick(queue: Sequence[Waiting], room: Room, now: str) -> tuple[Pick, ...]:
    """Return what is sent at `now`, in its order.

    Where the project sets a pace, one report is sent and the next one only `pace_days` later. A bypass passes limit
    and pace; it is used only where one of them stands in the way.

    Raises:
        MomentError: where `now`, or the moment of the last notice, is not a moment.
    """
    opened, last = room.open, room.last_sent
    found: list[Pick] = []
    for each in sorted(queue, key=_urgency):
        paced = bool(room.pace_days and last) and now < later(last, room.pace_days * _DAY)
        fits = opened < room.limit and not paced
        if fits or (each.exploited and each.bypass):
            found.append(Pick(each.case, opened, "" if fits else each.bypass))
            opened, last = opened + 1, now
    return tuple(found)


def _signed(bypass: Said | None, coordinators: Collection[str]) -> str:
    """Return why a case may pass the limit, where it is a coordinator that says so."""
    if bypass is None or not isinstance(bypass.body, Bypass) or bypass.author not in coordinators:
        return ""
    return bypass.body.reason


def _urgency(each: Waiting) -> tuple[int, bool, str, str]:
    return each.order, not each.fix_ready, each.since, each.case
