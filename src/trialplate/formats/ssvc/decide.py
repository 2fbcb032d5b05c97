"""The engine: what a table says of a vulnerability of which not all may be known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.formats.ssvc.table import Point, Table, Value

_SHOWN: Final = 80


class InputError(TrialplateError):
    """An input is for no point of the table, is no value of its point, or is given twice."""


class Input(Struct, frozen=True):
    """What is known: the id of a decision point, version included, and the key of one of its values.

    Nothing stands for the unknown: what is not known is not given.
    """

    point: str
    value: str


class Decided(Struct, frozen=True, kw_only=True):
    """The outcome of a table for these inputs, in the order of its points; no further input could change it."""

    table: str
    version: str
    outcome: Value
    inputs: tuple[Input, ...]


class Undecided(Struct, frozen=True, kw_only=True):
    """Two or more outcomes are still possible.

    `outcomes` lists them from the least urgent to the most, `missing` the points that could narrow them; a point of
    the table that is neither among these nor among the inputs makes no difference any more.
    """

    table: str
    version: str
    outcomes: tuple[Value, ...]
    missing: tuple[str, ...]
    inputs: tuple[Input, ...]


def relevant(table: Table, inputs: Iterable[Input]) -> tuple[Input, ...]:
    """Return those inputs that are for points of the table: facts are kept once, for all tables."""
    asked = {point.id for point in table.points}
    return tuple(given for given in inputs if given.point in asked)


def decide(table: Table, inputs: Iterable[Input]) -> Decided | Undecided:
    """Return what the table says of these inputs, whatever the values of the points that are not among them.

    It decides exactly where every completion of the inputs has the same outcome.

    Raises:
        InputError: for a point that the table does not ask for in this version, an unknown value, a point given twice.
    """
    places = _places(table.points, inputs)
    used = tuple(Input(point.id, point.values[at[0]].key) for point, at in zip(table.points, places, strict=True) if at)
    reach = [at or range(len(point.values)) for point, at in zip(table.points, places, strict=True)]
    found = [table.outcomes[row] for row in _rows(table.points, reach)]
    possible = sorted(set(found))
    if len(possible) == 1:
        return Decided(table=table.name, version=table.version, outcome=table.outcome.values[possible[0]], inputs=used)
    return Undecided(
        table=table.name,
        version=table.version,
        outcomes=tuple(table.outcome.values[place] for place in possible),
        missing=tuple(
            point.id
            for place, point in enumerate(table.points)
            if _matters(found, [len(each) for each in reach], place)
        ),
        inputs=used,
    )


def _places(points: Sequence[Point], inputs: Iterable[Input]) -> list[tuple[int, ...]]:
    """Return for each point the position of the value that is given, or nothing."""
    order = {point.id: place for place, point in enumerate(points)}
    places: list[tuple[int, ...]] = [()] * len(points)
    for given in inputs:
        if given.point not in order:
            raise InputError(
                f"The table does not ask for {given.point[:_SHOWN]!r}.",
                f"Give values of {', '.join(order)}, or use `relevant`.",
            )
        keys = points[order[given.point]].keys
        if given.value not in keys:
            raise InputError(
                f"{given.value[:_SHOWN]!r} is no value of {given.point}.",
                f"Give one of {', '.join(keys)}, or nothing where it is unknown.",
            )
        if places[order[given.point]]:
            raise InputError(f"{given.point} is given twice.", "Give one value, or nothing where it is unknown.")
        places[order[given.point]] = (keys.index(given.value),)
    return places


def _rows(points: Sequence[Point], reach: Sequence[Sequence[int]]) -> Iterable[int]:
    """Yield the positions in `Table.outcomes` of all combinations within reach, the last point changing fastest."""
    for combination in product(*reach):
        row = 0
        for point, place in zip(points, combination, strict=True):
            row = row * len(point.values) + place
        yield row


def _matters(found: Sequence[int], sizes: Sequence[int], place: int) -> bool:
    """Say whether two of the outcomes found belong to combinations that differ in this one point only."""
    step = 1
    for size in sizes[place + 1 :]:
        step *= size
    block = step * sizes[place]
    return any(
        found[start + offset] != found[other]
        for start in range(0, len(found), block)
        for offset in range(step)
        for other in range(start + offset + step, start + block, step)
    )
