"""The doctor: look at the machine, then prove by making a scenario that it can do what is asked of it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trialplate.benchmark.inspect.trial import TrialResult, run_trial
from trialplate.errors import TrialplateError
from trialplate.sandbox import Completed, Sandbox, TimedOut
from trialplate.sandbox.caps import find_caps
from trialplate.sandbox.egress import Closed, EgressProbes, Open
from trialplate.sandbox.errors import SandboxError
from trialplate.sandbox.ids import IdSource, find_ids
from trialplate.sandbox.image import BASE, TRIAGE, ImageStore
from trialplate.sandbox.leftovers import lasting_orphans
from trialplate.sandbox.preflight import Finding, Machine, Missing, Ready, ThisMachine, check_machine
from trialplate.sandbox.trial import URL, trial_scenario

_ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long a thing took, in milliseconds: the median of a few rounds."""

    name: str
    milliseconds: float


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What the doctor found. The trial parts are empty where something is missing."""

    findings: tuple[Finding, ...]
    egress: tuple[Closed | Open, ...] = ()
    timings: tuple[Timing, ...] = ()

    @property
    def ready(self) -> bool:
        """Say whether everything is there, works and is contained."""
        sound = all(isinstance(finding, Ready) for finding in self.findings)
        return sound and bool(self.egress) and all(isinstance(probe, Closed) for probe in self.egress)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What came of making scenarios: whether they worked, which ways out were tried, and how long each part took."""

    finding: Finding
    egress: tuple[Closed | Open, ...]
    timings: tuple[Timing, ...]


def diagnose(
    home: Path,
    machine: Machine | None = None,
    *,
    make: Callable[[Path, str], Made] | None = None,
    run: Callable[[str], TrialResult] = run_trial,
    left: Callable[[IdSource], tuple[int, ...]] | None = None,
) -> Diagnosis:
    """Check the machine and, where nothing is missing, make a scenario of three hosts and run an evaluation in it.

    Args:
        home: Trialplate's folder.
        machine: what is asked; by default the machine that this runs on.
        make: makes scenarios with an image; another one only in tests, as the next two.
        run: runs the evaluation with an image.
        left: looks for processes that were left behind.
    """
    found = check_machine(machine or ThisMachine(), home, find_caps())
    findings = (*found, _triage(home))
    # The second image is for reported weaknesses: without it, assessments can be tried all the same.
    if any(isinstance(finding, Missing) for finding in found):
        return Diagnosis(findings=findings)
    ids = find_ids(home)
    digest = ImageStore(home / "cache" / "images", ids).named(BASE).digest
    try:
        made = (make or _make_scenarios)(home, digest)
    except (SandboxError, OSError) as error:
        broken = Missing(name="scenario", detail=str(error), fix="Mend what the message names, then try again.")
        return Diagnosis(findings=(*findings, broken))
    trial = run(digest)
    evaluation = Timing(name="an Inspect evaluation with a scripted model", milliseconds=trial.seconds * 1000)
    after = (made.finding, _evaluated(trial), _nothing_left((left or _left_by_us)(ids)))
    return Diagnosis(findings=(*findings, *after), egress=made.egress, timings=(*made.timings, evaluation))


def _triage(home: Path) -> Finding:
    """Look for the image in which reported weaknesses are replayed."""
    name = f"{TRIAGE} image"
    try:
        store = ImageStore(home / "cache" / "images", find_ids(home))
        record = store.named(TRIAGE)
        store.open(record.digest)
    except TrialplateError as error:
        return Missing(name=name, detail=error.what, fix=error.fix)
    return Ready(name=name, detail=f"{record.digest[:12]}, {record.suite}, {len(record.packages)} packages")


def _evaluated(trial: TrialResult) -> Finding:
    if trial.solved:
        return Ready(name="evaluation", detail="solved by the scripted model")
    return Missing(name="evaluation", detail=trial.said, fix="Report this with the output of doctor --json.")


def _make_scenarios(home: Path, digest: str) -> Made:
    return asyncio.run(_use_scenarios(home, digest))


async def _use_scenarios(home: Path, digest: str) -> Made:
    """Start, use and close the trial's scenario a few times, each time probed for ways out."""
    token = secrets.token_hex(8)
    rounds: list[tuple[float, float, float]] = []
    answers: list[Completed | TimedOut] = []
    egress: tuple[Closed | Open, ...] = ()
    async with Sandbox(home) as sandbox:
        with EgressProbes() as probes:
            for _ in range(_ROUNDS):
                began = time.perf_counter()
                running = await sandbox.start(trial_scenario(digest, token))
                started = time.perf_counter()
                agent = running.foothold.agent
                await running.foothold.exec(("true",), user=agent)
                executed = time.perf_counter()
                fetch = ("curl", "-sS", "--max-time", "10", URL)
                answers.append(await running.foothold.exec(fetch, user=agent, timeout=20))
                egress = await probes.check(running.foothold)
                closing = time.perf_counter()
                await running.close()
                rounds.append((started - began, executed - started, time.perf_counter() - closing))
    names = ("start of 3 hosts", "exec", "close")
    timings = tuple(
        Timing(name=name, milliseconds=median_ms(list(values)))
        for name, values in zip(names, zip(*rounds, strict=True), strict=True)
    )
    return Made(finding=_fetched(answers, token), egress=egress, timings=timings)


def _fetched(answers: Sequence[Completed | TimedOut], token: str) -> Finding:
    wrong = [answer for answer in answers if answer.stdout.decode() != token]
    if wrong:
        return Missing(name="scenario", detail=repr(wrong[0]), fix="Report this with the output of doctor --json.")
    return Ready(name="scenario", detail="3 hosts on 2 subnets, a web server reached through a router")


def median_ms(seconds: list[float]) -> float:
    """Return the middle one of some durations, in milliseconds."""
    return sorted(seconds)[len(seconds) // 2] * 1000


def _left_by_us(ids: IdSource) -> tuple[int, ...]:
    """Return processes of scenarios that nobody holds, and remove empty groups of dead ones."""
    left = lasting_orphans(ids)
    find_caps().sweep(ids)
    return left


def _nothing_left(left: tuple[int, ...]) -> Finding:
    if not left:
        return Ready(name="leftovers", detail="none")
    pids = [str(pid) for pid in left]
    return Missing(name="leftovers", detail=f"processes {', '.join(pids)}", fix=f"kill -9 {' '.join(pids)}")
