"""What every document passes first: limits, one at a time, and what they count."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.intake.making import record, report, result, sarif, spot, weakness, why
from trialplate.errors import TrialplateError
from trialplate.formats.intake import LIMITS, Intake, IntakeError, Problem, Why, parse_osv, parse_plain, parse_sarif
from trialplate.formats.intake.screen import ResultError, bounded, clean, headline, screened, short_texts, shown

Parse = Callable[..., Intake]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('[]{}",:\\a\u00e9\n'), max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('[]{}"\\,b', max_size=3), inner, max_size=4),
    max_leaves=25,
)


def depth(value: object) -> int:
    """Return how deep a value is nested, and how many it holds, counted the slow way."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def commas_and_openings(value: object) -> int:
    """Return what the limit of values counts: one for a container, and one for each of its members but the first."""
    if not isinstance(value, dict | list):
        return 0
    inner = list(value.values()) if isinstance(value, dict) else value
    return 1 + max(0, len(inner) - 1) + sum(map(commas_and_openings, inner))


def problem(data: bytes, **limits: int) -> Problem | None:
    """Return why a document is refused as a whole by its screen, or None."""
    try:
        screened(data, replace(LIMITS, **limits))
    except IntakeError as refused:
        return refused.problem
    return None


@given(json_values, st.booleans())
def test_depth_is_counted_exactly_whatever_strings_hold(value: object, ascii_only: bool) -> None:  # noqa: FBT001 - drawn
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    deep = depth(value)
    assert problem(data, depth=deep) is None
    if deep:
        assert problem(data, depth=deep - 1) is Problem.DEPTH


@given(json_values)
def test_values_are_counted_exactly_whatever_strings_hold(value: object) -> None:
    data, count = json.dumps(value).encode(), commas_and_openings(value)
    assert problem(data, values=count) is None
    if count:
        assert problem(data, values=count - 1) is Problem.VALUES


def test_strings_with_brackets_are_told_apart_across_chunks() -> None:
    data = json.dumps(["[" * number for number in range(1200)] + [[]]).encode()
    assert problem(data, depth=2) is None
    assert problem(data, depth=1) is Problem.DEPTH


@pytest.mark.parametrize("data", [b"[", b"[[]", b"]", b"}{", b"[]]", b"[" * 1_000_000, b'{"a":[}'])
def test_brackets_that_do_not_match_end_at_the_screen(data: bytes) -> None:
    assert problem(data) is Problem.MALFORMED


def test_what_is_no_utf_8_is_refused() -> None:
    assert problem(b'"\xff"') is Problem.MALFORMED
    assert problem(json.dumps("a").encode("utf-16")) is Problem.MALFORMED


def test_size_is_counted_in_bytes() -> None:
    assert problem(b"[1]", size=3) is None
    assert problem(b"[1]", size=2) is Problem.SIZE


@pytest.mark.parametrize(
    "data", [b"[" * (32 << 20), b'"[",[],' * (4 << 20), b"[]," * (8 << 20), (b"[" * 60 + b"]" * 60) * (1 << 17)]
)
def test_the_worst_documents_are_screened_at_once(data: bytes) -> None:
    began = time.process_time()
    assert problem(data, values=1 << 62) in {None, Problem.MALFORMED}
    assert time.process_time() - began < 20


def test_a_byte_order_mark_is_passed_over() -> None:
    assert len(parse_sarif(b"\xef\xbb\xbf" + sarif(result())).findings) == 1


@pytest.mark.parametrize("parse", [parse_sarif, parse_osv, parse_plain])
@pytest.mark.parametrize("data", [b"", b"x", b"[1", b"nul", b'"a', b'{"a":NaN}', b"\x00", b"[1,]"])
def test_what_is_no_document_is_refused_by_every_parser(parse: Parse, data: bytes) -> None:
    with pytest.raises(IntakeError) as refused:
        parse(data)
    assert refused.value.problem is Problem.MALFORMED
    assert isinstance(refused.value, TrialplateError)
    assert refused.value.fix


