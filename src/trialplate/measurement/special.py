"""The three special functions that measuring needs, in one place and with types."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import (  # pyright: ignore[reportMissingTypeStubs] - scipy ships no types; these three get theirs here
    betaincinv,
    expit,
    roots_hermitenorm,
)

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

_POINTS: Final = 21


def _normal_rule() -> tuple[Floats, Floats]:
    nodes, weights = roots_hermitenorm(_POINTS)
    return np.asarray(nodes, float), np.asarray(weights, float) / float(np.sum(weights))


NODES, WEIGHTS = _normal_rule()
"""Gauss-Hermite quadrature of 21 nodes: the mean of f(Z), Z standard normal, is the sum of WEIGHTS f(NODES)."""


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), which is 0 for an x of minus infinity."""
    return np.asarray(expit(x), float)


def upper_bound(errors: int, trials: int, miss: float = 0.05) -> float:
    """Return the Clopper-Pearson upper bound of a probability, which is below the truth in a share `miss` at most.

    The bound is the quantile 1 - miss of the beta distribution with parameters errors + 1 and trials - errors.
    """
    return 1.0 if errors >= trials else float(betaincinv(errors + 1, trials - errors, 1 - miss))
