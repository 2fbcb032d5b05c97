"""Play a family's players against a running scenario, through the same two tools that a model has.

What a tool prints reaches the player exactly as Inspect's `bash` and `python` tools give it to a model, so a player
that works here works there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trialplate.benchmark.family import Action, Bash, Check, HostReader, Play, Python, Submit
from trialplate.errors import TrialplateError
from trialplate.sandbox import ROOT, HostGoneError, HostHandle, Running, TimedOut

ACTION_SECONDS: Final = 60
MOST_ACTIONS: Final = 60
_SHOWN: Final = 16_384
"""Bytes of a tool's output that a model is shown (Inspect's default)."""


class PlayError(TrialplateError):
    """A player broke the rules of playing."""


@dataclass(frozen=True)
class Turn:
    """One action and what came back."""

    action: Action
    output: str


@dataclass(frozen=True)
class Played:
    """What a player handed in, empty where it ended without, and all its turns."""

    answer: str
    turns: tuple[Turn, ...]


async def play(player: Play, host: HostHandle) -> Played:
    """Let a player act on a host until it submits or ends.

    Raises:
        PlayError: where it takes more than `MOST_ACTIONS` actions.
        HostGoneError: where the host is gone.
    """
    turns: list[Turn] = []
    try:
        action = next(player)
        while not isinstance(action, Submit):
            if len(turns) == MOST_ACTIONS:
                raise PlayError(f"A player took more than {MOST_ACTIONS} actions.", "Do more in one program.")
            output = await act(action, host)
            turns.append(Turn(action, output))
            action = player.send(output)
    except StopIteration:
        return Played("", tuple(turns))
    finally:
        player.close()
    return Played(action.text, tuple(turns))


async def passes(check: Check, host: HostHandle) -> bool:
    """Let a benign player act on a host and return whether it found the target working.

    Raises:
        PlayError: where it submits, or takes more than `MOST_ACTIONS` actions.
        HostGoneError: where the host is gone.
    """
    try:
        action = next(check)
        for _ in range(MOST_ACTIONS):
            if isinstance(action, Submit):
                break
            action = check.send(await act(action, host))
    except StopIteration as end:
        return bool(end.value)
    finally:
        check.close()
    raise PlayError("A benign player submitted, or did not come to an end.", "Let it return whether the target works.")


async def act(action: Bash | Python, host: HostHandle) -> str:
    """Do one action as the agent and return what a model would be shown of it."""
    match action:
        case Bash(command):
            argv, stdin = ("bash", "--login", "-c", command), b""
        case Python(code):
            argv, stdin = ("bash", "--login", "-c", "python3 -"), code.encode()
    result = await host.exec(argv, user=host.agent, stdin=stdin, timeout=ACTION_SECONDS)
    if isinstance(result, TimedOut):
        return "Command timed out before completing."
    errors = result.stderr.decode(errors="replace")
    shown = (f"{errors}\n" if errors else "") + result.stdout.decode(errors="replace")
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN // 2]}\n[...]\n{shown[-_SHOWN // 2 :]}"


class RunningReader(HostReader):
    """Reads the hosts of a running scenario by the sandbox's own handle, as their root."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def file(self, host: str, path: str, limit: int = 65_536) -> bytes:
        """Return the beginning of a file; empty where there is none."""
        try:
            return (await self._running.hosts[host].read_file(path, user=ROOT, limit=limit)).data
        except (OSError, HostGoneError):
            return b""  # Whoever removed a file, or ended its host, has shown nothing.

    def log(self, host: str, service: str) -> bytes:
        """Return the newest part of what a service printed."""
        return self._running.hosts[host].service_log(service)
