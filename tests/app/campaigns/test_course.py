"""A campaign stands the same whatever order its attempts end in."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.records.plans import ESTIMATE, ORDER, PLAN
from trialplate.app.campaigns.course import Course, CourseError
from trialplate.benchmark.campaign import WINDOW, window
from trialplate.records import Answer, AttemptOpened, Estimate, Outcome, RunResult

COUNTING = [Outcome.SOLVED, Outcome.NOT_SOLVED, Outcome.LIMIT, Outcome.REFUSED, Outcome.CHEATED, Outcome.VOID_LOST]


def ran(outcomes: list[Outcome], width: int, chance: random.Random) -> Course:
    """Run all places within a window, each attempt ending when chance says so, and stop where it is decided."""
    bodies: list[Struct] = [PLAN, ORDER]
    running: list[tuple[int, int]] = []
    while True:
        course = Course(tuple(bodies))
        progress = course.progress
        most = course.needed
        for place in window(progress, most=most, width=width):
            attempt = len(progress[place].attempts) + 1
            if not progress[place].running and (place, attempt) not in running:
                bodies.append(AttemptOpened(place=place, attempt=attempt))
                running.append((place, attempt))
        if not running:
            return Course(tuple(bodies))
        place, attempt = running.pop(chance.randrange(len(running)))
        bodies.append(RunResult(place=place, attempt=attempt, outcome=outcomes[place]))


@given(st.lists(st.sampled_from(COUNTING), min_size=6, max_size=6), st.integers(1, WINDOW), st.randoms())
def test_the_decision_hangs_on_no_order_of_completion(
    outcomes: list[Outcome], width: int, chance: random.Random
) -> None:
    one_by_one = ran(outcomes, 1, random.Random(0)).decision
    at_once = ran(outcomes, width, chance)
    assert at_once.decision == one_by_one
    assert at_once.decided is (one_by_one.outcome != Answer.INCONCLUSIVE)


def test_what_is_not_there_yet_is_said_to_be_missing() -> None:
    course = Course((PLAN,))
    assert course.plan == PLAN
    assert (course.drawn, course.progress, course.outcomes, course.decided) == (False, (), (), False)
    with pytest.raises(CourseError, match="no Estimate yet"):
        _ = course.estimate
    assert course.with_body(ESTIMATE).the(Estimate) == ESTIMATE


def test_void_and_cheated_items_add_nothing_to_either_side() -> None:
    bodies: list[Struct] = [PLAN, ORDER]
    for attempt in (1, 2, 3):
        bodies += [
            AttemptOpened(place=0, attempt=attempt),
            RunResult(place=0, attempt=attempt, outcome=Outcome.VOID_SANDBOX),
        ]
    bodies += [AttemptOpened(place=1, attempt=1), RunResult(place=1, attempt=1, outcome=Outcome.CHEATED)]
    decision = Course(tuple(bodies)).decision
    assert (decision.runs, decision.above, decision.below) == (2, 0, 0)
