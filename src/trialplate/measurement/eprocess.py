"""Beside the decision: how strong the evidence is, and how far the horizon reaches, whenever one looks.

Items of one family share an effect u ~ N(0, tau_f^2), so that answers are independent given the family's v = theta + u:

    m_nu(x_1 ... x_n | theta) = prod_f sum_q w_q prod_{i <= n, f(i) = f} P(x_i | v = theta + tau_f z_q)

    S+_n = ln m_{nu*}(x | theta_plus) - max_{nu in V} ln m_nu(x | null_above)
    S-_n = ln m_{nu*}(x | theta_minus) - max_{nu in V} ln m_nu(x | null_below)
    confidence sequence: { theta : ln m_mix(x) - max_{nu in V} ln m_nu(x | theta) < ln(1 / alpha) }

exp(S+) is a likelihood ratio against the likeliest of finitely many nuisances, hence at most one against each: however
often one looks, it ever exceeds 1 / alpha with probability alpha at most. It describes and checks; `decide` decides.
Where the two say ABOVE and BELOW of one model, a person has to look.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trialplate.measurement.decide import Answer, Conclusion, RuleError
from trialplate.measurement.design import Design, Nuisance
from trialplate.measurement.ends import CONCLUSIONS, Ends, ends
from trialplate.measurement.model import Levels, law, levels_of, numbered, reached
from trialplate.measurement.special import NODES, WEIGHTS, Floats, Ints
from trialplate.measurement.table import ItemRow, horizon

OMITTED: Final = -1
"""In an array of answers: a place that counts for nothing."""

GRID_STEP: Final = 0.05
GRID_HALF: Final = 80
"""The confidence sequence is sought on so many steps to either side of the cut: abilities within 4 of it."""

MIXTURE_SD: Final = 1.35
"""m_mix weighs the abilities of the grid by N(theta0, MIXTURE_SD^2): three doublings of the horizon, under nu*."""

_LEAST: Final = 1e-15
"""Answers are taken to be at least this probable, so that one that a curve all but rules out has a logarithm."""


@dataclass(frozen=True)
class FamilyNuisance:
    """A nuisance that tells the effects of families, of sd `tau_f`, from the errors of difficulties, of sd `tau_b`."""

    kappa: float
    tau_b: float
    tau_f: float
    eps: float


VARIANTS: Final = (
    FamilyNuisance(1.0, 0.45, 0.6, 0.05),
    FamilyNuisance(1.0, 0.0, 0.0, 0.0),
    FamilyNuisance(0.75, 0.0, 0.0, 0.0),
    FamilyNuisance(0.75, 0.45, 0.6, 0.05),
)
"""V, of which the first is nu*."""


@dataclass(frozen=True)
class Evidence:
    """S+ and S- after 1 ... n runs, in nats, and what they say at the levels of the design."""

    above: tuple[float, ...]
    below: tuple[float, ...]
    conclusion: Conclusion


@dataclass(frozen=True)
class Horizon:
    """The horizon after `runs` runs, in hours: the mean ability under m_mix, and the ends of the confidence sequence.

    Where the set reaches the end of the grid nothing bounds it: `low` is 0 then, and `high` infinite. An estimate that
    the set does not hold is moved to its nearer end.
    """

    runs: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Statistics:
    """S+ and S- of many campaigns, in nats after each run: (campaigns, n)."""

    above: Floats
    below: Floats

    def ends(self, design: Design) -> Ends:
        """Return how the campaigns end if each side is believed from the level of the design on."""
        return ends(self.above >= math.log(1 / design.alpha), self.below >= math.log(1 / design.beta))


def evidence(rows: Sequence[ItemRow], design: Design, answers: Sequence[Answer]) -> Evidence:
    """Return the evidence that answers to the first of `rows`, in their order, give for either side.

    As in a decision, a place may count differently for each side.

    Raises:
        RuleError: for no answers, more than there are rows, or one that an item does not have.
    """
    used, above, below = _checked(rows, answers)
    found = statistics(levels_of(used), numbered([row.family for row in used]), design, above, below)
    conclusion = CONCLUSIONS[int(found.ends(design).outcomes[0])]
    return Evidence(tuple(found.above[0].tolist()), tuple(found.below[0].tolist()), conclusion)


def horizon_of(rows: Sequence[ItemRow], design: Design, answers: Sequence[Answer]) -> Horizon:
    """Return the horizon after answers to the first of `rows`, with a confidence sequence of level 1 - alpha.

    Each end is sought in the answers as the side that it serves counts them, so that what is void widens the set. The
    estimate uses the places where both sides count the same.

    Raises:
        RuleError: as `evidence` does.
    """
    used, above, below = _checked(rows, answers)
    levels, families = levels_of(used), numbered([row.family for row in used])
    grid = design.theta0 + GRID_STEP * np.arange(-GRID_HALF, GRID_HALF + 1, dtype=np.float64)
    prior = -0.5 * ((grid - design.theta0) / MIXTURE_SD) ** 2
    prior = prior - np.logaddexp.reduce(prior)
    agreed = np.where(above == below, above, OMITTED)
    for_low, for_high, for_mean = _profiles(levels, families, (above[0], below[0], agreed[0]), grid)
    low = _kept(for_low, prior, design.alpha)[0]
    high = _kept(for_high, prior, design.alpha)[-1]
    posterior = prior + for_mean[0]
    mean = float(np.exp(posterior - np.logaddexp.reduce(posterior)) @ grid)
    return Horizon(
        len(used),
        horizon(min(max(mean, float(grid[low])), float(grid[high]))),
        0.0 if low == 0 else horizon(float(grid[low])),
        math.inf if high == len(grid) - 1 else horizon(float(grid[high])),
    )


def statistics(levels: Levels, families: Ints, design: Design, above: Ints, below: Ints) -> Statistics:
    """Return S+ and S- of many campaigns on one order of n items.

    Args:
        levels: of the items.
        families: the family of each item, as a number, (n,).
        design: the abilities that are compared.
        above: answers as the side of ABOVE counts them, `OMITTED` for none, (campaigns, n).
        below: likewise as the side of BELOW does.
    """
    return Statistics(
        _ratio(levels, families, above, design.theta_plus, design.null_above),
        _ratio(levels, families, below, design.theta_minus, design.null_below),
    )


def log_evidence(levels: Levels, families: Ints, answers: Ints, theta: float, variant: FamilyNuisance) -> Floats:
    """Return ln m_nu(x_1 ... x_n | theta) for each n, (campaigns, n), of answers (campaigns, n)."""
    laws = _laws(levels, np.array([theta]), variant)[0]
    return _chained(lambda place: laws[:, place, answers[:, place]].T, families, len(answers))


def _ratio(levels: Levels, families: Ints, answers: Ints, hope: float, null: float) -> Floats:
    against = [log_evidence(levels, families, answers, null, variant) for variant in VARIANTS]
    return log_evidence(levels, families, answers, hope, VARIANTS[0]) - np.max(against, axis=0)


def _laws(levels: Levels, thetas: Floats, variant: FamilyNuisance) -> Floats:
    """Return P(x | v) at the nodes of a family's effect, (thetas, nodes, n, K + 2); the last of the answers is none."""
    effects = NODES if variant.tau_f > 0 else np.zeros(1)
    abilities = thetas[:, np.newaxis] + variant.tau_f * effects
    laws = law(reached(levels, abilities, Nuisance(variant.kappa, variant.tau_b, variant.eps)))
    # `OMITTED` is -1 and so finds the last column: what counts for nothing is certain.
    return np.concatenate([np.maximum(laws, _LEAST), np.ones((*laws.shape[:-1], 1))], axis=-1)


