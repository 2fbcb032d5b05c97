"""Where a campaign's attempts take place: starts the scenario of each, keeps its secrets, and judges it.

Inspect knows places by name only (`run-007`). What is there, whether it is a twin, which secrets it holds and what the
oracle says stay in this object, in this process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from trialplate.benchmark.family import Indeterminate, Milestone, Verdict
from trialplate.benchmark.items import Item
from trialplate.benchmark.playing import RunningReader
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.workshop import Workshop
from trialplate.errors import TrialplateError
from trialplate.sandbox import Running, Sandbox
from trialplate.sandbox.egress import EgressProbes, Open

PREFIX: Final = "run-"


class EscapeError(TrialplateError):
    """A probe found a way out of a scenario: the campaign ends at once, and it is an incident."""


class Ledger(Protocol):
    """Where attempts are written down, for good, as they begin."""

    def open_attempt(self, place: int) -> int:
        """Write down that the next attempt at a place begins, and return its number."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What stands at a place of the order."""

    item: Item
    twin: bool

    @property
    def secret_name(self) -> str:
        """Return what its secrets are derived for; an item and its twin share none."""
        return f"{self.item.id}/twin" if self.twin else self.item.id


@dataclass(kw_only=True)
class Scene:
    """An attempt under way, and what was found at its end."""

    stage: Stage
    attempt: int
    secrets: Secrets = field(repr=False)
    running: Running | None = None
    verdict: Verdict | None = None
    milestones: tuple[Milestone, ...] = ()
    broken: bool = False
    """Whether the scenario's own first process was gone: nothing inside can end it, so the machine did."""


class Arena:
    """The scenario source of one campaign. `fatal` is what no campaign goes on after, once it has happened.

    Args:
        stages: what stands at each place.
        key: the campaign's key.
        ledger: where attempts are written down.
        builds: makes the workshop for a sandbox.
        probes: tries ways out of each foothold before the model is called.
    """

    def __init__(
        self,
        stages: Mapping[int, Stage],
        key: bytes,
        ledger: Ledger,
        *,
        builds: WorkshopMaker,
        probes: EgressProbes,
    ) -> None:
        self.stages = dict(stages)
        self.scenes: dict[int, Scene] = {}
        self.fatal: TrialplateError | None = None
        self._key = key
        self._ledger = ledger
        self._builds = builds
        self._probes = probes
        self._workshop: Workshop | None = None

    async def open(self, name: str, sandbox: Sandbox) -> Running:
        """Write down that an attempt begins, then start its scenario.

        Raises:
            EscapeError: where a probe finds a way out.
            TrialplateError, OSError: where the scenario cannot be built or started.
        """
        place = place_of(name)
        stage = self.stages[place]
        self.scenes.pop(place, None)
        try:
            attempt = self._ledger.open_attempt(place)
        except TrialplateError as failure:
            self.fatal = failure
            raise
        secrets = Secrets(self._key, stage.secret_name, attempt)
        scene = self.scenes[place] = Scene(stage=stage, attempt=attempt, secrets=secrets)
        workshop = self._workshop = self._workshop or self._builds(sandbox)
        blueprint = stage.item.family.build(stage.item.spec, secrets, patched=stage.twin)
        running = scene.running = await sandbox.start(await workshop.assemble(blueprint))
        try:
            refuse_escape(await self._probes.check(running.foothold))
        except BaseException as failure:
            if isinstance(failure, EscapeError):
                self.fatal = failure
            await running.close()
            raise
        return running

    async def judge(self, name: str, answer: str) -> Verdict:
        """Return the oracle's verdict on what an attempt handed in, while its scenario still runs."""
        scene = self.scenes[place_of(name)]
        family, spec, running = scene.stage.item.family, scene.stage.item.spec, scene.running
        if running is None or not running.alive():
            scene.broken = True
            scene.verdict = Indeterminate("the scenario is gone")
            return scene.verdict
        evidence = await family.observe(spec, RunningReader(running))
        scene.milestones = tuple(family.milestones(spec, scene.secrets, evidence))
        scene.verdict = family.oracle(spec, scene.secrets, answer, evidence)
        return scene.verdict


class WorkshopMaker(Protocol):
    """Makes the workshop of a sandbox."""

    def __call__(self, sandbox: Sandbox) -> Workshop:
        """Return a workshop that builds in `sandbox`."""
        ...


def refuse_escape(found: tuple[object, ...]) -> None:
    """Raise where a probe found a way out.

    Raises:
        EscapeError: for the first that did.
    """
    for probe in found:
        if isinstance(probe, Open):
            raise EscapeError(f"A way out of the sandbox was found: {probe}.", "Stop and treat it as an incident.")


def place_name(place: int) -> str:
    """Return the name by which Inspect knows a place."""
    return f"{PREFIX}{place:04d}"


def place_of(name: str) -> int:
    """Return the place that a name means; ValueError for another name."""
    return int(name.removeprefix(PREFIX))
