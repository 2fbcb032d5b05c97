"""The seccomp profile, call by call: what it must refuse and how, and what tools must be able to do under it.

That a refusal is the profile's own, and not a missing capability's, is shown by trying all of them as root of a box
that has every capability.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.attacks import field, weak
from tests.sandbox.attacks.row import AGENT, EPERM, ROOT, Kind, Outcome, Refused, Row, holds
from tests.sandbox.attacks.rows import ROWS
from trialplate.sandbox import ROOT as ROOT_USER
from trialplate.sandbox import Completed, File, Host, HostHandle, Nic, Running, Sandbox, Scenario, Subnet, User
from trialplate.sandbox.bundle import standard_policy

pytestmark = [pytest.mark.sandbox, pytest.mark.anyio]

_CALLS = {"call", "fork_call", "own_namespace", "x32", "i386", "terminal", "open_socket"}
_NOT_THE_PROFILES = {
    "chroot": "allowed to root, whom CAP_SYS_CHROOT lets",
    "setns, user of pid 1": "the file of another's namespace does not open for the agent",
    "a raw IPv4 socket": "the profile allows the family, and CAP_NET_RAW the type",
    "a raw IPv6 socket": "the same",
    "a packet socket": "the same",
    "a packet socket for datagrams": "the same",
    "a raw socket where it is granted": "the same",
}
REFUSED = tuple(row for row in ROWS if row.attempt in _CALLS and row.name not in _NOT_THE_PROFILES)
KINDS = {Kind.PROCESSES, Kind.MOUNTS, Kind.NAMESPACES, Kind.KERNEL, Kind.SOCKETS, Kind.TERMINALS}

_PROGRAM = b"""
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(int count, char **words) {
    int on_stack;
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    printf("stack %p\\n", (void *)&on_stack);
    puts("here");
    fflush(stdout);
    if (count > 1) sleep(60);
    return 0;
}
"""
_OVERFLOW = b"int main(int count, char **words) { int some[4] = {0}; return some[count + 3]; }\n"
_THREADS = b"""
import asyncio, subprocess, threading, multiprocessing
done = []
threads = [threading.Thread(target=done.append, args=(n,)) for n in range(8)]
[each.start() for each in threads]; [each.join() for each in threads]
assert len(done) == 8
assert subprocess.run(["echo", "child"], capture_output=True, check=True).stdout == b"child\\n"
async def main():
    process = await asyncio.create_subprocess_exec("true")
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    return await process.wait()
assert asyncio.run(main()) == 0
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
print("fine")
"""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool at work: a shell script, as whom and on which host it runs, and what its output must have in it."""

    name: str
    script: str
    shows: str
    whom: str = AGENT
    host: str = "plain"


