"""Hold a scenario to its memory and process limits: by cgroups where they can be written, else by watching.

With cgroups, each host has a group of its own inside the scenario's, so that one host's flood never takes from
another. Without, a watcher sums what each host's processes really occupy (PSS) and kills the largest of a host that
is over its limit, as the kernel would. RLIMIT_AS is no alternative: it kills every sanitizer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from trialplate.sandbox.ids import IdSource, try_slot
from trialplate.sandbox.scenario import OUR_PROCESSES, Scenario

_MEBI = 1 << 20
_BLOCK = 512
_WATCH_SECONDS = 0.05
_REMOVE_SECONDS = 2.0


class Cap(Protocol):
    """What holds one running scenario to its limits."""

    def joins(self, host: str) -> tuple[str, ...]:
        """Return the cgroup.procs files that whatever runs in `host` is written to.

        The host's first process is ours and does nothing, so it need not wait for the kernel to move it.
        """
        ...

    def watch(self, init: int, hosts: Mapping[str, int]) -> None:
        """Begin, given the pids of the scenario's and of each host's first process as the machine sees them."""
        ...

    def release(self) -> None:
        """Stop, when every process of the scenario is gone."""
        ...


class Caps(Protocol):
    """A way of holding scenarios to their limits; `kind` is how `doctor` names it."""

    kind: str

    def prepare(self, slot: int, scenario: Scenario) -> Cap:
        """Return the cap of the scenario that is about to start in `slot`."""
        ...

    def sweep(self, ids: IdSource) -> int:
        """Remove what dead scenarios left behind; return how many."""
        ...


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """One cgroup hierarchy: its folder for us, and which file holds each limit."""

    folder: Path
    memory: str
    pids: str


class CgroupCaps:
    """Caps by cgroups: one group a scenario, one inside it a host, in every hierarchy that has a limit of ours."""

    def __init__(self, kind: str, hierarchies: tuple[Hierarchy, ...]) -> None:
        self.kind = kind
        self._hierarchies = hierarchies

    def prepare(self, slot: int, scenario: Scenario) -> Cap:
        """Make the groups with their limits."""
        memory = sum(host.limits.memory for host in scenario.hosts)
        pids = scenario.processes
        for hierarchy in self._hierarchies:
            group = hierarchy.folder / str(slot)
            _make(group, hierarchy, memory=memory, pids=pids, nested=True)
            for host in scenario.hosts:
                _make(
                    group / f"host-{host.name}",
                    hierarchy,
                    memory=host.limits.memory,
                    pids=host.limits.processes + OUR_PROCESSES,
                    nested=False,
                )
        return _CgroupCap(tuple(hierarchy.folder / str(slot) for hierarchy in self._hierarchies))

    def sweep(self, ids: IdSource) -> int:
        """Remove the groups of slots that nobody holds."""
        removed = 0
        for hierarchy in self._hierarchies:
            for group in sorted(hierarchy.folder.glob("[0-9]*")):
                slot = try_slot(ids, int(group.name))
                if slot is not None:
                    removed += _remove(group)
                    os.close(slot.lock)
        return removed


def _make(group: Path, hierarchy: Hierarchy, *, memory: int, pids: int, nested: bool) -> None:
    group.mkdir(exist_ok=True)
    if hierarchy.memory:
        (group / hierarchy.memory).write_text(str(memory * _MEBI))
    if hierarchy.pids:
        (group / hierarchy.pids).write_text(str(pids))
    if nested and (group / "cgroup.subtree_control").exists():
        (group / "cgroup.subtree_control").write_text("+memory +pids")


def _remove(group: Path) -> int:
    """Remove a scenario's group with those inside it; return 1 when that worked, 0 when something lives in it."""
    try:
        for inner in group.iterdir():
            if inner.is_dir():
                inner.rmdir()
        group.rmdir()
    except OSError:
        return 0
    return 1


class _CgroupCap:
    def __init__(self, groups: tuple[Path, ...]) -> None:
        self._groups = groups
        self._moving: tuple[threading.Thread, ...] = ()

    def joins(self, host: str) -> tuple[str, ...]:
        for thread in self._moving:
            thread.join()
        return self._files(host)

    def _files(self, host: str) -> tuple[str, ...]:
        return tuple(str(group / f"host-{host}" / "cgroup.procs") for group in self._groups)

    def watch(self, init: int, hosts: Mapping[str, int]) -> None:
        """Move the hosts' first processes in, beside what the driver does next; from then on the kernel watches."""
        del init
        self._moving = (threading.Thread(target=self._move, args=(dict(hosts),), name="trialplate-groups"),)
        self._moving[0].start()

    def _move(self, hosts: Mapping[str, int]) -> None:
        """Root of a host may make the init of the host, which is its own, do anything; so that is held too."""
        for host, pid in hosts.items():
            for path in self._files(host):
                _put(path, pid)
                # Looked for only now that the first is in: those yet to come are born inside.
                for child in _children(pid):
                    _put(path, child)

    def release(self) -> None:
        """Remove the groups; the kernel may need a moment to let go of the last process."""
        for thread in self._moving:
            thread.join()
        end = time.monotonic() + _REMOVE_SECONDS
        for group in self._groups:
            while group.exists() and not _remove(group) and time.monotonic() < end:
                time.sleep(0.002)


def _put(path: str, pid: int) -> None:
    """Move a process into a group; one that is gone needs none."""
    with contextlib.suppress(OSError):
        Path(path).write_text(str(pid), encoding="ascii")


