"""Attempts that look for what a box must not show, and open what it must not change. Nothing is ever written."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Iterator

from tests.sandbox.attacks.box.outcome import TMP, Facts, RefusedError

_NULL = os.makedev(1, 3)


def read(_: Facts, path: str) -> str:
    """Read the beginning of a file; one that is empty, or that shows /dev/null, shows nothing."""
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_rdev == _NULL:
            raise RefusedError("it shows /dev/null")
        content = file.read(4096)
    if not content:
        raise RefusedError("it is empty")
    return f"read {content[:120]!r}"


def entries(_: Facts, path: str, *expected: str) -> str:
    """List a folder; only `expected` names may be in it."""
    more = sorted(set(os.listdir(path)) - set(expected))
    if not more:
        raise RefusedError("nothing more than there should be")
    return f"found {more[:20]}"


def open_write(_: Facts, path: str) -> str:
    """Open a file for writing, and close it."""
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    return f"opened {path} for writing"


def open_read(_: Facts, path: str) -> str:
    """Open a file for reading, and close it."""
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    return f"opened {path} for reading"


def writable_below(_: Facts, top: str) -> str:
    """Open every file below a folder for writing, and close it."""
    opened = [path for path in _files(top) if _opens(path)]
    if not opened:
        raise RefusedError("no file opens for writing")
    return f"{len(opened)} files open for writing: {opened[:10]}"


def writable_in_proc(_: Facts) -> str:
    """Do the same for all of /proc that is about the machine rather than about one process."""
    tops = [f"/proc/{name}" for name in os.listdir("/proc") if not name.isdigit()]
    links = {"/proc/self", "/proc/thread-self", "/proc/mounts", "/proc/net"}
    files = [path for top in tops if top not in links for path in _files(top)]
    opened = [path for path in files if _opens(path)]
    if not opened:
        raise RefusedError(f"none of {len(files)} files opens for writing")
    return f"{len(opened)} files open for writing: {opened[:10]}"


def _files(top: str) -> Iterator[str]:
    if not os.path.isdir(top):
        yield top
        return
    for folder, _, names in os.walk(top):
        yield from (f"{folder}/{name}" for name in names)


def _opens(path: str) -> bool:
    try:
        if os.stat(path).st_rdev == _NULL:
            return False
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def words(facts: Facts, *paths: str) -> str:
    """Look for the machine's own words in files: its name, its folders, the driver's."""
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            content = file.read()
        for word in facts["words"]:
            if word in content:
                line = next(line for line in content.splitlines() if word in line)
                return f"{path} has {word!r}: {line}"
    raise RefusedError("none of the machine's words")


def devices(_: Facts) -> str:
    """Look for a mount that comes from a block device, or for a file of a machine's disk."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            source = line.partition(" - ")[2].split()[1]
            if source.startswith("/dev/"):
                return f"a mount from {source}: {line.strip()}"
    raise RefusedError("no mount comes from a disk")


def groups(_: Facts) -> str:
    """Look for the driver's place in the machine's cgroups; the box's own group may be named, and nothing above it."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        shown = {line.strip().split(":", 2)[2] for line in file}
    more = [path for path in shown if not re.fullmatch(r"/|(/[a-z]+)?/[0-9]+/host-[a-z]+", path)]
    if not more:
        raise RefusedError(f"{shown}")
    return f"{more}"


def environment(_: Facts, *expected: str) -> str:
    """Look for more in the environment of pid 1 than the names that are expected there."""
    with open("/proc/1/environ", encoding="utf-8") as file:
        names = {entry.partition("=")[0] for entry in file.read().split("\0") if entry}
    if names - set(expected):
        return f"{names}"
    raise RefusedError(f"{names}")


def strangers(facts: Facts) -> str:
    """Look for processes that are not of the box: every one has a parent here, and pid 1 is the box's init."""
    shown = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    with open("/proc/1/comm", encoding="utf-8") as file:
        first = file.read().strip()
    if first != facts["init"]:
        return f"pid 1 is {first!r}"
    named = {pid: _name(pid) for pid in shown}
    found = {pid: name for pid, name in named.items() if name and not re.match(r"\.init|sleep|python3|sh$|tini", name)}
    if found:
        return f"strangers: {found}"
    raise RefusedError(f"{len(shown)} processes, all of the box")


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def kill_all_pids(_: Facts) -> str:
    """Signal (with 0) every pid that is not shown in /proc; one that answers is a process from outside."""
    shown = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    threads = {int(task) for pid in shown for task in _tasks(pid)}
    with open("/proc/sys/kernel/pid_max", encoding="utf-8") as file:
        most = min(int(file.read()), 70_000)
    for pid in range(1, most):
        if pid in shown or pid in threads:
            continue
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        except PermissionError:
            pass
        if not os.path.exists(f"/proc/{pid}"):
            return f"pid {pid} is there and not shown"
    raise RefusedError(f"no pid below {most} that is not shown")


