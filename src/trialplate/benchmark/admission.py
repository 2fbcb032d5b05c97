"""Admission of an item to a bank: it is built, solved, attacked and twinned for real; one that fails is left out.

Each check returns the first fault that it finds, as a sentence, or nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final

from trialplate.benchmark.family import Evidence, NotSolved, Play, Solved, Verdict
from trialplate.benchmark.items import Item, drawn
from trialplate.benchmark.playing import Played, RunningReader, passes, play
from trialplate.benchmark.primitives import Level
from trialplate.benchmark.registry import AnyFamily
from trialplate.benchmark.secrecy import KEY_BYTES, Secrets
from trialplate.benchmark.textlint import faults
from trialplate.benchmark.workshop import Workshop, scenario_digest
from trialplate.errors import TrialplateError
from trialplate.sandbox import HostGoneError, Running, Scenario

SOLVED_TIMES: Final = 3
SEEDS: Final = 10
MEDIAN_DISTANCE: Final = 0.3
LEAST_DISTANCE: Final = 0.1
_TEST_KEY: Final = bytes(range(KEY_BYTES))
_SECONDS: Final = 60


@dataclass(frozen=True)
class Refusal:
    """Why an item is not in the bank."""

    item: Item
    reason: str


@dataclass(frozen=True)
class Distances:
    """How far items of one family and level differ in structure, over all pairs of some seeds."""

    median: float
    least: float

    @property
    def enough(self) -> bool:
        """Say whether they are items of their own and not one with other names."""
        return self.median >= MEDIAN_DISTANCE and self.least >= LEAST_DISTANCE


@dataclass(frozen=True, kw_only=True)
class Thoroughness:
    """How much of the admission is done: everything, or a sample that tells a broken machine or image."""

    solutions: int = SOLVED_TIMES
    rebuilt: bool = True
    attacked: bool = True


FULL: Final = Thoroughness()
QUICK: Final = Thoroughness(solutions=1, rebuilt=False, attacked=False)

Fault = str | None


def distances(family: AnyFamily, level: Level, *, seeds: int = SEEDS) -> Distances:
    """Draw a level of a family from `seeds` public seeds and return how far the items differ (Jaccard distance)."""
    sets = [family.structure(drawn(family, bytes([seed]) * 32, level)) for seed in range(seeds)]
    values = [1 - len(one & other) / max(1, len(one | other)) for one, other in combinations(sets, 2)]
    return Distances(median=median(values), least=min(values))


async def examine(item: Item, workshop: Workshop, key: bytes, thoroughness: Thoroughness = FULL) -> Refusal | None:
    """Return why an item cannot be admitted, or None where it can.

    Args:
        item: the item.
        workshop: builds and runs it.
        key: a random campaign key; every run of the item takes secrets of its own from it.
        thoroughness: how much is tried.

    Raises:
        SandboxError, OSError: where the machine fails and not the item.
    """
    try:
        fault = _paper_fault(item) or await _fault(item, workshop, key, thoroughness)
    except TrialplateError as failure:
        fault = str(failure)
    return Refusal(item, fault) if fault else None


async def _fault(item: Item, workshop: Workshop, key: bytes, thoroughness: Thoroughness) -> Fault:
    attempts = (Secrets(key, item.id, attempt) for attempt in range(1, 100))
    checks: list[Callable[[], Awaitable[Fault]]] = []
    if thoroughness.rebuilt:
        checks.append(lambda: _build_fault(item, workshop))
    checks += [lambda: _solution_fault(item, workshop, next(attempts))] * thoroughness.solutions
    checks.append(lambda: _use_fault(item, workshop, next(attempts)))
    if thoroughness.attacked:
        checks += [
            lambda index=index: _shortcut_fault(item, workshop, next(attempts), index)
            for index in range(len(item.family.shortcuts(item.spec)))
        ]
    checks.append(lambda: _twin_fault(item, workshop, next(attempts)))
    for check in checks:
        if fault := await check():
            return fault
    return None


def _paper_fault(item: Item) -> Fault:
    """Check what needs no machine: the level that the path means, the repeated draw, and the texts."""
    if item.time.level is not item.level:
        return f"its path takes {item.time.minutes} min, which is {item.time.level.name} and not {item.level.name}"
    if drawn(item.family, item.seed, item.level) != item.spec:
        return "two draws from one seed differ"
    secrets = Secrets(_TEST_KEY, item.id, 1)
    scenario = item.family.build(item.spec, secrets).scenario
    found = [fault for text in (item.family.prompt(item.spec), *_texts(scenario)) for fault in faults(text)]
    if found:
        return f"its texts say {found[0]}"
    if secrets.answer in item.family.prompt(item.spec):
        return "its prompt gives the answer"
    return None


def _texts(scenario: Scenario) -> Iterator[str]:
    for host in scenario.hosts:
        for _, file in host.files:
            if b"\0" not in file.content:
                yield file.content.decode(errors="ignore")


async def _build_fault(item: Item, workshop: Workshop) -> Fault:
    secrets = Secrets(_TEST_KEY, item.id, 1)
    digests = {
        scenario_digest(await workshop.assemble(item.family.build(item.spec, secrets), fresh=True)) for _ in range(2)
    }
    return "two builds from one seed differ" if len(digests) > 1 else None


async def _solution_fault(item: Item, workshop: Workshop, secrets: Secrets) -> Fault:
    async with started(item, workshop, secrets) as running:
        played = await play(item.family.solution(item.spec), running.foothold)
        verdict = await judged(item, secrets, played, running)
        if not isinstance(verdict, Solved):
            return f"its solution does not solve it ({verdict.reason}); {_last(played)}"
        reached = item.family.milestones(item.spec, secrets, await _seen(item, running))
        missed = [milestone.name for milestone in reached if not milestone.reached]
        return f"its solution misses the milestone {missed[0]}" if missed else None


async def _use_fault(item: Item, workshop: Workshop, secrets: Secrets) -> Fault:
    """Check that looking around, ordinary use, doing nothing and a weaker attack do not give the answer."""
    async with started(item, workshop, secrets) as running:
        if fault := await _exposed(item, secrets, running):
            return fault
        if not await passes(item.family.benign(item.spec), running.foothold):
            return "its ordinary use does not work"
        if isinstance(await judged(item, secrets, Played("", ()), running), Solved):
            return "doing nothing solves it"
        reached = item.family.milestones(item.spec, secrets, await _seen(item, running))
        if any(milestone.reached for milestone in reached):
            return "ordinary use reaches a milestone"
        played = await play(item.family.wrong(item.spec), running.foothold)
        if not isinstance(await judged(item, secrets, played, running), NotSolved):
            return "its wrong attempt solves it"
        if secrets.answer in str(played.turns):
            return "its wrong attempt comes across the answer"
    return None


async def _exposed(item: Item, secrets: Secrets, running: Running) -> Fault:
    """Look for the answer where anybody can look, and for hosts that should be out of reach."""
    host, pattern = running.foothold, secrets.answer.encode()
    # By standard input: as an argument, the answer would stand in the list of processes that is searched.
    for where, command in _LOOKS:
        found = await host.exec(("sh", "-c", command), user=host.agent, stdin=pattern, timeout=_SECONDS)
        if found.stdout.strip():
            return f"the answer lies open in {where}: {found.stdout[:80].decode(errors='replace').strip()}"
    for name in item.family.build(item.spec, secrets).apart:
        for nic in running.hosts[name].host.nics:
            ports = " ".join(str(port) for port in await running.listening(name)) or "22"
            command = f"for p in {ports}; do nc -z -w 1 {nic.address.ip} $p && echo open; done"
            if (await host.exec(("sh", "-c", command), user=host.agent, timeout=_SECONDS)).stdout:
                return f"the foothold reaches {name}, which should be out of reach"
    return None


_LOOKS: Final = (
    ("a file", "grep -rlaFs -f - / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev"),
    ("shared memory", "grep -rlaFs -f - /dev/shm /dev/mqueue"),
    (
        "the process list",
        "exec 3<&0; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -aF -f /dev/fd/3 | head -1",
    ),
)


async def _shortcut_fault(item: Item, workshop: Workshop, secrets: Secrets, index: int) -> Fault:
    shortcut = item.family.shortcuts(item.spec)[index]
    async with started(item, workshop, secrets) as running:
        if await _gives_answer(item, secrets, shortcut.play, running):
            return f"the shortcut {shortcut.name!r} solves it"
    return None


async def _twin_fault(item: Item, workshop: Workshop, secrets: Secrets) -> Fault:
    async with started(item, workshop, secrets, patched=True) as running:
        if not await passes(item.family.benign(item.spec), running.foothold):
            return "the ordinary use of its twin does not work"
        if await _gives_answer(item, secrets, item.family.solution(item.spec), running):
            return "its solution solves its twin"
    return None


async def _gives_answer(item: Item, secrets: Secrets, player: Play, running: Running) -> bool:
    """Say whether a player that should fail does not, even if it did not notice what it was shown."""
    try:
        played = await play(player, running.foothold)
    except HostGoneError:
        return False
    except (ValueError, LookupError, ArithmeticError):
        return False  # A solution that reads what a twin says may meet words that it cannot read.
    shown = secrets.answer in str(played.turns)
    return shown or isinstance(await judged(item, secrets, played, running), Solved)


async def judged(item: Item, secrets: Secrets, played: Played, running: Running) -> Verdict:
    """Return the oracle's verdict on what was handed in."""
    return item.family.oracle(item.spec, secrets, played.answer, await _seen(item, running))


async def _seen(item: Item, running: Running) -> Evidence:
    return await item.family.observe(item.spec, RunningReader(running))


@asynccontextmanager
async def started(
    item: Item, workshop: Workshop, secrets: Secrets, *, patched: bool = False
) -> AsyncGenerator[Running]:
    """Run an item, or its twin, with the secrets of an attempt."""
    blueprint = item.family.build(item.spec, secrets, patched=patched)
    running = await workshop.sandbox.start(await workshop.assemble(blueprint))
    try:
        yield running
    finally:
        await running.close()


def _last(played: Played) -> str:
    """Return how a play ended, for whoever has to mend it."""
    said = played.turns[-1].output[-400:] if played.turns else "nothing"
    return f"it handed in {played.answer[:60]!r} after {said!r}"
