from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from trialplate.records.canon import DEEPEST, CanonicalError, canonical, decode

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8"))
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
)


class Point(Struct, frozen=True, forbid_unknown_fields=True):
    x: int
    names: frozenset[str] = frozenset()


class Anything(Struct, frozen=True, forbid_unknown_fields=True):
    value: object


def _nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels - 1):
        value = [value]
    return value


@given(values)
def test_the_form_holds_the_value(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers(0, 9)))
def test_the_order_of_a_map_changes_nothing(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(st.frozensets(st.text("abc", min_size=1)))
def test_the_order_of_a_set_changes_nothing(names: frozenset[str]) -> None:
    shuffled = frozenset(sorted(names, reverse=True))
    assert canonical(Point(1, names)) == canonical(Point(1, shuffled))
    assert json.loads(canonical(names)) == sorted(names)


def test_keys_are_ordered_by_utf16_as_rfc_8785_section_3_2_3_shows() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(keys, 0)))) == ordered


@pytest.mark.parametrize(
    "value",
    [
        0.0,
        1.5,
        float("nan"),
        [1, [2.0]],
        {"a": {"b": [{"c": 1.0}]}},
        Anything((1.5,)),
        2**53,
        -(2**53),
        {1: 2},
        "\ud800",
        {"\ud800": 1},
        pytest.param(object(), id="object"),
        _nested(DEEPEST + 1),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_a_record_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(CanonicalError):
        canonical(value)


def test_nesting_without_end_is_refused_before_the_stack_is_full() -> None:
    with pytest.raises(CanonicalError):
        canonical(_nested(100_000))


def test_the_deepest_nesting_is_held() -> None:
    value = _nested(DEEPEST)
    assert json.loads(canonical(value)) == value


def test_declared_decimals_are_text() -> None:
    assert canonical(Decimal("1.50")) == b'"1.50"'


@given(st.integers(-9, 9), st.frozensets(st.text("abc", min_size=1)))
def test_what_was_encoded_is_decoded(x: int, names: frozenset[str]) -> None:
    assert decode(canonical(Point(x, names)), Point, most=1000) == Point(x, names)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"names":[]}',
        b'{"names":[],"x":"1"}',
        b'{"names":[],"x":1.0}',
        b'{"names":[],"x":1,"y":2}',
        b'{"names":[], "x":1}',
        b'{"names":[],"x":1}\n',
        b'{"x":1,"names":[]}',
        b'{"x":1}',
        b'{"names":[],"x":2,"x":1}',
        b'{"names":["a","a"],"x":1}',
        b'{"names":["b","a"],"x":1}',
        b'{"names":["\\u0061"],"x":1}',
        b'{"names":["\xff"],"x":1}',
        b'{"names":[],"x":9007199254740993}',
        b'{"names":["' + b"a" * 1000 + b'"],"x":1}',
    ],
)
def test_bytes_that_are_not_the_one_form_are_refused(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        decode(data, Point, most=1000)


@pytest.mark.parametrize("value", [b"1.5", b"[" * 40 + b"]" * 40, b"[" * 90_000 + b"]" * 90_000])
def test_floats_and_depth_are_refused_where_the_type_would_let_them_in(value: bytes) -> None:
    with pytest.raises(CanonicalError):
        decode(b'{"value":' + value + b"}", Anything, most=1 << 20)


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    name: str


def test_what_a_refusal_quotes_can_be_shown() -> None:
    with pytest.raises(CanonicalError) as caught:
        decode(b'{"\\u0007\x7f":1}', Named, most=100)
    assert "unknown field" in str(caught.value)
    assert str(caught.value).isprintable()
