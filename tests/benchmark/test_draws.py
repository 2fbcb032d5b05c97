"""Draws from a seed: the same for ever, without bias, apart where they should be."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.draws import Rng

seeds = st.binary(max_size=40)


def test_the_first_draws_of_a_known_seed_never_change() -> None:
    rng = Rng(b"seed", "label")
    assert [rng.below(1000) for _ in range(6)] == [57, 428, 955, 275, 880, 896]
    assert rng.octets(5).hex() == "296ff826a0"
    assert rng.shuffled("abcdef") == ("e", "c", "f", "d", "b", "a")
    assert rng.words(2) == ("paibraind", "zistout")


@given(seeds, st.integers(1, 2**64))
def test_a_draw_is_below_its_bound(seed: bytes, bound: int) -> None:
    assert 0 <= Rng(seed).below(bound) < bound


@given(seeds, st.integers(-5, 5), st.integers(0, 9))
def test_between_includes_both_ends(seed: bytes, low: int, span: int) -> None:
    assert low <= Rng(seed).between(low, low + span) <= low + span


@pytest.mark.parametrize("bound", [0, -1, 2**64 + 1])
def test_no_other_bound_is_taken(bound: int) -> None:
    with pytest.raises(ValueError, match="no draw below"):
        Rng(b"").below(bound)


def test_every_value_comes_as_often() -> None:
    rng = Rng(b"fair")
    counts = Counter(rng.below(7) for _ in range(70_000))
    # Chi-square of 6 degrees of freedom; 22.5 is its .999 quantile.
    assert sum((count - 10_000) ** 2 / 10_000 for count in counts.values()) < 22.5


@given(seeds, st.lists(st.integers()))
def test_shuffling_keeps_everything(seed: bytes, items: list[int]) -> None:
    assert sorted(Rng(seed).shuffled(items)) == sorted(items)


@given(seeds)
def test_a_sample_has_no_repeats(seed: bytes) -> None:
    chosen = Rng(seed).sample(range(20), 10)
    assert len(set(chosen)) == len(chosen) == 10
    with pytest.raises(ValueError, match="no 3 of 2"):
        Rng(seed).sample("ab", 3)


@given(seeds)
def test_forks_do_not_hang_on_what_was_drawn_before(seed: bytes) -> None:
    one, other = Rng(seed), Rng(seed)
    other.octets(100)
    assert one.fork("part").octets(8) == other.fork("part").octets(8)
    assert one.fork("part").octets(8) != one.fork("other").octets(8)


@given(seeds)
def test_words_can_be_said_and_differ(seed: bytes) -> None:
    words = Rng(seed).words(30)
    assert len(set(words)) == 30
    assert all(word.isalpha() and word.islower() and len(word) >= 4 for word in words)


def test_chances_come_as_often_as_said() -> None:
    rng = Rng(b"chance")
    assert not any(rng.chance(0) for _ in range(100))
    assert all(rng.chance(100) for _ in range(100))
    assert 2_800 < sum(rng.chance(30) for _ in range(10_000)) < 3_200
