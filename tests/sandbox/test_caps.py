"""Limits on memory and processes: which way a machine allows, what is written where, and the watcher at work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trialplate.sandbox import Host, Limits, Scenario
from trialplate.sandbox.caps import CgroupCaps, Hierarchy, WatchingCaps, find_caps
from trialplate.sandbox.ids import COUNT, FIRST, IdSource, claim_slot
from trialplate.sandbox.scenario import OUR_PROCESSES

SCENARIO = Scenario(
    hosts=tuple(Host(name=name, image="0" * 64, limits=Limits(memory=100, processes=50)) for name in ("one", "two")),
    foothold="one",
)


def always(path: Path) -> bool:
    del path
    return True


def test_version_2_is_used_where_it_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("memory pids")
    assert find_caps(root=tmp_path, writable=always).kind == "cgroup v2"
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert find_caps(root=tmp_path).kind == "watched"


def test_version_1_is_used_where_both_hierarchies_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    assert find_caps(root=tmp_path, writable=always).kind == "watched"
    (tmp_path / "pids").mkdir()
    assert find_caps(root=tmp_path, writable=always).kind == "cgroup v1"
    assert find_caps(root=tmp_path).kind == "watched"


def test_a_machine_without_cgroups_is_watched(tmp_path: Path) -> None:
    assert find_caps(root=tmp_path / "missing").kind == "watched"


def test_each_host_gets_a_group_with_its_own_limits(tmp_path: Path) -> None:
    caps = CgroupCaps("cgroup v2", (Hierarchy(folder=tmp_path, memory="memory.max", pids="pids.max"),))
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "cgroup.subtree_control").touch()
    cap = caps.prepare(7, SCENARIO)
    assert (tmp_path / "7/memory.max").read_text() == str(200 << 20)
    assert (tmp_path / "7/cgroup.subtree_control").read_text() == "+memory +pids"
    assert (tmp_path / "7/host-one/memory.max").read_text() == str(100 << 20)
    assert (tmp_path / "7/host-one/pids.max").read_text() == str(50 + OUR_PROCESSES)
    assert cap.joins("two") == (str(tmp_path / "7/host-two/cgroup.procs"),)


def test_a_sweep_takes_empty_groups_of_free_slots_only(tmp_path: Path) -> None:
    ids = IdSource(first=FIRST, step=COUNT, mapper="direct", shift=True, slots=tmp_path / "slots")
    held = claim_slot(ids)
    folder = tmp_path / "groups"
    for name in ("0/host-one", "1/host-one", "2/host-one"):
        (folder / name).mkdir(parents=True)
    # A group that something lives in cannot be removed; here a file stands for that.
    (folder / "2/host-one/life").touch()
    caps = CgroupCaps("cgroup v1", (Hierarchy(folder=folder, memory="", pids="pids.max"),))
    assert caps.sweep(ids) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["0", "2"]
    os.close(held.lock)


def test_the_watcher_needs_no_groups_and_sweeps_nothing(tmp_path: Path) -> None:
    ids = IdSource(first=FIRST, step=COUNT, mapper="direct", shift=True, slots=tmp_path / "slots")
    caps = WatchingCaps()
    assert caps.sweep(ids) == 0
    assert caps.prepare(0, SCENARIO).joins("one") == ()


HOLD = """
import mmap, os, sys, time
kind, size = sys.argv[1], int(sys.argv[2])
print(os.getpid(), flush=True)
sys.stdin.readline()
if kind == "memory":
    held = b"x" * size
elif kind == "memory file":
    file = os.memfd_create("held")
    os.write(file, b"x" * size)
else:
    for _ in range(size):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
print("held", flush=True)
time.sleep(60)
"""


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "kind, size, killed",
    [("memory", 150 << 20, True), ("memory", 10 << 20, False), ("memory file", 150 << 20, True), ("forks", 100, True)],
)
def test_the_watcher_kills_what_is_over_a_limit(kind: str, size: int, *, killed: bool) -> None:
    """A pid namespace of the test's own stands for a host, whose init and the init's child are spared."""
    call = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', *sys.argv[1:]], "
    call += "start_new_session=True))"
    command = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "-c", call, call]
    with subprocess.Popen(
        [*command, HOLD, kind, str(size)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdout.readline()
        (init,) = _children(holder.pid)
        cap = WatchingCaps().prepare(0, SCENARIO)
        cap.watch(holder.pid, {"one": init})
        holder.stdin.write("\n")
        holder.stdin.flush()
        end = time.monotonic() + (5 if killed else 0.5)
        while holder.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        ended = holder.poll() is not None
        cap.release()
        holder.kill()
    assert ended is killed


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
