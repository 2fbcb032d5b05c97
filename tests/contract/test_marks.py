"""What every record store promises of marks: who is found by them, and by whom."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from tests.contract.adapters import AnyStore, Maker, appended
from tests.store.making import ALL, HIGH, SIDE, START, entry, high, low, row, subject, system
from trialplate.records.label import PUBLIC, Label
from trialplate.store import Point, no_fault
from trialplate.trust.ports import Mark, Marked, Reader, Stored, Summary

A, B = sorted((subject("a"), subject("b")))
ONE, TWO, RED = Mark("project", "one"), Mark("project", "two"), Mark("color", "red")


def found(store: AnyStore, reader: Reader, *marks: Mark) -> list[tuple[Mark, str, str]]:
    """Return what a reader finds, a triple each."""
    return [(hit.mark, hit.subject, hit.state) for hit in store.marked(reader, marks)]


class TestFinding:
    def test_a_subject_is_found_by_each_of_its_marks(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, state="mine", marks=(ONE, RED))])
        assert store.marked(low, [ONE]) == (Marked(mark=ONE, subject=A, state="mine"),)
        assert found(store, low, RED, ONE) == [(RED, A, "mine"), (ONE, A, "mine")]

    def test_a_mark_is_its_name_with_its_value(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(ONE, RED))])
        assert found(store, low, TWO, Mark("color", "one"), Mark("project", "red"), Mark("one", "project")) == []

    @pytest.mark.parametrize("value", ["", "a\0b", "' OR 1", "%", "é\N{ROCKET}", "x" * 10_000])
    def test_a_value_is_any_text_and_means_itself(self, store: AnyStore, value: str) -> None:
        mark = Mark("place", value)
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(mark,))])
        assert found(store, low, mark) == [(mark, A, "open")]
        assert found(store, low, Mark("place", "a"), Mark("place", value.upper() + "!")) == []

    def test_answers_are_in_the_order_of_marks_and_then_of_subjects(self, store: AnyStore) -> None:
        for about, marks in ((B, (ONE, TWO)), (A, (RED, ONE))):
            store.append(low, [entry(about)], now=START, summaries=[row(about, 1, marks=marks)])
        hits = [(mark, about) for mark, about, _ in found(store, low, TWO, ONE, RED)]
        assert hits == [(TWO, B), (ONE, A), (ONE, B), (RED, A)]

    def test_a_mark_that_is_asked_or_told_twice_counts_once(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(ONE, ONE))])
        assert found(store, low, ONE, TWO, ONE) == [(ONE, A, "open")]

    def test_of_nothing_nothing_is_found(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(ONE,))])
        assert store.marked(low, []) == ()

    def test_the_limit_is_of_each_mark_and_counts_readable_subjects(self, store: AnyStore) -> None:
        abouts = sorted(subject(f"s{n}") for n in range(9))
        for n, about in enumerate(abouts):
            label = PUBLIC if n % 2 else HIGH
            mark = (ONE, TWO) if n > 4 else (ONE,)
            store.append(
                system, [entry(about, label=label)], now=START, summaries=[row(about, 1, label=label, marks=mark)]
            )
        assert [hit.subject for hit in store.marked(low, [ONE, TWO], limit=2)] == [*abouts[1:4:2], *abouts[5:8:2]]
        assert [hit.subject for hit in store.marked(high, [ONE, TWO], limit=1)] == [abouts[0], abouts[5]]

    def test_more_marks_than_a_statement_takes_are_all_answered_in_order(self, store: AnyStore) -> None:
        marks = [Mark("number", f"{n}") for n in range(1201)]
        abouts = [subject(mark.value) for mark in marks]
        rows = [row(about, 1, marks=(mark, ONE)) for about, mark in zip(abouts, marks, strict=True)]
        store.append(low, [entry(about) for about in abouts], now=START, summaries=rows)
        assert [hit.subject for hit in store.marked(low, marks)] == abouts
        assert [hit.subject for hit in store.marked(low, [ONE])] == sorted(abouts)[:1000]

    def test_lists_do_not_repeat_marks(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(ONE, RED))])
        assert store.summaries(low) == (row(A, 1),)


class TestPutting:
    def test_a_row_puts_its_marks_in_place_of_the_earlier_ones(self, store: AnyStore) -> None:
        store.append(low, [entry(A), entry(B)], now=START, summaries=[row(A, 1, marks=(ONE, RED)), row(B, 1)])
        store.append(low, [entry(A, ordinal=2)], now=START, summaries=[row(A, 2, state="later", marks=(RED, TWO))])
        store.append(low, [], now=START, summaries=[row(B, 1, marks=(ONE,))])
        assert found(store, low, ONE, TWO, RED) == [(ONE, B, "open"), (TWO, A, "later"), (RED, A, "later")]
        store.append(low, [], now=START, summaries=[row(A, 2)])
        assert found(store, low, ONE, TWO, RED) == [(ONE, B, "open")]

    def test_of_two_rows_of_one_view_the_last_has_its_marks(self, store: AnyStore) -> None:
        rows = [row(A, 1, state="first", marks=(ONE, RED)), row(A, 1, state="last", marks=(TWO,))]
        store.append(low, [entry(A)], now=START, summaries=rows)
        assert found(store, low, ONE, TWO, RED) == [(TWO, A, "last")]
        assert [shown.state for shown in store.summaries(low)] == ["last"]

    def test_a_row_of_one_view_leaves_the_marks_of_another(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=1), entry(A, ordinal=2, label=HIGH)]
        store.append(
            system, batch, now=START, summaries=[row(A, 1, marks=(ONE,)), row(A, 2, label=HIGH, marks=(ONE, TWO))]
        )
        store.append(system, [], now=START, summaries=[row(A, 2, label=HIGH, marks=(RED,))])
        assert found(store, low, ONE, TWO, RED) == [(ONE, A, "open")]
        assert found(store, high, ONE, TWO, RED) == [(RED, A, "open")]

    def test_a_refused_row_changes_no_mark(self, store: AnyStore) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(ONE,))])
        store.append(low, [entry(A, ordinal=2)], now=START, summaries=[row(A, 1, marks=(TWO,))])
        assert found(store, low, ONE, TWO) == [(ONE, A, "open")]

    @pytest.mark.parametrize("point", list(Point))
    def test_a_crash_leaves_the_old_marks_or_the_new_ones(self, make: Maker, point: Point) -> None:
        armed: list[Point] = []

        def fault(reached: Point) -> None:
            if reached in armed:
                raise RuntimeError("a crash")

        store = make(fault)
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(ONE,))])
        armed.append(point)
        with pytest.raises(RuntimeError, match="a crash"):
            store.append(low, [entry(A, ordinal=2)], now=START, summaries=[row(A, 2, marks=(TWO,))])
        left = TWO if point is Point.COMMITTED else ONE
        assert found(store, low, ONE, TWO) == [(left, A, "open")]


class TestRebuilding:
    def test_a_rebuild_makes_every_mark_anew(self, store: AnyStore) -> None:
        store.append(low, [entry(A), entry(B)], now=START, summaries=[row(A, 1, marks=(ONE, RED))])
        store.rebuild(lambda history: [made_anew(history)], lambda _: None)
        assert found(store, low, ONE, TWO, RED) == [(TWO, A, "anew"), (TWO, B, "anew")]
        store.rebuild(lambda _: [], lambda _: None)
        assert found(store, low, ONE, TWO, RED) == []

    def test_a_rebuild_of_many_subjects_forgets_no_mark(self, store: AnyStore) -> None:
        abouts = [subject(f"s{n}") for n in range(1203)]
        store.append(low, [entry(about) for about in abouts], now=START)
        store.rebuild(lambda history: [made_anew(history)], lambda _: None)
        assert [hit.subject for hit in store.marked(low, [TWO], limit=9999)] == sorted(abouts)

    def test_a_rebuild_that_fails_changes_no_mark(self, store: AnyStore) -> None:
        store.append(low, [entry(A), entry(B)], now=START, summaries=[row(A, 1, marks=(ONE,))])

        def fold(history: tuple[Stored, ...]) -> list[Summary]:
            if history[0].entry.header.subject == B:
                raise RuntimeError("no fold")
            return [made_anew(history)]

        with pytest.raises(RuntimeError, match="no fold"):
            store.rebuild(fold, lambda _: None)
        assert found(store, low, ONE, TWO) == [(ONE, A, "open")]


def made_anew(history: tuple[Stored, ...]) -> Summary:
    return row(history[0].entry.header.subject, len(history), state="anew", marks=(TWO,))


class TestReaders:
    def test_a_mark_counts_in_the_widest_view_that_the_reader_may_read(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=1), entry(A, ordinal=2, label=HIGH)]
        rows = [row(A, 1, state="low", marks=(ONE, RED)), row(A, 2, label=HIGH, state="high", marks=(TWO, RED))]
        store.append(system, batch, now=START, summaries=rows)
        assert found(store, low, ONE, TWO, RED) == [(ONE, A, "low"), (RED, A, "low")]
        for reader in (high, system):
            assert found(store, reader, ONE, TWO, RED) == [(TWO, A, "high"), (RED, A, "high")]

    def test_of_views_that_fold_as_many_records_the_one_that_lists_show_counts(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=1, label=HIGH), entry(A, ordinal=2, label=SIDE)]
        rows = [row(A, 1, label=HIGH, marks=(ONE,)), row(A, 1, label=SIDE, marks=(TWO,))]
        store.append(system, batch, now=START, summaries=rows)
        assert [shown.label for shown in store.summaries(system)] == [SIDE]
        assert found(store, system, ONE, TWO) == [(TWO, A, "open")]
        assert found(store, high, ONE, TWO) == [(ONE, A, "open")]

    def test_a_mark_of_what_may_not_be_read_finds_nothing(self, store: AnyStore) -> None:
        store.append(high, [entry(A, label=HIGH)], now=START, summaries=[row(A, 1, label=HIGH, marks=(ONE,))])
        assert found(store, low, ONE) == []
        assert found(store, Reader(party="side", clearance=SIDE), ONE) == []
        assert found(store, high, ONE) == [(ONE, A, "open")]

    def test_low_answers_do_not_change_with_high_records(self, make: Maker) -> None:
        quiet, loud = make(no_fault), make(no_fault)

        def secret(n: int) -> None:
            for about, label, reader in ((A, ALL, system), (B, HIGH, high), (subject("c"), SIDE, system)):
                story = [entry(about, "toy.secret", n, label=label)]
                count = len(loud.history(view(label), about)) + 1
                rows = [row(about, count, label=label, state="secret", marks=(ONE, TWO, RED))]
                appended(loud.append(reader, story, now=START, summaries=rows))

        told = low_story(loud, secret)
        assert [hit.state for hit in loud.marked(system, [ONE, TWO, RED])] == ["secret"] * 9
        assert told == low_story(quiet, lambda _: None)


def view(label: Label) -> Reader:
    return Reader(party="", clearance=label)


def low_story(store: AnyStore, secret: Callable[[int], None]) -> bytes:
    """Tell one low story on a store, with `secret` happening between any two of its acts; return all answers."""
    heard: list[object] = []
    marks = ((ONE,), (ONE, RED), (TWO,))
    for n in range(1, 4):
        for about in (A, B):
            secret(2 * n + (about == B))
            rows = [row(about, n, state=f"{n}", marks=marks[n - 1])]
            appended(store.append(low, [entry(about, ordinal=n)], now=START, summaries=rows))
            heard += [store.marked(low, [RED, ONE, TWO]), store.marked(low, [ONE, RED, TWO], limit=1)]
    assert any(heard)
    return msgspec.json.encode(heard, order="deterministic")
