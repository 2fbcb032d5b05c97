"""Simulation: its answers follow the model, its verdicts are those of the rule, its levels hold."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest

from tests.measurement.making import graded, items, spread
from trialplate.measurement import Answer, Design, Nuisance, decide
from trialplate.measurement.boundary import crossing
from trialplate.measurement.chance import seeded
from trialplate.measurement.ends import CONCLUSIONS, ends
from trialplate.measurement.model import levels_of, reached
from trialplate.measurement.rule import make_rule, sides
from trialplate.measurement.simulate import (
    Method,
    SimulationError,
    calibrated,
    declared_corner,
    information_bound,
    rule_ends,
    simulate,
    sprt_ends,
)
from trialplate.measurement.truth import ALL_OF_THEM, BROKEN, CLUSTERED, EASIER, RIGHT, SCENARIOS, answers, asked

DESIGN = Design(cut_hours=1, n_max=24, linking=0.15)
ROWS = items(spread(24))
MANY = 20_000


def rng(seed: int = 0) -> np.random.Generator:
    """Return chance of its own."""
    return np.random.default_rng(seed)


def test_answers_have_the_chances_of_the_model() -> None:
    rows = [*items([-0.5, 0.4]), *graded([(-1.0, 0.0, 0.8)])]
    scenario = replace(RIGHT, difficulty_sd=0.6, broken=0.1, slope=0.8)
    given = answers(asked(rows), scenario, 0.3, MANY, rng())
    expected = reached(levels_of(rows), 0.3, Nuisance(0.8, 0.6, 0.1))
    for n, row in enumerate(rows):
        for step in range(row.steps):
            share, chance = float(np.mean(given[:, n] > step)), float(expected[n, step])
            assert abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / MANY)


def test_families_and_domains_answer_together() -> None:
    rows = items([0.0] * 8, families=4, domains=2)
    given = answers(asked(rows), CLUSTERED, 0.0, MANY, rng())
    tied = np.array(np.corrcoef(given.T))
    assert tied[0, 4] > tied[0, 2] + 0.03
    assert tied[0, 2] > tied[0, 1] + 0.03
    # With two domains, a strength in one is a weakness in the other.
    assert tied[0, 1] < -0.01
    alone = answers(asked(rows), RIGHT, 0.0, MANY, rng())
    assert np.abs(np.corrcoef(alone.T) - np.eye(8)).max() < 0.04


def test_an_easier_bank_is_a_higher_ability() -> None:
    one = answers(asked(ROWS), EASIER, 0.0, 500, rng(1))
    assert np.array_equal(one, answers(asked(ROWS), RIGHT, 0.25, 500, rng(1)))


def test_a_broken_item_is_passed_by_nobody_or_everybody() -> None:
    rows = graded([(-0.2, 0.4)] * 2)
    given = answers(asked(rows), replace(BROKEN, broken=1.0), 0.0, MANY, rng())
    assert set(np.unique(given).tolist()) == {0, 2}
    assert abs(float(np.mean(given == 2)) - 0.5) < 0.02


def test_scenarios_are_those_of_the_page() -> None:
    assert [scenario.name for scenario in SCENARIOS] == [f"S{n}" for n in range(7)]
    assert replace(CLUSTERED, name="S4", difficulty_sd=0.5, broken=0.05) == ALL_OF_THEM


def test_many_campaigns_end_as_each_would() -> None:
    rule = make_rule(graded([(b - 0.6, b) for b in spread(12)]), replace(DESIGN, n_max=12, look_every=5))
    given = rng().integers(0, 3, (400, 12))
    found = rule_ends(rule, given)
    for row, outcome, runs in zip(given.tolist(), found.outcomes.tolist(), found.runs.tolist(), strict=True):
        decision = decide(rule, [Answer.given(x) for x in row])
        assert (CONCLUSIONS[outcome], runs) == (decision.outcome, decision.runs)
    assert set(found.outcomes.tolist()) == {-1, 0, 1}


def test_sides_that_cross_at_once_end_without_a_conclusion() -> None:
    ups = np.array([[False, True, True], [True, False, False], [False, False, False], [False, False, True]])
    downs = np.array([[False, True, False], [False, True, False], [False, False, False], [False, True, False]])
    found = ends(ups, downs)
    assert (found.outcomes.tolist(), found.runs.tolist()) == ([0, 1, 0, -1], [2, 1, 3, 2])


def test_walds_test_leaves_at_its_two_bounds() -> None:
    rows = items([0.0] * 24)
    # At the cut, a pass and a failure weigh alike: a half of the slope times what lies between both abilities.
    given = np.array([[1] * 24, [0] * 24, [0, 1] * 12])
    found = sprt_ends(levels_of(rows), DESIGN, given)
    first = math.ceil(math.log(19) / (1.4 * 0.9 / 2))
    assert found.outcomes.tolist() == [1, -1, 0]
    assert found.runs.tolist() == [first, first, 24]


def test_simulated_crossings_are_those_of_the_recursion() -> None:
    design = replace(DESIGN, linking=0.0)
    rule, levels = make_rule(ROWS, design), levels_of(ROWS)
    side = sides(levels, design).above
    luck = rng().random((MANY, 24))
    given = (luck < side.null[:, 1]).astype(int)
    sums = np.cumsum(np.array([place.above for place in rule.places])[np.arange(24), given], axis=1)
    share = float(np.mean((sums >= np.array(rule.bound_above)).any(axis=1)))
    attained = crossing(side, rule.bound_above, rule.looks)
    assert abs(share - attained) < 4 * math.sqrt(attained * (1 - attained) / MANY)
    assert attained == pytest.approx(float(rule.attained_above), abs=1e-9)


def test_no_scenario_within_the_set_errs_beyond_its_level() -> None:
    for scenario in SCENARIOS[:4]:
        found = simulate(ROWS, DESIGN, scenario, 4000, rng())
        for figures in found.figures:
            wrong = figures.above if figures.off < 0 else figures.below
            if figures.method is not Method.SPRT:
                assert wrong < 0.03


def test_characteristics_tell_every_method_at_every_ability() -> None:
    found = simulate(ROWS, DESIGN, ALL_OF_THEM, 2000, rng(), off=(-3.0, 0.0, 3.0))
    assert (found.scenario, found.replicates) == ("S4", 2000)
    assert [(figures.method, figures.off) for figures in found.figures] == [
        (method, off) for off in (-3.0, 0.0, 3.0) for method in Method
    ]
    for figures in found.figures:
        assert figures.above + figures.below + figures.inconclusive == pytest.approx(1)
        assert 1 <= figures.mean_runs <= figures.p90_runs <= 24
    rule = {figures.off: figures for figures in found.figures if figures.method is Method.RULE}
    assert rule[-3.0].below > 0.85
    assert rule[3.0].above > 0.85
    assert rule[0.0].inconclusive > 0.4
    assert rule[0.0].mean_runs > rule[3.0].mean_runs
    assert json.loads(json.dumps(asdict(found)))["bound"] == found.bound


def test_a_simulation_is_repeated_by_its_seed() -> None:
    one, again, other = (simulate(ROWS, DESIGN, ALL_OF_THEM, 500, rng(seed)) for seed in (1, 1, 2))
    assert one == again != other


def test_chance_belongs_to_its_seed() -> None:
    first = [seeded(seed).integers(2**62) for seed in (b"a", b"a", b"b", b"a\x00")]
    assert first[0] == first[1]
    assert len(set(first)) == 3


def test_milestones_decide_more_often() -> None:
    difficulties = spread(36, 0.6)
    design = replace(DESIGN, n_max=36, linking=0.0)
    undecided = [
        sum(figures.inconclusive for figures in found.figures if figures.method is Method.RULE)
        for rows in (items(difficulties, families=36), graded([(b - 0.7, b, b + 0.3) for b in difficulties]))
        for found in [simulate(rows, design, RIGHT, 2000, rng())]
    ]
    assert undecided[1] < undecided[0]


def test_no_campaigns_show_nothing() -> None:
    with pytest.raises(SimulationError, match="no campaigns"):
        simulate(ROWS, DESIGN, RIGHT, 0, rng())


def test_the_information_bound_is_walds_for_items_that_are_all_alike() -> None:
    # At the cut the chances are sigmoid(-+.63), and each answer shifts the odds by .63 nats.
    a_run = (2 / (1 + math.exp(-0.63)) - 1) * 0.63
    need = 0.95 * math.log(19) + 0.05 * math.log(1 / 19)
    assert information_bound(items([0.0] * 40), DESIGN) == pytest.approx(need / a_run)
    assert information_bound(items([0.0] * 3), DESIGN) == math.inf


def test_the_bound_counts_the_best_items_first() -> None:
    best = items([0.0] * 30)
    worse = [replace(row, item=f"far {row.item}", b=1.0) for row in best]
    assert information_bound([*worse, *best], DESIGN) == pytest.approx(information_bound(best, DESIGN))
    assert information_bound(worse, DESIGN) > information_bound(best, DESIGN)


def test_the_declared_corner_has_the_noise_of_the_set() -> None:
    corner = declared_corner(DESIGN)
    assert math.hypot(corner.family_sd, corner.difficulty_sd) == pytest.approx(DESIGN.nuisance.blunt.s)
    assert (corner.slope, corner.broken, corner.domain_sd) == (0.75, 0.05, 0.4)


def test_levels_are_lowered_until_repeated_families_do_no_harm() -> None:
    rows = items(spread(36), families=2, domains=1)
    design = replace(DESIGN, n_max=36, linking=0.0)
    found = calibrated(rows, design, rng(), replicates=4000)
    first, last = found.trials[0], found.trials[-1]
    assert (first.alpha_cal, first.beta_cal) == (0.05, 0.05)
    assert first.above_error > 0.05
    assert first.below_error > 0.05
    assert (last.alpha_cal, last.beta_cal) == (found.design.alpha_cal, found.design.beta_cal)
    assert max(last.above_at_most, last.below_at_most) <= 0.05
    assert replace(found.design, alpha_cal=0.05, beta_cal=0.05) == design
    for before, after in zip(found.trials, found.trials[1:], strict=False):
        assert after.alpha_cal <= before.alpha_cal
        assert after.beta_cal <= before.beta_cal
        assert (after.alpha_cal, after.beta_cal) != (before.alpha_cal, before.beta_cal)


def test_levels_stay_where_they_hold() -> None:
    found = calibrated(items(spread(24), families=24), replace(DESIGN, elicitation=0.1), rng(), replicates=4000)
    assert found.design == replace(DESIGN, elicitation=0.1)
    assert len(found.trials) == 1


def test_one_side_is_lowered_alone() -> None:
    rows = items(spread(36), families=2, domains=1)
    design = Design(cut_hours=1, n_max=36, elicitation=2.0)
    found = calibrated(rows, design, rng(), replicates=4000)
    assert found.design.beta_cal == 0.05
    assert found.design.alpha_cal < 0.05
    assert all(trial.below_error == 0 for trial in found.trials)


def test_levels_that_a_simulation_cannot_show_are_refused() -> None:
    with pytest.raises(SimulationError, match="50 campaigns"):
        calibrated(ROWS, DESIGN, rng(), replicates=50)
