"""OSV records that are written from an advisory; that all are valid shows tests/properties/test_advisories.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.formats.advisories import AT, PLAIN
from trialplate.formats.intake import parse_osv
from trialplate.formats.osv import write_osv
from trialplate.records.case import Affected, Revision


def record(**changes: object) -> dict[str, Any]:
    return json.loads(write_osv(replace(PLAIN, **changes)))


def affected(**fields: object) -> dict[str, Any]:
    return record(affected=(replace(Affected(name="minipng"), **fields),))["affected"][0]


def test_a_plain_advisory() -> None:
    assert record() == {
        "schema_version": "1.8.0",
        "id": "x_TRIALPLATE-2026-0A1B2C3D",
        "modified": AT,
        "published": AT,
        "summary": PLAIN.title,
        "details": "minipng reads behind the end of its input.\n\nSeen in read_header.\n\nUpdate to version 1.3.",
        "aliases": ["CVE-2026-10001", "GHSA-aaaa-bbbb-cccc"],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "minipng", "purl": "pkg:pypi/minipng"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.3"}]}],
                "versions": ["1.1", "1.2"],
            }
        ],
        "severity": [{"type": "CVSS_V3", "score": PLAIN.vector}],
        "references": [{"type": "WEB", "url": "https://example.com/minipng/issues/1"}],
        "credits": [{"name": "ada", "type": "FINDER"}, {"name": "minipng", "type": "REMEDIATION_DEVELOPER"}],
        "database_specific": {"cwe_ids": ["CWE-125"]},
    }


def test_what_is_empty_is_left_out() -> None:
    bare = record(aliases=(), vector="", references=(), credits=(), weakness=(), details="")
    assert bare.keys() == {"schema_version", "id", "modified", "published", "summary", "details", "affected"}


def test_our_own_reader_takes_it() -> None:
    intake = parse_osv(write_osv(PLAIN))
    assert intake.refusals == ()
    assert intake.findings[0].targets[0].purl == "pkg:pypi/minipng"


def test_the_newest_revision_is_when_it_was_modified() -> None:
    later = "2027-01-01T00:00:00Z"
    revised = record(revisions=(*PLAIN.revisions, Revision(number=2, at=later, summary="x")))
    assert (revised["published"], revised["modified"]) == (AT, later)


@pytest.mark.parametrize(
    "purl, ecosystem, name",
    [
        ("pkg:npm/%40scope/png", "npm", "@scope/png"),
        ("pkg:npm/@scope/png@1.0", "npm", "@scope/png"),
        ("pkg:maven/org.example/png", "Maven", "org.example:png"),
        ("pkg:golang/example.com/a/png", "Go", "example.com/a/png"),
        ("pkg:deb/debian/png?arch=source", "Debian", "png"),
        ("pkg:deb/ubuntu/png", "Ubuntu", "png"),
        ("pkg:cargo/png", "crates" + ".io", "png"),
        ("pkg:composer/vendor/png", "Packagist", "vendor/png"),
    ],
)
def test_packages_are_named_as_their_ecosystem_names_them(purl: str, ecosystem: str, name: str) -> None:
    package = affected(purl=purl)["package"]
    assert (package["ecosystem"], package["name"]) == (ecosystem, name)
    assert "@" not in package["purl"]
    assert "?" not in package["purl"]


@pytest.mark.parametrize("purl", ["", "no purl", "pkg:generic/png", "pkg:deb/other/png"])
def test_other_packages_stand_in_what_is_the_databases_own(purl: str) -> None:
    found = affected(purl=purl, introduced="1.0", fixed="1.3", versions=("1.2",))
    assert found == {
        "versions": ["1.2"],
        "database_specific": {"name": "minipng", "introduced": "1.0", "fixed": "1.3"}
        | ({"purl": purl} if purl else {}),
    }


@pytest.mark.parametrize(
    "purl, introduced, fixed, kind, events",
    [
        ("pkg:npm/png", "0", "1.2.3", "SEMVER", ["0", "1.2.3"]),
        ("pkg:golang/a/png", "v1.0.0", "v1.2.3", "SEMVER", ["1.0.0", "1.2.3"]),
        ("pkg:npm/png", "0", "1.2", "ECOSYSTEM", ["0", "1.2"]),
        ("pkg:pypi/png", "0", "", "ECOSYSTEM", ["0"]),
    ],
)
def test_versions_are_semantic_where_they_and_their_ecosystem_are(
    purl: str, introduced: str, fixed: str, kind: str, events: list[str]
) -> None:
    (found,) = affected(purl=purl, introduced=introduced, fixed=fixed)["ranges"]
    assert found["type"] == kind
    assert [next(iter(event.values())) for event in found["events"]] == events


def test_commits_are_a_range_of_the_repository() -> None:
    commits = affected(repository="https://example.com/png", fix_commit="b" * 40)
    assert commits["ranges"] == [
        {"type": "GIT", "repo": "https://example.com/png", "events": [{"introduced": "0"}, {"fixed": "b" * 40}]}
    ]
    assert "ranges" not in affected(fix_commit="b" * 40)
    assert record(affected=(Affected(name="a", repository="https://example.com/png"),))["references"][0] == {
        "type": "PACKAGE",
        "url": "https://example.com/png",
    }


@pytest.mark.parametrize(
    "vector, severity",
    [
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", [{"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:N/I:N/A:C"}]),
        (
            "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N",
            [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"}],
        ),
        ("high", None),
    ],
)
def test_severities_are_of_the_version_of_their_vector(vector: str, severity: object) -> None:
    assert record(vector=vector).get("severity") == severity