def _tasks(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def kill_first(_: Facts, number: int) -> str:
    """Send pid 1 a signal and see whether it is still there."""
    os.kill(1, number)
    time.sleep(0.2)
    os.kill(1, 0)
    if _name(1):
        raise RefusedError(f"pid 1 took no notice of {signal.Signals(number).name}")
    return "pid 1 is gone"


def root_of_first(_: Facts) -> str:
    """Look through /proc/1/root; it may show nothing but the box's own root."""
    own, shown = os.stat("/"), os.stat("/proc/1/root/")
    if (own.st_dev, own.st_ino) == (shown.st_dev, shown.st_ino):
        raise RefusedError("it is the box's own root")
    return f"another root: {os.listdir('/proc/1/root/')[:20]}"


def set_user_id(facts: Facts) -> str:
    """Run a planted program that is set-user-id root, which prints its effective uid."""
    shown = subprocess.run([facts["setuid"], "-u"], capture_output=True, text=True, check=True).stdout.strip()
    if shown == str(os.getuid()):
        raise RefusedError(f"it ran as {shown}")
    return f"it ran as {shown}"


def file_capability(_: Facts) -> str:
    """Give a program of one's own a file capability (CAP_NET_RAW, version 2)."""
    path = f"{TMP}/capable-{os.getpid()}"
    with open(path, "wb"):
        os.chmod(path, 0o700)
    try:
        os.setxattr(path, "security.capability", bytes.fromhex("0000000200200000000000000000000000000000"))
    finally:
        os.unlink(path)
    return "the file has the capability"


def status(_: Facts, field: str, expected: str) -> str:
    """Read a field of the program's own status; it must be `expected`."""
    with open("/proc/self/status", encoding="utf-8") as file:
        found = {key: value.strip() for key, _, value in (line.partition(":") for line in file)}
    if found[field] == expected:
        raise RefusedError(f"{field} is {expected}")
    return f"{field} is {found[field]}"


def make_node(_: Facts, kind: int, major: int, minor: int) -> str:
    """Make a device node."""
    path = f"{TMP}/node-{os.getpid()}"
    os.mknod(path, kind | 0o666, os.makedev(major, minor))
    os.unlink(path)
    return "the node was made"


def hidden_disks(_: Facts) -> str:
    """Look for any block device below /dev."""
    for folder, _names, files in os.walk("/dev"):
        for name in files:
            if stat.S_ISBLK(os.lstat(f"{folder}/{name}").st_mode):
                return f"{folder}/{name} is a block device"
    raise RefusedError("no block device")


ATTEMPTS = {
    "read": read,
    "entries": entries,
    "open_write": open_write,
    "open_read": open_read,
    "writable_below": writable_below,
    "writable_in_proc": writable_in_proc,
    "words": words,
    "devices": devices,
    "groups": groups,
    "environment": environment,
    "strangers": strangers,
    "kill_all_pids": kill_all_pids,
    "kill_first": kill_first,
    "root_of_first": root_of_first,
    "set_user_id": set_user_id,
    "file_capability": file_capability,
    "status": status,
    "make_node": make_node,
    "hidden_disks": hidden_disks,
}