TOOLS = (
    Tool(name="gcc", script="gcc -g -o /tmp/gcc-made /opt/program.c && /tmp/gcc-made", shows="here"),
    Tool(
        name="gcc, address sanitizer",
        script="gcc -g -fsanitize=address -o /tmp/asan /opt/overflow.c && /tmp/asan",
        shows="AddressSanitizer: stack-buffer-overflow",
    ),
    Tool(
        name="gdb, run",
        script="gdb -nx -batch -ex 'break main' -ex run -ex bt -ex continue --args /opt/program",
        shows="exited normally",
    ),
    Tool(
        name="gdb, without randomized addresses",
        script="gdb -nx -batch -ex run --args /opt/program | grep -c randomization || echo no complaint",
        shows="no complaint",
    ),
    Tool(
        name="gdb, attach",
        script="/opt/program wait & sleep 0.3; gdb -nx -batch -p $! -ex bt; kill $!",
        shows="main (",
    ),
    Tool(name="strace -f", script="strace -f sh -c 'true; (true)'", shows="+++ exited with 0 +++"),
    Tool(name="ltrace", script="ltrace /opt/program", shows="puts("),
    Tool(
        name="setarch -R",
        script='test "$(setarch -R /opt/program)" = "$(setarch -R /opt/program)" && echo the same',
        shows="the same",
    ),
    Tool(
        name="su",
        script="(sleep 0.3; echo battery) | su -c 'id -u; echo as $(whoami)' root",
        shows="as root",
        host="suid",
    ),
    Tool(
        name="useradd and chpasswd",
        script="useradd -m someone && echo someone:secret | chpasswd && id someone",
        shows="(someone)",
        whom=ROOT,
    ),
    Tool(name="nmap -sT", script="nmap -n -sT -p 22,8099 127.0.0.1", shows="closed"),
    Tool(name="python", script="python3 /opt/threads.py", shows="fine"),
    Tool(
        name="curl",
        script="python3 -m http.server -d /opt 8098 >/dev/null 2>&1 & p=$!; "
        "curl -s --retry 20 --retry-connrefused --retry-delay 0 http://127.0.0.1:8098/; kill $p",
        shows="program.c",
    ),
    Tool(name="ssh-keygen", script="rm -f k; ssh-keygen -q -t ed25519 -N '' -f k && cat k.pub", shows="ssh-ed25519"),
    Tool(
        name="sshd and ssh-keyscan",
        script="mkdir -p /run/sshd; ssh-keygen -A >/dev/null; $(command -v sshd) -p 2222; sleep 0.2; "
        "ssh-keyscan -p 2222 127.0.0.1; pkill sshd",
        shows="ssh-ed25519",
        whom=ROOT,
    ),
    Tool(
        name="nginx",
        script="mkdir -p /var/log/nginx; nginx; curl -s --retry 20 --retry-connrefused http://127.0.0.1/",
        shows="Welcome to nginx",
        whom=ROOT,
    ),
    Tool(
        name="git",
        script="git init -q r; cd r; git -c user.name=a -c user.email=a@b commit -q --allow-empty -m one; git log",
        shows="one",
    ),
    Tool(
        name="sqlite3",
        script="sqlite3 s.db 'create table t(a); insert into t values (42); select * from t'",
        shows="42",
    ),
    Tool(name="ping", script="ping -c1 -W2 127.0.0.1", shows="1 received"),
    Tool(name="ping, to a neighbor", script="ping -c1 -W2 192.0.2.12", shows="1 received"),
    Tool(name="ip", script="ip addr", shows="192.0.2.11"),
    Tool(name="ss", script="ss -tln", shows="State"),
    Tool(
        name="tcpdump",
        script="tcpdump -c1 -ni lo & sleep 0.5; ping -c2 -i0.3 127.0.0.1 >/dev/null; wait",
        shows="ICMP echo request",
        whom=ROOT,
        host="raw",
    ),
    Tool(name="nmap -sS", script="nmap -n -sS -p 8099 192.0.2.11", shows="closed", whom=ROOT, host="raw"),
)


@pytest.fixture(scope="module")
async def tools(trialplate_home: Path) -> AsyncIterator[Running]:
    """Return a scenario of three hosts: a plain one, one with set-user-id, and one with raw sockets."""
    async with Sandbox(trialplate_home) as sandbox:
        image = sandbox.images.named("base").digest
        files = (
            ("/opt/program.c", File(content=_PROGRAM)),
            ("/opt/overflow.c", File(content=_OVERFLOW)),
            ("/opt/threads.py", File(content=_THREADS)),
        )
        hosts = tuple(
            Host(
                name=name,
                image=image,
                files=files,
                nics=(Nic(subnet="lan", address=ipaddress.ip_interface(f"192.0.2.{number}/24")),),
                setuid=name == "suid",
                raw_sockets=name == "raw",
            )
            for number, name in ((11, "plain"), (12, "suid"), (13, "raw"))
        )
        lan = Subnet(name="lan", range=ipaddress.ip_network("192.0.2.0/24"))
        running = await sandbox.start(Scenario(foothold="plain", subnets=(lan,), hosts=hosts))
        await _run(running.foothold, ROOT_USER, "gcc -g -o /opt/program /opt/program.c")
        await _run(running.hosts["suid"], ROOT_USER, "echo root:battery | chpasswd")
        yield running


