"""How a rule is made from an order of items and a design: envelope, integer scores, two boundaries.

The two sides are made apart, each to hold its own level whatever the other does. A rule of integers is all that is
committed; the floating point that led to it need not come out the same on another machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from trialplate.measurement.boundary import Side, boundary, reversed_answers, side_of
from trialplate.measurement.decide import Place, Rule, RuleError
from trialplate.measurement.design import SHARP, Design
from trialplate.measurement.envelope import envelope
from trialplate.measurement.model import Levels, law, levels_of, reached
from trialplate.measurement.table import ItemRow

__all__ = ["Rule", "RuleError", "Sides", "make_rule", "sides"]


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides of a rule; that of BELOW counts answers from the highest one down."""

    above: Side
    below: Side


def sides(levels: Levels, design: Design) -> Sides:
    """Return what both sides test: theta_plus against `high` of the envelope, and theta_minus against `low`."""
    bounds = envelope(levels, design)
    hope_above = law(reached(levels, design.theta_plus, SHARP))
    hope_below = law(reached(levels, design.theta_minus, SHARP))
    steps = levels.steps
    return Sides(
        side_of(hope_above, law(bounds.high), steps),
        side_of(reversed_answers(hope_below, steps), reversed_answers(law(bounds.low), steps), steps),
    )


def make_rule(rows: Sequence[ItemRow], design: Design) -> Rule:
    """Return the rule of a design for the first `design.n_max` items of an order.

    Raises:
        RuleError: where the order is shorter than that, or names an item twice.
    """
    if len(rows) < design.n_max:
        raise RuleError(f"An order of {len(rows)} items is too short for {design.n_max} runs.", "Lower n_max.")
    used = rows[: design.n_max]
    if len({row.item for row in used}) < len(used):
        raise RuleError("An order names an item twice.", "Draw it from a table of distinct items.")
    levels = levels_of(used)
    both = sides(levels, design)
    bound_above, level_above = boundary(both.above, design.alpha_cal, design.cost, design.looks)
    bound_below, level_below = boundary(both.below, design.beta_cal, design.cost, design.looks)
    return Rule(
        tuple(_place(both, place) for place in range(len(used))),
        bound_above,
        bound_below,
        design.looks,
        _decimal(level_above),
        _decimal(level_below),
    )


def _place(both: Sides, place: int) -> Place:
    answers = slice(0, int(both.above.steps[place]) + 1)
    above, below = both.above.scores[place, answers].tolist(), both.below.scores[place, answers].tolist()
    return Place(tuple(above), tuple(reversed(below)))


def _decimal(level: float) -> str:
    """Return a level rounded up to nine digits, so that what is published is never too low."""
    return format(Decimal(level).quantize(Decimal("1e-9"), ROUND_CEILING), "f")
