"""What every record store promises, held against each adapter."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from tests.contract.adapters import AnyStore, Maker, appended
from tests.store.making import ALL, HIGH, SIDE, START, at, entry, high, id_of, low, row, subject, system
from trialplate.records.header import RecordId
from trialplate.records.label import PUBLIC
from trialplate.records.times import MomentError
from trialplate.store import EntryError, NoReaderError, no_fault
from trialplate.trust.ports import (
    Appended,
    LeafQueue,
    Lease,
    Leases,
    Reader,
    RecordStore,
    SlotTaken,
    Stale,
)

A, B = subject("a"), subject("b")


def test_an_adapter_is_all_three_ports(store: AnyStore) -> None:
    records: RecordStore = store
    leases: Leases = store
    leaves: LeafQueue = store
    assert records.history(low, A) == ()
    assert leaves.queued(1) == ()
    leases.release(Lease(subject=A, owner="nobody", fence=1, expires_at=START))


class TestAppending:
    def test_what_was_appended_is_read_back(self, store: AnyStore) -> None:
        made = entry(A)
        stored = appended(store.append(low, [made], now=at(7))).stored
        assert [(s.seq, s.id, s.entry, s.received_at) for s in stored] == [(1, id_of(made), made, at(7))]
        assert store.get(low, id_of(made)) == stored[0]
        assert store.history(low, A) == stored
        assert store.history(low, B) == ()

    def test_order_is_of_appending_and_not_of_what_an_author_says(self, store: AnyStore) -> None:
        late, early = entry(A, ordinal=1, said_at=at(99)), entry(A, ordinal=2, said_at=at(1))
        store.append(low, [late], now=at(5))
        store.append(low, [early], now=at(3))
        assert [(s.seq, s.entry) for s in store.history(low, A)] == [(1, late), (2, early)]

    def test_a_batch_keeps_its_order_and_numbers_each_subject_from_one(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=1), entry(B, ordinal=1), entry(A, ordinal=2)]
        stored = appended(store.append(low, batch, now=START)).stored
        assert [(s.seq, s.entry) for s in stored] == [(1, batch[0]), (1, batch[1]), (2, batch[2])]

    def test_a_withheld_body_is_kept_as_withheld(self, store: AnyStore) -> None:
        withheld = msgspec.structs.replace(entry(A), body=b"", salt=b"")
        store.append(low, [withheld], now=START)
        assert store.history(low, A)[0].entry == withheld

    @pytest.mark.parametrize("change", [{"body": b"{}"}, {"salt": b"\0" * 32}, {"salt": b""}, {"body": b""}], ids=repr)
    def test_a_body_that_its_header_does_not_commit_to_is_refused(
        self, store: AnyStore, change: dict[str, bytes]
    ) -> None:
        broken = msgspec.structs.replace(entry(A), **change)
        with pytest.raises(EntryError, match=id_of(broken)):
            store.append(low, [entry(B), broken], now=START)
        assert store.history(low, B) == ()

    @pytest.mark.parametrize("now", ["", "yesterday", "2026-06-02T00:00:00.5Z", "2026-06-02T00:00:00+00:00"])
    def test_a_moment_in_another_form_is_refused(self, store: AnyStore, now: str) -> None:
        with pytest.raises(MomentError):
            store.append(low, [entry(A)], now=now)
        assert store.history(low, A) == ()

    def test_a_repeated_batch_is_answered_with_what_is_stored_and_changes_nothing(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=1), entry(A, ordinal=2)]
        first = store.append(low, batch, now=at(1), after={A: 0}, summaries=[row(A, 2)])
        held = store.acquire(A, "one", now=at(1), seconds=10)
        assert isinstance(held, Lease)
        store.release(held)
        # Its decision is old by now, its lease lost and its row outdated: it has what it asked for all the same.
        again = store.append(low, batch, now=at(9), after={A: 0}, lease=held, summaries=[row(A, 9, state="late")])
        assert again == first
        assert store.history(low, A) == appended(first).stored
        assert store.summaries(low) == (row(A, 2),)
        assert len(store.queued(10)) == 2

    def test_a_batch_may_repeat_a_record_and_add_another(self, store: AnyStore) -> None:
        one, two = entry(A, ordinal=1), entry(A, ordinal=2)
        store.append(low, [one], now=at(1))
        stored = appended(store.append(low, [one, two, two], now=at(2))).stored
        assert [(s.seq, s.received_at) for s in stored] == [(1, at(1)), (2, at(2))]
        assert store.history(low, A) == stored

    def test_the_first_envelope_stays(self, store: AnyStore) -> None:
        first = entry(A)
        store.append(low, [first], now=at(1))
        again = store.append(low, [msgspec.structs.replace(first, envelope=b"another")], now=at(2))
        assert appended(again).stored[0].entry == first

    def test_many_batches_and_a_long_one_are_numbered_without_gaps(self, store: AnyStore) -> None:
        store.append(low, [entry(A, ordinal=n) for n in range(1, 1202)], now=START, summaries=[row(A, 1201)])
        assert [s.seq for s in store.history(low, A)] == list(range(1, 1202))
        assert store.append(low, [entry(A, ordinal=700, nonce="11" * 16)], now=START) == SlotTaken(
            by=id_of(entry(A, ordinal=700))
        )


class TestSlots:
    def test_a_slot_is_taken_once(self, store: AnyStore) -> None:
        first, second = entry(A), entry(A, nonce="11" * 16)
        store.append(low, [first], now=START)
        assert store.append(low, [entry(B), second], now=START, summaries=[row(A, 2)]) == SlotTaken(by=id_of(first))
        assert [s.entry for s in store.history(low, A)] == [first]
        assert store.history(low, B) == ()
        assert store.summaries(low) == ()
        assert store.queued(10) == (id_of(first),)

    def test_a_slot_is_of_its_subject_flow_step_and_ordinal(self, store: AnyStore) -> None:
        batch = [
            entry(A),
            entry(B),
            entry(A, flow="other"),
            entry(A, step="toy.b"),
            entry(A, ordinal=2),
        ]
        assert len(appended(store.append(low, batch, now=START)).stored) == len(batch)

    def test_a_batch_cannot_take_one_slot_twice(self, store: AnyStore) -> None:
        first, second = entry(A), entry(A, nonce="11" * 16)
        assert store.append(low, [first, second], now=START) == SlotTaken(by=id_of(first))
        assert store.history(low, A) == ()

    def test_a_record_that_is_repeated_still_keeps_its_slot_from_others(self, store: AnyStore) -> None:
        first, second = entry(A), entry(A, nonce="11" * 16)
        store.append(low, [first], now=START)
        assert store.append(low, [first, second], now=START) == SlotTaken(by=id_of(first))

    def test_who_took_a_slot_above_the_writer_stays_unsaid(self, store: AnyStore) -> None:
        store.append(high, [entry(A, label=HIGH)], now=START)
        assert store.append(low, [entry(A)], now=START) == SlotTaken(by=RecordId(""))


class TestStaleness:
    def test_a_decision_on_what_stands_is_appended(self, store: AnyStore) -> None:
        appended(store.append(low, [entry(A, ordinal=1)], now=START, after={A: 0}))
        appended(store.append(low, [entry(A, ordinal=2)], now=START, after={A: 1, B: 0}))

    def test_a_stale_decision_is_refused_with_what_changed(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=n) for n in (1, 2, 3)]
        store.append(low, batch, now=START)
        answer = store.append(low, [entry(B)], now=START, after={A: 1})
        assert answer == Stale(subject=A, changed=(id_of(batch[1]), id_of(batch[2])))
        assert store.history(low, B) == ()

    def test_a_decision_from_the_future_is_refused(self, store: AnyStore) -> None:
        assert store.append(low, [entry(A)], now=START, after={A: 5}) == Stale(subject=A, changed=())

    def test_what_the_writer_may_not_read_does_not_make_it_stale(self, store: AnyStore) -> None:
        store.append(low, [entry(A, ordinal=1)], now=START)
        store.append(high, [entry(A, ordinal=2, label=HIGH)], now=START)
        appended(store.append(low, [entry(A, ordinal=3)], now=START, after={A: 1}))
        answer = store.append(high, [entry(A, ordinal=4)], now=START, after={A: 1})
        assert answer == Stale(subject=A, changed=(id_of(entry(A, ordinal=2, label=HIGH)), id_of(entry(A, ordinal=3))))


class TestReaders:
    @pytest.mark.parametrize("nobody", [None, "low", HIGH])
    def test_nobody_is_told_anything(self, store: AnyStore, nobody: Reader) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1)])
        for ask in (
            lambda: store.get(nobody, id_of(entry(A))),
            lambda: store.history(nobody, A),
            lambda: store.summaries(nobody),
            lambda: store.marked(nobody, []),
            lambda: store.append(nobody, [entry(B)], now=START),
        ):
            with pytest.raises(NoReaderError):
                ask()

    def test_what_may_not_be_read_is_not_found(self, store: AnyStore) -> None:
        secret = entry(A, label=HIGH)
        store.append(high, [secret], now=START, summaries=[row(A, 1, label=HIGH)])
        assert store.get(low, id_of(secret)) is None
        assert store.get(low, RecordId("0" * 64)) is None
        assert store.history(low, A) == ()
        assert store.summaries(low) == ()
        assert store.get(high, id_of(secret)) is not None
        assert store.history(Reader(party="side", clearance=SIDE), A) == ()

    def test_a_writer_may_write_what_it_may_not_read_back(self, store: AnyStore) -> None:
        report = entry(A, label=HIGH)
        stored = appended(store.append(low, [report], now=at(3))).stored
        assert [(s.seq, s.entry, s.received_at) for s in stored] == [(0, report, at(3))]
        assert store.history(low, A) == ()
        assert [s.seq for s in store.history(high, A)] == [1]

    def test_a_header_of_a_stored_secret_is_answered_as_one_of_an_unknown_record(self, make: Maker) -> None:
        report = entry(A, label=HIGH)
        bare = msgspec.structs.replace(report, body=b"", salt=b"", envelope=b"")
        empty, full = make(no_fault), make(no_fault)
        full.append(high, [report], now=at(1))
        assert empty.append(low, [bare], now=at(5)) == full.append(low, [bare], now=at(5))
        assert full.history(high, A)[0].entry == report


class TestNoninterference:
    """Two stores that differ only in high records give byte-equal low answers."""

    def low_story(self, store: AnyStore, secret: Callable[[], None]) -> bytes:
        """Tell one low story on a store, with `secret` happening between any two of its acts; return all answers."""
        heard: list[object] = []
        for n in range(1, 4):
            for about in (A, B):
                secret()
                heard.append(
                    store.append(
                        low, [entry(about, ordinal=n)], now=at(n), after={about: n - 1}, summaries=[row(about, n)]
                    )
                )
        secret()
        heard.append(store.append(low, [entry(A, ordinal=3)], now=at(50)))
        heard.append(store.append(low, [entry(A, ordinal=9, nonce="22" * 16)], now=at(50), after={A: 1}))
        heard.append(store.append(low, [entry(A, ordinal=8)], now=at(50), summaries=[row(A, 3)]))
        for about in (A, B, subject("c")):
            history = store.history(low, about)
            heard += [history, [store.get(low, stored.id) for stored in history]]
        heard += [store.summaries(low), store.summaries(low, limit=1), store.summaries(low, after=min(A, B), limit=1)]
        heard += [store.summaries(low, due_by=at(100)), store.summaries(low, due_by=at(100), limit=1)]
        return msgspec.json.encode(heard, order="deterministic")

    def test_low_answers_do_not_change_with_high_records(self, make: Maker) -> None:
        quiet, loud = make(no_fault), make(no_fault)
        done = 0

        def secret() -> None:
            nonlocal done
            done += 1
            for about in (A, B, subject("c"), subject(f"{done}")):
                story = [entry(about, "toy.secret", done, label=HIGH), entry(about, "toy.aside", done, label=SIDE)]
                answer = loud.append(
                    system,
                    story,
                    now=at(done),
                    summaries=[
                        row(about, len(loud.history(system, about)) + 2, label=ALL, due_at=at(1), state="secret"),
                        row(about, len(loud.history(high, about)) + 1, label=HIGH, due_at=at(1), state="secret"),
                    ],
                )
                appended(answer)

        told = self.low_story(loud, secret)
        assert done > 5
        assert len(loud.history(system, A)) > 10
        assert told == self.low_story(quiet, lambda: None)

    def test_a_page_is_full_of_what_may_be_read(self, store: AnyStore) -> None:
        for n in range(40):
            about = subject(f"s{n}")
            label = PUBLIC if n % 10 == 0 else HIGH
            store.append(system, [entry(about, label=label)], now=START, summaries=[row(about, 1, label=label)])
        shown = store.summaries(low, limit=3)
        assert len(shown) == 3
        rest = store.summaries(low, after=shown[-1].subject, limit=3)
        assert len(rest) == 1
        assert [s.subject for s in (*shown, *rest)] == sorted(subject(f"s{n}") for n in range(0, 40, 10))


class TestSummaries:
    def test_a_row_is_put_over_the_older_one(self, store: AnyStore) -> None:
        store.append(low, [entry(A, ordinal=1)], now=START, summaries=[row(A, 1, state="one")])
        store.append(low, [entry(A, ordinal=2)], now=START, summaries=[row(A, 2, state="two")])
        assert store.summaries(low) == (row(A, 2, state="two"),)

    def test_a_row_may_be_put_without_a_record(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START)
        assert store.append(low, [], now=START, summaries=[row(A, 1)]) == Appended(stored=())
        assert store.summaries(low) == (row(A, 1),)

    def test_a_row_that_missed_a_record_is_refused_with_its_batch(self, store: AnyStore) -> None:
        store.append(low, [entry(A, ordinal=1)], now=START)
        answer = store.append(low, [entry(A, ordinal=2)], now=START, summaries=[row(A, 1)])
        assert answer == Stale(subject=A, changed=())
        assert len(store.history(low, A)) == 1

    def test_a_reader_meets_the_widest_row_it_may_read(self, store: AnyStore) -> None:
        store.append(system, [entry(A, ordinal=1)], now=START, summaries=[row(A, 1, state="low")])
        store.append(
            system,
            [entry(A, ordinal=2, label=HIGH)],
            now=START,
            summaries=[row(A, 2, label=HIGH, state="high", due_at=at(1))],
        )
        assert [s.state for s in store.summaries(low)] == ["low"]
        assert [s.state for s in store.summaries(high)] == ["high"]
        assert store.summaries(low, due_by=at(9)) == ()
        assert [s.state for s in store.summaries(system, due_by=at(9))] == ["high"]

    def test_of_rows_that_fold_as_many_records_one_is_shown(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=1, label=HIGH), entry(A, ordinal=2, label=SIDE)]
        store.append(system, batch, now=START, summaries=[row(A, 1, label=HIGH), row(A, 1, label=SIDE)])
        assert [s.label for s in store.summaries(system)] == [SIDE]
        assert [s.label for s in store.summaries(high)] == [HIGH]

    def test_due_rows_are_those_whose_time_has_come(self, store: AnyStore) -> None:
        for n, due_at in enumerate(["", at(10), at(20)]):
            about = subject(f"s{n}")
            store.append(low, [entry(about)], now=START, summaries=[row(about, 1, due_at=due_at)])
        assert store.summaries(low, due_by=at(9)) == ()
        assert [s.next_due_at for s in store.summaries(low, due_by=at(10))] == [at(10)]
        assert {s.next_due_at for s in store.summaries(low, due_by=at(99))} == {at(10), at(20)}
        with pytest.raises(MomentError):
            store.summaries(low, due_by="soon")

    def test_pages_follow_one_another_in_subject_order(self, store: AnyStore) -> None:
        subjects = sorted(subject(f"s{n}") for n in range(7))
        for about in subjects:
            store.append(low, [entry(about)], now=START, summaries=[row(about, 1)])
        seen: list[str] = []
        while page := store.summaries(low, after=seen[-1] if seen else "", limit=3):
            seen += [s.subject for s in page]
        assert seen == subjects

    def test_a_rebuild_makes_every_row_anew(self, store: AnyStore) -> None:
        store.append(system, [entry(A, ordinal=1), entry(A, ordinal=2, label=HIGH)], now=START)
        store.append(low, [entry(B)], now=START, summaries=[row(B, 1, state="old")])
        steps: list[int] = []
        made = store.rebuild(lambda history: [row(history[0].entry.header.subject, len(history))], steps.append)
        assert made == 2
        assert steps == [1, 2]
        assert {(s.subject, s.last_seq, s.state) for s in store.summaries(low)} == {(A, 2, "open"), (B, 1, "open")}

    def test_a_rebuild_of_many_subjects_forgets_none(self, store: AnyStore) -> None:
        abouts = [subject(f"s{n}") for n in range(1203)]
        store.append(low, [entry(about) for about in abouts], now=START)
        store.rebuild(lambda history: [row(history[0].entry.header.subject, len(history))], lambda _: None)
        assert {shown.subject for shown in store.summaries(low, limit=9999)} == set(abouts)

    def test_a_rebuild_that_fails_changes_no_row(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, state="old")])

        def fold(_history: object) -> list[object]:
            raise RuntimeError("no fold")

        with pytest.raises(RuntimeError, match="no fold"):
            store.rebuild(fold, lambda _: None)  # pyright: ignore[reportArgumentType]
        assert store.summaries(low) == (row(A, 1, state="old"),)
