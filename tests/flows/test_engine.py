"""What the engine says on every history of the toy flow, and what holds of any history."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.flows.toy import DAY, TOY, Closed, Lapsed, Opened, Reply, Request, said
from tests.store.making import START, at, subject
from trialplate.flows import ENDED, WORKER, FlowError, MomentError, due, next_due_at, seen, state, summarize, views
from trialplate.records import PUBLIC, Correction, Label, Level, RecordId, record_id
from trialplate.trust import dominates, join
from trialplate.trust.ports import Entry, Stored

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


times = st.lists(st.integers(min_value=0, max_value=20 * DAY), min_size=8, max_size=8)
some_records = st.lists(
    st.sampled_from(
        (request, opened, reply, lapse, closed, correction(reply), correction(request), correction(opened))
    ),
    unique_by=lambda entry: record_id(entry.header),
)


@given(some_records, times, st.integers(min_value=0, max_value=40 * DAY))
def test_the_worker_is_woken_exactly_when_it_has_something_to_do(
    entries: list[Entry], received: list[int], now: int
) -> None:
    records = history(*zip(entries, received, strict=False))
    if not records:
        return
    wakes = next_due_at(TOY, records)
    # Clocks of the store can disagree: what was received in the future is the worker's business all the same.
    own = [item for item in due(TOY, records, at(now)) if item.by == WORKER and item.since <= at(now)]
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
