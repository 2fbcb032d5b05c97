"""A process that appends to one store and says each id once it was acknowledged: FILE STEP COUNT BATCH."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from tests.store.making import START, entry, low, row, subject
from trialplate.store import SqliteStore
from trialplate.trust.ports import Appended, Stale


def main(path: str, step: str, count: str, size: str) -> None:
    """Append `count` batches of `size` records in slots of `step`, one subject a step, each with its row."""
    about = subject(step)
    with closing(SqliteStore(Path(path))) as store:
        for batch in range(int(count)):
            first = batch * int(size) + 1
            entries = [entry(about, step, first + n) for n in range(int(size))]
            shared = entry(subject("shared"), step, batch)
            answer = store.append(low, [*entries, shared], now=START, summaries=[row(about, first + int(size) - 1)])
            if isinstance(answer, Stale):
                raise SystemExit(repr(answer))
            if isinstance(answer, Appended):
                sys.stdout.write("".join(f"{stored.id}\n" for stored in answer.stored))
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
