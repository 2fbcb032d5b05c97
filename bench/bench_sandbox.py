"""Scenarios: start, exec and close beside bare crun in a ready supervisor and podman; and a hundred at once."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bench.measure import Better, Row, against, alone, interleaved_async
from trialplate.home import home_folder
from trialplate.sandbox import ROOT, Running, Sandbox, Scenario
from trialplate.sandbox.runtime import CRUN
from trialplate.sandbox.spawner import protocol
from trialplate.sandbox.trial import trial_scenario

_ROUNDS = 25
_PODMAN_ROUNDS = 7
_MANY = 100
_QUIET_SECONDS = 0.15
"""The kernel takes a closed scenario's network apart in the background, and whoever makes one meanwhile waits."""
# Without limits of its own, podman asks for more open files than a machine may grant.
_LIMITS = "--ulimit=nofile=1024:4096 --ulimit=nproc=400:400"
_ROOT = [CRUN, "--root", "/run/bench", "--cgroup-manager=disabled"]


def run() -> list[Row]:
    """Return all rows; those against podman are left out, with a line that says so, where it is not installed."""
    return asyncio.run(_run())


async def _run() -> list[Row]:
    async with Sandbox(home_folder(os.environ)) as sandbox:
        three = _without_services(trial_scenario(sandbox.images.named("base").digest, "token"))
        one = Scenario(hosts=(replace(three.hosts[0], nics=(), routes=()),), foothold=three.foothold)
        rows = [
            *await _starts(sandbox, one, three),
            *await _execs(sandbox, one),
            *await _many(sandbox, three),
        ]
        if shutil.which("podman"):
            rows += await _podman(sandbox, one)
        else:
            print("podman is not installed: run `make bench`, which installs it")
        return rows


def _without_services(scenario: Scenario) -> Scenario:
    return replace(scenario, hosts=tuple(replace(host, services=()) for host in scenario.hosts))


