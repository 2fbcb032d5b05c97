"""A running host: run commands in it, read and write its files, look at it from outside.

The agent's own commands and our observations go through the same methods; what differs is the user. An observation
reads with root's rights inside the host, but no path can lead it out, and a command of ours never waits for a guest
longer than its timeout.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from trialplate.sandbox.bundle import INIT, Command, Policy, process
from trialplate.sandbox.caps import Cap
from trialplate.sandbox.client import Call, Spawner
from trialplate.sandbox.errors import HostGoneError, SandboxError
from trialplate.sandbox.runtime import AGENT_HOME, AGENT_NAME, exec_command
from trialplate.sandbox.scenario import Host, Scenario
from trialplate.sandbox.spawner import protocol
from trialplate.sandbox.streams import Collector
from trialplate.sandbox.tree import kill_tree
from trialplate.sandbox.users import ROOT, User, find_user

OUTPUT_LIMIT = 10 << 20
FILE_LIMIT = 100 << 20
_FILE_SECONDS = 60
_PASSWD_LIMIT = 1 << 20
_LOG_LIMIT = 1 << 16
_EXIT_BY_SIGNAL = 128


@dataclass(frozen=True, kw_only=True)
class Completed:
    """A command ended by itself. Streams hold their newest bytes; `truncated` says that older ones were dropped."""

    returncode: int
    stdout: bytes
    stderr: bytes
    truncated: bool


@dataclass(frozen=True, kw_only=True)
class TimedOut:
    """A command and everything it started was killed when its time was over."""

    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file's bytes; `complete` is False where the file has more than the limit that was asked for."""

    data: bytes
    complete: bool


def has_ended(pidfd: int) -> bool:
    """Say whether the process of a pidfd has ended: it becomes readable then."""
    ended = select.poll()
    ended.register(pidfd, select.POLLIN)
    return bool(ended.poll(0))


class FailedCommandError(SandboxError):
    """The runtime could not start the command at all, for instance because its folder does not exist."""


class Session(Protocol):
    """What a host needs of the scenario it belongs to."""

    spawner: Spawner
    supervisor: int
    policy: Policy
    scenario: Scenario
    cap: Cap


