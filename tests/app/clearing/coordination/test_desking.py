"""The desk at work: what the worker's own steps make, and that two desks never fill one room."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.fakes.clearing import CORA, DAY, EXPLOITED, World, catalog
from tests.records.clearing import POLICY
from trialplate.app.clearing.cases import case_of, merged_into
from trialplate.app.clearing.coordination import casework, desking
from trialplate.app.clearing.coordination.feeding import NO_FEEDS, Feeds, feeds_of, import_feed
from trialplate.app.clearing.coordination.matching import MatchingError
from trialplate.app.clearing.house import Act, ClearingError
from trialplate.app.clearing.roles import RoleError
from trialplate.app.clearing.work.working import Sent
from trialplate.app.settings import Settings
from trialplate.clearinghouse.history import History
from trialplate.flows.remediation import PROJECT
from trialplate.formats.feeds import FeedError
from trialplate.records import SubjectId
from trialplate.records.case import Case, Known, NoContact, Notice, PartyAdded
from trialplate.records.finding import Declined, DuplicateOf, Ground, ReportedTarget, Screened
from trialplate.records.project import Confirmed, Policy
from trialplate.trust import public_uri
from trialplate.trust.ports import Lease

EPSS = b"#model_version:v1,score_date:2026-06-02T00:00:00+0000\ncve,epss,percentile\nCVE-2026-0001,0.5,0.9\n"
KEV = msgspec.json.encode(
    {"catalogVersion": "1", "dateReleased": "2026-06-01T00:00:00Z", "count": 0, "vulnerabilities": []}
)


@pytest.fixture
def world() -> World:
    world = World()
    world.staff()
    world.project("cards", "mia", open_limit=1)
    return world


def sent(world: World) -> list[SubjectId]:
    return [case for case in world.reports if world.house.history(case).record(Notice)]


class TestSend:
    def test_two_desks_never_fill_one_room(self) -> None:
        world = World()
        world.staff()
        world.project("cards", "mia", open_limit=2)
        world.report("cards", "ann", b"crash a b c")
        world.report("cards", "bob", b"crash x y z")
        first = world.work()
        assert any(isinstance(event, Sent) for event in first)
        assert len(sent(world)) == 1
        # The first desk has counted, and is about to send the other one; a second desk takes the place for this one.
        urgent = world.report("cards", "cas", b"crash m n", aliases=(EXPLOITED,))
        world.worked()
        assert urgent in sent(world)
        rest = [event for event in first if isinstance(event, Sent)]
        assert rest == []
        assert len(sent(world)) == 2

    def test_a_desk_leaves_a_project_to_whoever_holds_it(self, world: World) -> None:
        project = world.project("dice", "dov")
        held = world.house.store.acquire(project, "another house", now=world.now, seconds=60)
        assert isinstance(held, Lease)
        case = world.report("dice", "ann", b"crash a b c")
        world.worked()
        assert sent(world) == []
        world.wait(60)
        world.worked()
        assert sent(world) == [case]

    def test_the_project_has_another_maintainer_before_it_is_told(self, world: World) -> None:
        world.report("cards", "ann", b"crash a b c")
        world.worked()
        waiting = world.report("cards", "bob", b"crash x y z")
        world.worked()
        case = world.house.history(waiting).last(Case)
        assert case is not None
        _hand_over(world, SubjectId(case.project), "nora", open_limit=2)
        world.worked()
        history = world.house.history(waiting)
        notice, added = history.last(Notice), history.last(PartyAdded)
        assert notice is not None
        assert added is not None
        assert (notice.party, added.party) == ("nora", "nora")

    def test_who_was_told_hands_over_by_a_coordinator(self, world: World) -> None:
        told = world.report("cards", "ann", b"crash a b c")
        world.worked()
        case = world.house.history(told).last(Case)
        assert case is not None
        _hand_over(world, SubjectId(case.project), "nora")
        with pytest.raises(ClearingError, match="no such case"):
            world.answer("nora", told, answer="accept")
        casework.assign(world.house, CORA, told, case.project, reason="It has another maintainer.")
        world.answer("nora", told, answer="accept")
        with pytest.raises(ClearingError, match="no such case"):
            world.answer("mia", told, answer="accept")

    def test_nothing_is_sent_to_whom_nobody_confirmed(self, world: World) -> None:
        world.report("cards", "ann", b"crash a b c")
        world.worked()
        waiting = world.report("cards", "bob", b"crash x y z")
        world.worked()
        case = world.house.history(waiting).last(Case)
        assert case is not None
        _hand_over(world, SubjectId(case.project), "eve", confirmed=False, open_limit=9)
        world.worked()
        assert not world.house.history(waiting).record(Notice)

    def test_the_pace_is_kept(self) -> None:
        world = World()
        world.staff()
        world.project("cards", "mia", open_limit=9, pace_days=2)
        for proof in (b"crash a", b"crash x", b"crash m"):
            world.report("cards", "ann", proof)
        counts: list[int] = []
        for _ in range(5):
            world.worked()
            counts.append(len(sent(world)))
            world.wait(DAY)
        assert counts == [1, 1, 2, 2, 3]


class TestBodies:
    def test_a_report_is_screened_by_the_policy_of_its_project(self) -> None:
        world = World()
        world.staff()
        project = world.project("cards", "mia", takes_ai_reports=False)
        declined = world.report("cards", "ann", b"crash a")
        world.worked()
        stray = world.report("nobody", "ann", b"crash a")
        world.worked()
        assert world.house.history(declined).last(Declined)
        assert world.house.history(stray).last(Screened) == Screened(project="")
        assert project

    def test_what_is_learned_before_a_case_is_opened_still_merges(self, world: World) -> None:
        one, other = world.report("cards", "ann", b"crash a b c"), world.report("cards", "bob", b"crash a b c")
        world.worked()
        cases = [case for case in (one, other) if world.house.history(case).last(Case)]
        assert len(cases) == 1
        (late,) = {one, other} - set(cases)
        found = desking.case_body(world.house, world.house.history(late))
        assert isinstance(found, DuplicateOf)
        assert found.of == cases[0]

    def test_the_title_is_ours_and_harmless(self, world: World) -> None:
        case = world.report("cards", "ann", "crash na\u202eme b".encode())
        world.worked()
        opened = world.house.history(case).last(Case)
        assert opened is not None
        assert opened.title == "Heap-buffer-overflow in na\\u202eme"

    def test_feeds_are_asked_and_their_absence_is_said(self, world: World) -> None:
        case = world.report("cards", "ann", b"crash a b c", aliases=(EXPLOITED,))
        world.worked()
        history = world.house.history(case)
        assert desking.priority_body(world.house, history, Feeds(kev=catalog())).exploited is Known.YES
        assert desking.priority_body(world.house, history, NO_FEEDS).exploited is Known.UNKNOWN

    def test_names_of_all_reports_of_a_case_are_asked_for(self, world: World) -> None:
        case = world.report("cards", "ann", b"crash a b c")
        world.worked()
        world.report("cards", "bob", b"crash a b c", aliases=(EXPLOITED,))
        world.worked()
        history = world.house.history(case)
        assert desking.priority_body(world.house, history, Feeds(kev=catalog())).exploited is Known.YES

    def test_what_is_not_there_yet_is_no_body(self, world: World) -> None:
        nothing, stray = History((), ()), world.report("cards", "ann", b"nothing")
        world.worked()
        with pytest.raises(ClearingError, match="no report"):
            desking.screened_body(world.house, nothing)
        with pytest.raises(MatchingError):
            desking.case_body(world.house, world.house.history(stray))
        with pytest.raises(ClearingError, match="Nothing was reproduced"):
            desking.new_case(world.house, world.house.history(stray))
        with pytest.raises(ClearingError, match="No notice"):
            desking.embargo_body(world.house, world.house.history(stray))
        with pytest.raises(ClearingError, match="no rank"):
            desking.told_of(world.house, stray, world.house.history(stray), POLICY)
        assert isinstance(desking.party_body(world.house, world.house.history(stray)), NoContact)


class TestFeeds:
    def test_a_coordinator_imports_them(self, world: World, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path)
        (tmp_path / "a").write_bytes(KEV)
        (tmp_path / "b").write_bytes(EPSS)
        assert feeds_of(tmp_path) == NO_FEEDS
        kev = import_feed(settings, world.house, CORA, tmp_path / "a")
        assert (kev.feed, kev.version, kev.as_of, kev.entries) == ("KEV", "1", "2026-06-01T00:00:00Z", 0)
        epss = import_feed(settings, world.house, CORA, tmp_path / "b")
        assert (epss.feed, epss.version, epss.as_of, epss.entries) == ("EPSS", "v1", "2026-06-02T00:00:00Z", 1)
        found = feeds_of(tmp_path)
        assert found.kev is not None
        assert found.epss is not None
        assert not list((tmp_path / "feeds").glob("*.*.*"))

    def test_nobody_else_does_and_what_is_none_changes_nothing(self, world: World, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path)
        for name, data in (("a", KEV), ("b", b"cve"), ("c", b"{}")):
            (tmp_path / name).write_bytes(data)
        with pytest.raises(RoleError):
            import_feed(settings, world.house, "ann", tmp_path / "a")
        for name in ("b", "c"):
            with pytest.raises(FeedError):
                import_feed(settings, world.house, CORA, tmp_path / name)
        assert feeds_of(tmp_path) == NO_FEEDS


def _hand_over(world: World, project: SubjectId, maintainer: str, *, confirmed: bool = True, **more: object) -> None:
    """Give a project another maintainer."""
    history = world.house.history(project)
    policy = history.last(Policy)
    assert policy is not None
    key = public_uri(world.house.signer(maintainer))
    changed = msgspec.structs.replace(policy, maintainer=maintainer, key=key, **more)
    world.house.tell("mia", project, PROJECT, history, Act(body=changed, step="project.policy"))
    if confirmed:
        sure = Act(body=Confirmed(key=key, reason="Known."), step="project.confirmed")
        world.house.tell(CORA, project, PROJECT, world.house.history(project), sure)


def test_a_circle_that_nobody_can_make_here_ends_all_the_same(world: World) -> None:
    one, other = world.report("cards", "ann", b"nothing"), world.report("cards", "bob", b"nothing")
    for each, of in ((one, other), (other, one)):
        body = DuplicateOf(of=of, ground=Ground.COORDINATOR, evidence="One cause.")
        history = world.house.history(each)
        world.house.tell(CORA, each, "remediation", history, Act(body=body, step="finding.unmatched"))
    assert case_of(world.house, one) is None
    assert [each.subject for each in merged_into(world.house, one)] == [other]


def test_a_report_on_a_repository_is_its_projects() -> None:
    world = World()
    world.staff()
    world.project("cards", "mia", repositories=["https://example.com/cards"])
    case = world.report("x", "ann", b"crash a", target=ReportedTarget(repository="https://example.com/cards"))
    world.worked()
    assert world.house.history(case).record(Notice)
