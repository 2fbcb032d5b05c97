"""Rule L a second time, in plain Python and slowly, written from docs/measurement.md and docs/formats/decision.md.

It shares nothing with the package but the values that go in: items and designs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from trialplate.measurement import Design, ItemRow

Law = list[float]
"""The probabilities of the answers 0 ... K."""

NODES = 21


def hermite(x: float) -> tuple[float, float]:
    """Return He_20(x) / sqrt(20!) and He_21(x) / sqrt(21!), the normalized polynomials of the standard normal."""
    before, now = 0.0, 1.0
    for n in range(NODES):
        before, now = now, (x * now - math.sqrt(n) * before) / math.sqrt(n + 1)
    return before, now


def normal_rule() -> list[tuple[float, float]]:
    """Return nodes and weights: the roots of He_21, by bisection between changes of sign."""
    found: list[tuple[float, float]] = []
    edges = [-9 + step * 0.01 + 0.003 for step in range(1800)]
    for edge, next_edge in pairwise(edges):
        if hermite(edge)[1] * hermite(next_edge)[1] > 0:
            continue
        low, high = edge, next_edge
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (low, middle) if hermite(low)[1] * hermite(middle)[1] <= 0 else (middle, high)
        found.append((low, 1 / (NODES * hermite(low)[0] ** 2)))
    assert len(found) == NODES
    return found


RULE = normal_rule()


def reach(item: ItemRow, theta: float, kappa: float, s: float, eps: float) -> list[float]:
    """Return P(X >= k) for k = 1 ... K."""
    chances: list[float] = []
    for b in item.difficulties:
        exact = sum(w / (1 + math.exp(-kappa * item.a * (theta - b - s * z))) for z, w in RULE)
        chances.append(eps / 2 + (1 - eps) * exact)
    return chances


def law(chances: Sequence[float]) -> Law:
    """Return the probabilities of the answers from those of reaching each milestone."""
    steps = [1.0, *chances, 0.0]
    return [high - low for high, low in pairwise(steps)]


def corners(design: Design) -> list[tuple[float, float, float]]:
    """Return the two corners of the declared set."""
    box = design.nuisance
    return [(box.kappa[0], box.s[1], box.eps[1]), (box.kappa[1], box.s[0], box.eps[0])]


def laws_above(item: ItemRow, design: Design) -> tuple[Law, Law]:
    """Return the law that ABOVE hopes for, and the envelope's."""
    theta = 0.45 * math.log2(design.cut_hours)
    bars = [reach(item, theta - design.delta + design.linking, *corner) for corner in corners(design)]
    return law(reach(item, theta + design.delta, 1, 0, 0)), law([max(pair) for pair in zip(*bars, strict=True)])


def laws_below(item: ItemRow, design: Design) -> tuple[Law, Law]:
    """Return the law that BELOW hopes for, and the envelope's, of answers counted from the highest one down."""
    theta = 0.45 * math.log2(design.cut_hours)
    shift = design.delta - design.linking - design.elicitation
    bars = [reach(item, theta + shift, *corner) for corner in corners(design)]
    hoped, feared = reach(item, theta - design.delta, 1, 0, 0), [min(pair) for pair in zip(*bars, strict=True)]
    return law(hoped)[::-1], law(feared)[::-1]


def scores(hope: Law, null: Law) -> list[int]:
    """Return the scores of the answers 0 ... K."""
    best, found = 0, list[int]()
    for x in range(len(hope)):
        score = math.floor(round(12 * (math.log(hope[x] / null[x]) - math.log(hope[0] / null[0])), 9) + 0.5)
        best = max(best, score)
        found.append(best)
    return found


