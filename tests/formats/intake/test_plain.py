"""The project's own report: what it says, and how strict it is."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from tests.formats.intake.making import COMMIT, OTHER, only, plain, refusal, report, weakness
from tests.repo.tree import ROOT
from trialplate.formats.intake import (
    LIMITS,
    Declared,
    DeclaredNone,
    Event,
    EventKind,
    Fix,
    InlineProof,
    IntakeError,
    Location,
    Problem,
    ProofReference,
    Range,
    RangeKind,
    Reference,
    SeverityClaim,
    Source,
    Target,
    Undeclared,
    Why,
    parse_plain,
)

REPOSITORY = "https://git.example/a"
SHA256 = "0" * 64


def test_a_report_becomes_findings() -> None:
    finding = only(
        plain(
            id="mine-1",
            tool="By hand",
            target={
                "purl": "pkg:pypi/a",
                "repository": REPOSITORY,
                "component": "parser",
                "introduced": COMMIT,
                "fixed": OTHER,
                "seen_at": COMMIT,
            },
            aliases=["CVE-2026-1"],
            weakness=["CWE-787", "CWE-787"],
            locations=[{"file": ".\\src\\a.c", "line": 3, "function": "f"}, {"function": "g"}],
            severity=[{"scheme": "CVSS_V4", "value": "CVSS:4.0/AV:N"}],
            proofs=[
                {"name": "crash", "media_type": "text/plain", "base64": base64.b64encode(b"AAAA").decode()},
                {"name": "more", "uri": "https://a.example/more", "sha256": SHA256},
            ],
            references=["https://a.example"],
            fixes=[{"commit": OTHER}, {"description": "Bounds.", "patch": "-a\n+b"}],
            stack="#0 f a.c:3",
            declared={"ai_tool": "Finder", "verifier": None},
        )
    )
    events = (Event(EventKind.INTRODUCED, COMMIT), Event(EventKind.FIXED, OTHER))
    assert (finding.source, finding.id, finding.tool, finding.title) == (
        Source.PLAIN,
        "mine-1",
        "By hand",
        "It overflows",
    )
    assert (finding.description, finding.aliases, finding.weakness) == ("At once.", ("CVE-2026-1",), ("CWE-787",))
    assert finding.targets == (
        Target(
            purl="pkg:pypi/a",
            repository=REPOSITORY,
            component="parser",
            seen_at=COMMIT,
            ranges=(Range(kind=RangeKind.GIT, repository=REPOSITORY, events=events),),
        ),
    )
    assert finding.locations == (Location(file="src/a.c", line=3, function="f"), Location(function="g"))
    assert finding.severity == (SeverityClaim("CVSS_V4", "CVSS:4.0/AV:N"),)
    assert finding.proofs == (
        InlineProof(name="crash", media_type="text/plain", data=b"AAAA"),
        ProofReference(name="more", uri="https://a.example/more", sha256=SHA256),
    )
    assert "AAAA" not in repr(finding)
    assert "<4 bytes>" in repr(finding)
    assert finding.references == (Reference("", "https://a.example"),)
    assert finding.fixes == (Fix(repository=REPOSITORY, commit=OTHER), Fix(description="Bounds.", patch="-a\n+b"))
    assert finding.stack == "#0 f a.c:3"
    assert (finding.ai_tool, finding.ai_model, finding.verifier) == (Declared("Finder"), Undeclared(), DeclaredNone())


def test_a_fix_alone_leaves_every_commit_before_it_affected() -> None:
    (target,) = only(plain(target={"repository": REPOSITORY, "fixed": COMMIT})).targets
    assert target.ranges[0].events == (Event(EventKind.INTRODUCED, "0"), Event(EventKind.FIXED, COMMIT))
    (target,) = only(plain(target={"repository": REPOSITORY, "seen_at": COMMIT})).targets
    assert (target.seen_at, target.ranges) == (COMMIT, ())


@pytest.mark.parametrize(
    "fields, why, said",
    [
        ({"titel": "x"}, Why.MALFORMED, "unknown field `titel`"),
        ({"title": ""}, Why.MALFORMED, "length >= 1"),
        ({"title": "x" * 301}, Why.MALFORMED, "length <= 300"),
        ({"title": " \n"}, Why.EMPTY, "blank"),
        ({"description": " "}, Why.EMPTY, "blank"),
        ({"target": {}}, Why.EMPTY, "neither a `purl` nor a `repository`"),
        ({"target": {"purl": "pypi/a"}}, Why.MALFORMED, "no purl"),
        ({"target": {"purl": "pkg:pypi/a", "fixed": COMMIT}}, Why.MALFORMED, "no `repository`"),
        ({"target": {"purl": "pkg:pypi/a", "seen_at": COMMIT}}, Why.MALFORMED, "no `repository`"),
        ({"target": {"repository": "r", "fixed": "main"}}, Why.MALFORMED, "matching regex"),
        ({"weakness": ["79"]}, Why.MALFORMED, "matching regex"),
        ({"locations": [{"line": 0}]}, Why.MALFORMED, ">= 1"),
        ({"proofs": [{}]}, Why.MALFORMED, "exactly one"),
        ({"proofs": [{"base64": "", "uri": "u"}]}, Why.MALFORMED, "exactly one"),
        ({"proofs": [{"base64": "AAA"}]}, Why.MALFORMED, "`base64`"),
        ({"proofs": [{"base64": "\u00e9"}]}, Why.MALFORMED, "`base64`"),
        ({"proofs": [{"base64": "", "sha256": SHA256}]}, Why.MALFORMED, "give one"),
        ({"fixes": [{}]}, Why.EMPTY, "neither a `commit` nor a `patch`"),
        ({"declared": {"ai_tool": 3}}, Why.MALFORMED, "ai_tool"),
        ({"references": ["a"] * 5001}, Why.TOO_LONG, "references"),
    ],
)
def test_a_finding_that_is_none_is_refused_with_what_is_wrong(fields: dict[str, Any], why: Why, said: str) -> None:
    refused = refusal(plain(**fields))
    assert (refused.index, refused.why) == (0, why)
    assert said in refused.detail


def test_a_bad_finding_spoils_no_other() -> None:
    intake = parse_plain(report(weakness(), 3, weakness(title="Other")))
    assert [finding.index for finding in intake.findings] == [0, 2]
    assert [refused.index for refused in intake.refusals] == [1]


@pytest.mark.parametrize(
    "data, problem",
    [
        (report(weakness(), format="trialplate.report/2"), Problem.FORMAT),
        (report(weakness(), more=1), Problem.MALFORMED),
        (b'{"format":"trialplate.report/1"}', Problem.MALFORMED),
        (b'{"format":"trialplate.report/1","findings":[],"findings":[]}', Problem.MALFORMED),
        (b'{"format":"trialplate.report/1","findings":[{"x":1.5,"y":{"a":1,"a":2}}]}', Problem.MALFORMED),
        (b'{"format":"trialplate.report/1","findings":["\x01"]}', Problem.MALFORMED),
    ],
)
def test_a_report_that_is_none_is_refused_as_a_whole(data: bytes, problem: Problem) -> None:
    with pytest.raises(IntakeError) as refused:
        parse_plain(data)
    assert refused.value.problem is problem


def test_a_repeated_field_is_named_as_text_that_can_be_shown() -> None:
    with pytest.raises(IntakeError, match="The field 'a\ufffd' is given twice"):
        parse_plain(b'{"format":"trialplate.report/1","findings":[{"a\\ud800":1,"a\\ud800":2}]}')


def test_an_inline_proof_is_bounded() -> None:
    big = base64.b64encode(bytes(5)).decode()
    data = report(weakness(proofs=[{"base64": big}]))
    assert only(parse_plain(data, limits=replace(LIMITS, proof=5))).proofs
    refused = refusal(parse_plain(data, limits=replace(LIMITS, proof=4)))
    assert (refused.why, refused.detail) == (Why.TOO_LONG, "One of its proofs has 5 bytes, at most 4.")


def page() -> str:
    """Return the page of the format."""
    return (ROOT / "docs/formats/report.md").read_text(encoding="utf-8")


def shown() -> list[bytes]:
    """Return the reports that the page of the format shows."""
    return [block.encode() for block in re.findall(r"^```json\n(.*?)^```$", page(), re.MULTILINE | re.DOTALL)]


def test_the_reports_that_the_page_shows_are_taken_and_hold_to_the_schema() -> None:
    schema = json.loads(Path(ROOT / "docs/formats/report.schema.json").read_bytes())
    check = jsonschema_rs.validator_for(schema)
    assert len(shown()) == 2
    for data in shown():
        assert parse_plain(data).refusals == ()
        check.validate(json.loads(data))
    assert not check.is_valid({"format": "trialplate.report/1", "findings": [{"title": "x"}]})


def test_the_page_names_every_field() -> None:
    defs = json.loads(Path(ROOT / "docs/formats/report.schema.json").read_bytes())["$defs"]
    fields = {field for name in defs for field in defs[name]["properties"]}
    assert {field for field in fields if f"`{field}`" not in page()} == set()


def test_a_finding_can_be_written_as_json_and_read_again() -> None:
    finding = only(plain(proofs=[{"base64": "AAAA"}, {"uri": "u"}]))
    assert msgspec.json.decode(msgspec.json.encode(finding), type=type(finding)) == finding
