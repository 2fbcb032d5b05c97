"""The official cases of CSAF 2.0 (oasis-tcs/csaf), its schemas, and what a coordinator has published in it."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import pytest

from trialplate.formats.csaf import TESTS, check

DATA = "csaf_2.0/test/validator/data/"

CONTRADICTORY = {
    "optional/oasis_csaf_tc-csaf_2_0-2021-6-2-08-02.json",
    "optional/oasis_csaf_tc-csaf_2_0-2021-6-2-09-02.json",
}
"""Cases that are said to be valid as a whole and hash a file twice by one algorithm, which test 6.1.25 forbids."""

SCHEMAS = {
    "csaf-2.0.json": "json_schema/csaf_json_schema.json",
    "cvss-v2.0.json": "referenced_schema/first/cvss-v2.0.json",
    "cvss-v3.0.json": "referenced_schema/first/cvss-v3.0.json",
    "cvss-v3.1.json": "referenced_schema/first/cvss-v3.1.json",
}


@dataclass(frozen=True)
class Case:
    """A document, the test that it is for, whether this test reports it, and whether it is valid as a whole."""

    name: str
    test: str
    mandatory: bool
    reported: bool
    valid: bool
    data: bytes


@pytest.fixture(scope="module")
def cases(reference: Path) -> tuple[Case, ...]:
    with tarfile.open(reference / "csaf-conformance" / "csaf_2.0-test-data.tar.gz") as tar:
        files = {
            member.name.removeprefix(DATA): file.read()
            for member in tar
            if member.name.startswith(DATA) and (file := tar.extractfile(member))
        }
    return tuple(_cases(files))


def _cases(files: Mapping[str, bytes]) -> Iterator[Case]:
    for test in json.loads(files["testcases.json"])["tests"]:
        for kind in ("failures", "valid"):
            for case in test.get(kind, []):
                name = case["name"]
                mandatory = test["group"] == "mandatory"
                yield Case(name, test["id"], mandatory, kind == "failures", case["valid"], files[name])


def test_every_mandatory_test_reports_what_it_must_and_nothing_else(cases: tuple[Case, ...]) -> None:
    mandatory = [case for case in cases if case.mandatory]
    assert {case.test for case in mandatory} == {test.number for test in TESTS} | {"6.1.8"}
    assert len(mandatory) == 147
    wrong = [
        (case.name, verdict.problems)
        for case in mandatory
        if (verdict := check(case.data))
        and (any(problem.test == case.test for problem in verdict.problems), verdict.valid)
        != (case.reported, case.valid)
    ]
    assert wrong == []


def test_cases_of_other_tests_are_as_valid_as_they_say(cases: tuple[Case, ...]) -> None:
    others = [case for case in cases if not case.mandatory]
    assert len(others) == 92
    assert {case.name for case in others if check(case.data).valid != case.valid} == CONTRADICTORY
    told = {problem.test for case in others if case.name in CONTRADICTORY for problem in check(case.data).problems}
    assert told == {"6.1.25"}


def test_published_advisories_are_valid_but_for_names_of_weaknesses(reference: Path) -> None:
    with gzip.open(reference / "csaf-cisa" / "documents.jsonl.gz") as lines:
        verdicts = [check(line) for line in lines]
    assert len(verdicts) == 2383
    wrong = [problem.test for verdict in verdicts for problem in verdict.problems]
    assert wrong == ["6.1.11"] * 3


@pytest.mark.parametrize("name, official", SCHEMAS.items())
def test_the_schemas_that_ship_are_the_official_ones(name: str, official: str, reference: Path) -> None:
    shipped = resources.files("trialplate.formats.csaf") / "data" / name
    assert shipped.read_bytes() == (reference / "csaf-conformance" / "schemas" / "csaf_2.0" / official).read_bytes()
