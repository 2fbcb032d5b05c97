"""What every record store promises of leases, crashes, threads and the queue of log leaves."""

from __future__ import annotations

from threading import Thread

import pytest

from tests.contract.adapters import AnyStore, Maker, appended
from tests.store.making import HIGH, START, at, entry, high, id_of, low, row, subject
from trialplate.records.header import RecordId
from trialplate.records.times import MomentError
from trialplate.store import Point
from trialplate.store.schema import SCHEMA_VERSION
from trialplate.trust.ports import (
    Fenced,
    Held,
    Lease,
)

A, B = subject("a"), subject("b")


class TestLeases:
    def test_one_holder_at_a_time(self, store: AnyStore) -> None:
        one = store.acquire(A, "one", now=at(0), seconds=60)
        assert one == Lease(subject=A, owner="one", fence=1, expires_at=at(60))
        assert store.acquire(A, "two", now=at(59), seconds=60) == Held(expires_at=at(60))
        assert isinstance(store.acquire(B, "two", now=at(59), seconds=60), Lease)
        two = store.acquire(A, "two", now=at(60), seconds=60)
        assert two == Lease(subject=A, owner="two", fence=2, expires_at=at(120))

    def test_the_same_owner_retakes_with_a_higher_fence(self, store: AnyStore) -> None:
        first = store.acquire(A, "one", now=at(0), seconds=60)
        again = store.acquire(A, "one", now=at(1), seconds=60)
        assert isinstance(first, Lease)
        assert again == Lease(subject=A, owner="one", fence=2, expires_at=at(61))
        assert store.renew(first, now=at(2), seconds=60) == Held(expires_at=at(61))

    def test_a_lease_is_renewed_while_nobody_took_it_over(self, store: AnyStore) -> None:
        one = store.acquire(A, "one", now=at(0), seconds=60)
        assert isinstance(one, Lease)
        renewed = store.renew(one, now=at(90), seconds=60)
        assert renewed == Lease(subject=A, owner="one", fence=1, expires_at=at(150))
        assert store.acquire(A, "two", now=at(149), seconds=60) == Held(expires_at=at(150))

    def test_a_lease_given_back_is_free_and_its_fence_is_spent(self, store: AnyStore) -> None:
        one = store.acquire(A, "one", now=at(0), seconds=60)
        assert isinstance(one, Lease)
        store.release(one)
        assert store.renew(one, now=at(1), seconds=60) == Held(expires_at="")
        two = store.acquire(A, "two", now=at(1), seconds=60)
        assert two == Lease(subject=A, owner="two", fence=2, expires_at=at(61))
        store.release(one)
        assert store.acquire(A, "one", now=at(2), seconds=60) == Held(expires_at=at(61))

    def test_an_unknown_lease_is_not_renewed(self, store: AnyStore) -> None:
        never = Lease(subject=A, owner="one", fence=1, expires_at=START)
        assert store.renew(never, now=START, seconds=60) == Held(expires_at="")

    def test_a_write_with_an_old_fence_is_refused(self, store: AnyStore) -> None:
        one = store.acquire(A, "one", now=at(0), seconds=60)
        assert isinstance(one, Lease)
        appended(store.append(low, [entry(A, ordinal=1)], now=at(99), lease=one))
        two = store.acquire(A, "two", now=at(100), seconds=60)
        assert isinstance(two, Lease)
        assert store.append(low, [entry(A, ordinal=2)], now=at(101), lease=one) == Fenced(subject=A)
        appended(store.append(low, [entry(A, ordinal=2)], now=at(101), lease=two))
        never = Lease(subject=B, owner="one", fence=1, expires_at=START)
        assert store.append(low, [entry(B)], now=at(101), lease=never) == Fenced(subject=B)

    @pytest.mark.parametrize("now", ["", "2026-06-02"])
    def test_a_moment_in_another_form_is_refused(self, store: AnyStore, now: str) -> None:
        with pytest.raises(MomentError):
            store.acquire(A, "one", now=now, seconds=60)


class TestLeaves:
    def test_every_record_waits_for_the_log_once(self, store: AnyStore) -> None:
        batch = [entry(A, ordinal=n) for n in (1, 2, 3)]
        ids = tuple(id_of(made) for made in batch)
        store.append(low, batch, now=START)
        assert store.queued(2) == ids[:2]
        store.published(ids[:2])
        store.published([])
        store.published([ids[0], RecordId("0" * 64)])
        assert store.queued(9) == ids[2:]
        store.append(low, batch, now=START)
        assert store.queued(9) == ids[2:]


class CrashError(Exception):
    """The process ends here."""


class TestCrashes:
    @pytest.mark.parametrize("point", list(Point))
    def test_a_crash_leaves_all_or_nothing_and_the_batch_can_be_repeated(self, make: Maker, point: Point) -> None:
        armed: list[Point] = []

        def fault(reached: Point) -> None:
            if reached in armed:
                raise CrashError

        store = make(fault)
        store.append(low, [entry(A, ordinal=1)], now=START, summaries=[row(A, 1)])
        before = (store.history(low, A), store.summaries(low), store.queued(9))
        armed.append(point)
        with pytest.raises(CrashError):
            store.append(low, [entry(A, ordinal=2)], now=START, summaries=[row(A, 2)])
        after = (store.history(low, A), store.summaries(low), store.queued(9))
        assert (after == before) == (point is not Point.COMMITTED)
        armed.clear()
        repeated = appended(store.append(low, [entry(A, ordinal=2)], now=START, summaries=[row(A, 2)]))
        assert [s.seq for s in repeated.stored] == [2]
        assert (len(store.history(low, A)), store.summaries(low), len(store.queued(9))) == (2, (row(A, 2),), 2)


def test_threads_share_a_store(store: AnyStore) -> None:
    def write(name: str) -> None:
        for n in range(1, 11):
            appended(store.append(low, [entry(A, name, n)], now=START))

    threads = [Thread(target=write, args=(f"toy.t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [s.seq for s in store.history(low, A)] == list(range(1, 41))
    assert len(store.queued(99)) == 40


def test_sizes_are_counted(store: AnyStore) -> None:
    store.append(
        low, [entry(A, ordinal=1), entry(A, ordinal=2), entry(B)], now=START, summaries=[row(A, 2, due_at=at(5))]
    )
    store.append(high, [entry(A, ordinal=3, label=HIGH)], now=START, summaries=[row(A, 3, label=HIGH, due_at=at(4))])
    store.acquire(A, "one", now=at(0), seconds=10)
    store.acquire(B, "one", now=at(0), seconds=60)
    told = store.info(now=at(30))
    assert (told.records, told.subjects, told.summaries, told.due, told.leases, told.queued) == (4, 2, 2, 1, 1, 4)
    assert told.schema_version == SCHEMA_VERSION
    assert store.info(now=at(3)).due == 0
