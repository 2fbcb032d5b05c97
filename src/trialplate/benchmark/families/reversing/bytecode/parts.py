"""How the parts of a check are written in the small language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from trialplate.benchmark.families.reversing.bytecode.assembly import Sealing
from trialplate.benchmark.families.reversing.bytecode.language import (
    Bin,
    Call,
    Cell,
    Expr,
    IfZero,
    Num,
    Plain,
    Put,
    Repeat,
    Routine,
    Seal,
    Set,
    Spawn,
    Stmt,
    Var,
)
from trialplate.benchmark.families.reversing.bytecode.lowering import Memory
from trialplate.benchmark.families.reversing.bytecode.machine import Machine
from trialplate.benchmark.families.reversing.bytecode.nested import nested
from trialplate.benchmark.families.reversing.bytecode.spec import Part
from trialplate.benchmark.families.reversing.bytecode.stages import (
    SPUN,
    SUBSTITUTED,
    Shuffle,
    Spread,
    Stage,
    Sweep,
    System,
    Term,
    Turn,
)

_X, _P, _I, _J = Var("x"), Var("p"), Var("i"), Var("j")
_LANE_COUNTERS: Final = ("k", "m", "q")
"""Lanes share memory, where some machines keep their variables; nothing else counts while they run."""


def up(name: str, by: int = 1) -> Set:
    """Return what adds to a variable."""
    return Set(name, Bin("add", Var(name), Num(by)))


def counted(counter: str, count: int, *body: Stmt) -> list[Stmt]:
    """Return a loop over the places 0 to `count` - 1 in `i`, which its body counts up."""
    return [Set("i", Num(0)), Repeat(counter, count, body)]


@dataclass(frozen=True)
class _Walk:
    """Where a sweep keeps the place it is at and the word before: in variables, or in cells that coroutines share."""

    place: Expr
    before: Expr

    def put(self, where: Expr, value: Expr) -> Stmt:
        """Write one of the two."""
        if isinstance(where, Cell):
            return Put(where.base, where.index, value)
        return Set(where.name if isinstance(where, Var) else "", value)


@dataclass
class Writer:
    """Writes parts, and collects the routines that they need."""

    machine: Machine
    memory: Memory
    numbers: Sequence[int]
    routines: list[Routine] = field(default_factory=list[Routine])
    sealings: list[Sealing] = field(default_factory=list[Sealing])
    inner: tuple[str, ...] = ()

    def swaps(self, stage: Stage) -> bool:
        """Say whether a stage leaves its words in the other of the two places."""
        return not isinstance(stage, Sweep)

    def part(self, name: str, part: Part, source: int, target: int) -> list[Stmt]:
        """Return the statements of the main routine that do a part on the words at `source`."""
        first = len(self.routines)
        stage = part.stage
        match stage:
            case Sweep() if part.home == "coroutines":
                body = self._coroutines(name, part, stage, source)
            case Sweep() if part.home == "nested":
                walk = _Walk(_J, _P)
                whole = self._sweep(name, part, stage, source, walk)
                body, self.inner = nested(self.machine, self.memory, whole, self.numbers)
            case Sweep():
                body = self._sweep(name, part, stage, source, _Walk(_J, _P))
            case System():
                body = self._system(part, stage, source, target)
            case Spread():
                body = self._spread(part, stage, source, target)
            case Shuffle(order):
                moved = Cell(source, Cell(self.memory.table(order), _I))
                body = counted("m", self.machine.count, Put(target, _I, moved), up("i"))
        if part.home == "inline":
            return body
        self.routines.insert(first, Routine(name, tuple(body)))
        if not part.key:
            return [Call(name)]
        last = self.routines[-1].name
        self.sealings.append(Sealing(name, last, part.key))
        return [Seal(name, last, part.key), Call(name), Seal(name, last, part.key)]

    # ----------------------------------------------------------------------------------------------------------- sweeps

    def _sweep(self, name: str, part: Part, sweep: Sweep, base: int, walk: _Walk) -> list[Stmt]:
        table = self.memory.table(sweep.table) if _reads_table(sweep) else 0
        rounds: list[Stmt] = []
        for lane in range(len(sweep.lanes)):
            rounds += self._round(f"{name}.{lane}", part, sweep, base, table, walk, lane)
        return [*self._began(sweep, base, walk), Repeat("k", sweep.rounds // len(sweep.lanes), tuple(rounds))]

    def _coroutines(self, name: str, part: Part, sweep: Sweep, base: int) -> list[Stmt]:
        table = self.memory.table(sweep.table) if _reads_table(sweep) else 0
        walk = _Walk(Cell(self.memory.table([0]), Num(0)), Cell(self.memory.table([0]), Num(0)))
        start = self._began(sweep, base, walk)
        lanes = len(sweep.lanes)
        for lane in range(lanes):
            body = self._round(f"{name}.{lane}h", part, sweep, base, table, walk, lane)
            loop = Repeat(_LANE_COUNTERS[lane], sweep.rounds // lanes, (*body, Plain("pause")))
            self.routines.append(Routine(f"{name}.{lane}", (loop,), "end"))
        return [*start, *(Spawn(f"{name}.{lane}") for lane in range(lanes)), Plain("join")]

    def _began(self, sweep: Sweep, base: int, walk: _Walk) -> list[Stmt]:
        before = (sweep.first - sweep.stride) % self.machine.count
        return [walk.put(walk.place, Num(sweep.first)), walk.put(walk.before, Cell(base, Num(before)))]

    def _round(  # noqa: PLR0913, PLR0917 - all that makes one round, and used twice
        self, name: str, part: Part, sweep: Sweep, base: int, table: int, walk: _Walk, lane: int
    ) -> list[Stmt]:
        turns = [each for turn in sweep.lanes[lane] for each in _turn(self.machine, turn, table)]
        body: list[Stmt] = [Set("x", Cell(base, walk.place))]
        if walk.before != _P:
            body.append(Set("p", walk.before))
        if part.helper:
            self.routines.append(Routine(name, tuple(turns)))
            turns = [Call(name)]
        body += [*turns, Put(base, walk.place, _X), walk.put(walk.before, _X)]
        return body + self._advanced(part, sweep.stride, walk)

    def _advanced(self, part: Part, stride: int, walk: _Walk) -> list[Stmt]:
        count = self.machine.count
        if part.wrap == "table":
            following = self.memory.table([(at + stride) % count for at in range(count)])
            return [walk.put(walk.place, Cell(following, walk.place))]
        if walk.place == _J:
            return self._wrapped("j", Bin("add", _J, Num(stride)))
        return [*self._wrapped("s", Bin("add", walk.place, Num(stride))), walk.put(walk.place, Var("s"))]

    def _wrapped(self, name: str, value: Expr) -> list[Stmt]:
        """Return what gives a variable a value below twice the count, modulo the count."""
        rest = Bin("sub", Var(name), Num(self.machine.count))
        negative = Bin("shr", rest, Num(self.machine.width - 1))
        return [Set(name, value), IfZero(negative, (Set(name, rest),))]

    # -------------------------------------------------------------------------------------------------------- equations

    def _system(self, part: Part, system: System, source: int, target: int) -> list[Stmt]:
        count = self.machine.count
        rows = self.memory.table([factor for row in system.rows for factor in row])
        sums = Bin("add", Var("s"), Bin("mul", Cell(rows, Var("q")), Cell(source, _J)))
        row: list[Stmt] = [
            Set("s", Num(0)),
            Set("j", Num(0)),
            Repeat("k", count, (Set("s", sums), up("q"), up("j"))),
        ]
        for term in system.terms:
            row += self._term(part, term, source)
        return [Set("q", Num(0)), *counted("m", count, *row, Put(target, _I, Var("s")), up("i"))]

    def _term(self, part: Part, term: Term, source: int) -> list[Stmt]:
        value = Bin(term.op, Cell(source, Var("t")), Cell(source, Var("u")))
        places = [*self._place(part, "t", term.one), *self._place(part, "u", term.other)]
        return [*places, Set("s", Bin("add", Var("s"), Bin("shl", value, Num(term.shift))))]

    def _place(self, part: Part, name: str, distance: int) -> list[Stmt]:
        """Return what gives a variable the place that lies some way behind `i`."""
        count = self.machine.count
        if part.wrap == "table":
            table = self.memory.table([(at + distance) % count for at in range(count)])
            return [Set(name, Cell(table, _I))]
        return self._wrapped(name, Bin("add", _I, Num(distance)))

    def _spread(self, part: Part, spread: Spread, source: int, target: int) -> list[Stmt]:
        body: list[Stmt] = [Set("s", Cell(source, _I))]
        for distance, turn in zip((spread.one, spread.other), spread.turns, strict=True):
            body += [
                *self._place(part, "t", distance),
                Set("x", Cell(source, Var("t"))),
                Set("s", Bin("xor", Var("s"), Bin("rol", _X, Num(turn)))),
            ]
        return counted("m", self.machine.count, *body, Put(target, _I, Var("s")), up("i"))


def _reads_table(sweep: Sweep) -> bool:
    return any(turn.act in {"subst", "lookp"} for lane in sweep.lanes for turn in lane)


def _turn(machine: Machine, turn: Turn, table: int) -> list[Stmt]:
    by = Num(turn.by)
    match turn.act:
        case "add" | "sub" | "xor" | "mul":
            value = Bin(turn.act, _X, by)
        case "fold":
            value = Bin("xor", _X, Bin("shr", _X, by))
        case "roll":
            value = Bin("rol", _X, by)
        case "subst":
            low = Cell(table, Bin("and", _X, Num(SUBSTITUTED)))
            value = Bin("or", Bin("and", _X, Num(machine.mask & ~SUBSTITUTED)), low)
        case "addp":
            value = Bin("add", _X, Bin("mul", _P, by))
        case "xorp":
            value = Bin("xor", _X, Bin("shr", _P, by))
        case "mixp":
            value = Bin("xor", _X, Bin("mul", _P, by))
        case "lookp":
            value = Bin("add", _X, Cell(table, Bin("and", _P, Num(SUBSTITUTED))))
        case _:
            return [Set("s", Bin("and", _P, Num(SPUN))), Set("x", Bin("rol", _X, Var("s")))]
    return [Set("x", value)]
