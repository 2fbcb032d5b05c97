"""Decision tables: their file format, the checks that make one whole, and the tables that ship."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import product
from math import prod
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from trialplate.errors import TrialplateError
from trialplate.records.words import said

FORMAT: Final = "trialplate-ssvc/1"

MOST_BYTES: Final = 64 << 10
"""Bytes that the file of a table may have."""

MOST_POINTS: Final = 12
"""Decision points that a table may ask for."""

MOST_VALUES: Final = 16
"""Values that a decision point, or an outcome, may have."""

MOST_COMBINATIONS: Final = 4096
"""Combinations of values that a table may hold an outcome for."""

_Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]{0,30}\*?\Z")]
_Text = Annotated[str, Meta(min_length=1, max_length=1000)]
_Version = r"(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}"
_Id = Annotated[str, Meta(pattern=rf"^[a-z][a-z0-9]{{0,30}}:[A-Za-z0-9][A-Za-z0-9_]{{0,30}}:{_Version}\Z")]
_SHOWN: Final = 40


class TableError(TrialplateError):
    """A decision table is malformed, leaves a combination open, or is not one that ships."""


class Value(Struct, frozen=True):
    """One value of a decision point or outcome: its key, its name, and what it means."""

    key: str
    name: str
    means: str


class Point(Struct, frozen=True):
    """A decision point, or the outcome of a table: what it asks, and every answer to it.

    `id` is `NAMESPACE:KEY:VERSION` as SSVC writes it. The values stand in the order of their definition; those of an
    outcome from the least urgent to the most.
    """

    id: str
    name: str
    asks: str
    values: tuple[Value, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the values, in their order."""
        return tuple(value.key for value in self.values)


class Table(Struct, frozen=True):
    """A whole decision table, as `parse_table` makes it.

    `follows` is the id of the published table that this one agrees with, or empty. `outcomes` holds the position of an
    outcome's value for every combination of the points' values, the values of the last point changing fastest.
    """

    name: str
    version: str
    follows: str
    says: str
    points: tuple[Point, ...]
    outcome: Point
    outcomes: tuple[int, ...]


class Shipped(StrEnum):
    """The tables that ship, by name and version."""

    CISA_BOD_26_04 = "cisa-bod-26-04/1.0.0"
    CISA_COORDINATOR = "cisa-coordinator/2.0.3"
    DEPLOYER = "deployer/1.0.0"
    SUPPLIER = "supplier/1.0.0"


class _Point(Struct, frozen=True, forbid_unknown_fields=True):
    """A point as files write it: values by key, each with its name and meaning."""

    id: _Id
    name: _Text
    asks: _Text
    values: Annotated[dict[_Key, tuple[_Text, _Text]], Meta(min_length=1, max_length=MOST_VALUES)]

    def read(self) -> Point:
        """Return it as a value."""
        values = tuple(Value(key, name, means) for key, (name, means) in self.values.items())
        return Point(self.id, self.name, self.asks, values)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    """A table as files write it: a line of `mapping` holds the outcomes for all values of the last point."""

    format: str
    name: Annotated[str, Meta(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\Z")]
    version: Annotated[str, Meta(pattern=rf"^{_Version}\Z")]
    says: _Text
    points: Annotated[tuple[_Point, ...], Meta(min_length=1, max_length=MOST_POINTS)]
    outcome: _Point
    mapping: dict[str, str]
    follows: _Id | None = None


def parse_table(data: bytes) -> Table:
    """Return the table in a file's bytes, with exactly one outcome for every combination of values.

    Args:
        data: TOML as `docs/formats/ssvc.md` says, at most `MOST_BYTES`.

    Raises:
        TableError: where it is none, asks the same twice, or has no, two or an unknown outcome for a combination.
    """
    if len(data) > MOST_BYTES:
        raise TableError(f"{len(data)} bytes are more than the {MOST_BYTES} of a table.", "Give a smaller table.")
    try:
        file = msgspec.toml.decode(data, type=_File)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise TableError(
            f"This is no decision table: {said(error)}.", "Write it as docs/formats/ssvc.md says."
        ) from None
    if file.format != FORMAT:
        raise TableError(
            f"This is a table of format {file.format[:_SHOWN]!r}.", f"Give one of format {FORMAT}, or update."
        )
    points, outcome = tuple(point.read() for point in file.points), file.outcome.read()
    _require_apart((*points, outcome))
    combinations = prod(len(point.values) for point in points)
    if combinations > MOST_COMBINATIONS:
        raise TableError(
            f"The table has {combinations} combinations, at most {MOST_COMBINATIONS}.", "Split it into smaller tables."
        )
    return Table(
        name=file.name,
        version=file.version,
        follows=file.follows or "",
        says=file.says,
        points=points,
        outcome=outcome,
        outcomes=tuple(_outcomes(file.mapping, points, outcome)),
    )


def _require_apart(points: Iterable[Point]) -> None:
    """Refuse two points that differ at most in their version: they ask the same, or answer what they ask."""
    seen: set[str] = set()
    for point in points:
        unversioned = point.id.rpartition(":")[0]
        if unversioned in seen:
            raise TableError(f"The table names {unversioned} twice.", "Name each decision point once.")
        seen.add(unversioned)


def _outcomes(mapping: dict[str, str], points: tuple[Point, ...], outcome: Point) -> Iterable[int]:
    """Yield the position of the outcome of every combination, or refuse a table that is not whole."""
    places = {key: place for place, key in enumerate(outcome.keys)}
    last = points[-1]
    lines = {tuple(line.split()): found for line, found in mapping.items()}
    if len(lines) != len(mapping):
        raise TableError("Two lines of the mapping are of the same values.", "Write each combination once.")
    for values in product(*(point.keys for point in points[:-1])):
        line = " ".join(values)
        if values not in lines:
            raise TableError(f"The mapping has no line {line!r}.", "Write one for every combination of values.")
        found = lines.pop(values).split()
        if len(found) != len(last.values):
            raise TableError(
                f"The line {line!r} has {len(found)} outcomes for the {len(last.values)} values of {last.id}.",
                "Write one outcome for each value.",
            )
        for key in found:
            if key not in places:
                raise TableError(f"{key[:_SHOWN]!r} in the line {line!r} is no outcome.", "Use a key of the outcome.")
            yield places[key]
    for values in lines:
        raise TableError(
            f"The line {' '.join(values)[:_SHOWN]!r} names no combination of values.", "Use the keys of the points."
        )


@cache
def shipped(which: Shipped) -> Table:
    """Return a table that ships, read from the data of this package and checked as any other."""
    folder = resources.files("trialplate.formats.ssvc") / "tables"
    return parse_table((folder / f"{which.replace('/', '-')}.toml").read_bytes())
