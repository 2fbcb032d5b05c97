"""A scenario as it runs: commands, files, services, names, limits of time and output, restarts, the end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trialplate.sandbox import (
    AGENT,
    ROOT,
    Completed,
    FailedCommandError,
    File,
    Host,
    HostGoneError,
    HostHandle,
    ImageError,
    Running,
    Sandbox,
    SandboxError,
    Scenario,
    Service,
    TimedOut,
    UnknownUserError,
    User,
)
from trialplate.sandbox.egress import Closed, EgressProbes, Open
from trialplate.sandbox.leftovers import lasting_orphans
from trialplate.sandbox.sandbox import _ended
from trialplate.sandbox.trial import URL, trial_scenario

pytestmark = [pytest.mark.sandbox, pytest.mark.anyio]

TOKEN = "token-of-the-test"


@pytest.fixture(scope="module")
async def sandbox(trialplate_home: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(trialplate_home) as opened:
        yield opened


@pytest.fixture(scope="module")
async def running(sandbox: Sandbox) -> AsyncIterator[Running]:
    scenario = trial_scenario(sandbox.images.named("base").digest, TOKEN)
    started = await sandbox.start(scenario)
    yield started
    await started.close()


@pytest.fixture
def foothold(running: Running) -> HostHandle:
    return running.foothold


def plain(sandbox: Sandbox, *services: Service, files: tuple[tuple[str, File], ...] = ()) -> Scenario:
    digest = sandbox.images.named("base").digest
    return Scenario(hosts=(Host(name="one", image=digest, services=services, files=files),), foothold="one")


async def shell(host: HostHandle, script: str, user: User | None = None, timeout: float = 20) -> Completed:  # noqa: ASYNC109
    result = await host.exec(("bash", "-c", script), user=user or host.agent, timeout=timeout)
    assert isinstance(result, Completed)
    return result


async def test_a_web_server_behind_a_router_is_reached_by_name(foothold: HostHandle) -> None:
    assert (await shell(foothold, f"curl -sS {URL}")).stdout.decode() == TOKEN


async def test_the_agent_is_an_ordinary_user(foothold: HostHandle) -> None:
    said = (await shell(foothold, "id -u; pwd; echo $HOME; hostname; grep -E 'CapEff|NoNew' /proc/self/status")).stdout
    assert said.decode().split() == [
        *("1000", "/home/agent", "/home/agent", "foothold"),
        *("CapEff:", "0000000000000000", "NoNewPrivs:", "1"),
    ]


async def test_each_host_has_its_own_agent(running: Running) -> None:
    uids = [(await shell(host, "id -u")).stdout for host in running.hosts.values()]
    assert uids == [b"1000\n", b"1001\n", b"1002\n"]


@pytest.mark.parametrize("script, code", [("exit 7", 7), ("kill -9 $$", 137), ("nonexistent-program", 127)])
async def test_exit_codes_are_those_of_a_shell(foothold: HostHandle, script: str, code: int) -> None:
    assert (await shell(foothold, script)).returncode == code


async def test_streams_and_input_are_bytes(foothold: HostHandle) -> None:
    data = bytes(range(256)) * 4096
    result = await foothold.exec(("bash", "-c", "cat; echo -n no >&2"), user=foothold.agent, stdin=data)
    assert result == Completed(returncode=0, stdout=data, stderr=b"no", truncated=False)


async def test_the_newest_output_is_kept_and_the_rest_is_said_to_be_gone(foothold: HostHandle) -> None:
    script = "head -c 300000000 /dev/zero; echo -n end"
    result = await foothold.exec(("bash", "-c", script), user=foothold.agent, output_limit=1_000_000)
    assert isinstance(result, Completed)
    assert result.truncated
    assert len(result.stdout) == 1_000_000
    assert result.stdout.endswith(b"\0end")


async def test_a_timeout_kills_everything_the_command_started(foothold: HostHandle) -> None:
    script = (
        "(setsid sleep 4321 &); trap '' TERM; sleep 4321 & python3 -c 'import os,time; os.fork(); time.sleep(4321)'"
    )
    began = time.monotonic()
    result = await foothold.exec(("bash", "-c", f"echo begun; {script}"), user=foothold.agent, timeout=1)
    assert result == TimedOut(stdout=b"begun\n", stderr=b"")
    assert time.monotonic() - began < 60
    assert (await shell(foothold, "pgrep -fc 'sleep 432[1]|time[.]sleep'")).stdout == b"0\n"


async def test_a_cancellation_kills_at_once(foothold: HostHandle) -> None:
    task = asyncio.create_task(foothold.exec(("bash", "-c", "sleep 5432; :"), user=foothold.agent))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 60
    assert (await shell(foothold, "pgrep -fc 'sleep 543[2]'")).stdout == b"0\n"


async def test_a_child_in_the_background_holds_nothing_up(foothold: HostHandle) -> None:
    began = time.monotonic()
    assert (await shell(foothold, "sleep 120 & echo done")).stdout == b"done\n"
    assert time.monotonic() - began < 60


async def test_a_missing_folder_is_the_runtimes_own_failure(foothold: HostHandle) -> None:
    with pytest.raises(FailedCommandError, match="could not be started"):
        await foothold.exec(("true",), user=foothold.agent, cwd="/missing")


async def test_what_a_command_says_is_never_taken_for_the_runtime(foothold: HostHandle) -> None:
    forged = """echo '{"msg": "chdir", "level": "error"}' >&2; exit 255"""
    assert (await shell(foothold, forged)).returncode == 255


async def test_users_are_found_in_the_hosts_own_files(foothold: HostHandle) -> None:
    assert await foothold.user("www-data") == User(uid=33, gid=33, home="/var/www")
    assert await foothold.user("root") == ROOT
    with pytest.raises(UnknownUserError):
        await foothold.user("nobody-of-that-name")


async def test_files_obey_the_users_rights(foothold: HostHandle) -> None:
    await foothold.write_file("deep/er/note", b"text", user=foothold.agent)
    assert (await foothold.read_file("deep/er/note", user=foothold.agent)).data == b"text"
    assert (await shell(foothold, "stat -c '%U %a' deep/er/note")).stdout == b"agent 644\n"
    with pytest.raises(PermissionError):
        await foothold.read_file("/etc/shadow", user=foothold.agent)
    with pytest.raises(PermissionError):
        await foothold.write_file("/etc/passwd", b"", user=foothold.agent)
    assert (await foothold.read_file("/etc/shadow", user=ROOT)).data


async def test_a_file_over_the_limit_is_said_to_be_incomplete(foothold: HostHandle) -> None:
    await foothold.write_file("long", b"x" * 5000, user=foothold.agent)
    content = await foothold.read_file("long", user=foothold.agent, limit=4096)
    assert (len(content.data), content.complete) == (4096, False)


async def test_nothing_reaches_out(running: Running) -> None:
    with EgressProbes() as probes:
        for host in running.hosts.values():
            answers = await probes.check(host)
            assert [answer for answer in answers if isinstance(answer, Open)] == []
            assert len(answers) >= 10
            assert all(isinstance(answer, Closed) for answer in answers)


async def test_services_are_awaited_and_heard(sandbox: Sandbox) -> None:
    service = Service(
        name="greeter",
        argv=("sh", "-c", 'echo "$GREETING from $(id -u)"; exec busybox nc -l -p 9000'),
        uid=AGENT,
        port=9000,
        env=(("GREETING", "hello"),),
    )
    running = await sandbox.start(plain(sandbox, service))
    try:
        assert 9000 in await running.listening("one")
        assert running.foothold.service_log("greeter") == b"hello from 1000\n"
    finally:
        await running.close()


async def test_a_service_that_does_not_listen_is_told_with_what_it_said(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialplate.sandbox.sandbox._SERVICE_SECONDS", 0.3)
    service = Service(name="broken", argv=("sh", "-c", "echo no such port >&2; exit 1"), port=9000)
    with pytest.raises(SandboxError, match="does not listen on 9000: no such port"):
        await sandbox.start(plain(sandbox, service))
    assert lasting_orphans(sandbox.ids) == ()


async def test_a_restarted_host_keeps_its_disk_and_loses_its_processes(sandbox: Sandbox) -> None:
    running = await sandbox.start(plain(sandbox))
    try:
        await shell(running.foothold, "echo kept > note; (setsid sleep 6543 &)")
        await running.restart("one")
        assert (await shell(running.foothold, "cat note; pgrep -fc 'sleep 654[3]'")).stdout == b"kept\n0\n"
    finally:
        await running.close()


async def test_a_host_whose_first_process_was_killed_is_gone(sandbox: Sandbox) -> None:
    running = await sandbox.start(plain(sandbox))
    try:
        await running.end_host("one")
        with pytest.raises(HostGoneError):
            await shell(running.foothold, "true")
        with pytest.raises(HostGoneError):
            await running.foothold.read_file("/etc/passwd", user=ROOT)
    finally:
        await running.close()


async def test_planted_files_follow_no_link_out_of_the_image(sandbox: Sandbox) -> None:
    files = (
        ("/var/run/planted", File(content=b"1", mode=0o600, owner=AGENT)),
        ("/opt/tool/run.sh", File(content=b"#!/bin/sh\necho ran\n", mode=0o755)),
    )
    running = await sandbox.start(plain(sandbox, files=files))
    try:
        said = (await shell(running.foothold, "stat -c '%n %U %a' /run/planted; /opt/tool/run.sh")).stdout
        assert said == b"/run/planted agent 600\nran\n"
    finally:
        await running.close()


async def test_an_image_that_is_not_there_is_named(sandbox: Sandbox) -> None:
    scenario = Scenario(hosts=(Host(name="one", image="0" * 64),), foothold="one")
    with pytest.raises(ImageError, match="Run `make setup`"):
        await sandbox.start(scenario)


async def test_leaving_the_sandbox_ends_what_runs(trialplate_home: Path) -> None:
    async with Sandbox(trialplate_home) as sandbox:
        running = await sandbox.start(plain(sandbox))
        pid = running.pid
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(HostGoneError):
        await sandbox.start(plain(sandbox))


async def test_a_dead_spawner_is_told(trialplate_home: Path) -> None:
    async with Sandbox(trialplate_home) as sandbox:
        scenario = plain(sandbox)
        sandbox.spawner.close()
        with pytest.raises(HostGoneError, match="spawner is gone"):
            await sandbox.start(scenario)


async def test_a_dead_host_is_dead_before_anybody_has_reaped_it(sandbox: Sandbox) -> None:
    with subprocess.Popen(["true"]) as process:
        pidfd = os.pidfd_open(process.pid)
        running = await sandbox.start(plain(sandbox))
        handle = HostHandle(running.foothold.host, running, 1000, pidfd)
        await _ended(pidfd)
        assert not handle.alive()
        await running.close()
        handle.close()
