"""Key figures of the clearinghouse; the one that leads counts duplicates that reached a maintainer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

import msgspec
from msgspec import Struct

from trialplate.clearinghouse.coordination.desk import is_open
from trialplate.clearinghouse.history import History
from trialplate.records import moment
from trialplate.records.case import (
    Accepted,
    Advisory,
    FixAccepted,
    NotABug,
    Notice,
    WontFix,
)
from trialplate.records.finding import DuplicateOf, Held, HeldReleased, Lapsed, Report, Reproduced

LEAST_CELL: Final = 5
"""Smaller counts are not told to outsiders: they could point to one finder or one project."""

_DAY: Final = 24 * 60 * 60


class KeyFigures(Struct, frozen=True, kw_only=True):
    """Counts of what stands, and medians in days; None is a count that is kept back, or a median of nothing.

    `duplicates_sent` counts notices of a root cause that another notice had told before. `finders_held` have a report
    that waits for a coordinator now.
    """

    duplicates_sent: int | None
    reports: int | None
    reproduced: int | None
    merged: int | None
    notices: int | None
    open: int | None
    published: int | None
    finders_held: int | None
    days_to_answer: float | None
    days_to_fix: float | None


def figures(histories: Iterable[History]) -> KeyFigures:
    """Return the figures of these reports and cases."""
    every = list(histories)
    answers = [_days(each, Accepted, NotABug, WontFix, FixAccepted) for each in every]
    fixes = [_days(each, FixAccepted) for each in every]
    return KeyFigures(
        duplicates_sent=sum(_was_told_twice(each) for each in every),
        reports=_count(every, Report),
        reproduced=_count(every, Reproduced),
        merged=_count(every, DuplicateOf),
        notices=_count(every, Notice),
        open=sum(is_open(each) for each in every),
        published=_count(every, Advisory),
        finders_held=len({finder for each in every if (finder := _held(each))}),
        days_to_answer=_median(answers),
        days_to_fix=_median(fixes),
    )


def publishable(found: KeyFigures) -> KeyFigures:
    """Return the figures as outsiders may be told them: counts of 1 to 4, and medians of as few, are kept back.

    The figure that leads is told whatever it is, for it counts mistakes of the clearinghouse alone.
    """
    counts = ("reports", "reproduced", "merged", "notices", "open", "published", "finders_held")
    kept = {name: count if (count := getattr(found, name)) >= LEAST_CELL or not count else None for name in counts}
    few = (found.notices or 0) < LEAST_CELL
    medians = {name: None if few else getattr(found, name) for name in ("days_to_answer", "days_to_fix")}
    return msgspec.structs.replace(found, **kept, **medians)


def _was_told_twice(history: History) -> bool:
    """Say whether a maintainer was told of a report that is a duplicate of another."""
    return history.record(Notice) is not None and history.record(DuplicateOf) is not None


def _held(history: History) -> str:
    report = history.last(Report)
    waits = history.record(Held) and not history.record(HeldReleased, Lapsed)
    return report.finder if report and waits else ""


def _count(histories: Sequence[History], kind: type[Struct]) -> int:
    return sum(history.record(kind) is not None for history in histories)


def _days(history: History, *kinds: type[Struct]) -> float | None:
    """Return the days from the notice to the first of these answers, or None where one of the two is not there."""
    notice = history.record(Notice)
    answer = next((said for said in history.standing if isinstance(said.body, kinds)), None)
    if notice is None or answer is None:
        return None
    return (moment(answer.at) - moment(notice.at)).total_seconds() / _DAY


def _median(days: Sequence[float | None]) -> float | None:
    known = [each for each in days if each is not None]
    return round(median(known), 1) if known else None
