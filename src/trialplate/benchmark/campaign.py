"""The state of a campaign, computed from its records, and the order it runs in. Pure.

A campaign runs the places of its order one after the other, at most `WINDOW` ahead of the first that has no outcome. A
void attempt is tried again with fresh secrets, twice at most; an attempt that was opened and has no result when nobody
runs the campaign is lost, and counts as tried.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.items import Item
from trialplate.records import AttemptOpened, Outcome, Place, RunResult
from trialplate.records.assessment import MOST_ATTEMPTS
from trialplate.trust import Tree, leaf_hash

WINDOW: Final = 4
TWIN_PERCENT: Final = 7
"""Places of twins for 100 items, within the 5 to 10 that the method allows."""


@dataclass(frozen=True)
class Attempt:
    """One attempt at a place; without a result it runs, or is lost."""

    number: int
    result: RunResult | None


@dataclass(frozen=True)
class Progress:
    """What happened at one place."""

    place: int
    attempts: tuple[Attempt, ...]

    @property
    def running(self) -> bool:
        """Say whether the last attempt has no result yet."""
        return bool(self.attempts) and self.attempts[-1].result is None

    @property
    def outcome(self) -> Outcome | None:
        """Return the outcome that stands, or None where there is none yet: a void one stands after all re-runs."""
        if not self.attempts or (last := self.attempts[-1].result) is None:
            return None
        return last.outcome if not last.outcome.void or len(self.attempts) == MOST_ATTEMPTS else None


def progress_of(places: int, bodies: Iterable[Struct]) -> tuple[Progress, ...]:
    """Return what happened at each place, from the bodies of a campaign's records in their order."""
    opened: defaultdict[int, list[int]] = defaultdict(list)
    results: dict[tuple[int, int], RunResult] = {}
    for body in bodies:
        match body:
            case AttemptOpened(place=place, attempt=attempt):
                opened[place].append(attempt)
            case RunResult(place=place, attempt=attempt):
                results[place, attempt] = body
            case _:
                pass
    return tuple(
        Progress(place, tuple(Attempt(number, results.get((place, number))) for number in sorted(opened[place])))
        for place in range(places)
    )


def window(progress: Sequence[Progress], *, most: int, width: int = WINDOW) -> tuple[int, ...]:
    """Return the places without an outcome that may run now: the first `most` places, `width` from the first open."""
    open_places = [each.place for each in progress[:most] if each.outcome is None]
    return tuple(place for place in open_places if place < open_places[0] + width) if open_places else ()


def draw_order(items: Sequence[Item], seed: bytes) -> tuple[Place, ...]:
    """Return all items in random order with some of their twins between them.

    The items of a family stand as far apart as the families allow: no family comes again before every other that still
    has items has come. Twins stand at random places, none of them before its own item.
    """
    rng = Rng(seed, "order")
    queues: dict[str, deque[Item]] = {}
    for item in rng.shuffled(items):
        queues.setdefault(item.family.name, deque()).append(item)
    order: list[Place] = []
    while queues:
        for name in rng.shuffled(sorted(queues)):
            order.append(Place(item=queues[name].popleft().id, twin=False))
            if not queues[name]:
                del queues[name]
    return _with_twins(order, rng.fork("twins"))


def order_root(places: Sequence[Place], salt: bytes) -> bytes:
    """Return the RFC 6962 root over the places, each under a salt of its own."""
    leaves = (
        leaf_hash(
            hashlib.sha256(salt + number.to_bytes(4, "big")).digest() + f"{place.item}:{int(place.twin)}".encode()
        )
        for number, place in enumerate(places)
    )
    return Tree(leaves).root()


def _with_twins(order: Sequence[Place], rng: Rng) -> tuple[Place, ...]:
    """Return the order with the twin of every fourteenth or so item at a random later place."""
    result = list(order)
    for original in rng.sample(order, max(1, round(len(order) * TWIN_PERCENT / 100))):
        after = result.index(original) + 1
        result.insert(rng.between(after, len(result)), Place(item=original.item, twin=True))
    return tuple(result)
