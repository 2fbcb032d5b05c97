"""The response curve: how probable each answer to each item is, for any ability and any nuisance.

    P(X >= k | theta) = eps / 2 + (1 - eps) E sigmoid(kappa a (theta - b_k - e)),   e ~ N(0, s^2),   k = 1 ... K

by quadrature of 21 nodes. An item that is passed or failed has K = 1. Items of one table may have different K: arrays
are as wide as the longest, and what an item does not have is never reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialplate.measurement.design import Nuisance
from trialplate.measurement.special import NODES, WEIGHTS, Floats, Ints, sigmoid
from trialplate.measurement.table import ItemRow


@dataclass(frozen=True, eq=False)
class Levels:
    """The difficulties and slopes of n items as arrays.

    Attributes:
        a: slopes, (n,).
        b: difficulties of milestones, (n, K); infinite where an item has fewer than K.
        steps: how many milestones each item has, (n,).
    """

    a: Floats
    b: Floats
    steps: Ints

    @property
    def real(self) -> NDArray[np.bool_]:
        """Which milestones there are, (n, K)."""
        return np.isfinite(self.b)


def levels_of(rows: Sequence[ItemRow]) -> Levels:
    """Return the arrays of `rows`, of which there is at least one."""
    steps = np.array([row.steps for row in rows])
    b = np.full((len(rows), int(steps.max())), np.inf)
    for place, row in enumerate(rows):
        b[place, : row.steps] = row.difficulties
    return Levels(np.array([row.a for row in rows], float), b, steps)


def numbered(names: Sequence[str]) -> Ints:
    """Return a number for each name, from 0 on, equal ones for equal names."""
    numbers = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.array([numbers[name] for name in names], dtype=np.int64)


def reached(levels: Levels, theta: float | Floats, nuisance: Nuisance) -> Floats:
    """Return P(X >= k) for abilities of any shape: that shape + (n, K); 0 where there is no such milestone."""
    offset = np.asarray(theta, float)[..., np.newaxis, np.newaxis] - levels.b
    slope = nuisance.kappa * levels.a[:, np.newaxis]
    if nuisance.s > 0:
        noisy = offset[..., np.newaxis] - nuisance.s * NODES
        exact = sigmoid(slope[..., np.newaxis] * noisy) @ WEIGHTS
    else:
        exact = sigmoid(slope * offset)
    return np.where(levels.real, nuisance.eps / 2 + (1 - nuisance.eps) * exact, 0.0)


def law(reach: Floats) -> Floats:
    """Return the probabilities of the answers 0 ... K, (..., n, K + 1), from those of reaching each, (..., n, K)."""
    sure, never = np.ones((*reach.shape[:-1], 1)), np.zeros((*reach.shape[:-1], 1))
    # Between milestones that are all but equal a difference may be a rounding error below 0.
    return np.maximum(-np.diff(np.concatenate([sure, reach, never], axis=-1), axis=-1), 0.0)


def divergence(law_a: Floats, law_b: Floats) -> Floats:
    """Return the Kullback-Leibler divergence of two laws of answers in nats, (..., n); an answer of chance 0 adds 0."""
    ratio = np.divide(law_a, law_b, out=np.ones_like(law_a), where=law_a > 0)
    return np.sum(law_a * np.log(ratio), axis=-1)
