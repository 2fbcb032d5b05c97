"""Probe whether anything in a scenario could reach the machine or beyond; a campaign does so again and again.

Most probes are made by our own code inside the host's namespaces, where no guest could have touched it; only what
the seccomp profile decides is tried by a program in the host. No packet goes to a real address: real ones are only
asked of the route table, where a route is already the failure.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from trialplate.sandbox.host import Completed, HostHandle

METADATA = ("169.254.169.254", "fd00:ec2::254")
RESOLVERS = ("8.8.8.8", "2001:4860:4860::8888")
DOCUMENTATION = ("203.0.113.1", "2001:db8:ffff::1")
_HTTP, _DNS = 80, 53
_SECONDS = 20.0

_VSOCK = """
import socket
try:
    socket.socket(40, socket.SOCK_STREAM)
except OSError as error:
    print("refused", error.errno)
else:
    print("open")
"""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """The way is closed."""

    probe: str


@dataclass(frozen=True, kw_only=True)
class Open:
    """Something was reached: the scenario is not contained."""

    probe: str
    reached: str


class EgressProbes:
    """The listeners that must not be reached, and the probes that try. Use it as a context."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="trialplate-egress-")
        path = str(Path(self._folder.name) / "socket")
        Path(self._folder.name).chmod(0o755)
        abstract = f"trialplate-{secrets.token_hex(8)}"
        self._listeners = {
            "loopback IPv4": _listen(socket.AF_INET, ("127.0.0.1", 0)),
            "abstract socket": _listen(socket.AF_UNIX, f"\0{abstract}"),
            "socket in a folder": _listen(socket.AF_UNIX, path),
        }
        Path(path).chmod(0o777)
        self._ways = {
            "loopback IPv4": ("tcp", "127.0.0.1", self._listeners["loopback IPv4"].getsockname()[1]),
            "abstract socket": ("unix", f"@{abstract}", 0),
            "socket in a folder": ("unix", path, 0),
            "machine's files": ("path", self._folder.name, 0),
            **{f"route to metadata {address}": ("route", address, _HTTP) for address in METADATA},
            **{f"route to resolver {address}": ("route", address, _DNS) for address in RESOLVERS},
            **{f"connection to {address}": ("tcp", address, _HTTP) for address in DOCUMENTATION},
        }
        if socket.has_ipv6 and _has_loopback_ipv6():
            listener = _listen(socket.AF_INET6, ("::1", 0))
            self._listeners["loopback IPv6"] = listener
            self._ways["loopback IPv6"] = ("tcp", "::1", listener.getsockname()[1])

    async def check(self, host: HostHandle) -> tuple[Closed | Open, ...]:
        """Try every way out of `host`; a scenario is contained when all are `Closed`."""
        async with asyncio.timeout(_SECONDS):
            reached = dict(await host.ways_out(self._ways))
            reached["vsock"] = await self._vsock(host)
        for name, listener in self._listeners.items():
            if _was_called(listener):
                reached[name] = reached.get(name) or "a connection that arrived here"
        return tuple(
            Open(probe=name, reached=what) if what else Closed(probe=name) for name, what in sorted(reached.items())
        )

    async def _vsock(self, host: HostHandle) -> str:
        """Ask from inside, because the seccomp profile decides; a guest that lies about it lies about itself only."""
        result = await host.exec(("python3", "-I", "-c", _VSOCK), user=host.agent, timeout=_SECONDS / 2)
        answered = isinstance(result, Completed) and result.stdout.startswith(b"refused")
        return "" if answered else f"an answer other than a refusal: {result!r}"

    def close(self) -> None:
        """Stop listening."""
        for listener in self._listeners.values():
            listener.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _listen(family: int, address: tuple[str, int] | str) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen()
    listener.setblocking(False)  # noqa: FBT003 the standard library's own form
    return listener


def _has_loopback_ipv6() -> bool:
    try:
        _listen(socket.AF_INET6, ("::1", 0)).close()
    except OSError:
        return False
    return True


def _was_called(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
