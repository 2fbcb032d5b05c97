"""A driver that is killed at any moment leaves no process, no mount and no namespace behind."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialplate.sandbox import Sandbox
from trialplate.sandbox.caps import find_caps
from trialplate.sandbox.ids import IdSource, find_ids
from trialplate.sandbox.leftovers import mounts_of, namespaces, orphans, pinned_namespaces, processes_of

pytestmark = pytest.mark.sandbox

MOMENTS = 20
DRIVER = """
import asyncio, sys
from pathlib import Path
from trialplate.sandbox import ROOT, Sandbox
from trialplate.sandbox.trial import trial_scenario

async def main():
    async with Sandbox(Path(sys.argv[1])) as sandbox:
        digest = sandbox.images.named("base").digest
        print("ready", flush=True)
        while True:
            running = await sandbox.start(trial_scenario(digest, "token"))
            agent = running.foothold.agent
            await asyncio.gather(
                running.foothold.exec(("sh", "-c", "(setsid sleep 1000 &) ; sleep 0.05"), user=agent),
                running.hosts["web"].exec(("sleep", "0.05"), user=ROOT),
                running.foothold.write_file("note", b"x" * 100_000, user=agent),
            )
            await running.close()

asyncio.run(main())
"""


def test_killed_at_random_moments(trialplate_home: Path) -> None:
    """Twenty drivers, each killed after another part of a second while it starts, uses and closes scenarios."""
    ids = find_ids(trialplate_home)
    rng = random.Random(14409)
    used: set[str] = set()
    for moment in range(MOMENTS):
        with _driver(trialplate_home) as driver:
            time.sleep(rng.uniform(0.0, 0.4))
            used |= namespaces(processes_of(ids, range(4)))
            spawners = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text().split()
            driver.kill()
        _wait_until_gone(ids, spawners, moment)
    assert len(used) > MOMENTS
    assert not used & pinned_namespaces()
    assert not mounts_of("/run/hosts")


@contextlib.contextmanager
def _driver(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a driver that has come as far as its first scenario, and kill it at the end if nobody has."""
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(home)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as driver:
        try:
            assert driver.stdout is not None
            assert driver.stdout.readline() == b"ready\n"
            yield driver
        finally:
            driver.kill()


def _wait_until_gone(ids: IdSource, spawners: list[str], moment: int) -> None:
    end = time.monotonic() + 60
    while left := [*orphans(ids), *(pid for pid in spawners if os.path.exists(f"/proc/{pid}"))]:
        assert time.monotonic() < end, f"moment {moment}: {[_describe(pid) for pid in left]}"
        time.sleep(0.01)


def _describe(pid: int | str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.mark.anyio
async def test_empty_groups_are_removed_by_the_next_start(trialplate_home: Path) -> None:
    """A killed driver cannot remove its cgroups, so the next one does."""
    if find_caps().kind == "watched":
        pytest.skip("no cgroup can be written here, so none is ever left")
    async with Sandbox(trialplate_home):
        others = _groups()
    with _driver(trialplate_home) as driver:
        end = time.monotonic() + 10
        while not (new := _groups() - others) and time.monotonic() < end:
            time.sleep(0.001)
        driver.kill()
    assert new
    _wait_until_gone(find_ids(trialplate_home), [], 0)
    assert new <= _groups()
    async with Sandbox(trialplate_home):
        assert not new & _groups()


def _groups() -> set[Path]:
    """Return the groups of scenarios, in whichever hierarchies there are."""
    root = Path("/sys/fs/cgroup")
    return {group for folder in (root, root / "memory", root / "pids") for group in folder.glob("trialplate/[0-9]*")}