@pytest.mark.parametrize(
    "parse, data",
    [
        (parse_sarif, sarif(result(), result(), result())),
        (parse_osv, json.dumps([record()] * 3).encode()),
        (parse_plain, report(weakness(), weakness(), weakness())),
    ],
)
def test_results_and_time_are_limited_in_every_parser(parse: Parse, data: bytes) -> None:
    assert len(parse(data, limits=replace(LIMITS, results=3)).findings) == 3
    with pytest.raises(IntakeError, match="more than 2 results") as refused:
        parse(data, limits=replace(LIMITS, results=2))
    assert refused.value.problem is Problem.RESULTS
    with pytest.raises(IntakeError, match="time of the document is over") as refused:
        parse(data, expired=lambda: True)
    assert refused.value.problem is Problem.TIME


def test_the_time_is_asked_for_again_and_again() -> None:
    asked = chain([False] * 3, repeat(object()))
    with pytest.raises(IntakeError, match="over after 64 results"):
        parse_sarif(sarif(*[result()] * 100), expired=lambda: bool(next(asked)))


def test_a_run_without_results_has_its_time_too() -> None:
    with pytest.raises(IntakeError, match="over after 0 results"):
        parse_sarif(sarif(), expired=lambda: True)


def test_a_result_with_a_text_or_list_that_is_too_long_spoils_no_other() -> None:
    limits = replace(LIMITS, text=20, short=10, items=2)
    bad = [
        result("x" * 21),
        result(ruleId="r" * 11),
        result(locations=[spot("a")] * 3),
        result(locations=[spot("a" * 11)]),
        result(fingerprints={"a" * 11: ""}),
        result(fingerprints={"a": "1", "b": "2", "c": "3"}),
        result(workItemUris=["u" * 11]),
        result(properties={"trialplate": {"ai_tool": "t" * 11}}),
    ]
    intake = parse_sarif(sarif(*bad, result()), limits=limits)
    assert [refused.why for refused in intake.refusals] == [Why.TOO_LONG] * len(bad)
    assert [finding.index for finding in intake.findings] == [len(bad)]


def test_what_is_not_read_is_not_limited() -> None:
    assert why(result(kind="pass", hostedViewerUri="x" * 100_000)) is Why.NO_WEAKNESS


@pytest.mark.parametrize(
    "text, kept",
    [
        ("plain \u00e9\u4e2d\n\ttext", "plain \u00e9\u4e2d\n\ttext"),
        ("a\r\nb\rc", "a\nb\ufffdc"),
        ("\x1b[31mred\x00\x7f\x85", "\ufffd[31mred\ufffd\ufffd\ufffd"),
        ("left\u202eright\u2066\u200f\u2028", "left\ufffdright\ufffd\ufffd\ufffd"),
        ("\ud800", "\ufffd"),
    ],
)
def test_texts_lose_what_steers_terminals_and_pages(text: str, kept: str) -> None:
    assert clean(text) == kept
    assert bounded(text, 100, "text") == kept


def test_texts_of_a_list_are_kept_alike_one_by_one_or_at_once() -> None:
    limits = replace(LIMITS, short=4, items=3)
    assert short_texts(("a", "bc"), limits, "alias") == ("a", "bc")
    assert short_texts(("abcd", "ef\x00"), limits, "alias") == ("abcd", "ef\ufffd")
    for bad in (("abcde",), ("a",) * 4):
        with pytest.raises(ResultError):
            short_texts(bad, limits, "alias")


def test_a_title_is_one_line_and_what_is_quoted_is_short() -> None:
    assert headline("\n  First.  \nSecond.") == "First."
    assert headline("") == ""
    assert shown("x" * 160) == "x" * 160
    assert shown("x" * 161) == "x" * 159 + "\u2026"
