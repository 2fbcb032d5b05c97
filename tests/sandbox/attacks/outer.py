"""The outer bound: a cgroup of 4 GiB that holds the battery's driver and all below it, and is never weakened."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_MEMORY = 4 << 30
MOST_PROCESSES = 8_000
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, kw_only=True)
class Outer:
    """An outer group: the files that a process writes 0 to in order to join, and where caps may make groups inside."""

    joins: tuple[Path, ...]
    caps: Path

    def command(self, argv: Sequence[str]) -> list[str]:
        """Return the command line that runs `argv` inside the group."""
        joining = "".join(f"echo 0 > {path} && " for path in self.joins)
        return ["sh", "-c", f'{joining}exec "$@"', "sh", *argv]


@contextlib.contextmanager
def outer() -> Generator[Outer | None]:
    """Yield an outer group, or None where none can be made: an ordinary user may not, most of the time."""
    name = f"trialplate-battery-{os.getpid()}"
    folders = (
        [_CGROUPS / name]
        if (_CGROUPS / "cgroup.controllers").exists()
        else [_CGROUPS / "memory" / name, _CGROUPS / "pids" / name]
    )
    try:
        for folder in folders:
            folder.mkdir()
        made = _version_2(folders[0]) if len(folders) == 1 else _version_1(*folders)
    except OSError:
        yield None
        return
    try:
        yield made
    finally:
        for folder in folders:
            _remove(folder)


def _version_1(memory: Path, pids: Path) -> Outer:
    (memory / "memory.limit_in_bytes").write_text(str(MOST_MEMORY))
    (pids / "pids.max").write_text(str(MOST_PROCESSES))
    for folder in (memory, pids):
        (folder / "scenarios").mkdir()
    return Outer(joins=(memory / "cgroup.procs", pids / "cgroup.procs"), caps=memory / "scenarios")


def _version_2(folder: Path) -> Outer:
    """A group with groups inside holds no process of its own there, so the driver gets one beside the scenarios."""
    (folder / "memory.max").write_text(str(MOST_MEMORY))
    (folder / "pids.max").write_text(str(MOST_PROCESSES))
    (folder / "cgroup.subtree_control").write_text("+memory +pids")
    (folder / "driver").mkdir()
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "cgroup.subtree_control").write_text("+memory +pids")
    return Outer(joins=(folder / "driver" / "cgroup.procs",), caps=folder / "scenarios")


def _remove(folder: Path) -> None:
    """Remove a group with those inside it; the kernel may need a moment to let go of the last process."""
    end = time.monotonic() + 5
    while folder.exists() and time.monotonic() < end:
        for inner in sorted(folder.glob("**/"), reverse=True):
            with contextlib.suppress(OSError):
                inner.rmdir()
        time.sleep(0.02)
