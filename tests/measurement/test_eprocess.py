"""Evidence beside the decision: right by brute force, valid by enumeration and by simulation."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from tests.measurement import naive
from tests.measurement.making import graded, items, spread
from trialplate.measurement import Answer, Design, ItemRow, RuleError
from trialplate.measurement.eprocess import (
    GRID_HALF,
    GRID_STEP,
    MIXTURE_SD,
    OMITTED,
    VARIANTS,
    FamilyNuisance,
    evidence,
    horizon_of,
    log_evidence,
    statistics,
)
from trialplate.measurement.model import levels_of, numbered
from trialplate.measurement.table import horizon

DESIGN = Design(cut_hours=1, n_max=36, linking=0.15, elicitation=0.1)
ROWS = items(spread(36))


def families(rows: list[ItemRow]) -> np.ndarray:
    """Return the families of rows as numbers."""
    return numbered([row.family for row in rows])


def by_hand(rows: list[ItemRow], xs: list[int], theta: float, variant: FamilyNuisance) -> float:
    """Return ln m_nu of answers, from the formula of the page; an answer of -1 is left out."""
    of_family = defaultdict[str, list[tuple[ItemRow, int]]](list)
    for row, x in zip(rows, xs, strict=True):
        if x >= 0:
            of_family[row.family].append((row, x))
    total = 0.0
    for asked in of_family.values():
        mean = 0.0
        for z, w in naive.RULE if variant.tau_f else [(0.0, 1.0)]:
            likely = w
            for row, x in asked:
                v = theta + variant.tau_f * z
                likely *= naive.law(naive.reach(row, v, variant.kappa, variant.tau_b, variant.eps))[x]
            mean += likely
        total += math.log(mean)
    return total


@pytest.mark.parametrize("variant", VARIANTS)
def test_likelihoods_are_those_of_the_formula(variant: FamilyNuisance) -> None:
    rows = [*items([0.5, -0.4, 0.1, 0.9], families=2), *graded([(-0.5, 0.1, 0.7)])]
    for xs in ([1, 0, 1, 1, 2], [0, 0, 0, 1, 3], [1, OMITTED, 0, 1, OMITTED]):
        found = log_evidence(levels_of(rows), families(rows), np.array([xs]), 0.3, variant)[0]
        expected = [by_hand(rows[:n], xs[:n], 0.3, variant) for n in range(1, 6)]
        assert found.tolist() == pytest.approx(expected, abs=1e-10)


def test_evidence_is_the_ratio_of_the_page() -> None:
    xs = [1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1]
    found = evidence(ROWS, DESIGN, [Answer.given(x) for x in xs])
    rows = ROWS[:12]
    for n in (1, 5, 12):
        for got, hope, null in (
            (found.above[n - 1], DESIGN.theta_plus, DESIGN.null_above),
            (found.below[n - 1], DESIGN.theta_minus, DESIGN.null_below),
        ):
            against = max(by_hand(rows[:n], xs[:n], null, variant) for variant in VARIANTS)
            assert got == pytest.approx(by_hand(rows[:n], xs[:n], hope, VARIANTS[0]) - against, abs=1e-9)
    assert len(found.above) == len(found.below) == 12


@pytest.mark.parametrize(
    "xs, conclusion", [([1] * 36, "ABOVE"), ([0] * 36, "BELOW"), ([0, 1] * 18, "INCONCLUSIVE"), ([1], "INCONCLUSIVE")]
)
def test_evidence_speaks_for_one_side(xs: list[int], conclusion: str) -> None:
    assert evidence(ROWS, DESIGN, [Answer.given(x) for x in xs]).conclusion == conclusion


def test_what_is_void_speaks_for_nobody() -> None:
    known = evidence(ROWS, DESIGN, [Answer.given(1)] * 8)
    void = evidence(ROWS, DESIGN, [*[Answer.given(1)] * 7, Answer(0, 1)])
    assert void.above[-1] < known.above[-1]
    assert void.below[-1] == known.below[-1]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_evidence_passes_its_level_no_more_often_than_it_says(variant: FamilyNuisance, alpha: float) -> None:
    rows = items([0.0, -0.5, 0.4, 0.1, -0.2, 0.8, -0.9, 0.3, 0.0, 0.2], families=4)
    levels, strings = levels_of(rows), np.array([*product((0, 1), repeat=10)])
    found = statistics(levels, families(rows), DESIGN, strings, strings)
    for sums, null in ((found.above, DESIGN.null_above), (found.below, DESIGN.null_below)):
        chances = np.exp(log_evidence(levels, families(rows), strings, null, variant)[:, -1])
        assert float(chances.sum()) == pytest.approx(1)
        assert float(chances[(sums >= math.log(1 / alpha)).any(axis=1)].sum()) <= alpha
        # A likelihood ratio is 1 on average; against the likeliest of several it is less.
        assert float(chances @ np.exp(sums[:, -1])) <= 1 + 1e-9


def test_the_confidence_sequence_ever_excludes_the_truth_no_more_often_than_it_says() -> None:
    rows, alpha = items(spread(9), families=4), 0.2
    levels, number, whole = levels_of(rows), families(rows), np.array([*product((0, 1), repeat=9)])
    # Any mixture will do; that of the package on every fourth ability is quicker.
    grid = GRID_STEP * np.arange(-GRID_HALF, GRID_HALF + 1, 4)
    prior = np.exp(-0.5 * (grid / MIXTURE_SD) ** 2)
    mixed = np.logaddexp.reduce(
        [
            math.log(weight) + log_evidence(levels, number, whole, float(theta), VARIANTS[0])
            for theta, weight in zip(grid, prior / prior.sum(), strict=True)
        ]
    )
    for theta in (-1.0, 0.0, 1.2):
        likelihoods = [log_evidence(levels, number, whole, theta, variant) for variant in VARIANTS]
        excluded = (mixed - np.max(likelihoods, axis=0) >= math.log(1 / alpha)).any(axis=1)
        for likelihood in likelihoods:
            assert float(np.exp(likelihood[:, -1])[excluded].sum()) <= alpha


def test_the_horizon_is_that_of_the_formula() -> None:
    xs = [1, 0, 1, 1, 0, 1, 0, 1]
    design = Design(cut_hours=2, n_max=8, alpha=0.2)
    rows = ROWS[:8]
    grid = [design.theta0 + GRID_STEP * n for n in range(-GRID_HALF, GRID_HALF + 1)]
    prior = [math.exp(-0.5 * ((theta - design.theta0) / MIXTURE_SD) ** 2) for theta in grid]
    curve = [math.exp(by_hand(rows, xs, theta, VARIANTS[0])) for theta in grid]
    joint = [weight * likely / sum(prior) for weight, likely in zip(prior, curve, strict=True)]
    kept = [
        theta
        for theta in grid
        if math.log(sum(joint)) - max(by_hand(rows, xs, theta, variant) for variant in VARIANTS) < math.log(5)
    ]
    found = horizon_of(ROWS, design, [Answer.given(x) for x in xs])
    mean = sum(weight * theta for weight, theta in zip(joint, grid, strict=True)) / sum(joint)
    assert found.runs == 8
    assert found.estimate == pytest.approx(horizon(mean))
    assert (found.low, found.high) == pytest.approx((horizon(kept[0]), horizon(kept[-1])))


def test_the_horizon_is_open_where_nothing_bounds_it() -> None:
    all_solved = horizon_of(ROWS, DESIGN, [Answer.given(1)] * 36)
    assert all_solved.high == math.inf
    assert 1 < all_solved.low < all_solved.estimate
    none_solved = horizon_of(ROWS, DESIGN, [Answer.given(0)] * 36)
    assert none_solved.low == 0
    assert none_solved.estimate < none_solved.high < 1


def test_what_is_void_widens_the_set() -> None:
    xs = [1, 0] * 12
    known = horizon_of(ROWS, DESIGN, [Answer.given(x) for x in xs])
    void = horizon_of(ROWS, DESIGN, [*(Answer.given(x) for x in xs), *[Answer(0, 1)] * 8])
    assert void.low < known.low
    assert void.high > known.high
    assert void.estimate == pytest.approx(known.estimate)
    assert void.runs == 32


def test_an_estimate_is_moved_into_the_set() -> None:
    found = horizon_of(ROWS, Design(cut_hours=1, n_max=36, alpha=0.49), [*[Answer.given(1)] * 4, *[Answer(1, 1)] * 2])
    assert found.low <= found.estimate <= found.high


def test_answers_that_were_all_but_ruled_out_have_a_likelihood() -> None:
    rows = items([0.0] * 30, slope=20.0, families=1)
    found = log_evidence(levels_of(rows), families(rows), np.zeros((1, 30), int), 9.0, VARIANTS[1])
    assert math.isfinite(float(found[0, -1]))
    assert float(found[0, -1]) < -1000


@pytest.mark.parametrize(
    "answers", [[], [Answer.given(0)] * 37, [Answer.given(2)], [Answer(0, 2)], [Answer(-1, 0)], [Answer(0, -1)]]
)
def test_answers_that_items_do_not_have_are_refused(answers: list[Answer]) -> None:
    for asked in (evidence, horizon_of):
        with pytest.raises(RuleError):
            asked(ROWS, DESIGN, answers)
