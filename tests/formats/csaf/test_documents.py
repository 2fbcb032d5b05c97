"""What a document says of itself, and what its profile demands."""

from __future__ import annotations

import pytest

from tests.formats.csaf.making import A, B, C, Json, advisory, found

NOTES = [{"category": "summary", "text": "t"}]
LINKS = [{"summary": "s", "url": "https://example.com"}]
FIXED = {"cve": "CVE-2026-0001", "notes": NOTES, "product_status": {"fixed": [A]}}

INFORMATIONAL, INCIDENT = "csaf_informational_advisory", "csaf_security_incident_response"
SECURITY, VEX = "csaf_security_advisory", "csaf_vex"


def of(category: str, *vulnerabilities: Json, **head: object) -> list[tuple[str, str]]:
    return found(advisory(head={"category": category, **head}, vulnerabilities=list(vulnerabilities) or None))


def without(*names: str) -> Json:
    return {name: value for name, value in FIXED.items() if name not in names}


@pytest.mark.parametrize(
    "tag, known",
    [
        ("en", True),
        ("de-CH", True),
        ("zh-Hant-TW", True),
        ("i-default", True),
        ("EZ", False),
        ("en-ZZ", True),
        ("en-XQ", True),
        ("en-YY", False),
        ("en-" + "-".join(["abcde"] * 40), False),
    ],
)
def test_languages_are_registered(tag: str, *, known: bool) -> None:
    expected = [] if known else [("6.1.12", "/document/lang"), ("6.1.12", "/document/source_lang")]
    problems = found(advisory(head={"lang": tag, "source_lang": tag}))
    assert problems == [*expected, ("6.1.28", "/document/source_lang")]


def test_a_translation_has_two_languages() -> None:
    assert found(advisory(head={"lang": "en-US", "source_lang": "en-GB"})) == []
    same = [("6.1.28", "/document/source_lang")]
    assert found(advisory(head={"lang": "en-US", "source_lang": "en-us"})) == same


def test_a_translator_names_the_source() -> None:
    translator = {"publisher": {"category": "translator", "name": "E", "namespace": "https://example.com"}}
    assert found(advisory(head=translator)) == [("6.1.15", "/document/source_lang")]
    assert found(advisory(head=translator | {"source_lang": "en"})) == []


@pytest.mark.parametrize(
    "category, allowed",
    [
        ("csaf_base", True),
        ("Example Security Advisory", True),
        ("vexing", True),
        ("csaf_BASE", False),
        ("csaf_other", False),
        ("csafvex", False),
        ("Ve X", False),
        ("Security_Incident--Response", False),
        ("informational\tADVISORY", False),
        ("csafSecurityAdvisory", False),
    ],
)
def test_a_category_is_not_like_a_profile(category: str, *, allowed: bool) -> None:
    assert of(category) == ([] if allowed else [("6.1.26", "/document/category")])


@pytest.mark.parametrize("category", [INFORMATIONAL, INCIDENT])
def test_a_telling_note_and_an_external_reference(category: str) -> None:
    missing = [("6.1.27.1", "/document/notes"), ("6.1.27.2", "/document/references")]
    others: Json = {"notes": [{"category": "faq", "text": "t"}], "references": [LINKS[0] | {"category": "self"}]}
    assert of(category, notes=NOTES, references=LINKS) == []
    assert of(category) == of(category, **others) == missing


def test_an_informational_advisory_has_no_vulnerabilities() -> None:
    told: Json = {"notes": NOTES, "references": LINKS}
    assert of(INFORMATIONAL, FIXED, **told) == [("6.1.27.3", "/vulnerabilities")]
    assert of(INCIDENT, FIXED, **told) == []


@pytest.mark.parametrize("category", [SECURITY, VEX])
def test_an_advisory_has_products_and_vulnerabilities(category: str) -> None:
    bare = advisory(head={"category": category}, product_tree=None)
    assert found(bare) == [("6.1.27.4", "/product_tree"), ("6.1.27.11", "/vulnerabilities")]
    assert of(category, FIXED) == []


@pytest.mark.parametrize(
    "category, vulnerability, missing",
    [
        (SECURITY, without("notes"), [("6.1.27.5", "notes")]),
        (VEX, without("notes"), [("6.1.27.5", "notes")]),
        (SECURITY, without("product_status"), [("6.1.27.6", "product_status")]),
        (VEX, without("product_status"), [("6.1.27.7", "product_status")]),
        (VEX, FIXED | {"product_status": {"first_fixed": [A]}}, [("6.1.27.7", "product_status")]),
        (SECURITY, FIXED | {"product_status": {"first_fixed": [A]}}, []),
        (VEX, without("cve"), [("6.1.27.8", "ids")]),
        (SECURITY, without("cve"), []),
        (VEX, without("cve") | {"ids": [{"system_name": "s", "text": "1"}]}, []),
        ("csaf_base", {"title": "t"}, []),
    ],
)
def test_what_a_vulnerability_needs(category: str, vulnerability: Json, missing: list[tuple[str, str]]) -> None:
    assert of(category, vulnerability) == [(test, f"/vulnerabilities/0/{name}") for test, name in missing]


@pytest.mark.parametrize(
    "statements, unsaid",
    [
        ({}, [0, 1, 2]),
        ({"flags": [{"label": "component_not_present", "group_ids": ["AB"]}]}, [2]),
        ({"flags": [{"label": "component_not_present", "product_ids": [B]}]}, [0, 2]),
        ({"threats": [{"category": "impact", "details": "d", "group_ids": ["AB"], "product_ids": [C]}]}, []),
        ({"threats": [{"category": "target_set", "details": "d", "product_ids": [A, B, C]}]}, [0, 1, 2]),
        ({"remediations": [{"category": "mitigation", "details": "d", "product_ids": [A, B, C]}]}, [0, 1, 2]),
    ],
)
def test_a_vex_says_why_a_product_is_not_affected(statements: Json, unsaid: list[int]) -> None:
    vulnerability = FIXED | {"product_status": {"known_not_affected": [A, B, C]}} | statements
    path = "/vulnerabilities/0/product_status/known_not_affected/"
    assert of(VEX, vulnerability) == [("6.1.27.9", f"{path}{index}") for index in unsaid]
    assert of(SECURITY, vulnerability) == []


def test_a_vex_says_what_to_do_about_an_affected_product() -> None:
    vulnerability = FIXED | {"product_status": {"known_affected": [A, B, C]}}
    remediation = {"category": "none_available", "details": "d", "group_ids": ["AB"]}
    path = "/vulnerabilities/0/product_status/known_affected/"
    assert of(VEX, vulnerability) == [("6.1.27.10", f"{path}{index}") for index in range(3)]
    assert of(VEX, vulnerability | {"remediations": [remediation]}) == [("6.1.27.10", f"{path}2")]
    assert of(SECURITY, vulnerability) == []
