"""How often a rule errs, how long it takes and how often it says nothing, by simulation; and levels calibrated so.

On every draw of answers three methods decide side by side: rule L, the e-process of `eprocess`, and Wald's sequential
test of theta_minus against theta_plus, which believes the table and so shows what that belief would save and cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from trialplate.errors import TrialplateError
from trialplate.measurement.decide import Rule
from trialplate.measurement.design import SHARP, Design
from trialplate.measurement.ends import Ends, ends
from trialplate.measurement.eprocess import statistics
from trialplate.measurement.model import Levels, divergence, law, levels_of, reached
from trialplate.measurement.rule import make_rule
from trialplate.measurement.special import Floats, Ints, upper_bound
from trialplate.measurement.table import ItemRow
from trialplate.measurement.truth import CLUSTERED, Asked, Scenario, answers, asked

REPLICATES: Final = 20_000

_GRID: Final = 10**6
_LARGEST_STEP: Final = 0.95


class SimulationError(TrialplateError):
    """A simulation was asked for that can show nothing."""


class Method(StrEnum):
    """Who decides."""

    RULE = "L"
    EPROCESS = "e-process"
    SPRT = "SPRT"


@dataclass(frozen=True)
class Figures:
    """What a method did at one ability.

    Attributes:
        method: who decided.
        off: the ability, in units of delta from theta0.
        above: the share that ended ABOVE; below, inconclusive: likewise.
        mean_runs: how many runs it took on average; p90_runs: how many at most in nine of ten campaigns.
    """

    method: Method
    off: float
    above: float
    below: float
    inconclusive: float
    mean_runs: float
    p90_runs: int


@dataclass(frozen=True)
class Characteristics:
    """What came of a simulation.

    Attributes:
        scenario: its name.
        replicates: campaigns at each ability.
        bound: see `information_bound`.
        figures: one for each method and ability.
    """

    scenario: str
    replicates: int
    bound: float
    figures: tuple[Figures, ...]


def simulate(  # noqa: PLR0913 - what is tried, on what truth, how often
    rows: Sequence[ItemRow],
    design: Design,
    scenario: Scenario,
    replicates: int,
    rng: np.random.Generator,
    *,
    off: Sequence[float] = (-1.0, 1.0),
) -> Characteristics:
    """Return the operating characteristics of a design on an order of items.

    Args:
        rows: the order; a campaign uses its first `design.n_max` items.
        design: what the rule is made for.
        scenario: the truth.
        replicates: campaigns at each ability; above 0.
        rng: what all chance comes from.
        off: the abilities, in units of delta from theta0.

    Raises:
        RuleError: as `make_rule` does.
        SimulationError: for no replicates.
    """
    if replicates < 1:
        raise SimulationError("A simulation of no campaigns shows nothing.", "Ask for some thousands.")
    rule = make_rule(rows, design)
    items = asked(rows[: design.n_max])
    figures: list[Figures] = []
    for distance in off:
        given = answers(items, scenario, design.theta0 + distance * design.delta, replicates, rng)
        for method, ended in (
            (Method.RULE, rule_ends(rule, given)),
            (Method.EPROCESS, statistics(items.levels, items.families, design, given, given).ends(design)),
            (Method.SPRT, sprt_ends(items.levels, design, given)),
        ):
            figures.append(_figures(method, distance, ended))
    return Characteristics(scenario.name, replicates, information_bound(rows, design), tuple(figures))


def rule_ends(rule: Rule, given: Ints) -> Ends:
    """Return what `decide` says of many campaigns at once, of answers (campaigns, n_max) without void ones."""
    above, below = np.zeros(given.shape, np.int64), np.zeros(given.shape, np.int64)
    for index, place in enumerate(rule.places):
        above[:, index] = np.array(place.above)[given[:, index]]
        below[:, index] = np.array(place.below)[given[:, index]]
    looked = np.isin(np.arange(1, rule.n_max + 1), rule.looks)
    ups = np.cumsum(above, axis=1) >= np.array(rule.bound_above)
    downs = np.cumsum(below, axis=1) >= np.array(rule.bound_below)
    return ends(ups & looked, downs & looked)


def sprt_ends(levels: Levels, design: Design, given: Ints) -> Ends:
    """Return how Wald's test ends: the log likelihood ratio leaves (ln beta / (1 - alpha), ln (1 - beta) / alpha)."""
    plus, minus = (law(reached(levels, theta, SHARP)) for theta in (design.theta_plus, design.theta_minus))
    ratio = np.log(np.divide(plus, minus, out=np.ones_like(plus), where=minus > 0))
    total = np.cumsum(ratio[np.arange(len(levels.a)), given], axis=1)
    high, low = math.log((1 - design.beta) / design.alpha), math.log(design.beta / (1 - design.alpha))
    return ends(total >= high, total <= low)


