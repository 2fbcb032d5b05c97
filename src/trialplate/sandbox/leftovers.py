"""Find what a scenario could have left behind: nothing, if all is well."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from trialplate.sandbox.ids import COUNT, IdSource, try_slot


def processes_of(ids: IdSource, slots: range) -> tuple[int, ...]:
    """Return the pids of all processes whose owner is an id of a scenario in one of `slots`."""
    first, last = ids.outer(slots.start), ids.outer(slots.stop - 1) + COUNT
    found: list[int] = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                owner = os.stat(f"/proc/{name}").st_uid
            except OSError:
                continue
            # A process that is not dumpable belongs to root in /proc; its status says who it is.
            if first <= (owner or _real_uid(name)) < last:
                found.append(int(name))
    return tuple(found)


def _real_uid(pid: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("Uid:"):
                return int(line.split()[1])
    except OSError:
        return 0
    return 0


def orphans(ids: IdSource) -> tuple[int, ...]:
    """Return the pids of processes of scenarios that nobody holds: a slot's lock is its scenario's while that lives.

    Where all scenarios share one range, nothing can be told while any of them lives.
    """
    numbers = sorted(int(path.name) for path in ids.slots.glob("[0-9]*"))
    free = [number for number in numbers if _is_free(ids, number)]
    if not ids.step:
        return processes_of(ids, range(1)) if free == numbers else ()
    return tuple(pid for number in free for pid in processes_of(ids, range(number, number + 1)))


def lasting_orphans(ids: IdSource, *, seconds: float = 2.0) -> tuple[int, ...]:
    """Return the orphans that are still there after `seconds`, which is longer than a process takes to end."""
    end = time.monotonic() + seconds
    while (left := orphans(ids)) and time.monotonic() < end:
        time.sleep(0.02)
    return left


def _is_free(ids: IdSource, number: int) -> bool:
    slot = try_slot(ids, number)
    if slot is None:
        return False
    os.close(slot.lock)
    return True


def mounts_of(marker: str) -> tuple[str, ...]:
    """Return the mounts that this process sees below a path that contains `marker`."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    return tuple(line.split()[4] for line in lines if marker in line.split()[4])


def namespaces(pids: Iterable[int]) -> frozenset[str]:
    """Return the namespaces that the processes `pids` live in, each as the kernel writes it: `net:[4026531840]`."""
    found: set[str] = set()
    for pid in pids:
        for kind in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
    return frozenset(found)


def pinned_namespaces() -> frozenset[str]:
    """Return the namespaces that live on without a process of their own: by a mount, or an open descriptor."""
    mounted = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    found = {line.split()[3] for line in mounted if " nsfs " in line}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                for fd in os.listdir(f"/proc/{name}/fd"):
                    with contextlib.suppress(OSError):
                        found.add(os.readlink(f"/proc/{name}/fd/{fd}"))
    return frozenset(each for each in found if ":[" in each)
