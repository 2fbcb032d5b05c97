"""The desk: order, limit, pace, and who may pass them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.clearinghouse.histories import history
from tests.records.clearing import BODIES, POLICY, PRIORITY, REPLAYED, REPORT
from trialplate.clearinghouse.coordination.desk import Pick, Room, Waiting, is_open, open_reports, pick, room, waiting
from trialplate.records.case import (
    Bypass,
    Case,
    Embargo,
    EmbargoEnded,
    FixAccepted,
    Known,
    NoAnswer,
    NoPatch,
    NotABug,
    Notice,
    PartyAdded,
    Shelved,
    WontFix,
)
from trialplate.records.finding import Reproduced

NOW = "2026-06-02T12:00:00Z"
ONE = Waiting(case="a", order=1, fix_ready=False, since=NOW)
CASE, PARTY, NOTICE = BODIES["case.case/1"], BODIES["case.party_added/1"], BODIES["case.notice/1"]
EMBARGO = BODIES["case.embargo/1"]
REPRODUCED = Reproduced(replayed=REPLAYED, reasons=("All crashed.",))
RANKED = (REPORT, REPRODUCED, CASE, PRIORITY, PARTY)


def names(picked: tuple[Pick, ...]) -> str:
    return "".join(each.case for each in picked)


class TestPick:
    def test_the_most_urgent_first_then_a_fix_then_the_oldest(self) -> None:
        queue = (
            replace(ONE, case="d", since="2026-06-01T00:00:02Z"),
            replace(ONE, case="c", since="2026-06-01T00:00:01Z"),
            replace(ONE, case="b", fix_ready=True),
            replace(ONE, case="a", order=0),
        )
        assert names(pick(queue, Room(limit=9, pace_days=0, open=0), NOW)) == "abcd"
        assert names(pick(queue, Room(limit=3, pace_days=0, open=1), NOW)) == "ab"
        assert pick(queue, Room(limit=3, pace_days=0, open=3), NOW) == ()

    def test_a_project_is_told_of_one_at_its_pace(self) -> None:
        queue = (ONE, replace(ONE, case="b"))
        assert names(pick(queue, Room(limit=9, pace_days=2, open=0), NOW)) == "a"
        last = "2026-05-31T12:00:00Z"
        assert names(pick(queue, Room(limit=9, pace_days=2, open=1, last_sent=last), NOW)) == "a"
        assert pick(queue, Room(limit=9, pace_days=2, open=1, last_sent="2026-05-31T12:00:01Z"), NOW) == ()

    def test_only_what_is_exploited_passes_and_only_on_a_signature(self) -> None:
        full = Room(limit=1, pace_days=0, open=1)
        urgent = replace(ONE, exploited=True, bypass="It is exploited.")
        assert pick((urgent,), full, NOW) == (Pick("a", 1, "It is exploited."),)
        assert pick((replace(urgent, bypass=""),), full, NOW) == ()
        assert pick((replace(urgent, exploited=False),), full, NOW) == ()

    def test_a_bypass_that_is_not_needed_is_not_used(self) -> None:
        urgent = replace(ONE, exploited=True, bypass="It is exploited.")
        assert pick((urgent,), Room(limit=2, pace_days=0, open=1), NOW) == (Pick("a", 1),)
        paced = Room(limit=2, pace_days=2, open=1, last_sent=NOW)
        assert pick((urgent,), paced, NOW) == (Pick("a", 1, "It is exploited."),)

    @given(
        queue=st.lists(
            st.builds(
                Waiting,
                case=st.text(alphabet="abcdefgh", min_size=3, max_size=3),
                order=st.integers(min_value=0, max_value=3),
                fix_ready=st.booleans(),
                since=st.sampled_from(("2026-06-01T00:00:00Z", NOW)),
                exploited=st.booleans(),
                bypass=st.sampled_from(("", "signed")),
            ),
            max_size=12,
        ),
        room=st.builds(
            Room,
            limit=st.integers(min_value=1, max_value=4),
            pace_days=st.integers(min_value=0, max_value=2),
            open=st.integers(min_value=0, max_value=6),
            last_sent=st.sampled_from(("", "2026-05-01T00:00:00Z", NOW)),
        ),
    )
    def test_the_limit_is_never_passed_but_by_a_bypass_of_the_exploited(self, queue: list[Waiting], room: Room) -> None:
        by_case = {each.case: each for each in queue}
        picked = pick(tuple(by_case.values()), room, NOW)
        assert len({each.case for each in picked}) == len(picked)
        for place, each in enumerate(picked):
            assert each.open_before == room.open + place
            if each.bypass:
                assert by_case[each.case].exploited
                assert by_case[each.case].bypass == each.bypass
            else:
                assert each.open_before < room.limit
        ordinary = [each for each in picked if not each.bypass]
        assert not room.pace_days or len(ordinary) <= 1


class TestIsOpen:
    @pytest.mark.parametrize("last", [None, BODIES["case.accepted/1"], NoAnswer(), BODIES["case.patch_refused/1"]])
    def test_a_report_is_open_until_it_is_answered_to_the_end(self, last: Struct | None) -> None:
        assert is_open(history(*RANKED, NOTICE, EMBARGO, *([last] if last else [])))

    @pytest.mark.parametrize("last", [NotABug("No."), WontFix("No."), FixAccepted(version="1"), EmbargoEnded()])
    def test_an_answer_or_the_end_closes_it(self, last: Struct) -> None:
        assert not is_open(history(*RANKED, NOTICE, EMBARGO, last))

    def test_what_was_not_sent_or_is_no_case_any_more_is_not_open(self) -> None:
        assert not is_open(history(*RANKED))
        assert not is_open(history(REPORT, NOTICE))

    def test_in_public_it_is_open_until_an_answer_or_its_time_is_over(self) -> None:
        assert isinstance(EMBARGO, Embargo)
        public = msgspec.structs.replace(EMBARGO, basis="public by policy")
        sent = (*RANKED, NOTICE, public, EmbargoEnded())
        assert is_open(history(*sent))
        for last in (NoAnswer(), NoPatch(), WontFix("No.")):
            assert not is_open(history(*sent, last))

    def test_open_ones_are_counted(self) -> None:
        assert open_reports([history(*RANKED, NOTICE), history(*RANKED), history(*RANKED, NOTICE)]) == 2


class TestWaiting:
    def test_a_ranked_case_with_a_party_waits(self) -> None:
        got = waiting("a", history(*RANKED), ())
        assert got == Waiting(case="a", order=1, fix_ready=True, since="2026-06-02T00:00:00Z")

    def test_a_fix_that_only_a_report_names_is_not_ready(self) -> None:
        unfixed = Reproduced(replayed=msgspec.structs.replace(REPLAYED, fixed_source=""), reasons=("All crashed.",))
        got = waiting("a", history(REPORT, unfixed, CASE, PRIORITY, PARTY), ())
        assert got is not None
        assert not got.fix_ready

    @pytest.mark.parametrize("without", [Case, PartyAdded, type(PRIORITY), type(REPORT)])
    def test_what_lacks_anything_does_not_wait(self, without: type[Struct]) -> None:
        assert waiting("a", history(*(body for body in RANKED if not isinstance(body, without))), ()) is None

    @pytest.mark.parametrize("last", [NOTICE, Shelved(), NotABug("No."), WontFix("No.")])
    def test_what_was_sent_or_ended_does_not_wait(self, last: Struct) -> None:
        assert waiting("a", history(*RANKED, last), ()) is None

    def test_a_bypass_counts_by_a_coordinator_alone(self) -> None:
        exploited = msgspec.structs.replace(PRIORITY, exploited=Known.YES)
        said = history(REPORT, REPRODUCED, CASE, exploited, PARTY, Bypass("It is exploited."), author="cora")
        got = waiting("a", said, ("cora",))
        assert got is not None
        assert (got.exploited, got.bypass) == (True, "It is exploited.")
        other = waiting("a", said, ("ann",))
        assert other is not None
        assert other.bypass == ""


def test_a_room_is_what_the_policy_says_and_what_was_sent() -> None:
    early, late = history(*RANKED, NOTICE), history(*RANKED, PARTY, NOTICE, NotABug("No."))
    assert isinstance(NOTICE, Notice)
    assert room(POLICY, [early, late, history(*RANKED)]) == Room(
        limit=1, pace_days=2, open=1, last_sent="2026-06-02T00:06:00Z"
    )
    assert room(POLICY, []) == Room(limit=1, pace_days=2, open=0)
