"""Check a patch in the sandbox: it applies, builds, passes the project's tests, and stops the proofs and their kin.

What passes is a candidate: a person decides whether it is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.stage import (
    MOST_PROOF,
    Phase,
    Run,
    Source,
    Stage,
    StageError,
    refuse_large,
    staged,
)
from trialplate.clearinghouse.triage.variants import variants as variants_of
from trialplate.clearinghouse.triage.verdict import Crash, crash_of
from trialplate.sandbox import Sandbox
from trialplate.sandbox.image import TRIAGE

MOST_PATCH: Final = 4 << 20
MOST_SCAN_SECONDS: Final = 3600
_SEED: Final = 1
_SAID: Final = 300
_NOT_REACHED: Final = Phase(ok=False, log="Not reached, since something before it failed.")


@dataclass(frozen=True)
class Scan:
    """A search for new crashes: how the fuzz target was built, and its run; None where it could not be built."""

    built: Phase
    run: Run | None = None


@dataclass(frozen=True)
class PatchTrial:
    """What was seen of a patch; what was not reached says so or is empty.

    Attributes:
        image: the digest of the image in which it was seen.
        recipe: how the project was built and run.
        applied: how the patch went in.
        built: how the patched source was built.
        tests: how the project's own tests ended; None where the recipe names none.
        proofs: a run on each proof, in their order.
        variants: a run on each variant of a proof.
        scan: the search for new crashes; None where the recipe has no fuzz target.
    """

    image: str
    recipe: Recipe
    applied: Phase
    built: Phase
    tests: Phase | None
    proofs: tuple[Run, ...]
    variants: tuple[Run, ...]
    scan: Scan | None


@dataclass(frozen=True)
class Check:
    """One check of a patch, and what it said, in a sentence."""

    name: str
    ok: bool
    said: str


@dataclass(frozen=True)
class PatchJudged:
    """What is thought of a patch: `passed` where every check is well; one row a check, in their order."""

    passed: bool
    checks: tuple[Check, ...]


async def check_patch(  # noqa: PLR0913 what a check consists of
    sandbox: Sandbox,
    recipe: Recipe,
    source: Source,
    proofs: Sequence[bytes],
    patch: bytes,
    *,
    variants: int,
    scan_seconds: int,
) -> PatchTrial:
    """Apply a patch to a source and see what it does.

    Args:
        sandbox: where.
        recipe: how the project is built, run, tested and fuzzed.
        source: the vulnerable source.
        proofs: what must no longer crash it.
        patch: a unified diff from the root of the sources (`-p1`).
        variants: how many inputs near each proof are run as well.
        scan_seconds: how long the fuzz target runs, where the recipe has one.

    Raises:
        StageError, VariantError: where a proof or the patch is too large, or a number is out of range.
        ImageError: where the image `triage` is missing.
        SandboxError, OSError: where the machine does not let us.
    """
    refuse_large("patch", patch, MOST_PATCH)
    for proof in proofs:
        refuse_large("proof", proof, MOST_PROOF)
    if not 1 <= scan_seconds <= MOST_SCAN_SECONDS:
        raise StageError(f"A scan cannot take {scan_seconds} s.", f"Say 1 to {MOST_SCAN_SECONDS}.")
    near = [variant for proof in proofs for variant in variants_of(proof, _SEED, variants)]
    image = sandbox.images.named(TRIAGE).digest
    async with staged(sandbox, recipe, image) as stage:
        applied, built = await _build(stage, source, patch, recipe.build)
        if not built.ok:
            return PatchTrial(image, recipe, applied, built, _NOT_REACHED, (), (), None)
        tests = await stage.test(recipe.tests) if recipe.tests else None
        stopped = tuple([await stage.run(proof) for proof in proofs])
        # They follow one another in one home: what one leaves to the next can only make a patch look worse.
        kin = tuple([await stage.run(variant, fresh=number == 0) for number, variant in enumerate(near)])
    scan = await _scan(sandbox, image, recipe, source, patch, (*proofs, *near), scan_seconds)
    return PatchTrial(image, recipe, applied, built, tests, stopped, kin, scan)


async def _build(
    stage: Stage, source: Source, patch: bytes, lines: Sequence[str], *, fuzzing: bool = False
) -> tuple[Phase, Phase]:
    """Return how a patch went into a source, and how that was built then."""
    applied = await stage.unpack(source)
    if applied.ok:
        applied = await stage.patch(patch)
    return applied, await stage.build(lines, fuzzing=fuzzing) if applied.ok else _NOT_REACHED


async def _scan(  # noqa: PLR0913, PLR0917 as `check_patch`
    sandbox: Sandbox,
    image: str,
    recipe: Recipe,
    source: Source,
    patch: bytes,
    seeds: Sequence[bytes],
    seconds: int,
) -> Scan | None:
    if recipe.fuzz is None:
        return None
    # Code that is watched for coverage is compiled from the start, so that this is a stage of its own.
    async with staged(sandbox, recipe, image) as stage:
        _, built = await _build(stage, source, patch, recipe.fuzz.build, fuzzing=True)
        return Scan(built, await stage.fuzz(recipe.fuzz.run, seeds, seconds) if built.ok else None)


def judge_patch(trial: PatchTrial) -> PatchJudged:
    """Return whether a patch passes, with a row for each check. Nothing to check by (no proof, no test) is no pass."""
    checks = tuple(_checks(trial))
    return PatchJudged(all(check.ok for check in checks), checks)


def _checks(trial: PatchTrial) -> Iterator[Check]:
    yield _phase("applies", trial.applied, "Every hunk applies as it stands.")
    yield _phase("builds", trial.built, "The patched source builds.")
    if trial.tests is None:
        yield Check("tests", ok=False, said="The recipe names no tests, so that nothing shows that it still works.")
    else:
        yield _phase("tests", trial.tests, "The project's own tests pass.")
    yield _runs("proofs", trial.proofs, trial.recipe)
    yield _runs("variants", trial.variants, trial.recipe)
    if trial.scan is not None:
        yield _scanned(trial.scan, trial.recipe)


def _phase(name: str, phase: Phase, well: str) -> Check:
    return Check(name, phase.ok, well if phase.ok else phase.log.strip()[-_SAID:] or "It failed without a word.")


def _runs(name: str, runs: Sequence[Run], recipe: Recipe) -> Check:
    bad = [_trouble(run, recipe) for run in runs if not run.orderly]
    if not runs:
        return Check(name, ok=False, said="None was run.")
    if not bad:
        return Check(name, ok=True, said=f"{len(runs)} of {len(runs)} end well.")
    (common, _), *_ = Counter(bad).most_common(1)
    return Check(name, ok=False, said=f"{len(bad)} of {len(runs)} do not end well. {common}")


def _scanned(scan: Scan, recipe: Recipe) -> Check:
    if scan.run is None:
        return _phase("new crashes", scan.built, "")
    # libFuzzer ends with 0 when its time is over, and with another number whenever it has found something.
    if scan.run.orderly and scan.run.exit == 0:
        return Check("new crashes", ok=True, said="The fuzz target found none in its time.")
    return Check("new crashes", ok=False, said=_trouble(scan.run, recipe))


def _trouble(run: Run, recipe: Recipe) -> str:
    """Return in a sentence how a run ended that should have come to an orderly end."""
    crash = crash_of(run, recipe)
    if isinstance(crash, Crash):
        return f"It crashes: {' in '.join((crash.state.kind.replace(chr(10), ' '), ' < '.join(crash.state.frames)))}."
    if crash is not None:
        return "It crashes outside the project."
    return "It was ended for its time." if run.timed_out else f"It ended with exit code {run.exit}."
