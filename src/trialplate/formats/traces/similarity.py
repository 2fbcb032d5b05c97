"""How alike two crash states are, by the rule that is published of ClusterFuzz: the peer of our own merging.

Two crashes are one where their kinds are the same and their frames are equal, or share a subsequence of two or more
frames, or are spelled alike at the same places to 0.8 on average. It is written anew from that description.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from trialplate.formats.traces.state import CrashState

THRESHOLD: Final = 0.8
"""The mean similarity of the frames at the same places from which two states are one."""

SHARED_FRAMES: Final = 2
"""The length of a common subsequence of frames from which two states are one."""

MAX_COMPARED: Final = 256
"""The characters of a frame that are compared, since the time of a comparison grows with their square."""


@dataclass(frozen=True)
class Comparison:
    """What `compare` found, so that a merge can show its evidence.

    Attributes:
        same: whether the two states are taken for one fault.
        same_kind: whether the kinds of crash are equal.
        shared: the length of the longest common subsequence of frames.
        likeness: the mean similarity of the frames at the same places, 0 to 1; a frame that stands alone counts 0.
    """

    same: bool
    same_kind: bool
    shared: int
    likeness: float


def compare(one: CrashState, other: CrashState) -> Comparison:
    """Return how alike two crash states are; a state without frames is like none."""
    same_kind = one.kind == other.kind
    shared = shared_in_order(one.frames, other.frames)
    likeness = _likeness(one.frames, other.frames)
    alike = shared >= SHARED_FRAMES or likeness >= THRESHOLD
    return Comparison(same_kind and alike, same_kind, shared, likeness)


def shared_in_order(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence of two stacks.

    The recurrence of Hirschberg (1975), algorithm A, row by row: time grows with the product of the two lengths.
    """
    above = [0] * (len(other) + 1)
    for frame in one:
        row = [0]
        for place, against in enumerate(other):
            row.append(above[place] + 1 if frame == against else max(above[place + 1], row[place]))
        above = row
    return above[-1]


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    if not one or not other:
        return 0.0
    pairs = list(zip_longest(one, other, fillvalue=""))
    return sum(edit_similarity(left, right) for left, right in pairs) / len(pairs)


def edit_similarity(one: str, other: str) -> float:
    """Return 1 - d / n, where d is the Levenshtein distance and n the longer length; 1 where both are empty.

    At most `MAX_COMPARED` characters of each are compared. The distance is that of Levenshtein (1966), by the
    recurrence of Wagner and Fischer (1974).
    """
    left, right = one[:MAX_COMPARED], other[:MAX_COMPARED]
    if left == right:
        return 1.0
    above = list(range(len(right) + 1))
    for number, letter in enumerate(left, 1):
        row = [number]
        for place, against in enumerate(right):
            row.append(min(above[place] + (letter != against), above[place + 1] + 1, row[place] + 1))
        above = row
    return 1 - above[-1] / max(len(left), len(right))
