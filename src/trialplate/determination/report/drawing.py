"""Drawings as values: shapes on a canvas, scales that map figures to it, and the ticks of an axis. Pure.

A drawing is written as inline SVG by a template, which escapes its texts. Colors and weights are the style sheet's: a
shape only says what it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final

Point = tuple[float, float]

WIDTH: Final = 480.0
HEIGHT: Final = 320.0
_LEFT: Final = 66.0
_RIGHT: Final = 14.0
_TOP: Final = 32.0
_BOTTOM: Final = 54.0

_STEPS: Final = (1, 2, 5)
_DOUBLINGS: Final = (
    *((minutes / 60, f"{minutes} min") for minutes in (1, 2, 4, 8, 15, 30)),
    *((float(1 << power), f"{1 << power} h") for power in range(11)),
)
"""Ticks of a time axis: halves and doubles of an hour, told as people tell them."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line through points, or the area inside them where `closed`. `look` is a class of the style sheet."""

    shape: ClassVar[str] = "line"
    points: tuple[Point, ...]
    look: str
    closed: bool = False

    @property
    def path(self) -> str:
        """Return the points as SVG writes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The sign of an outcome, around a point. `name` is one of the signs that the page defines."""

    shape: ClassVar[str] = "mark"
    x: float
    y: float
    name: str


@dataclass(frozen=True, kw_only=True)
class Word:
    """A text at a point, which is its start, middle or end by `anchor`."""

    shape: ClassVar[str] = "word"
    x: float
    y: float
    text: str
    anchor: str
    look: str


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle."""

    shape: ClassVar[str] = "box"
    x: float
    y: float
    width: float
    height: float
    look: str


Shape = Line | Mark | Word | Box


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Shapes on a canvas, the first at the back, with a title and a description for whoever does not see them."""

    key: str
    title: str
    says: str
    shapes: tuple[Shape, ...]
    width: float = WIDTH
    height: float = HEIGHT
    look: str = "chart"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where a chart maps its figures: 0 to `columns` across, `low` to `high` upwards, by doublings where `log`.

    What lies outside is drawn at the edge.
    """

    columns: int
    low: float
    high: float
    log: bool = False

    def x(self, column: float) -> float:
        """Return where a column is."""
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * _within(column / self.columns)

    def y(self, value: float) -> float:
        """Return where a value is."""
        low, high, at = (self._scaled(each) for each in (self.low, self.high, value))
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * _within((at - low) / (high - low))

    def _scaled(self, value: float) -> float:
        if not self.log:
            return value
        return math.log2(value) if value > 0 else -math.inf

    def axes(self, title: str, ticks: Sequence[tuple[float, str]]) -> tuple[Shape, ...]:
        """Return a grid with its ticks, the title of what is drawn upwards, and the count of items across."""
        left, right, bottom = self.x(0), self.x(self.columns), self.y(self.low)
        shapes: list[Shape] = []
        for value, text in ticks:
            at = self.y(value)
            shapes.append(Line(points=((left, at), (right, at)), look="grid"))
            shapes.append(Word(x=left - 8, y=at + 5, text=text, anchor="end", look="tick"))
        for column, text in whole_ticks(0, self.columns):
            anchor = "end" if column == self.columns else "middle"
            shapes.append(Word(x=self.x(column), y=bottom + 20, text=text, anchor=anchor, look="tick"))
        shapes += [
            Line(points=((left, self.y(self.high)), (left, bottom), (right, bottom)), look="axis"),
            Word(x=2, y=17, text=title, anchor="start", look="title"),
            Word(x=right, y=HEIGHT - 8, text="items run", anchor="end", look="title"),
        ]
        return tuple(shapes)


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def whole_ticks(low: float, high: float, most: int = 6) -> tuple[tuple[float, str], ...]:
    """Return at most `most` round whole numbers from `low` to `high`, which are apart, evenly spaced."""
    step, power = 1, 0
    while (high - low) / step > most - 1:
        power += 1
        step = _STEPS[power % len(_STEPS)] * 10 ** (power // len(_STEPS))
    first = math.ceil(low / step) * step
    return tuple(
        (float(value), f"{value:,}".replace("-", "\N{MINUS SIGN}"))
        for value in range(first, math.floor(high) + 1, step)
    )


def time_ticks(low: float, high: float, most: int = 9) -> tuple[tuple[float, str], ...]:
    """Return at most `most` doublings of time between `low` and `high` hours."""
    inside = [tick for tick in _DOUBLINGS if low <= tick[0] <= high]
    return tuple(inside[:: max(1, math.ceil(len(inside) / most))])


def steps(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return a line that keeps its height until the next point, and then goes there at once."""
    drawn: list[Point] = list(points[:1])
    for (_, before), (x, y) in pairwise(points):
        drawn += [(x, before), (x, y)]
    return tuple(drawn)
