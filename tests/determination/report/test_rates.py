"""How rules err is drawn world by world, each rate inside the canvas, and told in a sentence."""

from __future__ import annotations

import pytest

from trialplate.determination.report.data import Erring
from trialplate.determination.report.drawing import HEIGHT, WIDTH, Mark
from trialplate.determination.report.rates import MARKS, rates, rates_say
from trialplate.records import Answer


def erring(scenario: str, rule: str, above: float, below: float) -> Erring:
    return Erring(
        scenario=scenario,
        says="a world",
        rule=rule,
        false_above=above,
        false_below=below,
        inconclusive=10,
        runs=12,
        p90=20,
    )


ROWS = tuple(
    erring(f"S{world}", rule, world + shift, 9 - world)
    for world in range(7)
    for rule, shift in (("L", 0.5), ("e-process", 0), ("SPRT", 40))
)


def test_every_rate_has_its_mark_and_the_far_ones_stand_at_the_edge() -> None:
    drawing = rates(ROWS, Answer.ABOVE, 5.0)
    marks = [shape for shape in drawing.shapes if isinstance(shape, Mark)]
    assert [mark.name for mark in marks] == [MARKS[row.rule] for row in ROWS]
    assert all(0 <= mark.x <= WIDTH and 0 <= mark.y <= HEIGHT for mark in marks)
    assert len({mark.x for mark in marks if mark.name == MARKS["SPRT"]}) == 1
    assert len({mark.y for mark in marks}) == 7


@pytest.mark.parametrize(
    "answer, level, said",
    [
        (Answer.ABOVE, 7.0, "wrongly in 6.5% of cases at most (S6), inside its level of 7%"),
        (Answer.ABOVE, 6.0, "(S6), over its level of 6%"),
        (Answer.BELOW, 9.0, "BELOW wrongly in 9% of cases at most (S0), inside its level of 9%"),
    ],
)
def test_the_worst_world_is_named(answer: Answer, level: float, said: str) -> None:
    assert said in rates_say(ROWS, answer, level)
    assert rates(ROWS, answer, level).key == f"rates-{answer.lower()}"
