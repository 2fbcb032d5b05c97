"""The story without an answer: silence is no consent, the embargo ends by itself, and users are told without a fix."""

from __future__ import annotations

from tests.fakes.clearing import CORA, DAY, World
from trialplate.app.clearing.coordination import casework
from trialplate.app.clearing.publishing import advisories
from trialplate.app.clearing.publishing.advisories import OUTSIDER
from trialplate.clearinghouse.history import read
from trialplate.formats.csaf import check, write_csaf
from trialplate.formats.osv import write_osv
from trialplate.records.case import Advisory, EmbargoEnded, NoAnswer, Notice

CRASH = b"crash card_copy card_read main"


def test_the_embargo_of_a_silent_maintainer_ends_in_an_advisory() -> None:
    world = World()
    world.staff()
    world.project("cards", "mill", open_limit=1)
    case = world.report("cards", "ada", CRASH)
    world.worked()
    notice = world.house.history(case).last(Notice)
    assert notice is not None
    assert read(world.house.store.history(OUTSIDER, case)).records == ()
    world.wait(30 * DAY)
    world.worked()
    assert world.house.history(case).last(NoAnswer)
    assert [row.subject for row in casework.listed(world.house, CORA, asked=True)] == [case]
    world.wait(61 * DAY)
    world.worked()
    assert world.house.history(case).last(EmbargoEnded)
    (public,) = read(world.house.store.history(OUTSIDER, case)).standing
    assert isinstance(public.body, Advisory)
    assert [credit.name for credit in public.body.credits] == ["ada"]
    assert check(write_csaf(public.body)).problems == ()
    assert b"affected" in write_osv(public.body)


def test_a_late_fix_becomes_the_next_revision_of_the_advisory() -> None:
    world = World()
    world.staff()
    world.project("cards", "mill")
    case = world.report("cards", "ada", CRASH)
    world.worked()
    world.wait(91 * DAY)
    world.worked()
    first = world.house.history(case).last(Advisory)
    assert first is not None
    world.answer("mill", case, answer="accept fix", version="1.1")
    world.worked()
    assert world.house.history(case).last(Advisory) == first
    advisories.revise(world.house, CORA, first.id, summary="A fix is there.")
    world.worked()
    again = world.house.history(case).last(Advisory)
    assert again is not None
    assert [revision.summary for revision in again.revisions] == ["First published.", "A fix is there."]
    assert [each.fixed for each in again.affected] == ["1.1"]
