"""The assessment as a table of steps: one after the other, each plan of a subject with slots of its own."""

from __future__ import annotations

import pytest

from trialplate.flows import WORKER, due
from trialplate.flows.assessment import DRAFT, ENDED, ESTIMATE, ORDER, PLAN, assessment
from trialplate.records import RELEASED

NOW = "2026-11-28T12:00:00Z"


def test_the_steps_follow_one_another_and_are_the_workers() -> None:
    steps = assessment(1).steps
    assert [step.name for step in steps] == [PLAN, ORDER, ENDED, ESTIMATE, DRAFT]
    assert [sorted(need) for step in steps for need in step.needed()] == [[PLAN], [ORDER], [ENDED], [ESTIMATE]]
    assert {step.by for step in steps} == {WORKER}
    assert {step.makes for step in steps} <= set(RELEASED.by_name)


@pytest.mark.parametrize("number", [1, 2, 40])
def test_every_plan_has_slots_of_its_own(number: int) -> None:
    (first,) = due(assessment(number), (), NOW)
    assert (first.step, first.slot.flow, first.slot.ordinal) == (PLAN, f"assessment.{number}", 1)