@dataclass
class NaiveSide:
    """One side: places as (scores, hoped law, feared law), and the looks."""

    places: list[tuple[list[int], Law, Law]]
    looks: list[int]
    cost: float

    def top(self, n: int) -> int:
        """Return the highest sum after n places."""
        return sum(max(place[0]) for place in self.places[:n])

    def crossing(self, bounds: Sequence[int]) -> float:
        """Return the probability that the sum ever crosses, by following each sum."""
        crossed, alive = 0.0, {0: 1.0}
        for n, (points, _, null) in enumerate(self.places, 1):
            following: dict[int, float] = {}
            for total, chance in alive.items():
                for point, probability in zip(points, null, strict=True):
                    following[total + point] = following.get(total + point, 0.0) + chance * probability
            if n in self.looks:
                crossed += math.fsum(chance for total, chance in following.items() if total >= bounds[n - 1])
                following = {total: chance for total, chance in following.items() if total < bounds[n - 1]}
            alive = following
        return crossed

    def induced(self, log_price: float) -> list[int]:
        """Return the boundary of a price, by backward induction over every sum."""
        count = len(self.places)
        drift = [math.fsum(math.log(hope[0] / null[0]) for _, hope, null in self.places[:n]) for n in range(count + 1)]
        bounds = [0] * count
        going_on = [self.cost] * (self.top(count) + 1)
        for n in range(count, 0, -1):
            worth = list(going_on)
            bounds[n - 1] = len(going_on)
            if n in self.looks:
                price = [math.exp(log_price - total / 12 - drift[n]) for total in range(len(going_on))]
                crossing = [total for total in range(len(going_on)) if price[total] <= going_on[total]]
                bounds[n - 1] = min(crossing, default=len(going_on))
                worth = [min(pair) for pair in zip(price, going_on, strict=True)]
            points, hope, _ = self.places[n - 1]
            going_on = [
                1 + sum(p * worth[total + point] for point, p in zip(points, hope, strict=True))
                for total in range(self.top(n - 1) + 1)
            ]
        return bounds

    def boundary(self, level: float) -> tuple[list[int], float]:
        """Return the boundary of a level, and the level that it attains."""
        low, high = -100.0, 100.0
        for _ in range(70):
            middle = (low + high) / 2
            if self.crossing(self.induced(middle)) <= level:
                high = middle
            else:
                low = middle
        bounds = self.induced(high)
        while True:
            attained = self.crossing(bounds)
            fitting = [
                (round(value - attained, 12), -n, lower)
                for n in self.looks
                for lower in self.next_lower(bounds, n)
                if (value := self.crossing([*bounds[: n - 1], lower, *bounds[n:]])) <= level
            ]
            if not fitting:
                return bounds, attained
            _, minus_n, lower = max(fitting)
            bounds[-minus_n - 1] = lower

    def next_lower(self, bounds: Sequence[int], n: int) -> list[int]:
        """Return the highest sum above 0 that is alive just below a bound, if any."""
        sums = {0}
        for number, (points, _, _) in enumerate(self.places[:n], 1):
            sums = {total + point for total in sums for point in points}
            if number in self.looks:
                sums = {total for total in sums if total < bounds[number - 1]}
        return [max(sums)] if sums and max(sums) > 0 else []


def side(laws: Sequence[tuple[Law, Law]], design: Design) -> NaiveSide:
    """Return the side of these laws."""
    looks = sorted({*range(design.look_every, design.n_max + 1, design.look_every), design.n_max})
    return NaiveSide([(scores(hope, null), hope, null) for hope, null in laws], looks, design.cost)


def decided(
    above: Sequence[Sequence[int]],
    below: Sequence[Sequence[int]],
    bounds: tuple[Sequence[int], Sequence[int]],
    looks: Sequence[int],
    answers: Sequence[tuple[int, int]],
) -> tuple[str, int]:
    """Return outcome and runs, from the page alone."""
    up = down = 0
    for n, (x_above, x_below) in enumerate(answers, 1):
        up, down = up + above[n - 1][x_above], down + below[n - 1][x_below]
        if n in looks:
            is_up, is_down = up >= bounds[0][n - 1], down >= bounds[1][n - 1]
            if is_up and is_down:
                return "INCONCLUSIVE", n
            if is_up or is_down:
                return ("ABOVE" if is_up else "BELOW"), n
    return "INCONCLUSIVE", len(answers)
