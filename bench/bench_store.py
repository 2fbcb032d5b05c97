"""Records appended per second by the SQLite adapter, against bare sqlite3 that inserts the same bytes.

The peer uses the same pragmas (WAL, synchronous=FULL) and an index on the id, and checks nothing: the ratio is the
price of labels, slots, commitments and the queue of the public log. No floor: the disk decides most of it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bench.measure import Better, Row, against, interleaved, stopwatch
from trialplate.home import home_folder
from trialplate.records import PUBLIC, Header, Slot, SubjectId, canonical, commit_body, new_subject, record_id
from trialplate.store import SqliteStore
from trialplate.trust.ports import Appended, Entry, Reader

BATCHES: Final = (100, 1000)
SINGLES: Final = 200
ROUNDS: Final = 7

_NOW: Final = "2026-06-02T00:00:00Z"
_WRITER: Final = Reader(party="the benchmark", clearance=PUBLIC)
_BODY: Final = canonical({"note": "a body of the length that most have", "digest": "0" * 64, "count": 400})
_ENVELOPE: Final = secrets.token_bytes(600)

_TABLE: Final = """
    CREATE TABLE record (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        header BLOB NOT NULL, body BLOB NOT NULL, salt BLOB NOT NULL, envelope BLOB NOT NULL
    )
"""
Inserted = tuple[str, bytes, bytes, bytes, bytes]
"""What the peer is given of a record: its id, its header, and the other parts as they are."""

_INSERT: Final = "INSERT INTO record (id, header, body, salt, envelope) VALUES (?, ?, ?, ?, ?)"


def run() -> list[Row]:
    """Return the rows of single appends and of batches."""
    # Beside the real store, because a folder for temporary files may lie in memory, where a sync costs nothing.
    home = home_folder(os.environ)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=home) as folder:
        return [
            _compared(Path(folder), "record appends, one a transaction", SINGLES, 1),
            *(_compared(Path(folder), f"record appends, {batch} a transaction", 1000, batch) for batch in BATCHES),
        ]


def _compared(folder: Path, name: str, records: int, batch: int) -> Row:
    """Return the row of appending `records` records in transactions of `batch`."""

    def ours() -> float:
        batches = _batches(records, batch)
        with _store(folder) as store:
            return records / stopwatch(lambda: _append(store, batches))()

    def peer() -> float:
        rows = [[_row(entry) for entry in each] for each in _batches(records, batch)]
        with _bare(folder) as connection:
            return records / stopwatch(lambda: _insert(connection, rows))()

    mine, theirs = interleaved(ours, peer, rounds=ROUNDS)
    return against(name, "records/s", mine, theirs, peer_name="bare sqlite3, same bytes", better=Better.HIGHER)


def _batches(records: int, batch: int) -> list[list[Entry]]:
    """Return new records, each of ten in one subject, as stores see them."""
    subjects = [new_subject(secrets.token_bytes) for _ in range(-(-records // 10))]
    slots = [Slot(flow="bench", step="bench.step", ordinal=at % 10) for at in range(records)]
    entries = [_entry(slot, subjects[at // 10]) for at, slot in enumerate(slots)]
    return [entries[start : start + batch] for start in range(0, records, batch)]


def _entry(slot: Slot, subject: SubjectId) -> Entry:
    salt = secrets.token_bytes(32)
    header = Header(
        kind="bench.step/1",
        subject=subject,
        author="the benchmark",
        office="",
        at=_NOW,
        label=PUBLIC,
        parents=(),
        slot=slot,
        nonce=secrets.token_hex(16),
        body_commit=commit_body(_BODY, salt),
    )
    return Entry(header=header, body=_BODY, salt=salt, envelope=_ENVELOPE)


def _append(store: SqliteStore, batches: Sequence[Sequence[Entry]]) -> None:
    for batch in batches:
        answer = store.append(_WRITER, batch, now=_NOW)
        if not isinstance(answer, Appended):
            raise TypeError(answer)


def _row(entry: Entry) -> Inserted:
    return record_id(entry.header), canonical(entry.header), entry.body, entry.salt, entry.envelope


def _insert(connection: sqlite3.Connection, batches: Sequence[Sequence[Inserted]]) -> None:
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, batch)
        connection.execute("COMMIT")


@contextmanager
def _store(folder: Path) -> Iterator[SqliteStore]:
    with tempfile.TemporaryDirectory(dir=folder) as fresh, closing(SqliteStore(Path(fresh) / "store.db")) as store:
        yield store


@contextmanager
def _bare(folder: Path) -> Iterator[sqlite3.Connection]:
    with (
        tempfile.TemporaryDirectory(dir=folder) as fresh,
        closing(sqlite3.connect(Path(fresh) / "bare.db", isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        yield connection
