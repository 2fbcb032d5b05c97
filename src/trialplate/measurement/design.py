"""What is declared before anything is known of a model: the cut, the levels, the nuisance, the allowances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from trialplate.errors import TrialplateError
from trialplate.measurement.table import DOUBLING, ability

MOST_RUNS: Final = 4096


class DesignError(TrialplateError):
    """A design declares something that no rule can be made for."""


@dataclass(frozen=True)
class Nuisance:
    """One way in which answers may differ from the table: slope factor, noise of the difficulty, contamination.

    `kappa` multiplies every slope, `s` is the standard deviation of what is added to a difficulty, and a share `eps` of
    answers is a coin flip, whoever answers.
    """

    kappa: float
    s: float
    eps: float


SHARP: Final = Nuisance(1.0, 0.0, 0.0)
"""The table is right in every respect."""


@dataclass(frozen=True)
class NuisanceSet:
    """A box of nuisances, each side as (low, high): every answer may come from another point of it.

    Raises:
        DesignError: for a side that is empty or leaves 0 < kappa, 0 <= s, 0 <= eps < 1.
    """

    name: str
    kappa: tuple[float, float]
    s: tuple[float, float]
    eps: tuple[float, float]

    def __post_init__(self) -> None:
        sides = (self.kappa, self.s, self.eps)
        rising = all(low <= high and math.isfinite(high) for low, high in sides)
        if not self.name or not rising or self.kappa[0] <= 0 or self.s[0] < 0 or self.eps[0] < 0 or self.eps[1] >= 1:
            raise DesignError(f"{self.name!r} is no set of nuisances.", "Name it and give each side as (low, high).")

    @property
    def blunt(self) -> Nuisance:
        """The corner that draws every probability to one half: flat, noisy, contaminated."""
        return Nuisance(self.kappa[0], self.s[1], self.eps[1])

    @property
    def sharp(self) -> Nuisance:
        """The corner that draws every probability away from one half: steep, exact, clean."""
        return Nuisance(self.kappa[1], self.s[0], self.eps[0])


STANDARD: Final = NuisanceSet("H", (0.75, 1.3), (0.0, 0.75), (0.0, 0.05))
"""The default, honest from about 12 reference models on: s = .75 holds an error of .45 of an item's difficulty beside
an effect of .6 of its family."""

SUPPORTED: Final = NuisanceSet("U", (0.8, 1.25), (0.0, 0.5), (0.0, 0.03))
"""For a bank that about 40 reference models were run on: s = .5 holds their error of .33 of an item's difficulty beside
the .375 that is left of a family's effect once it is estimated too; slopes are known within a fifth, and an audit of
the items found fewer than 3% that are broken or leaked."""

LARGE: Final = NuisanceSet("B", (0.7, 1.3), (0.0, 1.0), (0.0, 0.08))
"""For a bank whose calibration does not support `STANDARD`."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """All that a rule rests on, beside the order of items.

    Attributes:
        cut_hours: the cut, as a horizon in hours.
        n_max: how many runs there are at most.
        delta: half the width of what is left open around the cut: the error rates hold from theta0 -+ delta on.
        alpha: the level of ABOVE; beta: the level of BELOW.
        alpha_cal: the level that the boundary of ABOVE is made for: at most alpha, lowered where a bank repeats its
            families (see `simulate.calibrated`); beta_cal: likewise of BELOW.
        cost: what ending INCONCLUSIVE costs, in runs, at least 1; it says how the boundaries are shaped.
        nuisance: the declared set.
        linking: how far the whole scale may be off, on both sides; below 2 delta.
        elicitation: how far the ability that was shown may lie below the true one; used for BELOW only. From 2 delta
            on, BELOW cannot be said.
        look_every: the boundaries are looked at after every so many runs, and after the last one.
        band: items farther from the cut than this are not used.

    Raises:
        DesignError: for a value outside of these bounds.
    """

    cut_hours: float
    n_max: int
    delta: float = DOUBLING
    alpha: float = 0.05
    beta: float = 0.05
    alpha_cal: float = 0.05
    beta_cal: float = 0.05
    cost: float = 30.0
    nuisance: NuisanceSet = STANDARD
    linking: float = 0.0
    elicitation: float = 0.0
    look_every: int = 1
    band: float = 1.0

    def __post_init__(self) -> None:
        for good, name, bounds in (
            (0 < self.cut_hours < math.inf, "cut_hours", "more than 0"),
            (1 <= self.n_max <= MOST_RUNS, "n_max", f"1 to {MOST_RUNS}"),
            (0 < self.delta < math.inf, "delta", "more than 0"),
            (0 < 2 * self.alpha < 1, "alpha", "more than 0 and less than one half"),
            (0 < 2 * self.beta < 1, "beta", "more than 0 and less than one half"),
            (0 < self.alpha_cal <= self.alpha, "alpha_cal", "more than 0 and at most alpha"),
            (0 < self.beta_cal <= self.beta, "beta_cal", "more than 0 and at most beta"),
            (1 <= self.cost < math.inf, "cost", "1 or more"),
            (0 <= self.linking < 2 * self.delta, "linking", "0 or more and less than 2 delta"),
            (0 <= self.elicitation < math.inf, "elicitation", "0 or more"),
            (1 <= self.look_every <= self.n_max, "look_every", "1 to n_max"),
            (0 < self.band < math.inf, "band", "more than 0"),
        ):
            if not good:
                raise DesignError(f"A design has {name} = {getattr(self, name)}.", f"Give {bounds}.")

    @property
    def theta0(self) -> float:
        """The ability at the cut."""
        return ability(self.cut_hours)

    @property
    def theta_minus(self) -> float:
        """The highest ability for which ABOVE is an error that is held to alpha."""
        return self.theta0 - self.delta

    @property
    def theta_plus(self) -> float:
        """The lowest ability for which BELOW is an error that is held to beta."""
        return self.theta0 + self.delta

    @property
    def null_above(self) -> float:
        """The ability that ABOVE is tested at: `theta_minus`, raised by what the scale may be off."""
        return self.theta_minus + self.linking

    @property
    def null_below(self) -> float:
        """The ability that BELOW is tested at: `theta_plus`, lowered by both allowances."""
        return self.theta_plus - self.linking - self.elicitation

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many runs the boundaries are looked at: every `look_every`, and `n_max`."""
        every = range(self.look_every, self.n_max, self.look_every)
        return (*every, self.n_max)