class HostHandle:
    """A running host of a scenario."""

    def __init__(self, host: Host, session: Session, agent_uid: int, pidfd: int) -> None:
        self.host = host
        self.agent = User(uid=agent_uid, gid=agent_uid, home=AGENT_HOME)
        self.pidfd = pidfd
        self._session = session
        self._service_logs: dict[str, Collector] = {}

    async def exec(  # noqa: PLR0913 what a command consists of
        self,
        argv: tuple[str, ...],
        *,
        user: User,
        stdin: bytes = b"",
        cwd: str = "",
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 the timeout kills inside, which a cancel scope alone would not
        output_limit: int = OUTPUT_LIMIT,
    ) -> Completed | TimedOut:
        """Run a command to its end.

        When the time is over, or the caller is canceled, everything that the command started is killed at once.

        Raises:
            FailedCommandError: where the runtime could not start it.
            HostGoneError: where the host does not run any more.
        """
        command = self._command(argv, user, cwd, env or {})
        out, err = Collector(output_limit), Collector(output_limit)
        running = _Running()
        try:
            running = await self._launch(command, stdin, out, err)
            try:
                async with asyncio.timeout(timeout):
                    event, _ = await running.call.event("exit")
            except TimeoutError:
                running.kill()
                return TimedOut(stdout=out.finish(), stderr=err.finish())
            running.settle()
            stdout, stderr = out.finish(), err.finish()
            self._refuse_runtime_failure(running.log())
            truncated = out.truncated or err.truncated
            return Completed(returncode=_returncode(event["status"]), stdout=stdout, stderr=stderr, truncated=truncated)
        finally:
            running.kill()
            out.close()
            err.close()

    async def start_service(self, name: str, argv: tuple[str, ...], *, uid: int, env: Mapping[str, str]) -> None:
        """Start a program that runs until the host ends; the newest part of what it prints is kept outside."""
        user = User(uid=uid, gid=uid, home="/")
        log = Collector(_LOG_LIMIT)
        errors = Collector(_LOG_LIMIT)
        running = await self._launch(self._command(argv, user, "/", env), b"", log, errors)
        running.detach()
        self._service_logs[name] = log
        self._service_logs[f"{name}.err"] = errors

    def service_log(self, name: str) -> bytes:
        """Return the newest part of what a service printed, both streams."""
        return self._service_logs[name].content() + self._service_logs[f"{name}.err"].content()

    def _command(self, argv: tuple[str, ...], user: User, cwd: str, env: Mapping[str, str]) -> Command:
        environment = {"HOME": user.home, **env}
        return Command(
            argv=(INIT, "-s", "--", *argv),
            uid=user.uid,
            gid=user.gid,
            cwd=os.path.normpath(os.path.join(user.home, cwd)),
            env=tuple(environment.items()),
        )

    async def _launch(self, command: Command, stdin: bytes, out: Collector, err: Collector) -> _Running:
        """Start a command and return it running."""
        value = process(self.host, self._session.policy, command, processes=self._session.scenario.processes)
        body: protocol.Body = {
            "argv": exec_command(self.host.name),
            "env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            "process": json.dumps(value),
            "cgroups": self._session.cap.joins(self.host.name),
        }
        source = protocol.memory_file("stdin", stdin)
        log = protocol.memory_file("log", b"", sealed=False)
        try:
            call = self._session.spawner.call(
                protocol.EXEC,
                body,
                supervisor=self._session.supervisor,
                stdin=source,
                stdout=out.writer,
                stderr=err.writer,
                log=log,
            )
        finally:
            os.close(source)
            out.hand_over()
            err.hand_over()
        running = _Running(call, log)
        try:
            event, fds = await call.event("running")
            running.pid, running.pidfd = event["pid"], fds[0]
        except OSError as error:
            running.kill()
            if not self.alive():
                raise HostGoneError(f"Host {self.host.name} is not running.", "Start the scenario again.") from error
            raise
        except BaseException:
            running.kill()
            raise
        return running

    def _refuse_runtime_failure(self, log: str) -> None:
        """Raise what the runtime itself had to say, which the command's own output could not forge."""
        if not log:
            return
        said = " ".join(json.loads(line).get("msg", "") for line in log.splitlines() if line.startswith("{"))
        if not self.alive():
            raise HostGoneError(f"Host {self.host.name} is not running.", "Start the scenario again.")
        raise FailedCommandError(f"The command could not be started: {said.strip()}.", "Check its folder and user.")

    def alive(self) -> bool:
        """Say whether the host's first process runs; one that has ended and is not yet reaped takes signals still."""
        return not has_ended(self.pidfd)

    async def read_file(self, path: str, *, user: User, limit: int = FILE_LIMIT) -> Content:
        """Read a regular file with a user's rights.

        Raises:
            OSError: FileNotFoundError, PermissionError (also for anything but a regular file), IsADirectoryError.
            TimeoutError: where the host took too long.
        """
        data = protocol.memory_file("file", b"", sealed=False)
        try:
            size = await self._file("read", path, user, data, limit)
            return Content(data=protocol.read_whole(data)[:limit], complete=size <= limit)
        finally:
            os.close(data)

    async def write_file(self, path: str, content: bytes, *, user: User) -> None:
        """Write a regular file with a user's rights, making missing folders above it; errors as in `read_file`."""
        data = protocol.memory_file("file", content)
        try:
            await self._file("write", path, user, data, 0)
        finally:
            os.close(data)

    async def _file(self, verb: str, path: str, user: User, data: int, limit: int) -> int:
        body: protocol.Body = {
            "verb": verb,
            "path": os.path.normpath(os.path.join(user.home, path)),  # noqa: ASYNC240 - no file is touched
            "limit": limit,
            "uid": user.uid,
            "gid": user.gid,
            "seconds": _FILE_SECONDS,
        }
        if not self.alive():
            raise HostGoneError(f"Host {self.host.name} is not running.", "Start the scenario again.")
        with self._session.spawner.call(protocol.FILE, body, host=self.pidfd, data=data) as call:
            event, _ = await call.event("done")
            return event["size"]

    async def ways_out(self, ways: Mapping[str, tuple[str, str, int]]) -> Mapping[str, str]:
        """Try ways out of the host from outside the guest's reach (`spawner.probes`); return what each reached."""
        body: protocol.Body = {"uid": self.agent.uid, "ways": dict(ways)}
        with self._session.spawner.call(protocol.PROBE, body, host=self.pidfd) as call:
            event, _ = await call.event("done")
            return event["open"]

    async def user(self, name: str) -> User:
        """Return the user called `name` or with that uid, from the host's own account files.

        Raises:
            UnknownUserError: where there is none.
        """
        if name == AGENT_NAME:
            return self.agent
        if name in {"root", "0"}:
            return ROOT
        passwd = await self.read_file("/etc/passwd", user=ROOT, limit=_PASSWD_LIMIT)
        return find_user(passwd.data.decode(errors="replace"), name)

    def close(self) -> None:
        """Let go of the host's descriptors; the host itself ends with its scenario."""
        for log in self._service_logs.values():
            log.close()
        os.close(self.pidfd)


class _Running:
    """A command under way, until it is settled, killed or detached; each of these may be called again."""

    def __init__(self, call: Call | None = None, log: int = -1) -> None:
        self._call = call
        self._log = log
        self.pid = 0
        self.pidfd = -1

    @property
    def call(self) -> Call:
        if self._call is None:
            raise HostGoneError("The command is not running.", "Start it again.")
        return self._call

    def log(self) -> str:
        """Return what the runtime logged; closes the log."""
        said = protocol.read_whole(self._log).decode(errors="replace")
        os.close(self._log)
        self._log = -1
        return said

    def settle(self) -> None:
        """The command has ended: there is nothing left to kill."""
        self.pid = 0
        self.detach()

    def kill(self) -> None:
        """Kill the command with everything below it."""
        if self.pid:
            kill_tree(self.pid)
            self.pid = 0
        self.detach()
        if self._log >= 0:
            os.close(self._log)
            self._log = -1

    def detach(self) -> None:
        """Let the command go on alone."""
        if self._call is not None:
            self._call.close()
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


def _returncode(status: int) -> int:
    """Return the exit code that a shell would show for a wait(2) status."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else _EXIT_BY_SIGNAL - code
