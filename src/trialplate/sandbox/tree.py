"""Kill a process with everything below it, as the machine sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator

_SECONDS = 2.0
_QUIET_ROUNDS = 3


def kill_tree(pid: int) -> int:
    """Kill `pid` and all its descendants; return how many processes were killed.

    All are stopped first, so that nothing can fork its way out in between. A process that forks and ends at once, for
    ever, is always another by the time it was found, so each is stopped the moment it is seen, round by round until
    nothing new was seen for some; after two seconds what is left is killed running. A command runs below a subreaper,
    so that what it detaches stays below it.
    """
    stopped: set[int] = set()
    end = time.monotonic() + _SECONDS
    quiet = 0
    while quiet < _QUIET_ROUNDS and time.monotonic() < end:
        before = len(stopped)
        for each in _descendants(pid):
            if each not in stopped:
                _signal(each, signal.SIGSTOP)
                stopped.add(each)
        quiet = quiet + 1 if len(stopped) == before else 0
    left = set(_descendants(pid))
    for each in left:
        _signal(each, signal.SIGKILL)
    return len(left)


def _descendants(pid: int) -> Iterator[int]:
    """Yield `pid` and every process below it, each as soon as it is found."""
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
