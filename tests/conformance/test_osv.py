"""Real OSV records: each is taken or refused for a stated reason, and the official schema says the same of each."""

from __future__ import annotations

import copy
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from trialplate.formats.intake import Intake, Why, parse_osv

RECORDS = {"bitnami": 7444, "golang": 4291, "oss-fuzz": 4026, "pypa": 2661}
WITHDRAWN = {"golang": 17, "oss-fuzz": 24, "pypa": 10}
MALFORMED = {"pypa": 7}
"""GIT ranges with events that are no full commit ids, which the README of the folder counts as well."""

Change = Callable[[dict[str, Any]], object]


@cache
def lines(folder: Path, name: str) -> tuple[bytes, ...]:
    """Return the records of one source."""
    return tuple(gzip.decompress((folder / "osv" / f"{name}.jsonl.gz").read_bytes()).splitlines())


def schema(folder: Path) -> jsonschema_rs.Validator:
    """Return the official schema."""
    return jsonschema_rs.validator_for(json.loads((folder / "osv-schema" / "schema.json").read_bytes()))


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_is_taken_or_refused_as_the_schema_says(reference: Path, name: str) -> None:
    official, why = schema(reference), Counter[Why]()
    records = lines(reference, name)
    assert len(records) == RECORDS[name]
    for line in records:
        intake, record = parse_osv(line), json.loads(line)
        assert len(intake.findings) + len(intake.refusals) == 1
        why.update(refusal.why for refusal in intake.refusals)
        malformed = any(refusal.why is Why.MALFORMED for refusal in intake.refusals)
        assert malformed != official.is_valid(record), line
        for finding in intake.findings:
            assert finding.id == record["id"]
            assert set(finding.aliases) == set(record.get("aliases") or ())
            assert _versions(record) == sorted(
                version for target in finding.targets for version in (*target.versions, *_events(target.ranges))
            )
            assert [ref.url for ref in finding.references] == [ref["url"] for ref in record.get("references") or ()]
            assert {target.purl for target in finding.targets} - {""} == _purls(record)
    assert why[Why.WITHDRAWN] == WITHDRAWN.get(name, 0)
    assert why[Why.MALFORMED] == MALFORMED.get(name, 0)
    assert set(why) <= {Why.WITHDRAWN, Why.MALFORMED}


def test_one_bad_record_spoils_no_other(reference: Path) -> None:
    records = lines(reference, "pypa")
    alone = [parse_osv(line) for line in records]
    together = parse_osv(b"[" + b",".join(records) + b"]")
    assert len(together.findings) == sum(len(intake.findings) for intake in alone) == 2644
    assert [finding.id for finding in together.findings] == [each.id for intake in alone for each in intake.findings]


def _versions(record: dict[str, Any]) -> list[str]:
    """Return every version that a record names, in ranges and one by one."""
    affected = record.get("affected") or ()
    ranges = [given for each in affected for given in each.get("ranges", ())]
    events = [version for given in ranges for event in given["events"] for version in event.values()]
    return sorted([*events, *(version for each in affected for version in each.get("versions", ()))])


def _events(ranges: tuple[Any, ...]) -> Iterator[str]:
    return (event.version for given in ranges for event in given.events)


def _purls(record: dict[str, Any]) -> set[str]:
    packages = [each.get("package", {}) for each in record.get("affected") or ()]
    return {package["purl"] for package in packages if package.get("purl")}


def _set(*path: str | int, to: object) -> Change:
    def change(record: dict[str, Any]) -> None:
        inner: Any = record
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = to

    return change


EVENTS = ("affected", 0, "ranges", 0, "events")

CHANGES: dict[str, Change] = {
    "as it is": lambda _: None,
    "no id": lambda record: record.pop("id"),
    "no modified": lambda record: record.pop("modified"),
    "id of a number": _set("id", to=3),
    "moment without a zone": _set("modified", to="2026-11-01T00:00:00"),
    "moment of a day": _set("published", to="2026-11-01"),
    "alias of a number": _set("aliases", to=[3]),
    "aliases null": _set("aliases", to=None),
    "references null": _set("references", to=None),
    "reference without a URL": _set("references", to=[{"type": "WEB"}]),
    "affected null": _set("affected", to=None),
    "affected of texts": _set("affected", to=["a"]),
    "affected of nothing": _set("affected", to=[{}]),
    "package without a name": _set("affected", 0, "package", to={"ecosystem": "PyPI"}),
    "versions null": _set("affected", 0, "versions", to=None),
    "no events": _set(*EVENTS, to=[]),
    "no introduced": _set(*EVENTS, to=[{"fixed": "1"}]),
    "empty event": _set(*EVENTS, to=[{}]),
    "event of two": _set(*EVENTS, to=[{"introduced": "0", "fixed": "1"}]),
    "fixed and last affected": _set(*EVENTS, to=[{"introduced": "0"}, {"fixed": "1"}, {"last_affected": "1"}]),
    "last affected": _set(*EVENTS, to=[{"introduced": "0"}, {"last_affected": "1"}]),
    "range of another type": _set("affected", 0, "ranges", 0, "type", to="CALENDAR"),
    "GIT without a repository": _set("affected", 0, "ranges", to=[{"type": "GIT", "events": [{"introduced": "0"}]}]),
    "GIT with a tag": _set(
        "affected", 0, "ranges", to=[{"type": "GIT", "repo": "r", "events": [{"introduced": "v1.0"}]}]
    ),
    "GIT with 0": _set("affected", 0, "ranges", to=[{"type": "GIT", "repo": "r", "events": [{"introduced": "0"}]}]),
    "credit without a name": _set("credits", to=[{"type": "TOOL"}]),
    "severity without a score": _set("severity", to=[{"type": "CVSS_V3"}]),
    "database of a text": _set("database_specific", to={"cwe_ids": 3}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_record_that_was_changed_is_judged_as_the_schema_judges_it(reference: Path, name: str) -> None:
    official = schema(reference)
    record = json.loads(next(line for line in lines(reference, "pypa") if b'"PYSEC-2012-5"' in line))
    changed = copy.deepcopy(record)
    CHANGES[name](changed)
    intake = parse_osv(json.dumps(changed).encode())
    assert _malformed(intake) != official.is_valid(changed)


def test_the_changes_meet_both_verdicts(reference: Path) -> None:
    official, verdicts = schema(reference), Counter[bool]()
    record = json.loads(next(line for line in lines(reference, "pypa") if b'"PYSEC-2012-5"' in line))
    for change in CHANGES.values():
        changed = copy.deepcopy(record)
        change(changed)
        verdicts[official.is_valid(changed)] += 1
    assert min(verdicts[True], verdicts[False]) > 5


def _malformed(intake: Intake) -> bool:
    return any(refusal.why is Why.MALFORMED for refusal in intake.refusals)
