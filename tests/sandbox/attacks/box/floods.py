"""Attempts to use up what others need. Each stops by itself at its bound, and cleans up behind itself."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from tests.sandbox.attacks.box.outcome import Facts, RefusedError

MOST_FORKS = 1_000
MOST_MEMORY = 1 << 30
MOST_DISK = 512 << 20
MOST_INODES = 100_000
MOST_OUTPUT = 300_000_000
_CHUNK = 1 << 20


def forks(_: Facts, uid: int = -1) -> str:
    """Fork 1,000 children that wait; `uid` is taken first where it is given, which only root can do."""
    if uid >= 0:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    children: list[int] = []
    try:
        while len(children) < MOST_FORKS:
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)
    return f"{len(children)} processes at once"


def memory(_: Facts) -> str:
    """Take 1 GiB of memory, page by page."""
    held: list[mmap.mmap] = []
    block = b"x" * _CHUNK
    for _step in range(MOST_MEMORY // _CHUNK):
        page = mmap.mmap(-1, _CHUNK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        page.write(block)
        held.append(page)
    return f"{len(held)} MiB of memory"


def memory_files(_: Facts) -> str:
    """Take 1 GiB in memory files that no process maps."""
    held: list[int] = []
    block = b"x" * _CHUNK
    for _step in range(16):
        fd = os.memfd_create("flood")
        for _part in range(MOST_MEMORY // _CHUNK // 16):
            os.write(fd, block)
        held.append(fd)
    return f"{len(held) * 64} MiB in memory files"


_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.shmat.restype = ctypes.c_void_p


def remove_segments() -> None:
    """Remove every System V segment of the box: they outlive the process that made them, and count for its host."""
    with open("/proc/sysvipc/shm", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            _LIBC.shmctl(int(line.split()[1]), 0, None)


def shared_segments(_: Facts) -> str:
    """Take 1 GiB in System V segments, detached after they are filled; no process holds them then."""
    held: list[int] = []
    size = 64 * _CHUNK
    for _step in range(MOST_MEMORY // size):
        segment = _LIBC.shmget(0, ctypes.c_size_t(size), 0o1600)
        if segment < 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        held.append(segment)
        at = _LIBC.shmat(segment, None, 0)
        ctypes.memset(at, 1, size)
        _LIBC.shmdt(ctypes.c_void_p(at))
    return f"{len(held) * 64} MiB in shared segments"


def disk(_: Facts, folder: str) -> str:
    """Write 512 MiB into a folder."""
    path = f"{folder}/flood-{os.getpid()}"
    block = b"x" * _CHUNK
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for _step in range(MOST_DISK // _CHUNK):
            os.write(fd, block)
    finally:
        os.close(fd)
        os.unlink(path)
    return f"{MOST_DISK >> 20} MiB in {folder}"


def inodes(_: Facts, folder: str) -> str:
    """Make 100,000 empty files in a folder."""
    place = tempfile.mkdtemp(dir=folder)
    try:
        for number in range(MOST_INODES):
            os.close(os.open(f"{place}/{number}", os.O_WRONLY | os.O_CREAT))
    finally:
        shutil.rmtree(place)
    return f"{MOST_INODES} files in {folder}"


def descriptors(_: Facts) -> str:
    """Open 10,000 descriptors."""
    held: list[int] = []
    with contextlib.ExitStack() as stack:
        for _step in range(10_000):
            fd = os.dup(0)
            stack.callback(os.close, fd)
            held.append(fd)
    return f"{len(held)} descriptors"


def raise_limit(_: Facts, name: str) -> str:
    """Raise one's own hard limit."""
    kind = getattr(resource, name)
    hard = resource.getrlimit(kind)[1]
    if hard == resource.RLIM_INFINITY:
        return f"{name} is unlimited"
    try:
        resource.setrlimit(kind, (hard + 1, hard + 1))
    except ValueError as error:
        raise PermissionError(1, str(error)) from error
    return f"{name} was raised to {hard + 1}"


def core_dump(_: Facts) -> str:
    """Crash, and see whether the machine was asked to keep a core."""
    child = os.fork()
    if child == 0:
        os.abort()
    if os.WCOREDUMP(os.waitpid(child, 0)[1]):
        return "a core was dumped"
    raise RefusedError("no core was dumped")


def output(_: Facts) -> str:
    """Print 300 MB to the standard error stream, which the driver collects."""
    subprocess.run(["head", "-c", str(MOST_OUTPUT), "/dev/zero"], stdout=sys.stderr, check=True)
    return f"{MOST_OUTPUT} bytes of output"


def sockets(_: Facts) -> str:
    """Fill socket buffers with what nobody reads, up to 1 GiB."""
    held: list[tuple[socket.socket, socket.socket]] = []
    block = b"x" * (1 << 16)
    total = 0
    while total < MOST_MEMORY:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003 the standard library's own form
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
        held.append((ours, theirs))
        with contextlib.suppress(BlockingIOError):
            while total < MOST_MEMORY:
                total += ours.send(block)
    return f"{total >> 20} MiB in socket buffers"


ATTEMPTS = {
    "forks": forks,
    "memory": memory,
    "memory_files": memory_files,
    "shared_segments": shared_segments,
    "disk": disk,
    "inodes": inodes,
    "descriptors": descriptors,
    "raise_limit": raise_limit,
    "core_dump": core_dump,
    "output": output,
    "sockets": sockets,
}
