"""Deciding: sums of integers against bounds, void answers, contradictions, and what is malformed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measurement import naive
from tests.measurement.making import items, spread
from trialplate.measurement import Answer, Conclusion, Decision, Design, Look, Place, Rule, RuleError, decide
from trialplate.measurement.rule import make_rule

RULE = Rule(
    (Place((0, 4), (3, 0)), Place((0, 2, 5), (6, 3, 0)), Place((0, 4), (3, 0))),
    (5, 8, 9),
    (4, 9, 8),
    (1, 2, 3),
    "0.049000000",
    "0.050000000",
)
LONG = make_rule(items(spread(24)), Design(cut_hours=1, n_max=24))


def given_answers(*xs: int) -> list[Answer]:
    """Return answers that count as they are."""
    return [Answer.given(x) for x in xs]


def test_the_first_look_that_reaches_a_bound_decides() -> None:
    assert decide(RULE, given_answers(1, 2, 0)) == Decision(
        Conclusion.ABOVE, 2, 9, 0, final=True, path=(Look(1, 4, 5, 0, 4), Look(2, 9, 8, 0, 9))
    )
    assert decide(RULE, given_answers(0, 0)) == Decision(
        Conclusion.BELOW, 2, 0, 9, final=True, path=(Look(1, 0, 5, 3, 4), Look(2, 0, 8, 9, 9))
    )
    assert decide(RULE, given_answers(1, 1, 0)) == Decision(
        Conclusion.INCONCLUSIVE,
        3,
        6,
        6,
        final=True,
        path=(Look(1, 4, 5, 0, 4), Look(2, 6, 8, 3, 9), Look(3, 6, 9, 6, 8)),
    )


def test_answers_that_are_still_to_come_leave_it_open() -> None:
    assert decide(RULE, []) == Decision(Conclusion.INCONCLUSIVE, 0, 0, 0, final=False, path=())
    decision = decide(RULE, given_answers(1))
    assert (decision.outcome, decision.runs, decision.final) == ("INCONCLUSIVE", 1, False)


def test_nobody_looks_between_looks() -> None:
    rare = replace(RULE, looks=(3,))
    decision = decide(rare, given_answers(1, 2, 0))
    assert (decision.outcome, decision.runs) == ("ABOVE", 3)
    assert decide(rare, given_answers(1, 2)).path == ()


def test_answers_after_the_decision_count_for_nothing() -> None:
    assert (
        decide(RULE, given_answers(1, 2))
        == decide(RULE, given_answers(1, 2, 0))
        == decide(RULE, given_answers(1, 2, 1))
    )


def test_sides_that_both_cross_contradict_each_other() -> None:
    both = replace(RULE, bound_above=(5, 2, 9), bound_below=(4, 3, 8))
    decision = decide(both, given_answers(0, 1, 1))
    assert (decision.outcome, decision.runs, decision.final) == ("INCONCLUSIVE", 2, True)


def test_a_void_place_costs_each_side() -> None:
    for place in RULE.places:
        void = Answer.void(place)
        assert place.above[void.x_above] == min(place.above) == 0
        assert place.below[void.x_below] == min(place.below) == 0


@given(st.lists(st.integers(0, 1), min_size=24, max_size=24), st.sets(st.integers(0, 23)))
def test_void_places_raise_no_sum(xs: list[int], lost: set[int]) -> None:
    whole = given_answers(*xs)
    voided = [Answer.void(LONG.places[n]) if n in lost else answer for n, answer in enumerate(whole)]
    one, other = decide(LONG, whole), decide(LONG, voided)
    for before, after in zip(one.path, other.path, strict=False):
        assert after.above <= before.above
        assert after.below <= before.below
    # Whatever is said without them is said later, or not at all; never the contrary, but where the first came sooner.
    if one.outcome is Conclusion.INCONCLUSIVE:
        assert other.outcome is Conclusion.INCONCLUSIVE
    else:
        assert other.runs >= one.runs


def test_a_cheater_can_be_counted_both_ways() -> None:
    as_solved = decide(RULE, [Answer.given(1), Answer.given(2)])
    as_neither = decide(RULE, [Answer.given(1), Answer(0, 2)])
    assert (as_solved.outcome, as_neither.outcome) == ("ABOVE", "INCONCLUSIVE")


@given(st.lists(st.integers(0, 1), max_size=24))
def test_replay_is_equal_and_is_what_the_page_says(xs: list[int]) -> None:
    decision = decide(LONG, given_answers(*xs))
    assert decision == decide(LONG, given_answers(*xs))
    assert (decision.outcome.value, decision.runs) == naive.decided(
        [place.above for place in LONG.places],
        [place.below for place in LONG.places],
        (LONG.bound_above, LONG.bound_below),
        LONG.looks,
        [(x, x) for x in xs],
    )
    # Played on answer by answer, it is open until the run that decided.
    for count in range(decision.runs):
        assert not decide(LONG, given_answers(*xs[:count])).final
    assert decision.final == (decision.outcome is not Conclusion.INCONCLUSIVE or len(xs) == 24)


@given(st.lists(st.integers(0, 1), min_size=24, max_size=24), st.integers(0, 23))
def test_a_better_answer_never_speaks_less_for_above(xs: list[int], at: int) -> None:
    better = [*xs[:at], 1, *xs[at + 1 :]]
    for before, after in zip(
        decide(LONG, given_answers(*xs)).path, decide(LONG, given_answers(*better)).path, strict=False
    ):
        assert after.above >= before.above
        assert after.below <= before.below


@pytest.mark.parametrize(
    "answers",
    [
        given_answers(1, 2, 1, 0),
        given_answers(2),
        given_answers(0, 3),
        given_answers(-1),
        [Answer(0, 2)],
        [Answer(x_above=True, x_below=1)],
        [Answer(x_above=cast("int", 1.0), x_below=1)],
        # It is refused although the decision comes before it.
        given_answers(1, 2, 7),
    ],
)
def test_answers_that_a_rule_does_not_have_are_refused(answers: list[Answer]) -> None:
    with pytest.raises(RuleError):
        decide(RULE, answers)


@pytest.mark.parametrize(
    "above, below",
    [
        ((0,), (0,)),
        ((), ()),
        ((0, 1), (2, 1, 0)),
        ((1, 2), (1, 0)),
        ((0, 1), (1, 1)),
        ((0, 2, 1), (1, 0, 0)),
        ((0, 1, 1), (1, 2, 0)),
        ((0, True), (1, 0)),
        ((0, 2**53), (1, 0)),
        ((0, 1.0), (1, 0)),
    ],
)
def test_scores_that_no_side_can_have_are_refused(above: tuple[int, ...], below: tuple[int, ...]) -> None:
    with pytest.raises(RuleError):
        Place(above, below)


@pytest.mark.parametrize(
    "change",
    [
        {"places": ()},
        {"places": (), "bound_above": (), "bound_below": (), "looks": ()},
        {"bound_above": (5, 8)},
        {"bound_below": (4, 9, 8, 8)},
        {"bound_above": (0, 8, 9)},
        {"bound_below": (4, 9, -1)},
        {"bound_below": (4, 9, 2**53)},
        {"looks": ()},
        {"looks": (1, 2)},
        {"looks": (0, 3)},
        {"looks": (2, 1, 3)},
        {"looks": (1, 1, 3)},
        {"looks": (1, 3, 4)},
        {"looks": (1, 2.0, 3)},
        {"attained_above": "0.05"},
        {"attained_below": "1.000000000"},
        {"attained_below": "0.0490000000"},
    ],
)
def test_a_malformed_rule_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        replace(RULE, **change)


def test_a_decision_is_replayed_without_any_library() -> None:
    code = (
        "import sys; import trialplate.measurement.decide, trialplate.measurement\n"
        "print(sorted({'numpy', 'scipy', 'msgspec'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
