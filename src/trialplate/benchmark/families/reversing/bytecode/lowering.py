"""From the small language to the operations of a machine: what is the same on all three kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from trialplate.benchmark.families.reversing.bytecode.language import (
    Bin,
    Call,
    Cell,
    Expr,
    Halt,
    IfZero,
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
    Until,
    Var,
)
from trialplate.benchmark.families.reversing.bytecode.machine import UNARY, Machine


@dataclass(frozen=True)
class Label:
    """A place in code."""

    name: str


@dataclass(frozen=True)
class Op:
    """An operation; an operand that is a text is a label."""

    name: str
    given: tuple[int | str, ...] = ()


Line = Label | Op


class Memory:
    """The words that a program starts with, as they are handed out."""

    def __init__(self, words: list[int] | None = None) -> None:
        self.words: list[int] = [] if words is None else words
        self._cells: dict[str, int] = {}
        self._constants: dict[int, int] = {}

    def apart(self) -> Memory:
        """Return the same words with variables of their own."""
        return Memory(self.words)

    def table(self, words: Sequence[int]) -> int:
        """Place some words and return where they lie."""
        self.words += words
        return len(self.words) - len(words)

    def cell(self, name: str) -> int:
        """Return where a variable lies."""
        if name not in self._cells:
            self._cells[name] = self.table([0])
        return self._cells[name]

    def constant(self, value: int) -> int:
        """Return where a word of some value lies that nothing writes."""
        if value not in self._constants:
            self._constants[value] = self.table([value])
        return self._constants[value]


class Lowering(ABC):
    """Writes the operations of a program for one machine, routine by routine, into `lines`."""

    def __init__(self, machine: Machine, memory: Memory) -> None:
        self.lines: list[Line] = []
        self._machine = machine
        self._memory = memory
        self._labels = 0

    def routine(self, routine: Routine) -> None:
        """Add a routine, between a label of its name and one of its name and `.end`."""
        self.lines.append(Label(routine.name))
        self._all(routine.body)
        if routine.ends:
            self._emit(routine.ends)
        self.lines.append(Label(f"{routine.name}.end"))

    def _emit(self, name: str, *given: int | str) -> None:
        self.lines.append(Op(name, given))

    def _label(self) -> str:
        self._labels += 1
        return f".{self._labels}"

    def _has(self, feature: str) -> bool:
        return feature in self._machine.features

    def _all(self, statements: Sequence[Stmt]) -> None:
        for each in statements:
            self._statement(each)

    def _statement(self, statement: Stmt) -> None:  # noqa: C901 - one case a statement, none of them with a choice
        match statement:
            case Set(name, value):
                self._set(name, self._reduced(value))
            case Put(base, index, value):
                self._put(base, self._reduced(index), self._reduced(value))
            case Repeat(name, count, body):
                self._repeat(name, count, body)
            case IfZero(value, body):
                over = self._label()
                self._jump(self._reduced(value), over, nonzero=True)
                self._all(body)
                self.lines.append(Label(over))
            case Until(value, body):
                again = self._label()
                self.lines.append(Label(again))
                self._all(body)
                self._jump(self._reduced(value), again, nonzero=False)
            case Call(name):
                self._emit("call", name)
            case Spawn(name):
                self._emit("spawn", name)
            case Seal(first, last, key):
                self._emit("seal", first, f"{last}.end", key)
            case Plain(op):
                self._emit(op)
            case Read(name, port):
                self._read(name, port)
            case Out(value):
                self._take("out", self._reduced(value))
            case Halt(value):
                self._take("halt", self._reduced(value))

    def _repeat(self, name: str, count: int, body: Sequence[Stmt]) -> None:
        self._set(name, Num(count))
        again = self._label()
        self.lines.append(Label(again))
        self._all(body)
        if self._has("djnz"):
            self._emit("djnz", self._place(name), again)
        else:
            self._set(name, self._reduced(Bin("sub", Var(name), Num(1))))
            self._jump(Var(name), again, nonzero=True)

    def _jump(self, value: Expr, label: str, *, nonzero: bool) -> None:
        match self._machine.branch:
            case "zero":
                self._take("jnz" if nonzero else "jz", value, label)
            case "flag":
                self._take("tst", value)
                self._emit("jt" if nonzero else "jf", label)
            case _:
                self._take("skz" if nonzero else "skn", value)
                self._emit("jmp", label)

    def _reduced(self, value: Expr) -> Expr:
        """Return a value in terms of the operations that the machine has, its constants cut to words."""
        match value:
            case Num(number):
                return Num(number & self._machine.mask)
            case Cell(base, index):
                return Cell(base, self._reduced(index))
            case Bin(op, left, right):
                other = None if self._has(op) else self._replaced(value)
                return self._reduced(other) if other else Bin(op, self._reduced(left), self._reduced(right))
            case _:
                return value

    def _replaced(self, value: Bin) -> Bin | None:
        """Return the same value by other operations, for one that the machine does not have."""
        width = self._machine.width
        match value:
            case Bin("rol", left, Num(turn)):
                turn %= width
                return Bin("or", Bin("shl", left, Num(turn)), Bin("shr", left, Num(width - turn)))
            case Bin("rol", left, right):
                return Bin("or", Bin("shl", left, right), Bin("shr", left, Bin("sub", Num(width), right)))
            case Bin("xor", left, right) if not self._flips(right):
                return Bin("sub", Bin("or", left, right), Bin("and", left, right))
            case Bin("sub", left, Num(number)):
                return Bin("add", left, Num(-number))
            case Bin("sub", left, right):
                return Bin("add", Bin("add", left, Bin("xor", right, Num(-1))), Num(1))
            case _:
                return None

    def _flips(self, right: Expr) -> bool:
        return right in {Num(-1), Num(self._machine.mask)} and self._has("not")

    def _unary(self, value: Bin) -> str | None:
        """Return the operation on one word that does the same, where the machine has it."""
        for name, (op, constant) in UNARY.items():
            if self._has(name) and value.op == op and value.right == Num(constant & self._machine.mask):
                return name
        return None

    def _immediate(self, value: Bin) -> int | None:
        """Return the constant on the right of an operation that takes one in the instruction itself."""
        return value.right.value if isinstance(value.right, Num) and self._has(f"{value.op}i") else None

    @abstractmethod
    def _place(self, name: str) -> int:
        """Return where a variable is: the operand that names it."""

    @abstractmethod
    def _set(self, name: str, value: Expr) -> None: ...

    @abstractmethod
    def _put(self, base: int, index: Expr, value: Expr) -> None: ...

    @abstractmethod
    def _read(self, name: str, port: int) -> None: ...

    @abstractmethod
    def _take(self, op: str, value: Expr, *more: str) -> None:
        """Emit an operation about a value."""
