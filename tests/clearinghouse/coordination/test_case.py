"""A case as it is looked at: states, stages, credits, threads, figures."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.clearinghouse.histories import SUBJECT, history
from tests.records.clearing import BODIES, LATER, PRIORITY, REPORT
from trialplate.clearinghouse.coordination.case import (
    SILENCE,
    EmbargoState,
    Merged,
    ReportState,
    Waited,
    credits_of,
    embargo_state,
    in_order,
    letters,
    report_state,
    stage,
    view,
)
from trialplate.clearinghouse.coordination.figures import KeyFigures, figures, publishable
from trialplate.clearinghouse.coordination.threads import thread_of, words_of
from trialplate.flows import remediation
from trialplate.records.case import Known, Notice
from trialplate.records.finding import Basis

NOW = "2026-12-08T00:00:00Z"
EXPLOITED = msgspec.structs.replace(PRIORITY, exploited=Known.YES)
SENT = ("finding.reproduced", "case.case", "case.priority", "case.party_added", "case.notice", "case.embargo")


def told(*kinds: str) -> tuple[Struct, ...]:
    """Return a report and what then followed, by kinds without their version."""
    return (REPORT, *(BODIES[f"{kind}/1"] for kind in kinds))


@pytest.mark.parametrize(
    "kinds, report, embargo, shown, word",
    [
        ((), "RECEIVED", "NONE", "vfdpxa", "received"),
        (("finding.held",), "RECEIVED", "NONE", "vfdpxa", "held"),
        (("finding.held", "finding.released"), "RECEIVED", "NONE", "vfdpxa", "released"),
        (("finding.held", "finding.lapsed"), "CLOSED", "NONE", "vfdpxa", "lapsed"),
        (("finding.declined",), "CLOSED", "NONE", "vfdpxa", "declined"),
        (("finding.not_reproduced",), "INVALID", "NONE", "vfdpxa", "not reproduced"),
        (("finding.reproduced",), "VALID", "NONE", "vfdpxa", "reproduced"),
        (("finding.reproduced", "finding.candidates"), "VALID", "NONE", "vfdpxa", "candidates"),
        (("finding.reproduced", "finding.duplicate_of"), "CLOSED", "NONE", "vfdpxa", "duplicate"),
        (SENT[:2], "VALID", "NONE", "vfdpxa", "case"),
        (SENT[:3], "VALID", "NONE", "vfdpxa", "ranked"),
        ((*SENT[:3], "case.no_contact"), "VALID", "NONE", "vfdpxa", "no contact"),
        ((*SENT[:3], "case.no_contact", "case.closed"), "CLOSED", "NONE", "vfdpxa", "closed"),
        ((*SENT[:4], "case.shelved"), "DEFERRED", "NONE", "vfdpxa", "shelved"),
        (SENT, "VALID", "ACTIVE", "Vfdpxa", "sent"),
        ((*SENT, "case.no_answer"), "VALID", "ACTIVE", "Vfdpxa", "no answer"),
        ((*SENT, "case.not_a_bug"), "CLOSED", "EXITED", "Vfdpxa", "not a bug"),
        ((*SENT, "case.wont_fix"), "DEFERRED", "ACTIVE", "Vfdpxa", "won't be fixed"),
        ((*SENT, "case.accepted"), "ACCEPTED", "ACTIVE", "Vfdpxa", "accepted"),
        ((*SENT, "case.accepted", "case.patch"), "ACCEPTED", "ACTIVE", "Vfdpxa", "patch offered"),
        ((*SENT, "case.accepted", "case.patch_refused"), "ACCEPTED", "ACTIVE", "Vfdpxa", "patch refused"),
        ((*SENT, "case.accepted", "case.patch_passed"), "ACCEPTED", "ACTIVE", "VFdpxa", "patch passed"),
        ((*SENT, "case.fix_accepted"), "ACCEPTED", "EXITED", "VFdpxa", "fix accepted"),
        ((*SENT, "case.embargo_ended"), "VALID", "EXITED", "Vfdpxa", "embargo ended"),
        ((*SENT, "case.fix_accepted", "case.advisory"), "CLOSED", "EXITED", "VFdPxa", "published"),
    ],
)
def test_every_place_has_its_states(kinds: tuple[str, ...], report: str, embargo: str, shown: str, word: str) -> None:
    said = history(*told(*kinds))
    assert (report_state(said), embargo_state(said, NOW), letters(said), stage(said)) == (report, embargo, shown, word)


def test_an_embargo_is_over_when_its_time_is() -> None:
    assert embargo_state(history(*told(*SENT)), LATER) is EmbargoState.EXITED


def test_attacks_are_observed_where_it_is_exploited() -> None:
    assert letters(history(REPORT, EXPLOITED)) == "vfdpxA"


def test_a_view_has_all_that_a_coordinator_asks() -> None:
    said = history(*told(*SENT))
    other = Merged(
        "d" * 32, history(msgspec.structs.replace(REPORT, finder="early", claimed_at="2026-01-01T00:00:00Z"))
    )
    wait = Waited(what="case.accepted/1", asked="an answer", by="maintainer", until=LATER, silence="nothing")
    got = view(SUBJECT, said, (other,), (wait,), now=NOW)
    assert (got.subject, got.case, got.reports, got.order) == (SUBJECT, SUBJECT, 2, PRIORITY.order)
    assert got.title == "Heap-buffer-overflow in card_copy"
    assert [each.name for each in got.credits] == ["early", "finder-one"]
    assert got.parties == ("maintainer-one",)
    assert got.waiting == (wait,)
    assert (got.embargo_until, got.zone, got.report) == (LATER, "Europe/Vienna", ReportState.VALID)
    assert got.outcomes == ("CISA Coordinator: Attend or Act",)
    assert [line.by for line in got.thread] == ["house", "house"]


def test_a_report_that_opened_no_case_shows_its_own_title_and_where_it_went() -> None:
    got = view(SUBJECT, history(*told("finding.reproduced", "finding.duplicate_of")), (), (), now=NOW)
    assert (got.title, got.case, got.order, got.outcomes, got.exploited) == (
        REPORT.title,
        "c" * 32,
        None,
        (),
        "unknown",
    )
    assert view(SUBJECT, history(REPORT), (), (), now=NOW).case == ""
    assert view(SUBJECT, history(), (), (), now=NOW).title == ""


def test_every_silence_of_the_flow_is_said_in_words() -> None:
    defaults = {step.default for step in remediation.remediation().steps if step.default}
    assert defaults == set(SILENCE)


class TestCredits:
    @given(st.permutations(range(6)))
    def test_the_order_is_that_of_claims_whatever_the_order_of_merging(self, order: list[int]) -> None:
        every = [
            Merged(
                str(n),
                history(msgspec.structs.replace(REPORT, finder=f"f{n % 4}", claimed_at=f"2026-01-0{n + 1}T00:00:00Z")),
            )
            for n in range(6)
        ]
        got = credits_of([every[place] for place in order])
        assert [each.name for each in got] == ["f0", "f1", "f2", "f3"]
        assert {each.role for each in got} == {"finder"}

    def test_at_one_moment_what_is_proved_comes_first(self) -> None:
        every = [
            Merged(basis.value, history(msgspec.structs.replace(REPORT, finder=basis.value, basis=basis)))
            for basis in (Basis.RECEIPT, Basis.CLAIM, Basis.COMMITMENT)
        ]
        assert [each.subject for each in in_order(every)] == ["commitment", "claim", "receipt"]

    def test_what_is_no_report_has_no_finder(self) -> None:
        assert credits_of([Merged("a", history())]) == ()


class TestThread:
    @pytest.mark.parametrize(
        "kind, said",
        [
            ("case.accepted", f"accepted, a fix by {LATER} - Thanks."),
            ("case.not_a_bug", "not a bug: The caller must check."),
            ("case.wont_fix", "won't fix: It is no longer kept."),
            ("case.patch", "patch dddddddddddd on 1.2 - Checks the length."),
            ("case.fix_accepted", f"fix accepted: 1.3 {'3' * 40} - Released."),
            (
                "case.notice",
                "sent to maintainer-one, with 1 of at most 1 open before, past the limit: It is exploited.",
            ),
            ("case.closed", "closed: Nobody keeps it any more."),
            ("case.bypass", "may pass the limit: It is exploited."),
            ("case.embargo", f"embargo until {LATER} (policy): 60 days by the project's policy."),
            ("case.patch_passed", "patch dddddddddddd passed every check"),
            ("case.patch_refused", "patch dddddddddddd refused: the proof"),
            ("case.no_answer", "no answer"),
            ("case.no_patch", "no patch"),
            ("case.shelved", "shelved"),
            ("case.embargo_ended", "embargo ended"),
            ("case.case", ""),
            ("finding.report", ""),
        ],
    )
    def test_what_is_said_is_said_in_words(self, kind: str, said: str) -> None:
        assert words_of(BODIES[f"{kind}/1"]) == said

    def test_what_is_not_there_is_not_said(self) -> None:
        notice = BODIES["case.notice/1"]
        assert isinstance(notice, Notice)
        assert "past" not in words_of(msgspec.structs.replace(notice, bypass=""))
        accepted = msgspec.structs.replace(BODIES["case.accepted/1"], fix_by="", note="")
        assert words_of(accepted) == "accepted"

    def test_the_thread_has_its_order(self) -> None:
        lines = thread_of(history(*told(*SENT, "case.accepted"), author="ann"))
        assert [line.said.split()[0] for line in lines] == ["sent", "embargo", "accepted,"]
        assert {line.by for line in lines} == {"ann"}
        assert list(lines) == sorted(lines, key=lambda line: line.at)


class TestFigures:
    DAY = 86_400

    def test_everything_is_counted(self) -> None:
        apart = self.DAY
        got = figures(
            [
                history(*told(*SENT, "case.accepted", "case.fix_accepted", "case.advisory"), apart=apart),
                history(*told(*SENT), apart=apart),
                history(*told("finding.reproduced", "finding.duplicate_of")),
                history(*told("finding.not_reproduced")),
                history(*told("finding.held")),
                history(*told("finding.held", "finding.released")),
            ]
        )
        assert got == KeyFigures(
            duplicates_sent=0,
            reports=6,
            reproduced=3,
            merged=1,
            notices=2,
            open=1,
            published=1,
            finders_held=1,
            days_to_answer=2.0,
            days_to_fix=3.0,
        )

    def test_a_duplicate_that_reached_a_maintainer_is_counted(self) -> None:
        assert figures([history(*told(*SENT, "finding.duplicate_of"))]).duplicates_sent == 1

    def test_of_nothing_there_is_no_median(self) -> None:
        got = figures([])
        assert (got.reports, got.days_to_answer, got.days_to_fix) == (0, None, None)

    def test_small_counts_are_kept_back_from_outsiders(self) -> None:
        found = KeyFigures(
            duplicates_sent=1,
            reports=9,
            reproduced=5,
            merged=4,
            notices=5,
            open=0,
            published=1,
            finders_held=4,
            days_to_answer=2.0,
            days_to_fix=3.0,
        )
        got = publishable(found)
        assert (got.duplicates_sent, got.reports, got.reproduced, got.notices, got.open) == (1, 9, 5, 5, 0)
        assert (got.merged, got.published, got.finders_held) == (None, None, None)
        assert (got.days_to_answer, got.days_to_fix) == (2.0, 3.0)
        few = publishable(msgspec.structs.replace(found, notices=4))
        assert (few.notices, few.days_to_answer, few.days_to_fix) == (None, None, None)
