"""Embargoes: by the project's clock, to the end of its local day, never shorter than was said, extended once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.clearing import POLICY
from trialplate.clearinghouse.coordination.embargo import day_end, extended, in_zone, terms
from trialplate.records import moment, written
from trialplate.records.case import Embargo, Known
from trialplate.records.project import Clock, Policy
from trialplate.trust import Refused

OPEN = msgspec.structs.replace(POLICY, public_by_policy=False)
AT = "2026-12-07T10:00:00Z"
ZONES = ("UTC", "America/New_York", "Pacific/Auckland", "Asia/Beirut", "America/St_Johns", "Asia/Kathmandu")


def with_clock(**clock: object) -> Policy:
    return msgspec.structs.replace(OPEN, clock=msgspec.convert({"zone": "Europe/Vienna", **clock}, Clock))


def test_the_project_says_how_long() -> None:
    got = terms(with_clock(embargo=60), Known.UNKNOWN, AT)
    # 60 days after the 7th of December, 11:00 in Vienna, is the 5th of February; its day ends at 23:00 in UTC.
    assert (got.begins_at, got.ends_at, got.basis) == (AT, "2027-02-05T23:00:00Z", "policy")
    assert got.zone == "Europe/Vienna"
    assert "60 days" in got.reason


@pytest.mark.parametrize(
    "known, basis", [(Known.YES, "known exploited"), (Known.NO, "policy"), (Known.UNKNOWN, "policy")]
)
def test_only_what_is_known_to_be_exploited_has_less_time(known: Known, basis: str) -> None:
    assert terms(OPEN, known, AT).basis == basis


def test_a_day_is_not_days() -> None:
    assert "1 day." in terms(with_clock(exploited=1), Known.YES, AT).reason


def test_public_by_policy_has_none_even_where_it_is_exploited() -> None:
    got = terms(POLICY, Known.YES, AT)
    assert (got.basis, got.begins_at, got.ends_at) == ("public by policy", AT, AT)


@pytest.mark.parametrize("zone", ["Nowhere/None", "../etc/passwd", "/etc/passwd", ""])
def test_a_zone_that_is_not_known_here_is_utc_and_says_so(zone: str) -> None:
    policy = msgspec.structs.replace(OPEN, clock=Clock(zone=zone, embargo=1))
    got = terms(policy, Known.NO, AT)
    assert (got.zone, got.ends_at) == ("UTC", "2026-12-09T00:00:00Z")
    assert "not known here" in got.reason


@pytest.mark.parametrize(
    "begins, days, zone, ends",
    [
        ("2026-12-07T00:00:00Z", 1, "UTC", "2026-12-08T00:00:00Z"),
        ("2026-12-07T00:00:01Z", 1, "UTC", "2026-12-09T00:00:00Z"),
        ("2026-12-07T23:59:59Z", 0, "UTC", "2026-12-08T00:00:00Z"),
        # Clocks go forward on the 8th of March 2026: a local day has 23 hours, and 24 are promised.
        ("2026-03-08T04:30:00Z", 1, "America/New_York", "2026-03-10T04:00:00Z"),
        # They go back on the 1st of November: the day of the calendar ends an hour later than 24 hours.
        ("2026-11-01T04:30:00Z", 0, "America/New_York", "2026-11-02T05:00:00Z"),
        # In Beirut they go forward at midnight: the 29th of March begins at 1:00, which is the end of the 28th.
        ("2026-03-27T12:00:00Z", 1, "Asia/Beirut", "2026-03-28T22:00:00Z"),
        # In St. John's of 2010 they went back at 0:01, so that the 6th of November came to its end twice.
        ("2010-11-05T12:00:00Z", 1, "America/St_Johns", "2010-11-07T03:30:00Z"),
    ],
)
def test_a_day_ends_where_the_next_begins(begins: str, days: int, zone: str, ends: str) -> None:
    assert day_end(begins, days, ZoneInfo(zone)) == ends


@given(
    begins=st.datetimes(
        min_value=moment("2000-01-01T00:00:00Z").replace(tzinfo=None),
        max_value=moment("2040-01-01T00:00:00Z").replace(tzinfo=None),
    ),
    days=st.integers(min_value=0, max_value=365),
    zone=st.sampled_from(ZONES),
)
def test_it_is_never_shorter_than_was_said_and_ends_with_a_local_day(begins: object, days: int, zone: str) -> None:
    begun = written(moment(f"{begins:%Y-%m-%dT%H:%M:%SZ}"))
    end, place = moment(day_end(begun, days, ZoneInfo(zone))), ZoneInfo(zone)
    promised = moment(begun) + timedelta(days=days)
    assert promised <= end <= promised + timedelta(hours=50)
    before, after = (end - timedelta(seconds=1)).astimezone(place), end.astimezone(place)
    assert before.date() < after.date()


class TestExtended:
    ENDS = Embargo(
        begins_at=AT, ends_at="2027-02-05T23:00:00Z", zone="Europe/Vienna", basis="policy", reason="60 days."
    )
    CLOCK = Clock(zone="Europe/Vienna", engaged=10, exploited_engaged=3)

    def test_a_fix_under_way_gets_the_days_of_the_clock_once(self) -> None:
        got = extended(self.ENDS, self.CLOCK, engaged=True, reason="Nearly there.", now=AT)
        assert isinstance(got, Embargo)
        assert (got.ends_at, got.basis, got.reason) == ("2027-02-15T23:00:00Z", "extension", "Nearly there.")
        assert (got.begins_at, got.zone) == (AT, "Europe/Vienna")
        again = extended(got, self.CLOCK, engaged=True, reason="Once more.", now=AT)
        assert isinstance(again, Refused)
        assert "once" in again.reason

    def test_what_is_exploited_gets_fewer(self) -> None:
        exploited = msgspec.structs.replace(self.ENDS, basis="known exploited")
        got = extended(exploited, self.CLOCK, engaged=True, reason="Nearly there.", now=AT)
        assert isinstance(got, Embargo)
        assert got.ends_at == "2027-02-08T23:00:00Z"

    @pytest.mark.parametrize(
        "changes, engaged, now, said",
        [
            ({}, False, AT, "taken the weakness on"),
            ({}, True, "2027-02-05T23:00:00Z", "over"),
            ({"basis": "public by policy"}, True, AT, "over"),
        ],
    )
    def test_it_is_refused(self, changes: dict[str, str], now: str, said: str, *, engaged: bool) -> None:
        embargo = msgspec.structs.replace(self.ENDS, **changes)
        got = extended(embargo, self.CLOCK, engaged=engaged, reason="More.", now=now)
        assert isinstance(got, Refused)
        assert said in got.reason

    def test_a_clock_may_grant_none(self) -> None:
        got = extended(self.ENDS, Clock(engaged=0), engaged=True, reason="More.", now=AT)
        assert isinstance(got, Refused)
        assert "no more days" in got.reason


def test_a_moment_is_shown_as_the_clocks_of_its_zone_show_it() -> None:
    assert in_zone("2027-02-05T23:00:00Z", "Europe/Vienna") == "2027-02-06 00:00 Europe/Vienna"