def _children(pid: int) -> tuple[int, ...]:
    """Return the children of a process."""
    try:
        return tuple(int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return ()


class WatchingCaps:
    """Caps without cgroups: every scenario is watched by a thread.

    What no process maps is seen where it is a memory file; segments of System V and what lies in the kernel's own
    buffers are not.
    """

    kind = "watched"

    def prepare(self, slot: int, scenario: Scenario) -> Cap:
        """Return a watcher that has yet to begin."""
        del slot
        return _Watch(scenario)

    def sweep(self, ids: IdSource) -> int:
        """Nothing outlives a scenario here."""
        del ids
        return 0


class _Watch:
    def __init__(self, scenario: Scenario) -> None:
        self._limits = {host.name: host.limits for host in scenario.hosts}
        self._done = threading.Event()
        self._namespaces: dict[int, str] = {}
        self._inits: frozenset[int] = frozenset()
        self._thread = threading.Thread(target=self._run, name="trialplate-watch", daemon=True)

    def joins(self, host: str) -> tuple[str, ...]:
        del host
        return ()

    def watch(self, init: int, hosts: Mapping[str, int]) -> None:
        del init
        self._namespaces = {_pid_namespace(pid): host for host, pid in hosts.items()}
        self._inits = frozenset(hosts.values())
        if not self._thread.is_alive():
            self._thread.start()

    def release(self) -> None:
        self._done.set()

    def _run(self) -> None:
        known: frozenset[int] = frozenset()
        spared: frozenset[int] = frozenset()
        while not self._done.wait(_WATCH_SECONDS):
            if known is not self._inits:
                known = self._inits
                spared = known | {child for init in known for child in _children(init)}
            pids: dict[str, list[int]] = {}
            for pid, namespace in _processes():
                host = self._namespaces.get(namespace)
                if host is not None and pid not in spared:
                    pids.setdefault(host, []).append(pid)
            for host, found in pids.items():
                limits = self._limits[host]
                if len(found) > limits.processes + OUR_PROCESSES:
                    _thin_out(found, limits.processes)
                else:
                    _relieve(found, limits.memory * _MEBI)


def _thin_out(pids: list[int], most: int) -> None:
    """Kill the largest process group, at once, where that leaves at most `most`; else all of the commonest user."""
    groups = Counter(_group(pid) for pid in pids)
    group, size = groups.most_common(1)[0]
    if group > 0 and len(pids) - size <= most:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        return
    owners = {pid: _owner(pid) for pid in pids}
    ((owner, _),) = Counter(owners.values()).most_common(1)
    for pid in pids:
        if owners[pid] == owner:
            _kill(pid)


def _relieve(pids: list[int], most: int) -> None:
    """Kill the largest process where all together occupy more than `most` bytes."""
    sizes = [(_proportional_size(pid) + _memory_files(pid), pid) for pid in pids]
    if sum(size for size, _ in sizes) > most:
        _kill(max(sizes)[1])


def _processes() -> Iterator[tuple[int, int]]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            yield int(name), _pid_namespace(int(name))


def _pid_namespace(pid: int) -> int:
    """Return the inode of a process's pid namespace, 0 when it is gone or not ours to see."""
    try:
        return os.stat(f"/proc/{pid}/ns/pid").st_ino
    except OSError:
        return 0


def _proportional_size(pid: int) -> int:
    """Return what a process occupies in bytes, with shared pages counted in part (PSS)."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0


def _memory_files(pid: int) -> int:
    """Return what the memory files that a process holds open occupy in bytes."""
    sizes: dict[int, int] = {}
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{name}"
            if os.readlink(path).startswith("/memfd:"):
                found = os.stat(path)
                sizes[found.st_ino] = found.st_blocks * _BLOCK
    return sum(sizes.values())


def _group(pid: int) -> int:
    """Return a process's group; 0 when it is gone."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _owner(pid: int) -> int:
    """Return the id of a process's user; -1 when it is gone."""
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return -1


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK)


def find_caps(*, root: Path = Path("/sys/fs/cgroup"), writable: Callable[[Path], bool] = _writable) -> Caps:
    """Return the strongest way of capping that this process may use.

    `root` is another folder, and `writable` another answer to whether a file can be written, only in tests.
    """
    if (root / "cgroup.controllers").exists():
        folder = root / "trialplate"
        if _usable(folder, ("memory.max", "pids.max"), writable, above=root):
            return CgroupCaps("cgroup v2", (Hierarchy(folder=folder, memory="memory.max", pids="pids.max"),))
        return WatchingCaps()
    memory, pids = root / "memory" / "trialplate", root / "pids" / "trialplate"
    if _usable(memory, ("memory.limit_in_bytes",), writable) and _usable(pids, ("pids.max",), writable):
        hierarchies = (
            Hierarchy(folder=memory, memory="memory.limit_in_bytes", pids=""),
            Hierarchy(folder=pids, memory="", pids="pids.max"),
        )
        return CgroupCaps("cgroup v1", hierarchies)
    return WatchingCaps()


def _usable(
    folder: Path, files: tuple[str, ...], writable: Callable[[Path], bool], *, above: Path | None = None
) -> bool:
    """Say whether `folder` can be a group of ours whose own groups have the limits `files`."""
    try:
        folder.mkdir(exist_ok=True)
        if above is not None:
            (above / "cgroup.subtree_control").write_text("+memory +pids")
            (folder / "cgroup.subtree_control").write_text("+memory +pids")
        probe = folder / f"probe-{os.getpid()}"
        probe.mkdir()
        try:
            return all(writable(probe / file) for file in files)
        finally:
            probe.rmdir()
    except OSError:
        return False
