"""Start scenarios and end them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from trialplate.sandbox import caps as sandbox_caps
from trialplate.sandbox.bundle import Policy, standard_policy
from trialplate.sandbox.caps import Cap, Caps
from trialplate.sandbox.client import Call, Spawner
from trialplate.sandbox.errors import SandboxError
from trialplate.sandbox.host import HostHandle, has_ended
from trialplate.sandbox.ids import COUNT, IdSource, Slot, claim_slot, find_ids
from trialplate.sandbox.image import Image, ImageStore
from trialplate.sandbox.runtime import INIT, pid_file, restart_steps, supervisor_steps
from trialplate.sandbox.scenario import AGENT, Scenario, Service
from trialplate.sandbox.spawner import protocol
from trialplate.sandbox.users import ROOT

_END_SECONDS = 10.0
_SERVICE_SECONDS = 20.0


class Sandbox:
    """Everything that scenarios on this machine share: the spawner, the images, the ids, the caps.

    Use it as an asynchronous context: leaving it ends whatever still runs.
    """

    def __init__(self, home: Path, *, policy: Policy | None = None, caps: Caps | None = None) -> None:
        self.ids: IdSource = find_ids(home)
        self.images = ImageStore(home / "cache" / "images", self.ids)
        self.caps = caps or sandbox_caps.find_caps()
        self.policy = policy or standard_policy()
        self.spawner = Spawner()
        self._open: dict[str, Image] = {}
        self._running: set[Running] = set()
        self.caps.sweep(self.ids)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every scenario and the spawner."""
        for running in list(self._running):
            await running.close()
        self.spawner.close()

    def image(self, digest: str) -> Image:
        """Return an image, checked once for the life of this object."""
        if digest not in self._open:
            self._open[digest] = self.images.open(digest)
        return self._open[digest]

    async def start(self, scenario: Scenario) -> Running:
        """Start a scenario with all its hosts and services.

        Raises:
            ImageError: where an image is missing or not what it should be.
            NotReadyError, SandboxError, OSError: where the machine does not let us.
        """
        images = sorted({host.image for host in scenario.hosts})
        trees = [str(self.image(digest).tree) for digest in images]
        slot = claim_slot(self.ids)
        try:
            cap = self.caps.prepare(slot.number, scenario)
            life, theirs = os.pipe2(os.O_CLOEXEC)[::-1]
            try:
                call = self.spawner.call(
                    protocol.START, self._request(scenario, slot, images, trees), life=theirs, slot=slot.lock
                )
            finally:
                os.close(theirs)
        except BaseException:
            os.close(slot.lock)
            raise
        running = await Running.begin(self, scenario, _Hold(cap=cap, life=life, lock=slot.lock), call)
        self._running.add(running)
        try:
            for host in scenario.hosts:
                await running.start_services(host.name)
        except BaseException:
            await running.close()
            raise
        return running

    def _request(self, scenario: Scenario, slot: Slot, images: list[str], trees: list[str]) -> protocol.Body:
        return {
            "map": [self.ids.outer(slot.number), COUNT],
            "mapper": self.ids.mapper,
            "images": trees,
            "shift": self.ids.shift,
            "steps": supervisor_steps(scenario, self.policy, images),
            "hosts": {host.name: pid_file(host.name) for host in scenario.hosts},
            "init": INIT,
        }

    def forget(self, running: Running) -> None:
        """Drop a scenario that has ended."""
        self._running.discard(running)


@dataclass
class _Hold:
    """What the driver holds of a scenario: its caps, the pipe that it lives by, and the lock of its slot.

    The scenario holds the lock as well. Ours lasts until the caps are gone, or whoever took the slot next would have
    its new groups removed as ours.
    """

    cap: Cap
    life: int
    lock: int

    def let_go(self) -> None:
        """Let the scenario end, if it has not."""
        if self.life >= 0:
            os.close(self.life)
            self.life = -1

    def release(self) -> None:
        """Remove the caps, and only then free the slot."""
        self.cap.release()
        os.close(self.lock)


