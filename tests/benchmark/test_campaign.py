"""The state of a campaign is what its records say, and its order is fair to families."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.campaign import WINDOW, draw_order, order_root, progress_of, window
from trialplate.benchmark.items import Item
from trialplate.records import AttemptOpened, Outcome, Place, RunResult


def items(families: int, each: int) -> list[Item]:
    made = [
        SimpleNamespace(id=f"{family:02}{index:02}", family=SimpleNamespace(name=f"family-{family}"))
        for family in range(families)
        for index in range(each)
    ]
    return cast("list[Item]", made)


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


@given(st.integers(1, 10), st.integers(1, 4), st.binary(min_size=32, max_size=32))
def test_an_order_holds_every_item_once_and_some_twins(families: int, each: int, seed: bytes) -> None:
    places = draw_order(items(families, each), seed)
    alone = [place.item for place in places if not place.twin]
    assert sorted(alone) == sorted(item.id for item in items(families, each))
    twins = [number for number, place in enumerate(places) if place.twin]
    assert len(twins) == max(1, round(families * each * 0.07))
    for number in twins:
        assert Place(item=places[number].item, twin=False) in places[:number]
    assert places == draw_order(items(families, each), seed)


@given(st.binary(min_size=32, max_size=32))
def test_no_family_comes_again_before_all_have_come(seed: bytes) -> None:
    alone = [place.item[:2] for place in draw_order(items(10, 4), seed) if not place.twin]
    for start in range(0, 40, 10):
        assert len(set(alone[start : start + 10])) == 10


def test_the_root_hangs_on_places_and_salt() -> None:
    places = (Place(item="aa", twin=False), Place(item="bb", twin=False))
    root = order_root(places, b"salt")
    assert root != order_root(places, b"other")
    assert root != order_root(places[::-1], b"salt")
    assert root != order_root((places[0], Place(item="bb", twin=True)), b"salt")
    assert WINDOW == 4
