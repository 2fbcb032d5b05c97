"""The small parts of the sandbox: users, streams, process trees, the driver's end of the spawner, leftovers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.home import home_folder
from trialplate.sandbox.client import Call, Spawner
from trialplate.sandbox.egress import Closed, EgressProbes, Open
from trialplate.sandbox.errors import HostGoneError, SandboxError
from trialplate.sandbox.ids import IdSource, claim_slot
from trialplate.sandbox.leftovers import mounts_of, namespaces, orphans, pinned_namespaces, processes_of
from trialplate.sandbox.spawner import protocol
from trialplate.sandbox.streams import Collector
from trialplate.sandbox.tree import kill_tree
from trialplate.sandbox.users import UnknownUserError, User, find_user

PASSWD = "root:x:0:0:root:/root:/bin/bash\nweb:x:33:44::/var/www:/bin/sh\nbad:x:-1:0::/:\nbig:x:99999999:0::/:\n"


def test_a_user_is_found_by_name_and_by_number() -> None:
    assert find_user(PASSWD, "web") == find_user(PASSWD, "33") == User(uid=33, gid=44, home="/var/www")
    assert find_user(PASSWD, "4711") == User(uid=4711, gid=4711, home="/")


@pytest.mark.parametrize("name", ["", "nobody", "bad", "big", "99999999", "٣"])
def test_a_user_that_makes_no_sense_is_refused(name: str) -> None:
    with pytest.raises(UnknownUserError):
        find_user(PASSWD, name)


@given(st.text(max_size=200), st.text(max_size=8))
def test_whatever_a_guest_writes_is_a_user_or_a_refusal(passwd: str, name: str) -> None:
    try:
        found = find_user(passwd, name)
    except UnknownUserError:
        return
    assert 0 <= found.uid <= 65_533
    assert 0 <= found.gid <= 65_533


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [1, 1000, 300_000])
async def test_a_collector_keeps_the_newest_bytes(limit: int) -> None:
    collector = Collector(limit)
    data = os.urandom(1 << 20)
    writing = asyncio.get_running_loop().run_in_executor(None, os.write, collector.writer, data)
    await writing
    collector.hand_over()
    await asyncio.sleep(0.1)
    assert collector.truncated
    assert collector.finish() == data[-limit:]
    collector.close()


@pytest.mark.anyio
async def test_a_collector_that_was_never_used_is_closed() -> None:
    collector = Collector(10)
    collector.close()
    assert collector.content() == b""


def test_a_tree_is_killed_with_what_forks_meanwhile() -> None:
    script = "import os, time\nfor _ in range(5):\n    os.fork()\nprint('x', flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(32):
            process.stdout.readline()
        assert kill_tree(process.pid) == 32
    assert process.returncode == -signal.SIGKILL


def test_a_tree_that_is_gone_is_no_failure() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    kill_tree(process.pid)


def pair() -> tuple[Call, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Call(ours), theirs


@pytest.mark.anyio
async def test_an_event_is_waited_for_and_brings_its_descriptors() -> None:
    call, spawner = pair()
    reading, writing = os.pipe()
    asyncio.get_running_loop().call_later(0.02, protocol.send, spawner, {"event": "done", "size": 3}, (reading,))
    with call:
        event, (got,) = await call.event("done")
    os.write(writing, b"abc")
    assert (event["size"], os.read(got, 3)) == (3, b"abc")
    for fd in (reading, writing, got):
        os.close(fd)
    spawner.close()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "said, error, message",
    [
        ({"event": "failed", "errno": 2, "what": "open /x"}, FileNotFoundError, "open /x"),
        ({"event": "failed", "errno": 0, "what": "KeyError: 'x'"}, SandboxError, "The sandbox failed: KeyError"),
        ({"event": "ready"}, SandboxError, "said 'ready' where 'done' was due"),
        (None, HostGoneError, "ended before it could answer"),
    ],
)
async def test_what_went_wrong_is_told_apart(said: protocol.Body | None, error: type[Exception], message: str) -> None:
    call, spawner = pair()
    if said is not None:
        protocol.send(spawner, said)
    spawner.close()
    with call, pytest.raises(error, match=message):
        await call.event("done")


def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    call, spawner = pair()
    call.close()
    protocol.send(spawner, {"event": "done"})
    spawner.close()


@pytest.mark.anyio
async def test_a_request_that_makes_no_sense_is_answered() -> None:
    spawner = Spawner()
    nothing = os.open("/dev/null", os.O_RDONLY)
    with (
        spawner.call(protocol.FILE, {}, host=nothing, data=nothing) as call,
        pytest.raises(SandboxError, match="KeyErr"),
    ):
        await call.event("done")
    os.close(nothing)
    spawner.close()


def test_a_memory_file_holds_all_and_can_be_sealed() -> None:
    data = os.urandom(5_000_000)
    fd = protocol.memory_file("data", data)
    assert protocol.read_whole(fd) == data
    with pytest.raises(PermissionError):
        os.write(fd, b"x")
    os.close(fd)


def test_leftovers_are_found_by_their_owner(tmp_path: Path) -> None:
    mine = IdSource(first=os.geteuid(), step=1, mapper="direct", shift=True, slots=tmp_path)
    assert os.getpid() in processes_of(mine, range(1))
    nobody = IdSource(first=4_000_000_000, step=1, mapper="direct", shift=True, slots=tmp_path)
    assert processes_of(nobody, range(1)) == ()


@pytest.mark.parametrize("step", [0, 65_536])
def test_a_process_is_an_orphan_when_nobody_holds_its_slot(tmp_path: Path, step: int) -> None:
    ids = IdSource(first=os.geteuid(), step=step, mapper="direct", shift=True, slots=tmp_path / "slots")
    slot = claim_slot(ids)
    assert orphans(ids) == ()
    os.close(slot.lock)
    assert os.getpid() in orphans(ids)


def test_mounts_and_namespaces_are_listed() -> None:
    assert "/proc" in mounts_of("/proc")
    assert mounts_of("/no-such-mount") == ()
    assert f"net:[{os.stat('/proc/self/ns/net').st_ino}]" in namespaces((os.getpid(), 2**30))
    held = os.open("/proc/self/ns/net", os.O_RDONLY)
    assert os.readlink("/proc/self/ns/net") in pinned_namespaces()
    os.close(held)


@pytest.mark.parametrize(
    "environment, home",
    [
        ({"TRIALPLATE_HOME": "/a/b"}, "/a/b"),
        ({"XDG_DATA_HOME": "/data", "HOME": "/users/me"}, "/data/trialplate"),
        ({"HOME": "/users/me"}, "/users/me/.local/share/trialplate"),
        ({"TRIALPLATE_HOME": "", "HOME": "/users/me"}, "/users/me/.local/share/trialplate"),
    ],
)
def test_the_home_is_where_the_environment_says(environment: dict[str, str], home: str) -> None:
    assert str(home_folder(environment)) == home


class Leaky:
    """A host whose ways out are open, as the probes would see it."""

    def __init__(self, reached: dict[str, str]) -> None:
        self.reached = reached
        self.agent = User(uid=1000, gid=1000, home="/")

    async def ways_out(self, ways: dict[str, tuple[str, str, int]]) -> dict[str, str]:
        port = ways["loopback IPv4"][2]
        if "loopback IPv4" in self.reached:
            socket.create_connection(("127.0.0.1", port)).close()
            await asyncio.sleep(0.05)
        return dict.fromkeys(ways, "") | {"route to resolver 8.8.8.8": self.reached.get("route", "")}

    async def exec(self, argv: tuple[str, ...], **how: object) -> str:
        del how
        return f"no answer to {argv[0]}"


@pytest.mark.anyio
@pytest.mark.sockets
async def test_an_open_way_is_said_even_when_only_our_listener_saw_it() -> None:
    with EgressProbes() as probes:
        answers = await probes.check(Leaky({"loopback IPv4": "", "route": "a route"}))  # pyright: ignore[reportArgumentType] a leaky host
    opened = {answer.probe: answer.reached for answer in answers if isinstance(answer, Open)}
    assert opened["loopback IPv4"] == "a connection that arrived here"
    assert opened["route to resolver 8.8.8.8"] == "a route"
    assert "other than a refusal" in opened["vsock"]
    assert any(isinstance(answer, Closed) for answer in answers)


def test_the_profile_is_data_that_allows_nothing_by_default() -> None:
    path = Path(__file__).parents[2] / "src/trialplate/sandbox/seccomp.json"
    profile = json.loads(path.read_text())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert profile["architectures"] == ["SCMP_ARCH_X86_64"]
