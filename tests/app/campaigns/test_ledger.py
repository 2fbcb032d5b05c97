"""The ledger of a campaign: every attempt once, in one process, whatever the clock says."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.records.plans import ORDER, PLAN
from trialplate.app.campaigns.course import CourseError
from trialplate.app.campaigns.ledger import CAMPAIGN, CampaignLedger, Holder, LedgerError
from trialplate.flows.assessment import ENDED
from trialplate.flows.assessment import ORDER as ORDER_STEP
from trialplate.flows.assessment import PLAN as PLAN_STEP
from trialplate.records import (
    Ended,
    OrderDrawn,
    Outcome,
    Place,
    PlanState,
    RunResult,
    RunsEnded,
    SubjectId,
)
from trialplate.store import MemoryStore
from trialplate.trust import Reader, open_signer

SUBJECT = SubjectId("ab" * 16)


class Clock:
    def __init__(self, now: str = "2026-11-23T12:00:00Z") -> None:
        self.now = now

    def __call__(self) -> str:
        return self.now


@pytest.fixture
def holder(tmp_path: Path) -> Holder:
    signer = open_signer(f"file:{tmp_path / 'keys' / 'default.key'}")
    return Holder(signer=signer, reader=Reader(party="key:1", clearance=CAMPAIGN))


def ledger(store: MemoryStore, holder: Holder, clock: Clock, number: int = 0) -> CampaignLedger:
    return CampaignLedger(store, SUBJECT, holder, clock, lease_s=600, number=number)


def begun(holder: Holder, store: MemoryStore | None = None, order: OrderDrawn = ORDER) -> CampaignLedger:
    """Return a ledger whose plan and order stand."""
    one = ledger(store or MemoryStore(), holder, Clock())
    one.say(PLAN, PLAN_STEP)
    one.say(order, ORDER_STEP)
    return one


def result(place: int, attempt: int, outcome: Outcome = Outcome.SOLVED, tokens: int = 10) -> RunResult:
    return RunResult(place=place, attempt=attempt, outcome=outcome, input_tokens=tokens)


def ran(one: CampaignLedger, *outcomes: Outcome, first: int = 0) -> None:
    for place, outcome in enumerate(outcomes, start=first):
        one.finish_attempt(result(place, one.open_attempt(place), outcome))


def test_another_ledger_reads_what_one_wrote(holder: Holder) -> None:
    store, clock = MemoryStore(), Clock()
    one = ledger(store, holder, clock)
    assert (one.number, one.course.bodies, one.progress()) == (1, [], ())
    assert one.next_step() == PLAN_STEP
    one.say(PLAN, PLAN_STEP)
    assert one.next_step() == ORDER_STEP
    one.say(ORDER, ORDER_STEP)
    assert one.next_step() == ENDED
    assert one.open_attempt(2) == 1
    one.finish_attempt(result(2, 1))
    assert one.open_attempt(0) == 1
    one.close()
    two = ledger(store, holder, clock, number=1)
    assert two.course.order == ORDER
    assert two.progress() == one.progress()
    assert two.course.results == (result(2, 1),)
    assert two.close_open_attempts(Outcome.VOID_LOST) == 1
    assert two.progress()[0].attempts[0].result == RunResult(place=0, attempt=1, outcome=Outcome.VOID_LOST)
    assert two.open_attempt(0) == 2


def test_whoever_takes_a_campaign_over_fences_the_other_off(holder: Holder) -> None:
    store = MemoryStore()
    late = begun(holder, store)
    ledger(store, holder, Clock(), number=1).open_attempt(0)
    with pytest.raises(LedgerError, match="Another process runs this campaign"):
        late.open_attempt(1)


def test_a_result_is_written_once(holder: Holder) -> None:
    one = begun(holder)
    one.open_attempt(0)
    one.finish_attempt(result(0, 1))
    with pytest.raises(LedgerError, match="SlotTaken"):
        one.finish_attempt(result(0, 1, Outcome.NOT_SOLVED))


def test_nothing_is_tried_before_there_is_an_order(holder: Holder) -> None:
    one = ledger(MemoryStore(), holder, Clock())
    with pytest.raises(CourseError, match="no OrderDrawn yet"):
        one.finish_attempt(result(0, 1))
    with pytest.raises(CourseError, match="no OrderDrawn yet"):
        _ = one.course.decision
    assert not one.course.decided


def test_a_clock_that_is_set_back_changes_nothing(holder: Holder) -> None:
    store, clock = MemoryStore(), Clock()
    one = begun(holder, store)
    one.open_attempt(0)
    clock.now = "2026-10-01T00:00:00Z"
    one.finish_attempt(result(0, 1, Outcome.VOID_SANDBOX))
    assert one.open_attempt(0) == 2
    again = ledger(store, holder, clock, number=1)
    assert again.close_open_attempts(Outcome.VOID_LOST) == 1
    assert [attempt.number for attempt in again.progress()[0].attempts] == [1, 2]


def test_a_budget_lets_what_was_begun_go_on_and_nothing_new(holder: Holder) -> None:
    one = begun(holder)
    assert one.most() == 6
    one.most_runs = 4
    assert one.most() == 4
    one.budget_tokens = 15
    for place in (0, 1, 2):
        one.open_attempt(place)
    one.finish_attempt(result(0, 1))
    assert one.most() == 4
    one.finish_attempt(result(1, 1, Outcome.VOID_LOST))
    assert one.most() == 3
    assert not one.over


def test_sums_stand_with_the_result_that_makes_them(holder: Holder) -> None:
    one = begun(holder)
    ran(one, Outcome.NOT_SOLVED, first=1)
    ran(one, Outcome.SOLVED, first=0)
    assert [(said.prefix, said.above, said.below) for said in one.course.results] == [(0, 0, 0), (2, 5, 5)]


def test_nothing_runs_after_a_boundary_was_crossed_and_nothing_later_counts(holder: Holder) -> None:
    one = begun(holder)
    for place in range(4):
        one.open_attempt(place)
    for place in (0, 1):
        one.finish_attempt(result(place, 1))
    assert (one.course.decided, one.most(), one.over, one.course.all_run) == (True, 1, True, False)
    one.finish_attempt(result(2, 1, Outcome.NOT_SOLVED))
    assert [(said.prefix, said.above, said.below) for said in one.course.results][-2:] == [(2, 10, 0)] * 2


def test_a_twin_before_the_deciding_item_is_still_run_again(holder: Holder) -> None:
    places = (*ORDER.places[:1], Place(item=ORDER.places[0].item, twin=True), *ORDER.places[1:])
    one = begun(holder, order=replace(ORDER, places=places))
    for place in range(4):
        one.open_attempt(place)
    for place in (0, 2):
        one.finish_attempt(result(place, 1))
    assert one.course.decided
    assert one.most() == 2
    one.finish_attempt(result(1, 1, Outcome.VOID_SANDBOX))
    assert not one.over
    ran(one, Outcome.NOT_SOLVED, first=1)
    assert one.over


def test_both_bounds_at_once_end_it_without_an_answer(holder: Holder) -> None:
    rule = replace(ORDER.rule, bound_above=(100, 5, 5, 5, 5, 5), bound_below=(100, 5, 5, 5, 5, 5))
    one = begun(holder, order=replace(ORDER, rule=rule))
    ran(one, Outcome.SOLVED, Outcome.NOT_SOLVED)
    assert one.course.decided
    assert (one.course.decision.outcome, one.course.decision.runs, one.over) == ("INCONCLUSIVE", 2, True)


def test_twins_add_nothing(holder: Holder) -> None:
    places = (*ORDER.places[:1], Place(item=ORDER.places[0].item, twin=True), *ORDER.places[1:])
    one = begun(holder, order=replace(ORDER, places=places))
    ran(one, Outcome.SOLVED, Outcome.SOLVED)
    assert one.course.outcomes == (Outcome.SOLVED,)
    assert one.course.decision.above == 5


def test_a_campaign_ends_where_the_next_plan_begins(holder: Holder) -> None:
    store = MemoryStore()
    one = begun(holder, store)
    ran(one, Outcome.SOLVED)
    one.close()
    two = ledger(store, holder, Clock())
    assert two.number == 2
    assert (two.course.bodies, two.progress()) == ([], ())
    two.say(replace(PLAN, number=2), PLAN_STEP)
    two.say(ORDER, ORDER_STEP)
    ran(two, Outcome.NOT_SOLVED)
    assert [said.outcome for said in two.course.results] == [Outcome.NOT_SOLVED]
    (earlier,) = two.earlier()
    assert (earlier.number, earlier.state, earlier.outcome) == (1, PlanState.ABANDONED, "")
    assert earlier.plan == one.id_of(type(PLAN))
    two.say(RunsEnded(why=Ended.BUDGET, attempts=1), ENDED)
    two.close()
    with pytest.raises(LedgerError, match="Plan 1 of this subject was abandoned: plan 2 came after it"):
        ledger(store, holder, Clock(), number=1)
    assert ledger(store, holder, Clock(), number=2).number == 2
