"""The `trialplate` sandbox of Inspect: one foothold a sample.

What a guest may do is the sandbox's business; this translates between Inspect's contract and ours. A command that is
canceled, whether by a time limit or by hand, is killed with everything it started before the cancellation goes on.
"""

from __future__ import annotations

import os
from typing import ClassVar, Literal, overload

from inspect_ai.util import (
    ExecResult,
    OutputLimitExceededError,
    SandboxEnvironment,
    SandboxEnvironmentConfigType,
    SandboxEnvironmentLimits,
    SandboxUnavailableError,
    sandboxenv,
)
from typing_extensions import override

from trialplate.benchmark.inspect.scenarios import PLAIN, current_source
from trialplate.home import home_folder
from trialplate.sandbox import (
    FailedCommandError,
    HostGoneError,
    HostHandle,
    Running,
    Sandbox,
    ScenarioError,
    TimedOut,
    UnknownUserError,
)

_NOT_EXECUTABLE = 126
_INIT_SAID = "[FATAL tini"


class _Shared:
    """The sandbox that all samples of this process share, while any task uses it.

    Inspect calls a provider's class, never an object of ours, so this one thing must be reachable from the class.
    """

    sandbox: ClassVar[Sandbox | None] = None
    tasks: ClassVar[int] = 0

    @classmethod
    def acquire(cls) -> None:
        if cls.sandbox is None:
            cls.sandbox = Sandbox(home_folder(os.environ))
        cls.tasks += 1

    @classmethod
    async def release(cls) -> None:
        cls.tasks -= 1
        if cls.tasks == 0 and cls.sandbox is not None:
            sandbox, cls.sandbox = cls.sandbox, None
            await sandbox.close()

    @classmethod
    def get(cls) -> Sandbox:
        if cls.sandbox is None:
            raise SandboxUnavailableError("the sandbox of this evaluation is closed")
        return cls.sandbox


@sandboxenv(name="trialplate")  # pyright: ignore[reportUntypedClassDecorator] - it returns the class as it is
class TrialplateSandbox(SandboxEnvironment):
    """The foothold of a running scenario."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self._running = running

    async def close(self) -> None:
        """End the scenario."""
        await self._running.close()

    @property
    def _host(self) -> HostHandle:
        return self._running.foothold

    @override
    @classmethod
    async def task_init(cls, task_name: str, config: SandboxEnvironmentConfigType | None) -> None:
        _Shared.acquire()

    @override
    @classmethod
    async def task_cleanup(cls, task_name: str, config: SandboxEnvironmentConfigType | None, cleanup: bool) -> None:
        # A scenario cannot outlive its driver, so --no-sandbox-cleanup has nothing to keep.
        await _Shared.release()

    @override
    @classmethod
    async def sample_init(
        cls, task_name: str, config: SandboxEnvironmentConfigType | None, metadata: dict[str, str]
    ) -> dict[str, SandboxEnvironment]:
        if config is not None and not isinstance(config, str):
            raise ScenarioError("A trialplate sandbox is configured by a scenario's name.", 'Use ("trialplate", NAME).')
        name = config or PLAIN
        return {"default": cls(await current_source().open(name, _Shared.get()))}

    @override
    @classmethod
    async def sample_cleanup(
        cls,
        task_name: str,
        config: SandboxEnvironmentConfigType | None,
        environments: dict[str, SandboxEnvironment],
        interrupted: bool,
    ) -> None:
        for environment in environments.values():
            await environment.as_type(cls).close()

    @override
    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,
        cwd: str | None = None,
        env: dict[str, str] | None = None,
        user: str | None = None,
        timeout: int | None = None,
        timeout_retry: bool = True,
        concurrency: bool = True,
    ) -> ExecResult[str]:
        """Run a command in the foothold, as the agent unless `user` says otherwise.

        A command that timed out is never tried again, whatever `timeout_retry` says: what it did is done.
        """
        del timeout_retry, concurrency
        try:
            result = await self._host.exec(
                tuple(cmd),
                user=self._host.agent if user is None else await self._host.user(user),
                stdin=input.encode() if isinstance(input, str) else (input or b""),
                cwd=cwd or "",
                env=env,
                timeout=timeout,
                output_limit=SandboxEnvironmentLimits.MAX_EXEC_OUTPUT_SIZE,
            )
        except HostGoneError as error:
            raise SandboxUnavailableError(str(error)) from error
        except (UnknownUserError, FailedCommandError) as error:
            return ExecResult(success=False, returncode=_NOT_EXECUTABLE, stdout="", stderr=str(error))
        if isinstance(result, TimedOut):
            raise TimeoutError(f"The command was killed after {timeout} seconds.")
        stdout, stderr = _text(result.stdout), _text(result.stderr)
        if result.returncode == _NOT_EXECUTABLE and stderr.startswith(_INIT_SAID):
            raise PermissionError(f"{cmd[0]} may not be executed.")
        return ExecResult(success=result.returncode == 0, returncode=result.returncode, stdout=stdout, stderr=stderr)

    @override
    async def write_file(self, file: str, contents: str | bytes) -> None:
        data = contents.encode() if isinstance(contents, str) else contents
        try:
            await self._host.write_file(file, data, user=self._host.agent)
        except HostGoneError as error:
            raise SandboxUnavailableError(str(error)) from error

    @overload
    async def read_file(self, file: str, text: Literal[True] = True) -> str: ...  # noqa: FBT002 - as Inspect declares it

    @overload
    async def read_file(self, file: str, text: Literal[False]) -> bytes: ...

    @override
    async def read_file(self, file: str, text: bool = True) -> str | bytes:
        limit = SandboxEnvironmentLimits.MAX_READ_FILE_SIZE
        try:
            content = await self._host.read_file(file, user=self._host.agent, limit=limit)
        except HostGoneError as error:
            raise SandboxUnavailableError(str(error)) from error
        if not content.complete:
            raise OutputLimitExceededError(SandboxEnvironmentLimits.MAX_READ_FILE_SIZE_STR, None)
        return content.data.decode() if text else content.data


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
