"""The state of a campaign is what its records say, and twins are hidden in its order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.campaign import WINDOW, order_root, progress_of, window, with_twins
from trialplate.records import AttemptOpened, Outcome, Place, RunResult


def result(place: int, attempt: int, outcome: Outcome) -> RunResult:
    return RunResult(place=place, attempt=attempt, outcome=outcome)


def test_an_attempt_without_a_result_runs() -> None:
    (only,) = progress_of(1, [AttemptOpened(place=0, attempt=1)])
    assert only.running
    assert only.outcome is None


def test_a_void_outcome_stands_only_after_three() -> None:
    bodies: list[Any] = []
    for attempt in (1, 2, 3):
        assert progress_of(1, bodies)[0].outcome is None
        bodies += [AttemptOpened(place=0, attempt=attempt), result(0, attempt, Outcome.VOID_LOST)]
    assert progress_of(1, bodies)[0].outcome is Outcome.VOID_LOST
    bodies[-1] = result(0, 3, Outcome.SOLVED)
    assert progress_of(1, bodies)[0].outcome is Outcome.SOLVED


@given(st.sets(st.integers(0, 11)), st.integers(0, 12), st.integers(1, 5))
def test_the_window_starts_at_the_first_open_place(done: set[int], most: int, width: int) -> None:
    bodies = [
        body for place in done for body in (AttemptOpened(place=place, attempt=1), result(place, 1, Outcome.NOT_SOLVED))
    ]
    found = window(progress_of(12, bodies), most=most, width=width)
    open_places = [place for place in range(most) if place not in done]
    assert found == tuple(place for place in open_places if place - open_places[0] < width)


@given(st.integers(1, 40), st.binary(min_size=32, max_size=32))
def test_twins_stand_after_their_items_and_change_nothing_else(count: int, seed: bytes) -> None:
    items = [f"{number:04}" for number in range(count)]
    places = with_twins(items, seed)
    assert [place.item for place in places if not place.twin] == items
    twins = [number for number, place in enumerate(places) if place.twin]
    assert len(twins) == max(1, round(count * 0.1))
    for number in twins:
        assert Place(item=places[number].item, twin=False) in places[:number]
    assert len({places[number].item for number in twins}) == len(twins)
    assert places == with_twins(items, seed)


def test_every_stretch_of_an_order_has_its_twin() -> None:
    places = with_twins([f"{number:04}" for number in range(30)], bytes(32))
    before = [sum(not place.twin for place in places[:at]) for at, place in enumerate(places) if place.twin]
    assert [(number - 1) // 10 for number in before] == [0, 1, 2]


def test_the_root_hangs_on_places_and_salt() -> None:
    places = (Place(item="aa", twin=False), Place(item="bb", twin=False))
    root = order_root(places, b"salt")
    assert root != order_root(places, b"other")
    assert root != order_root(places[::-1], b"salt")
    assert root != order_root((places[0], Place(item="bb", twin=True)), b"salt")
    assert WINDOW == 4
