"""The programs of an item: the check of a code, and the demonstration that is shipped with the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from trialplate.benchmark.families.reversing.bytecode.assembly import Sealing, assembled
from trialplate.benchmark.families.reversing.bytecode.kinds import lowering
from trialplate.benchmark.families.reversing.bytecode.language import (
    Bin,
    Call,
    Cell,
    Expr,
    Halt,
    Num,
    Out,
    Plain,
    Put,
    Read,
    Repeat,
    Routine,
    Seal,
    Set,
    Spawn,
    Stmt,
    Var,
)
from trialplate.benchmark.families.reversing.bytecode.lowering import Line, Memory, Op
from trialplate.benchmark.families.reversing.bytecode.machine import ARITHMETIC, UNARY, Machine
from trialplate.benchmark.families.reversing.bytecode.parts import Writer, counted, up
from trialplate.benchmark.families.reversing.bytecode.spec import BytecodeSpec
from trialplate.benchmark.families.reversing.bytecode.stages import Words, applied, undone

CODE_PORT: Final = 0
FUSE_PORT: Final = 1
_FUSE_BACK: Final = {"add": "sub", "sub": "add", "xor": "xor"}


@dataclass(frozen=True)
class Program:
    """A program before its operations are numbered.

    `routines` are in the order of the code; `target` is where in memory the words lie that a code must become.
    """

    routines: tuple[Routine, ...]
    lines: tuple[Line, ...]
    words: tuple[int, ...]
    sealings: tuple[Sealing, ...]
    target: int = 0
    inner: tuple[str, ...] = ()

    @property
    def used(self) -> frozenset[str]:
        """The operations that occur in it."""
        return frozenset(line.name for line in self.lines if isinstance(line, Op))

    def code(self, machine: Machine) -> tuple[bytes, Mapping[str, int]]:
        """Return its code and labels for a machine whose operations are numbered."""
        return assembled(machine, self.lines, self.sealings)


@lru_cache(maxsize=64)
def check_program(spec: BytecodeSpec) -> Program:
    """Return the program that reads a code and stops with zero for the right one."""
    machine, memory = spec.machine, Memory()
    state, other = memory.table([0] * machine.count), memory.table([0] * machine.count)
    # What stands behind the target looks like it; the result does not hang on it.
    target, scratch = memory.table([0] * machine.count), memory.table(spec.scratch)
    writer = Writer(machine, memory, spec.inner)
    read: list[Stmt] = [Read("x", CODE_PORT), Put(state, Var("i"), Var("x"))]
    if not spec.fuse_at:
        read[1:] = [Read("p", FUSE_PORT), Put(state, Var("i"), Bin(spec.fuse_op, Var("x"), Var("p")))]
    body = counted("m", machine.count, *read, up("i"))
    for at, part in enumerate(spec.parts):
        if at and at == spec.fuse_at:
            mixed = Bin(spec.fuse_op, Cell(state, Var("i")), Var("x"))
            body += counted("m", machine.count, Read("x", FUSE_PORT), Put(state, Var("i"), mixed), up("i"))
        for number, decoy in enumerate(spec.decoys):
            if decoy.before == at:
                body += writer.part(f"d{number}", decoy.part, scratch, scratch)
        body += writer.part(f"s{at}", part, state, other)
        if writer.swaps(part.stage):
            state, other = other, state
    for number, decoy in enumerate(spec.decoys):
        if decoy.before < 0:
            writer.part(f"d{number}", decoy.part, scratch, scratch)
    wrong = Bin("or", Var("x"), Bin("xor", Cell(state, Var("i")), Cell(target, Var("i"))))
    body += [Set("x", Num(0)), *counted("m", machine.count, Set("x", wrong), up("i")), Halt(Var("x"))]
    main = Routine("main", tuple(body), "")
    routines = [main, *writer.routines] if spec.main_first else [*writer.routines, main]
    return replace(_finished(machine, memory, routines, writer.sealings), target=target, inner=writer.inner)


@lru_cache(maxsize=64)
def demo_program(spec: BytecodeSpec) -> Program:
    """Return the demonstration: it shows every operation at work on the first two words of its input."""
    machine, memory = spec.machine, Memory()
    used = check_program(spec).used
    table = memory.table([(3 * at * at + 5) & machine.mask for at in range(8)])
    body: list[Stmt] = [Read("x", CODE_PORT), Read("p", CODE_PORT)]
    for op in ARITHMETIC:
        if op in machine.features:
            right: Expr = Num(3) if op in {"shl", "shr", "rol"} else Var("p")
            body += [Set("s", right), Out(Bin(op, Var("x"), Var("s")))]
        if f"{op}i" in machine.features:
            body.append(Out(Bin(op, Var("x"), Num(5))))
    body += [Out(Bin(op, Var("x"), Num(by))) for name, (op, by) in UNARY.items() if name in machine.features]
    body += [Set("i", Num(0)), Repeat("k", 8, (Out(Cell(table, Var("i"))), Put(table, Var("i"), Var("k")), up("i")))]
    routines: list[Routine] = []
    sealings: list[Sealing] = []
    if "call" in used:
        routines.append(Routine("sum", (Set("s", Bin("add", Var("x"), Var("p"))), Out(Var("s")))))
        body.append(Call("sum"))
    if "seal" in used:
        sealings.append(Sealing("sum", "sum", 0x5A3))
        body[-1:] = [Seal("sum", "sum", 0x5A3), Call("sum"), Seal("sum", "sum", 0x5A3)]
    if "spawn" in used:
        routines += [
            Routine(f"c{lane}", (Repeat(f"k{lane}", 3, (Out(Num(lane + 1)), Plain("pause"))),), "end")
            for lane in range(2)
        ]
        body += [Spawn("c0"), Spawn("c1"), Plain("join")]
    body.append(Halt(Num(0)))
    return _finished(machine, memory, [Routine("main", tuple(body), ""), *routines], sealings)


def _finished(machine: Machine, memory: Memory, routines: Sequence[Routine], sealings: Sequence[Sealing]) -> Program:
    writes = lowering(machine, memory)
    for routine in routines:
        writes.routine(routine)
    return Program(tuple(routines), tuple(writes.lines), tuple(memory.words), tuple(sealings))


# ----------------------------------------------------------------------------------------------------- codes and words


def sealed(spec: BytecodeSpec, words: Words, fuse: Words) -> Words:
    """Return what the program makes of the words of a code on a unit with some fuse."""
    for at, part in enumerate(spec.parts):
        words = _fused(spec, spec.fuse_op, words, fuse) if at == spec.fuse_at else words
        words = applied(part.stage, words, spec.machine.width)
    return words


def unsealed(spec: BytecodeSpec, words: Words, fuse: Words) -> Words:
    """Return the words of the code that the program makes these of."""
    for at, part in reversed(list(enumerate(spec.parts))):
        words = undone(part.stage, words, spec.machine.width)
        words = _fused(spec, _FUSE_BACK[spec.fuse_op], words, fuse) if at == spec.fuse_at else words
    return words


def _fused(spec: BytecodeSpec, op: str, words: Words, fuse: Words) -> Words:
    machine = spec.machine
    return tuple(ARITHMETIC[op](word, key, machine.width) & machine.mask for word, key in zip(words, fuse, strict=True))


_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def words_of_bits(machine: Machine, value: int) -> Words:
    """Return 120 bits, the first of them the highest, as a port gives them."""
    bits = f"{value:0{machine.count * machine.width}b}"
    parts = (bits[at : at + machine.width] for at in range(0, len(bits), machine.width))
    return tuple(int(part if machine.order == "msb" else part[::-1], 2) for part in parts)


def bits_of_words(machine: Machine, words: Words) -> int:
    """Return what `words_of_bits` makes these words of."""
    parts = (f"{word:0{machine.width}b}" for word in words)
    return int("".join(part if machine.order == "msb" else part[::-1] for part in parts), 2)


def bits_of_text(text: str) -> int:
    """Return the bits of a code as it is written, five a letter; ValueError for other letters."""
    value = 0
    for letter in text.replace("-", ""):
        value = value << 5 | _ALPHABET.index(letter)
    return value


def text_of_bits(value: int) -> str:
    """Return a code as it is written: four groups of six letters."""
    text = "".join(_ALPHABET[value >> shift & 31] for shift in range(115, -1, -5))
    return "-".join(text[at : at + 6] for at in range(0, 24, 6))
