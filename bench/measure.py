"""What every benchmark measures with: rows of medians, and samples of ours and of the peer taken in turns."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import assert_never

__all__ = ["Better", "Row", "against", "alone", "interleaved", "interleaved_async", "median", "stopwatch"]


class Better(Enum):
    """Which of two figures is the better one."""

    HIGHER = "higher"
    """Rates: appends per second."""
    LOWER = "lower"
    """Durations and amounts: milliseconds, MiB."""


@dataclass(frozen=True)
class Row:
    """One line of the table: a median of ours beside a median of the peer's.

    `ours` and `peer` are in `unit`. `ratio` is how many times as good as the peer ours is: 2 is twice the rate or half
    the time, 1 is equal. `floor` is the least ratio that is accepted. `n` counts the samples of ours. A figure that
    has no peer has an empty `peer_name` and None for `peer`, `ratio` and `floor`.
    """

    name: str
    unit: str
    ours: float
    peer_name: str
    peer: float | None
    ratio: float | None
    floor: float | None
    n: int

    @property
    def missed(self) -> bool:
        """Say whether the row has a floor and is below it."""
        return self.floor is not None and (self.ratio is None or self.ratio < self.floor)


def against(  # noqa: PLR0913 - one argument a column
    name: str,
    unit: str,
    ours: Sequence[float],
    peer: Sequence[float],
    *,
    peer_name: str,
    better: Better,
    floor: float | None = None,
) -> Row:
    """Return the row that compares the medians of two sets of samples, all in `unit` and above zero.

    Raises:
        ValueError: where a set is empty or a median is not above zero: nothing was measured.
    """
    mine, theirs = _positive(name, ours), _positive(peer_name, peer)
    match better:
        case Better.HIGHER:
            ratio = mine / theirs
        case Better.LOWER:
            ratio = theirs / mine
        case _:
            assert_never(better)
    return Row(name, unit, mine, peer_name, theirs, ratio, floor, len(ours))


def alone(name: str, unit: str, ours: Sequence[float]) -> Row:
    """Return the row of a figure that has no peer.

    Raises:
        ValueError: as `against` does.
    """
    return Row(name, unit, _positive(name, ours), "", None, None, None, len(ours))


def stopwatch(action: Callable[[], object]) -> Callable[[], float]:
    """Return a measure: a call that does `action` and returns how long that took, in seconds."""

    def measured() -> float:
        began = time.perf_counter()
        action()
        return time.perf_counter() - began

    return measured


def interleaved(*measures: Callable[[], float], rounds: int, warmups: int = 1) -> tuple[list[float], ...]:
    """Return `rounds` samples of each measure, taken in turns, so that a slow spell of the machine meets them all.

    Every other round goes backward, so that none always runs in the wake of the same one. Samples of the first
    `warmups` rounds are thrown away. A measure returns its own figure, so that it can leave out what prepares it.
    """
    samples: tuple[list[float], ...] = tuple([] for _ in measures)
    for turn in range(-warmups, rounds):
        for index in _order(len(measures), turn):
            figure = measures[index]()
            if turn >= 0:
                samples[index].append(figure)
    return samples


async def interleaved_async(
    *measures: Callable[[], Awaitable[float]], rounds: int, warmups: int = 1
) -> tuple[list[float], ...]:
    """Return what `interleaved` does, of asynchronous measures; never two at once."""
    samples: tuple[list[float], ...] = tuple([] for _ in measures)
    for turn in range(-warmups, rounds):
        for index in _order(len(measures), turn):
            figure = await measures[index]()
            if turn >= 0:
                samples[index].append(figure)
    return samples


def _order(count: int, turn: int) -> range:
    return range(count) if turn % 2 == 0 else range(count - 1, -1, -1)


def _positive(name: str, samples: Sequence[float]) -> float:
    middle = median(samples) if samples else 0.0
    if middle <= 0:
        raise ValueError(f"Nothing was measured for {name!r}: {len(samples)} samples with the median {middle}.")
    return float(middle)
