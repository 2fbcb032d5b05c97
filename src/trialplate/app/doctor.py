"""The doctor: look at the machine, then prove by making a scenario that it can do what is asked of it."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from trialplate.benchmark.inspect.trial import run_trial
from trialplate.sandbox import Completed, Sandbox
from trialplate.sandbox.caps import find_caps
from trialplate.sandbox.egress import Closed, EgressProbes, Open
from trialplate.sandbox.errors import SandboxError
from trialplate.sandbox.ids import find_ids
from trialplate.sandbox.image import BASE, ImageStore
from trialplate.sandbox.leftovers import processes_of
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


def diagnose(home: Path, machine: Machine | None = None) -> Diagnosis:
    """Check the machine and, where nothing is missing, make a scenario of three hosts and run an evaluation in it."""
    findings = check_machine(machine or ThisMachine(), home, find_caps())
    if any(isinstance(finding, Missing) for finding in findings):
        return Diagnosis(findings=findings)
    digest = ImageStore(home / "cache" / "images", find_ids(home)).named(BASE).digest
    try:
        made, egress, timings = asyncio.run(_make_scenarios(home, digest))
    except (SandboxError, OSError) as error:
        broken = Missing(name="scenario", detail=str(error), fix="Mend what the message names, then try again.")
        return Diagnosis(findings=(*findings, broken))
    trial = run_trial(digest)
    timings = (*timings, Timing(name="an Inspect evaluation with a scripted model", milliseconds=trial.seconds * 1000))
    evaluated: Finding = Ready(name="evaluation", detail="solved by the scripted model")
    if not trial.solved:
        evaluated = Missing(name="evaluation", detail=trial.said, fix="Report this with the output of doctor --json.")
    return Diagnosis(findings=(*findings, made, evaluated, _nothing_left(home)), egress=egress, timings=timings)


async def _make_scenarios(home: Path, digest: str) -> tuple[Finding, tuple[Closed | Open, ...], tuple[Timing, ...]]:
    """Start, use and close the trial's scenario a few times; probe the last one for ways out."""
    token = secrets.token_hex(8)
    starts: list[float] = []
    execs: list[float] = []
    closes: list[float] = []
    made: Finding = Ready(name="scenario", detail="3 hosts on 2 subnets, a web server reached through a router")
    egress: tuple[Closed | Open, ...] = ()
    async with Sandbox(home) as sandbox:
        with EgressProbes() as probes:
            for _ in range(_ROUNDS):
                began = time.perf_counter()
                running = await sandbox.start(trial_scenario(digest, token))
                started = time.perf_counter()
                await running.foothold.exec(("true",), user=running.foothold.agent)
                executed = time.perf_counter()
                fetch = ("curl", "-sS", "--max-time", "10", URL)
                answer = await running.foothold.exec(fetch, user=running.foothold.agent, timeout=20)
                if not isinstance(answer, Completed) or answer.stdout.decode() != token:
                    made = Missing(name="scenario", detail=repr(answer), fix="Report this with doctor --json.")
                egress = await probes.check(running.foothold)
                closing = time.perf_counter()
                await running.close()
                starts.append(started - began)
                execs.append(executed - started)
                closes.append(time.perf_counter() - closing)
    named = (("start of 3 hosts", starts), ("exec", execs), ("close", closes))
    return made, egress, tuple(Timing(name=name, milliseconds=_median(values) * 1000) for name, values in named)


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _nothing_left(home: Path) -> Finding:
    """Look for processes of scenarios that nobody holds, and remove empty groups of dead ones."""
    ids = find_ids(home)
    find_caps().sweep(ids)
    # An ordinary user's scenarios share one range, so another one's processes would be counted here as well.
    left = processes_of(ids, range(1))
    if left and ids.step:
        return Missing(name="leftovers", detail=f"processes {left}", fix=f"kill -9 {' '.join(map(str, left))}")
    return Ready(name="leftovers", detail="none")