async def _starts(sandbox: Sandbox, one: Scenario, three: Scenario) -> list[Row]:
    rows: list[Row] = []
    for scenario, floor in ((one, None), (three, 0.5)):
        count = len(scenario.hosts)
        ready = await sandbox.start(scenario)
        ours, bare, nothing = await interleaved_async(
            _start_of(sandbox, scenario),
            lambda ready=ready: _bare_start(ready),
            lambda ready=ready: _steps(ready, [["await"]]),
            rounds=_ROUNDS,
        )
        await ready.close()
        # What it costs to get into the supervisor is no part of the peer.
        entering = sorted(nothing)[len(nothing) // 2]
        peer = [sample - entering for sample in bare]
        rows.append(
            against(
                f"start, {count} host{'s' if count > 1 else ''}",
                "ms",
                _ms(ours),
                _ms(peer),
                peer_name=f"{count} crun run in parallel",
                better=Better.LOWER,
                floor=floor,
            )
        )
    return rows


def _start_of(sandbox: Sandbox, scenario: Scenario) -> Callable[[], Awaitable[float]]:
    async def measured() -> float:
        await asyncio.sleep(_QUIET_SECONDS)
        began = time.perf_counter()
        running = await sandbox.start(scenario)
        took = time.perf_counter() - began
        await running.close()
        return took

    return measured


async def _bare_start(ready: Running) -> float:
    """Start one more container from each bundle of a ready scenario, all at once, and take them away again."""
    names = {host: f"{host}-{secrets.token_hex(4)}" for host in ready.hosts}
    starting = [
        ["begin", [*_ROOT, "run", "--no-new-keyring", "--detach", "--bundle", f"/run/hosts/{host}", name]]
        for host, name in names.items()
    ]
    await asyncio.sleep(_QUIET_SECONDS)
    took = await _steps(ready, [*starting, ["await"]])
    await _steps(ready, [*(["begin", [*_ROOT, "delete", "--force", name]] for name in names.values()), ["await"]])
    return took


async def _steps(ready: Running, steps: list[list[object]]) -> float:
    """Carry out steps in a ready supervisor and return how long that took, in seconds."""
    body: protocol.Body = {"steps": steps, "hosts": {}}
    began = time.perf_counter()
    with ready.spawner.call(protocol.STEPS, body, supervisor=ready.supervisor) as call:
        await call.event("ready")
    return time.perf_counter() - began


async def _execs(sandbox: Sandbox, one: Scenario) -> list[Row]:
    ready = await sandbox.start(one)
    host = ready.foothold
    bare = [CRUN, "--root", "/run/crun", "--cgroup-manager=disabled", "exec", host.host.name, "true"]

    async def ours() -> float:
        began = time.perf_counter()
        await host.exec(("true",), user=ROOT)
        return time.perf_counter() - began

    async def peer() -> float:
        return await _steps(ready, [["begin", bare], ["await"]])

    async def entering() -> float:
        return await _steps(ready, [["await"]])

    async def reading() -> float:
        began = time.perf_counter()
        await host.read_file("/etc/passwd", user=host.agent)
        return time.perf_counter() - began

    mine, theirs, nothing, reads = await interleaved_async(ours, peer, entering, reading, rounds=_ROUNDS)
    await ready.close()
    middle = sorted(nothing)[len(nothing) // 2]
    bare_ms = _ms([sample - middle for sample in theirs])
    return [
        against("exec true", "ms", _ms(mine), bare_ms, peer_name="crun exec", better=Better.LOWER),
        alone("read_file", "ms", _ms(reads)),
    ]


async def _many(sandbox: Sandbox, three: Scenario) -> list[Row]:
    """Start a hundred scenarios of three hosts at once, use one, and close all."""
    began = time.perf_counter()
    running = await asyncio.gather(*(sandbox.start(three) for _ in range(_MANY)))
    started = time.perf_counter() - began
    execs: list[float] = []
    for each in running[::10]:
        before = time.perf_counter()
        await each.foothold.exec(("true",), user=each.foothold.agent)
        execs.append(time.perf_counter() - before)
    before = time.perf_counter()
    await asyncio.gather(*(each.close() for each in running))
    closed = time.perf_counter() - before
    return [
        alone(f"{_MANY} scenarios of 3 hosts at once: start all", "s", [started]),
        alone(f"{_MANY} scenarios: exec true in one", "ms", _ms(execs)),
        alone(f"{_MANY} scenarios: close all", "s", [closed]),
    ]


async def _podman(sandbox: Sandbox, one: Scenario) -> list[Row]:
    """Compare one host with a podman container of the same tree, each from nothing to gone."""
    tree = sandbox.image(one.hosts[0].image).tree
    ours: list[tuple[float, float, float]] = []
    peer: list[tuple[float, float, float]] = []
    for _ in range(_PODMAN_ROUNDS):
        began = time.perf_counter()
        running = await sandbox.start(one)
        started = time.perf_counter()
        await running.foothold.exec(("true",), user=ROOT)
        executed = time.perf_counter()
        await running.close()
        ours.append((started - began, executed - started, time.perf_counter() - executed))
        peer.append(_one_podman(tree))
    names = ("start, 1 host", "exec true", "close")
    return [
        against(
            f"{name} (beside podman)",
            "ms",
            _ms([sample[part] for sample in ours]),
            _ms([sample[part] for sample in peer]),
            peer_name="podman --rootfs",
            better=Better.LOWER,
        )
        for part, name in enumerate(names)
    ]


def _one_podman(tree: Path) -> tuple[float, float, float]:
    """Time a container of podman's; its runtime refuses a hybrid cgroup hierarchy, so that is hidden from it."""
    name = f"trialplate-bench-{secrets.token_hex(4)}"
    run = "podman --cgroup-manager=cgroupfs run --detach --network=none --cgroups=disabled"
    script = f"""
        set -e
        mount -t tmpfs -o ro,size=0k none /sys/fs/cgroup/unified 2>/dev/null || true
        date +%s%N
        {run} {_LIMITS} --name {name} --rootfs "$1:O" sleep infinity >/dev/null
        date +%s%N
        podman exec {name} true
        date +%s%N
        podman rm --force --time=0 {name} >/dev/null
        date +%s%N
    """
    command = ["unshare", "--mount", "sh", "-c", script, "sh", str(tree)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    times = [int(line) / 1e9 for line in done.stdout.split()]
    return times[1] - times[0], times[2] - times[1], times[3] - times[2]


def _ms(samples: list[float]) -> list[float]:
    return [sample * 1000 for sample in samples]
