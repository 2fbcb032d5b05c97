"""One side of a rule: scores, and a boundary whose level is exact under the envelope.

A side looks at answers such that a higher one speaks for it: ABOVE takes them as they are, BELOW takes them reversed.
Scores of an answer are integers, 0 for the lowest answer; T_n is the sum of the first n. The boundary solves, by
backward induction over (n, T_n), the problem of whoever pays 1 a run, `cost` for never crossing, and for crossing
lambda / (likelihood ratio): that is, lambda times the probability of crossing under the envelope. lambda is bisected
until a forward recursion gives the level.

That the recursion's value holds for every law whose P(X_n >= k | past) stays within the envelope, and for every way to
stop, is the theorem of docs/measurement.md. It needs scores that do not fall in the answer, and nothing else of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from trialplate.measurement.special import Floats, Ints

SCALE: Final = 12
"""Scores are twelfths of a nat."""

_LEAST: Final = 1e-12
"""No logarithm is taken of a smaller probability. It shapes scores only, and any scores that do not fall are valid."""

_NARROW: Final = 1e-12
"""The bisection ends at this width of ln lambda, where more than one bound changes at one price."""

_SCORE_DIGITS: Final = 9
_DIGITS: Final = 12
"""Levels are compared to so many digits where rounding errors would choose otherwise."""

Bounds = tuple[int, ...]


class Branch(NamedTuple):
    """An answer: its score, and its probability where the side is right and under the envelope."""

    score: int
    hope: float
    null: float


@dataclass(frozen=True, eq=False)
class Side:
    """What one side of a rule is made from: n places with answers 0 ... K, of which place i has the first steps[i] + 1.

    Attributes:
        scores: (n, K + 1), from 0 on and never falling along a row.
        hope: probabilities of the answers where this side is right, (n, K + 1).
        null: their probabilities under the envelope, (n, K + 1).
        drift: ln(hope / null) of the lowest answer, (n,): with the scores it gives the likelihood ratio.
        steps: (n,).
    """

    scores: Ints
    hope: Floats
    null: Floats
    drift: Floats
    steps: Ints

    @cached_property
    def reach(self) -> tuple[int, ...]:
        """The highest sum after 0 ... n places."""
        return (0, *np.cumsum(self.scores.max(axis=1)).tolist())

    @cached_property
    def branches(self) -> tuple[tuple[Branch, ...], ...]:
        """The answers of each place."""
        return tuple(
            tuple(Branch(*values) for values in zip(*columns, strict=True))[: steps + 1]
            for *columns, steps in zip(
                self.scores.tolist(), self.hope.tolist(), self.null.tolist(), self.steps.tolist(), strict=True
            )
        )


def side_of(hope: Floats, null: Floats, steps: Ints) -> Side:
    """Return the side whose answers have these laws, (n, K + 1) each.

    w(x) = round(SCALE [ln hope(x) / null(x) - ln hope(0) / null(0)]), raised to the highest of the answers below x.
    Design difficulties do give halves. They are rounded up, after a rounding to nine digits, so that machines agree.
    """
    ratio = np.log(np.maximum(hope, _LEAST)) - np.log(np.maximum(null, _LEAST))
    exact = np.round(SCALE * (ratio - ratio[:, :1]), _SCORE_DIGITS)
    scores = np.floor(exact + 0.5).astype(np.int64)
    scores[np.arange(scores.shape[1]) > steps[:, np.newaxis]] = 0
    return Side(np.maximum.accumulate(scores, axis=1), hope, null, ratio[:, 0], steps)


def reversed_answers(laws: Floats, steps: Ints) -> Floats:
    """Return laws of answers, (n, K + 1), with the answers of each place counted from its highest one down."""
    index: Ints = steps[:, np.newaxis] - np.arange(laws.shape[1], dtype=np.int64)
    return np.where(index >= 0, np.take_along_axis(laws, np.maximum(index, 0), axis=1), 0.0)


def crossing(side: Side, bounds: Sequence[int], looks: Sequence[int]) -> float:
    """Return P(T_n >= bounds[n - 1] at some look n) under the envelope, by forward recursion over the law of T_n."""
    return _forward(side, bounds, frozenset(looks))[0]


def boundary(side: Side, level: float, cost: float, looks: Sequence[int]) -> tuple[Bounds, float]:
    """Return the boundary of a side and the level that it attains: at most `level`, as near as single steps bring it.

    A bound that no sum reaches stands where there is no look, and where it is never worth stopping.

    Args:
        side: n places.
        level: from 0 to 1, both excluded.
        cost: of never crossing, in runs, at least 1.
        looks: after how many places the boundary is looked at, rising, the last one n.
    """
    at = frozenset(looks)
    drift = np.concatenate([[0.0], np.cumsum(side.drift)])
    # Below `low` stopping at the first look is free, and above `high` it is dearer than never crossing.
    low = float(drift.min()) - 10.0
    high = float(drift.max()) + side.reach[-1] / SCALE + math.log(cost + len(side.steps)) + 1.0
    below, bounds = _induced(side, low, cost, at), _induced(side, high, cost, at)
    # No bound falls as the price rises. Once both ends differ by one step, no price between them has another boundary.
    while sum(bounds) - sum(below) > 1 and high - low > _NARROW:
        middle = (low + high) / 2
        tried = _induced(side, middle, cost, at)
        if crossing(side, tried, looks) <= level:
            high, bounds = middle, tried
        else:
            low, below = middle, tried
    return _refined(side, bounds, level, at)


def _forward(side: Side, bounds: Sequence[int], looks: frozenset[int]) -> tuple[float, list[Floats]]:
    """Return P(crossed) and, for each n, the law of T_n where nothing was crossed yet, over the sums 0 ... reach[n]."""
    crossed, mass, masses = 0.0, np.ones(1), list[Floats]()
    for place, (size, branches) in enumerate(zip(side.reach[1:], side.branches, strict=True)):
        spread = np.zeros(size + 1)
        for branch in branches:
            spread[branch.score : branch.score + len(mass)] += branch.null * mass
        if place + 1 in looks:
            crossed += float(np.sum(spread[bounds[place] :]))
            spread[bounds[place] :] = 0.0
        mass = spread
        masses.append(mass)
    return crossed, masses


def _induced(side: Side, log_price: float, cost: float, looks: frozenset[int]) -> Bounds:
    """Return the boundary at which crossing, for exp(log_price) / likelihood ratio, first costs no more than going on.

    Both costs fall in the sum, that of crossing the faster: with every step it falls by one factor, and the cost of
    going on by no larger one. So what is worth crossing is all that lies above a bound.
    """
    count = len(side.steps)
    drift = np.cumsum(side.drift)
    bounds = [0] * count
    going_on: Floats = np.full(side.reach[-1] + 1, float(cost))
    for number in range(count, 0, -1):
        worth = going_on
        bounds[number - 1] = len(going_on)
        if number in looks:
            price = np.exp(log_price - np.arange(len(going_on)) / SCALE - drift[number - 1])
            stops = price <= going_on
            if stops.any():
                bounds[number - 1] = int(np.argmax(stops))
            worth = np.minimum(price, going_on)
        going_on = 1.0 + _mean(side, number - 1, worth, hope=True)
    return tuple(bounds)


def _mean(side: Side, place: int, values: Floats, *, hope: bool) -> Floats:
    """Return, for each sum before a place, the mean of `values` of the sum after it."""
    size = side.reach[place] + 1
    mean = np.zeros(size)
    for branch in side.branches[place]:
        mean += (branch.hope if hope else branch.null) * values[branch.score : branch.score + size]
    return mean


def _refined(side: Side, bounds: Bounds, level: float, looks: frozenset[int]) -> tuple[Bounds, float]:
    """Return the boundary lowered, a sum at a time and each time by the most that fits, until nothing more fits."""
    attained, masses = _forward(side, bounds, looks)
    while lower := _best_step(_steps_down(side, bounds, masses, looks), level - attained):
        tried = (*bounds[: lower.place], lower.bound, *bounds[lower.place + 1 :])
        value, tried_masses = _forward(side, tried, looks)
        # What fits by less than rounding errors may not fit.
        if value > level:
            break
        bounds, attained, masses = tried, value, tried_masses
    return bounds, attained


@dataclass(frozen=True)
class _Step:
    """A bound that could be lowered so far that one more sum crosses, and what that adds to the level."""

    place: int
    bound: int
    gain: float


def _best_step(steps: Sequence[_Step], room: float) -> _Step | None:
    """Return the step that adds most of those that fit; the earliest of those that add as much to twelve digits."""
    fitting = (step for step in steps if step.gain <= room)
    return max(fitting, key=lambda step: (round(step.gain, _DIGITS), -step.place), default=None)


def _steps_down(side: Side, bounds: Bounds, masses: Sequence[Floats], looks: frozenset[int]) -> list[_Step]:
    later: Floats = np.zeros(side.reach[-1] + 1)
    steps: list[_Step] = []
    for number in range(len(bounds), 0, -1):
        place = number - 1
        if number in looks:
            likely = np.flatnonzero(masses[place][: bounds[place]] > 0)
            if len(likely) and likely[-1] > 0:
                bound = int(likely[-1])
                steps.append(_Step(place, bound, float(masses[place][bound] * (1 - later[bound]))))
            later = np.where(np.arange(len(later)) >= bounds[place], 1.0, later)
        later = _mean(side, place, later, hope=False)
    return steps
