"""Flood one host and use everything else meanwhile: `python -m tests.sandbox.attacks.siege HOME [--caps CAPS]`.

Prints one JSON line a flood (`Siege`). Like `driver`, it judges nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.sandbox.attacks import weak
from tests.sandbox.attacks.field import LIMITS, PROGRAM, scenario
from tests.sandbox.attacks.row import AGENT, ROOT
from trialplate.sandbox import ROOT as ROOT_USER
from trialplate.sandbox import (
    Completed,
    Host,
    HostHandle,
    Nic,
    Running,
    SandboxError,
    Scenario,
    Service,
    Subnet,
    TimedOut,
    User,
)

NEIGHBOR = "root, as the neighbor's agent"
FLOODS = tuple(
    (kind, whom)
    for kind in ("processes", "memory", "disk", "inodes", "output")
    for whom in (AGENT, ROOT, NEIGHBOR)
    if whom != NEIGHBOR or kind == "processes"
)
_FLOOD_SECONDS = 6.0
_GIVEN_UP = 60.0


@dataclass(frozen=True, kw_only=True)
class Siege:
    """How a flood went: the longest time in seconds until each of these worked, tried again and again meanwhile.

    Attributes:
        neighbors: a command on another host, as its root and as its agent.
        network: a connection between the two other hosts.
        ours: a process of the machine's.
        flooded: a command on the flooded host, once the flood is over.
        tries: how often each was used while the flood lasted.
        available: the least that the machine had of available memory meanwhile, in MiB.
    """

    kind: str
    whom: str
    neighbors: float
    network: float
    ours: float
    flooded: float
    tries: int
    available: int
    came: str


def _scenario(image: str) -> Scenario:
    lan = Subnet(name="lan", range=ipaddress.ip_network("192.0.2.0/24"))

    def host(name: str, number: int, *, serves: bool = False) -> Host:
        service = Service(name="http", argv=("busybox", "httpd", "-f", "-p", "8080", "-h", "/etc"), port=8080)
        return Host(
            name=name,
            image=image,
            limits=LIMITS,
            nics=(Nic(subnet="lan", address=ipaddress.ip_interface(f"192.0.2.{number}/24")),),
            files=scenario(image, "-").host("foot").files if name == "foot" else (),
            services=(service,) if serves else (),
        )

    return Scenario(
        foothold="foot", subnets=(lan,), hosts=(host("foot", 10), host("peer", 20), host("web", 30, serves=True))
    )


async def besiege(home: Path, caps: str) -> None:
    """Flood again and again, in one scenario."""
    async with weak.sandbox(home, "", caps) as sandbox:
        running = await sandbox.start(_scenario(sandbox.images.named("base").digest))
        for kind, whom in FLOODS:
            sys.stdout.write(json.dumps(asdict(await _one(running, kind, whom))) + "\n")
            sys.stdout.flush()
        await running.close()


async def _one(running: Running, kind: str, whom: str) -> Siege:
    foot, peer = running.foothold, running.hosts["peer"]
    argv = ("python3", "-B", "-m", "tests.sandbox.attacks.box.siege", kind)
    argv += (str(peer.agent.uid),) if whom == NEIGHBOR else ()
    user = foot.agent if whom == AGENT else ROOT_USER
    flood = asyncio.ensure_future(foot.exec(argv, user=user, cwd=PROGRAM, timeout=_FLOOD_SECONDS, output_limit=1 << 20))
    neighbors, network, ours = [0.0], [0.0], [0.0]
    available = _available()
    while not flood.done():
        neighbors.append(await _until(lambda: _works(peer, ROOT_USER, "echo works | cat")))
        neighbors.append(await _until(lambda: _works(peer, peer.agent, "echo works | cat")))
        network.append(
            await _until(lambda: _works(peer, peer.agent, "curl -sf http://web:8080/hostname >/dev/null && echo works"))
        )
        ours.append(await _until(_own_process))
        available = min(available, _available())
        await asyncio.sleep(0.05)
    flooded = await _until(lambda: _works(foot, foot.agent, "echo works | cat"))
    return Siege(
        kind=kind,
        whom=whom,
        neighbors=max(neighbors),
        network=max(network),
        ours=max(ours),
        flooded=flooded,
        tries=len(ours) - 1,
        available=available,
        came=_said(await flood),
    )


async def _until(attempt: Callable[[], Awaitable[bool]]) -> float:
    """Return the seconds until something worked; it is given up after 60."""
    began = time.monotonic()
    while not await attempt() and time.monotonic() - began < _GIVEN_UP:  # noqa: ASYNC110 nothing says when
        await asyncio.sleep(0.05)
    return round(time.monotonic() - began, 3)


async def _works(handle: HostHandle, user: User, script: str) -> bool:
    try:
        result = await handle.exec(("sh", "-c", script), user=user, timeout=5.0)
    except SandboxError:
        return False
    return isinstance(result, Completed) and result.stdout == b"works\n"


async def _own_process() -> bool:
    process = await asyncio.create_subprocess_exec("true", stdout=subprocess.DEVNULL)
    return await process.wait() == 0


def _available() -> int:
    """Return the machine's available memory in MiB."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable"):
            return int(line.split()[1]) >> 10
    return 0


def _said(result: Completed | TimedOut) -> str:
    if isinstance(result, TimedOut):
        return "timed out"
    return f"exit {result.returncode}: {result.stderr[-200:].decode(errors='replace')}"


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--caps", default="")
    chosen = parser.parse_args()
    asyncio.run(besiege(chosen.home, chosen.caps))
    return 0


if __name__ == "__main__":
    sys.exit(main())
