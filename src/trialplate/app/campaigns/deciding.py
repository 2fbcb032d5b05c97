"""What the runs of a campaign say: the estimate by its rule, and the draft of it."""

from __future__ import annotations

import math
from typing import Final

from trialplate.app.campaigns.course import Course
from trialplate.app.campaigns.figures import decimal
from trialplate.app.campaigns.ledger import CampaignLedger
from trialplate.app.campaigns.planning import Planned
from trialplate.determination import answers, conclude, drafted
from trialplate.determination.drafting import Basis
from trialplate.measurement.decide import Conclusion
from trialplate.measurement.eprocess import GRID_HALF, GRID_STEP, evidence, horizon_of
from trialplate.measurement.table import ItemRow, horizon
from trialplate.records import (
    Answer,
    AssessmentDraft,
    Estimate,
    Evidence,
    Horizon,
    OrderDrawn,
    Outcome,
    Plan,
)

_HOUR_DIGITS: Final = 3
_NAT_DIGITS: Final = 4


def estimated(course: Course, planned: Planned) -> Estimate:
    """Return what the runs of a campaign say."""
    order, outcomes, twins = course.order, course.outcomes, course.twins
    solved = sum(outcome is Outcome.SOLVED for outcome in twins)
    concluded = conclude(order.rule, course.plan.shares, outcomes, twins_solved=solved)
    decision = concluded.decision
    counted = outcomes[: decision.runs]
    checked = crosscheck(planned, order, counted)
    return Estimate(
        outcome=concluded.outcome,
        reason=concluded.reason,
        runs=decision.runs,
        above=decision.above,
        below=decision.below,
        voids=sum(result.outcome.void for result in course.results),
        limits=concluded.limits,
        cheated=concluded.cheated,
        after=len(course.ended) - decision.runs,
        twins=len(twins),
        twins_solved=solved,
        horizon=hours(planned, order, counted),
        evidence=checked,
        escalate={concluded.outcome, checked.outcome} == {Answer.ABOVE, Answer.BELOW},
    )


def drafted_by(ledger: CampaignLedger, planned: Planned) -> AssessmentDraft:
    """Return the draft of a campaign whose estimate stands."""
    course = ledger.course
    return drafted(
        Basis(
            criteria=planned.criteria.criteria,
            subject=ledger.subject,
            plan=course.plan,
            plan_id=ledger.id_of(Plan),
            estimate=course.estimate,
            estimate_id=ledger.id_of(Estimate),
            earlier=ledger.earlier(),
        )
    )


def crosscheck(planned: Planned, order: OrderDrawn, outcomes: tuple[Outcome, ...]) -> Evidence:
    """Return what the testlet e-process says of the same answers."""
    if not outcomes:
        return Evidence(above="0", below="0", outcome=Answer.INCONCLUSIVE)
    found = evidence(ordered(planned, order), planned.design, answers(outcomes))
    return Evidence(
        above=decimal(found.above[-1], _NAT_DIGITS),
        below=decimal(found.below[-1], _NAT_DIGITS),
        outcome=_ANSWERS[found.conclusion],
    )


def hours(planned: Planned, order: OrderDrawn, outcomes: tuple[Outcome, ...]) -> Horizon:
    """Return the horizon after these outcomes; where nothing bounds it, the end of the scale that is looked at."""
    design = planned.design
    ends = [horizon(design.theta0 + side * GRID_STEP * GRID_HALF) for side in (-1, 1)]
    low, guess, high, bounded = ends[0], design.cut_hours, ends[1], False
    if outcomes:
        found = horizon_of(ordered(planned, order), design, answers(outcomes))
        low, guess = max(found.low, low), found.estimate
        bounded = math.isfinite(found.high)
        high = found.high if bounded else high
    return Horizon(
        estimate=decimal(guess, _HOUR_DIGITS),
        low=decimal(low, _HOUR_DIGITS),
        high=decimal(high, _HOUR_DIGITS),
        bounded=bounded,
    )


def ordered(planned: Planned, order: OrderDrawn) -> list[ItemRow]:
    """Return the rows of the items in their order, twins left out."""
    rows = {row.item: row for row in planned.table.measured()}
    return [rows[place.item] for place in order.places if not place.twin]


_ANSWERS: Final = {
    Conclusion.ABOVE: Answer.ABOVE,
    Conclusion.BELOW: Answer.BELOW,
    Conclusion.INCONCLUSIVE: Answer.INCONCLUSIVE,
}
