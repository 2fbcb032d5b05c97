"""The table of a bank: what is assumed of each item before anybody answers it.

One scale for abilities and difficulties: `DOUBLING` a doubling of expert time, with its origin at one hour. An ability
of theta has a *horizon* of 2 ** (theta / DOUBLING) hours: it solves half of the items that take an expert that long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from trialplate.errors import TrialplateError

DOUBLING: Final = 0.45
"""How much harder an item is for each doubling of its expert time."""

SLOPE: Final = 1.4
"""The slope of an item that nobody has calibrated."""

MOST_MILESTONES: Final = 64


class TableError(TrialplateError):
    """A row of the table says something that no item can be."""


@dataclass(frozen=True)
class ItemRow:
    """What is assumed of one item.

    Attributes:
        item: its name, unique in a table.
        family: what it was drawn from; items of one family share an unknown effect.
        domain: the part of the ability that it asks for; a family belongs to one domain.
        minutes: expert time, above 0.
        b: difficulty on the scale of abilities: the posterior mean, or that of the design.
        a: slope, above 0.
        before: the difficulties of milestones that are passed on the way, in rising order and below `b`; empty for an
            item that is passed or failed. An answer counts the milestones that were reached, `b` as the last one.

    Raises:
        TableError: for a value outside of these bounds, or one that is not finite.
    """

    item: str
    family: str
    domain: str
    minutes: int
    b: float
    a: float
    before: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.a, *self.difficulties)) or self.a <= 0 or self.minutes <= 0:
            raise TableError(f"Item {self.item!r} has no proper minutes, slope or difficulty.", "Calibrate it again.")
        if self.steps > MOST_MILESTONES or any(low >= high for low, high in pairwise(self.difficulties)):
            raise TableError(
                f"The milestones of item {self.item!r} do not rise to its difficulty, or are too many.",
                f"Give at most {MOST_MILESTONES}, each one harder than the one before.",
            )

    @property
    def difficulties(self) -> tuple[float, ...]:
        """The difficulties of all milestones, in rising order; the last one is that of the whole item."""
        return (*self.before, self.b)

    @property
    def steps(self) -> int:
        """The highest answer: 1 for an item that is passed or failed."""
        return len(self.before) + 1


def ability(hours: float) -> float:
    """Return theta of whoever has a horizon of `hours`, above 0."""
    return DOUBLING * math.log2(hours)


def horizon(theta: float) -> float:
    """Return the horizon of an ability, in hours."""
    return 2.0 ** (theta / DOUBLING)


def design_row(item: str, family: str, domain: str, minutes: int) -> ItemRow:
    """Return the row of an item that nobody has calibrated: b = DOUBLING log2(minutes / 60), a = SLOPE.

    Whatever rests on such rows is to be shown as "uncalibrated: design difficulties".

    Raises:
        TableError: for minutes that are not above 0.
    """
    if minutes <= 0:
        raise TableError(f"Item {item!r} takes an expert {minutes} minutes.", "Give 1 or more.")
    return ItemRow(item, family, domain, minutes, ability(minutes / 60), SLOPE)
