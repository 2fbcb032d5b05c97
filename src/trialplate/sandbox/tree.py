"""Kill a process with everything below it, as the machine sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from enum import Enum

_SECONDS = 2.0
_STOPPED_STATES, _DEAD_STATES = frozenset("Tt"), frozenset("ZX")
"""States of threads, as in proc(5)."""


class _Life(Enum):
    RUNNING = "running"
    STOPPED = "stopped"
    DEAD = "dead"


def kill_tree(pid: int) -> int:
    """Kill `pid` and all its descendants; return how many processes were killed.

    All are stopped first, so that nothing can fork its way out in between. A process that forks and ends at once, for
    ever, is always another by the time it was found, so each is stopped the moment it is seen, round by round until
    every one has really stopped and the next round finds the same; after two seconds what is left is killed running.
    A process with a stop pending is no stopped one: the kernel lets a fork that it is in the middle of succeed. The
    dead count in the comparison, since a new one among them shows that something still forks. A command runs below a
    subreaper, so that what it detaches stays below it.
    """
    end = time.monotonic() + _SECONDS
    found: dict[int, _Life] = {}
    still = False
    while time.monotonic() < end:
        before, found = found, dict(_stop_below(pid))
        if still and found.keys() == before.keys():
            break
        still = _Life.RUNNING not in found.values()
    living = [each for each, life in found.items() if life is not _Life.DEAD]
    for each in living:
        _signal(each, signal.SIGKILL)
    return len(living)


def _stop_below(pid: int) -> Iterator[tuple[int, _Life]]:
    """Stop `pid` and every process below it as soon as it is found; yield each with what it was before that.

    The newest come first: what forks without end is among them, and is soon another.
    """
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        threads = _threads(current)
        life = _life(current, threads)
        if life is _Life.RUNNING:
            _signal(current, signal.SIGSTOP)
        yield current, life
        if life is not _Life.DEAD:
            for thread in threads:
                with contextlib.suppress(OSError), open(f"/proc/{current}/task/{thread}/children", "rb") as file:
                    waiting += [int(child) for child in file.read().split()]


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _life(pid: int, threads: list[str]) -> _Life:
    """Return what a process is: stopped only when all its threads are, because one may be in the middle of a fork."""
    states = {_state(f"/proc/{pid}/task/{thread}/stat") for thread in threads}
    if states <= _DEAD_STATES:
        return _Life.DEAD
    return _Life.STOPPED if states <= _STOPPED_STATES | _DEAD_STATES else _Life.RUNNING


def _state(path: str) -> str:
    """Return a thread's state; X when it is gone."""
    try:
        with open(path, "rb") as file:
            # The name before it stands in parentheses and may hold anything.
            return file.read().rpartition(b") ")[2][:1].decode() or "X"
    except OSError:
        return "X"


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
