"""A laboratory that shows what a proof says: the port `Lab` without a sandbox. Its reports are read like real ones.

A proof is `crash NAME...` (every run crashes, the named functions on the stack, innermost first), `flaky NAME...`
(every second run does), or anything else (nothing happens). A source that holds `fixed` crashes on nothing. A patch
passes where it begins with `right`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from trialplate.clearinghouse.triage.patching import PatchTrial
from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.replay import Replay, Trial
from trialplate.clearinghouse.triage.stage import SOURCE, Phase, Run, Source
from trialplate.formats.traces import parse_trace

IMAGE = "1" * 64
RUNS = 5

RECIPE = b"""
format = "trialplate.recipe/1"
name = "cards"
language = "c"
run = ["./cards", "{proof}"]
"""


@dataclass
class ScriptedLab:
    """Shows what proofs and patches say, and counts how often it was asked."""

    replays: list[bytes] = field(default_factory=list)
    checks: list[bytes] = field(default_factory=list)

    def replay(self, recipe: Recipe, source: Source, proof: bytes, fixed: Source | None) -> Replay:
        """See `Lab.replay`."""
        self.replays.append(proof)
        against = None if fixed is None else _trial(fixed, proof)
        return Replay(IMAGE, recipe, _trial(source, proof), against)

    def check(self, recipe: Recipe, source: Source, proofs: Sequence[bytes], patch: bytes) -> PatchTrial:
        """See `Lab.check`."""
        self.checks.append(patch)
        patched = Source(b"fixed") if patch.startswith(b"right") else source
        return PatchTrial(
            image=IMAGE,
            recipe=recipe,
            applied=Phase(ok=True, log=""),
            built=Phase(ok=True, log=""),
            tests=Phase(ok=True, log="3 tests passed"),
            proofs=tuple(_run(patched, proof, 0) for proof in proofs),
            variants=tuple(_run(patched, proof, 1) for proof in proofs),
            scan=None,
        )


def _trial(source: Source, proof: bytes) -> Trial:
    return Trial(Phase(ok=True, log=""), tuple(_run(source, proof, number) for number in range(RUNS)))


def _run(source: Source, proof: bytes, number: int) -> Run:
    what, *names = proof.decode(errors="replace").split()
    crashes = what == "crash" or (what == "flaky" and number % 2 == 0)
    report = _report(names).encode() if crashes and b"fixed" not in source.archive else b""
    return Run(exit=1 if report else 0, timed_out=False, output=b"", report=report, trace=parse_trace(report))


def _report(names: Sequence[str]) -> str:
    frames = [
        f"    #{number} 0x00000000{number:04x} in {name} {SOURCE}/src/cards.c:{number + 10}:5"
        for number, name in enumerate(names)
    ]
    return "\n".join(
        (
            "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011 at pc 0x0000004f1234",
            "WRITE of size 4 at 0x602000000011 thread T0",
            *frames,
            "SUMMARY: AddressSanitizer: heap-buffer-overflow",
            "",
        )
    )
