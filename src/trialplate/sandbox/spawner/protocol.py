"""The words that driver and spawner share: requests in, events out.

A request travels as one datagram: its operation as text, and as descriptors first the socket that answers go to,
then a sealed memory file with the JSON body, then those that the operation names in `FDS`. An event is one JSON
datagram on the answer socket, with descriptors where it says so.
"""

from __future__ import annotations

import array
import fcntl
import json
import os
import socket
from typing import Any, Final

START: Final = "start"
STEPS: Final = "steps"
EXEC: Final = "exec"
FILE: Final = "file"
PROBE: Final = "probe"

FDS: Final = {
    START: ("life", "slot"),
    STEPS: ("supervisor",),
    EXEC: ("supervisor", "stdin", "stdout", "stderr", "log"),
    FILE: ("host", "data"),
    PROBE: ("host",),
}
"""Descriptors of each operation, after the answer socket and the body.

`life` is the reading end of a pipe that the driver holds: its end of file ends the scenario. `slot` is the locked
file that keeps the scenario's id range its own until the scenario's last process is gone. `supervisor` and `host`
are pidfds of the scenario's and of a host's pid 1. `log` is a memory
file for what the runtime itself has to say. `data` is a memory file with, or for, a file's content.
"""

MOST_FDS: Final = 16
MOST_EVENT: Final = 65536

Body = dict[str, Any]
"""A request's or an event's JSON object; its fields are documented where it is read."""


def memory_file(name: str, content: bytes, *, sealed: bool = True) -> int:
    """Return a descriptor of a memory file that holds `content`, at its beginning; sealed, nobody can change it."""
    fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    if sealed:
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return fd


def read_whole(fd: int) -> bytes:
    """Return everything in a memory file, from its beginning."""
    size = os.fstat(fd).st_size
    parts: list[bytes] = []
    at = 0
    while at < size and (part := os.pread(fd, min(size - at, 1 << 24), at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def send(channel: socket.socket, event: Body, fds: tuple[int, ...] = ()) -> None:
    """Send one event; an answer that nobody waits for any more is dropped."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    try:
        channel.sendmsg([json.dumps(event).encode()], rights)
    except OSError:
        return


def receive(channel: socket.socket) -> tuple[Body, tuple[int, ...]]:
    """Return the next event with its descriptors; an empty one when the other side is gone."""
    data, fds, _, _ = socket.recv_fds(channel, MOST_EVENT, MOST_FDS)
    event: Body = json.loads(data) if data else {}
    return event, tuple(fds)
