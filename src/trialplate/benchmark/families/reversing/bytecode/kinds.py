"""The three kinds of machine, each with its way to come by a value."""

from __future__ import annotations

from typing import Final

from trialplate.benchmark.families.reversing.bytecode.language import Bin, Cell, Expr, Num, Var
from trialplate.benchmark.families.reversing.bytecode.lowering import Lowering, Memory
from trialplate.benchmark.families.reversing.bytecode.machine import Machine


class _Registers(Lowering):
    """Variables live in registers; what is left of these holds values on their way."""

    def __init__(self, machine: Machine, memory: Memory) -> None:
        super().__init__(machine, memory)
        self._free = list(machine.registers)
        self._variables: dict[str, int] = {}

    def _place(self, name: str) -> int:
        if name not in self._variables:
            self._variables[name] = self._free.pop(0)
        return self._variables[name]

    def _temporary(self, depth: int) -> int:
        return self._free[-1 - depth]

    def _set(self, name: str, value: Expr) -> None:
        self._into(self._place(name), value, 0)

    def _put(self, base: int, index: Expr, value: Expr) -> None:
        source = self._value(value, 0)
        self._emit("st", source, self._value(index, 1), base)

    def _read(self, name: str, port: int) -> None:
        self._emit("in", self._place(name), port)

    def _take(self, op: str, value: Expr, *more: str) -> None:
        self._emit(op, self._value(value, 0), *more)

    def _value(self, value: Expr, depth: int) -> int:
        """Return the register that holds a value; temporaries below `depth` are kept."""
        if isinstance(value, Var):
            return self._place(value.name)
        target = self._temporary(depth)
        self._into(target, value, depth)
        return target

    def _into(self, target: int, value: Expr, depth: int) -> None:
        match value:
            case Num(number):
                self._emit("ldi", target, number)
            case Var(name):
                if self._place(name) != target:
                    self._emit("mov", target, self._place(name))
            case Cell(base, index):
                self._emit("ld", target, self._value(index, depth), base)
            case Bin():
                self._operate(target, value, depth)

    def _operate(self, target: int, value: Bin, depth: int) -> None:
        if self._unary(value) is None and self._machine.addresses == 3:  # noqa: PLR2004 - its own name
            left = self._value(value.left, depth)
            if (constant := self._immediate(value)) is not None:
                self._emit(f"{value.op}i", target, left, constant)
            else:
                self._emit(value.op, target, left, self._value(value.right, depth + 1))
            return
        # Two addresses: the target may not be overwritten while the right side still reads it.
        safe = self._temporary(depth) if _mentions(value.right, self._named(target)) else target
        deeper = depth + (safe == self._temporary(depth))
        self._into(safe, value.left, depth)
        if name := self._unary(value):
            self._emit(name, safe)
        elif (constant := self._immediate(value)) is not None:
            self._emit(f"{value.op}i", safe, constant)
        else:
            self._emit(value.op, safe, self._value(value.right, deeper))
        if safe != target:
            self._emit("mov", target, safe)

    def _named(self, register: int) -> str | None:
        return next((name for name, place in self._variables.items() if place == register), None)


class _Accumulator(Lowering):
    """Everything goes through one register; variables and constants live in memory."""

    def _place(self, name: str) -> int:
        return self._memory.cell(name)

    def _set(self, name: str, value: Expr) -> None:
        self._value(value, 0)
        self._emit("sta", self._place(name))

    def _put(self, base: int, index: Expr, value: Expr) -> None:
        if isinstance(index, Num):
            self._value(value, 0)
            self._emit("sta", base + index.value)
            return
        where = self._operand(index, 0)
        self._value(value, 1)
        self._emit("ldx", where)
        self._emit("sax", base)

    def _read(self, name: str, port: int) -> None:
        self._emit("in", port)
        self._emit("sta", self._place(name))

    def _take(self, op: str, value: Expr, *more: str) -> None:
        self._value(value, 0)
        self._emit(op, *more)

    def _operand(self, value: Expr, depth: int) -> int:
        """Return where a value lies in memory; temporaries below `depth` are kept."""
        match value:
            case Var(name):
                return self._place(name)
            case Num(number):
                return self._memory.constant(number)
            case Cell(base, Num(index)):
                return base + index
            case _:
                self._value(value, depth)
                temporary = self._memory.cell(f"!{depth}")
                self._emit("sta", temporary)
                return temporary

    def _value(self, value: Expr, depth: int) -> None:
        match value:
            case Num(number) if self._has("ldi"):
                self._emit("ldi", number)
            case Num() | Var() | Cell(_, Num()):
                self._emit("lda", self._operand(value, depth))
            case Cell(base, index):
                self._value(index, depth)
                self._emit("lax", base)
            case Bin(op, left, right):
                if name := self._unary(value):
                    self._value(left, depth)
                    self._emit(name)
                elif (constant := self._immediate(value)) is not None:
                    self._value(left, depth)
                    self._emit(f"{op}i", constant)
                else:
                    place = self._operand(right, depth)
                    self._value(left, depth + 1)
                    self._emit(op, place)


class _Stack(Lowering):
    """Values are pushed and popped; variables live in memory."""

    def _place(self, name: str) -> int:
        return self._memory.cell(name)

    def _set(self, name: str, value: Expr) -> None:
        self._value(value)
        self._emit("stv", self._place(name))

    def _put(self, base: int, index: Expr, value: Expr) -> None:
        self._value(value)
        if isinstance(index, Num):
            self._emit("stv", base + index.value)
        else:
            self._value(index)
            self._emit("stx", base)

    def _read(self, name: str, port: int) -> None:
        self._emit("in", port)
        self._emit("stv", self._place(name))

    def _take(self, op: str, value: Expr, *more: str) -> None:
        self._value(value)
        self._emit(op, *more)

    def _value(self, value: Expr) -> None:
        match value:
            case Num(number):
                self._emit("push", number)
            case Var(name):
                self._emit("ldv", self._place(name))
            case Cell(base, Num(index)):
                self._emit("ldv", base + index)
            case Cell(base, index):
                self._value(index)
                self._emit("ldx", base)
            case Bin(op, left, right):
                self._value(left)
                if name := self._unary(value):
                    self._emit(name)
                elif (constant := self._immediate(value)) is not None:
                    self._emit(f"{op}i", constant)
                else:
                    self._value(right)
                    self._emit(op)


def _mentions(value: Expr, name: str | None) -> bool:
    match value:
        case Var(other):
            return other == name
        case Bin(_, left, right):
            return _mentions(left, name) or _mentions(right, name)
        case Cell(_, index):
            return _mentions(index, name)
        case _:
            return False


_KINDS: Final = {"register": _Registers, "accumulator": _Accumulator, "stack": _Stack}


def lowering(machine: Machine, memory: Memory) -> Lowering:
    """Return what writes operations for a machine."""
    return _KINDS[machine.kind](machine, memory)
