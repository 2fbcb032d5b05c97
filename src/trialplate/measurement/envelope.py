"""The envelope: how probable an answer can be at most, and must be at least, whatever the nuisance.

Flat slopes, noise and contamination each draw a probability toward one half and never across, because the noise is
symmetric and unimodal (with more of it, the distribution of what is passed is less peaked about its center: Birnbaum,
1948). So over a box of nuisances both extremes of every probability are taken at the blunt or at the sharp corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialplate.measurement.design import Design
from trialplate.measurement.model import Levels, reached
from trialplate.measurement.special import Floats


@dataclass(frozen=True, eq=False)
class Envelope:
    """The bounds that the two sides of a rule are tested against, as P(X >= k), (n, K) each.

    Attributes:
        high: at most, for an ability of `design.null_above`: what ABOVE is tested against.
        low: at least, for an ability of `design.null_below`: what BELOW is tested against.
    """

    high: Floats
    low: Floats


def envelope(levels: Levels, design: Design) -> Envelope:
    """Return the envelope of a design over its set of nuisances."""
    corners = design.nuisance.blunt, design.nuisance.sharp
    above = [reached(levels, design.null_above, corner) for corner in corners]
    below = [reached(levels, design.null_below, corner) for corner in corners]
    return Envelope(np.maximum(*above), np.minimum(*below))
