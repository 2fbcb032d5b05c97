"""The standard examinee on the public development bank: how long it takes, and where the time goes."""

from __future__ import annotations

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from bench.measure import Row, alone
from bench.playing import played, public_items
from trialplate.app import assess as app
from trialplate.app import settings
from trialplate.app.banks import public_bank
from trialplate.app.campaigns import ledger
from trialplate.benchmark.inspect.examinee import Player
from trialplate.errors import TrialplateError
from trialplate.sandbox import HostHandle, Sandbox

_ROUNDS = 3
_AT_ONCE = 4
_DRAW = f"{0x43:032x}"
_ABLE = ("ability=16h", "seed=1")


class NoBankError(TrialplateError):
    """There is nothing to measure on."""


def run() -> list[Row]:
    """Return the seconds of an assessment and of all items, warm, and the share of each part in an assessment."""
    home = settings.Settings.from_environment(os.environ)
    if not public_bank().exists():
        raise NoBankError("There is no public development bank.", "Draw one with scripts/public_bank.py.")
    items = public_items(home)
    every: list[float] = []
    with tempfile.TemporaryDirectory(prefix="trialplate-bench-") as folder:
        with _Clock() as clock:
            for number in range(_ROUNDS):
                began = time.perf_counter()
                request = app.Request(model="trialplate/examinee", arguments=_ABLE, seed_beacon=_DRAW)
                app.assess(home, request, Path(folder) / str(number), lambda _: None, _quiet)
                clock.whole.append(time.perf_counter() - began)
        for number in range(_ROUNDS):
            logs = Path(folder) / f"all-{number}"
            logs.mkdir()
            began = time.perf_counter()
            played(home, items, logs, "trialplate/examinee", ability="2h", seed="1")
            every.append(time.perf_counter() - began)
    rows = [
        alone("assessment of the examinee of 16 hours, warm", "s", clock.whole),
        alone(f"all {len(items)} items by the examinee of 2 hours, warm", "s", every),
    ]
    busy = sum(clock.whole) * _AT_ONCE
    for part, seconds in clock.parts.items():
        rows.append(alone(f"assessment: share of {part}", "%", [100 * seconds / busy]))
    rest = 100 - sum(100 * seconds / busy for seconds in clock.parts.values())
    return [*rows, alone("assessment: share of Inspect and of waiting", "%", [rest])]


def _quiet(line: str, *, lasts: bool = False) -> None:
    del line, lasts


class _Clock:
    """Adds up what parts of a campaign take, by wrapping the one call that each goes through."""

    def __init__(self) -> None:
        self.whole: list[float] = []
        self.parts: defaultdict[str, float] = defaultdict(float)
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self._wrap_async(Sandbox, "start", "starting scenarios")
        self._wrap_async(HostHandle, "exec", "commands in the sandbox")
        self._wrap_async(Player, "generate", "playing solutions")
        self._wrap(ledger.CampaignLedger, "say", "records")
        return self

    def __exit__(self, *_: object) -> None:
        for undo in self._undo:
            undo()

    def _wrap_async(self, owner: type, name: str, part: str) -> None:
        original: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def timed(*arguments: object, **named: object) -> object:
            began = time.perf_counter()
            try:
                return await original(*arguments, **named)
            finally:
                self.parts[part] += time.perf_counter() - began

        self._replace(owner, name, timed)

    def _wrap(self, owner: type, name: str, part: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: object, **named: object) -> object:
            began = time.perf_counter()
            try:
                return original(*arguments, **named)
            finally:
                self.parts[part] += time.perf_counter() - began

        self._replace(owner, name, timed)

    def _replace(self, owner: type, name: str, wrapped: Callable[..., Any]) -> None:
        original = getattr(owner, name)
        setattr(owner, name, wrapped)
        self._undo.append(lambda: setattr(owner, name, original))
