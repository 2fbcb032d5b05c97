"""The driver's end of the spawner: requests out, events in, all in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from trialplate.sandbox.errors import HostGoneError, SandboxError
from trialplate.sandbox.spawner import protocol

# What the process runs is `trialplate.sandbox.spawner.loop`, loaded without the packages above it.
_FOLDER = Path(__file__).parent
_PROGRAM = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from spawner.loop import main
main(socket.socket(fileno=int(sys.argv[2])))
"""


class Call:
    """One request under way; `event` waits for what it has to say next."""

    def __init__(self, channel: socket.socket) -> None:
        channel.setblocking(False)  # noqa: FBT003 - the standard library's own form
        self._channel = channel

    async def event(self, wanted: str) -> tuple[protocol.Body, tuple[int, ...]]:
        """Return the next event, which must be `wanted`, with its descriptors.

        Raises:
            OSError: where the request failed with an error number of the kernel's.
            SandboxError: where it failed otherwise.
            HostGoneError: where whoever served it is gone.
        """
        event, fds = await self._receive()
        match event.get("event"):
            case None:
                raise HostGoneError("The sandbox ended before it could answer.", "Start the scenario again.")
            case "failed" if event["errno"]:
                raise OSError(event["errno"], event["what"])
            case "failed":
                raise SandboxError(f"The sandbox failed: {event['what']}.", "Run `trialplate doctor`.")
            case name:
                if name != wanted:
                    raise SandboxError(f"The sandbox said {name!r} where {wanted!r} was due.", "Report this as a bug.")
                return event, fds

    async def _receive(self) -> tuple[protocol.Body, tuple[int, ...]]:
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(BlockingIOError):
                return protocol.receive(self._channel)
            ready = loop.create_future()
            loop.add_reader(self._channel, _wake, ready)
            try:
                await ready
            finally:
                loop.remove_reader(self._channel)

    def close(self) -> None:
        """Stop listening; the request goes on."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class Spawner:
    """The spawner process of this driver. It ends when this object is closed or the driver dies."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # Its own session: Ctrl-C at a terminal must reach the driver only, which then takes everything down.
            self._process = subprocess.Popen(  # noqa: S603 this interpreter and our own module
                [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_FOLDER), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Return the pid of the spawner."""
        return self._process.pid

    def call(self, operation: str, body: protocol.Body, **fds: int) -> Call:
        """Send a request with the descriptors that `protocol.FDS` names for it; they stay the caller's."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        content = protocol.memory_file("request", json.dumps(body).encode())
        try:
            wanted = [fds[name] for name in protocol.FDS[operation]]
            socket.send_fds(self._channel, [operation.encode()], [theirs.fileno(), content, *wanted])
        except OSError as error:
            ours.close()
            raise HostGoneError("The sandbox's spawner is gone.", "Start the program again.") from error
        finally:
            theirs.close()
            os.close(content)
        return Call(ours)

    def close(self) -> None:
        """End the spawner and wait for it."""
        self._channel.close()
        self._process.wait()
