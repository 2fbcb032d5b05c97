"""Turns: what is decided on several subjects at once is decided by one process at a time, and is fenced."""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from trialplate.app.clearing.house import ClearingError, House
from trialplate.records import SubjectId
from trialplate.trust.ports import Held, Lease

_SECONDS: Final = 10
"""After which the turn of a process that died is another's."""
_PATIENCE_S: Final = 15.0
_PAUSE_S: Final = 0.02


@contextmanager
def turn(house: House, what: str, *, patience_s: float = _PATIENCE_S) -> Generator[Lease]:
    """Hold the one turn at `what`; append under the lease, which refuses a process that took too long.

    Raises:
        ClearingError: where others have had it for as long as `patience_s`.
    """
    subject = SubjectId(house.keyed(f"turn:{what}")[:32])
    owner = secrets.token_hex(16)
    end = time.monotonic() + patience_s
    while isinstance(taken := house.store.acquire(subject, owner, now=house.clock(), seconds=_SECONDS), Held):
        if time.monotonic() >= end:
            raise ClearingError("Another process does this at the moment.", "Try again in a few seconds.")
        time.sleep(_PAUSE_S)
    try:
        yield taken
    finally:
        house.store.release(taken)
