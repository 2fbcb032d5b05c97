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
        (
            {"makes": "toy.a/1", "or_makes": ("toy.b/1",), "by": "asker", "deadline": 10, "default": "toy.b/2"},
            "silence",
        ),
        ({"makes": "toy.a/1", "deadline": 10}, "waits for nobody"),
        ({"makes": "toy.a/1", "until": "toy.term/1"}, "waits for nobody"),
        ({"makes": "toy.a/1", "default": "toy.none/1"}, "waits for nobody"),
        ({"makes": "toy.a/1", "needs": ("toy.a/1",)}, "never begin"),
        ({"makes": "toy.a/1", "needs": (AnyOf(("toy.b/1", "toy.a/2")),)}, "never begin"),
        ({"makes": "toy.a/1", "needs": (AnyOf(()),)}, "never begin"),
        ({"makes": "toy.a/1", "needs": ("toy.b",)}, "not a kind"),
        ({"makes": "toy.a/1", "unless": ("toy.b/1", "toy.a/2")}, "barred by its own"),
        ({"makes": "toy.a/1", "unless": ("toy.b",)}, "not a kind"),
        ({"makes": "toy.a/1", "or_makes": ("toy.b",)}, "not a kind"),
        ({"makes": "toy.a/1", "by": "asker", "deadline": 10, "default": "toy.b/1", "until": "term"}, "not a kind"),
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


def test_a_step_that_answers_waits_and_gives_way_is_taken() -> None:
    step = Step(
        makes="toy.a/1",
        or_makes=("toy.b/1", "toy.c/1"),
        unless=("toy.d/1", "toy.e/2"),
        by="asker",
        deadline=10,
        default="toy.none/1",
        until="toy.term/3",
    )
    assert (step.barred(), step.ending()) == ({"toy.d", "toy.e"}, "toy.term")
    assert (Step(makes="toy.a/1").barred(), Step(makes="toy.a/1").ending()) == (frozenset(), "")


def test_a_flow_says_of_nothing_that_it_is_found_by_it_unless_told() -> None:
    assert Flow(name="toy", steps=(Step(makes="toy.a/1"),)).marks(()) == ()


def test_a_step_is_named_by_its_kind_without_the_version() -> None:
    assert Step(makes="toy.a/7").name == stem("toy.a/1") == "toy.a"
