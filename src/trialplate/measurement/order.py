"""The order of items: fixed before the first run by a seed that nobody could choose, the same on every machine.

Items come in blocks of one a domain; no family comes twice before every other one came as often; inside a block the
most informative come first, drawn among the best few. Since no answer has any part in it, the order can be committed,
and the rule's level holds however a model answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trialplate.errors import TrialplateError
from trialplate.measurement.design import Design
from trialplate.measurement.model import divergence, levels_of
from trialplate.measurement.rule import sides
from trialplate.measurement.table import ItemRow

SEED_BYTES: Final = 32
FEW: Final = 3
"""A place is drawn among so many of the most informative items that may stand there."""

_WORD: Final = 1 << 64
_GRID: Final = 10**6
"""Information is compared in millionths of a nat: rounding errors, which machines do not share, change no order."""


class OrderError(TrialplateError):
    """No order can be drawn from what was given."""


def order_seed(commitment: bytes, beacon: bytes) -> bytes:
    r"""Return the seed of an order: SHA-256("trialplate.order/1\n" || len(commitment) || commitment || beacon).

    The length is 8 bytes, big-endian. The beacon is drawn after the commitment was published.

    Raises:
        OrderError: where either is empty: nothing would be bound.
    """
    if not commitment or not beacon:
        raise OrderError("An order is drawn from a commitment and a beacon, and one is empty.", "Give both.")
    length = len(commitment).to_bytes(8, "big")
    return hashlib.sha256(b"trialplate.order/1\n" + length + commitment + beacon).digest()


def order(rows: Sequence[ItemRow], design: Design, seed: bytes) -> tuple[str, ...]:
    """Return the names of all items within the band of a design, in the order in which they are run.

    Places fill rounds of families, and these blocks of domains. Each place goes to an item whose family is new in its
    round and whose domain is new in its block. Where no item has such a domain, a new block begins; where none has such
    a family, a new round and block. Of the items that fit, one among the `FEW` with the most information is drawn:
    2 / (1 / KL(p1, pbar) + 1 / KL(p1', qlow)), in millionths, equal ones by name. An item that can raise only one of
    the sums has none.

    Args:
        rows: the table, of distinct items; the order of the rows plays no part.
        design: the band, and what the information is about.
        seed: `SEED_BYTES` bytes; see `order_seed`.

    Raises:
        OrderError: for another length of the seed, an item that comes twice, or a band without items.
    """
    if len(seed) != SEED_BYTES:
        raise OrderError(f"A seed has {len(seed)} bytes.", f"Give {SEED_BYTES}, as order_seed returns.")
    if len({row.item for row in rows}) < len(rows):
        raise OrderError("The table names an item twice.", "Give each item one name.")
    used = [row for row in rows if abs(row.b - design.theta0) <= design.band]
    if not used:
        raise OrderError(f"No item lies within {design.band} of the cut.", "Choose another cut, or draw a wider bank.")
    chance = _Chance(seed)
    waiting = _ranked(used, design)
    drawn: list[str] = []
    families, domains = set[str](), set[str]()
    while waiting:
        fresh = [row for row in waiting if row.family not in families]
        if not fresh:
            families, domains = set[str](), set[str]()
            continue
        fitting = [row for row in fresh if row.domain not in domains]
        if not fitting:
            domains = set[str]()
            continue
        chosen = fitting[chance.below(min(FEW, len(fitting)))]
        drawn.append(chosen.item)
        families.add(chosen.family)
        domains.add(chosen.domain)
        waiting.remove(chosen)
    return tuple(drawn)


@dataclass(frozen=True)
class Information:
    """How much an item tells on average, in nats a run: for ABOVE where that is right, for BELOW likewise, and both."""

    above: float
    below: float

    @property
    def both(self) -> float:
        """The harmonic mean, 0 where either is 0."""
        return 2 / (1 / self.above + 1 / self.below) if self.above > 0 and self.below > 0 else 0.0


def information(rows: Sequence[ItemRow], design: Design) -> tuple[Information, ...]:
    """Return the information of each item: its divergence from the envelope where its scores are not all 0, else 0."""
    both = sides(levels_of(rows), design)
    above, below = (
        np.where(side.scores.any(axis=1), divergence(side.hope, side.null), 0.0).tolist()
        for side in (both.above, both.below)
    )
    return tuple(Information(*pair) for pair in zip(above, below, strict=True))


def _ranked(rows: Sequence[ItemRow], design: Design) -> list[ItemRow]:
    worth = [round(each.both * _GRID) for each in information(rows, design)]
    return [row for _, row in sorted(zip(worth, rows, strict=True), key=lambda pair: (-pair[0], pair[1].item))]


class _Chance:
    """Draws from a seed: the words of Philox4x64-10, whose specification fixes them, cut by rejection.

    Key and the low half of the counter are the four words of the seed, big-endian. No method of a numpy generator is
    used, because those may draw otherwise in another version.
    """

    def __init__(self, seed: bytes) -> None:
        words = np.frombuffer(seed, dtype=">u8").astype(np.uint64)
        counter = np.array([words[2], words[3], 0, 0], dtype=np.uint64)
        self._words = np.random.Philox(key=words[:2], counter=counter)

    def below(self, bound: int) -> int:
        """Return an integer from 0 to `bound` - 1."""
        # Words beyond the last whole multiple of the bound would favor small numbers.
        limit = _WORD - _WORD % bound
        while True:
            word = int(self._words.random_raw())
            if word < limit:
                return word % bound
