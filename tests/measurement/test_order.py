"""The order: blocks of domains, rounds of families, the best few, and the same draw on every machine."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measurement.making import items, spread
from tests.measurement.naive_order import by_the_page, words, worth
from trialplate.measurement import Design, ItemRow, design_row
from trialplate.measurement.order import FEW, OrderError, _Chance, information, order, order_seed

DESIGN = Design(cut_hours=1, n_max=36, linking=0.15)
SEED = bytes(range(32))
TABLE = items(spread(36))


def test_an_order_holds_every_item_of_the_band_once() -> None:
    far = [replace(TABLE[0], item="easy", b=-1.01), replace(TABLE[0], item="hard", b=1.01)]
    drawn = order([*TABLE, *far], DESIGN, SEED)
    assert sorted(drawn) == sorted(row.item for row in TABLE)
    assert len(order([*TABLE, *far], replace(DESIGN, band=2.0), SEED)) == 38


@given(st.binary(min_size=32, max_size=32), st.integers(1, 12), st.integers(1, 6), st.integers(1, 40))
@settings(max_examples=30)
def test_an_order_is_the_one_of_the_page(seed: bytes, families: int, domains: int, count: int) -> None:
    rows = items(spread(count), families=families, domains=domains)
    assert list(order(rows, DESIGN, seed)) == by_the_page(rows, DESIGN, seed)


def test_the_order_of_the_table_plays_no_part() -> None:
    assert order(TABLE[::-1], DESIGN, SEED) == order(TABLE, DESIGN, SEED)


def test_an_order_is_pinned() -> None:
    drawn = order([design_row(f"i{n}", f"f{n % 4}", f"d{n % 2}", 30 + 7 * n) for n in range(12)], DESIGN, SEED)
    assert drawn == ("i3", "i6", "i4", "i9", "i7", "i10", "i8", "i5", "i1", "i2", "i0", "i11")


def test_no_family_comes_twice_before_all_came_once() -> None:
    by_name = {row.item: row for row in TABLE}
    families = [by_name[item].family for item in order(TABLE, DESIGN, SEED)]
    for start in range(0, 30, 10):
        assert len(set(families[start : start + 10])) == 10
    assert max(Counter(families).values()) - min(Counter(families).values()) <= 1


def test_a_block_holds_one_item_a_domain() -> None:
    by_name = {row.item: row for row in TABLE}
    domains = [by_name[item].domain for item in order(TABLE, DESIGN, SEED)]
    for start in range(0, 30, 5):
        assert len(set(domains[start : start + 5])) == 5


def test_the_informative_come_first_in_a_block() -> None:
    rows = items(spread(40), families=40, domains=1)
    told = {row.item: each.both for row, each in zip(rows, information(rows, DESIGN), strict=True)}
    best = sorted(told.values(), reverse=True)
    places = [best.index(told[item]) for item in order(rows, DESIGN, SEED)]
    assert all(rank <= n + 2 * FEW for n, rank in enumerate(places[:10]))
    firsts = {order(rows, DESIGN, bytes([n]) * 32)[0] for n in range(40)}
    assert firsts == set(sorted(told, key=lambda item: (-round(1e6 * told[item]), item))[:FEW])


def test_an_item_that_one_side_learns_nothing_from_comes_last() -> None:
    rows = items([0.0, 0.1, 0.2, 0.9], families=4, domains=1)
    cautious = replace(DESIGN, elicitation=0.35)
    told = information(rows, cautious)
    assert told[-1].above > 0
    assert all(each.both < min(each.above, each.below) * 2 for each in told)
    mute = information(rows, replace(DESIGN, elicitation=2.0))
    assert [(each.below, each.both) for each in mute] == [(0.0, 0.0)] * 4
    assert order(rows, replace(DESIGN, elicitation=2.0), SEED)


def test_information_is_a_divergence() -> None:
    for row, each in zip(TABLE, information(TABLE, DESIGN), strict=True):
        assert round(each.both * 1e6) == pytest.approx(worth(row, DESIGN), abs=1)


def test_a_seed_binds_commitment_and_beacon() -> None:
    expected = hashlib.sha256(b"trialplate.order/1\n" + bytes(7) + b"\x03" + b"abcd").digest()
    assert order_seed(b"abc", b"d") == expected
    assert len({order_seed(b"abc", b"d"), order_seed(b"ab", b"cd"), order_seed(b"abc", b"e")}) == 3
    for empty in ((b"", b"d"), (b"abc", b"")):
        with pytest.raises(OrderError):
            order_seed(*empty)


@pytest.mark.parametrize(
    "rows, seed, says",
    [
        (TABLE, bytes(31), "31 bytes"),
        ([*TABLE, TABLE[0]], SEED, "twice"),
        ([], SEED, "No item"),
        ([replace(TABLE[0], b=5.0)], SEED, "No item"),
    ],
)
def test_what_gives_no_order_is_refused(rows: list[ItemRow], seed: bytes, says: str) -> None:
    with pytest.raises(OrderError, match=says):
        order(rows, DESIGN, seed)


def test_places_are_drawn_evenly() -> None:
    rows = items([0.0, 0.0, 0.0], families=3, domains=1)
    firsts = Counter(order(rows, DESIGN, hashlib.sha256(bytes([n % 256, n // 256])).digest())[0] for n in range(1500))
    assert set(firsts) == {"item-000", "item-001", "item-002"}
    # Of 1,500 draws with chance one third, a count beyond 5 standard deviations from 500 comes once in a million.
    assert all(abs(count - 500) < 92 for count in firsts.values())


def test_the_words_are_those_of_numpy() -> None:
    key = np.frombuffer(SEED, dtype=">u8").astype(np.uint64)
    drawn = np.random.Philox(key=key[:2], counter=np.array([key[2], key[3], 0, 0], np.uint64)).random_raw(9)
    assert drawn.tolist() == words(SEED, 9)


def test_words_that_would_favor_small_numbers_are_passed_over() -> None:
    bound = 2**63 + 1
    kept = [word for word in words(SEED, 40) if word < bound]
    luck = _Chance(SEED)
    assert [luck.below(bound) for _ in range(15)] == kept[:15]
    assert len(kept) < 30


def test_the_counter_carries_over() -> None:
    seed = bytes(16) + b"\xff" * 16
    key = np.frombuffer(seed, dtype=">u8").astype(np.uint64)
    drawn = np.random.Philox(key=key[:2], counter=np.array([key[2], key[3], 0, 0], np.uint64)).random_raw(5)
    assert drawn.tolist() == words(seed, 5)
    assert len([*groupby(drawn.tolist())]) == 5
