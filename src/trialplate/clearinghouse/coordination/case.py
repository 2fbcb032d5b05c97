"""A case as people look at it: where it stands, who is awaited until when, and who is thanked. Pure.

States carry the names of CERT/CC's Vultron protocol: of report management, of the embargo, and the six letters of the
case, each a capital once it is known to be so: vendor aware, fix ready, fix deployed, public aware, exploit public,
attacks observed. Nobody here sees whether a fix is deployed or an exploit is public, so `d` and `x` stay small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec import Struct

from trialplate.clearinghouse.coordination.threads import Line, thread_of
from trialplate.clearinghouse.history import History
from trialplate.records.case import (
    Accepted,
    Advisory,
    Case,
    Closed,
    Credit,
    Embargo,
    EmbargoEnded,
    FixAccepted,
    Known,
    NoAnswer,
    NoContact,
    NotABug,
    Notice,
    PartyAdded,
    PatchOffered,
    PatchPassed,
    PatchRefused,
    Priority,
    Shelved,
    WontFix,
)
from trialplate.records.finding import (
    Basis,
    Candidates,
    Declined,
    DuplicateOf,
    Held,
    HeldReleased,
    Lapsed,
    NotReproduced,
    Report,
    Reproduced,
)

ASKED: Final = {
    "finding.released/1": "whether the report is tried",
    "finding.distinct/1": "whether it is one of the cases that it is like",
    "case.closed/1": "whom to tell, or that it ends",
    "case.notice/1": "room for one more report",
    "case.accepted/1": "an answer: accepted, no bug, or will not be fixed",
    "case.patch/1": "a patch to be tried",
    "case.fix_accepted/1": "word that a fix is there",
}
"""What is waited for, by what is recorded when it comes."""

SILENCE: Final = {
    "finding.lapsed/1": "the report is not tried",
    "finding.unruled/1": "it becomes a case of its own",
    "case.shelved/1": "it is shelved: nobody is told, and nothing is published",
    "case.no_answer/1": "a coordinator is asked; it is no consent",
    "case.no_patch/1": "no patch is tried",
    "case.embargo_ended/1": "users are told without an accepted fix",
}
"""What it means where nobody says anything in time, by what is then recorded."""


class ReportState(StrEnum):
    """Where a report stands (Vultron's report management)."""

    RECEIVED = "RECEIVED"
    INVALID = "INVALID"
    VALID = "VALID"
    DEFERRED = "DEFERRED"
    ACCEPTED = "ACCEPTED"
    CLOSED = "CLOSED"


class EmbargoState(StrEnum):
    """Where an embargo stands (Vultron's embargo management).

    An extension holds from the moment that it is recorded, so that no embargo is ever in revision.
    """

    NONE = "NONE"
    ACTIVE = "ACTIVE"
    EXITED = "EXITED"


class Waited(Struct, frozen=True, kw_only=True):
    """Something that is waited for: a kind of record, in words, from whom, until when, and what silence then means."""

    what: str
    asked: str
    by: str
    until: str
    silence: str


class CaseView(Struct, frozen=True, kw_only=True):
    """A report, or the case that it opened, as a coordinator sees it; what is not there yet is empty."""

    subject: str
    title: str
    project: str
    report: ReportState
    embargo: EmbargoState
    letters: str
    stage: str
    case: str
    order: int | None
    exploited: Known
    outcomes: tuple[str, ...]
    embargo_until: str
    zone: str
    reports: int
    credits: tuple[Credit, ...]
    parties: tuple[str, ...]
    waiting: tuple[Waited, ...]
    thread: tuple[Line, ...]


@dataclass(frozen=True)
class Merged:
    """A report with what stands on it; of a case, its own and those of its duplicates."""

    subject: str
    history: History


def view(
    subject: str, history: History, duplicates: Sequence[Merged], waits: Sequence[Waited], *, now: str
) -> CaseView:
    """Return a case, or a report that opened none, as it stands at `now`.

    Args:
        subject: its id.
        history: what stands on it.
        duplicates: the reports that were merged into it.
        waits: what is waited for.
        now: the moment of the question.
    """
    report, case, priority = history.last(Report), history.last(Case), history.last(Priority)
    embargo, duplicate = history.last(Embargo), history.last(DuplicateOf)
    merged = (Merged(subject, history), *duplicates)
    return CaseView(
        subject=subject,
        title=case.title if case else report.title if report else "",
        project=case.project if case else "",
        report=report_state(history),
        embargo=embargo_state(history, now),
        letters=letters(history),
        stage=stage(history),
        case=duplicate.of if duplicate else subject if case else "",
        order=priority.order if priority else None,
        exploited=priority.exploited if priority else Known.UNKNOWN,
        outcomes=tuple(f"{each.table}: {' or '.join(each.outcomes)}" for each in priority.tables) if priority else (),
        embargo_until=embargo.ends_at if embargo else "",
        zone=embargo.zone if embargo else "",
        reports=len(merged),
        credits=credits_of(merged),
        parties=tuple(said.body.party for said in history.standing if isinstance(said.body, PartyAdded)),
        waiting=tuple(waits),
        thread=thread_of(history),
    )


def report_state(history: History) -> ReportState:
    """Return where a report stands."""
    stands = history.record
    if stands(Advisory, NotABug, Declined, Lapsed, DuplicateOf, Closed):
        return ReportState.CLOSED
    if stands(WontFix, Shelved):
        return ReportState.DEFERRED
    if stands(Accepted, FixAccepted):
        return ReportState.ACCEPTED
    if stands(NotReproduced):
        return ReportState.INVALID
    return ReportState.VALID if stands(Reproduced) else ReportState.RECEIVED


def embargo_state(history: History, now: str) -> EmbargoState:
    """Return where the embargo stands at `now`."""
    embargo = history.last(Embargo)
    if embargo is None:
        return EmbargoState.NONE
    over = history.record(FixAccepted, EmbargoEnded, NotABug, Advisory) is not None or embargo.ends_at <= now
    return EmbargoState.EXITED if over else EmbargoState.ACTIVE


def letters(history: History) -> str:
    """Return the six letters of the case's state."""
    priority = history.last(Priority)
    known = (
        ("v", history.record(Notice) is not None),
        ("f", history.record(Notice) is not None and history.record(PatchPassed, FixAccepted) is not None),
        ("d", False),
        ("p", history.record(Advisory) is not None),
        ("x", False),
        ("a", priority is not None and priority.exploited is Known.YES),
    )
    return "".join(letter.upper() if so else letter for letter, so in known)


_STAGES: Final[tuple[tuple[type[Struct], str], ...]] = (
    (DuplicateOf, "duplicate"),
    (Advisory, "published"),
    (NotABug, "not a bug"),
    (Closed, "closed"),
    (FixAccepted, "fix accepted"),
    (EmbargoEnded, "embargo ended"),
    (WontFix, "won't be fixed"),
    (PatchPassed, "patch passed"),
    (PatchRefused, "patch refused"),
    (PatchOffered, "patch offered"),
    (Accepted, "accepted"),
    (NoAnswer, "no answer"),
    (Notice, "sent"),
    (Shelved, "shelved"),
    (NoContact, "no contact"),
    (Priority, "ranked"),
    (Case, "case"),
    (Candidates, "candidates"),
    (Reproduced, "reproduced"),
    (NotReproduced, "not reproduced"),
    (Declined, "declined"),
    (Lapsed, "lapsed"),
    (HeldReleased, "released"),
    (Held, "held"),
)
"""What of a history says most of where it stands, the latest stage first."""


def stage(history: History) -> str:
    """Return in a word or two how far a report has come."""
    return next((name for kind, name in _STAGES if history.record(kind)), "received")


def credits_of(merged: Iterable[Merged]) -> tuple[Credit, ...]:
    """Return the finders of a case in the order in which they are thanked, each once, by the earliest claim."""
    reports = (each.history.last(Report) for each in in_order(merged))
    finders = dict.fromkeys(report.finder for report in reports if report)
    return tuple(Credit(name=finder, role="finder") for finder in finders)


def in_order(merged: Iterable[Merged]) -> tuple[Merged, ...]:
    """Return reports in the order of their claims.

    Of two claims at one moment, one that a commitment proves comes first, then one that a claim on the target backs.
    """
    return tuple(sorted(merged, key=_claim))


def _claim(each: Merged) -> tuple[str, int, str]:
    report = each.history.last(Report)
    return (report.claimed_at, _BASES.index(report.basis), each.subject) if report else ("", 0, each.subject)


_BASES: Final = (Basis.COMMITMENT, Basis.CLAIM, Basis.RECEIPT)
