"""Where a test may crash a store: the seams of its transactions."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Point(Enum):
    """A seam of a transaction; up to `LEAVES` a crash undoes it all, at `COMMITTED` only the answer is lost."""

    BEGUN = "begun"
    RECORDS = "records"
    SUMMARIES = "summaries"
    LEAVES = "leaves"
    COMMITTED = "committed"


Fault = Callable[[Point], None]
"""Called at every point; it returns, or raises whatever ends the process."""


def no_fault(point: Point) -> None:
    """Pass every point: the fault of a store that is not under test."""
