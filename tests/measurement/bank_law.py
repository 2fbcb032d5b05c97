"""Banks as the reference figures of docs/measurement.md were simulated on, and what methods do on many of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialplate.measurement import Design, ItemRow
from trialplate.measurement.chance import seeded
from trialplate.measurement.order import order
from trialplate.measurement.simulate import Figures, Method, information_bound, simulate
from trialplate.measurement.truth import Scenario

ORIGIN_MINUTES = 69.3
"""Where the difficulty of the law is 0; only differences of difficulties play a part."""

CUT_HOURS = 480 / ORIGIN_MINUTES
"""The hours that lie on the scale of a design where 8 hours lie on that of the law."""

SPREAD = 0.6
"""How far difficulties lie from the line of expert time, as a standard deviation."""


@dataclass(frozen=True)
class Law:
    """200 items: so many families of so many items; `error` is that of the difficulties that the analyst has, as sd."""

    families: int
    items: int
    error: float = 0.0

    @property
    def left(self) -> float:
        """What the analyst still errs by, as sd, after shrinking to the line of expert time."""
        return SPREAD * self.error / math.hypot(SPREAD, self.error)


def bank(law: Law, rng: np.random.Generator) -> list[ItemRow]:
    """Return a bank as its analyst sees it; the true difficulties lie around these with an sd of `law.left`."""
    of_family = np.repeat(rng.uniform(math.log(2), math.log(2400), law.families), law.items)
    minutes = np.exp(of_family + (rng.uniform(-0.5, 0.5, of_family.size) if law.items > 1 else 0.0))
    # What the analyst sees and what is left are independent, so that the truth need not be drawn first.
    seen = math.sqrt(SPREAD**2 - law.left**2)
    b = 0.45 * np.log2(minutes / ORIGIN_MINUTES) + rng.normal(0, seen, minutes.size)
    a = np.clip(np.exp(rng.normal(math.log(1.4), 0.22, minutes.size)), 0.9, 2.1)
    return [
        ItemRow(
            f"item-{n:03d}", f"f{n // law.items}", f"d{n // law.items % 6}", round(minutes[n]), float(b[n]), float(a[n])
        )
        for n in range(minutes.size)
    ]


@dataclass(frozen=True)
class Found:
    """What a method did at theta0 -+ delta, on average over banks; shares in percent."""

    runs: float
    p90: float
    false_above: float
    false_below: float
    inconclusive: float


def found(pooled: Sequence[Figures], method: Method) -> Found:
    """Return the averages of one method."""
    low = [each for each in pooled if each.method is method and each.off < 0]
    high = [each for each in pooled if each.method is method and each.off > 0]
    both = [*low, *high]
    return Found(
        float(np.mean([each.mean_runs for each in both])),
        float(np.mean([each.p90_runs for each in both])),
        100 * float(np.mean([each.above for each in low])),
        100 * float(np.mean([each.below for each in high])),
        100 * float(np.mean([each.inconclusive for each in both])),
    )


def on_many_banks(law: Law, design: Design, scenario: Scenario, size: tuple[int, int], seed: str) -> list[Figures]:
    """Return the figures of every bank; errors of difficulty are those that the law leaves.

    `size` is the number of banks and that of campaigns on each.
    """
    banks, replicates = size
    rng = seeded(seed.encode())
    pooled: list[Figures] = []
    truth = replace(scenario, difficulty_sd=law.left)
    for _ in range(banks):
        rows = {row.item: row for row in bank(law, rng)}
        ordered = [rows[item] for item in order([*rows.values()], design, rng.bytes(32))]
        shorter = replace(design, n_max=min(design.n_max, len(ordered)))
        pooled += simulate(ordered, shorter, truth, replicates, rng).figures
    return pooled


def mean_bound(law: Law, design: Design, banks: int, rng: np.random.Generator) -> float:
    """Return the information bound over whole banks, on average."""
    return float(np.mean([information_bound(bank(law, rng), design) for _ in range(banks)]))
