"""The spawner's own loop: take a request, fork a child for it, forget it."""

from __future__ import annotations

import json
import os
import signal
import socket
import traceback
from collections.abc import Callable

from . import enter, files, probes, protocol, start, syscalls

Serve = Callable[[socket.socket, protocol.Body, dict[str, int]], None]

SERVICES: dict[str, Serve] = {
    protocol.START: start.serve,
    protocol.STEPS: enter.serve_steps,
    protocol.EXEC: enter.serve_exec,
    protocol.FILE: files.serve,
    protocol.PROBE: probes.serve,
}


def main(channel: socket.socket) -> None:
    """Serve requests until the driver's end of `channel` closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    while True:
        data, fds, _, _ = socket.recv_fds(channel, 64, protocol.MOST_FDS)
        if not data:
            return
        if os.fork() == 0:
            _child(channel, data.decode(), fds)
        for fd in fds:
            os.close(fd)


def _child(channel: socket.socket, operation: str, fds: list[int]) -> None:
    """Serve one request and end; a child never returns into the loop."""
    status = 1
    answer = socket.socket(fileno=fds[0])
    try:
        channel.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        body = json.loads(protocol.read_whole(fds[1]))
        named = dict(zip(protocol.FDS[operation], fds[2:], strict=True))
        SERVICES[operation](answer, body, named)
        status = 0
    except OSError as error:
        protocol.send(answer, {"event": "failed", "errno": error.errno, "what": str(error)})
    except BaseException as error:  # noqa: BLE001 a forked child must end here whatever happens, and say why
        what = "".join(traceback.format_exception_only(error)).strip()
        protocol.send(answer, {"event": "failed", "errno": 0, "what": what})
    finally:
        os._exit(status)
