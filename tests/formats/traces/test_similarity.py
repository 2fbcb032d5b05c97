"""How alike two crash states are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats.traces import Comparison, CrashState, compare, edit_similarity, shared_in_order

names = st.lists(st.text(alphabet="ab:", max_size=5), max_size=4)


def state(*frames: str, kind: str = "Abrt") -> CrashState:
    return CrashState(kind, frames)


@pytest.mark.parametrize(
    "one,other,expected",
    [
        (state("a", "b", "c"), state("a", "b", "c"), Comparison(same=True, same_kind=True, shared=3, likeness=1.0)),
        (
            state("a", "b", "c"),
            state("a", "b", "c", kind="Ill"),
            Comparison(same=False, same_kind=False, shared=3, likeness=1.0),
        ),
        (state("x", "a", "b"), state("a", "b", "y"), Comparison(same=True, same_kind=True, shared=2, likeness=0.0)),
        (state("a", "b"), state("b", "a"), Comparison(same=False, same_kind=True, shared=1, likeness=0.0)),
        (state("a"), state("a"), Comparison(same=True, same_kind=True, shared=1, likeness=1.0)),
        (state("a"), state("a", "b"), Comparison(same=False, same_kind=True, shared=1, likeness=0.5)),
        (state("parse8"), state("parse9"), Comparison(same=True, same_kind=True, shared=0, likeness=1 - 1 / 6)),
        (state("read8"), state("read9"), Comparison(same=True, same_kind=True, shared=0, likeness=0.8)),
        (state("rea8"), state("rea9"), Comparison(same=False, same_kind=True, shared=0, likeness=0.75)),
        (state(), state(), Comparison(same=False, same_kind=True, shared=0, likeness=0.0)),
        (state(), state("a", "b"), Comparison(same=False, same_kind=True, shared=0, likeness=0.0)),
    ],
)
def test_states(one: CrashState, other: CrashState, expected: Comparison) -> None:
    assert compare(one, other) == expected


@pytest.mark.parametrize(
    "one,other,distance", [("kitten", "sitting", 3), ("", "abc", 3), ("flaw", "lawn", 2), ("same", "same", 0)]
)
def test_edit_similarity_is_one_less_the_share_of_the_distance(one: str, other: str, distance: int) -> None:
    assert edit_similarity(one, other) == pytest.approx(1 - distance / max(len(one), len(other)))


def test_the_compared_part_of_a_frame_has_a_limit() -> None:
    assert edit_similarity("a" * 256 + "b" * 9000, "a" * 256 + "c" * 9000) == 1.0


@given(names, names)
def test_a_comparison_has_no_direction(one: list[str], other: list[str]) -> None:
    found, back = compare(state(*one), state(*other)), compare(state(*other), state(*one))
    assert (found.same, found.shared) == (back.same, back.shared)
    assert found.likeness == pytest.approx(back.likeness)
    assert 0 <= found.likeness <= 1


@given(names, names)
def test_the_shared_frames_are_those_of_the_plain_definition(one: list[str], other: list[str]) -> None:
    def longest(left: tuple[str, ...], right: tuple[str, ...]) -> int:
        if not left or not right:
            return 0
        if left[0] == right[0]:
            return 1 + longest(left[1:], right[1:])
        return max(longest(left[1:], right), longest(left, right[1:]))

    assert shared_in_order(one, other) == longest(tuple(one), tuple(other))


@given(names.filter(bool))
def test_a_state_with_frames_is_like_itself(frames: list[str]) -> None:
    assert compare(state(*frames), state(*frames)).same
