"""Screening: the project's policy on reports, and when a finder is held."""

from __future__ import annotations

import msgspec
import pytest

from tests.records.clearing import POLICY, PROJECT, REPORT
from trialplate.clearinghouse.coordination.screening import Answered, Limits, excluded, screen
from trialplate.records.finding import Declared, Declined, Held, Report, ReportedPlace, Said, Screened, Verdict
from trialplate.records.project import Policy

PLAIN = msgspec.structs.replace(REPORT, ai_tool=Declared(Said.NONE), ai_model=Declared(Said.UNDECLARED))


def at(minute: int) -> str:
    return f"2026-06-02T00:{minute:02d}:00Z"


def answers(*verdicts: Verdict | None) -> tuple[Answered, ...]:
    return tuple(Answered(at=at(n), verdict=verdict, case=f"case {n}") for n, verdict in enumerate(verdicts))


FALSE, TRUE = Verdict.NOT_REPRODUCED, None


class TestPolicy:
    def test_without_a_project_or_anything_against_it_a_report_is_tried(self) -> None:
        assert screen(REPORT, "", None, ()) == Screened(project="")
        assert screen(PLAIN, PROJECT, POLICY, ()) == Screened(project=PROJECT)

    @pytest.mark.parametrize("field", ["ai_tool", "ai_model"])
    def test_a_project_may_take_no_reports_made_with_ai(self, field: str) -> None:
        report = msgspec.structs.replace(PLAIN, **{field: Declared(Said.NAMED, "prober")})
        got = screen(report, PROJECT, POLICY, ())
        assert isinstance(got, Declined)
        assert "AI" in got.reason
        taking = msgspec.structs.replace(POLICY, takes_ai_reports=True)
        assert screen(report, PROJECT, taking, ()) == Screened(project=PROJECT)

    @pytest.mark.parametrize(
        "files, declined",
        [
            (("examples/a.c",), True),
            (("examples/deep/a.c", "examples/b.c"), True),
            (("examples/a.c", "src/a.c"), False),
            (("src/a.c",), False),
            (("",), False),
            ((), False),
        ],
    )
    def test_files_may_be_out_of_scope_where_all_that_are_named_are(
        self, files: tuple[str, ...], *, declined: bool
    ) -> None:
        places = tuple(ReportedPlace(file=file) for file in files)
        got = screen(msgspec.structs.replace(PLAIN, places=places), PROJECT, POLICY, ())
        assert isinstance(got, Declined) == declined

    def test_nothing_is_excluded_where_nothing_is_named(self) -> None:
        assert not excluded(POLICY, ())
        assert excluded(POLICY, ("examples/a",))
        assert not excluded(msgspec.structs.replace(POLICY, excluded=()), ("examples/a",))


def held(
    *answered: Answered, limits: Limits | None = None, report: Report = PLAIN, policy: Policy | None = None
) -> bool:
    got = screen(report, PROJECT, policy, answered, limits) if limits else screen(report, PROJECT, policy, answered)
    return isinstance(got, Held)


class TestHeld:
    def test_more_than_half_of_at_least_five_are_false(self) -> None:
        assert not held(*answers(FALSE, FALSE, FALSE, FALSE))
        assert held(*answers(FALSE, FALSE, FALSE, TRUE, TRUE))
        assert not held(*answers(FALSE, FALSE, FALSE, TRUE, TRUE, TRUE))
        assert held(*answers(Verdict.OUT_OF_SCOPE, FALSE, FALSE, TRUE, TRUE))

    def test_what_could_not_be_tried_does_not_count_and_what_is_flaky_is_not_false(self) -> None:
        assert not held(*answers(*[Verdict.NOT_TRIED] * 9))
        assert not held(*answers(*[Verdict.FLAKY] * 9))
        assert not held(*answers(FALSE, FALSE, FALSE, TRUE, Verdict.NOT_TRIED))

    def test_only_the_last_twenty_count(self) -> None:
        assert not held(*answers(*[FALSE] * 20, *[TRUE] * 20))
        assert held(*answers(*[TRUE] * 20, *[FALSE] * 20))

    def test_the_order_is_that_in_which_they_came(self) -> None:
        assert held(*reversed(answers(*[TRUE] * 20, *[FALSE] * 20)))

    def test_its_own_case_again_and_again_holds_a_finder(self) -> None:
        mine = [Answered(at=at(0), case="a")]
        again = [Answered(at=at(n), case="a", duplicate=True) for n in range(1, 9)]
        got = screen(PLAIN, PROJECT, None, (*mine, *again))
        assert got == Held(9, 0, 8, "Of the finder's last 9 answered reports 8 were known to the finder.")

    def test_of_one_moment_the_case_was_there_first(self) -> None:
        again = [Answered(at=at(0), case="a", duplicate=True) for _ in range(8)]
        assert held(*again, Answered(at=at(0), case="a"))

    def test_nobody_can_know_what_another_reported_under_embargo(self) -> None:
        assert not held(*(Answered(at=at(n), case=f"case {n}", duplicate=True) for n in range(9)))

    def test_what_was_public_could_be_known(self) -> None:
        assert held(*(Answered(at=at(n), case=f"case {n}", duplicate=True, public=True) for n in range(9)))

    def test_limits_are_data(self) -> None:
        strict = Limits(window=2, least=1, most_false=0, most_known=0)
        assert held(*answers(FALSE), limits=strict)
        assert not held(*answers(FALSE, TRUE, TRUE), limits=strict)

    def test_the_policy_is_asked_first(self) -> None:
        report = msgspec.structs.replace(PLAIN, ai_tool=Declared(Said.NAMED, "prober"))
        assert isinstance(screen(report, PROJECT, POLICY, answers(*[FALSE] * 9)), Declined)
