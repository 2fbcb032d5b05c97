"""Rows that a hostile guest plays against our own interface: commands, files, and what is seen from outside.

An attempt returns words where it got further than it may, and raises `RefusedError` or OSError where it was held.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time

from tests.sandbox.attacks import outside
from tests.sandbox.attacks.box.outcome import RefusedError
from tests.sandbox.attacks.field import Field, lone_scenario
from tests.sandbox.attacks.row import TMP
from trialplate.sandbox import ROOT, Completed, Content, TimedOut
from trialplate.sandbox.egress import Closed, EgressProbes
from trialplate.sandbox.ids import COUNT
from trialplate.sandbox.sandbox import pid_of

_LATE = 3.0
"""Seconds that a command may last beyond its timeout, on a machine that others use too."""
_CLOCK = f"{TMP}/clock"
_OUTPUT = 300_000_000
_LIMIT = 1 << 20
_MARK = "86399"
"""Seconds that the sleepers of these rows sleep, by which they are known."""


async def times_out(field: Field, script: str) -> str:
    """Run a script that does not want to end, with a timeout of a second; nothing of it may be left."""
    began = time.monotonic()
    result = await field.handle.exec(("python3", "-c", script), user=field.user, timeout=1.0)
    took = time.monotonic() - began
    if not isinstance(result, TimedOut):
        return f"it ended: {result!r}"
    if took > 1.0 + _LATE:
        return f"it took {took:.1f} s"
    left = await _left(field)
    if left:
        return f"{left} left behind"
    raise RefusedError(f"killed after {took:.2f} s, nothing left")


async def _left(field: Field) -> list[str]:
    """Return what runs in the host beside its init, once what was killed had a moment to go.

    A process that forks and ends for ever shows no command line when it is looked at, so an empty one counts too.
    """
    left: list[str] = []
    for _ in range(20):
        first = pid_of(field.handle.pidfd)
        pids = set(outside.of_namespace(first)) - {first}
        left = [name for name in map(_command, pids) if not name.startswith("/usr/bin/sleep inf")]
        if not left:
            return []
        await asyncio.sleep(0.02)
    return left


def _command(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


async def holds_output(field: Field) -> str:
    """Leave a child in the background that holds the output open; the command must end at once all the same."""
    began = time.monotonic()
    result = await field.handle.exec(("sh", "-c", f"sleep {_MARK} & echo done"), user=field.user, timeout=10.0)
    took = time.monotonic() - began
    await _kill_sleepers(field)
    if isinstance(result, Completed) and result.stdout == b"done\n" and took < _LATE:
        raise RefusedError(f"it ended after {took:.2f} s")
    return f"after {took:.1f} s: {result!r}"


async def _kill_sleepers(field: Field) -> None:
    await field.handle.exec(("pkill", "-9", "-f", "sleep (5|86399)"), user=ROOT, timeout=10.0)


async def floods_output(field: Field) -> str:
    """Print 300 MB; neither the time nor the memory of the driver may follow."""
    before, began = _memory(), time.monotonic()
    script = f"head -c {_OUTPUT} /dev/zero; head -c {_OUTPUT} /dev/zero >&2"
    result = await field.handle.exec(("sh", "-c", script), user=field.user, timeout=20.0, output_limit=_LIMIT)
    took, grown = time.monotonic() - began, _memory() - before
    if not isinstance(result, Completed):
        return f"it was not taken in {took:.1f} s"
    if not result.truncated or len(result.stdout) > _LIMIT or len(result.stderr) > _LIMIT or grown > 64 << 10:
        return f"kept {len(result.stdout)} and {len(result.stderr)} bytes, {grown} KiB more memory"
    raise RefusedError(f"{len(result.stdout)} bytes kept in {took:.1f} s")


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def child_clock(field: Field) -> str:
    """Start children that note the time again and again; after the command's timeout none may."""
    script = f"for i in 1 2 3; do (setsid sh -c 'while :; do date >> {_CLOCK}; sleep 0.05; done' &); done; sleep 60"
    result = await field.handle.exec(("sh", "-c", script), user=field.user, timeout=0.7)
    sizes: list[int] = []
    for _ in range(2):
        seen = await field.handle.exec(("stat", "-c", "%s", _CLOCK), user=ROOT, timeout=10.0)
        sizes.append(int(seen.stdout))
        await asyncio.sleep(0.5)
    await field.handle.exec(("rm", "-f", _CLOCK), user=ROOT, timeout=10.0)
    if isinstance(result, TimedOut) and sizes[0] == sizes[1] > 0:
        raise RefusedError(f"{sizes[0]} bytes, and no more")
    return f"{sizes} bytes after {result!r}"


