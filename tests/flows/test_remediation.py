"""The tables of the second process: every wait ends, silence has a kind of its own, every kind is released."""

from __future__ import annotations

import pytest

from trialplate.flows import WORKER, AnyOf, Flow, Step, stem
from trialplate.flows.remediation import claim, house, project, remediation
from trialplate.records import RELEASED

FLOWS = (remediation(), claim(), project(), house())
STEPS = {f"{flow.name} {step.name}": step for flow in FLOWS for step in flow.steps}


def _kinds(step: Step) -> set[str]:
    needed = {kind for need in step.needs for kind in (need.kinds if isinstance(need, AnyOf) else (need,))}
    said = {step.default, step.until} - {""}
    return {step.makes, *step.or_makes, *step.unless, *needed, *said}


@pytest.mark.parametrize("name", STEPS)
def test_every_kind_of_a_step_is_released(name: str) -> None:
    assert _kinds(STEPS[name]) <= set(RELEASED.by_name)


@pytest.mark.parametrize("name", STEPS)
def test_every_wait_of_a_party_has_an_end_and_a_kind_for_silence(name: str) -> None:
    step = STEPS[name]
    if step.by == WORKER:
        return
    answers = {stem(kind) for kind in (step.makes, *step.or_makes)}
    assert step.deadline > 0
    assert stem(step.default) not in answers


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_what_is_needed_is_made_somewhere(flow: Flow) -> None:
    made = {stem(kind) for step in flow.steps for kind in (step.makes, *step.or_makes, step.default) if kind}
    for step in flow.steps:
        for kinds in step.needed():
            assert kinds <= made
        assert step.barred() <= made
