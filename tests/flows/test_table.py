"""What a flow's table may not say."""

from __future__ import annotations

from typing import Any

import pytest

from trialplate.flows import AnyOf, Flow, FlowError, Step, stem


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"makes": "toy.a/1", "by": "asker"}, "without end"),
        ({"makes": "toy.a/1", "by": "asker", "deadline": 10}, "without end"),
        ({"makes": "toy.a/1", "by": "asker", "default": "toy.none/1"}, "without end"),
        ({"makes": "toy.a/1", "by": "asker", "deadline": -1, "default": "toy.none/1"}, "without end"),
        ({"makes": "toy.a/1", "by": "asker", "deadline": 10, "default": "toy.a/1"}, "silence"),
        ({"makes": "toy.a/1", "by": "asker", "deadline": 10, "default": "toy.a/2"}, "silence"),
        ({"makes": "toy.a/1", "deadline": 10}, "waits for nobody"),
        ({"makes": "toy.a/1", "default": "toy.none/1"}, "waits for nobody"),
        ({"makes": "toy.a/1", "needs": ("toy.a/1",)}, "never begin"),
        ({"makes": "toy.a/1", "needs": (AnyOf(("toy.b/1", "toy.a/2")),)}, "never begin"),
        ({"makes": "toy.a/1", "needs": (AnyOf(()),)}, "never begin"),
        ({"makes": "toy.a/1", "needs": ("toy.b",)}, "not a kind"),
        ({"makes": "toy"}, "not a kind"),
    ],
    ids=repr,
)
def test_a_step_that_contradicts_itself_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(FlowError, match=said):
        Step(**fields)


@pytest.mark.parametrize(
    "steps, said",
    [((), "no steps"), ((Step(makes="toy.a/1"), Step(makes="toy.a/2")), "two that make one kind")],
    ids=["none", "twice"],
)
def test_a_flow_that_contradicts_itself_is_refused(steps: tuple[Step, ...], said: str) -> None:
    with pytest.raises(FlowError, match=said):
        Flow(name="toy", steps=steps)


def test_a_step_is_named_by_its_kind_without_the_version() -> None:
    assert Step(makes="toy.a/7").name == stem("toy.a/1") == "toy.a"