async def kills_own_init(field: Field) -> str:
    """Kill the command's own init, which has the agent's uid, to keep a daemon; it may live until the scenario ends."""
    script = f"setsid sleep {_MARK} & kill -9 $PPID; sleep 5"
    result = await field.handle.exec(("bash", "-c", script), user=field.user, timeout=10.0)
    left = await _left(field)
    await _kill_sleepers(field)
    if isinstance(result, Completed) and not await _left(field):
        return f"ended with {result.returncode}; {len(left)} processes lived on, until they were killed from outside"
    raise RefusedError(f"{result!r}")


async def stops_own_init(field: Field) -> str:
    """Stop the command's own init; the timeout must hold."""
    return await times_out(field, "import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP); time.sleep(60)")


async def cancels(field: Field) -> str:
    """Cancel a command that has detached daemons; nothing may be left."""
    script = f"(setsid setsid sleep {_MARK} &) ; sleep {_MARK}"
    task = asyncio.ensure_future(field.handle.exec(("sh", "-c", script), user=field.user))
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    left = await _left(field)
    if left:
        return f"{left} left behind"
    raise RefusedError("nothing left")


async def survives_close(field: Field) -> str:
    """Leave daemons of every sort in a scenario of its own, then close it."""
    running = await field.sandbox.start(lone_scenario(field.handle.host.image))
    first = pid_of(running.foothold.pidfd)
    scripts = (
        f"(setsid setsid sleep {_MARK} &)",
        f"trap '' TERM HUP INT; (setsid sh -c \"trap '' TERM HUP INT; while :; do sleep {_MARK}; done\" &)",
        f"setsid sleep {_MARK} & kill -9 $PPID",
    )
    for script in scripts:
        await running.foothold.exec(("bash", "-c", script), user=field.user, timeout=10.0)
    lived = outside.of_namespace(first)
    await running.close()
    gone = [pid for pid in lived if not os.path.exists(f"/proc/{pid}") or not _command(pid)]
    if len(lived) < 2 + len(scripts):
        return f"only {len(lived)} processes lived before it was closed"
    if len(gone) != len(lived):
        return f"{set(lived) - set(gone)} outlived it"
    raise RefusedError(f"all {len(lived)} are gone")


async def read(field: Field, path: str, limit: int = _LIMIT) -> str:
    """Read a file through our own interface; `SECRET` in its path stands for a file of the machine's."""
    content = await _bounded(field.handle.read_file(_path(field, path), user=field.user, limit=limit))
    if isinstance(content, str):
        return content
    if content.data == field.lures.secret.read_bytes():
        return "the machine's file was read"
    if len(content.data) > limit:
        return f"{len(content.data)} bytes"
    raise RefusedError(f"{len(content.data)} bytes of the box's own, complete: {content.complete}")


async def write(field: Field, path: str, size: int = 1) -> str:
    """Write a file through our own interface."""
    before = field.lures.secret.read_bytes()
    await _bounded(field.handle.write_file(_path(field, path), b"x" * size, user=field.user))
    if field.lures.secret.read_bytes() != before:
        return "the machine's file was written"
    return "written"


