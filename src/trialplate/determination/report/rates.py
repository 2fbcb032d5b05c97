"""The drawing of how often rules err, world by world, against the level that was declared. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from trialplate.determination.report import words
from trialplate.determination.report.data import Erring
from trialplate.determination.report.drawing import HEIGHT, WIDTH, Drawing, Line, Mark, Shape, Word, whole_ticks
from trialplate.records import Answer

MARKS: Final = MappingProxyType({"L": "solved", "e-process": "limit", "SPRT": "cheated"})
"""Which sign stands for which rule; signs are those of outcomes."""

CAPTION: Final = (
    "Filled circle: the rule that decided. Square: the cross-check. Cross: Wald's sequential test, which believes the "
    "table, and is drawn at the edge where it errs more."
)

_LEFT: Final = 44.0
_RIGHT: Final = 18.0
_TOP: Final = 40.0
_BOTTOM: Final = 50.0
_ROOM: Final = 1.6
"""How far the axis goes beyond the level, or beyond the highest rate of the rule that decided."""


def rates(rows: Sequence[Erring], answer: Answer, level: float) -> Drawing:
    """Return how often each rule says `answer` wrongly in each world, against the declared level.

    Args:
        rows: one a world and rule.
        answer: ABOVE or BELOW.
        level: in percent.
    """
    rate: Callable[[Erring], float] = attrgetter("false_above" if answer is Answer.ABOVE else "false_below")
    most = _ROOM * max(level, *(rate(row) for row in rows if row.rule == "L"))
    worlds = [tuple(group) for _, group in groupby(rows, attrgetter("scenario"))]
    step = (HEIGHT - _TOP - _BOTTOM) / max(len(worlds), 1)
    bottom, edge = HEIGHT - _BOTTOM, _x(level, most)
    shapes: list[Shape] = [Word(x=2, y=17, text=f"wrongly {answer}, in % of campaigns", anchor="start", look="title")]
    for value, text in whole_ticks(0, most):
        at = _x(value, most)
        shapes.append(Line(points=((at, _TOP), (at, bottom)), look="grid"))
        shapes.append(Word(x=at, y=bottom + 20, text=text, anchor="middle", look="tick"))
    shapes += [
        Line(points=((edge, _TOP), (edge, bottom)), look="boundary"),
        Word(x=edge, y=_TOP - 8, text=f"level {words.decimal(level).text}%", anchor="middle", look="region-name"),
    ]
    for number, group in enumerate(worlds):
        y = _TOP + step * (number + 0.5)
        shapes.append(Word(x=_LEFT - 10, y=y + 5, text=group[0].scenario, anchor="end", look="tick"))
        shapes.append(Line(points=((_LEFT, y), (WIDTH - _RIGHT, y)), look="grid"))
        shapes += [Mark(x=_x(rate(row), most), y=y, name=MARKS[row.rule]) for row in group if row.rule in MARKS]
    return Drawing(
        key=f"rates-{answer.lower()}",
        title=f"How often each rule says {answer} wrongly, world by world",
        says=rates_say(rows, answer, level),
        shapes=tuple(shapes),
    )


def rates_say(rows: Sequence[Erring], answer: Answer, level: float) -> str:
    """Return in words where the rule that decided errs most."""
    rate: Callable[[Erring], float] = attrgetter("false_above" if answer is Answer.ABOVE else "false_below")
    worst = max((row for row in rows if row.rule == "L"), key=rate)
    how = "inside" if rate(worst) <= level else "over"
    return (
        f"The rule says {answer} wrongly in {words.percent(rate(worst)).text} of cases at most ({worst.scenario}), "
        f"{how} its level of {words.decimal(level).text}%."
    )


def _x(value: float, most: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * min(value / most, 1.0)
