"""Kill a process with everything below it, as the machine sees it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

_ROUNDS = 50


def kill_tree(pid: int) -> int:
    """Kill `pid` and all its descendants; return how many processes were killed.

    All are stopped first, round by round until no new one appears, so that nothing can fork its way out in between.
    A command runs below a subreaper, so that what it detaches stays below it.
    """
    stopped: set[int] = set()
    for _ in range(_ROUNDS):
        new = set(_descendants(pid)) - stopped
        if not new:
            break
        for each in new:
            _signal(each, signal.SIGSTOP)
        stopped |= new
    for each in stopped:
        _signal(each, signal.SIGKILL)
    return len(stopped)


def _descendants(pid: int) -> Iterator[int]:
    """Yield `pid` and every process below it."""
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        yield current
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{current}/task"):
                with contextlib.suppress(OSError), open(f"/proc/{current}/task/{thread}/children", "rb") as file:
                    waiting += [int(child) for child in file.read().split()]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
