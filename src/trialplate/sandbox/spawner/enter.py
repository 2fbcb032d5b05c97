"""Enter a running scenario: to run a command in one of its hosts, or to carry out further steps."""

from __future__ import annotations

import fcntl
import os
import signal
import socket

from . import protocol, start, syscalls
from .steps import Steps

_SUPERVISOR = syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET


def serve_exec(answer: socket.socket, body: protocol.Body, fds: dict[str, int]) -> None:
    """Run a command in the scenario's supervisor with the given standard streams.

    Body: `argv`, `env`, `cgroups` (cgroup.procs files of the host), `process` (text that the command finds in a
    memory file at descriptor 3). The command finds the descriptor `log` at 4.

    Events: `running` with the command's pidfd; `exit` with `status` as wait(2) encodes it; or `failed`.
    """
    # Opened before entering: a cgroup asks who opened the file, not who writes to it.
    joins = [os.open(path, os.O_WRONLY | os.O_CLOEXEC) for path in body["cgroups"]]
    # Made before entering: the ids of the scenario need no right to make memory files of ours.
    process = protocol.memory_file("process.json", body["process"].encode())
    syscalls.setns(fds["supervisor"], _SUPERVISOR)
    start.take_root()
    child = os.fork()
    if child == 0:
        for fd in joins:
            os.write(fd, b"0")
        _run(body, fds, process)
    protocol.send(answer, {"event": "running", "pid": child}, (os.pidfd_open(child),))
    for name in ("stdin", "stdout", "stderr"):
        os.close(fds[name])
    _, status = os.waitpid(child, 0)
    protocol.send(answer, {"event": "exit", "status": status})


def _run(body: protocol.Body, fds: dict[str, int], process: int) -> None:
    """Be the command, in a session of its own. Only descriptors 0 to 4 stay open across it."""
    os.setsid()
    wanted = [fds["stdin"], fds["stdout"], fds["stderr"], process, fds["log"]]
    # First out of the way, so that no dup2 below closes one that a later one needs.
    for number, fd in enumerate([fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in wanted]):
        os.dup2(fd, number)
    os.closerange(len(wanted), 1024)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.chdir("/")
    os.execve(body["argv"][0], body["argv"], body["env"])


def serve_steps(answer: socket.socket, body: protocol.Body, fds: dict[str, int]) -> None:
    """Carry out further steps inside a running scenario.

    Body: `steps` and `hosts` as in `start.serve`. Events: `ready` with the pidfds of `hosts`, or `failed`.
    """
    syscalls.setns(fds["supervisor"], _SUPERVISOR)
    start.take_root()
    child = os.fork()
    if child == 0:
        Steps([]).carry_out(body["steps"])
        start.report_hosts(answer, body["hosts"])
        os._exit(0)
    os.waitpid(child, 0)
