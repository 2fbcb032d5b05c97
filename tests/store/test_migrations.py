"""A store that an older version left is brought to this one, and keeps everything that is in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest

from tests.store.making import HIGH, START, at, entry, high, id_of, low, row, subject, system
from trialplate.store import SqliteStore, StoreError
from trialplate.store.schema import APPLICATION_ID, SCHEMA_VERSION
from trialplate.trust.ports import Appended, Held, Mark, Marked

VERSION_1 = Path(__file__).with_name("version_1.sql")

A, B = subject("a"), subject("b")
MARK = Mark("project", "one")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "store.db"
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    return made


def rows(path: Path) -> list[str]:
    """Return all that is kept, as statements that would write it again."""
    with closing(sqlite3.connect(path)) as connection:
        written = [line for line in connection.iterdump() if line.startswith("INSERT")]
    return [line for line in written if "alembic_version" not in line]


def versions(path: Path) -> tuple[object, ...]:
    with closing(sqlite3.connect(path)) as connection:
        asked = ("SELECT version_num FROM alembic_version", "PRAGMA user_version", "PRAGMA application_id")
        return tuple(connection.execute(question).fetchone()[0] for question in asked)


def definitions(path: Path) -> set[tuple[str, str]]:
    """Return what the database was told to make, whatever the spaces."""
    with closing(sqlite3.connect(path)) as connection:
        told = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return {(name, "".join(sql.split())) for name, sql in told}


NOW = (f"{SCHEMA_VERSION:04d}", SCHEMA_VERSION, APPLICATION_ID)


def test_an_older_store_is_migrated_and_keeps_every_row(path: Path) -> None:
    before = rows(path)
    assert versions(path) == ("0001", 1, APPLICATION_ID)
    # Records, summary rows, a lease, leaves, and the numbers that both of these go on from.
    assert len(before) == 3 + 3 + 1 + 2 + 2
    SqliteStore(path).close()
    assert versions(path) == NOW
    assert rows(path) == before


def test_a_migrated_store_answers_as_it_did(path: Path) -> None:
    batch = [entry(A), entry(A, ordinal=2, label=HIGH)]
    with closing(SqliteStore(path)) as store:
        assert [(stored.seq, stored.entry) for stored in store.history(high, A)] == list(enumerate(batch, start=1))
        assert [(stored.entry, stored.received_at) for stored in store.history(low, B)] == [(entry(B), at(1))]
        assert store.summaries(low) == (row(B, 1), row(A, 1, state="low"))
        assert store.summaries(high, due_by=at(1)) == (row(A, 2, label=HIGH, state="high", due_at=at(1)),)
        assert store.queued(9) == (id_of(batch[1]), id_of(entry(B)))
        assert store.acquire(A, "two", now=START, seconds=1) == Held(expires_at=at(60))


def test_a_migrated_store_has_the_tables_of_a_new_one(path: Path) -> None:
    fresh = path.with_name("fresh.db")
    for file in (path, fresh):
        SqliteStore(file).close()
    assert definitions(path) == definitions(fresh)


def test_subjects_of_an_older_store_are_found_once_their_rows_are_put_or_made_anew(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        assert store.marked(system, [MARK]) == ()
        answer = store.append(low, [entry(B, ordinal=2)], now=at(2), summaries=[row(B, 2, marks=(MARK,))])
        assert isinstance(answer, Appended)
        assert store.marked(low, [MARK]) == (Marked(mark=MARK, subject=B, state="open"),)
        store.rebuild(lambda told: [row(told[0].entry.header.subject, len(told), marks=(MARK,))], lambda _: None)
        assert [hit.subject for hit in store.marked(low, [MARK])] == [B, A]


def test_a_migration_that_fails_leaves_the_older_store(path: Path) -> None:
    before = rows(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mark (theirs TEXT)")
    with pytest.raises(StoreError, match="already exists"):
        SqliteStore(path)
    assert (versions(path), rows(path)) == (("0001", 1, APPLICATION_ID), before)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE mark")
    SqliteStore(path).close()
    assert (versions(path), rows(path)) == (NOW, before)


def test_many_threads_may_migrate_one_store(path: Path) -> None:
    together, answers = Barrier(6), list[int]()

    def open_one() -> None:
        together.wait()
        with closing(SqliteStore(path)) as store:
            answers.append(len(store.history(low, A)))

    threads = [Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 6
