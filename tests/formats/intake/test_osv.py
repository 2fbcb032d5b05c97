"""OSV records as drafts of findings."""

from __future__ import annotations

import json

import pytest

from tests.formats.intake.making import COMMIT, OTHER, only, osv, ranged, record, refusal
from trialplate.formats.intake import (
    Declared,
    DeclaredNone,
    Event,
    EventKind,
    Fix,
    Location,
    Range,
    RangeKind,
    Reference,
    SeverityClaim,
    Source,
    Target,
    Undeclared,
    Why,
    parse_osv,
)

ZERO = {"introduced": "0"}


def test_a_record_becomes_a_finding() -> None:
    finding = only(
        osv(
            record(
                details="Details.",
                aliases=["CVE-2026-1"],
                affected=[
                    {
                        "package": {"ecosystem": "PyPI", "name": "a", "purl": "pkg:pypi/a"},
                        "ranges": [
                            {"type": "GIT", "repo": "https://git.example/a", "events": [ZERO, {"fixed": COMMIT}]},
                            {"type": "ECOSYSTEM", "events": [ZERO, {"last_affected": "1.2"}]},
                        ],
                        "versions": ["1.1", "1.2"],
                        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],
                        "ecosystem_specific": {"severity": "HIGH", "imports": [{"path": "a/b", "symbols": ["T.f"]}]},
                    }
                ],
                references=[{"type": "WEB", "url": "https://a.example"}],
                credits=[{"name": "A person", "type": "FINDER"}, {"name": "A fuzzer", "type": "TOOL"}],
                database_specific={
                    "cwe_ids": ["CWE-079", "CWE-79", "other"],
                    "cwes": [{"cweId": "CWE-22", "name": "x"}],
                    "severity": "HIGH",
                    "trialplate": {"ai_tool": "Finder", "ai_model": None},
                },
            )
        )
    )
    git = Range(
        kind=RangeKind.GIT,
        repository="https://git.example/a",
        events=(Event(EventKind.INTRODUCED, "0"), Event(EventKind.FIXED, COMMIT)),
    )
    versions = (Event(EventKind.INTRODUCED, "0"), Event(EventKind.LAST_AFFECTED, "1.2"))
    assert (finding.source, finding.index, finding.id, finding.tool) == (Source.OSV, 0, "x_DRAFT-1", "A fuzzer")
    assert (finding.title, finding.description, finding.aliases) == ("It overflows.", "Details.", ("CVE-2026-1",))
    assert finding.weakness == ("CWE-79", "CWE-22")
    assert finding.locations == (Location(function="a/b.T.f"),)
    assert finding.targets == (
        Target(
            purl="pkg:pypi/a",
            ecosystem="PyPI",
            name="a",
            repository="https://git.example/a",
            ranges=(git, Range(kind=RangeKind.ECOSYSTEM, events=versions)),
            versions=("1.1", "1.2"),
        ),
    )
    assert finding.severity == (
        SeverityClaim("CVSS_V3", "CVSS:3.1/AV:N"),
        SeverityClaim("database_specific", "HIGH"),
        SeverityClaim("ecosystem_specific", "HIGH"),
    )
    assert finding.references == (Reference("WEB", "https://a.example"),)
    assert finding.fixes == (Fix(repository="https://git.example/a", commit=COMMIT),)
    assert (finding.ai_tool, finding.ai_model, finding.verifier) == (Declared("Finder"), DeclaredNone(), Undeclared())


def test_the_least_record_and_nulls_are_taken() -> None:
    finding = only(osv(record(aliases=None, affected=None, references=None, severity=None, database_specific={})))
    assert (finding.targets, finding.severity, finding.stack) == ((), (), "")
    assert only(osv(record(affected=[{}]))).targets == ()
    assert only(osv(record(affected=[{"ecosystem_specific": {"imports": [{"symbols": ["f"]}]}}]))).locations == (
        Location(function="f"),
    )
    assert only(osv(record(summary="", details="First.\nSecond."))).title == "First."


def test_what_a_database_keeps_for_itself_may_be_anything() -> None:
    odd = record(affected=[{"ecosystem_specific": {"imports": 3}}], database_specific={"cwe_ids": "CWE-1", "x": []})
    assert only(osv(odd)).weakness == ()


@pytest.mark.parametrize(
    "details, stack",
    [
        ("Crash type: x\nCrash state:\nf\ng\n```\nmore", "f\ng"),
        ("Crash state:\nf", "f"),
        ("Crash state", ""),
    ],
)
def test_the_crash_state_of_a_record_is_its_stack(details: str, stack: str) -> None:
    assert only(osv(record(details=details))).stack == stack


def test_records_of_a_list_are_taken_or_refused_each_for_itself() -> None:
    intake = osv(record(), {"id": "x"}, record(withdrawn="2026-11-02T00:00:00.5Z"), record(id="x_2"))
    assert [(finding.index, finding.id) for finding in intake.findings] == [(0, "x_DRAFT-1"), (3, "x_2")]
    assert [(refused.index, refused.why) for refused in intake.refusals] == [(1, Why.MALFORMED), (2, Why.WITHDRAWN)]
    assert "missing required field `modified`" in intake.refusals[0].detail
    assert "2026-11-02" in intake.refusals[1].detail
    assert parse_osv(b" [] ") == parse_osv(b"[]")


VECTOR = [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]


@pytest.mark.parametrize(
    "bad, said",
    [
        (record(id=" "), "id is empty"),
        (record(modified="yesterday"), "`modified` is 'yesterday'"),
        (record(published="2026-11-01"), "`published`"),
        (record(modified=3), "Expected `str`"),
        (record(severity=VECTOR, affected=[{"severity": VECTOR}]), "one place"),
        (ranged({"fixed": "1"}), "nowhere `introduced`"),
        (ranged(), "nowhere `introduced`"),
        (ranged(ZERO, {"fixed": "1"}, {"last_affected": "2"}), "both `fixed` and `last_affected`"),
        (ranged(ZERO, kind="GIT"), "no `repo`"),
        (ranged(ZERO, {"fixed": COMMIT[:39]}, kind="GIT", repo="r"), "no full commit id"),
        (ranged({"introduced": "0", "fixed": "1"}), "says 2 things"),
        (ranged({}), "says 0 things"),
        (ranged(ZERO, kind="OTHER"), "Invalid enum value"),
        (record(affected=[{"package": {"name": "a"}}]), "missing required field `ecosystem`"),
        (record(database_specific={"trialplate": {"ai": "x"}}), "unknown field `ai`"),
    ],
)
def test_what_the_schema_rules_out_is_refused(bad: object, said: str) -> None:
    refused = refusal(osv(bad))
    assert refused.why is Why.MALFORMED
    assert said in refused.detail


def test_a_record_that_says_nothing_is_refused() -> None:
    assert refusal(osv(record(summary=" "))).why is Why.EMPTY


def test_a_limit_and_a_digest_of_64_digits_are_events_too() -> None:
    events = (ZERO, {"limit": OTHER + "0" * 24})
    assert only(osv(ranged(*events, kind="GIT", repo="r"))).targets[0].ranges[0].events[1].kind is EventKind.LIMIT


def test_lists_that_are_too_long_are_refused() -> None:
    for long in (
        record(aliases=["a"] * 5001),
        record(affected=[{}] * 5001),
        record(affected=[{"versions": ["1"] * 5001}]),
        record(affected=[{"ecosystem_specific": {"imports": [{"symbols": ["f"] * 5001}]}}]),
    ):
        assert refusal(parse_osv(json.dumps(long).encode())).why is Why.TOO_LONG
