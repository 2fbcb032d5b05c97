"""Casework: what a coordinator sees and decides, and that everybody else is told the same whatever there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fakes.clearing import CORA, DAY, EXPLOITED, World
from trialplate.app.clearing.cases import case_of, merged_into
from trialplate.app.clearing.coordination import casework
from trialplate.app.clearing.house import ClearingError
from trialplate.app.clearing.roles import RoleError
from trialplate.clearinghouse.coordination.figures import KeyFigures
from trialplate.records import SubjectId
from trialplate.records.case import Accepted, Case, Known, Notice
from trialplate.records.finding import Candidates, Distinct, DuplicateOf, NotReproduced, ReportedTarget

ONE, ALIKE, OTHER = b"crash a b c", b"crash q a b", b"crash x y z"


@pytest.fixture
def world() -> World:
    world = World()
    world.staff()
    world.project("cards", "mia", open_limit=1)
    return world


def kinds(world: World, subject: str) -> list[str]:
    return [said.stored.entry.header.kind for said in world.house.history(SubjectId(subject)).standing]


Decision = Callable[[World, str], object]
DECISIONS: dict[str, Decision] = {
    "list": lambda world, _: casework.listed(world.house, "ann"),
    "show": lambda world, case: casework.shown(world.house, "ann", case),
    "rule": lambda world, case: casework.rule(world.house, "ann", case, reason="Yes."),
    "merge": lambda world, case: casework.merge(world.house, "ann", case, case, reason="Yes."),
    "split": lambda world, case: casework.split(world.house, "ann", case, reason="Yes."),
    "release": lambda world, case: casework.release(world.house, "ann", case, reason="Yes."),
    "close": lambda world, case: casework.close(world.house, "ann", case, reason="Yes."),
    "bypass": lambda world, case: casework.bypass(world.house, "ann", case, reason="Yes."),
    "assign": lambda world, case: casework.assign(world.house, "ann", case, case, reason="Yes."),
    "extend": lambda world, case: casework.extend(world.house, "ann", case, reason="Yes."),
    "figures": lambda world, _: casework.key_figures(world.house, "ann"),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_whoever_is_no_coordinator_is_told_the_same_whatever_there_is(world: World, name: str) -> None:
    answers: set[str] = set()
    real = world.report("cards", "ann", ONE)
    world.worked()
    for case in (real, "0" * 32, "not an id"):
        with pytest.raises(RoleError) as refused:
            DECISIONS[name](world, case)
        answers.add(str(refused.value))
    assert len(answers) == 1


class TestLooking:
    def test_the_list_has_every_case_and_what_is_asked_the_most_urgent_first(self, world: World) -> None:
        one = world.report("cards", "ann", ONE)
        world.worked()
        world.wait(1)
        world.report("cards", "bob", ONE)
        world.worked()
        urgent = world.report("cards", "cas", OTHER, aliases=(EXPLOITED,))
        alike = world.report("cards", "dan", ALIKE)
        stray = world.astray(b"crash s t r")
        wrong = world.report("cards", "fay", b"nothing")
        world.worked()
        rows = casework.listed(world.house, CORA)
        assert {row.subject for row in rows} == {one, urgent, alike, stray}
        assert rows[0].subject == urgent
        assert rows[-1].subject == alike
        asked = casework.listed(world.house, CORA, asked=True)
        assert {row.subject: row.waiting[0].what for row in asked} == {
            alike: "finding.distinct/1",
            stray: "case.closed/1",
        }
        assert all(wait.until and wait.silence for row in rows for wait in row.waiting)
        assert casework.shown(world.house, CORA, wrong[:8]).stage == "not reproduced"
        first = casework.shown(world.house, CORA, one)
        assert ([each.name for each in first.credits], first.reports) == (["ann", "bob"], 2)

    def test_only_reports_are_looked_at(self, world: World) -> None:
        with pytest.raises(ClearingError, match="no report"):
            casework.shown(world.house, CORA, world.project("dice", "dov"))
        with pytest.raises(ClearingError, match="Nothing here"):
            casework.shown(world.house, CORA, "f" * 32)

    def test_figures_are_of_all_and_small_ones_are_kept_back_to_publish(self, world: World) -> None:
        for finder in ("ann", "bob"):
            world.report("cards", finder, ONE)
        world.worked()
        got = casework.key_figures(world.house, CORA)
        assert (got.reports, got.reproduced, got.merged, got.notices, got.open, got.duplicates_sent) == (
            2,
            2,
            1,
            1,
            1,
            0,
        )
        assert casework.key_figures(world.house, CORA, to_publish=True) == KeyFigures(
            duplicates_sent=0,
            reports=None,
            reproduced=None,
            merged=None,
            notices=None,
            open=None,
            published=0,
            finders_held=0,
            days_to_answer=None,
            days_to_fix=None,
        )


class TestRule:
    @pytest.fixture
    def alike(self, world: World) -> tuple[SubjectId, SubjectId]:
        one = world.report("cards", "ann", ONE)
        world.wait(1)
        world.worked()
        alike = world.report("cards", "bob", ALIKE)
        world.worked()
        assert world.house.history(alike).record(Candidates)
        return one, alike

    def test_the_same_cause_is_merged_and_credited(self, world: World, alike: tuple[SubjectId, SubjectId]) -> None:
        one, other = alike
        casework.rule(world.house, CORA, other, reason="One loop.", same_as=one[:8])
        world.worked()
        assert case_of(world.house, other) == one
        assert [each.name for each in casework.shown(world.house, CORA, one).credits] == ["ann", "bob"]
        assert casework.listed(world.house, CORA, asked=True) == ()

    def test_another_cause_is_a_case(self, world: World, alike: tuple[SubjectId, SubjectId]) -> None:
        casework.rule(world.house, CORA, alike[1], reason="Another loop.")
        world.worked()
        assert case_of(world.house, alike[1]) == alike[1]

    def test_silence_makes_it_a_case(self, world: World, alike: tuple[SubjectId, SubjectId]) -> None:
        world.wait(7 * DAY)
        world.worked()
        assert "finding.unruled/1" in kinds(world, alike[1])
        assert case_of(world.house, alike[1]) == alike[1]

    def test_only_what_is_asked_is_ruled_and_only_as_one_of_the_cases(
        self, world: World, alike: tuple[SubjectId, SubjectId]
    ) -> None:
        one, other = alike
        with pytest.raises(ClearingError, match="Nobody is asked"):
            casework.rule(world.house, CORA, one, reason="No.")
        for same in (other, world.report("cards", "eva", b"nothing")):
            with pytest.raises(ClearingError, match="no other case"):
                casework.rule(world.house, CORA, other, reason="No.", same_as=same)


class TestMergeAndSplit:
    def test_a_merge_moves_all_that_was_merged_and_is_taken_back_whole(self, world: World) -> None:
        one = world.report("cards", "ann", ONE)
        world.wait(1)
        other = world.report("cards", "bob", OTHER, aliases=(EXPLOITED,))
        world.worked()
        world.wait(1)
        third = world.report("cards", "cas", ONE)
        world.worked()
        assert world.house.history(other).record(Notice)
        casework.merge(world.house, CORA, one, other, reason="One cause.")
        world.worked()
        assert [each.name for each in casework.shown(world.house, CORA, other).credits] == ["ann", "bob", "cas"]
        assert {each.subject for each in merged_into(world.house, other)} == {one, third}
        assert case_of(world.house, third) == other
        assert world.house.due("remediation", world.house.history(one)) == ()
        casework.split(world.house, CORA, one, reason="Two causes after all.")
        world.worked()
        assert case_of(world.house, third) == one
        assert [each.name for each in casework.shown(world.house, CORA, one).credits] == ["ann", "cas"]

    def test_what_was_merged_at_once_becomes_a_case_and_stays_one(self, world: World) -> None:
        one, same = world.report("cards", "ann", ONE), world.report("cards", "bob", ONE)
        world.worked()
        case, duplicate = (one, same) if case_of(world.house, same) == one else (same, one)
        casework.split(world.house, CORA, duplicate, reason="Another line.")
        world.worked()
        history = world.house.history(duplicate)
        assert (history.last(Distinct), history.last(DuplicateOf)) == (Distinct("Another line."), None)
        assert case_of(world.house, duplicate) == duplicate
        assert case_of(world.house, case) == case

    def test_a_case_is_what_it_was_after_a_split_also_whose(self, world: World) -> None:
        stray = world.astray(OTHER)
        one = world.report("cards", "bob", ONE)
        world.worked()
        project = world.project("other", "oda")
        casework.assign(world.house, CORA, stray, project, reason="It is theirs.")
        before = world.house.history(stray).last(Case)
        casework.merge(world.house, CORA, stray, one, reason="One cause.")
        casework.split(world.house, CORA, stray, reason="No.")
        assert world.house.history(stray).last(Case) == before
        assert before is not None
        assert before.project == project

    def test_what_a_maintainer_knows_is_not_merged_into_what_it_does_not(self, world: World) -> None:
        one = world.report("cards", "ann", ONE)
        world.worked()
        other = world.report("cards", "bob", OTHER)
        world.worked()
        with pytest.raises(ClearingError, match="knows this one"):
            casework.merge(world.house, CORA, one, other, reason="One cause.")
        casework.merge(world.house, CORA, other, one, reason="One cause.")
        assert casework.key_figures(world.house, CORA).duplicates_sent == 0

    def test_nothing_is_merged_into_itself_or_by_what_is_no_case(self, world: World) -> None:
        one, wrong = world.report("cards", "ann", ONE), world.report("cards", "bob", b"nothing")
        world.worked()
        with pytest.raises(ClearingError, match="no other case"):
            casework.merge(world.house, CORA, one, one, reason="No.")
        with pytest.raises(ClearingError, match="Only a case"):
            casework.merge(world.house, CORA, wrong, one, reason="No.")
        with pytest.raises(ClearingError, match="merged into nothing"):
            casework.split(world.house, CORA, one, reason="No.")

    def test_a_circle_of_merges_cannot_be_made(self, world: World) -> None:
        one, other = world.report("cards", "ann", ONE), world.report("cards", "bob", OTHER, aliases=(EXPLOITED,))
        world.worked()
        casework.merge(world.house, CORA, one, other, reason="One cause.")
        with pytest.raises(ClearingError, match="no other case"):
            casework.merge(world.house, CORA, other, one, reason="One cause.")


def test_what_moved_on_meanwhile_is_not_decided_on_the_past(world: World) -> None:
    one = world.report("cards", "ann", ONE)
    world.worked()
    stale = world.house.history(one)
    world.answer("mia", one, answer="accept")
    with pytest.raises(ClearingError, match="moved on"):
        casework.extend_as(world.house, CORA, one, _engaged(world, stale, one), "Soon.")


def _engaged(world: World, stale: object, one: SubjectId) -> casework.History:
    """Return an older view of a case in which the maintainer took it on already."""
    assert isinstance(stale, casework.History)
    now = world.house.history(one)
    assert now.last(Accepted)
    return casework.History(standing=now.standing, records=stale.records)


def test_an_alias_is_a_report_s_word_and_is_told_as_one(world: World) -> None:
    target = ReportedTarget(purl="pkg:generic/cards@1.0")
    one = world.report("cards", "ann", ONE, aliases=(EXPLOITED,), target=target)
    world.worked()
    got = casework.shown(world.house, CORA, one)
    assert got.exploited is Known.YES
    notice = world.house.history(one).last(Notice)
    assert notice is not None
    assert f"a report names {EXPLOITED}" in " ".join(notice.text.split())


class TestRetry:
    def test_a_report_is_tried_again_once_more_is_known(self, world: World) -> None:
        subject = world.report("dice", "ada", b"crash card_copy card_read main")
        world.worked()
        assert world.house.history(subject).record(NotReproduced)
        world.project("dice", "mill")
        casework.retry(world.house, CORA, subject, reason="Its source is registered now.")
        world.worked()
        history = world.house.history(subject)
        assert history.record(NotReproduced) is None
        assert history.record(Notice)
        with pytest.raises(ClearingError, match="No trial of it has failed"):
            casework.retry(world.house, CORA, subject, reason="Again.")
