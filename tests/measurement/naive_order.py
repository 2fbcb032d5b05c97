"""The order a second time, in plain Python and slowly, written from docs/formats/decision.md."""

from __future__ import annotations

import math

from tests.measurement import naive
from trialplate.measurement import Design, ItemRow

MASK = 2**64 - 1


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Return a block of Philox4x64-10 as its authors specify it (Salmon and others, 2011)."""
    (k0, k1), (c0, c1, c2, c3) = key, counter
    for _ in range(10):
        one, other = 0xD2E7470EE14C6C93 * c0, 0xCA5A826395121157 * c2
        c0, c1, c2, c3 = (other >> 64) ^ c1 ^ k0, other & MASK, (one >> 64) ^ c3 ^ k1, one & MASK
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & MASK, (k1 + 0xBB67AE8584CAA73B) & MASK
    return c0, c1, c2, c3


def words(seed: bytes, count: int) -> list[int]:
    """Return the words that an order is drawn from: blocks of the counters after the seed's."""
    k0, k1, c0, c1 = (int.from_bytes(seed[at : at + 8], "big") for at in range(0, 32, 8))
    start, found = c0 | c1 << 64, list[int]()
    while len(found) < count:
        start += 1
        found += philox((k0, k1), (start & MASK, start >> 64 & MASK, start >> 128 & MASK, 0))
    return found[:count]


def worth(row: ItemRow, design: Design) -> int:
    """Return what an item tells, in millionths of a nat, from the page alone."""

    def told(laws: tuple[naive.Law, naive.Law]) -> float:
        if not any(naive.scores(*laws)):
            return 0.0
        return sum(hope * math.log(hope / null) for hope, null in zip(*laws, strict=True))

    above, below = told(naive.laws_above(row, design)), told(naive.laws_below(row, design))
    return round(1e6 * 2 / (1 / above + 1 / below)) if above and below else 0


def by_the_page(rows: list[ItemRow], design: Design, seed: bytes) -> list[str]:
    """Return the order as docs/formats/decision.md says, slowly."""
    luck = iter(words(seed, 2000))

    def below(bound: int) -> int:
        return next(word for word in luck if word < 2**64 // bound * bound) % bound

    left = [row for row in rows if abs(row.b - design.theta0) <= design.band]
    left.sort(key=lambda row: (-worth(row, design), row.item))
    drawn: list[str] = []
    in_round: list[str] = []
    in_block: list[str] = []
    while left:
        fresh = [row for row in left if row.family not in in_round]
        if not fresh:
            in_round, in_block = [], []
            continue
        fitting = [row for row in fresh if row.domain not in in_block]
        if not fitting:
            in_block = []
            continue
        row = fitting[below(min(3, len(fitting)))]
        left.remove(row)
        drawn.append(row.item)
        in_round.append(row.family)
        in_block.append(row.domain)
    return drawn
