"""The machine inside the machine: a small accumulator machine whose program lies in memory as words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from trialplate.benchmark.families.reversing.bytecode.kinds import lowering
from trialplate.benchmark.families.reversing.bytecode.language import (
    Bin,
    Cell,
    IfZero,
    Num,
    Put,
    Routine,
    Set,
    Stmt,
    Until,
    Var,
)
from trialplate.benchmark.families.reversing.bytecode.lowering import Label, Memory, Op
from trialplate.benchmark.families.reversing.bytecode.machine import ARITHMETIC, Machine

_FEATURES: Final = ("add", "and", "mul", "or", "shl", "shr", "sub", "xor", "addi", "shri", "ldi")
_AT, _OP, _GIVEN, _ACC, _INDEX, _STOP = (Var(name) for name in ("q", "s", "t", "x", "j", "k"))


def nested(
    machine: Machine, memory: Memory, body: Sequence[Stmt], numbers: Sequence[int]
) -> tuple[list[Stmt], tuple[str, ...]]:
    """Return an interpreter of some statements, which are placed in memory, and the operations that it knows.

    Args:
        machine: the outer machine, whose words the inner one has.
        memory: the memory of both.
        body: what the inner machine is to do; it calls nothing.
        numbers: how the inner operations are numbered, in their alphabetical order.
    """
    inner = replace(machine, kind="accumulator", branch="zero", features=_FEATURES)
    writes = lowering(inner, memory.apart())
    writes.routine(Routine("inner", tuple(body), "end"))
    lines = [line for line in writes.lines if isinstance(line, Op)]
    names = tuple(sorted({line.name for line in lines}))
    codes = dict(zip(names, numbers, strict=False))
    start = memory.table([0] * (2 * len(lines)))
    places: dict[str, int] = {}
    at = start
    for line in writes.lines:
        if isinstance(line, Label):
            places[line.name] = at
        else:
            at += 2
    for number, line in enumerate(lines):
        given = line.given[0] if line.given else 0
        word = places[given] if isinstance(given, str) else given
        memory.words[start + 2 * number : start + 2 * number + 2] = codes[line.name], word
    return _interpreter(names, codes, start), names


def _interpreter(names: Sequence[str], codes: dict[str, int], start: int) -> list[Stmt]:
    cases = tuple(IfZero(Bin("xor", _OP, Num(codes[name])), _case(name)) for name in names)
    fetched = (
        Set("s", Cell(0, _AT)),
        Set("t", Cell(1, _AT)),
        Set("q", Bin("add", _AT, Num(2))),
    )
    return [Set("q", Num(start)), Set("k", Num(0)), Until(_STOP, (*fetched, *cases))]


def _case(name: str) -> tuple[Stmt, ...]:
    """Return what the interpreter does for an inner operation."""
    if name in _CASES:
        return _CASES[name]
    if name in ARITHMETIC:
        return (Set("x", Bin(name, _ACC, _THERE)),)
    return (Set("x", Bin(name.removesuffix("i"), _ACC, _GIVEN)),)


_THERE: Final = Cell(0, _GIVEN)
_CASES: Final[dict[str, tuple[Stmt, ...]]] = {
    "ldi": (Set("x", _GIVEN),),
    "lda": (Set("x", _THERE),),
    "sta": (Put(0, _GIVEN, _ACC),),
    "lax": (Set("x", Cell(0, Bin("add", _GIVEN, _ACC))),),
    "ldx": (Set("j", _THERE),),
    "sax": (Put(0, Bin("add", _GIVEN, _INDEX), _ACC),),
    # Only "do where zero" is at hand, so the jump is taken first and taken back.
    "jnz": (Set("u", _AT), Set("q", _GIVEN), IfZero(_ACC, (Set("q", Var("u")),))),
    "end": (Set("k", Num(1)),),
}