class Running:
    """A scenario that runs, until it is closed."""

    def __init__(self, sandbox: Sandbox, scenario: Scenario, hold: _Hold, supervisor: int) -> None:
        self.scenario = scenario
        self.spawner = sandbox.spawner
        self.policy = sandbox.policy
        self.supervisor = supervisor
        self.cap = hold.cap
        self.hosts: dict[str, HostHandle] = {}
        self._sandbox = sandbox
        self._hold = hold

    @classmethod
    async def begin(cls, sandbox: Sandbox, scenario: Scenario, hold: _Hold, call: Call) -> Running:
        """Wait for a scenario that was asked for, or take it down again."""
        running: Running | None = None
        try:
            with call:
                _, (supervisor,) = await call.event("born")
                running = cls(sandbox, scenario, hold, supervisor)
                _, pidfds = await call.event("ready")
        except BaseException:
            if running is not None:
                await running.close()
            else:
                hold.let_go()
                hold.release()
            raise
        for host, pidfd in zip(scenario.hosts, pidfds, strict=True):
            running.hosts[host.name] = HostHandle(host, running, scenario.agent_uid(host.name), pidfd)
        hold.cap.watch(pid_of(supervisor), {name: pid_of(handle.pidfd) for name, handle in running.hosts.items()})
        return running

    @property
    def foothold(self) -> HostHandle:
        """Return the host that the agent is given."""
        return self.hosts[self.scenario.foothold]

    @property
    def pid(self) -> int:
        """Return the pid of the scenario's first process, as the machine sees it."""
        return pid_of(self.supervisor)

    def alive(self) -> bool:
        """Say whether the scenario's first process runs; nothing inside can end it, only we or the machine."""
        return self._hold.life >= 0 and not has_ended(self.supervisor)

    async def start_services(self, name: str) -> None:
        """Start the services of a host, one after the other, each awaited."""
        handle = self.hosts[name]
        for service in handle.host.services:
            uid = handle.agent.uid if service.uid == AGENT else service.uid
            await handle.start_service(service.name, service.argv, uid=uid, env=dict(service.env))
            await self._await_port(handle, service)

    async def _await_port(self, handle: HostHandle, service: Service) -> None:
        end = time.monotonic() + _SERVICE_SECONDS
        while service.port and service.port not in await self.listening(handle.host.name):
            if time.monotonic() > end:
                said = handle.service_log(service.name).decode(errors="replace")[-500:]
                raise SandboxError(
                    f"Service {service.name} of {handle.host.name} does not listen on {service.port}: {said}",
                    "Mend the service.",
                )
            await asyncio.sleep(0.01)

    async def listening(self, name: str) -> frozenset[int]:
        """Return the TCP ports that a host listens on, read from the kernel and not from the host."""
        ports: set[int] = set()
        pid = pid_of(self.hosts[name].pidfd)
        for table in ("tcp", "tcp6"):
            text = await asyncio.to_thread(Path(f"/proc/{pid}/net/{table}").read_text)
            rows = [line.split() for line in text.splitlines()[1:]]
            ports |= {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}
        return frozenset(ports)

    async def end_host(self, name: str) -> None:
        """Kill a host with everything in it; the rest of the scenario goes on."""
        _kill(self.hosts[name].pidfd)
        await _ended(self.hosts[name].pidfd)

    async def restart(self, name: str) -> None:
        """End a host with everything in it and start it again with its disk as it is."""
        old = self.hosts[name]
        body: protocol.Body = {
            "steps": restart_steps(old.host),
            "hosts": {name: pid_file(name)},
        }
        with self.spawner.call(protocol.STEPS, body, supervisor=self.supervisor) as call:
            _, (pidfd,) = await call.event("ready")
        self.hosts[name] = HostHandle(old.host, self, old.agent.uid, pidfd)
        old.close()
        self.cap.watch(self.pid, {host: pid_of(handle.pidfd) for host, handle in self.hosts.items()})
        await self.start_services(name)

    async def close(self) -> None:
        """Kill everything in the scenario and wait until it is gone. Calling it again does nothing."""
        if self._hold.life < 0:
            return
        self._hold.let_go()
        self._sandbox.forget(self)
        _kill(self.supervisor)
        await _ended(self.supervisor)
        for handle in self.hosts.values():
            handle.close()
        os.close(self.supervisor)
        self._hold.release()


def _kill(pidfd: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


async def _ended(pidfd: int) -> None:
    """Wait until a process is gone: its pidfd becomes readable."""
    loop = asyncio.get_running_loop()
    gone = loop.create_future()
    loop.add_reader(pidfd, lambda: gone.done() or gone.set_result(None))
    try:
        async with asyncio.timeout(_END_SECONDS):
            await gone
    finally:
        loop.remove_reader(pidfd)


def pid_of(pidfd: int) -> int:
    """Return the pid that a pidfd stands for, as this process sees it; -1 when it is gone."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        key, _, value = line.partition(":")
        if key == "Pid":
            return int(value)
    return -1


__all__ = ["ROOT", "Running", "Sandbox"]
