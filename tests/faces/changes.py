"""Ways to make a bundle wrong: each returns a function that a `Recipe` takes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Struct

from tests.faces.bundles import Files, Object, Recipe, Step, bundle, checkpoint, criteria_file, tree_of
from tests.faces.campaigns import CHARACTERISTICS, CRITERIA, RULE, Story, estimate_of, root_of
from trialplate.records import (
    AttemptOpened,
    Ended,
    Estimate,
    Header,
    Outcome,
    Place,
    Plan,
    RunResult,
    Scores,
    canonical,
)

_SIMULATED = "characteristics.json"


def body(kind: type[Struct], place: int | None = None, /, **changes: object) -> Callable[[Struct], Struct]:
    """Return what changes fields of the bodies of a kind, or only of what happened at one place."""

    def change(made: Struct) -> Struct:
        wanted = isinstance(made, kind) and (place is None or getattr(made, "place", None) == place)
        return msgspec.structs.replace(made, **changes) if wanted else made

    return change


def both(*changes: Callable[[Struct], Struct]) -> Callable[[Struct], Struct]:
    """Return all of several changes as one."""

    def change(made: Struct) -> Struct:
        for each in changes:
            made = each(made)
        return made

    return change


def header(number: int, **changes: object) -> Callable[[int, Header], Header]:
    """Return what changes fields of one record's header."""
    return lambda at, made: msgspec.structs.replace(made, **changes) if at == number else made


def steps(*names: str) -> Callable[[list[Step]], list[Step]]:
    """Return what leaves out these steps of the campaign."""
    return lambda made: [step for step in made if step.name not in names]


def moved(name: str, before: str) -> Callable[[list[Step]], list[Step]]:
    """Return what moves one step before another."""

    def change(made: list[Step]) -> list[Step]:
        step = next(each for each in made if each.name == name)
        rest = [each for each in made if each is not step]
        at = [each.name for each in rest].index(before)
        return [*rest[:at], step, *rest[at:]]

    return change


def twice(name: str) -> Callable[[list[Step]], list[Step]]:
    """Return what makes one step a second time, at its end."""

    def change(made: list[Step]) -> list[Step]:
        step = next(each for each in made if each.name == name)
        at = made.index(step)
        return [*made[: at + 1], replace(step, ordinal=9), *made[at + 1 :]]

    return change


def edited(name: str, change: Callable[[Any], None]) -> Callable[[Files], None]:
    """Return what changes the value of a JSON file."""

    def edit(files: Files) -> None:
        value = json.loads(files[name])
        change(value)
        files[name] = canonical(value) + b"\n"

    return edit


def simulated(in_plan: Mapping[str, str] | None = None, /, **changes: object) -> Recipe:
    """Return a bundle whose plan names characteristics that say something else, and says more of `in_plan` itself."""
    other = canonical({**CHARACTERISTICS, **changes}) + b"\n"
    named = hashlib.sha256(other).hexdigest()
    return Recipe(
        body=body(Plan, characteristics=named, **(in_plan or {})), files=lambda files: files.update({_SIMULATED: other})
    )


def attaining(level: str, value: str) -> Recipe:
    """Return a bundle whose rule is made for a level that it does not keep."""
    return simulated({level: value}, **{level: value})


def bank(**changes: object) -> Callable[[Files], None]:
    """Return what changes the bank and makes its root fit again."""

    def change(value: Object) -> None:
        value.update(changes)
        parts = canonical([value[name] for name in ("format", "name", "primitives", "families")])
        value["root"] = root_of([parts, *(f"{item['id']}:{item['commitment']}".encode() for item in value["items"])])

    return edited("bank.json", change)


def shorter_log(files: Files) -> None:
    files["checkpoint"] = checkpoint(tree_of(), 20)


def other_criteria(files: Files) -> None:
    files["criteria.json"] = criteria_file({**CRITERIA, "says": "Something else."}, ("criteria",))


def swapped_places(made: Struct) -> Struct:
    if isinstance(made, RunResult) and made.place in {0, 2}:
        return msgspec.structs.replace(made, outcome=Outcome.NOT_SOLVED if made.place == 0 else Outcome.SOLVED)
    return made


SWAPPED = "0+ 1+ 2+ 3+ 0:NOT_SOLVED 4+ 1:VOID_LOST 1+ 2:SOLVED 3:NOT_SOLVED 1:SOLVED 5+ 4:SOLVED 5:LIMIT"
TWO = "0+ 0:SOLVED 1+ 1:SOLVED"
TWO_ESTIMATE = estimate_of("INCONCLUSIVE", "horizon", runs=2, above=21)


def budget(told: str = TWO, estimate: Estimate = TWO_ESTIMATE, why: Ended = Ended.BUDGET) -> Story:
    """Return a story that ends before a boundary is crossed."""
    return Story(told=told, estimate=estimate, why=why)


def places(*wanted: Place) -> Story:
    """Return the usual story in another order."""
    return Story(places=wanted)


def rows_of(change: Callable[[list[Object]], object]) -> Recipe:
    """Return a recipe whose plan commits to a changed table."""
    changed: Object = {}

    def edit(value: Object) -> None:
        change(value["rows"])
        changed.update(value)

    files = bundle()
    value = json.loads(files["table.json"])
    edit(value)
    salted = b"trialplate.table/1\n" + bytes.fromhex(value["salt"]) + canonical(value["rows"])
    return Recipe(
        files=lambda made: made.update({"table.json": canonical(changed) + b"\n"}),
        body=body(Plan, table=hashlib.sha256(salted).hexdigest()),
    )


def ruled(**changes: object) -> Story:
    """Return the usual story under a changed rule."""
    return Story(rule=msgspec.structs.replace(RULE, **changes))


def scored(above: tuple[int, int], below: tuple[int, int]) -> tuple[Scores, ...]:
    """Return the usual scores with others for the last item, which no run of the usual story reaches."""
    return (*RULE.places[:-1], Scores(above=above, below=below))


def longer_rule(number: int, raw: bytes) -> bytes:
    """Return the order with one bound more, which the records themselves would refuse."""
    return raw.replace(b'"bound_below":[99,', b'"bound_below":[99,99,') if number == 2 else raw


def leaves(value: Any, put: Callable[[Any], None]) -> Iterator[Callable[[Any], None]]:  # noqa: ANN401 - any JSON value
    """Return a function for each value inside a value, which puts another one in its place."""
    yield put
    if isinstance(value, dict):
        for name in list(value):
            yield from leaves(value[name], lambda new, name=name: value.__setitem__(name, new))
    if isinstance(value, list):
        for at in range(len(value)):
            yield from leaves(value[at], lambda new, at=at: value.__setitem__(at, new))


def skipped(made: Struct) -> Struct:
    """Return the second attempt at a place as the third; the rest as it was."""
    second = isinstance(made, AttemptOpened | RunResult) and made.attempt == 2
    return msgspec.structs.replace(made, attempt=3) if second else made
