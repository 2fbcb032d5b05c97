"""What happens to the file: opening, refusing, migrating, failing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from tests.store.making import START, entry, id_of, low, row, subject
from trialplate.store import Durability, NewerSchemaError, NotAStoreError, SqliteStore, StoreError
from trialplate.store.opening import explain
from trialplate.store.schema import SCHEMA_VERSION, metadata
from trialplate.trust.ports import Appended, Mark

A, B = subject("a"), subject("b")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, busy_timeout_s=1)) as opened:
        yield opened


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


class TestOpening:
    def test_a_store_is_there_again_after_it_was_closed(self, path: Path) -> None:
        with closing(SqliteStore(path)) as store:
            store.append(low, [entry(A)], now=START, summaries=[row(A, 1)])
        with closing(SqliteStore(path)) as store:
            assert [stored.id for stored in store.history(low, A)] == [id_of(entry(A))]
            assert store.summaries(low) == (row(A, 1),)

    def test_an_append_is_on_the_disk_and_readers_are_not_held_up(self, store: SqliteStore) -> None:
        with store.engine.connect() as connection:
            pragmas = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        assert pragmas == ["wal", 2, 1, 1000]

    def test_a_store_is_opened_and_read_while_another_writes(self, path: Path, store: SqliteStore) -> None:
        store.append(low, [entry(A)], now=START)
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            with closing(SqliteStore(path, busy_timeout_s=0)) as second:
                assert len(second.history(low, A)) == 1

    def test_the_tables_are_those_that_the_schema_says(self, store: SqliteStore) -> None:
        with store.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []

    def test_many_threads_may_make_one_store(self, path: Path) -> None:
        together, answers = Barrier(6), list[object]()

        def make(number: int) -> None:
            together.wait()
            with closing(SqliteStore(path)) as store:
                answers.append(store.append(low, [entry(A, ordinal=number)], now=START))

        threads = [Thread(target=make, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [type(answer) for answer in answers] == [Appended] * 6

    def test_an_empty_file_becomes_a_store(self, path: Path) -> None:
        path.touch()
        with closing(SqliteStore(path)) as store:
            assert store.info(now=START).records == 0


class TestRefusing:
    def test_a_newer_store_is_refused_and_left_untouched(self, path: Path) -> None:
        SqliteStore(path).close()
        change(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        before = all_bytes(path.parent)
        with pytest.raises(NewerSchemaError, match="Use the newer Trialplate"):
            SqliteStore(path)
        assert all_bytes(path.parent) == before

    def test_a_store_that_became_newer_meanwhile_is_refused(self, path: Path) -> None:
        # As while another process migrates: the file's first bytes are still those of the older version.
        SqliteStore(path).close()
        change(path, "UPDATE alembic_version SET version_num = '0099'")
        with pytest.raises(NewerSchemaError, match="schema version 99"):
            SqliteStore(path)

    @pytest.mark.parametrize("content", [b"not a database, but long enough to be taken for one" * 9, b"short"])
    def test_another_file_is_refused_and_left_untouched(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        with pytest.raises(NotAStoreError, match="is not a database"):
            SqliteStore(path)
        assert all_bytes(path.parent) == {"store.db": content}

    @pytest.mark.parametrize("mark", ["PRAGMA application_id = 77", "PRAGMA user_version = 3"])
    def test_the_database_of_another_program_is_refused(self, path: Path, mark: str) -> None:
        change(path, mark, "CREATE TABLE theirs (id INTEGER)")
        with pytest.raises(NotAStoreError, match="of another program"):
            SqliteStore(path)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]

    def test_a_folder_is_no_store(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot be opened"):
            SqliteStore(tmp_path)

    def test_a_missing_folder_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="folder exists"):
            SqliteStore(tmp_path / "nowhere" / "store.db")


class TestFailing:
    def test_a_damaged_store_is_said_to_be(self, path: Path) -> None:
        with closing(SqliteStore(path)) as store:
            store.append(low, [entry(A, ordinal=n) for n in range(200)], now=START)
        page = 4096
        content = bytearray(path.read_bytes())
        content[page:] = b"\xa5" * (len(content) - page)
        path.write_bytes(bytes(content))
        with pytest.raises(StoreError, match="is damaged"):
            SqliteStore(path).history(low, A)

    def test_a_full_disk_loses_nothing_that_was_acknowledged(self, path: Path) -> None:
        with closing(SqliteStore(path)) as store:
            store.append(low, [entry(A, ordinal=0)], now=START)
        with closing(SqliteStore(path)) as store:
            event.listen(store.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1"))
            big = entry(A, ordinal=1, body={"note": "x" * 1_000_000})
            with pytest.raises(StoreError, match="no room left"):
                store.append(low, [big], now=START)
        with closing(SqliteStore(path)) as store:
            assert [s.id for s in store.history(low, A)] == [id_of(entry(A, ordinal=0))]
            assert isinstance(store.append(low, [big], now=START), Appended)

    def test_a_store_that_cannot_be_written_can_be_read(self, store: SqliteStore) -> None:
        store.append(low, [entry(A)], now=START)
        event.listen(store.engine, "begin", lambda c: c.exec_driver_sql("PRAGMA query_only = ON"))
        with pytest.raises(StoreError, match="cannot be written"):
            store.append(low, [entry(B)], now=START)
        assert len(store.history(low, A)) == 1

    def test_a_store_that_stays_busy_is_said_to_be(self, path: Path) -> None:
        with closing(SqliteStore(path, busy_timeout_s=0)) as store:
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                with pytest.raises(StoreError, match="busy with another process"):
                    store.append(low, [entry(A)], now=START)
            assert isinstance(store.append(low, [entry(A)], now=START), Appended)

    def test_a_new_store_that_another_keeps_open_is_given_up_in_time(self, path: Path) -> None:
        SqliteStore(path).close()
        change(path, "PRAGMA journal_mode = DELETE")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"keeps .* open"):
                SqliteStore(path, busy_timeout_s=0)
        SqliteStore(path).close()

    def test_an_unexpected_failure_keeps_the_words_of_the_database(self, path: Path) -> None:
        told = explain(path, sqlite3.OperationalError("it rained"))
        assert "it rained" in told.what
        assert explain(path, None).fix

    def test_a_missing_table_is_an_unexpected_answer(self, path: Path, store: SqliteStore) -> None:
        change(path, "DROP TABLE lease")
        with pytest.raises(StoreError, match="no such table"):
            store.acquire(A, "one", now=START, seconds=1)

    @pytest.mark.parametrize("durability", Durability)
    def test_durability_is_what_sqlite_is_told(self, path: Path, durability: Durability) -> None:
        with closing(SqliteStore(path, durability=durability)) as store, store.engine.connect() as connection:
            told = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        assert told == {Durability.FULL: 2, Durability.UNSAFE_OFF: 0}[durability]


class TestWalls:
    @pytest.mark.parametrize("statement", ["UPDATE record SET envelope = x''", "DELETE FROM record"])
    def test_the_database_itself_refuses_to_change_a_record(self, store: SqliteStore, statement: str) -> None:
        store.append(low, [entry(A)], now=START)
        with pytest.raises(IntegrityError, match="append-only"), store.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        assert len(store.history(low, A)) == 1

    def test_a_mark_stands_and_falls_with_its_row(self, store: SqliteStore) -> None:
        mark = Mark("project", "one")
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, marks=(mark,))])
        with pytest.raises(IntegrityError, match="FOREIGN KEY"), store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE mark SET label = 'of no row'")
        assert len(store.marked(low, [mark])) == 1
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM summary")
            assert connection.exec_driver_sql("SELECT count(*) FROM mark").scalar_one() == 0

    def test_the_inner_number_is_never_given_twice(self, path: Path) -> None:
        with closing(SqliteStore(path)) as store:
            store.append(low, [entry(A, ordinal=1), entry(A, ordinal=2)], now=START)
        # As if a later tool had lost the newest record: its number must not come back.
        change(path, "DROP TRIGGER record_no_delete", "DELETE FROM leaf_queue", "DELETE FROM record WHERE seq = 2")
        with closing(SqliteStore(path)) as store:
            store.append(low, [entry(A, ordinal=3)], now=START)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT seq FROM record").fetchall() == [(1,), (3,)]

    def test_a_store_may_lie_in_any_folder(self, tmp_path: Path) -> None:
        odd = tmp_path / "50 % off?#&'"
        odd.mkdir()
        with closing(SqliteStore(odd / "store.db")) as store:
            store.append(low, [entry(A)], now=START)
        assert (odd / "store.db").stat().st_size
        shutil.rmtree(odd)
