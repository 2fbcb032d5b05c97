"""Truths that a rule is tried on: how models may answer, other than the table says, and answers drawn so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trialplate.measurement.model import Levels, levels_of, numbered
from trialplate.measurement.special import Floats, Ints, sigmoid
from trialplate.measurement.table import ItemRow


@dataclass(frozen=True)
class Scenario:
    """How the truth differs from the table, drawn anew in every campaign.

    Attributes:
        name: of the scenario.
        family_sd: of an effect that all items of a family share.
        domain_sd: of a model's strength in a domain, beside its mean over the domains that are asked.
        difficulty_sd: of the error of each item's difficulty.
        broken: the share of items that nobody passes, or everybody, one half each.
        shift: by how much every item is easier than the table says.
        slope: what every slope is multiplied by.
    """

    name: str
    family_sd: float = 0.0
    domain_sd: float = 0.0
    difficulty_sd: float = 0.0
    broken: float = 0.0
    shift: float = 0.0
    slope: float = 1.0


RIGHT: Final = Scenario("S0")
CLUSTERED: Final = Scenario("S1", family_sd=0.6, domain_sd=0.4)
MISJUDGED: Final = Scenario("S2", difficulty_sd=0.5)
BROKEN: Final = Scenario("S3", broken=0.05)
ALL_OF_THEM: Final = Scenario("S4", family_sd=0.6, domain_sd=0.4, difficulty_sd=0.5, broken=0.05)
EASIER: Final = Scenario("S5", shift=0.25)
FLATTER: Final = Scenario("S6", slope=0.7)

SCENARIOS: Final = (RIGHT, CLUSTERED, MISJUDGED, BROKEN, ALL_OF_THEM, EASIER, FLATTER)


@dataclass(frozen=True, eq=False)
class Asked:
    """Items in the order in which they are asked: levels, and numbers for families and domains, (n,) each."""

    levels: Levels
    families: Ints
    domains: Ints


def asked(rows: Sequence[ItemRow]) -> Asked:
    """Return the arrays of at least one row."""
    return Asked(levels_of(rows), numbered([row.family for row in rows]), numbered([row.domain for row in rows]))


def answers(items: Asked, scenario: Scenario, theta: float, campaigns: int, rng: np.random.Generator) -> Ints:
    """Return the answers of models of one mean ability to all items, (campaigns, n)."""
    levels = items.levels
    ability = theta + scenario.shift + _effects(items, scenario, campaigns, rng)
    if scenario.difficulty_sd:
        ability = ability - rng.normal(0.0, scenario.difficulty_sd, ability.shape)
    # One draw an answer: whoever reaches a milestone has reached all that are easier.
    luck = rng.random(ability.shape)
    given = np.zeros(ability.shape, np.int64)
    for step in range(levels.b.shape[1]):
        given += luck < sigmoid(scenario.slope * levels.a * (ability - levels.b[:, step]))
    if scenario.broken:
        fate = rng.random(ability.shape)
        given = np.where(fate < scenario.broken, np.where(fate < scenario.broken / 2, 0, levels.steps), given)
    return given


def _effects(items: Asked, scenario: Scenario, campaigns: int, rng: np.random.Generator) -> Floats:
    """Return what families and domains add to the ability at each place, (campaigns, n)."""
    effects = np.zeros((campaigns, len(items.families)))
    if scenario.family_sd:
        drawn = rng.normal(0.0, scenario.family_sd, (campaigns, int(items.families.max()) + 1))
        effects += drawn[:, items.families]
    if scenario.domain_sd:
        profile = rng.normal(0.0, scenario.domain_sd, (campaigns, int(items.domains.max()) + 1))
        effects += (profile - profile.mean(axis=1, keepdims=True))[:, items.domains]
    return effects
