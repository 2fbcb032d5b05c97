"""The chance of a simulation, from a seed.

Whoever repeats it draws the same on the same version of numpy. Another version may draw otherwise, so that figures are
repeated within their error and not to the digit.
"""

from __future__ import annotations

import numpy as np


def seeded(seed: bytes) -> np.random.Generator:
    """Return a generator for a seed of any length; nothing that is decided hangs on it."""
    return np.random.default_rng(int.from_bytes(seed, "big"))
