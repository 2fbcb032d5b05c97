"""The family `reversing/bytecode`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.bytecode import effort, solution, texts
from trialplate.benchmark.families.reversing.bytecode.assembly import image
from trialplate.benchmark.families.reversing.bytecode.drawing import drawn_spec
from trialplate.benchmark.families.reversing.bytecode.interpreter import interpreter
from trialplate.benchmark.families.reversing.bytecode.machine import CODE_BITS
from trialplate.benchmark.families.reversing.bytecode.programs import (
    Program,
    bits_of_text,
    check_program,
    demo_program,
    sealed,
    words_of_bits,
)
from trialplate.benchmark.families.reversing.bytecode.spec import BytecodeSpec
from trialplate.benchmark.family import BASE, Blueprint, Check, Compiled, Domain, Play, Recipe, Shortcut, Spec, Tags
from trialplate.benchmark.possession import Possession
from trialplate.benchmark.primitives import Level, Step
from trialplate.benchmark.secrecy import Secrets
from trialplate.sandbox import File, Host, Scenario

_FOOTHOLD: Final = "bench"
_COMMAND: Final = "gcc -std=gnu11 -O2 -s -fno-ident -Wl,--build-id=none -o unit main.c"


class Bytecode(Possession):
    """A drawn machine, its interpreter, and a program that takes one code."""

    name: ClassVar[str] = "reversing/bytecode"
    version: ClassVar[int] = 1
    domain: ClassVar[Domain] = Domain.REVERSING
    ladder: ClassVar[tuple[Level, Level, Level, Level]] = (Level.L2, Level.L2, Level.L3, Level.L4)
    tags: ClassVar[Tags] = Tags(
        attack=("T1588.005", "T1027.002"),
        nice=("Vulnerability Analysis", "Digital Forensics"),
        cwe=("CWE-656", "CWE-602"),
    )
    spec: ClassVar[type[Spec]] = BytecodeSpec

    def draw(self, rng: Rng, level: Level) -> BytecodeSpec:
        """Draw machine, stages and texts."""
        return drawn_spec(rng, level)

    def structure(self, spec: BytecodeSpec) -> frozenset[str]:
        """Return machine, encodings, operations, call graph and stages."""
        return effort.structure(spec)

    def path(self, spec: BytecodeSpec) -> Sequence[Step]:
        """Return what has to be understood and undone."""
        return effort.path(spec)

    def prompt(self, spec: BytecodeSpec) -> str:
        """Return the work order."""
        return texts.prompt(spec)

    def build(self, spec: BytecodeSpec, secrets: Secrets, *, patched: bool = False) -> Blueprint:
        """Return one machine with tool, images and fuse; in the twin, the fuse is closed to the agent.

        The fuse is as long as the code and enters the stages by a bijection, so without it the image fits all codes.
        """
        words = spec.texts
        folder, fuse_path = f"/opt/{words.unit}", solution.fuse_path(spec)
        fuse = secrets.octets("fuse", CODE_BITS // 8)
        state = sealed(
            spec,
            words_of_bits(spec.machine, bits_of_text(secrets.answer)),
            words_of_bits(spec.machine, int.from_bytes(fuse, "big")),
        )
        source = interpreter(spec.machine, words, fuse_path)
        host = Host(
            name=_FOOTHOLD,
            image=BASE,
            files=(
                (f"{folder}/{words.check}.img", File(content=_image(spec, check_program(spec), state))),
                (f"{folder}/{words.demo}.img", File(content=_image(spec, demo_program(spec)))),
                (f"{folder}/README", File(content=texts.page(words))),
                (fuse_path, File(content=fuse, mode=0o400 if patched else 0o644)),
            ),
        )
        tool = Compiled(
            host=_FOOTHOLD,
            path=f"{folder}/{words.tool}",
            recipe=Recipe(sources=(("main.c", source),), command=_COMMAND, output="unit"),
        )
        return Blueprint(scenario=Scenario(hosts=(host,), foothold=_FOOTHOLD), compiled=(tool,))

    def solution(self, spec: BytecodeSpec) -> Play:
        """Read fuse and image, undo the stages, and have the tool confirm the code."""
        return solution.solved(spec)

    def wrong(self, spec: BytecodeSpec) -> Play:
        """Try what lies around: texts in the files and the withdrawn code."""
        return solution.wrong(spec)

    def benign(self, spec: BytecodeSpec) -> Check:
        """Run the demonstration on some codes and compare all its words."""
        return solution.benign(spec)

    def shortcuts(self, spec: BytecodeSpec) -> Sequence[Shortcut]:
        """Return what was tried against the family."""
        return solution.shortcuts(spec)


def _image(spec: BytecodeSpec, program: Program, target: Sequence[int] = ()) -> bytes:
    """Return the file of a program whose target words are these."""
    code, labels = program.code(spec.machine)
    words = list(program.words)
    words[program.target : program.target + len(target)] = target
    return image(spec.machine, code, words, labels["main"])
