"""The published decision tables of CERT/CC and CISA: ours are equal to them, and the format holds every one of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from trialplate.formats.ssvc import Decided, Input, Point, Shipped, Table, decide, parse_table, shipped

OURS = {
    Shipped.CISA_BOD_26_04: "cisa/cisa_bod_26_04_1_0_0.json",
    Shipped.CISA_COORDINATOR: "cisa/cisa_coordinator_2_0_3.json",
    Shipped.DEPLOYER: "ssvc/deployer_patch_application_priority_1_0_0.json",
    Shipped.SUPPLIER: "ssvc/supplier_patch_development_priority_1_0_0.json",
}


class PublishedValue(Struct):
    key: str
    name: str


class PublishedPoint(Struct):
    name: str
    values: list[PublishedValue]


class Published(Struct, rename={"points": "decision_points"}):
    namespace: str
    key: str
    version: str
    points: dict[str, PublishedPoint]
    outcome: str
    mapping: list[dict[str, str]]

    @property
    def asked(self) -> list[str]:
        """The ids of the points that lead to the outcome."""
        return [name for name in self.points if name != self.outcome]


def published(file: Path) -> Published:
    return msgspec.json.decode(file.read_bytes(), type=Published)


def disagreements(table: Table, other: Published) -> Iterable[dict[str, str]]:
    """Yield the rows of a published table that our engine answers otherwise."""
    for row in other.mapping:
        said = decide(table, [Input(point, row[point]) for point in other.asked])
        if not isinstance(said, Decided) or said.outcome.key != row[other.outcome]:
            yield row


def in_our_format(other: Published) -> bytes:
    """Write a published table in our format. A string of JSON is one of TOML as well."""
    quote = json.dumps
    lines = ['format = "trialplate-ssvc/1"', 'name = "other"', f"version = {quote(other.version)}", 'says = "Other."']
    for name in (*other.asked, other.outcome):
        kind = "outcome" if name == other.outcome else "points"
        lines.append("[outcome]" if name == other.outcome else "[[points]]")
        lines += [f"id = {quote(name)}", f"name = {quote(other.points[name].name)}", 'asks = "?"', f"[{kind}.values]"]
        lines += [f"{quote(value.key)} = [{quote(value.name)}, '.']" for value in other.points[name].values]
    *leading, last = ([value.key for value in other.points[name].values] for name in other.asked)
    found = {tuple(row[name] for name in other.asked): row[other.outcome] for row in other.mapping}
    lines.append("[mapping]")
    lines += [
        f"{quote(' '.join(line))} = {quote(' '.join(found[(*line, value)] for value in last))}"
        for line in product(*leading)
    ]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("which", Shipped)
def test_a_table_that_ships_is_equal_row_by_row(reference: Path, which: Shipped) -> None:
    table, other = shipped(which), published(reference / "ssvc" / "decision_tables" / OURS[which])
    assert table.follows == f"{other.namespace}:{other.key}:{other.version}"
    assert table.version == other.version
    assert list(disagreements(table, other)) == []
    assert len(other.mapping) == len(table.outcomes) == len({tuple(row.items()) for row in other.mapping})


@pytest.mark.parametrize("which", Shipped)
def test_its_points_are_those_that_are_published(reference: Path, which: Shipped) -> None:
    table, other = shipped(which), published(reference / "ssvc" / "decision_tables" / OURS[which])

    def named(point: Point) -> tuple[str, str, list[tuple[str, str]]]:
        return point.id, point.name, [(value.key, value.name) for value in point.values]

    expected = [
        (name, other.points[name].name, [(value.key, value.name) for value in other.points[name].values])
        for name in (*other.asked, other.outcome)
    ]
    assert [named(point) for point in (*table.points, table.outcome)] == expected


def test_every_published_table_can_be_held_and_is_answered_alike(reference: Path) -> None:
    files = sorted((reference / "ssvc" / "decision_tables").rglob("*.json"))
    others = [published(file) for file in files]
    assert (len(others), sum(len(other.mapping) for other in others)) == (16, 1574)
    wrong = [row for other in others for row in disagreements(parse_table(in_our_format(other)), other)]
    assert wrong == []


def test_a_row_that_differs_is_found(reference: Path) -> None:
    other = published(reference / "ssvc" / "decision_tables" / OURS[Shipped.SUPPLIER])
    other.mapping[3][other.outcome] = "D"
    assert list(disagreements(shipped(Shipped.SUPPLIER), other)) == [other.mapping[3]]
