"""Read or write one file of a host, with exactly the rights of one of its users.

The child joins the host's user and mount namespaces, so that every path means what it means to the host. It becomes
root of the host first and the user second: going straight to the user from an id that the namespace does not know
would keep every capability, because the kernel clears them only on the way down from root.
"""

from __future__ import annotations

import os
import signal
import socket

from . import protocol, start, syscalls
from .steps import put_file, refuse_irregular

_HOST = syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS
_CHUNK = 1 << 20


def serve(answer: socket.socket, body: protocol.Body, fds: dict[str, int]) -> None:
    """Read or write a file.

    Body: `verb` ("read" or "write"), `path` (absolute), `limit` (most bytes to read), `uid`, `gid`, `seconds`.

    Events: `done` with `size`: the bytes read, one more than `limit` where the file has more; or `failed`.
    """
    signal.alarm(body["seconds"])
    syscalls.setns(fds["host"], _HOST)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    become(body["uid"], body["gid"])
    top = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    if body["verb"] == "write":
        content = protocol.read_whole(fds["data"])
        os.umask(0o022)
        put_file(top, body["path"], content, mode=0o644, owner=None)
        size = len(content)
    else:
        size = _read(top, body["path"], fds["data"], body["limit"])
    protocol.send(answer, {"event": "done", "size": size})


def become(uid: int, gid: int) -> None:
    """Take a user's ids for good: root of the namespace first, so that the kernel then clears every capability."""
    start.take_root()
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _read(top: int, path: str, data: int, limit: int) -> int:
    """Copy at most `limit` + 1 bytes of a regular file into the memory file `data`; return how many."""
    fd = syscalls.open_inside(top, path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    refuse_irregular(fd, path)
    copied = 0
    while copied <= limit and (part := os.read(fd, min(_CHUNK, limit + 1 - copied))):
        os.write(data, part)
        copied += len(part)
    return copied
