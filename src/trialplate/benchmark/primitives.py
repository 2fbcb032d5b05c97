"""Expert time: how long the steps of a task take somebody who knows the field, from one shared table.

A family names the steps of an item's critical path and cannot state minutes of its own, so all difficulties rest on the
same rows of `primitives.toml`.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from importlib import resources
from types import MappingProxyType
from typing import Final

from msgspec import ValidationError, convert

from trialplate.errors import TrialplateError


class PrimitiveError(TrialplateError):
    """The table of primitives is malformed, or a family names a step that is not in it."""


class Level(IntEnum):
    """Steps of the ladder, by expert time."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4
    L5 = 5


_UPPER_MINUTES: Final = ((Level.L0, 10), (Level.L1, 40), (Level.L2, 180), (Level.L3, 720), (Level.L4, 3600))


@dataclass(frozen=True, kw_only=True)
class Primitive:
    """One row: what an expert does, in how many minutes (median), with which spread (sd of ln minutes), says who."""

    does: str
    minutes: int
    log_sd: float
    source: str


@dataclass(frozen=True, kw_only=True)
class Primitives:
    """The table, with its version."""

    version: str
    rows: Mapping[str, Primitive]


@dataclass(frozen=True)
class Step:
    """A primitive on an item's critical path, `times` times over."""

    primitive: str
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class ExpertTime:
    """The sum over a critical path, in minutes, with the sd of its natural logarithm, and the level that it means."""

    minutes: int
    log_sd: float

    @property
    def level(self) -> Level:
        """Return the step of the ladder whose range holds these minutes."""
        return next((level for level, upper in _UPPER_MINUTES if self.minutes < upper), Level.L5)


@functools.cache
def primitives() -> Primitives:
    """Return the table that ships with this version.

    Raises:
        PrimitiveError: where the file is malformed.
    """
    return parse_primitives(resources.files("trialplate.benchmark").joinpath("primitives.toml").read_text())


def parse_primitives(text: str) -> Primitives:
    """Return the table in `text`.

    Raises:
        PrimitiveError: where it is no table of primitives.
    """
    try:
        data = tomllib.loads(text)
        version = convert(data.pop("version", None), str)
        rows = {name: convert(row, Primitive) for name, row in data.items()}
    except (tomllib.TOMLDecodeError, ValidationError) as failure:
        raise PrimitiveError(f"The table of primitives is malformed: {failure}.", "Mend primitives.toml.") from failure
    for name, row in rows.items():
        if row.minutes < 1 or not 0 < row.log_sd < 2 or not row.source or not row.does:  # noqa: PLR2004 - a spread of e^2
            raise PrimitiveError(f"The primitive {name!r} has a value out of range.", "Mend primitives.toml.")
    return Primitives(version=version, rows=MappingProxyType(rows))


def expert_time(path: Sequence[Step], table: Primitives) -> ExpertTime:
    """Return the time of a critical path: the sum of its steps, whose spreads add as those of independent steps do.

    Repeats of a step share one expert, so their spread does not shrink with their number (Fenton 1960 for the sum).

    Raises:
        PrimitiveError: for an empty path, a step that is not in the table, or one taken less than once.
    """
    if not path:
        raise PrimitiveError("A critical path is empty.", "Name the steps that nobody can leave out.")
    total, variance = 0, 0.0
    for step in path:
        row = table.rows.get(step.primitive)
        if row is None or step.times < 1:
            raise PrimitiveError(f"A path has {step.times} times {step.primitive!r}.", "Use a row of primitives.toml.")
        minutes = row.minutes * step.times
        total += minutes
        variance += minutes**2 * math.expm1(row.log_sd**2)
    return ExpertTime(minutes=total, log_sd=math.sqrt(math.log1p(variance / total**2)))
