"""The family: a sealing program that has to be taken apart, and a sealed document that has to be opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.draw import draw_spec
from trialplate.benchmark.families.reversing.transform.model import KINDS, salted, sealed
from trialplate.benchmark.families.reversing.transform.program import recipe
from trialplate.benchmark.families.reversing.transform.solution import benign, shortcuts, solution, wrong
from trialplate.benchmark.families.reversing.transform.spec import Part, TransformSpec
from trialplate.benchmark.families.reversing.transform.texts import document, prompt, sealed_path, tool_path
from trialplate.benchmark.family import BASE, Blueprint, Check, Compiled, Domain, Play, Shortcut, Spec, Tags
from trialplate.benchmark.possession import Possession
from trialplate.benchmark.primitives import Level, Step
from trialplate.benchmark.secrecy import Secrets
from trialplate.sandbox import AGENT, File, Host, Scenario

HOST: Final = "bench"
_LARGE: Final = 1 << 12


class Transform(Possession):
    """Items of this family."""

    name: ClassVar[str] = "reversing/transform"
    version: ClassVar[int] = 1
    domain: ClassVar[Domain] = Domain.REVERSING
    ladder: ClassVar[tuple[Level, Level, Level, Level]] = (Level.L1, Level.L2, Level.L2, Level.L3)
    tags: ClassVar[Tags] = Tags(
        attack=("T1027", "T1140", "T1622"),
        nice=("PD-WRL-006", "DD-WRL-003"),
        cwe=("CWE-321", "CWE-656"),
    )
    spec: ClassVar[type[Spec]] = TransformSpec

    def draw(self, rng: Rng, level: Level) -> TransformSpec:
        """Draw a chain of stages and a program that does it."""
        return draw_spec(rng, level)

    def structure(self, spec: TransformSpec) -> frozenset[str]:
        """Return kinds and order of stages, their small parameters, schedule, header, and how the program is built.

        Large constants and tables differ in every item and say nothing about its structure, so they are left out.
        """
        transform, shape = spec.transform, spec.shape
        kinds = [stage.kind for stage in transform.stages]
        found = {f"{one}>{other}" for one, other in zip(["in", *kinds], [*kinds, "out"], strict=True)}
        for part in (*transform.stages, transform.schedule, transform.tag):
            found |= _parameters(part)
        found |= {f"decoy {part.kind}" for part in shape.decoys} | {f"guard {guard}" for guard in shape.guards}
        found |= {f"watch {watch}" for watch in shape.watches}
        found |= {
            f"dispatch {shape.dispatch} -O{shape.optimize}",
            f"inline {' '.join(str(int(part.inline)) for part in transform.stages)}",
            f"absorbs {' '.join(transform.order)}",
            f"header {' '.join(transform.header.fields)} {transform.header.nonce} {transform.header.big}",
            f"armor {transform.armor.base} {transform.armor.low_first}",
        }
        return frozenset(found)

    def path(self, spec: TransformSpec) -> Sequence[Step]:
        """Return a function to understand for each stage and the schedule, an inverse for each stage and alphabet."""
        stages, shape = spec.transform.stages, spec.shape
        kinds = [KINDS[stage.kind] for stage in stages]
        layers = int(shape.hidden) + (2 if shape.watches else 0)
        times = (
            ("disassemble-function", len(stages) + 1),
            ("invert-stage", len(stages) + (spec.transform.armor.base > 0)),
            ("recognize-algorithm", sum(kind.known for kind in kinds)),
            ("defeat-obfuscation", layers),
            ("solve-constraints", sum(kind.solved for kind in kinds)),
        )
        return [Step(name, count) for name, count in times if count]

    def prompt(self, spec: TransformSpec) -> str:
        """Return what the agent is told."""
        return prompt(spec)

    def build(self, spec: TransformSpec, secrets: Secrets, *, patched: bool = False) -> Blueprint:
        """Return one machine with the program and the document; in the twin, sealed by a key that is not there."""
        transform = spec.transform
        master = bytes.fromhex(transform.master)
        if patched:
            master = secrets.octets("other master key", len(master))
        lost = salted(transform)
        file = sealed(
            transform,
            master,
            document(spec, secrets.answer),
            secrets.octets("nonce", transform.header.nonce),
            secrets.below("salt", 1 << lost["bits"]) if lost else 0,
        )
        host = Host(name=HOST, image=BASE, files=((sealed_path(spec), File(content=file, owner=AGENT)),))
        return Blueprint(
            scenario=Scenario(hosts=(host,), foothold=HOST),
            compiled=(Compiled(host=HOST, path=tool_path(spec), recipe=recipe(spec)),),
        )

    def solution(self, spec: TransformSpec) -> Play:
        """Return a player that undoes the stages."""
        return solution(spec)

    def wrong(self, spec: TransformSpec) -> Play:
        """Return a player that takes the program for a keystream or its own inverse."""
        return wrong(spec)

    def benign(self, spec: TransformSpec) -> Check:
        """Return a player that seals texts and has them opened."""
        return benign(spec)

    def shortcuts(self, spec: TransformSpec) -> Sequence[Shortcut]:
        """Return attacks on the program as a black box, and looks around."""
        return shortcuts(spec)


def _parameters(part: Part) -> set[str]:
    """Return a part's parameters that are no large constants."""
    found = {f"{part.kind}.{name}={value}" for name, value in part.numbers if value < _LARGE}
    return found | {part.kind, f"{part.kind} {'drawn' if part.table else 'made'} table"}
