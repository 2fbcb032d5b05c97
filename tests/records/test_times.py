"""Moments: one form, so that texts sort as moments do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.records import MomentError, later, moment, written

aware = st.datetimes(timezones=st.just(UTC))


@given(aware, aware)
def test_texts_sort_as_their_moments(one: datetime, other: datetime) -> None:
    one, other = one.replace(microsecond=0), other.replace(microsecond=0)
    assert (written(one) < written(other)) == (one < other)
    assert moment(written(one)) == one


@given(aware, st.integers(min_value=0, max_value=10**9))
def test_later_adds_seconds(start: datetime, seconds: int) -> None:
    start = start.replace(microsecond=0)
    try:
        assert moment(later(written(start), seconds)) == start + timedelta(seconds=seconds)
    except OverflowError:
        assert later(written(start), seconds) == "9999-12-31T23:59:59Z"


def test_the_calendar_ends_where_it_ends() -> None:
    assert later("9999-12-31T00:00:00Z", 90_000) == "9999-12-31T23:59:59Z"
    assert written(datetime(7, 1, 1, tzinfo=UTC)) == "0007-01-01T00:00:00Z"


def test_a_part_of_a_second_is_dropped_and_the_zone_is_utc() -> None:
    at = datetime(2026, 6, 2, 2, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert written(at) == "2026-06-02T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-06-02", "2026-06-02T00:00:00", "2026-06-02T00:00:00.0Z", "2026-06-02t00:00:00z",
     "2026-13-02T00:00:00Z", "2026-06-02T24:00:00Z", "2026-06-02T00:00:00Z\n", "٢٠٢٦-06-02T00:00:00Z"],
)  # fmt: skip
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(MomentError):
        moment(text)
