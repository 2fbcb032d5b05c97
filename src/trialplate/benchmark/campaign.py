"""The state of a campaign, computed from its records, and the order it runs in. Pure.

A campaign runs the places of its order one after the other, at most `WINDOW` ahead of the first that has no outcome. A
void attempt is tried again with fresh secrets, twice at most; an attempt that was opened and has no result when nobody
runs the campaign is lost, and counts as tried.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from msgspec import Struct

from trialplate.benchmark.draws import Rng
from trialplate.records import AttemptOpened, Outcome, Place, RunResult
from trialplate.records.plan import MOST_ATTEMPTS
from trialplate.trust import Tree, leaf_hash

WINDOW: Final = 4
TWIN_PERCENT: Final = 10
"""Places of twins for 100 items: the most that the method allows (5 to 10), because many campaigns are short."""


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


def twins_among(items: int) -> int:
    """Return how many places of twins go with so many items; at least one."""
    return max(1, round(items * TWIN_PERCENT / 100))


def with_twins(items: Sequence[str], seed: bytes) -> tuple[Place, ...]:
    """Return places for items in their order, with a twin at a random place of every stretch of equal length.

    A twin is that of a random item before it, and no item has two: a campaign that is decided early meets some as well.
    """
    rng = Rng(seed, "twins")
    count = twins_among(len(items))
    ends = [round(part * len(items) / count) for part in range(count + 1)]
    behind: dict[int, str] = {}
    for first, end in pairwise(ends):
        after = rng.between(first + 1, end)
        behind[after] = rng.pick([item for item in items[:after] if item not in behind.values()])
    places: list[Place] = []
    for number, item in enumerate(items, start=1):
        places.append(Place(item=item, twin=False))
        if number in behind:
            places.append(Place(item=behind[number], twin=True))
    return tuple(places)


def order_root(places: Sequence[Place], salt: bytes) -> bytes:
    """Return the RFC 6962 root over the places, each under a salt of its own."""
    leaves = (
        leaf_hash(
            hashlib.sha256(salt + number.to_bytes(4, "big")).digest() + f"{place.item}:{int(place.twin)}".encode()
        )
        for number, place in enumerate(places)
    )
    return Tree(leaves).root()