async def _bounded(call: asyncio.Future[Content] | object) -> Content | str:
    try:
        async with asyncio.timeout(5.0):
            return await call  # type: ignore[misc]
    except TimeoutError:
        return "it took more than 5 s"


def _path(field: Field, path: str) -> str:
    return path.replace("SECRET", str(field.lures.secret).lstrip("/"))


async def plant(field: Field) -> None:
    """Lay out what the rows about files stumble over, as the agent would."""
    secret = field.lures.secret
    commands = f"""
        rm -rf /tmp/lay {secret.parent} /home/agent/big /root/big; mkdir /tmp/lay && chmod 777 /tmp/lay && cd /tmp/lay
        ln -sf {secret} to-secret; ln -sf ../../../../../../../../{secret} up-to-secret
        ln -sf /etc/shadow to-shadow; ln -sf /etc/passwd to-passwd; ln -sfn /etc to-etc
        ln -sf /proc/1/root{secret} to-first; ln -sf /proc/self/root{secret} to-self; ln -sf loop loop
        ln -sf /dev/zero to-zero; ln -sf /proc/self/fd/0 to-descriptor
        mkfifo fifo; chmod 666 fifo; truncate -s 50G giant; chmod 666 giant; mkdir folder
    """
    result = await field.handle.exec(("sh", "-ec", commands), user=ROOT, timeout=10.0)
    assert isinstance(result, Completed), result
    assert result.returncode == 0, result


async def outer_ids(field: Field) -> str:
    """Look at every process of the scenario while agent, root, a set-user-id program and a service run in it."""
    commands = [
        asyncio.ensure_future(handle.exec(("sleep", "1"), user=user))
        for handle in field.running.hosts.values()
        for user in (ROOT, handle.agent)
    ]
    await asyncio.sleep(0.6)
    seen = outside.below(field.sandbox.spawner.pid)
    first = outside.outer_root(field.running.pid)
    await asyncio.gather(*commands)
    if first <= 0 or first < field.sandbox.ids.first:
        return f"root of the scenario is {first}"
    wrong = [each for each in seen if not all(first <= number < first + COUNT for number in (*each.uids, *each.gids))]
    if wrong:
        return f"{wrong}"
    if len(seen) < 4 * len(commands):
        return f"only {len(seen)} processes were seen"
    raise RefusedError(f"{len(seen)} processes, all with ids from {first}")


async def leaves_group(field: Field) -> str:
    """Look for a process of a host that is not in its host's groups, where there are any."""
    for name, handle in field.running.hosts.items():
        for path in field.running.cap.joins(name):
            with open(path, encoding="ascii") as file:
                held = {int(line) for line in file.read().split()}
            out = set(outside.of_namespace(pid_of(handle.pidfd))) - held
            if out:
                return f"{[_command(pid) for pid in out]} of {name} are not in {path}"
    raise RefusedError("every process is in its host's groups")


async def probes(field: Field) -> str:
    """Ask the library's own egress probes, which a campaign uses."""
    with EgressProbes() as egress:
        found = [each for each in await egress.check(field.handle) if not isinstance(each, Closed)]
    if found:
        return f"{found}"
    raise RefusedError("every way is closed")


async def listeners(field: Field) -> str:
    """Ask the driver's listeners whether anything arrived in all this time."""
    count = field.lures.called()
    if count:
        return f"{count} connections arrived"
    raise RefusedError("nothing arrived")


ATTEMPTS = {
    "times_out": times_out,
    "holds_output": holds_output,
    "floods_output": floods_output,
    "child_clock": child_clock,
    "kills_own_init": kills_own_init,
    "stops_own_init": stops_own_init,
    "cancels": cancels,
    "survives_close": survives_close,
    "read": read,
    "write": write,
    "outer_ids": outer_ids,
    "leaves_group": leaves_group,
    "probes": probes,
    "listeners": listeners,
}
