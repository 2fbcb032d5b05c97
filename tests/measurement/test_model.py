"""The response curve, its quadrature, and the envelope over a box of nuisances."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta as beta_law

from tests.measurement import naive
from tests.measurement.making import graded, items, tables
from trialplate.measurement import LARGE, STANDARD, SUPPORTED, Design, ItemRow, Nuisance, NuisanceSet
from trialplate.measurement.design import SHARP
from trialplate.measurement.envelope import envelope
from trialplate.measurement.model import divergence, law, levels_of, numbered, reached
from trialplate.measurement.special import NODES, WEIGHTS, sigmoid, upper_bound


def test_quadrature_has_the_moments_of_the_standard_normal() -> None:
    assert len(NODES) == len(WEIGHTS) == 21
    for power, moment in ((0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)):
        assert float(WEIGHTS @ NODES**power) == pytest.approx(moment, abs=1e-9)


def test_nodes_are_those_found_without_a_library() -> None:
    assert np.allclose(sorted(naive.RULE), sorted(zip(NODES, WEIGHTS, strict=True)), atol=1e-12)


@pytest.mark.parametrize("theta, slope, s", [(0.0, 1.4, 0.75), (2.0, 2.1, 1.0), (-1.5, 0.9, 0.3), (0.4, 2.7, 0.75)])
def test_noise_is_integrated_out(theta: float, slope: float, s: float) -> None:
    def noisy(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / (1 + math.exp(-slope * (theta - 0.5 - s * z)))

    exact = quad(noisy, -10, 10)[0]
    levels = levels_of([ItemRow("i", "f", "d", 60, 0.5, slope)])
    assert reached(levels, theta, Nuisance(1.0, s, 0.0))[0, 0] == pytest.approx(exact, abs=2e-5)
    assert reached(levels, theta, Nuisance(1.0, s, 0.1))[0, 0] == pytest.approx(0.05 + 0.9 * exact, abs=2e-5)


def test_curves_of_many_items_and_abilities_are_those_of_each() -> None:
    rows = [*items([-1.0, 0.3]), *graded([(-1.0, 0.0, 0.5)])]
    thetas, nuisance = np.array([[-1.0, 0.0], [1.0, 2.0]]), Nuisance(0.8, 0.5, 0.04)
    whole = reached(levels_of(rows), thetas, nuisance)
    assert whole.shape == (2, 2, 3, 3)
    for place in product(range(2), range(2)):
        assert np.array_equal(whole[place], reached(levels_of(rows), float(thetas[place]), nuisance))
    for n, row in enumerate(rows):
        expected = naive.reach(row, float(thetas[0, 1]), 0.8, 0.5, 0.04)
        assert np.allclose(whole[0, 1, n, : row.steps], expected, atol=1e-14)
        assert not whole[0, 1, n, row.steps :].any()


@given(rows=tables(steps=4), theta=st.floats(-4, 4))
def test_answers_have_a_law(rows: list[ItemRow], theta: float) -> None:
    laws = law(reached(levels_of(rows), theta, Nuisance(0.75, 0.75, 0.05)))
    assert np.allclose(laws.sum(axis=-1), 1)
    assert (laws >= 0).all()
    for n, row in enumerate(rows):
        assert (laws[n, : row.steps + 1] > 0).all()
        assert not laws[n, row.steps + 1 :].any()


def test_divergence_is_that_of_coins() -> None:
    a, b = np.array([[0.3, 0.7], [1.0, 0.0]]), np.array([[0.5, 0.5], [0.5, 0.5]])
    expected = [0.3 * math.log(0.6) + 0.7 * math.log(1.4), math.log(2)]
    assert divergence(a, b).tolist() == pytest.approx(expected)
    assert not divergence(b, b).any()


def test_a_sigmoid_of_nothing_is_zero() -> None:
    assert sigmoid(np.array([-math.inf, 0.0, math.inf])).tolist() == [0, 0.5, 1]


def test_names_get_numbers() -> None:
    assert numbered(["b", "a", "b", "c"]).tolist() == [1, 0, 1, 2]


@pytest.mark.parametrize("nuisance", [STANDARD, SUPPORTED, LARGE], ids=lambda each: each.name)
def test_two_corners_bound_every_nuisance_of_the_box(nuisance: NuisanceSet) -> None:
    design = Design(cut_hours=1, n_max=1, nuisance=nuisance, linking=0.1, elicitation=0.1)
    box = design.nuisance
    levels = levels_of(
        [ItemRow(f"{b}/{a}", "f", "d", 60, b, a) for b in np.linspace(-2, 2, 41) for a in (0.9, 1.4, 2.1)]
    )
    bounds = envelope(levels, design)
    inside = product(*(np.linspace(low, high, 7) for low, high in (box.kappa, box.s, box.eps)))
    touched_high, touched_low = np.zeros(bounds.high.shape, bool), np.zeros(bounds.low.shape, bool)
    for kappa, s, eps in inside:
        point = Nuisance(float(kappa), float(s), float(eps))
        high, low = reached(levels, design.null_above, point), reached(levels, design.null_below, point)
        # The curves themselves obey the bound exactly; quadrature of 21 nodes may miss by its own error.
        assert (high <= bounds.high + 1e-6).all()
        assert (low >= bounds.low - 1e-6).all()
        touched_high |= high == bounds.high
        touched_low |= low == bounds.low
    assert touched_high.all()
    assert touched_low.all()


def test_an_envelope_is_not_that_of_the_table() -> None:
    levels = levels_of(items([-0.8, 0.8]))
    design = Design(cut_hours=1, n_max=2)
    bounds = envelope(levels, design)
    assert (bounds.high > reached(levels, design.theta_minus, SHARP)).all()
    assert (bounds.low < reached(levels, design.theta_plus, SHARP)).all()


@pytest.mark.parametrize("errors, trials", [(0, 100), (3, 100), (1000, 20_000), (99, 100)])
def test_an_upper_bound_is_the_quantile_of_the_beta_law(errors: int, trials: int) -> None:
    assert upper_bound(errors, trials) == pytest.approx(beta_law.ppf(0.95, errors + 1, trials - errors))
    assert upper_bound(errors, trials, 0.01) > upper_bound(errors, trials)


def test_nothing_is_known_where_everything_went_wrong() -> None:
    assert upper_bound(5, 5) == 1
