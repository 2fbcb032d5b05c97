"""Open one SQLite file as a store: refuse what is not ours before touching it, then migrate it under a lock.

Errors of the database leave this package as `StoreError` only, in words that say what to do.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from enum import Enum
from pathlib import Path
from typing import ClassVar, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from trialplate.errors import TrialplateError
from trialplate.store import migrate
from trialplate.store.reading import may_read_texts
from trialplate.store.schema import APPLICATION_ID, SCHEMA_VERSION

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_USER_VERSION_AT: Final = 60
_APPLICATION_ID_AT: Final = 68
_WAL_RETRY_S: Final = 0.02

IMMEDIATE: Final = "trialplate_immediate"
"""The execution option under which a transaction takes the write lock as it begins."""


class StoreError(TrialplateError):
    """The database behind a store cannot be used; what was acknowledged before is still there."""

    exit_code: ClassVar[int] = 3
    """What a command ends with: this machine and not the command line is the cause."""


class NewerSchemaError(StoreError):
    """The database was written by a newer Trialplate; it was left untouched."""


class NotAStoreError(StoreError):
    """The file is no Trialplate store; it was left untouched."""


class Durability(Enum):
    """What SQLite promises of an acknowledged append."""

    FULL = "FULL"
    """It survives a power cut."""
    UNSAFE_OFF = "OFF"
    """It survives the end of the process only: for tests that do not cut the power."""


def open_engine(path: Path, *, busy_timeout_s: int, durability: Durability) -> Engine:
    """Return an engine on the store at `path`, which is made or migrated if need be.

    Args:
        path: the database file; its folder must exist.
        busy_timeout_s: how long a call waits for another process's transaction, in seconds.
        durability: what an acknowledged append survives.

    Raises:
        NewerSchemaError: where a newer program wrote the file.
        NotAStoreError: where the file is something else.
        StoreError: where it cannot be opened, read or written.
    """
    _peek(path)
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(path)))
    event.listen(engine, "connect", _Setup(busy_timeout_s, durability))
    event.listen(engine, "begin", _begin)
    try:
        with explained(path):
            _migrate(engine, path)
            _use_wal(engine, busy_timeout_s)
    except TrialplateError:
        engine.dispose()
        raise
    return engine


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Turn a failure of the database into a `StoreError` that says what to do."""
    try:
        yield
    except DBAPIError as failure:
        raise explain(path, failure.orig) from failure
    except sqlite3.Error as failure:
        raise explain(path, failure) from failure


_FIXES: Final = {
    sqlite3.SQLITE_NOTADB: ("is not a database", "Point TRIALPLATE_HOME at another folder, or move the file away."),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "Keep the file, restore the last backup beside it, and compare the two with the public log.",
    ),
    sqlite3.SQLITE_READONLY: ("cannot be written", "Give this user write permission on the file and on its folder."),
    sqlite3.SQLITE_FULL: ("has no room left on its disk", "Free some space and repeat; nothing was lost."),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "See that its folder exists and that this user may write there."),
    sqlite3.SQLITE_BUSY: ("is busy with another process", "Repeat; end a process that holds it for long."),
    sqlite3.SQLITE_LOCKED: ("is busy with another process", "Repeat; end a process that holds it for long."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "Check the disk; nothing that was acknowledged is undone."),
}


def explain(path: Path, failure: BaseException | None) -> StoreError:
    """Return what to tell of a failure that SQLite reported on the file at `path`."""
    what, fix = _FIXES.get(_kind(failure), ("gave an unexpected answer", "Report it with the words of the database."))
    return StoreError(f"The store {path} {what} ({failure}).", fix)


def _kind(failure: BaseException | None) -> int:
    """Return SQLite's kind of a failure: the low byte of its code; the driver's own failures have none."""
    return getattr(failure, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _peek(path: Path) -> None:
    """Look at the first bytes of the file without SQLite, which may write to what it opens."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return
    except OSError as failure:
        raise StoreError(f"The store {path} cannot be opened ({failure.strerror}).", _cannot_open()) from failure
    if not head:
        return
    if len(head) < _HEADER_BYTES or not head.startswith(_MAGIC):
        raise NotAStoreError(f"{path} is not a database.", _move_away())
    (user_version,) = struct.unpack_from(">i", head, _USER_VERSION_AT)
    (application_id,) = struct.unpack_from(">i", head, _APPLICATION_ID_AT)
    # Both are zero in a database that another process is only just making; then the migration decides, under lock.
    if application_id not in {0, APPLICATION_ID}:
        raise NotAStoreError(f"{path} is the database of another program.", _move_away())
    if application_id and user_version > SCHEMA_VERSION:
        raise _newer(path, user_version)


def _cannot_open() -> str:
    return _FIXES[sqlite3.SQLITE_CANTOPEN][1]


def _move_away() -> str:
    return _FIXES[sqlite3.SQLITE_NOTADB][1]


def _newer(path: Path, found: int) -> NewerSchemaError:
    return NewerSchemaError(
        f"The store {path} has schema version {found}, and this program knows versions up to {SCHEMA_VERSION}.",
        "Use the newer Trialplate that wrote it; the file was left untouched.",
    )


class _Setup:
    """What every new connection is told."""

    def __init__(self, busy_timeout_s: int, durability: Durability) -> None:
        self._pragmas = (
            f"PRAGMA busy_timeout = {busy_timeout_s * 1000}",
            f"PRAGMA synchronous = {durability.value}",
            "PRAGMA foreign_keys = ON",
        )

    def __call__(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError(type(connection))
        # sqlite3 would begin transactions by itself, late and never immediate; `_begin` does it instead.
        connection.isolation_level = None
        connection.create_function("may_read", 2, may_read_texts, deterministic=True)
        for pragma in self._pragmas:
            connection.execute(pragma)


def _begin(connection: Connection) -> None:
    # A writer that took the lock only at its first write could not wait for another one: SQLite refuses at once to
    # lift a transaction that has already read.
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _migrate(engine: Engine, path: Path) -> None:
    # A store of the right version is opened without the write lock, and so also while another process writes.
    with engine.begin() as connection:
        if _found(connection, path) == SCHEMA_VERSION:
            return
    with engine.execution_options(**{IMMEDIATE: True}).begin() as connection:
        if _found(connection, path) == SCHEMA_VERSION:
            return
        migrate.upgrade(connection)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _found(connection: Connection, path: Path) -> int:
    found = migrate.version(connection)
    if found > SCHEMA_VERSION:
        raise _newer(path, found)
    if found == 0 and not migrate.is_empty(connection):
        raise NotAStoreError(f"{path} is the database of another program.", _move_away())
    return found


def _use_wal(engine: Engine, busy_timeout_s: int) -> None:
    """Switch to the write-ahead log; the file keeps that, so that only the first opening has work to do."""
    deadline = time.monotonic() + busy_timeout_s
    while not _is_wal(engine):
        # SQLite refuses the switch at once, whatever the busy timeout, while another connection is open in the file.
        if time.monotonic() > deadline:
            raise StoreError(f"Another process keeps {engine.url.database} open.", "End it, and repeat.")
        time.sleep(_WAL_RETRY_S)


def _is_wal(engine: Engine) -> bool:
    # The driver's connection, because the switch is not allowed within a transaction.
    with closing(engine.raw_connection()) as pooled:
        cursor = pooled.cursor()
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return cursor.fetchone() == ("wal",)
        except sqlite3.OperationalError as failure:
            if _kind(failure) == sqlite3.SQLITE_BUSY:
                return False
            raise
