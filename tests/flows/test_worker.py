"""The worker on the toy flow: whole stories, and what crashes, rivals and broken handlers change: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import event

from tests.flows.toy import DAY, FLOWS, HANDLERS, TOY, Closed, Opened, Reply, Request, maker, said, unsafe_unsigned
from tests.store.making import HIGH, at, low, row, subject, system
from trialplate.app.worker import Bench, Done, Failed, Handler, Outcome, Passed, Why, Work, tick
from trialplate.flows import Flow, Step, due, summarize
from trialplate.records import PUBLIC, SubjectId, later, record_id
from trialplate.records.body import Draft
from trialplate.store import Durability, Fault, MemoryStore, Point, SqliteStore, no_fault
from trialplate.trust.ports import Appended, Entry, Lease, Reader, Stored

AnyStore = MemoryStore | SqliteStore
A, B, C = (subject(name) for name in "abc")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0

    def __call__(self) -> str:
        return at(self.seconds)


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Fault], AnyStore]]:
    opened: list[SqliteStore] = []

    def made(fault: Fault) -> AnyStore:
        if request.param == "memory":
            return MemoryStore(fault=fault)
        path = tmp_path / f"store-{len(opened)}.db"
        opened.append(SqliteStore(path, durability=Durability.UNSAFE_OFF, fault=fault))
        return opened[-1]

    yield made
    for store in opened:
        store.close()


@pytest.fixture
def store(make: Callable[[Fault], AnyStore]) -> AnyStore:
    return make(no_fault)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def bench(
    store: AnyStore,
    clock: Callable[[], str],
    *,
    owner: str = "one",
    handlers: Mapping[str, Handler] = HANDLERS,
    reader: Reader = system,
) -> Bench:
    return Bench(
        store=store,
        flows=FLOWS,
        handlers=handlers,
        sign=unsafe_unsigned,
        reader=reader,
        owner=owner,
        clock=clock,
        lease_s=60,
        page_rows=3,
    )


def say(store: AnyStore, entry: Entry, now: str) -> None:
    """Append what a party says, as an application does: with the rows folded anew."""
    about = entry.header.subject
    before = store.history(system, about)
    coming = Stored(seq=len(before) + 1, id=record_id(entry.header), entry=entry, received_at=now)
    answer = store.append(
        system, [entry], now=now, summaries=summarize(TOY, (*before, coming)), after={about: len(before)}
    )
    assert isinstance(answer, Appended), answer


def ask(store: AnyStore, *subjects: SubjectId) -> None:
    for about in subjects:
        say(store, said(about, Request(), "toy.request"), at(0))


def kinds(store: AnyStore, about: SubjectId) -> list[str]:
    return [stored.entry.header.kind for stored in store.history(system, about)]


def test_a_question_is_opened_answered_and_closed(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    assert [type(outcome) for outcome in tick(bench(store, clock))] == [Done]
    assert kinds(store, A) == ["toy.request/1", "toy.opened/1"]
    # Somebody's move: the worker has nothing to do, and it stands in that party's inbox.
    assert list(tick(bench(store, clock))) == []
    assert [item.by for item in due(TOY, store.history(system, A), clock())] == ["answerer"]
    say(store, said(A, Reply(), "toy.reply"), at(50))
    clock.seconds = 60
    assert [type(outcome) for outcome in tick(bench(store, clock))] == [Done]
    assert kinds(store, A) == ["toy.request/1", "toy.opened/1", "toy.reply/1", "toy.closed/1"]
    assert msgspec.json.decode(store.history(system, A)[-1].entry.body, type=Closed) == Closed(outcome="answered")
    assert store.summaries(system)[0].next_due_at == ""
    clock.seconds = 400 * DAY
    assert list(tick(bench(store, clock))) == []


def test_silence_is_recorded_as_silence(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    list(tick(bench(store, clock)))
    clock.seconds = 3 * DAY - 1
    assert list(tick(bench(store, clock))) == []
    clock.seconds = 3 * DAY
    done = [outcome.step for outcome in tick(bench(store, clock)) if isinstance(outcome, Done)]
    assert done == ["toy.reply", "toy.closed"]
    assert kinds(store, A)[2:] == ["toy.lapsed/1", "toy.closed/1"]
    assert msgspec.json.decode(store.history(system, A)[-1].entry.body, type=Closed) == Closed(outcome="unanswered")
    with pytest.raises(AssertionError, match="SlotTaken"):
        say(store, said(A, Reply(), "toy.reply"), clock())


def test_every_subject_that_is_due_has_its_turn(store: AnyStore, clock: Clock) -> None:
    subjects = [subject(f"s{n}") for n in range(10)]
    ask(store, *subjects)
    outcomes = list(tick(bench(store, clock)))
    assert [outcome.subject for outcome in outcomes] == sorted(subjects)
    assert all(isinstance(outcome, Done) for outcome in outcomes)


def test_a_broken_handler_stops_only_its_own_step_and_is_tried_again(store: AnyStore, clock: Clock) -> None:
    ask(store, A, B, C)
    working = HANDLERS["toy.opened"]

    def broken(work: Work) -> Draft:
        if work.subject == B:
            raise ValueError
        return working(work)

    outcomes = {outcome.subject: outcome for outcome in tick(bench(store, clock, handlers={"toy.opened": broken}))}
    assert outcomes[B] == Failed(subject=B, step="toy.opened", reason="ValueError")
    assert isinstance(outcomes[A], Done)
    assert isinstance(outcomes[C], Done)
    assert [outcome.subject for outcome in tick(bench(store, clock))] == [B]
    assert kinds(store, B) == ["toy.request/1", "toy.opened/1"]


def test_subjects_that_stay_due_are_tried_once_a_tick(store: AnyStore, clock: Clock) -> None:
    subjects = [subject(f"s{n}") for n in range(10)]
    ask(store, *subjects)
    outcomes = list(tick(bench(store, clock, handlers={})))
    assert [outcome.subject for outcome in outcomes] == sorted(subjects)
    assert {type(outcome) for outcome in outcomes} == {Failed}


def misplaced(work: Work) -> Draft:
    return HANDLERS["toy.opened"](msgspec.structs.replace(work, subject=B))


@pytest.mark.parametrize(
    "handlers, reader, reason",
    [
        ({}, system, "Nothing here makes toy.opened/1"),
        ({"toy.opened": HANDLERS["toy.closed"]}, system, "made toy.closed/1 for another place"),
        ({"toy.opened": misplaced}, system, "for another place"),
        ({"toy.opened": maker(lambda _: Opened(), HIGH)}, low, "may not read"),
    ],
    ids=["missing", "kind", "subject", "label"],
)
def test_a_handler_makes_the_record_of_its_step_or_none(
    store: AnyStore, clock: Clock, handlers: dict[str, Handler], reader: Reader, reason: str
) -> None:
    ask(store, A)
    (outcome,) = tick(bench(store, clock, handlers=handlers, reader=reader))
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert kinds(store, A) == ["toy.request/1"]
    assert kinds(store, B) == []


FORK = Flow(
    name="toy",
    steps=(
        Step(makes="toy.request/1", by="asker", deadline=DAY, default="toy.lapsed/1"),
        Step(makes="toy.opened/1", or_makes=("toy.lapsed/1", "toy.closed/1"), needs=("toy.request/1",)),
        Step(
            makes="toy.reply/1",
            or_makes=("toy.closed/1",),
            needs=("toy.opened/1",),
            by="answerer",
            deadline=3 * DAY,
            default="toy.lapsed/1",
        ),
    ),
)
"""As the toy, with steps that more than one kind of record does."""


@pytest.mark.parametrize("answer", ["toy.opened", "toy.lapsed", "toy.closed"])
def test_a_handler_may_answer_with_any_kind_that_does_the_step(store: AnyStore, clock: Clock, answer: str) -> None:
    ask(store, A)
    forked = msgspec.structs.replace(
        bench(store, clock, handlers={"toy.opened": HANDLERS[answer]}), flows={"toy": FORK}
    )
    assert [type(outcome) for outcome in tick(forked)] == [Done]
    assert kinds(store, A) == ["toy.request/1", f"{answer}/1"]
    assert store.history(system, A)[-1].entry.header.slot.step == "toy.opened"
    assert list(tick(forked)) == []


def test_a_handler_may_not_answer_with_a_kind_that_does_another_step(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    wrong = bench(store, clock, handlers={"toy.opened": maker(lambda _: Reply())})
    (outcome,) = tick(msgspec.structs.replace(wrong, flows={"toy": FORK}))
    assert isinstance(outcome, Failed)
    assert "made toy.reply/1 for another place" in outcome.reason
    assert kinds(store, A) == ["toy.request/1"]


def test_silence_is_recorded_as_none_of_the_answers(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    list(tick(bench(store, clock)))
    clock.seconds = 3 * DAY
    eager = bench(store, clock, handlers={"toy.lapsed": HANDLERS["toy.closed"]})
    (outcome,) = tick(msgspec.structs.replace(eager, flows={"toy": FORK}))
    assert isinstance(outcome, Failed)
    assert "made toy.closed/1 for another place" in outcome.reason
    assert kinds(store, A) == ["toy.request/1", "toy.opened/1"]


def test_a_flow_that_is_unknown_here_is_reported(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    (outcome,) = tick(msgspec.structs.replace(bench(store, clock), flows={}))
    assert isinstance(outcome, Failed)
    assert "'toy'" in outcome.reason


def test_a_subject_that_another_holds_is_left_to_it(store: AnyStore, clock: Clock) -> None:
    ask(store, A, B)
    rival = store.acquire(A, "rival", now=clock(), seconds=60)
    assert isinstance(rival, Lease)
    outcomes = {outcome.subject: outcome for outcome in tick(bench(store, clock))}
    assert outcomes[A] == Passed(subject=A, why=Why.BUSY)
    assert isinstance(outcomes[B], Done)
    clock.seconds = 60
    assert [type(outcome) for outcome in tick(bench(store, clock))] == [Done]


def test_a_slow_worker_is_fenced_off_by_who_took_over(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    rival = bench(store, clock, owner="rival")

    def slow(work: Work) -> Draft:
        clock.seconds += 61
        assert [type(outcome) for outcome in tick(rival)] == [Done]
        return HANDLERS["toy.opened"](work)

    assert list(tick(bench(store, clock, handlers={"toy.opened": slow}))) == [Passed(subject=A, why=Why.FENCED)]
    assert kinds(store, A) == ["toy.request/1", "toy.opened/1"]


def test_long_work_keeps_its_lease_by_renewing_it(store: AnyStore, clock: Clock) -> None:
    ask(store, A)

    def long(work: Work) -> Draft:
        for _ in range(5):
            clock.seconds += 50
            assert isinstance(store.renew(work.lease, now=clock(), seconds=60), Lease)
            assert list(tick(bench(store, clock, owner="rival"))) == [Passed(subject=A, why=Why.BUSY)]
        return HANDLERS["toy.opened"](work)

    assert [type(outcome) for outcome in tick(bench(store, clock, handlers={"toy.opened": long}))] == [Done]


def test_what_was_decided_on_an_older_history_is_not_appended(store: AnyStore, clock: Clock) -> None:
    ask(store, A)

    def overtaken(work: Work) -> Draft:
        say(store, said(A, Request(), "toy.aside"), clock())
        return HANDLERS["toy.opened"](work)

    assert list(tick(bench(store, clock, handlers={"toy.opened": overtaken}))) == [Passed(subject=A, why=Why.MOVED)]
    assert kinds(store, A) == ["toy.request/1", "toy.request/1"]
    assert [type(outcome) for outcome in tick(bench(store, clock))] == [Done]


def test_a_row_that_wakes_for_nothing_is_folded_anew(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    list(tick(bench(store, clock)))
    right = store.summaries(system)
    store.append(system, [], now=clock(), summaries=[row(A, 2, due_at=at(0))])
    assert store.summaries(system) != right
    assert list(tick(bench(store, clock))) == []
    assert store.summaries(system) == right


def test_a_row_that_moves_on_while_it_is_folded_is_left(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    list(tick(bench(store, clock)))
    store.append(system, [], now=clock(), summaries=[row(A, 2, due_at=at(0))])
    calls = count()

    def ticking() -> str:
        # The fourth look at the clock stands between reading the history and putting the row.
        if next(calls) == 3:
            say(store, said(A, Reply(), "toy.reply"), clock())
        return clock()

    assert list(tick(bench(store, ticking))) == [Passed(subject=A, why=Why.MOVED)]


class CrashError(BaseException):
    """The process ends here; nothing may catch it."""


@pytest.mark.parametrize("nth", range(25))
def test_a_crash_anywhere_changes_nothing_of_the_story(
    make: Callable[[Fault], AnyStore], clock: Clock, nth: int
) -> None:
    calls = count()
    armed = False

    def fault(_: Point) -> None:
        if armed and next(calls) == nth:
            raise CrashError

    store = make(fault)
    ask(store, A, B)
    say(store, said(B, Opened(), "toy.opened"), at(0))
    clock.seconds = 3 * DAY
    armed, crashes = True, 0
    outcomes: list[Outcome] = []
    for _ in range(4):
        try:
            outcomes += tick(bench(store, clock))
        except CrashError:
            crashes += 1
        clock.seconds += 3 * DAY
    assert crashes == 1
    for about in (A, B):
        assert kinds(store, about) == ["toy.request/1", "toy.opened/1", "toy.lapsed/1", "toy.closed/1"]
    assert not [outcome for outcome in outcomes if not isinstance(outcome, Done)]
    assert [summary.next_due_at for summary in store.summaries(system)] == ["", ""]


def test_a_tick_costs_a_constant_number_of_queries(tmp_path: Path, clock: Clock) -> None:
    costs: list[int] = []
    for others in (5, 3000):
        with closing(SqliteStore(tmp_path / f"{others}.db", durability=Durability.UNSAFE_OFF)) as store:
            ask(store, A)
            abouts = [subject(f"s{n}") for n in range(others)]
            rows = [row(about, 1, due_at=later(at(0), DAY)) for about in abouts]
            store.append(low, [said(about, Request(), "toy.request") for about in abouts], now=at(0), summaries=rows)
            statements: list[object] = []
            event.listen(store.engine, "before_cursor_execute", lambda *call, seen=statements: seen.append(call))
            assert [type(outcome) for outcome in tick(bench(store, clock))] == [Done]
            costs.append(len(statements))
    assert costs[0] == costs[1]


def test_rows_are_kept_for_every_view(store: AnyStore, clock: Clock) -> None:
    ask(store, A)
    list(tick(bench(store, clock, handlers={"toy.opened": maker(lambda _: Opened(), HIGH)})))
    assert [(shown.label, shown.state) for shown in store.summaries(system)] == [(HIGH, "toy.reply")]
    assert [(shown.label, shown.state) for shown in store.summaries(low)] == [(PUBLIC, "toy.opened")]
