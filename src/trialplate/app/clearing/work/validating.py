"""Validation and patch check: what the sandbox is given, and the bodies that follow from what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from msgspec.structs import replace

from trialplate.app.clearing.cases import merged_into, project_of
from trialplate.app.clearing.house import ClearingError, House
from trialplate.app.settings import Settings
from trialplate.clearinghouse.coordination.screening import excluded
from trialplate.clearinghouse.history import History
from trialplate.clearinghouse.triage.patching import PatchTrial, check_patch, judge_patch
from trialplate.clearinghouse.triage.recipe import Recipe, RecipeError, parse_recipe
from trialplate.clearinghouse.triage.replay import Replay, replay
from trialplate.clearinghouse.triage.stage import Source, StageError
from trialplate.clearinghouse.triage.verdict import Judged, judge
from trialplate.clearinghouse.triage.verdict import Verdict as Seen
from trialplate.formats.traces import Trace
from trialplate.records.case import Check, PatchOffered, PatchPassed, PatchRefused
from trialplate.records.finding import NotReproduced, Replayed, Report, Reproduced, SeenFrame, Verdict
from trialplate.records.project import Policy, ProjectSource
from trialplate.sandbox import Sandbox

RUNS: Final = 5
"""How often a proof is run on each build."""
VARIANTS: Final = 32
"""How many inputs near each proof a patch is tried on."""

_NAME: Final = 2_048
_SAID: Final = 8_000
_REASON: Final = 4_000
_RANK: Final = (Seen.REPRODUCED, Seen.FLAKY, Seen.OUT_OF_SCOPE, Seen.NOT_REPRODUCED)
_VERDICTS: Final = {
    Seen.FLAKY: Verdict.FLAKY,
    Seen.OUT_OF_SCOPE: Verdict.OUT_OF_SCOPE,
    Seen.NOT_REPRODUCED: Verdict.NOT_REPRODUCED,
}


class Lab(Protocol):
    """Where untrusted code is built and run: the sandbox, or a script of what it would show."""

    def replay(self, recipe: Recipe, source: Source, proof: bytes, fixed: Source | None) -> Replay:
        """See `clearinghouse.replay.replay`."""
        ...

    def check(self, recipe: Recipe, source: Source, proofs: Sequence[bytes], patch: bytes) -> PatchTrial:
        """See `clearinghouse.patching.check_patch`."""
        ...


class SandboxLab:
    """The sandbox of this machine, started for each trial and gone after it."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home

    def replay(self, recipe: Recipe, source: Source, proof: bytes, fixed: Source | None) -> Replay:
        """See `Lab.replay`."""
        return asyncio.run(self._replay(recipe, source, proof, fixed))

    def check(self, recipe: Recipe, source: Source, proofs: Sequence[bytes], patch: bytes) -> PatchTrial:
        """See `Lab.check`."""
        return asyncio.run(self._check(recipe, source, proofs, patch))

    async def _replay(self, recipe: Recipe, source: Source, proof: bytes, fixed: Source | None) -> Replay:
        async with Sandbox(self._home) as sandbox:
            return await replay(sandbox, recipe, source, proof, fixed=fixed, runs=RUNS)

    async def _check(self, recipe: Recipe, source: Source, proofs: Sequence[bytes], patch: bytes) -> PatchTrial:
        async with Sandbox(self._home) as sandbox:
            return await check_patch(
                sandbox, recipe, source, proofs, patch, variants=VARIANTS, scan_seconds=recipe.limits.fuzz_seconds
            )


@dataclass(frozen=True, kw_only=True)
class _Materials:
    """What a finding is built by, as digests of the vault; `fixed` is empty where there is none.

    `policy` is the owner's, or None where no owner is known.
    """

    recipe: str
    source: str
    fixed: str
    policy: Policy | None


def validation_body(house: House, lab: Lab, history: History) -> Reproduced | NotReproduced:
    """Return what our own replay shows of a report: of its proofs, the one that shows most.

    Raises:
        ClearingError: where the report is not there.
        TrialplateError: where the machine cannot do it now; it is tried again later.
    """
    report = _last_report(history)
    materials = _materials(house, report)
    if materials is None:
        return _not_tried(
            "No recipe and source are known: register the project and let a coordinator confirm it, or send them with "
            "the report."
        )
    if not report.proofs:
        return _not_tried("Nothing came with the report that shows it: send a proof.")
    try:
        seen = list(_replays(house, lab, report, materials))
    except (RecipeError, StageError) as error:
        return _not_tried(str(error))
    judged, replayed = min(seen, key=lambda each: _RANK.index(each[0].verdict))
    if judged.verdict is not Seen.REPRODUCED:
        return NotReproduced(verdict=_VERDICTS[judged.verdict], replayed=replayed, reasons=_reasons(judged.reasons))
    file = replayed.frames[0].file
    if materials.policy and excluded(materials.policy, (file,)):
        said = f"It crashes in {file}, which is outside of what the project takes reports on."
        return NotReproduced(verdict=Verdict.OUT_OF_SCOPE, replayed=replayed, reasons=_reasons((said,)))
    return Reproduced(replayed=replayed, reasons=_reasons(judged.reasons))


