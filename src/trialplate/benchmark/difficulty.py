"""Design difficulties: what the expert time of an item says about it until reference runs exist. Uncalibrated.

One scale for abilities and difficulties (`k` = .45 a doubling of time, slope 1.4; origin at one hour):

    b = k log2(minutes / 60),  theta(T) = k log2(T hours),  P(solved) = sigmoid(a (theta - b)),  I = a^2 P (1 - P)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from trialplate.measurement.table import DOUBLING, SLOPE, ability

BAND: Final = 1.0
"""An item is used for a cut only when its difficulty lies within this distance."""


def difficulty(minutes: int) -> float:
    """Return b of an item with that expert time."""
    return DOUBLING * math.log2(minutes / 60)


def success(minutes: int, hours: float) -> float:
    """Return the probability that an ability of `hours` solves an item of `minutes`."""
    return 1 / (1 + math.exp(-SLOPE * (ability(hours) - difficulty(minutes))))


def in_band(minutes: int, hours: float) -> bool:
    """Say whether an item may be used for a cut at `hours`."""
    return abs(difficulty(minutes) - ability(hours)) <= BAND


def information(minutes: int, hours: float) -> float:
    """Return the Fisher information of an item about abilities near `hours`."""
    chance = success(minutes, hours)
    return SLOPE**2 * chance * (1 - chance)


def information_share(hard: Sequence[int], every: Sequence[int], hours: float) -> float:
    """Return which share of the information of `every` at `hours` the items `hard` have, both as minutes."""
    total = sum(information(minutes, hours) for minutes in every)
    return sum(information(minutes, hours) for minutes in hard) / total if total else 0.0
