"""The ledger of a campaign: every attempt once, in one process, whatever the clock says."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialplate.app.ledger import CAMPAIGN, CampaignLedger, Holder, LedgerError
from trialplate.records import ItemLimits, OrderDrawn, Outcome, Place, RunResult, SubjectId
from trialplate.store import MemoryStore
from trialplate.trust import Reader, open_signer

SUBJECT = SubjectId("ab" * 16)
ORDER = OrderDrawn(
    bank="aa",
    image="bb",
    model="m",
    agent="react",
    limits=ItemLimits(),
    places=tuple(Place(item=f"{number:012x}", twin=False) for number in range(6)),
    root="cc",
)


class Clock:
    def __init__(self, now: str = "2026-11-23T12:00:00Z") -> None:
        self.now = now

    def __call__(self) -> str:
        return self.now


@pytest.fixture
def holder(tmp_path: Path) -> Holder:
    signer = open_signer(f"file:{tmp_path / 'keys' / 'default.key'}")
    return Holder(signer=signer, reader=Reader(party="key:1", clearance=CAMPAIGN))


def ledger(store: MemoryStore, holder: Holder, clock: Clock) -> CampaignLedger:
    return CampaignLedger(store, SUBJECT, holder, clock, lease_s=600)


def result(place: int, attempt: int, outcome: Outcome = Outcome.SOLVED, tokens: int = 10) -> RunResult:
    return RunResult(place=place, attempt=attempt, outcome=outcome, input_tokens=tokens)


def test_another_ledger_reads_what_one_wrote(holder: Holder) -> None:
    store, clock = MemoryStore(), Clock()
    one = ledger(store, holder, clock)
    assert one.order is None
    assert one.progress() == ()
    one.draw(ORDER)
    assert one.open_attempt(2) == 1
    one.finish_attempt(result(2, 1))
    assert one.open_attempt(0) == 1
    one.close()
    two = ledger(store, holder, clock)
    assert two.order == ORDER
    assert two.progress() == one.progress()
    assert two.results() == (result(2, 1),)
    assert two.close_open_attempts(Outcome.VOID_LOST) == 1
    assert two.progress()[0].attempts[0].result == RunResult(place=0, attempt=1, outcome=Outcome.VOID_LOST)
    assert two.open_attempt(0) == 2


def test_whoever_takes_a_campaign_over_fences_the_other_off(holder: Holder) -> None:
    store, clock = MemoryStore(), Clock()
    late = ledger(store, holder, clock)
    late.draw(ORDER)
    ledger(store, holder, clock).open_attempt(0)
    with pytest.raises(LedgerError, match="Another process runs this campaign"):
        late.open_attempt(1)


def test_a_result_is_written_once(holder: Holder) -> None:
    one = ledger(MemoryStore(), holder, Clock())
    one.draw(ORDER)
    one.open_attempt(0)
    one.finish_attempt(result(0, 1))
    with pytest.raises(LedgerError, match="SlotTaken"):
        one.finish_attempt(result(0, 1, Outcome.NOT_SOLVED))


def test_a_clock_that_is_set_back_changes_nothing(holder: Holder) -> None:
    store, clock = MemoryStore(), Clock()
    one = ledger(store, holder, clock)
    one.draw(ORDER)
    one.open_attempt(0)
    clock.now = "2026-10-01T00:00:00Z"
    one.finish_attempt(result(0, 1, Outcome.VOID_SANDBOX))
    assert one.open_attempt(0) == 2
    again = ledger(store, holder, clock)
    assert again.close_open_attempts(Outcome.VOID_LOST) == 1
    assert [attempt.number for attempt in again.progress()[0].attempts] == [1, 2]


def test_a_budget_lets_what_was_begun_go_on_and_nothing_new(holder: Holder) -> None:
    one = ledger(MemoryStore(), holder, Clock())
    one.draw(ORDER)
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
