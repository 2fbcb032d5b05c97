"""Whatever the bytes are, a check answers with a verdict, soon, and inside its limits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.csaf.making import A, Json, advisory, found, history, product
from trialplate.formats.csaf import (
    DEEPEST,
    MOST_BYTES,
    MOST_LISTED,
    MOST_MEMBERS,
    MOST_SCORES,
    MOST_VALUES,
    TESTS,
    Problem,
    Verdict,
    check,
)

SOON = 20.0
"""Seconds that the worst document may take: ten times what was measured, for machines that do other things as well."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def only(data: bytes) -> Problem:
    (problem,) = check(data).problems
    return problem


@pytest.mark.parametrize(
    "data, says",
    [
        (b"", "truncated"),
        (b"<xml/>", "malformed"),
        (b'{"document": {}', "truncated"),
        (b'{"document": "\xff"}', "UTF-8"),
        (b"[}{]", "malformed"),
        (b'["\\', "truncated"),
        (b"\xef\xbb\xbf{}", "malformed"),
    ],
)
def test_what_is_no_json_is_an_answer(data: bytes, says: str) -> None:
    problem = only(data)
    assert (problem.test, problem.path) == ("json", "")
    assert says in problem.message


@pytest.mark.parametrize(
    "value, version",
    [
        ([], ""),
        (None, ""),
        ({}, ""),
        ({"document": {"csaf_version": 2}}, ""),
        ({"document": {"csaf_version": "2.1"}}, "2.1"),
        ({"document": {"csaf_version": "2." + "0" * 99}}, "2." + "0" * 14),
    ],
)
def test_another_version_is_an_answer(value: object, version: str) -> None:
    verdict = check(json.dumps(value).encode())
    assert (verdict.version, verdict.valid) == (version, False)
    assert [(problem.test, problem.path) for problem in verdict.problems] == [("version", "/document/csaf_version")]


def nested(depth: int) -> bytes:
    """Return a valid document one of whose unknown fields makes it so many levels deep."""
    inner: Json = {}
    for _ in range(depth - 2):
        inner = {"x": inner}
    return json.dumps(advisory(x_deep=inner)).encode()


def test_the_limit_of_depth() -> None:
    assert check(nested(DEEPEST)).valid
    assert only(nested(DEEPEST + 1)).test == "limits"


def test_brackets_in_texts_have_no_depth() -> None:
    assert found(advisory(head={"title": '\\"[{' * 1000})) == []


def with_values(count: int) -> bytes:
    padding = b"[" + b",".join([b"1"] * count) + b"]"
    return json.dumps(advisory(x=None)).encode()[:-1] + b', "x": ' + padding + b"}"


@pytest.mark.parametrize(
    "made",
    [
        lambda: b" " * (MOST_BYTES + 1),
        lambda: with_values(MOST_VALUES),
        lambda: b"[" * 200_000 + b"]" * 200_000,
        lambda: b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    ],
    ids=["bytes", "values", "lists", "objects"],
)
def test_what_is_too_large_is_refused(made: Callable[[], bytes]) -> None:
    assert only(made()).test == "limits"


def large(head: Json | None = None, tracking: Json | None = None, tree: Json | None = None, **parts: object) -> bytes:
    return json.dumps(advisory(head, tracking, tree, **parts)).encode()


GROUP = {"full_product_names": [product(str(at)) for at in range(10_000)]} | {
    "product_groups": [{"group_id": "G", "product_ids": [str(at) for at in range(10_000)]}]
}
FLAG = {"label": "component_not_present", "group_ids": ["G"]}
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"
SCORE = {
    "products": [A],
    "cvss_v3": {"version": "3.1", "vectorString": VECTOR, "baseScore": 10, "baseSeverity": "CRITICAL"},
}


def test_groups_cannot_be_multiplied_without_end() -> None:
    most = MOST_MEMBERS // 10_000
    allowed = large(tree=GROUP, vulnerabilities=[{"flags": [FLAG]}] * most)
    assert check(allowed).valid
    assert only(large(tree=GROUP, vulnerabilities=[{"flags": [FLAG]}] * (most + 1))).test == "limits"


def test_scores_cannot_be_multiplied_without_end() -> None:
    scored: Json = {"scores": [SCORE]}
    assert check(large(vulnerabilities=[scored] * MOST_SCORES)).valid
    assert only(large(vulnerabilities=[scored] * (MOST_SCORES + 1))).test == "limits"


