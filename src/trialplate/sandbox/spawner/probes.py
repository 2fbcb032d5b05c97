"""Look for a way out from inside a host's network, with code that the guest cannot have touched.

A question about a route is a `connect` of a UDP socket: the kernel looks the route up and sends nothing. A connection
is only tried to listeners of ours, and to addresses that are reserved for documentation once there is no route.
"""

from __future__ import annotations

import os
import socket

from . import files, protocol, syscalls

_HOST = syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWNS
_SECONDS = 0.5


def serve(answer: socket.socket, body: protocol.Body, fds: dict[str, int]) -> None:
    """Try ways out.

    Body: `uid`; `ways`: by name, [kind, target, port] with the kinds of `_TRY`. Event: `done` with `open`: by name,
    what was reached ("" where nothing was).
    """
    syscalls.setns(fds["host"], _HOST)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    files.become(body["uid"], body["uid"])
    found = {name: _TRY[kind](target, port) for name, (kind, target, port) in body["ways"].items()}
    protocol.send(answer, {"event": "done", "open": found})


def _route(target: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((target, port))
        except OSError:
            return ""
        return f"a route to {target}, from {probe.getsockname()[0]}"


def _tcp(target: str, port: int) -> str:
    loopback = target in {"127.0.0.1", "::1"}
    if not loopback and (route := _route(target, port)):
        return route
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_SECONDS)
        try:
            probe.connect((target, port))
        except OSError:
            return ""
        return f"a connection to {target} port {port}"


def _unix(target: str, port: int) -> str:
    """Connect to a socket of the machine's; a leading @ means an abstract name."""
    del port
    address = "\0" + target[1:] if target.startswith("@") else target
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_SECONDS)
        try:
            probe.connect(address)
        except OSError:
            return ""
        return f"a connection to the machine's socket {target}"


def _path(target: str, port: int) -> str:
    del port
    return f"the machine's file {target}" if os.path.lexists(target) else ""


_TRY = {"route": _route, "tcp": _tcp, "unix": _unix, "path": _path}
