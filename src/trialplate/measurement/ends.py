"""How many campaigns at once end: the first look at which either side crosses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trialplate.measurement.decide import Conclusion
from trialplate.measurement.special import Ints

CONCLUSIONS: Final = {1: Conclusion.ABOVE, -1: Conclusion.BELOW, 0: Conclusion.INCONCLUSIVE}


@dataclass(frozen=True, eq=False)
class Ends:
    """The ends of campaigns: `outcomes` are keys of `CONCLUSIONS`, `runs` counts the runs that were used."""

    outcomes: Ints
    runs: Ints


def ends(ups: NDArray[np.bool_], downs: NDArray[np.bool_]) -> Ends:
    """Return how campaigns end.

    Args:
        ups: whether the side of ABOVE has reached its bound after each run, (campaigns, n); false where nobody looks.
        downs: likewise the side of BELOW. Where both first do at one look, the end is INCONCLUSIVE there.
    """
    either = ups | downs
    decided = either.any(axis=1)
    first = either.argmax(axis=1)
    campaigns = np.arange(len(either))
    outcomes = ups[campaigns, first].astype(np.int64) - downs[campaigns, first].astype(np.int64)
    return Ends(outcomes, np.where(decided, first + 1, np.int64(either.shape[1])))
