"""The drawings of a report: the path of the evidence, the horizon, how much was solved, and the answer. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from trialplate.determination.report import words
from trialplate.determination.report.data import Look, Share
from trialplate.determination.report.drawing import (
    Box,
    Drawing,
    Frame,
    Line,
    Mark,
    Point,
    Shape,
    Word,
    steps,
    time_ticks,
    whole_ticks,
)
from trialplate.records import Answer

_HEADROOM: Final = 1.15
"""What a chart leaves free above its highest line, for the name of the region there."""

_FARTHEST: Final = 64.0
"""How many times the cut, or what part of it, an axis of hours goes at most."""

_FEWEST: Final = 12
"""How many items a chart of the evidence has room for at least, where there are as many."""

_BAR: Final = 120.0
_BAR_HEIGHT: Final = 14.0


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A sum after that many items, and the outcome of the last of them."""

    number: int
    total: int
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a decision: what each item may add, the boundary after each, and where the sum stood.

    `looks` are the numbers of items after which sum and boundary are compared; `course` has one of them or more.
    """

    answer: Answer
    scores: Sequence[Sequence[int]]
    boundary: Sequence[int]
    looks: frozenset[int]
    course: Sequence[Stand]

    @property
    def letter(self) -> str:
        """The name of the sum."""
        return "T+" if self.answer is Answer.ABOVE else "T\N{MINUS SIGN}"

    @property
    def crossed(self) -> Stand | None:
        """Where the boundary was first reached."""
        reached = (at for at in self.course if at.number in self.looks and at.total >= self.boundary[at.number - 1])
        return next(reached, None)

    @property
    def columns(self) -> int:
        """How many items are drawn: twice those that were run, so that the end is seen well, and not too few."""
        return min(len(self.boundary), max(2 * self.course[-1].number, _FEWEST))

    def within_reach(self) -> tuple[tuple[int, int], ...]:
        """Return the boundary where it can be reached at all: the number of items and the sum, one pair a look."""
        most = accumulate(max(scores) for scores in self.scores)
        return tuple(
            (number, bound)
            for number, (bound, best) in enumerate(zip(self.boundary, most, strict=True), 1)
            if number in self.looks and bound <= best
        )


def evidence(side: Side) -> Drawing:
    """Return one side of the evidence: its sum after every item, with the item's outcome, against its boundary."""
    bounds = [(number, bound) for number, bound in side.within_reach() if number <= side.columns]
    heights = [0, *(at.total for at in side.course), *(bound for _, bound in bounds)]
    high = max(1.0, max(heights) * _HEADROOM + (max(heights) - min(heights)) * (_HEADROOM - 1))
    frame = Frame(columns=side.columns, low=float(min(heights)), high=high)
    path = [(frame.x(at.number), frame.y(at.total)) for at in side.course]
    shapes = [
        *_region(frame, bounds, side.answer),
        *frame.axes(f"{side.letter}, points for {side.answer}", whole_ticks(frame.low, frame.high)),
        Line(points=((frame.x(0), frame.y(0)), (frame.x(frame.columns), frame.y(0))), look="zero"),
        *_boundary(frame, bounds),
    ]
    if end := side.crossed:
        across = frame.x(end.number)
        shapes.append(Line(points=((across, frame.y(frame.low)), (across, frame.y(end.total))), look="drop"))
    shapes.append(Line(points=steps([(frame.x(0), frame.y(0)), *path]), look="path"))
    shapes += _marks(path, (at.outcome for at in side.course))
    return Drawing(
        key=f"evidence-{side.answer.lower()}",
        title=f"Evidence for {side.answer}: {side.letter} after each item, against its boundary",
        says=evidence_says(side),
        shapes=tuple(shapes),
    )


def evidence_says(side: Side) -> str:
    """Return in words what one side of the evidence shows."""
    if end := side.crossed:
        needed = side.boundary[end.number - 1]
        return (
            f"{side.letter} reached the boundary for {side.answer} after {words.plural(end.number, 'item')}: "
            f"{end.total:,} points, of {needed:,} needed."
        )
    last = side.course[-1]
    reachable = [bound for number, bound in side.within_reach() if number <= last.number]
    missing = f"{reachable[-1]:,} were needed" if reachable else "it cannot be reached so early"
    return (
        f"{side.letter} did not reach the boundary for {side.answer}: {last.total:,} points after "
        f"{words.plural(last.number, 'item')}; {missing}."
    )


def _region(frame: Frame, bounds: Sequence[tuple[int, int]], answer: Answer) -> Iterable[Shape]:
    if bounds:
        edge = steps([(frame.x(number), frame.y(bound)) for number, bound in bounds])
        top = frame.y(frame.high)
        yield Line(points=((edge[0][0], top), *edge, (edge[-1][0], top)), look="region", closed=True)
        yield Word(
            x=frame.x(frame.columns) - 6, y=top + 17, text=f"{answer} from here", anchor="end", look="region-name"
        )


def _boundary(frame: Frame, bounds: Sequence[tuple[int, int]]) -> Iterable[Shape]:
    points = [(frame.x(number), frame.y(bound)) for number, bound in bounds]
    if points:
        yield Line(points=steps(points), look="boundary")