@pytest.mark.parametrize(
    "made, tests",
    [
        (lambda: large(head={"category": "_ " * 4_000_000}), {"schema"}),
        (lambda: large(tree={"full_product_names": [product(A, cpe="cpe:2.3:a:" + "a" * 8_000_000)]}), {"schema"}),
        (lambda: large(tracking={"version": "1" * 5_000_000}), {"6.1.16"}),
        (lambda: large(head={"lang": "en-" + "-".join(["abcde"] * 500_000)}), {"6.1.12"}),
        (lambda: large(vulnerabilities=[{}] * 50_000), {"schema"}),
        (lambda: large(vulnerabilities=[{"product_status": {"fixed": [f"{at}" for at in range(99_999)]}}]), {"6.1.1"}),
        (lambda: large(tracking={"revision_history": history(*[("2026-06-02T10:00:00Z", "2")] * 20_000)}), {"6.1.22"}),
        (lambda: b'["' + b'\\"' * 7_000_000, {"json"}),
        (lambda: b'"' * 4_000_000, {"json"}),
    ],
    ids=["category", "cpe", "version", "language", "vulnerabilities", "products", "history", "escapes", "quotes"],
)
def test_the_worst_documents_are_answered_soon(made: Callable[[], bytes], tests: set[str]) -> None:
    data = made()
    began = time.perf_counter()
    verdict = check(data)
    assert time.perf_counter() - began < SOON
    assert tests <= {problem.test for problem in verdict.problems}
    assert all(len(problem.message) < 1000 for problem in verdict.problems)


def test_a_test_lists_so_many_problems() -> None:
    assert len(check(large(vulnerabilities=[{}] * (MOST_LISTED + 1))).problems) == MOST_LISTED
    unknown = [{"product_status": {"fixed": [str(at) for at in range(MOST_LISTED + 1)]}}]
    assert len(check(large(vulnerabilities=unknown)).problems) == MOST_LISTED


def test_what_breaks_the_schema_is_not_tested_further() -> None:
    broken = advisory(head={"title": "", "source_lang": "EZ", "publisher": {"category": "vendor"}})
    assert found(broken) == [
        ("schema", "/document/publisher"),
        ("schema", "/document/publisher"),
        ("schema", "/document/title"),
    ]
    assert found(advisory(tracking={"current_release_date": "2026-02-30T00:00:00Z"})) == [
        ("schema", "/document/tracking/current_release_date")
    ]


def test_texts_of_a_document_are_shown_harmlessly() -> None:
    hostile = "\x1b[2J\u202e" + "x" * 500
    document = advisory(vulnerabilities=[{"product_status": {"fixed": [hostile]}}])
    problem = only(json.dumps(document).encode())
    assert problem.message.isascii()
    assert problem.message.isprintable()
    assert "\\x1b[2J\\u202e" in problem.message
    assert len(problem.message) < 150


def test_texts_in_what_a_library_says_are_shown_harmlessly() -> None:
    score = {"products": [A], "cvss_v3": {"version": "3.1", "vectorString": "\x1b[2J\u202e", "baseScore": 1}}
    problems = check(json.dumps(advisory(vulnerabilities=[{"scores": [score]}])).encode()).problems
    assert {problem.test for problem in problems} == {"6.1.8", "6.1.9"}
    assert all(problem.message.isascii() and problem.message.isprintable() for problem in problems)


def test_unknown_fields_are_passed_over() -> None:
    assert found(advisory(x_more={"any": ["thing"]}, head={"x": 1})) == []


def test_the_tests_are_those_of_the_standard() -> None:
    plain = [str(number) for number in range(1, 34) if number not in {8, 27}]
    parts = [f"27.{part}" for part in range(1, 12)]
    assert sorted(test.number for test in TESTS) == sorted(f"6.1.{number}" for number in (*plain, *parts))
    assert all(test.name for test in TESTS)


def test_a_verdict_is_valid_where_nothing_was_found() -> None:
    assert Verdict("2.0", ()).valid
    assert not Verdict("2.0", (Problem("6.1.1", "", ""),)).valid


@given(value=json_values, at=st.sampled_from(["document", "product_tree", "vulnerabilities"]))
def test_any_json_has_a_verdict(value: object, at: str) -> None:
    assert not check(json.dumps(value).encode()).valid
    changed = json.dumps(advisory() | {at: value}).encode()
    assert check(changed).version in {"", "2.0"}


@given(data=st.binary(max_size=200))
def test_any_bytes_have_a_verdict(data: bytes) -> None:
    assert not check(data).valid
