"""Sandboxes with one layer taken away, to show that the battery notices. For the battery's driver only."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from trialplate.sandbox import Sandbox, Scenario, client
from trialplate.sandbox.bundle import standard_policy
from trialplate.sandbox.caps import Cap, Caps, CgroupCaps, Hierarchy, WatchingCaps
from trialplate.sandbox.ids import IdSource, Slot
from trialplate.sandbox.spawner import protocol

SECCOMP: Final = "seccomp"
CAPABILITIES: Final = "capabilities"
PRIVILEGES: Final = "no_new_privs"
MASKED: Final = "masked"
READ_ONLY: Final = "read-only"
LIMITS: Final = "limits"
NETNS: Final = "netns"
LAYERS = (SECCOMP, CAPABILITIES, PRIVILEGES, MASKED, READ_ONLY, LIMITS, NETNS)

ALL_CAPABILITIES = tuple(
    f"CAP_{name}"
    for name in (
        "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE "
        "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT "
        "SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL "
        "SETFCAP SYSLOG WAKE_ALARM BLOCK_SUSPEND"
    ).split()
)


def sandbox(home: Path, layer: str, caps: str) -> Sandbox:
    """Return a sandbox without `layer`; "" takes nothing away. `caps`: "watched", a folder, or "" for the machine's."""
    standard = standard_policy()
    match layer:
        case "seccomp":
            policy = replace(standard, seccomp="")
        case "capabilities":
            policy = replace(standard, capabilities=ALL_CAPABILITIES)
        case "no_new_privs":
            policy = replace(standard, no_new_privileges=False)
        case "masked":
            policy = replace(standard, masked=())
        case "read-only":
            policy = replace(standard, read_only=())
        case "limits":
            return Sandbox(home, policy=replace(standard, limited=False), caps=_Uncapped())
        case "netns":
            return _OnMachineNetwork(home, caps=_caps(caps))
        case _:
            policy = standard
    return Sandbox(home, policy=policy, caps=_caps(caps))


def _caps(chosen: str) -> Caps | None:
    """Return caps whose groups lie inside an outer group, which holds the whole battery."""
    if not chosen:
        return None
    if chosen == "watched":
        return WatchingCaps()
    folder = Path(chosen)
    if (folder / "memory.max").exists():
        return CgroupCaps("cgroup v2", (Hierarchy(folder=folder, memory="memory.max", pids="pids.max"),))
    pids = Path("/sys/fs/cgroup/pids") / folder.relative_to("/sys/fs/cgroup/memory")
    return CgroupCaps(
        "cgroup v1",
        (
            Hierarchy(folder=folder, memory="memory.limit_in_bytes", pids=""),
            Hierarchy(folder=pids, memory="", pids="pids.max"),
        ),
    )


class _Uncapped:
    """No cap at all: only the outer group, which is not ours to weaken, holds the scenario."""

    kind = "none"

    def prepare(self, slot: int, scenario: Scenario) -> Cap:
        """Return a cap that caps nothing."""
        del slot, scenario
        return _NoCap()

    def sweep(self, ids: IdSource) -> int:
        """Nothing is left behind."""
        del ids
        return 0


class _NoCap:
    def joins(self, host: str) -> tuple[str, ...]:
        del host
        return ()

    def watch(self, init: int, hosts: Mapping[str, int]) -> None:
        """Nobody watches."""

    def release(self) -> None:
        """There is nothing to release."""


class _OnMachineNetwork(Sandbox):
    """Hosts that are left in the network namespace of the driver, which has nothing but loopback."""

    def __init__(self, home: Path, *, caps: Caps | None) -> None:
        super().__init__(home, caps=caps)
        self.spawner.close()
        self.spawner = _NetworklessSpawner()

    def _request(self, scenario: Scenario, slot: Slot, images: list[str], trees: list[str]) -> protocol.Body:
        body = super()._request(scenario, slot, images, trees)
        body["steps"] = [changed for step in body["steps"] if (changed := _without_network(step))]
        return body


def _without_network(step: list[Any]) -> list[Any]:
    """Return a set-up step without what it does to the network; empty where nothing is left."""
    match step:
        case ["write" | "netns" | "switch" | "cable" | "address" | "up" | "route", *_]:
            return []
        case ["put", root, "/config.json", *rest, content]:
            config = json.loads(base64.b64decode(content))
            config["linux"]["sysctl"] = {}
            config["linux"]["namespaces"] = [
                each for each in config["linux"]["namespaces"] if each["type"] != "network"
            ]
            return ["put", root, "/config.json", *rest, base64.b64encode(json.dumps(config).encode()).decode()]
        case _:
            return step


_PROGRAM = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from spawner import start, syscalls
from spawner.loop import main
start._INSIDE &= ~syscalls.CLONE_NEWNET
main(socket.socket(fileno=int(sys.argv[2])))
"""


class _NetworklessSpawner(client.Spawner):
    """A spawner whose scenarios get no network namespace."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder = str(Path(client.__file__).parent)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, folder, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
