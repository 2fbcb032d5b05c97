"""What the engine says on every history of the toy flow, and what holds of any history."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.flows.toy import DAY, TOY, Closed, Lapsed, Opened, Reply, Request, said
from tests.store.making import START, at, entry, subject
from trialplate.flows import ENDED, WORKER, Flow, FlowError, Step, due, next_due_at, seen, state, summarize, views
from trialplate.records import PUBLIC, Correction, Label, Level, MomentError, RecordId, record_id
from trialplate.trust import dominates, join
from trialplate.trust.ports import Entry, Mark, Stored

A = subject("a")

request = said(A, Request(), "toy.request")
opened = said(A, Opened(), "toy.opened")
reply = said(A, Reply(), "toy.reply")
lapse = said(A, Lapsed(), "toy.reply")
closed = said(A, Closed(), "toy.closed")


def history(*entries: tuple[Entry, int]) -> tuple[Stored, ...]:
    """Return entries as a store shows them, each received so many seconds after the start."""
    return tuple(
        Stored(seq=seq, id=record_id(entry.header), entry=entry, received_at=at(seconds))
        for seq, (entry, seconds) in enumerate(entries, start=1)
    )


def correction(of: Entry, ordinal: int = 1, replacement: Entry | None = None) -> Entry:
    new = RecordId("") if replacement is None else record_id(replacement.header)
    return said(A, Correction(of=record_id(of.header), reason="wrong", replacement=new), "upkeep.correction", ordinal)


class Told(Struct, frozen=True):
    """A row: a history, a moment, and what is due then: (makes, by, ordinal, since, deadline)."""

    name: str
    records: tuple[tuple[Entry, int], ...]
    now: int
    due: tuple[tuple[str, str, int, int, int | None], ...]
    wakes: int | None
    state: str


NEW = ((request, 0), (opened, 5))
ROWS = (
    Told("nothing yet", (), 7, (("toy.request/1", "asker", 1, 7, 7 + DAY),), None, "toy.request"),
    Told("the worker's move", ((request, 3),), 9, (("toy.opened/1", WORKER, 1, 3, None),), 3, "toy.opened"),
    Told("a wait", NEW, 9, (("toy.reply/1", "answerer", 1, 5, 5 + 3 * DAY),), 5 + 3 * DAY, "toy.reply"),
    Told(
        "the last second", NEW, 4 + 3 * DAY,
        (("toy.reply/1", "answerer", 1, 5, 5 + 3 * DAY),), 5 + 3 * DAY, "toy.reply",
    ),
    Told(
        "silence is the worker's to record", NEW, 5 + 3 * DAY,
        (("toy.lapsed/1", WORKER, 1, 5 + 3 * DAY, None),), 5 + 3 * DAY, "toy.reply",
    ),
    Told("answered", (*NEW, (reply, 8)), 9, (("toy.closed/1", WORKER, 1, 8, None),), 8, "toy.closed"),
    Told("unanswered", (*NEW, (lapse, 8)), 9, (("toy.closed/1", WORKER, 1, 8, None),), 8, "toy.closed"),
    Told("ended", (*NEW, (reply, 8), (closed, 9)), 10, (), None, ENDED),
    Told(
        "a reply fell: its redo has its time anew", (*NEW, (reply, 8), (correction(reply), 20)), 21,
        (("toy.reply/1", "answerer", 2, 20, 20 + 3 * DAY),), 20 + 3 * DAY, "toy.reply",
    ),
    Told(
        "a reply was replaced", (*NEW, (reply, 8), (said(A, Reply(), "toy.reply", 2), 9), (correction(reply), 9)), 21,
        (("toy.closed/1", WORKER, 1, 9, None),), 9, "toy.closed",
    ),
    Told(
        "a correction fell", (*NEW, (reply, 8), (correction(reply), 9), (correction(correction(reply), 2), 10)), 21,
        (("toy.closed/1", WORKER, 1, 8, None),), 8, "toy.closed",
    ),
    Told(
        "what rested on it stays", (*NEW, (reply, 8), (closed, 9), (correction(reply), 20)), 21,
        (("toy.reply/1", "answerer", 2, 20, 20 + 3 * DAY),), 20 + 3 * DAY, "toy.reply",
    ),
    Told(
        "what is needed fell", (*NEW, (correction(request), 20)), 21,
        (("toy.request/1", "asker", 2, 20, 20 + DAY), ("toy.reply/1", "answerer", 1, 5, 5 + 3 * DAY)),
        20 + DAY, "toy.request toy.reply",
    ),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_is_due(row: Told) -> None:
    records = history(*row.records)
    found = due(TOY, records, at(row.now))
    assert [(item.makes, item.by, item.slot.ordinal, item.since, item.deadline_at) for item in found] == [
        (makes, by, ordinal, at(since), "" if deadline is None else at(deadline))
        for makes, by, ordinal, since, deadline in row.due
    ]
    assert next_due_at(TOY, records) == ("" if row.wakes is None else at(row.wakes))
    assert state(TOY, records) == row.state
    assert all(item.slot.step == item.step and item.slot.flow == "toy" for item in found)


def test_a_wait_says_what_its_silence_means() -> None:
    (wait,) = due(TOY, history(*NEW), at(9))
    assert (wait.step, wait.default) == ("toy.reply", "toy.lapsed/1")
    (silence,) = due(TOY, history(*NEW), at(9 + 3 * DAY))
    # The same slot: a late reply and the lapse cannot both come to stand.
    assert (silence.slot, silence.default) == (wait.slot, "")


def test_what_an_author_says_of_the_time_changes_nothing() -> None:
    liar = said(A, Opened(), "toy.opened", said_at="2001-01-01T00:00:00Z")
    assert due(TOY, history((request, 0), (liar, 5)), at(9)) == due(TOY, history(*NEW), at(9))


def test_a_moment_in_another_form_is_refused() -> None:
    with pytest.raises(MomentError):
        due(TOY, history(*NEW), "soon")


FORK = Flow(
    name="toy",
    steps=(
        Step(makes="toy.request/1"),
        Step(
            makes="toy.opened/1",
            or_makes=("toy.declined/1", "toy.passed_on/1"),
            needs=("toy.request/1",),
            by="desk",
            deadline=DAY,
            default="toy.lapsed/1",
        ),
        Step(makes="toy.thanks/1", needs=("toy.declined/1",)),
        Step(
            makes="toy.reply/1",
            needs=("toy.opened/1",),
            unless=("toy.withdrawn/1", "toy.void/1"),
            by="answerer",
            deadline=3 * DAY,
            default="toy.lapsed/1",
            until="toy.term/1",
        ),
    ),
)
"""As the toy, with a desk that may say one thing or another, and a wait that records may take away or end."""


def made(kind: str, step: str = "", ordinal: int = 1, **body: object) -> Entry:
    """Return a record of `kind` in the slot of `step`, by default its own."""
    return entry(A, step or kind, ordinal, kind=f"{kind}/1", body=body)


def term(seconds: int, ordinal: int = 1) -> Entry:
    return made("toy.term", ordinal=ordinal, ends_at=at(seconds))


declined = made("toy.declined", "toy.opened")
withdrawn = made("toy.withdrawn")


class TestAnswers:
    def test_a_step_says_which_answers_do_it(self) -> None:
        (item,) = due(FORK, history((request, 0)), at(1))
        assert (item.makes, item.or_makes) == ("toy.opened/1", ("toy.declined/1", "toy.passed_on/1"))

    def test_each_answer_does_the_step_and_leads_elsewhere(self) -> None:
        assert state(FORK, history((request, 0), (opened, 5))) == "toy.reply"
        assert state(FORK, history((request, 0), (declined, 5))) == "toy.thanks"
        assert state(FORK, history((request, 0), (made("toy.passed_on", "toy.opened"), 5))) == ENDED

    def test_an_answer_that_fell_may_be_given_otherwise(self) -> None:
        fell = history((request, 0), (declined, 5), (correction(declined), 9))
        (item,) = due(FORK, fell, at(10))
        assert (item.step, item.slot.ordinal, item.since) == ("toy.opened", 2, at(9))

    def test_silence_is_none_of_the_answers(self) -> None:
        (item,) = due(FORK, history((request, 0)), at(DAY))
        assert (item.makes, item.or_makes, item.by) == ("toy.lapsed/1", (), WORKER)


class TestGivingWay:
    def test_a_step_is_not_to_be_done_where_a_record_takes_it_away(self) -> None:
        for barring in (withdrawn, made("toy.void"), msgspec.structs.replace(withdrawn, body=b"", salt=b"")):
            taken = history(*NEW, (barring, 8))
            assert (state(FORK, taken), next_due_at(FORK, taken)) == (ENDED, "")
            assert due(FORK, taken, at(99 * DAY)) == ()

    def test_what_stood_before_the_step_began_takes_it_away_as_well(self) -> None:
        assert state(FORK, history((withdrawn, 0), (request, 1), (opened, 5))) == ENDED

    def test_a_step_that_comes_back_has_its_time_anew(self) -> None:
        back = history(*NEW, (withdrawn, 8), (correction(withdrawn), 50 * DAY))
        (item,) = due(FORK, back, at(50 * DAY))
        assert (item.makes, item.since, item.deadline_at) == ("toy.reply/1", at(50 * DAY), at(53 * DAY))

    def test_of_two_that_take_it_away_one_is_enough(self) -> None:
        taken = history(*NEW, (withdrawn, 8), (made("toy.void"), 9), (correction(withdrawn), 10))
        assert state(FORK, taken) == ENDED


class TestEnds:
    @pytest.mark.parametrize(
        "terms, ends",
        [
            ((), 5 + 3 * DAY),
            ((term(9 * DAY),), 9 * DAY),
            ((term(60),), 60),
            ((term(9 * DAY), term(7 * DAY, 2)), 7 * DAY),
            ((term(9 * DAY), term(7 * DAY, 2), correction(term(7 * DAY, 2))), 9 * DAY),
            ((term(9 * DAY), correction(term(9 * DAY))), 5 + 3 * DAY),
            ((made("toy.other", ends_at=at(60)),), 5 + 3 * DAY),
            ((entry(A, "toy.term", kind="toy.term/2", body={"ends_at": at(60), "why": "a newer version"}),), 60),
        ],
        ids=["none", "later", "earlier", "last", "corrected", "fell", "other kind", "other version"],
    )
    def test_a_wait_ends_when_the_last_record_that_stands_says_so(self, terms: tuple[Entry, ...], ends: int) -> None:
        records = history(*NEW, *((said_so, 8) for said_so in terms))
        assert next_due_at(FORK, records) == at(ends)
        (wait,) = due(FORK, records, at(ends - 1))
        assert (wait.by, wait.deadline_at) == ("answerer", at(ends))
        (silence,) = due(FORK, records, at(ends))
        assert (silence.by, silence.makes, silence.since) == (WORKER, "toy.lapsed/1", at(ends))

    @pytest.mark.parametrize(
        "body",
        [b"", b"{}", b"[]", b"{", b'{"ends_at":7}', b'{"ends_at":""}', b'{"ends_at":"2026-13-01T00:00:00Z"}',
         b'{"ends_at":"\xff"}', b'{"ends_at":"2026-06-02T00:00:00Z","a":' + b"[" * 100_000],
        ids=["withheld", "without", "list", "broken", "number", "empty", "no month", "no text", "deep"],
    )  # fmt: skip
    def test_a_body_that_says_no_end_leaves_the_one_before_it(self, body: bytes) -> None:
        silent = msgspec.structs.replace(term(60, 2), body=body)
        assert next_due_at(FORK, history(*NEW, (silent, 8))) == at(5 + 3 * DAY)
        assert next_due_at(FORK, history(*NEW, (term(9 * DAY), 7), (silent, 8))) == at(9 * DAY)

    def test_a_view_that_may_not_read_the_term_waits_for_the_deadline(self) -> None:
        secret = Label(level=Level.SECRET)
        records = history(*NEW, (entry(A, "toy.term", label=secret, body={"ends_at": at(60)}), 8))
        low, high = summarize(FORK, records)
        assert (low.next_due_at, high.next_due_at) == (at(5 + 3 * DAY), at(60))


def kinds_held(records: Sequence[Stored]) -> tuple[Mark, ...]:
    return tuple(Mark("holds", stored.entry.header.kind) for stored in records)


def test_a_row_is_found_by_what_its_own_view_may_read() -> None:
    secret = Label(level=Level.SECRET)
    records = history((request, 0), (said(A, Opened(), "toy.opened", label=secret), 5))
    low, high = summarize(msgspec.structs.replace(TOY, marks=kinds_held), records)
    assert low.marks == (Mark("holds", "toy.request/1"),)
    assert high.marks == (Mark("holds", "toy.request/1"), Mark("holds", "toy.opened/1"))
    assert [row.marks for row in summarize(TOY, records)] == [(), ()]


times = st.lists(st.integers(min_value=0, max_value=20 * DAY), min_size=14, max_size=14)
some_records = st.lists(
    st.sampled_from(
        (
            *(request, opened, reply, lapse, closed, correction(reply), correction(request), correction(opened)),
            *(declined, withdrawn, correction(withdrawn), term(0), term(9 * DAY, 2), correction(term(9 * DAY, 2))),
        )
    ),
    unique_by=lambda entry: record_id(entry.header),
)


@given(st.sampled_from((TOY, FORK)), some_records, times, st.integers(min_value=0, max_value=40 * DAY))
def test_the_worker_is_woken_exactly_when_it_has_something_to_do(
    flow: Flow, entries: list[Entry], received: list[int], now: int
) -> None:
    records = history(*zip(entries, received, strict=False))
    if not records:
        return
    wakes = next_due_at(flow, records)
    # Clocks of the store can disagree: what was received in the future is the worker's business all the same.
    own = [item for item in due(flow, records, at(now)) if item.by == WORKER and item.since <= at(now)]
    assert bool(own) == (wakes != "" and wakes <= at(now))


levels = st.sampled_from(list(Level))
names = st.frozensets(st.sampled_from("ABC"))
labels = st.builds(
    lambda level, held, met: Label(level=level, compartments=held, dissemination=met), levels, names, names
)


@given(st.lists(labels, max_size=5), labels)
def test_every_reader_sees_what_one_view_holds(marks: list[Label], clearance: Label) -> None:
    records = history(*((said(A, Request(), "toy.request", n, label=label), n) for n, label in enumerate(marks)))
    readable = [stored.id for stored in records if dominates(clearance, stored.entry.header.label)]
    rows = [row for row in summarize(TOY, records) if dominates(clearance, row.label)]
    if not readable:
        assert rows == []
        return
    widest = max(rows, key=lambda row: row.last_seq)
    assert [row.last_seq for row in rows].count(widest.last_seq) == 1
    shown = seen(records, widest.label)
    assert [stored.id for stored in shown] == readable
    assert [stored.seq for stored in shown] == list(range(1, len(readable) + 1))
    # A row is as sensitive as what it rests on, and no more.
    assert widest.label == join(stored.entry.header.label for stored in shown)


def test_a_view_is_folded_from_what_it_may_read() -> None:
    secret = Label(level=Level.SECRET)
    records = history((request, 0), (said(A, Opened(), "toy.opened", label=secret), 5))
    low, high = summarize(TOY, records)
    assert (low.label, low.state, low.next_due_at, low.last_seq) == (PUBLIC, "toy.opened", at(0), 1)
    assert (high.label, high.state, high.next_due_at, high.last_seq) == (secret, "toy.reply", at(5 + 3 * DAY), 2)
    assert (low.kind, low.sort_key, high.sort_key, low.flow) == ("toy.request/1", START, at(5), "toy")


def test_a_subject_of_too_many_views_is_refused() -> None:
    apart = [Label(level=Level.CUI, compartments=frozenset({name})) for name in "ABCDEFG"]
    records = history(*((said(A, Request(), "toy.request", n, label=label), n) for n, label in enumerate(apart)))
    assert len(views(records[:6])) == 63
    with pytest.raises(FlowError, match="subject of its own"):
        views(records)


def test_the_engine_reads_corrections_that_it_may_read_and_passes_over_others() -> None:
    withheld = msgspec.structs.replace(correction(reply), body=b"", salt=b"")
    records = history(*NEW, (reply, 8), (withheld, 9))
    assert state(TOY, records) == "toy.closed"