def patch_body(house: House, lab: Lab, history: History) -> PatchPassed | PatchRefused:
    """Return what the checks of a candidate show: on every proof of the case and of what was merged into it.

    Raises:
        ClearingError: where the case lacks what a check needs.
        TrialplateError: where the machine cannot do it now; it is tried again later.
    """
    offered, reproduced = history.last(PatchOffered), history.last(Reproduced)
    if offered is None or reproduced is None:
        raise ClearingError("There is no candidate, or nothing to try it on.", "Offer a patch for a reproduced case.")
    case = history.records[0].entry.header.subject
    proofs = [reproduced.replayed.proof]
    for merged in merged_into(house, case):
        found = merged.history.last(Reproduced)
        proofs += [found.replayed.proof] if found else []
    recipe = parse_recipe(house.vault.get(reproduced.replayed.recipe))
    trial = lab.check(
        recipe,
        Source(house.vault.get(reproduced.replayed.source)),
        [house.vault.get(proof) for proof in dict.fromkeys(proofs)],
        house.vault.get(offered.patch),
    )
    judged = judge_patch(trial)
    checks = tuple(Check(name=check.name, ok=check.ok, said=check.said[-_SAID:]) for check in judged.checks)
    made = PatchPassed if judged.passed else PatchRefused
    return made(patch=offered.patch, image=trial.image, checks=checks)


def _last_report(history: History) -> Report:
    report = history.last(Report)
    if report is None:
        raise ClearingError("There is no report to try.", "Look at the subject with `trialplate case show`.")
    return report


def _materials(house: House, report: Report) -> _Materials | None:
    """Return what to build by: what the owner registered; the finder's own only where no owner is known.

    A source that a finder sends shows what is in that source. It opens a case that no maintainer is told of before a
    coordinator has found whose it is.
    """
    known = project_of(house, report.target.purl, report.target.repository)
    policy = known[1] if known else None
    if policy is not None:
        if not (policy.recipe and policy.sources):
            return None
        at = report.target.seen_at or report.target.purl.partition("@")[2]
        source = _source(policy, at) or policy.sources[-1]
        fixed = _source(policy, report.target.fixed)
        return _Materials(
            recipe=policy.recipe,
            source=source.archive,
            fixed=fixed.archive if fixed and fixed != source else "",
            policy=policy,
        )
    if report.recipe and report.source:
        return _Materials(recipe=report.recipe, source=report.source, fixed=report.fixed_source, policy=None)
    return None


def _source(policy: Policy, at: str) -> ProjectSource | None:
    return next((source for source in policy.sources if at and at in {source.version, source.commit}), None)


def _replays(house: House, lab: Lab, report: Report, materials: _Materials) -> Iterator[tuple[Judged, Replayed]]:
    """Yield what each proof shows, up to the first that reproduces."""
    recipe = parse_recipe(house.vault.get(materials.recipe))
    source = Source(house.vault.get(materials.source))
    fixed = Source(house.vault.get(materials.fixed)) if materials.fixed else None
    for proof in report.proofs:
        seen = lab.replay(recipe, source, house.vault.get(proof.digest), fixed)
        judged = judge(seen)
        yield judged, _replayed(seen, judged, materials, proof.digest)
        if judged.verdict is Seen.REPRODUCED:
            return


def _replayed(seen: Replay, judged: Judged, materials: _Materials, proof: str) -> Replayed:
    found = Replayed(
        image=judged.image,
        recipe=materials.recipe,
        source=materials.source,
        fixed_source=materials.fixed,
        proof=proof,
        runs=judged.vulnerable.runs,
        crashes=judged.vulnerable.crashed,
    )
    if judged.crash is None:
        return found
    tool = next((run.trace.tool.value for run in seen.vulnerable.runs if isinstance(run.trace, Trace)), "")
    return replace(
        found,
        tool=tool,
        kind=judged.crash.state.kind[:_NAME],
        state=tuple(name[:_NAME] for name in judged.crash.state.frames),
        frames=tuple(
            SeenFrame(frame.function[:_NAME], frame.file[:_NAME], frame.line) for frame in judged.crash.frames
        ),
        stack=judged.crash.text,
    )


def _not_tried(reason: str) -> NotReproduced:
    return NotReproduced(verdict=Verdict.NOT_TRIED, replayed=None, reasons=_reasons((reason,)))


def _reasons(reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(reason[:_REASON] for reason in reasons)
