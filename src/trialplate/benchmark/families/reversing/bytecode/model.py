"""The machine in Python: what the interpreter in C does, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from trialplate.benchmark.families.reversing.bytecode.machine import (
    ARITHMETIC,
    CONTEXTS,
    JUMP_BYTES,
    REGISTERS,
    STEPS,
    UNARY,
    Machine,
    operands,
)


@dataclass(frozen=True)
class Ran:
    """How a program ended: its status, what it printed, the steps that it took, and its memory."""

    status: int
    printed: tuple[int, ...]
    steps: int
    memory: tuple[int, ...]


@dataclass
class _Context:
    at: int
    registers: list[int] = field(default_factory=lambda: [0] * REGISTERS)
    acc: int = 0
    index: int = 0
    flag: bool = False
    stack: list[int] = field(default_factory=list[int])
    calls: list[int] = field(default_factory=list[int])


class Model:
    """One run of a program.

    Args:
        machine: the machine, with its codes.
        code: the code as it lies in an image.
        data: the first words of memory.
        entry: where it starts.
        ports: the words that can be read; a port that has no more gives zeros.
    """

    def __init__(
        self, machine: Machine, code: bytes, data: Sequence[int], entry: int, ports: Sequence[Sequence[int]]
    ) -> None:
        self._machine = machine
        self._code = bytearray(code)
        self.memory = [*data, *[0] * (machine.cells - len(data))]
        self._ports = [iter(port) for port in ports]
        self._names = {number: (name, operands(machine, name)) for name, number in machine.codes}
        self._contexts: list[_Context | None] = [_Context(entry), *[None] * (CONTEXTS - 1)]
        self._current = 0
        self._printed: list[int] = []
        self._status: int | None = None

    def run(self) -> Ran:
        """Run to the end; KeyError for a byte that is no operation, TimeoutError after too many steps."""
        for steps in range(STEPS):
            if self._status is not None:
                return Ran(self._status, tuple(self._printed), steps, tuple(self.memory))
            self._step()
        raise TimeoutError("a program does not end")

    @property
    def _now(self) -> _Context:
        context = self._contexts[self._current]
        if context is None:
            raise RuntimeError("no context is left")
        return context

    # ------------------------------------------------------------------------------------------------------ fetching

    def _byte(self, *, first: bool = False) -> int:
        now, roll = self._now, self._machine.roll
        value = self._code[now.at]
        if roll.scope == "all" or (first and roll.scope == "opcode"):
            value ^= roll.key(now.at)
        now.at += 1
        return value

    def _number(self, count: int) -> int:
        found = bytes(self._byte() for _ in range(count))
        return int.from_bytes(found, "big" if self._machine.words == "big" else "little")

    def _word(self) -> int:
        if self._machine.words != "leb":
            return self._number(self._machine.word_bytes)
        value, shift = 0, 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the bit that says "more"
                return value & self._machine.mask

    def _target(self, start: int) -> int:
        value, after = self._number(2), self._now.at
        return {"absolute": value, "after": after + value, "start": start + value}[self._machine.targets] & 0xFFFF

    def _registers(self, count: int) -> list[int]:
        if self._machine.packing == "bytes" or count < 2:  # noqa: PLR2004 - nothing to pair
            return [self._byte() & 15 for _ in range(count)]
        packed = self._byte()
        pair = [packed >> 4, packed & 15] if self._machine.packing == "high" else [packed & 15, packed >> 4]
        return pair + [self._byte() & 15 for _ in range(count - 2)]

    def _operands(self, kinds: str, start: int) -> list[int]:
        values = self._registers(kinds.count("r"))
        for kind in kinds.lstrip("r"):
            match kind:
                case "w":
                    values.append(self._word())
                case "b":
                    values.append(self._byte())
                case "a":
                    values.append(self._target(start))
                case _:
                    values.append(self._number(2))
        return values

    # ------------------------------------------------------------------------------------------------------- working

    def _step(self) -> None:
        start = self._now.at
        name, kinds = self._names[self._byte(first=True)]
        given = self._operands(kinds, start)
        if name in UNARY or name in ARITHMETIC or (name[-1] == "i" and name[:-1] in ARITHMETIC):
            self._arithmetic(name, given)
        elif not (self._moved(name, given) or self._jumped(name, given)):
            self._control(name, given, start)

    def _arithmetic(self, name: str, given: list[int]) -> None:
        now, mask = self._now, self._machine.mask
        constant = None
        if name in UNARY:
            name, constant = UNARY[name]
        elif name not in ARITHMETIC:
            name, constant = name[:-1], given.pop()
        function = ARITHMETIC[name]

        def result(left: int, right: int | None = None) -> int:
            chosen = constant if constant is not None else right
            return function(left, (chosen or 0) & mask, self._machine.width) & mask

        match self._machine.kind:
            case "register":
                source = given[1:] if self._machine.addresses == 3 and len(given) > 1 else given  # noqa: PLR2004
                now.registers[given[0]] = result(*(now.registers[each] for each in source))
            case "accumulator":
                now.acc = result(now.acc, *(self.memory[self._cell(each)] for each in given))
            case _:
                right = [now.stack.pop()] if constant is None else []
                now.stack.append(result(now.stack.pop(), *right))

    def _cell(self, address: int) -> int:
        return address & (self._machine.cells - 1)

    def _moved(self, name: str, given: list[int]) -> bool:
        """Do an operation that moves a word; say whether it was one."""
        match self._machine.kind:
            case "register":
                return self._moved_registers(name, given)
            case "accumulator":
                return self._moved_accumulator(name, given[0] if given else 0)
            case _:
                return self._moved_stack(name, given[0] if given else 0)

    def _moved_registers(self, name: str, given: list[int]) -> bool:
        registers = self._now.registers
        match name:
            case "ldi":
                registers[given[0]] = given[1]
            case "mov":
                registers[given[0]] = registers[given[1]]
            case "ld":
                registers[given[0]] = self.memory[self._cell(registers[given[1]] + given[2])]
            case "st":
                self.memory[self._cell(registers[given[1]] + given[2])] = registers[given[0]]
            case _:
                return False
        return True

    def _moved_accumulator(self, name: str, given: int) -> bool:
        now, memory = self._now, self.memory
        match name:
            case "ldi":
                now.acc = given
            case "lda":
                now.acc = memory[self._cell(given)]
            case "sta":
                memory[self._cell(given)] = now.acc
            case "lax":
                now.acc = memory[self._cell(given + now.acc)]
            case "ldx":
                now.index = memory[self._cell(given)]
            case "sax":
                memory[self._cell(given + now.index)] = now.acc
            case _:
                return False
        return True

    def _moved_stack(self, name: str, given: int) -> bool:
        stack, memory = self._now.stack, self.memory
        match name:
            case "push":
                stack.append(given)
            case "ldv":
                stack.append(memory[self._cell(given)])
            case "stv":
                memory[self._cell(given)] = stack.pop()
            case "ldx":
                stack.append(memory[self._cell(stack.pop() + given)])
            case "stx":
                address = self._cell(stack.pop() + given)
                memory[address] = stack.pop()
            case _:
                return False
        return True

    def _taken(self, given: list[int]) -> int:
        """Take the value that an operation is about."""
        now = self._now
        match self._machine.kind:
            case "register":
                return now.registers[given[0]]
            case "accumulator":
                return now.acc
            case _:
                return now.stack.pop()

    def _jumped(self, name: str, given: list[int]) -> bool:
        now = self._now
        match name:
            case "jz" | "jnz":
                if (self._taken(given) == 0) == (name == "jz"):
                    now.at = given[-1]
            case "skz" | "skn":
                if (self._taken(given) == 0) == (name == "skz"):
                    now.at += JUMP_BYTES
            case "tst":
                now.flag = self._taken(given) != 0
            case "jmp" | "jt" | "jf":
                if name == "jmp" or now.flag == (name == "jt"):
                    now.at = given[-1]
            case "djnz":
                self._counted(given)
            case _:
                return False
        return True

    def _counted(self, given: list[int]) -> None:
        registers = self._machine.kind == "register"
        where, at = (self._now.registers, given[0]) if registers else (self.memory, self._cell(given[0]))
        where[at] = (where[at] - 1) & self._machine.mask
        if where[at]:
            self._now.at = given[1]

    def _control(self, name: str, given: list[int], start: int) -> None:
        now = self._now
        simple: dict[str, Callable[[], None]] = {
            "ret": lambda: setattr(now, "at", now.calls.pop()),
            "pause": self._turn,
            "end": self._end,
        }
        match name:
            case "call":
                now.calls.append(now.at)
                now.at = given[0]
            case "in":
                self._put_in(given)
            case "out":
                self._printed.append(self._taken(given))
            case "halt":
                self._status = self._taken(given)
            case "seal":
                for at, byte in enumerate(self._machine.stream.octets(given[2], given[1] - given[0]), given[0]):
                    self._code[at] ^= byte
            case "spawn":
                self._contexts[self._contexts.index(None)] = _Context(given[0])
            case "join":
                if sum(context is not None for context in self._contexts) > 1:
                    now.at = start
                    self._turn()
            case _:
                simple[name]()

    def _put_in(self, given: list[int]) -> None:
        now, value = self._now, next(self._ports[given[-1]], 0)
        match self._machine.kind:
            case "register":
                now.registers[given[0]] = value
            case "accumulator":
                now.acc = value
            case _:
                now.stack.append(value)

    def _turn(self) -> None:
        self._current = (self._current + 1) % CONTEXTS
        while self._contexts[self._current] is None:
            self._current = (self._current + 1) % CONTEXTS

    def _end(self) -> None:
        self._contexts[self._current] = None
        self._turn()
