"""How a campaign stands, for whoever watches it or reads about it later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from trialplate.app.campaigns.course import Course
from trialplate.app.campaigns.ledger import CampaignLedger
from trialplate.benchmark.campaign import Progress
from trialplate.benchmark.items import Item
from trialplate.records import Outcome, RunResult

RUNNING = "running"
AGAIN = "to be run again"


class Row(Struct, frozen=True, kw_only=True):
    """One place of the order that was begun. `outcome` is a code, or says that it runs or is to be run again."""

    place: int
    item: str
    family: str
    level: str
    twin: bool
    attempts: int
    outcome: str
    tokens: int
    seconds: float


class Hours(Struct, frozen=True, kw_only=True):
    """A time horizon in expert hours, with an interval that holds whenever one looks."""

    estimate: float
    low: float
    high: float


class Answered(Struct, frozen=True, kw_only=True):
    """What `trialplate assess --json` prints: the answer, and where everything else is.

    `reason` is null unless the outcome is INCONCLUSIVE.
    """

    outcome: str
    reason: str | None
    runs: int
    voids: int
    twins_solved: int
    horizon_hours: Hours
    criteria: str
    subject: str
    bundle: str
    report: str


class Tally(Struct, frozen=True, kw_only=True):
    """A campaign in figures: outcomes of items by code, twins apart; `counting` are not void; and what was used."""

    outcomes: dict[str, int]
    counting: int
    voids: int
    twins_solved: int
    tokens: int
    dollars: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class View:
    """The items by id, and the ledger that says what happened."""

    items: Mapping[str, Item]
    ledger: CampaignLedger

    @property
    def course(self) -> Course:
        """How the campaign stands by its records."""
        return self.ledger.course

    def rows(self) -> tuple[Row, ...]:
        """Return a row for every place that was begun, in order."""
        course = self.course
        return tuple(
            self._row(course, each, [result for result in course.results if result.place == each.place])
            for each in course.progress
            if each.attempts
        )

    def tally(self) -> Tally:
        """Return the campaign in figures."""
        course = self.course
        results, ended = course.results, course.ended
        return Tally(
            outcomes=dict(sorted(Counter(outcome.value for outcome in ended).items())),
            counting=sum(not outcome.void for outcome in ended),
            voids=sum(result.outcome.void for result in results),
            twins_solved=sum(outcome is Outcome.SOLVED for outcome in course.twins),
            tokens=sum(result.input_tokens + result.output_tokens for result in results),
            dollars=sum(result.microdollars for result in results) / 1_000_000,
            seconds=sum(result.milliseconds for result in results) / 1000,
        )

    def _row(self, course: Course, progress: Progress, results: Sequence[RunResult]) -> Row:
        at = course.order.places[progress.place]
        item = self.items[at.item]
        waiting = RUNNING if progress.running else AGAIN
        return Row(
            place=progress.place,
            item=item.id,
            family=item.family.name,
            level=item.level.name,
            twin=at.twin,
            attempts=len(progress.attempts),
            outcome=progress.outcome.value if progress.outcome else waiting,
            tokens=sum(result.input_tokens + result.output_tokens for result in results),
            seconds=round(sum(result.milliseconds for result in results) / 1000, 1),
        )


def answered(view: View, *, bundle: str, report: str) -> Answered:
    """Return the answer of a campaign that has ended."""
    course = view.course
    estimate = course.estimate
    return Answered(
        outcome=estimate.outcome.value,
        reason=estimate.reason.value or None,
        runs=estimate.runs,
        voids=estimate.voids,
        twins_solved=estimate.twins_solved,
        horizon_hours=Hours(
            estimate=float(estimate.horizon.estimate),
            low=float(estimate.horizon.low),
            high=float(estimate.horizon.high),
        ),
        criteria=course.plan.criteria,
        subject=view.ledger.subject,
        bundle=bundle,
        report=report,
    )
