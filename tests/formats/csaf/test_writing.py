"""CSAF documents that are written from an advisory; that all are valid shows tests/properties/test_advisories.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.formats.advisories import AT, PLAIN, checked
from trialplate.formats.csaf import check, file_name, write_csaf
from trialplate.records.case import MOST_REVISIONS, MOST_VERSIONS, Advisory, Affected, Credit, Revision


def document(**changes: object) -> dict[str, Any]:
    return json.loads(write_csaf(replace(PLAIN, **changes)))


def vulnerability(**changes: object) -> dict[str, Any]:
    return document(**changes)["vulnerabilities"][0]


def products(**fields: object) -> dict[str, str]:
    """Return the products of one entry, by id, with their names; and the purls beside them."""
    tree = document(affected=(replace(Affected(name="png"), **fields),))["product_tree"]
    return {
        each["product"]["product_id"]: " ".join(
            filter(None, (each["name"], each["product"].get("product_identification_helper", {}).get("purl")))
        )
        for each in tree["branches"][0]["branches"]
    }


def test_the_head_says_who_what_and_when() -> None:
    later = "2027-01-01T00:00:00Z"
    head = document(revisions=(*PLAIN.revisions, Revision(number=2, at=later, summary="A version was added.")))[
        "document"
    ]
    assert head == {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": "WHITE", "url": "https://www.first.org/tlp/"}},
        "lang": "en",
        "publisher": {
            "category": "coordinator",
            "name": "Example Clearinghouse",
            "namespace": "https://clearinghouse.example",
            "contact_details": "desk@clearinghouse.example",
        },
        "title": PLAIN.title,
        "tracking": {
            "id": "TRIALPLATE-2026-0A1B2C3D",
            "initial_release_date": AT,
            "current_release_date": later,
            "revision_history": [
                {"date": AT, "number": "1", "summary": "First published."},
                {"date": later, "number": "2", "summary": "A version was added."},
            ],
            "status": "final",
            "version": "2",
        },
        "acknowledgments": [
            {"names": ["ada"], "summary": "finder"},
            {"names": ["minipng"], "summary": "remediation developer"},
        ],
        "references": [
            {"category": "external", "summary": "example.com", "url": PLAIN.references[0]},
        ],
    }


def test_the_vulnerability_says_what_is_affected_and_what_to_do() -> None:
    assert vulnerability() == {
        "title": PLAIN.title,
        "cve": "CVE-2026-10001",
        "cwe": {"id": "CWE-125", "name": "Out-of-bounds Read"},
        "ids": [
            {"system_name": "Trialplate", "text": "TRIALPLATE-2026-0A1B2C3D"},
            {"system_name": "GHSA", "text": "GHSA-aaaa-bbbb-cccc"},
        ],
        "notes": [
            {"category": "summary", "text": PLAIN.summary},
            {"category": "details", "text": PLAIN.details},
        ],
        "product_status": {
            "known_affected": ["CSAFPID-0001-0000", "CSAFPID-0001-0001", "CSAFPID-0001-0002"],
            "first_fixed": ["CSAFPID-0001-FIXED"],
            "fixed": ["CSAFPID-0001-FIXED"],
        },
        "release_date": AT,
        "remediations": [
            {
                "category": "vendor_fix",
                "details": PLAIN.remedy,
                "product_ids": ["CSAFPID-0001-0000", "CSAFPID-0001-0001", "CSAFPID-0001-0002"],
            }
        ],
        "scores": [
            {
                "products": ["CSAFPID-0001-0000", "CSAFPID-0001-0001", "CSAFPID-0001-0002"],
                "cvss_v3": {
                    "version": "3.1",
                    "vectorString": PLAIN.vector,
                    "baseScore": 7.5,
                    "baseSeverity": "HIGH",
                },
            }
        ],
    }


def test_what_is_empty_is_left_out() -> None:
    bare = document(weakness=(), vector="", aliases=(), references=(), credits=(), contact="", details="")
    assert bare["document"].keys().isdisjoint({"acknowledgments", "references"})
    assert "contact_details" not in bare["document"]["publisher"]
    assert bare["vulnerabilities"][0].keys().isdisjoint({"cve", "cwe", "scores"})
    assert len(bare["vulnerabilities"][0]["notes"]) == 1


@pytest.mark.parametrize(
    "fields, found",
    [
        ({}, {"CSAFPID-0001-0000": "vers:generic/*"}),
        (
            {"purl": "pkg:npm/png", "introduced": "1.0", "fixed": "1!2"},
            {
                "CSAFPID-0001-0000": "vers:npm/>=1.0|<1%212 pkg:npm/png",
                "CSAFPID-0001-FIXED": "1!2 pkg:npm/png@1%212",
            },
        ),
        ({"introduced": "1.0"}, {"CSAFPID-0001-0000": "vers:generic/>=1.0"}),
        (
            {"purl": "pkg:pypi/png", "repository": "https://example.com", "fix_commit": "b" * 40},
            {"CSAFPID-0001-0000": f"<{'b' * 40} pkg:pypi/png", "CSAFPID-0001-FIXED": "b" * 40},
        ),
        (
            {"repository": "https://example.com", "first_commit": "a" * 40},
            {"CSAFPID-0001-0000": f">={'a' * 40}"},
        ),
        ({"fix_commit": "b" * 40}, {"CSAFPID-0001-0000": "vers:generic/*"}),
        (
            {"purl": "pkg:cran/png", "versions": ("1.0", "1.0")},
            {"CSAFPID-0001-0000": "vers:cran/*", "CSAFPID-0001-0001": "1.0 pkg:cran/png@1.0"},
        ),
        ({"purl": "pkg:conan/user/png"}, {"CSAFPID-0001-0000": "vers:generic/*"}),
        (
            {"purl": "pkg:conan/user/png?channel=stable"},
            {"CSAFPID-0001-0000": "vers:conan/* pkg:conan/user/png?channel=stable"},
        ),
        ({"purl": "pkg:pypi/%20"}, {"CSAFPID-0001-0000": "vers:generic/*"}),
        ({"purl": "png"}, {"CSAFPID-0001-0000": "vers:generic/*"}),
    ],
)
def test_products_are_a_range_versions_and_what_is_fixed(fields: dict[str, Any], found: dict[str, str]) -> None:
    assert products(**fields) == found


def test_what_has_no_fix_is_told_so() -> None:
    both = vulnerability(affected=(Affected(name="a", fixed="2"), Affected(name="b")))
    assert [(each["category"], each["product_ids"]) for each in both["remediations"]] == [
        ("vendor_fix", ["CSAFPID-0001-0000"]),
        ("none_available", ["CSAFPID-0002-0000"]),
    ]
    assert both["product_status"]["known_affected"] == ["CSAFPID-0001-0000", "CSAFPID-0002-0000"]


@pytest.mark.parametrize(
    "vector, scores, notes",
    [
        (
            "AV:N/AC:L/Au:N/C:N/I:N/A:C",
            {"cvss_v2": {"version": "2.0", "vectorString": "AV:N/AC:L/Au:N/C:N/I:N/A:C", "baseScore": 7.8}},
            [],
        ),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N",
            {},
            ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N (base 8.7, High)"],
        ),
        ("high", {}, []),
    ],
)
def test_a_score_is_where_the_standard_has_a_place_for_it(vector: str, scores: object, notes: list[str]) -> None:
    found = vulnerability(vector=vector)
    given = found.get("scores", [{"products": []}])[0]
    assert {name: value for name, value in given.items() if name != "products"} == scores
    assert [note["text"] for note in found["notes"] if note["category"] == "other"] == notes


def test_of_weaknesses_the_first_whose_name_is_known_stands_for_all() -> None:
    found = vulnerability(weakness=("CWE-999999", "CWE-787", "CWE-125"))
    assert found["cwe"]["id"] == "CWE-787"
    assert found["notes"][-1] == {
        "category": "other",
        "title": "Weaknesses",
        "text": "CWE-999999, CWE-787, CWE-125",
    }


def test_of_several_cves_the_others_are_ids() -> None:
    found = vulnerability(aliases=("a:b", "CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0001"))
    assert found["cve"] == "CVE-2026-0001"
    assert [each["text"] for each in found["ids"]] == [PLAIN.id, "a:b", "CVE-2026-0002"]


def test_the_name_of_its_file_is_what_the_standard_says() -> None:
    assert file_name("TRIALPLATE-2026-0A1B2C3D") == "trialplate-2026-0a1b2c3d.json"
    assert file_name("A b/c+d") == "a_b_c+d.json"


def largest() -> Advisory:
    """Return an advisory with as much in it as there can be, of what the checker counts: commas and brackets."""
    listed = tuple(f"{number}.{'0' * 120}" for number in range(MOST_VERSIONS))
    affected = Affected(purl=f"pkg:pypi/{'a' * 503}", name="," * 256, fixed="1", versions=listed)
    return replace(
        PLAIN,
        title="," * 256,
        summary="," * 4_000,
        details="," * (1 << 16),
        remedy="," * 4_000,
        affected=(affected, *(replace(affected, versions=()) for _ in range(63))),
        references=(f"https://example.com/{',' * 2_000}",) * 64,
        credits=tuple(Credit(name="," * 250 + str(number), role="finder") for number in range(256)),
        contact="," * 2_048,
        revisions=tuple(Revision(number=n, at=AT, summary="," * 4_000) for n in range(1, MOST_REVISIONS + 1)),
    )


def test_the_largest_advisory_is_inside_the_limits_of_the_check() -> None:
    assert check(write_csaf(checked(largest()))).problems == ()