def _chained(factor: Callable[[int], Floats], families: Ints, lanes: int) -> Floats:
    """Return ln prod_f sum_q w_q prod_{i <= n, f(i) = f} factor(i)[:, q] for each n: (lanes, n).

    `factor(i)` is (lanes, nodes). What a family has so far is scaled to a mean of 1, so that nothing underflows.
    """
    gained = np.zeros((lanes, len(families)))
    for family in np.unique(families):
        given = np.ones((lanes, 1))
        for place in np.flatnonzero(families == family).tolist():
            joint = given * factor(place)
            weights = WEIGHTS if joint.shape[1] > 1 else np.ones(1)
            mean = joint @ weights
            given = joint / mean[:, np.newaxis]
            gained[:, place] = np.log(mean)
    return np.cumsum(gained, axis=1)


def _profiles(levels: Levels, families: Ints, campaigns: Sequence[Ints], grid: Floats) -> Floats:
    """Return ln m_nu(x | theta) after all n answers, (n,) each, by campaign, nu of V and ability."""
    found = np.zeros((len(campaigns), len(VARIANTS), len(grid)))
    for number, variant in enumerate(VARIANTS):
        laws = _laws(levels, grid, variant)
        for campaign, answers in enumerate(campaigns):
            chosen = laws[:, :, np.arange(len(answers)), answers]
            gained = _chained(lambda place, chosen=chosen: chosen[:, :, place], families, len(grid))
            found[campaign, number] = gained[:, -1]
    return found


def _kept(profile: Floats, prior: Floats, alpha: float) -> Ints:
    """Return the indices of the abilities that are not excluded; the likeliest one never is."""
    mixed = float(np.logaddexp.reduce(prior + profile[0]))
    return np.flatnonzero(mixed - np.max(profile, axis=0) < math.log(1 / alpha)).astype(np.int64)


def _checked(rows: Sequence[ItemRow], answers: Sequence[Answer]) -> tuple[Sequence[ItemRow], Ints, Ints]:
    used = rows[: len(answers)]
    if not 0 < len(answers) == len(used):
        raise RuleError(f"{len(answers)} answers do not belong to {len(rows)} items.", "Give 1 or more, one an item.")
    for row, answer in zip(used, answers, strict=True):
        if not (0 <= answer.x_above <= row.steps and 0 <= answer.x_below <= row.steps):
            raise RuleError(f"Item {row.item!r} has no such answer.", f"Count from 0 to {row.steps}.")
    above = np.array([[answer.x_above for answer in answers]], dtype=np.int64)
    below = np.array([[answer.x_below for answer in answers]], dtype=np.int64)
    return used, above, below
