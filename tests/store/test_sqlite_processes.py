"""Several processes on one store, and one that is killed in the middle of its work."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests.store.making import START, entry, low, row, subject
from trialplate.records.header import RecordId
from trialplate.store import SqliteStore
from trialplate.trust.ports import Appended

ROOT = Path(__file__).parents[2]
STEPS = ("toy.one", "toy.two")


def start(path: Path, step: str, count: int, size: int) -> subprocess.Popen[str]:
    command = (sys.executable, "-m", "tests.store.appender", str(path), step, str(count), str(size))
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def assert_whole(path: Path) -> None:
    """Hold a file against itself: sound pages, no dangling leaf, every row as wide as its subject."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        records = connection.execute("SELECT count(*) FROM record").fetchone()
        assert connection.execute("SELECT count(*) FROM leaf_queue").fetchone() == records
        behind = """SELECT subject FROM summary WHERE last_seq !=
                    (SELECT count(*) FROM record WHERE record.subject = summary.subject)"""
        assert connection.execute(behind).fetchall() == []


def test_two_processes_append_to_one_new_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writers = [start(path, step, count=40, size=2) for step in STEPS]
    said = [writer.communicate(timeout=120) for writer in writers]
    assert [(writer.returncode, err) for writer, (_, err) in zip(writers, said, strict=True)] == [(0, "")] * 2
    assert_whole(path)
    with closing(SqliteStore(path)) as store:
        assert store.info(now=START).records == 2 * 40 * 3
        for step, (out, _) in zip(STEPS, said, strict=True):
            mine = {stored.id for stored in store.history(low, subject(step))}
            assert len(mine) == 80
            assert mine <= set(out.split())
        # The subject that both wrote to took turns, and lost nothing.
        shared = store.history(low, subject("shared"))
        assert [stored.seq for stored in shared] == list(range(1, 81))


@pytest.mark.parametrize("acknowledged", [1, 30, 100])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "store.db"
    with start(path, "toy.one", count=100_000, size=3) as writer:
        assert writer.stdout is not None
        said = [RecordId(line.strip()) for line in islice(writer.stdout, acknowledged)]
        writer.kill()
        said += [RecordId(line.strip()) for line in writer.stdout if line.endswith("\n")]
    assert len(said) >= acknowledged
    with closing(SqliteStore(path)) as store:
        assert [record for record in said if store.get(low, record) is None] == []
        # A batch is there wholly or not at all, and work goes on where it stopped.
        done = len(store.history(low, subject("toy.one")))
        assert done % 3 == 0
        more = entry(subject("toy.one"), "toy.one", done + 1)
        answer = store.append(low, [more], now=START, summaries=[row(subject("toy.one"), done + 1)])
        assert isinstance(answer, Appended)
    assert_whole(path)
