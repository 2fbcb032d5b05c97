"""Casework around the desk: held finders, the limit, whose a case is, and more time."""

from __future__ import annotations

import msgspec
import pytest

from tests.fakes.clearing import CORA, DAY, EXPLOITED, World
from trialplate.app.clearing.cases import case_of
from trialplate.app.clearing.coordination import casework
from trialplate.app.clearing.house import HOUSE, ClearingError
from trialplate.records import SubjectId
from trialplate.records.case import Case, Embargo, Notice, PartyAdded, Shelved

ONE, ALIKE, OTHER = b"crash a b c", b"crash q a b", b"crash x y z"


@pytest.fixture
def world() -> World:
    world = World()
    world.staff()
    world.project("cards", "mia", open_limit=1)
    return world


def was_sent(world: World, case: SubjectId) -> bool:
    return world.house.history(case).record(Notice) is not None


class TestHeld:
    def test_a_noisy_finder_waits_for_a_coordinator(self, world: World) -> None:
        for _ in range(5):
            world.report("cards", "max", b"nothing")
        world.worked()
        held, lapsing = world.report("cards", "max", ONE), world.report("cards", "max", OTHER)
        world.worked()
        assert casework.shown(world.house, CORA, held).stage == "held"
        casework.release(world.house, CORA, held, reason="It looks sound.")
        with pytest.raises(ClearingError, match="Nobody is asked"):
            casework.release(world.house, CORA, held, reason="Again.")
        world.worked()
        assert case_of(world.house, held) == held
        world.wait(14 * DAY)
        world.worked()
        assert casework.shown(world.house, CORA, lapsing).stage == "lapsed"
        other = world.report("cards", "ann", b"crash m n o")
        world.worked()
        assert case_of(world.house, other) == other

    def test_own_duplicates_hold_a_finder_and_those_of_others_do_not(self, world: World) -> None:
        world.report("cards", "max", ONE)
        world.worked()
        for _ in range(8):
            world.report("cards", "max", ONE)
            world.worked()
        again = world.report("cards", "max", ONE)
        world.worked()
        assert casework.shown(world.house, CORA, again).stage == "held"


class TestDesk:
    def test_only_the_exploited_passes_the_limit_and_only_when_let(self, world: World) -> None:
        one = world.report("cards", "ann", ONE)
        world.worked()
        plain, urgent = (
            world.report("cards", "bob", OTHER),
            world.report("cards", "cas", b"crash m n", aliases=(EXPLOITED,)),
        )
        world.worked()
        assert [world.house.history(each).record(Notice) is not None for each in (one, plain, urgent)] == [
            True,
            False,
            False,
        ]
        with pytest.raises(ClearingError, match="not known to be exploited"):
            casework.bypass(world.house, CORA, plain, reason="It is bad.")
        casework.bypass(world.house, CORA, urgent, reason="It is used in attacks.")
        world.worked()
        notice = world.house.history(urgent).last(Notice)
        assert notice is not None
        assert (notice.open_before, notice.open_limit, notice.bypass) == (1, 1, "It is used in attacks.")
        assert not world.house.history(plain).record(Notice)
        with pytest.raises(ClearingError, match="Nobody is asked"):
            casework.bypass(world.house, CORA, urgent, reason="Again.")

    def test_what_finds_no_room_is_shelved_and_can_be_taken_up_again(self, world: World) -> None:
        world.report("cards", "ann", ONE)
        world.worked()
        waiting = world.report("cards", "bob", OTHER)
        world.worked()
        # The first is published in time, and another one takes its room before this one does.
        project = world.house.history(waiting).last(Case)
        assert project is not None
        world.now = casework.shown(world.house, CORA, waiting).waiting[0].until
        shelving = world.house.due("remediation", world.house.history(waiting))
        assert [each.makes for each in shelving] == ["case.shelved/1"]
        world.house.tell(
            HOUSE,
            waiting,
            "remediation",
            world.house.history(waiting),
            casework.Act(body=Shelved(), step="case.notice"),
        )
        world.worked()
        assert not world.house.history(waiting).record(Notice)
        casework.assign(world.house, CORA, waiting, project.project, reason="There is room now.")
        world.worked()
        assert world.house.history(waiting).record(Notice)


class TestAssign:
    def test_a_stray_case_finds_its_maintainer(self, world: World) -> None:
        stray = world.astray(ONE)
        world.worked()
        project = world.project("other", "oda")
        casework.assign(world.house, CORA, stray, project, reason="It is theirs.")
        world.worked()
        notice, added = world.house.history(stray).last(Notice), world.house.history(stray).last(PartyAdded)
        assert notice is not None
        assert added is not None
        assert (notice.party, added.party, notice.project) == ("oda", "oda", project)

    def test_or_it_rests(self, world: World) -> None:
        closed = world.astray(ONE)
        world.worked()
        casework.close(world.house, CORA, closed, reason="Nobody keeps it.")
        assert casework.shown(world.house, CORA, closed).stage == "closed"
        assert casework.shown(world.house, CORA, closed).waiting == ()
        with pytest.raises(ClearingError, match="Nobody is asked"):
            casework.close(world.house, CORA, closed, reason="Again.")

    def test_what_was_sent_to_one_is_not_another_ones(self, world: World) -> None:
        one, wrong = world.report("cards", "ann", ONE), world.report("cards", "bob", b"nothing")
        world.worked()
        other = world.project("other", "oda")
        with pytest.raises(ClearingError, match="another project was told"):
            casework.assign(world.house, CORA, one, other, reason="No.")
        with pytest.raises(ClearingError, match="Only a case"):
            casework.assign(world.house, CORA, wrong, other, reason="No.")
        with pytest.raises(ClearingError, match="Only a case"):
            casework.assign(world.house, CORA, one, one, reason="No.")


class TestExtend:
    def test_a_fix_under_way_has_more_time_once(self, world: World) -> None:
        one = world.report("cards", "ann", ONE)
        world.worked()
        with pytest.raises(ClearingError, match="taken the weakness on"):
            casework.extend(world.house, CORA, one, reason="Soon.")
        world.answer("mia", one, answer="accept")
        before = world.house.history(one).last(Embargo)
        casework.extend(world.house, CORA, one, reason="Soon.")
        after = world.house.history(one).last(Embargo)
        assert before is not None
        assert after is not None
        assert after == msgspec.structs.replace(before, ends_at=after.ends_at, basis="extension", reason="Soon.")
        assert after.ends_at > before.ends_at
        waits = {wait.what: wait.until for wait in casework.shown(world.house, CORA, one).waiting}
        assert waits == {"case.patch/1": after.ends_at, "case.fix_accepted/1": after.ends_at}
        with pytest.raises(ClearingError, match="once"):
            casework.extend(world.house, CORA, one, reason="More.")

    def test_there_is_none_before_the_notice(self, world: World) -> None:
        wrong = world.report("cards", "ann", b"nothing")
        world.worked()
        with pytest.raises(ClearingError, match="no embargo"):
            casework.extend(world.house, CORA, wrong, reason="Soon.")
