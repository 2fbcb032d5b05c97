"""What the tests of every record store share."""

from __future__ import annotations

from collections.abc import Callable

from trialplate.store import Fault, MemoryStore, SqliteStore
from trialplate.trust.ports import Appended

AnyStore = MemoryStore | SqliteStore
Maker = Callable[[Fault], AnyStore]


def appended(answer: object) -> Appended:
    assert isinstance(answer, Appended), answer
    return answer
