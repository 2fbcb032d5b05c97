"""What is declared: tables and designs, and what no rule can be made from."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from trialplate.measurement import (
    LARGE,
    STANDARD,
    SUPPORTED,
    Design,
    DesignError,
    ItemRow,
    Nuisance,
    NuisanceSet,
    TableError,
    design_row,
)
from trialplate.measurement.table import MOST_MILESTONES, ability, horizon

DESIGN = Design(cut_hours=8, n_max=36)


def test_a_design_row_lies_on_the_line_of_expert_time() -> None:
    row = design_row("i", "f", "d", 120)
    assert row == ItemRow("i", "f", "d", 120, 0.45, 1.4)
    assert design_row("i", "f", "d", 60).b == 0
    assert design_row("i", "f", "d", 15).b == pytest.approx(-0.9)


def test_the_horizon_of_an_ability_is_what_it_half_solves() -> None:
    for hours in (0.1, 1, 8, 700):
        assert horizon(ability(hours)) == pytest.approx(hours)
        assert ability(2 * hours) == pytest.approx(ability(hours) + 0.45)


def test_milestones_end_in_the_difficulty() -> None:
    row = ItemRow("i", "f", "d", 60, 0.5, 1.4, (-1.0, 0.0))
    assert (row.steps, row.difficulties) == (3, (-1.0, 0.0, 0.5))
    assert design_row("i", "f", "d", 60).difficulties == (0.0,)


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 0},
        {"a": 0.0},
        {"a": math.inf},
        {"b": math.nan},
        {"before": (0.5,)},
        {"before": (0.2, 0.1)},
        {"before": (-math.inf,)},
        {"before": tuple(-100.0 + n for n in range(MOST_MILESTONES))},
    ],
)
def test_a_row_that_no_item_can_have_is_refused(change: dict[str, Any]) -> None:
    row = ItemRow("i", "f", "d", 60, 0.5, 1.4, (0.0,))
    with pytest.raises(TableError):
        replace(row, **change)


def test_no_time_has_no_difficulty() -> None:
    with pytest.raises(TableError, match="0 minutes"):
        design_row("i", "f", "d", 0)


def test_a_design_knows_what_it_compares() -> None:
    design = Design(cut_hours=8, n_max=36, linking=0.15, elicitation=0.2)
    assert design.theta0 == pytest.approx(1.35)
    assert (design.theta_minus, design.theta_plus) == pytest.approx((0.9, 1.8))
    assert (design.null_above, design.null_below) == pytest.approx((1.05, 1.45))


@pytest.mark.parametrize(
    "n_max, every, looks",
    [(4, 1, (1, 2, 3, 4)), (10, 4, (4, 8, 10)), (8, 4, (4, 8)), (3, 3, (3,)), (1, 1, (1,))],
)
def test_looks_end_with_the_last_run(n_max: int, every: int, looks: tuple[int, ...]) -> None:
    assert Design(cut_hours=8, n_max=n_max, look_every=every).looks == looks


@pytest.mark.parametrize(
    "change",
    [
        {"cut_hours": 0.0},
        {"cut_hours": math.inf},
        {"n_max": 0},
        {"n_max": 5000},
        {"delta": 0.0},
        {"alpha": 0.5},
        {"alpha": 0.04},
        {"beta": 0.0},
        {"alpha_cal": 0.06},
        {"beta_cal": 0.0},
        {"cost": 0.5},
        {"linking": -0.1},
        {"linking": 0.9},
        {"elicitation": math.nan},
        {"look_every": 0},
        {"look_every": 37},
        {"band": 0.0},
    ],
)
def test_a_design_that_declares_nonsense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DesignError, match=next(iter(change)).removesuffix("_cal")):
        replace(DESIGN, **change)


def test_sets_of_nuisances_lie_inside_each_other() -> None:
    for inner, outer in ((SUPPORTED, STANDARD), (STANDARD, LARGE)):
        for side in ("kappa", "s", "eps"):
            (low, high), (least, most) = getattr(inner, side), getattr(outer, side)
            assert least <= low <= high <= most
    assert STANDARD.blunt == Nuisance(0.75, 0.75, 0.05)
    assert STANDARD.sharp == Nuisance(1.3, 0.0, 0.0)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"kappa": (1.3, 0.75)},
        {"kappa": (0.0, 1.0)},
        {"kappa": (1.0, math.inf)},
        {"s": (-0.1, 0.0)},
        {"eps": (0.0, 1.0)},
        {"eps": (-0.1, 0.0)},
        {"eps": (math.nan, 0.1)},
    ],
)
def test_a_set_that_is_no_box_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DesignError):
        replace(NuisanceSet("x", (0.75, 1.3), (0.0, 0.75), (0.0, 0.05)), **change)
