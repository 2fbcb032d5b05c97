"""What can be seen of scenarios from the machine, where no guest can lie: processes, their ids, their groups."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A process: its pid for us, its real, effective, saved and file ids, and how deep its pid namespace lies."""

    pid: int
    name: str
    uids: tuple[int, ...]
    gids: tuple[int, ...]
    depth: int


def below(pid: int) -> tuple[Seen, ...]:
    """Return every process below `pid`, which is not among them."""
    children: dict[int, list[int]] = {}
    seen: dict[int, Seen] = {}
    for found, parent, process in _all():
        children.setdefault(parent, []).append(found)
        seen[found] = process
    waiting, result = list(children.get(pid, [])), []
    while waiting:
        current = waiting.pop()
        result.append(seen[current])
        waiting += children.get(current, [])
    return tuple(result)


def _all() -> Iterator[tuple[int, int, Seen]]:
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            text = Path(f"/proc/{name}/status").read_text(encoding="utf-8")
        except OSError:
            continue
        rows = {key: value.split() for key, _, value in (line.partition(":") for line in text.splitlines())}
        if rows["State"][0] in "ZX":
            continue
        process = Seen(
            pid=int(name),
            name=" ".join(rows["Name"]),
            uids=tuple(int(each) for each in rows["Uid"]),
            gids=tuple(int(each) for each in rows["Gid"]),
            depth=len(rows["NSpid"]),
        )
        yield process.pid, int(rows["PPid"][0]), process


def of_namespace(pid: int) -> tuple[int, ...]:
    """Return the pids of all living processes in the pid namespace of `pid`."""
    wanted = os.stat(f"/proc/{pid}/ns/pid").st_ino
    return tuple(each for each in _pids() if _inode(each) == wanted and _lives(each))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _inode(pid: int) -> int:
    try:
        return os.stat(f"/proc/{pid}/ns/pid").st_ino
    except OSError:
        return 0


def outer_root(pid: int) -> int:
    """Return the id that root of the process's user namespace is for us."""
    inner, outer, _ = Path(f"/proc/{pid}/uid_map").read_text(encoding="utf-8").split()
    assert inner == "0"
    return int(outer)
