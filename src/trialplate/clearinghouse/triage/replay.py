"""Replay a proof in the sandbox: on the vulnerable build, several times, and on the fixed one where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.stage import MOST_PROOF, Phase, Run, Source, StageError, refuse_large, staged
from trialplate.sandbox import Sandbox
from trialplate.sandbox.image import TRIAGE

MOST_RUNS: Final = 50


@dataclass(frozen=True)
class Trial:
    """One build and the runs on it; no runs where it could not be built."""

    built: Phase
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True)
class Replay:
    """What was seen of a proof.

    Attributes:
        image: the digest of the image in which it was seen.
        recipe: how it was built and run.
        vulnerable: the trial of the build that is said to be vulnerable.
        fixed: the trial of the build that is said to be fixed; None where none was given.
    """

    image: str
    recipe: Recipe
    vulnerable: Trial
    fixed: Trial | None = None


async def replay(  # noqa: PLR0913 what a replay consists of
    sandbox: Sandbox, recipe: Recipe, source: Source, proof: bytes, *, fixed: Source | None = None, runs: int = 5
) -> Replay:
    """Build a source and run it on a proof `runs` times, and the same with the source that is said to be fixed.

    Each build has a host of its own without a network, and each run starts in a home that is new. A build that fails,
    an archive that is refused and a run that never ends are answers, not failures.

    Raises:
        StageError: where the proof is too large, or `runs` is not 1 to `MOST_RUNS`.
        ImageError: where the image `triage` is missing.
        SandboxError, OSError: where the machine does not let us.
    """
    refuse_large("proof", proof, MOST_PROOF)
    if not 1 <= runs <= MOST_RUNS:
        raise StageError(f"A proof cannot be run {runs} times.", f"Say 1 to {MOST_RUNS}.")
    image = sandbox.images.named(TRIAGE).digest
    vulnerable = await _trial(sandbox, recipe, image, source, proof, runs)
    against = None if fixed is None else await _trial(sandbox, recipe, image, fixed, proof, runs)
    return Replay(image, recipe, vulnerable, against)


async def _trial(  # noqa: PLR0913, PLR0917 as `replay`
    sandbox: Sandbox, recipe: Recipe, image: str, source: Source, proof: bytes, runs: int
) -> Trial:
    async with staged(sandbox, recipe, image) as stage:
        built = await stage.unpack(source)
        if built.ok:
            built = await stage.build(recipe.build)
        if not built.ok:
            return Trial(built)
        return Trial(built, tuple([await stage.run(proof) for _ in range(runs)]))
