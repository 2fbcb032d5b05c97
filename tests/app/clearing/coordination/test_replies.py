"""The maintainer's side: an inbox, and answers by file, each of which may replace the one before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.clearing import CORA, DAY, World
from tests.fakes.lab import RECIPE
from trialplate.app.clearing.coordination import casework, replies
from trialplate.app.clearing.files import FileError
from trialplate.app.clearing.house import HOUSE, ClearingError
from trialplate.clearinghouse.coordination.replies import ReplyError
from trialplate.records import SubjectId
from trialplate.records.case import (
    Accepted,
    Advisory,
    Embargo,
    EmbargoEnded,
    FixAccepted,
    NoAnswer,
    NoPatch,
    NotABug,
    Notice,
    PatchOffered,
    PatchPassed,
    PatchRefused,
    WontFix,
)
from trialplate.records.finding import Attached
from trialplate.records.project import Policy
from trialplate.trust import open_verifier, public_uri

RIGHT, WRONG = {"patch": "right.patch", "base": "1.0"}, {"patch": "wrong.patch", "base": "1.0"}


@pytest.fixture
def world() -> World:
    world = World()
    world.staff()
    world.project("cards", "mia", clock={"embargo": 20, "silence": 10})
    return world


@pytest.fixture
def case(world: World) -> SubjectId:
    found = world.report("cards", "ann", b"crash a b c")
    world.worked()
    return found


def bodies(world: World, case: SubjectId) -> list[type]:
    """Return the types of what stands since the embargo began."""
    types = [type(said.body) for said in world.house.history(case).standing]
    return [each for each in types[types.index(Embargo) + 1 :] if each.__name__ != "Correction"]


class TestInbox:
    def test_it_has_what_is_open_and_what_is_awaited(self, world: World, case: SubjectId) -> None:
        (row,) = replies.inbox(world.house, "mia")
        assert (row.case, row.title, row.folder) == (case, "Heap-buffer-overflow in a", "")
        assert {wait.what for wait in row.waiting} == {"case.accepted/1", "case.fix_accepted/1"}
        assert all(wait.by == "maintainer" for wait in row.waiting)
        assert row.embargo_until > row.sent_at

    def test_nobody_else_sees_it_nor_who_comes_with_another_key(self, world: World, case: SubjectId) -> None:
        for party in ("ann", CORA, HOUSE):
            assert replies.inbox(world.house, party, every=True) == ()
        project = world.house.history(case).last(Notice)
        assert project is not None
        world.answer("mia", case, answer="wont fix", reason="No.")
        assert replies.inbox(world.house, "mia") == ()
        assert [row.case for row in replies.inbox(world.house, "mia", every=True)] == [case]

    def test_a_report_is_a_folder_with_all_that_is_needed(self, world: World, tmp_path: Path) -> None:
        case, proof = world.report("cards", "ann", b"crash a b c"), world.vault.put(b"crash a b c d")
        world.wait(1)
        world.report("cards", "eve", b"crash a b c d", proofs=(Attached("../../escape", proof),))
        world.worked()
        (row,) = replies.inbox(world.house, "mia", folder=tmp_path)
        folder = Path(row.folder)
        names = sorted(path.name.partition("-")[0] for path in folder.iterdir())
        assert names == ["KEY.txt", "NOTICE.sig", "NOTICE.txt", "proof", "proof", "recipe", "source"]
        text, key = (folder / "NOTICE.txt").read_bytes(), (folder / "KEY.txt").read_text().strip()
        assert key == public_uri(world.house.signer(HOUSE))
        assert open_verifier(key).verify(text, (folder / "NOTICE.sig").read_bytes())
        assert not open_verifier(key).verify(text + b" ", (folder / "NOTICE.sig").read_bytes())
        assert {path.read_bytes() for path in folder.glob("proof-*")} == {b"crash a b c", b"crash a b c d"}
        assert next(folder.glob("recipe-*")).read_bytes() == RECIPE
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
        again = replies.inbox(world.house, "mia", folder=tmp_path)
        assert (again, len(list(folder.iterdir()))) == ((row,), 7)
        assert row.case in {case, *(each.subject for each in casework.listed(world.house, CORA))}


class TestReply:
    def test_accepted_refused_passed_and_fixed(self, world: World, case: SubjectId) -> None:
        world.answer("mia", case, answer="accept", fix_by="2026-06-20T00:00:00Z", note="Thanks.")
        assert world.house.history(case).last(Accepted) == Accepted(fix_by="2026-06-20T00:00:00Z", note="Thanks.")
        world.answer("mia", case, answer="patch", **WRONG)
        world.worked()
        assert bodies(world, case) == [Accepted, PatchOffered, PatchRefused]
        with pytest.raises(ClearingError, match="passed no check"):
            world.answer("mia", case, answer="accept fix", version="1.1")
        ruled = world.answer("mia", case, answer="patch", **RIGHT)
        # The new candidate, the correction of the old one, and that of what was said of it: all at once.
        assert len(ruled.records) == 3
        assert bodies(world, case) == [Accepted, PatchOffered]
        with pytest.raises(ClearingError, match="passed no check"):
            world.answer("mia", case, answer="accept fix", version="1.1")
        world.worked()
        assert bodies(world, case) == [Accepted, PatchOffered, PatchPassed]
        assert not world.house.history(case).record(FixAccepted)
        world.answer("mia", case, answer="accept fix", version="1.1")
        world.worked()
        advisory = world.house.history(case).last(Advisory)
        assert advisory is not None
        assert "1.1" in advisory.remedy
        assert replies.inbox(world.house, "mia") == ()

    def test_a_patch_accepts(self, world: World, case: SubjectId) -> None:
        world.answer("mia", case, answer="patch", **RIGHT)
        assert bodies(world, case) == [Accepted, PatchOffered]

    def test_a_fix_may_come_without_us(self, world: World, case: SubjectId) -> None:
        world.answer("mia", case, answer="accept fix", commit="3" * 40)
        assert world.house.history(case).last(FixAccepted) == FixAccepted(commit="3" * 40)
        world.answer("mia", case, answer="accept fix", version="1.2")
        assert bodies(world, case) == [FixAccepted]
        for answer in ({"answer": "accept"}, {"answer": "patch", **RIGHT}, {"answer": "not a bug", "reason": "No."}):
            with pytest.raises(ClearingError, match="accepted a fix"):
                world.answer("mia", case, **answer)

    @pytest.mark.parametrize("answer, body", [("not a bug", NotABug("No.")), ("wont fix", WontFix("No."))])
    def test_no_is_an_answer(self, world: World, case: SubjectId, answer: str, body: NotABug | WontFix) -> None:
        world.answer("mia", case, answer=answer, reason="No.")
        assert world.house.history(case).last(type(body)) == body
        world.wait(40 * DAY)
        world.worked()
        # What is no bug is told to nobody; what will not be fixed is told to users once the embargo ends.
        assert (world.house.history(case).record(Advisory) is None) == (answer == "not a bug")

    def test_a_maintainer_may_think_again(self, world: World, case: SubjectId) -> None:
        world.answer("mia", case, answer="not a bug", reason="No.")
        with pytest.raises(ClearingError, match="not a bug"):
            world.answer("mia", case, answer="accept fix", version="1.1")
        world.answer("mia", case, answer="accept")
        assert bodies(world, case) == [Accepted]
        world.answer("mia", case, answer="wont fix", reason="Too old.")
        assert bodies(world, case) == [WontFix]

    def test_a_late_answer_takes_the_place_of_silence(self, world: World, case: SubjectId) -> None:
        world.wait(10 * DAY)
        world.worked()
        assert bodies(world, case) == [NoAnswer]
        assert [row.subject for row in casework.listed(world.house, CORA, asked=True)] == [case]
        world.answer("mia", case, answer="accept")
        assert bodies(world, case) == [Accepted]
        assert casework.listed(world.house, CORA, asked=True) == ()

    def test_after_the_embargo_a_fix_is_still_a_fix(self, world: World, case: SubjectId) -> None:
        world.answer("mia", case, answer="accept")
        world.wait(40 * DAY)
        world.worked()
        assert bodies(world, case) == [Accepted, NoPatch, EmbargoEnded, Advisory]
        with pytest.raises(ClearingError, match="published"):
            world.answer("mia", case, answer="not a bug", reason="No.")
        world.answer("mia", case, answer="patch", **RIGHT)
        world.worked()
        world.answer("mia", case, answer="accept fix", version="1.1")
        assert {PatchOffered, PatchPassed, FixAccepted} <= set(bodies(world, case))
        assert not {NoPatch, EmbargoEnded} & set(bodies(world, case))

    def test_more_time_is_that_of_the_clock(self, world: World, case: SubjectId) -> None:
        world.answer("mia", case, answer="accept")
        before = world.house.history(case).last(Embargo)
        world.answer("mia", case, answer="more time", reason="It is being tried.")
        after = world.house.history(case).last(Embargo)
        assert before is not None
        assert after is not None
        assert (after.basis, after.ends_at > before.ends_at) == ("extension", True)

    @pytest.mark.parametrize("party", ["ann", CORA, "mia"])
    def test_nobody_answers_what_it_was_not_told(self, world: World, case: SubjectId, party: str) -> None:
        wanted = case if party != "mia" else world.report("cards", "bob", b"nothing")
        said: set[str] = set()
        for each in (wanted, "0" * 32):
            with pytest.raises(ClearingError) as refused:
                world.answer(party, each, answer="accept")
            said.add(str(refused.value))
        assert len(said) == 1

    def test_a_fix_is_not_accepted_before_the_case_is_that_far(self, world: World) -> None:
        case = world.report("cards", "ann", b"crash a b c")
        for event in world.work():
            if type(event).__name__ == "Sent":
                break
        with pytest.raises(ClearingError, match="not that far"):
            world.answer("mia", case, answer="accept fix", version="1.1")

    def test_a_file_that_is_none_changes_nothing(self, world: World, case: SubjectId, tmp_path: Path) -> None:
        with pytest.raises(FileError):
            replies.reply(world.house, "mia", tmp_path / "none.toml")
        with pytest.raises(FileError):
            world.answer("mia", case, answer="patch", patch="none.patch", base="1.0")
        with pytest.raises(ReplyError):
            world.answer("mia", case, answer="perhaps")
        assert bodies(world, case) == []


def test_a_project_that_works_in_public_is_answered_after_it_is_published() -> None:
    world = World()
    world.staff()
    project = world.project("lots", "lea", public_by_policy=True, open_limit=1)
    one, other = world.report("lots", "ann", b"crash a b c"), world.report("lots", "ann", b"crash x y z")
    world.worked()
    policy = world.house.history(project).last(Policy)
    assert policy is not None
    sent = [case for case in (one, other) if world.house.history(case).record(Notice)]
    assert len(sent) == policy.open_limit
    assert world.house.history(sent[0]).record(Advisory)
    world.answer("lea", sent[0], answer="wont fix", reason="No.")
    world.worked()
    assert all(world.house.history(case).record(Notice) for case in (one, other))
