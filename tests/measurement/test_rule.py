"""A rule from an order and a design, beside a second implementation that shares nothing with it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measurement import naive
from tests.measurement.making import designs, items, spread, tables
from trialplate.measurement import Answer, Design, ItemRow, Rule, RuleError, decide
from trialplate.measurement.rule import make_rule

DESIGN = Design(cut_hours=1, n_max=36, linking=0.15)
CASES = 12


def check_against_naive(rows: list[ItemRow], design: Design) -> Rule:
    """Check that both implementations agree on scores, boundaries, levels and decisions, and return the rule."""
    rule = make_rule(rows, design)
    above = naive.side([naive.laws_above(row, design) for row in rows[: design.n_max]], design)
    below = naive.side([naive.laws_below(row, design) for row in rows[: design.n_max]], design)
    assert [list(place.above) for place in rule.places] == [points for points, _, _ in above.places]
    assert [list(place.below) for place in rule.places] == [points[::-1] for points, _, _ in below.places]
    for side, level, bounds, attained in (
        (above, design.alpha_cal, rule.bound_above, rule.attained_above),
        (below, design.beta_cal, rule.bound_below, rule.attained_below),
    ):
        expected, value = side.boundary(level)
        assert list(bounds) == expected
        assert value <= float(attained) + 1e-15
        assert float(attained) <= min(value + 1.1e-9, level)
    rng = random.Random(0)
    for _ in range(CASES):
        given_answers = [
            Answer(rng.randint(0, place.steps), rng.randint(0, place.steps)) if rng.random() < 0.2 else Answer.given(x)
            for place in rule.places[: rng.randint(0, rule.n_max)]
            for x in [rng.randint(0, place.steps)]
        ]
        decision = decide(rule, given_answers)
        assert (decision.outcome, decision.runs) == naive.decided(
            [place.above for place in rule.places],
            [place.below for place in rule.places],
            (rule.bound_above, rule.bound_below),
            rule.looks,
            [(answer.x_above, answer.x_below) for answer in given_answers],
        )
    return rule


@given(st.data())
@settings(max_examples=25)
def test_a_second_implementation_makes_the_same_rule(data: st.DataObject) -> None:
    rows = data.draw(tables(most=7, steps=3))
    check_against_naive(rows, data.draw(designs(len(rows))))


def test_a_second_implementation_makes_the_same_rule_of_many_places() -> None:
    check_against_naive(items(spread(16)), replace(DESIGN, n_max=16))


def test_a_rule_is_made_of_the_first_places_of_an_order() -> None:
    rows = items(spread(40))
    rule = make_rule(rows, DESIGN)
    assert rule == make_rule(rows[:36], DESIGN)
    assert rule.n_max == 36
    assert rule.looks == tuple(range(1, 37))
    assert 0.0499 < float(rule.attained_above) <= 0.05
    assert 0.0499 < float(rule.attained_below) <= 0.05


def test_an_order_that_is_too_short_is_refused() -> None:
    with pytest.raises(RuleError, match="35 items is too short for 36 runs"):
        make_rule(items(spread(35)), DESIGN)


def test_an_item_that_comes_twice_is_refused() -> None:
    rows = items(spread(36))
    with pytest.raises(RuleError, match="twice"):
        make_rule([*rows[:35], rows[0]], DESIGN)


def test_a_table_seen_from_the_other_side_swaps_the_sides() -> None:
    rows = items([0.3, -0.6, 0.1, 0.9, -0.2, 0.0])
    mirrored = [replace(row, b=-row.b) for row in rows]
    design = Design(cut_hours=1, n_max=6, alpha=0.2, beta=0.2, alpha_cal=0.2, beta_cal=0.2)
    one, other = make_rule(rows, design), make_rule(mirrored, design)
    assert [place.above for place in one.places] == [place.below[::-1] for place in other.places]
    assert (one.bound_above, one.attained_above) == (other.bound_below, other.attained_below)


def test_below_cannot_be_said_where_the_allowance_is_too_wide() -> None:
    rule = make_rule(items(spread(12)), Design(cut_hours=1, n_max=12, elicitation=2.0))
    assert all(not any(place.below) for place in rule.places)
    assert rule.attained_below == "0.000000000"
    assert decide(rule, [Answer.given(0)] * 12).outcome == "INCONCLUSIVE"
    assert decide(rule, [Answer.given(1)] * 12).outcome == "ABOVE"


def test_committed_looks_are_a_part_of_all_looks() -> None:
    rows = items(spread(36))
    every, fourth = make_rule(rows, DESIGN), make_rule(rows, replace(DESIGN, look_every=4))
    assert set(fourth.looks) < set(every.looks)
    assert fourth.places == every.places
    assert float(fourth.attained_above) <= 0.05
