"""Single vulnerabilities: statuses, weaknesses, ids, involvements, flags and remediations."""

from __future__ import annotations

import pytest

from tests.formats.csaf.making import A, B, C, Json, advisory, found
from trialplate.formats.csaf.weaknesses import weakness_names

FIRST = "/vulnerabilities/0"


def of(*vulnerabilities: Json) -> list[tuple[str, str]]:
    return found(advisory(vulnerabilities=list(vulnerabilities)))


@pytest.mark.parametrize(
    "statuses, times",
    [
        (("first_affected", "known_affected", "last_affected", "recommended"), 0),
        (("first_fixed", "fixed", "recommended"), 0),
        (("known_affected", "known_not_affected"), 1),
        (("last_affected", "first_fixed"), 1),
        (("fixed", "under_investigation"), 1),
        (("known_not_affected", "under_investigation"), 1),
        (("first_affected", "known_not_affected", "fixed", "under_investigation"), 6),
    ],
)
def test_statuses_that_contradict_each_other(statuses: tuple[str, ...], times: int) -> None:
    vulnerability = {"product_status": {status: [A] for status in statuses}}
    assert of(vulnerability) == [("6.1.6", f"{FIRST}/product_status")] * times


def test_statuses_of_two_products_or_two_vulnerabilities_contradict_nothing() -> None:
    assert of({"product_status": {"fixed": [A], "known_affected": [B], "known_not_affected": [C]}}) == []
    assert of({"product_status": {"fixed": [A]}}, {"product_status": {"known_affected": [A]}}) == []


@pytest.mark.parametrize(
    "number, name, place",
    [
        ("CWE-79", "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')", None),
        ("CWE-79", "Cross-site Scripting (XSS)", None),
        ("CWE-79", "Improper Input Validation", "name"),
        ("CWE-1", "Location", "id"),
        ("CWE-999999", "Unheard of", "id"),
    ],
)
def test_a_weakness_exists_by_number_and_name(number: str, name: str, place: str | None) -> None:
    expected = [("6.1.11", f"{FIRST}/cwe/{place}")] if place else []
    assert of({"cwe": {"id": number, "name": name}}) == expected


def test_names_of_weaknesses_are_newest_first() -> None:
    assert weakness_names("CWE-20")[0] == "Improper Input Validation"
    assert len(weakness_names("CWE-79")) == 5
    assert weakness_names("20") == ()


def test_a_cve_is_used_once() -> None:
    cve = {"cve": "CVE-2026-0001"}
    assert of(cve, {"cve": "CVE-2026-0002"}, {"title": "none"}, {"title": "none"}) == []
    assert of(cve, {"cve": "CVE-2026-0002"}, cve) == [("6.1.23", "/vulnerabilities/2/cve")]


def test_a_party_is_involved_once_at_a_moment() -> None:
    done = {"party": "vendor", "status": "completed", "date": "2026-06-02T10:00:00Z"}
    same = {"party": "vendor", "status": "open", "date": "2026-06-02T12:00:00+02:00"}
    undated = {"party": "vendor", "status": "completed"}
    others = [done, done | {"party": "user"}, undated, done | {"date": "2026-06-02T10:00:01Z"}]
    assert of({"involvements": others}, {"involvements": [done]}) == []
    assert of({"involvements": [*others, same]}) == [("6.1.24", f"{FIRST}/involvements/4")]
    assert of({"involvements": [undated, undated | {"status": "open"}]}) == [("6.1.24", f"{FIRST}/involvements/1")]


def test_remediations_and_flags_are_of_something() -> None:
    remediation: Json = {"category": "mitigation", "details": "d"}
    flag: Json = {"label": "component_not_present"}
    group, single = {"group_ids": ["AB"]}, {"product_ids": [C]}
    assert (
        of({"remediations": [remediation | group, remediation | single], "flags": [flag | group, flag | single]}) == []
    )
    assert of({"remediations": [remediation | group, remediation], "flags": [flag]}) == [
        ("6.1.29", f"{FIRST}/remediations/1"),
        ("6.1.32", f"{FIRST}/flags/0"),
    ]


def test_a_product_has_one_flag() -> None:
    absent: Json = {"label": "component_not_present", "group_ids": ["AB"]}
    other: Json = {"label": "vulnerable_code_not_present", "product_ids": [C]}
    assert of({"flags": [absent, other]}, {"flags": [absent]}) == []
    assert of({"flags": [absent, other | {"product_ids": [C, B]}]}) == [("6.1.33", f"{FIRST}/flags")]
    # One flag that names a product twice, by itself and by its group, is one flag.
    assert of({"flags": [absent | {"product_ids": [A]}]}) == []
