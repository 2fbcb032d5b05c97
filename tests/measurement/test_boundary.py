"""One side of a rule: the recursion is exact, the level holds for every dominated law, nothing is given away."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measurement.making import items, spread, tables
from trialplate.measurement import Design, ItemRow
from trialplate.measurement.boundary import Side, boundary, crossing, reversed_answers, side_of
from trialplate.measurement.model import levels_of
from trialplate.measurement.rule import sides

LAWS = 1000


def above(rows: list[ItemRow], *, linking: float = 0.0) -> Side:
    """Return the side of ABOVE for a cut at 1 hour."""
    return sides(levels_of(rows), Design(cut_hours=1, n_max=len(rows), linking=linking)).above


def random_side(rng: random.Random, places: int) -> Side:
    """Return a side with random laws and scores that do not fall, of up to three answers a place."""
    steps = np.array([rng.choice((1, 1, 2)) for _ in range(places)])
    laws = np.zeros((2, places, 3))
    for which, place in product(range(2), range(places)):
        parts = [rng.random() + 0.02 for _ in range(int(steps[place]) + 1)]
        laws[which, place, : len(parts)] = np.array(parts) / sum(parts)
    return side_of(laws[0], laws[1], steps)


def by_enumeration(side: Side, bounds: tuple[int, ...], looks: tuple[int, ...]) -> float:
    """Return the probability of crossing as a sum over every string of answers."""
    crossed = 0.0
    for string in product(*(range(int(steps) + 1) for steps in side.steps)):
        total, chance, hit = 0, 1.0, False
        for n, x in enumerate(string):
            total += int(side.scores[n, x])
            chance *= float(side.null[n, x])
            hit = hit or (n + 1 in looks and total >= bounds[n])
        crossed += chance * hit
    return crossed


@given(st.integers(0, 10**9), st.integers(1, 10), st.data())
@settings(max_examples=40)
def test_the_recursion_is_the_sum_over_all_strings(seed: int, places: int, data: st.DataObject) -> None:
    side = random_side(random.Random(seed), min(places, 7))
    count = len(side.steps)
    looks = tuple(sorted({*data.draw(st.sets(st.integers(1, count))), count}))
    top = int(side.reach[-1])
    bounds = tuple(data.draw(st.lists(st.integers(1, top + 1), min_size=count, max_size=count)))
    assert crossing(side, bounds, looks) == pytest.approx(by_enumeration(side, bounds, looks), abs=1e-12)


@pytest.mark.parametrize("places", range(1, 11))
def test_the_recursion_is_the_sum_over_all_strings_of_passes_and_failures(places: int) -> None:
    side, looks = above(items(spread(places))), tuple(range(1, places + 1))
    bounds, attained = boundary(side, 0.2, 30, looks)
    assert attained == pytest.approx(by_enumeration(side, bounds, looks), abs=1e-12)
    assert attained <= 0.2


@dataclass(frozen=True)
class Dominated:
    """A random law within an envelope: after each history it takes a part of every bound, often all or nothing of it.

    Attributes:
        reach: the envelope, P(X >= k) for k = 1 ... K of each place.
        parts: the part for each history, by a number of the history.
        quits: which histories end the campaign, likewise.
        forgetful: the part depends on the place alone.
    """

    reach: tuple[tuple[float, ...], ...]
    parts: tuple[float, ...]
    quits: tuple[bool, ...]
    forgetful: bool

    def law(self, history: tuple[int, ...]) -> list[float]:
        """Return the probabilities of the answers after a history."""
        part = self.parts[len(history) if self.forgetful else number_of(history)]
        chances = [1.0, *(part * bound for bound in self.reach[len(history)]), 0.0]
        return [high - low for high, low in pairwise(chances)]

    def stops(self, history: tuple[int, ...]) -> bool:
        """Say whether the campaign is given up after a history."""
        return self.quits[number_of(history)]


def number_of(history: tuple[int, ...]) -> int:
    """Return a number of its own for each history of up to 6 answers from 0 to 2."""
    return reduce(lambda number, x: 3 * number + x + 1, history, 0)


HISTORIES = 3**7


def random_law(rng: random.Random, side: Side) -> Dominated:
    """Return a law within the envelope of a side."""
    reach = tuple(
        tuple(float(side.null[n, x:].sum()) for x in range(1, int(steps) + 1)) for n, steps in enumerate(side.steps)
    )
    parts = tuple(rng.choice((0.0, 1.0, 1.0, 1.0, rng.random())) for _ in range(HISTORIES))
    leaves = rng.choice((0.0, 0.1))
    quits = tuple(rng.random() < leaves for _ in range(HISTORIES))
    return Dominated(reach, parts, quits, forgetful=rng.random() < 0.3)


def crossed_under(side: Side, law: Dominated, bounds: tuple[int, ...], history: tuple[int, ...], total: int) -> float:
    """Return the exact probability of crossing from a history on, by recursion over all that may follow."""
    count = len(history)
    if count and total >= bounds[count - 1]:
        return 1.0
    if count == len(bounds) or law.stops(history):
        return 0.0
    return sum(
        chance * crossed_under(side, law, bounds, (*history, x), total + int(side.scores[count, x]))
        for x, chance in enumerate(law.law(history))
        if chance > 0
    )


def test_no_dominated_law_passes_the_level() -> None:
    nearest = 0.0
    for seed in range(LAWS):
        rng = random.Random(seed)
        side = random_side(rng, rng.randint(3, 6))
        looks = tuple(range(1, len(side.steps) + 1))
        bounds, attained = boundary(side, rng.choice((0.05, 0.2, 0.4)), 20, looks)
        crossed = crossed_under(side, random_law(rng, side), bounds, (), 0)
        assert crossed <= attained + 1e-12
        nearest = max(nearest, crossed / attained if attained else 0.0)
    # Some of these laws all but reach the level, so that a level that was a little too high would have been seen.
    assert nearest > 0.95


@pytest.mark.parametrize("factor, passes", [(1.0, False), (1.1, True)])
def test_only_a_law_beyond_the_envelope_passes_the_level(factor: float, *, passes: bool) -> None:
    side = above(items(spread(6)))
    bounds, attained = boundary(side, 0.05, 20, tuple(range(1, 7)))
    reach = tuple((factor * float(side.null[n, 1]),) for n in range(6))
    law = Dominated(reach, (1.0,) * HISTORIES, (False,) * HISTORIES, forgetful=False)
    assert (crossed_under(side, law, bounds, (), 0) > attained + 1e-12) == passes


@given(rows=tables(least=2, most=12, steps=3), level=st.sampled_from([0.001, 0.02, 0.05, 0.3]))
@settings(max_examples=40)
def test_a_level_is_reached_from_below_as_near_as_one_more_sum(rows: list[ItemRow], level: float) -> None:
    side, looks = above(rows), tuple(range(1, len(rows) + 1))
    bounds, attained = boundary(side, level, 30, looks)
    assert attained == crossing(side, bounds, looks) <= level
    for n in range(len(rows)):
        for lower in range(bounds[n] - 1, 0, -1):
            value = crossing(side, (*bounds[:n], lower, *bounds[n + 1 :]), looks)
            assert value == pytest.approx(attained, abs=1e-15) or value > level


def test_a_level_is_not_passed_by_a_rounding_error() -> None:
    for seed in range(60):
        side = random_side(random.Random(seed), 5)
        looks = (1, 2, 3, 4, 5)
        bounds, attained = boundary(side, 0.2, 20, looks)
        for n in range(5):
            value = crossing(side, (*bounds[:n], max(1, bounds[n] - 9), *bounds[n + 1 :]), looks)
            if attained < value < 1:
                level = math.nextafter(value, 0)
                assert boundary(side, level, 20, looks)[1] <= level


def test_a_long_order_comes_close_to_its_level() -> None:
    side = above(items(spread(36)), linking=0.15)
    _, attained = boundary(side, 0.05, 30, tuple(range(1, 37)))
    assert 0.0499 < attained <= 0.05


def test_fewer_looks_are_a_part_of_all_looks_and_hold_the_level() -> None:
    side = above(items(spread(24)))
    every = tuple(range(1, 25))
    bounds, attained = boundary(side, 0.05, 30, every)
    last = attained
    for some in (every[1::2], every[3::4], every[7::8], (24,)):
        value = crossing(side, bounds, some)
        assert value < last
        last = value
    own, attained = boundary(side, 0.05, 30, every[3::4])
    assert attained <= 0.05
    # No sum reaches the bound of a run after which nobody looks, so looking there as well changes nothing.
    assert crossing(side, own, every) == attained


def test_a_dearer_end_keeps_more_of_the_level_for_the_last_runs() -> None:
    side, looks = above(items(spread(20))), tuple(range(1, 21))
    cheap, dear = (boundary(side, 0.05, cost, looks)[0] for cost in (2, 200))
    assert all(low <= high for low, high in zip(cheap[:16], dear[:16], strict=True))
    assert cheap[7] < dear[7]
    assert cheap[-1] > dear[-1]


def test_nothing_is_said_where_no_score_rises() -> None:
    rows = items([0.0, 0.1])
    both = sides(levels_of(rows), Design(cut_hours=1, n_max=2, elicitation=2.0))
    assert not both.below.scores.any()
    bounds, attained = boundary(both.below, 0.05, 30, (1, 2))
    assert (bounds, attained) == ((1, 1), 0.0)


def test_scores_of_an_answer_that_nobody_gives_are_finite() -> None:
    hope, null = np.array([[0.5, 0.5, 0.0]]), np.array([[1.0, 0.0, 0.0]])
    side = side_of(hope, null, np.array([1]))
    assert side.scores.tolist() == [[0, 332, 332]]


@given(rows=tables(steps=4))
def test_scores_do_not_fall_in_the_answer(rows: list[ItemRow]) -> None:
    both = sides(levels_of(rows), Design(cut_hours=1, n_max=len(rows)))
    for side in (both.above, both.below):
        assert not side.scores[:, 0].any()
        assert (np.diff(side.scores, axis=1) >= 0).all()


def test_halves_are_rounded_up_whatever_the_last_digit() -> None:
    # 1.125 nats are 13.5 twelfths; a rounding error to either side must not decide.
    for error in (-1e-14, 0.0, 1e-14):
        odds = 1 / (1 + math.exp(-(1.125 + error)))
        side = side_of(np.array([[1 - odds, odds]]), np.array([[0.5, 0.5]]), np.array([1]))
        assert side.scores.tolist() == [[0, 14]]


def test_reversed_laws_count_from_the_highest_answer() -> None:
    laws = np.array([[0.2, 0.8, 0.0], [0.1, 0.2, 0.7]])
    steps = np.array([1, 2])
    assert reversed_answers(laws, steps).tolist() == [[0.8, 0.2, 0.0], [0.7, 0.2, 0.1]]
    assert reversed_answers(reversed_answers(laws, steps), steps).tolist() == laws.tolist()