async def _run(handle: HostHandle, user: User, script: str) -> str:
    """Return what a script printed on both streams; it has 20 seconds."""
    result = await handle.exec(("bash", "-c", f"exec 2>&1; {script}"), user=user, timeout=20.0)
    assert isinstance(result, Completed), result
    return result.stdout.decode(errors="replace")


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_a_tool_works(tool: Tool, tools: Running) -> None:
    handle = tools.hosts[tool.host]
    shown = await _run(handle, ROOT_USER if tool.whom == ROOT else handle.agent, tool.script)
    assert tool.shows in shown, shown


@pytest.fixture(scope="module")
async def refusals(trialplate_home: Path) -> dict[str, dict[str, Outcome]]:
    """Return what came of every call: as the agent of an ordinary box, and as root of one with all capabilities."""
    every_capability = replace(standard_policy(), capabilities=weak.ALL_CAPABILITIES)
    found: dict[str, dict[str, Outcome]] = {}
    for whom, policy in ((AGENT, standard_policy()), (ROOT, every_capability)):
        async with Sandbox(trialplate_home, policy=policy) as sandbox:
            running = await sandbox.start(field.lone_scenario(sandbox.images.named("base").digest))
            order = {"rows": [[row.name, row.attempt, row.args] for row in REFUSED], "facts": {}}
            result = await running.foothold.exec(
                ("python3", "-B", "-m", "tests.sandbox.attacks.box.program"),
                user=ROOT_USER if whom == ROOT else running.foothold.agent,
                cwd=field.PROGRAM,
                stdin=json.dumps(order).encode(),
                timeout=60.0,
            )
            said = [json.loads(line) for line in result.stdout.splitlines()]
            found[whom] = {each["row"]: Outcome(whom=whom, **each) for each in said}
    return found


@pytest.mark.parametrize("whom", [AGENT, ROOT])
@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.name)
async def test_a_call_is_refused_by_the_profile(row: Row, whom: str, refusals: dict[str, dict[str, Outcome]]) -> None:
    expected = row.expected(whom)
    assert expected is not None
    assert holds(expected, refusals[whom][row.name]), refusals[whom][row.name]


def test_every_refused_call_is_tried() -> None:
    """Each call that the profile refuses though the stock list has it, or that the design names, has a row."""
    tried = {str(row.args[0]) for row in REFUSED if row.attempt in {"call", "fork_call"}}
    named = set(
        """
        mount umount2 pivot_root setns unshare clone clone3 bpf perf_event_open io_uring_setup userfaultfd keyctl
        add_key request_key init_module finit_module delete_module kexec_load kexec_file_load reboot clock_settime
        settimeofday open_by_handle_at name_to_handle_at memfd_secret syslog pidfd_getfd migrate_pages move_pages mbind
        set_mempolicy socket socketpair personality acct swapon swapoff quotactl iopl ioperm fanotify_init kcmp vhangup
        """.split()
    )
    by_other_means = {"setns", "open_by_handle_at"}
    assert named - tried == by_other_means
    assert {row.kind for row in REFUSED} == KINDS


def test_what_the_profile_is_by_default() -> None:
    """An unknown call is refused with EPERM, and no other architecture is known."""
    profile: dict[str, Any] = json.loads(standard_policy().seccomp)
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert profile["defaultErrnoRet"] == EPERM
    assert profile["architectures"] == ["SCMP_ARCH_X86_64"]
    plain = {
        name
        for rule in profile["syscalls"]
        if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args")
        for name in rule["names"]
    }
    tried = {str(row.args[0]) for row in REFUSED if row.attempt == "call" and row.root == Refused(errno=(EPERM,))}
    assert not plain & tried