def information_bound(rows: Sequence[ItemRow], design: Design) -> float:
    """Return the fewest runs that any test with these errors can need on average, however it picks items and stops.

    Wald's inequality asks that the answers tell, at theta_plus, (1 - beta) ln((1 - beta) / alpha) + beta ln(beta /
    (1 - alpha)) nats on average, and its mirror image at theta_minus. A test that never asks an item twice gets no more
    in n runs than the n items that tell the most, a concave function of n, whose value at the mean number of runs is at
    least the mean of its values (Jensen). The mean of both sides is returned, with the table taken as right; infinite
    where all items together tell too little.
    """
    levels = levels_of(rows)
    plus, minus = (law(reached(levels, theta, SHARP)) for theta in (design.theta_plus, design.theta_minus))
    at_plus = _runs_for(_nats(design.beta, design.alpha), divergence(plus, minus))
    at_minus = _runs_for(_nats(design.alpha, design.beta), divergence(minus, plus))
    return (at_plus + at_minus) / 2


@dataclass(frozen=True)
class Trial:
    """Levels that boundaries were made for, and how often the rule erred: share, and Clopper-Pearson upper bound."""

    alpha_cal: float
    beta_cal: float
    above_error: float
    above_at_most: float
    below_error: float
    below_at_most: float


@dataclass(frozen=True)
class Calibration:
    """The design to use, and every trial on the way to it; the last one is its own."""

    design: Design
    trials: tuple[Trial, ...]


def calibrated(
    rows: Sequence[ItemRow], design: Design, rng: np.random.Generator, *, replicates: int = REPLICATES
) -> Calibration:
    """Return the design with its levels lowered until its errors are inside alpha and beta where families repeat.

    The truth is the blunt corner of the declared set at `null_above` and at `null_below`, of whose noise .6 is an
    effect that a family's items share, with a profile of sd .4 over domains. An error is inside where its
    Clopper-Pearson upper bound is (95%, one-sided). Every trial draws anew, so that no lucky draw is carried on.

    Args:
        rows: the order.
        design: where the search begins.
        rng: what all chance comes from.
        replicates: campaigns a side.

    Raises:
        RuleError: as `make_rule` does.
        SimulationError: where even no error in so many replicates would leave the bound outside.
    """
    if upper_bound(0, replicates) > min(design.alpha, design.beta):
        raise SimulationError(f"{replicates} campaigns cannot show levels so low.", "Simulate more.")
    items = asked(rows[: design.n_max])
    trials: list[Trial] = []
    while True:
        trial = _trial(rows, items, design, rng, replicates)
        trials.append(trial)
        if trial.above_at_most <= design.alpha and trial.below_at_most <= design.beta:
            return Calibration(design, tuple(trials))
        design = replace(
            design,
            alpha_cal=_lowered(design.alpha_cal, design.alpha, trial.above_at_most),
            beta_cal=_lowered(design.beta_cal, design.beta, trial.below_at_most),
        )


def declared_corner(design: Design) -> Scenario:
    """Return the truth that levels are calibrated for: the blunt corner, with part of its noise shared by families."""
    blunt = design.nuisance.blunt
    alone = math.sqrt(max(0.0, blunt.s**2 - CLUSTERED.family_sd**2))
    return replace(CLUSTERED, name="declared corner", difficulty_sd=alone, broken=blunt.eps, slope=blunt.kappa)


def _trial(rows: Sequence[ItemRow], items: Asked, design: Design, rng: np.random.Generator, replicates: int) -> Trial:
    rule, corner = make_rule(rows, design), declared_corner(design)
    ups = rule_ends(rule, answers(items, corner, design.null_above, replicates, rng)).outcomes > 0
    downs = rule_ends(rule, answers(items, corner, design.null_below, replicates, rng)).outcomes < 0
    above, below = int(ups.sum()), int(downs.sum())
    return Trial(
        design.alpha_cal,
        design.beta_cal,
        above / replicates,
        upper_bound(above, replicates),
        below / replicates,
        upper_bound(below, replicates),
    )


def _lowered(made_for: float, level: float, error: float) -> float:
    """Return the next level to make a boundary for, in whole millionths where it has any."""
    if error <= level:
        return made_for
    lowered = made_for * min(_LARGEST_STEP, level / error)
    return math.floor(lowered * _GRID) / _GRID or lowered


def _figures(method: Method, off: float, ended: Ends) -> Figures:
    above, below = float(np.mean(ended.outcomes > 0)), float(np.mean(ended.outcomes < 0))
    undecided = float(np.mean(np.equal(ended.outcomes, 0)))
    in_order = np.sort(ended.runs)
    nine_of_ten = int(in_order[math.ceil(0.9 * len(in_order)) - 1])
    return Figures(method, off, above, below, undecided, float(np.mean(ended.runs)), nine_of_ten)


def _nats(miss: float, level: float) -> float:
    """Return the divergence of a coin that falls so with probability 1 - miss from one with probability level."""
    return (1 - miss) * math.log((1 - miss) / level) + miss * math.log(miss / (1 - level))


def _runs_for(need: float, told: Floats) -> float:
    """Return how many of the items that tell most tell `need` nats, counting the last one in part."""
    total: Floats = np.cumsum(np.concatenate([np.zeros(1), -np.sort(-told)]))
    return math.inf if total[-1] < need else float(np.interp(need, total, np.arange(len(total), dtype=np.float64)))
