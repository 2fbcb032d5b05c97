"""What an item asks of an expert, and what makes it another one than its siblings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trialplate.benchmark.families.reversing.bytecode.language import called, operations
from trialplate.benchmark.families.reversing.bytecode.programs import check_program
from trialplate.benchmark.families.reversing.bytecode.spec import BytecodeSpec, Part
from trialplate.benchmark.families.reversing.bytecode.stages import Shuffle, Spread, Stage, Sweep, System
from trialplate.benchmark.primitives import Step

_ROUTINE: Final = 40


def path(spec: BytecodeSpec) -> tuple[Step, ...]:
    """Return the critical path.

    A routine is counted as `primitives.toml` does, by 40 operations of the small language: those of a machine would
    make a program of a stack machine twice as long as the same one of a register machine.
    """
    program = check_program(spec)
    routines = [each for each in program.routines if not each.name.startswith("d")]
    inner = sum(_sweep_operations(part.stage) for part in spec.parts if part.home == "nested")
    size = sum(operations(each.body) for each in routines) + inner
    stages = [part.stage for part in spec.parts]
    solved = sum(isinstance(stage, System | Spread) for stage in stages)
    homes = {part.home for part in spec.parts}
    layers = (
        (spec.machine.roll.scope != "none")
        + any(part.key for part in spec.parts)
        + ("coroutines" in homes)
        + ("nested" in homes)
    )
    steps = (
        Step("disassemble-function", 1),
        Step("opcode", len(program.used) + len(program.inner)),
        Step("disassembler", 1 + bool(program.inner)),
        Step("bytecode-routine", max(1, round(size / _ROUTINE))),
        Step("defeat-obfuscation", layers),
        Step("lead", len(spec.decoys)),
        Step("invert-stage", len(stages) - solved),
        Step("solve-constraints", solved),
    )
    return tuple(step for step in steps if step.times)


def _sweep_operations(stage: Stage) -> int:
    """Return how many operations of an inner machine's program have to be understood."""
    return 10 + 4 * sum(len(lane) for lane in stage.lanes) if isinstance(stage, Sweep) else 0


def structure(spec: BytecodeSpec) -> frozenset[str]:
    """Return machine, encodings, operations, call graph, and the order and shape of the stages."""
    machine, program = spec.machine, check_program(spec)
    found = {
        f"machine {machine.kind} {machine.addresses if machine.kind == 'register' else ''}",
        f"width {machine.width}",
        f"branch {machine.branch}",
        f"packing {machine.packing if machine.kind == 'register' else ''}",
        f"words {machine.words}",
        f"targets {machine.targets}",
        f"roll {machine.roll.scope}",
        f"order {machine.order}",
        f"first {machine.first}",
        f"dispatch {machine.dispatch}",
        f"fuse {spec.fuse_at} {spec.fuse_op}",
        *(f"operation {name}" for name, _ in machine.codes),
        *(f"inner {name}" for name in program.inner),
        *(f"decoy {at} {decoy.before}" for at, decoy in enumerate(spec.decoys)),
    }
    for routine in program.routines:
        found |= {f"call {routine.name} {name}" for name in called(routine.body)}
    for at, part in enumerate(spec.parts):
        found |= {f"part {at} {trait}" for trait in _traits(part)}
    return frozenset(found)


def _traits(part: Part) -> Iterator[str]:
    """Yield what a part is, without the constants that only make it look different."""
    yield f"{type(part.stage).__name__} {part.home}"
    yield f"wrap {part.wrap}"
    yield from ["helper"] * part.helper
    yield from ["sealed"] * bool(part.key)
    match part.stage:
        case Sweep(_, stride, rounds, lanes, _):
            yield f"stride {stride}"
            yield f"rounds {rounds}"
            for number, lane in enumerate(lanes):
                yield f"lane {number} {' '.join(turn.act for turn in lane)}"
        case System(_, terms):
            yield from (f"term {term.op} {term.one} {term.other} {term.shift}" for term in terms)
        case Spread(one, other, turns):
            yield f"spread {one} {other} {turns}"
        case Shuffle(order):
            yield f"shuffle {order}"