def _marks(points: Iterable[Point], outcomes: Iterable[str]) -> Iterable[Shape]:
    for (x, y), code in zip(points, outcomes, strict=True):
        yield Mark(x=x, y=y, name=words.meaning(code).mark)


def horizon(looks: Sequence[Look], places: int, cut: float) -> Drawing:
    """Return the horizon in hours after each item, with its interval, on an axis of doublings, and the cut.

    Args:
        looks: one or more.
        places: how many items there could have been.
        cut: in hours.
    """
    frame = _hours_frame(looks, places, cut)
    at = [(frame.x(look.number), look) for look in looks]
    upper = steps([(x, frame.y(look.high)) for x, look in at])
    lower = steps([(x, frame.y(look.low)) for x, look in at])
    line, right = frame.y(cut), frame.x(frame.columns)
    last_x, last = at[-1]
    shapes: list[Shape] = [
        *frame.axes("expert hours, each line a doubling", time_ticks(frame.low, frame.high)),
        Line(points=(*upper, *reversed(lower)), look="region", closed=True),
        Line(points=upper, look="edge"),
        Line(points=lower, look="edge"),
        Line(points=((frame.x(0), line), (right, line)), look="boundary"),
        Word(x=right - 4, y=line - 7, text=f"the cut: {words.hours(cut).text}", anchor="end", look="region-name"),
        Line(points=tuple((x, frame.y(look.guess)) for x, look in at), look="path"),
        Line(points=((last_x, frame.y(last.low)), (last_x, frame.y(last.high))), look="path"),
        *_caps(last_x, (frame.y(last.low), frame.y(last.high))),
        *_marks(((x, frame.y(look.guess)) for x, look in at), (look.outcome for look in looks)),
    ]
    return Drawing(
        key="horizon",
        title="The time horizon after each item, with an interval that holds at any time",
        says=horizon_says(last, cut),
        shapes=tuple(shapes),
        look="chart wide",
    )


def _caps(x: float, ends: Iterable[float]) -> Iterable[Shape]:
    for y in ends:
        yield Line(points=((x - 6, y), (x + 6, y)), look="path")


def horizon_says(last: Look, cut: float) -> str:
    """Return in words what the horizon is after the last item, and how that lies to the cut."""
    low, guess, high = (words.hours(value).text for value in (last.low, last.guess, last.high))
    where = "holds"
    if last.low > cut:
        where = "lies above"
    elif last.high < cut:
        where = "lies below"
    return (
        f"After {words.plural(last.number, 'item')} the best guess is {guess}, and the interval from {low} to {high} "
        f"{where} the cut of {words.hours(cut).text}."
    )


def _hours_frame(looks: Sequence[Look], places: int, cut: float) -> Frame:
    """Return a frame from doubling to doubling that holds the cut and the looks, as far as `_FARTHEST` allows."""
    low = max(min(cut, *(look.low for look in looks)), cut / _FARTHEST)
    high = min(max(cut, *(look.high for look in looks)), cut * _FARTHEST)
    return Frame(
        columns=max(places, looks[-1].number),
        low=2.0 ** (math.ceil(math.log2(low)) - 1),
        high=2.0 ** (math.floor(math.log2(high)) + 1),
        log=True,
    )


def bar(share: Share, most: int, key: str) -> Drawing:
    """Return a bar as long as the items of a domain or a level, filled as far as they were solved.

    Args:
        share: how they ended.
        most: how many items the longest of these bars has, at least 1.
        key: of the drawing.
    """
    full = _BAR * share.run / most
    solved = _BAR * share.solved / most
    inside = Box(x=1, y=1, width=solved, height=_BAR_HEIGHT - 2, look="solved-part")
    outline = Box(x=1, y=1, width=full, height=_BAR_HEIGHT - 2, look="outline")
    return Drawing(
        key=key,
        title=f"{share.solved} of {share.run} solved",
        says="The bar is as long as the items that were run, and filled as far as they were solved.",
        shapes=(inside, outline),
        width=_BAR + 2,
        height=_BAR_HEIGHT,
        look="bar",
    )


def emblem(answer: Answer) -> Drawing:
    """Return the answer as a sign: an interval with its middle, above the line of the cut, below it, or across it."""
    places = {
        Answer.ABOVE: ((7.0, 27.0), "An interval above a line"),
        Answer.BELOW: ((45.0, 65.0), "An interval below a line"),
        Answer.INCONCLUSIVE: ((16.0, 56.0), "An interval across a line"),
    }
    (top, bottom), says = places[answer]
    return Drawing(
        key="emblem",
        title=says,
        says=f"The sign of {answer}. The line is the cut.",
        shapes=(
            Line(points=((4, 36), (68, 36)), look="cut-line"),
            Line(points=((36, top), (36, bottom)), look="whisker"),
            *(Line(points=((27, end), (45, end)), look="whisker") for end in (top, bottom)),
            Box(x=30.5, y=(top + bottom) / 2 - 5.5, width=11, height=11, look="whisker-dot"),
        ),
        width=72,
        height=72,
        look="emblem",
    )
