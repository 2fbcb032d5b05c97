"""What a machine is: its kind, word, encodings and operations, and how an instruction lies in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

CODE_BITS: Final = 120
"""Bits of an unlock code; every width of a word divides them."""
WIDTHS: Final = (10, 12, 15, 20, 24, 30)
REGISTERS: Final = 16
STACK: Final = 64
CALLS: Final = 32
CONTEXTS: Final = 4
JUMP_BYTES: Final = 3
"""How far a skip goes: it always stands before a jump."""
STEPS: Final = 4_000_000
_SHIFTS: Final = 31


class Roll(Struct, frozen=True, forbid_unknown_fields=True):
    """How the bytes of code depend on where they lie: `scope` is `none`, `opcode` or `all`."""

    scope: str
    factor: int
    offset: int
    shift: int

    def key(self, at: int) -> int:
        """Return what the byte at an address is combined with."""
        return (at * self.factor + self.offset ^ at >> self.shift) & 0xFF


class Stream(Struct, frozen=True, forbid_unknown_fields=True):
    """The generator that sealed code is encrypted with: 16 bits of state, of which the upper byte is used."""

    factor: int
    step: int

    def octets(self, key: int, count: int) -> bytes:
        """Return the first bytes for a key."""
        found = bytearray()
        for _ in range(count):
            key = (key * self.factor + self.step) & 0xFFFF
            found.append(key >> 8)
        return bytes(found)


class Machine(Struct, frozen=True, forbid_unknown_fields=True):
    """An instruction set and all that its interpreter needs.

    `kind` is `register`, `accumulator` or `stack`; `addresses` 2 or 3 (register machines); `features` the operations
    that a compiler may use beside those that every machine has; `branch` is `zero`, `flag` or `skip`; `packing` of
    registers `bytes`, `high` or `low`; `words` are `little`, `big` or `leb`; `targets` are `absolute`, `after` or
    `start`; `order` of the bits of a port is `msb` or `lsb`; `first` says which section an image begins with;
    `codes` are all operations with their numbers.
    """

    kind: str
    width: int
    addresses: int
    features: tuple[str, ...]
    branch: str
    packing: str
    words: str
    targets: str
    roll: Roll
    stream: Stream
    order: str
    first: str
    registers: tuple[int, ...]
    magic: str
    dispatch: str
    codes: tuple[tuple[str, int], ...] = ()

    @property
    def mask(self) -> int:
        """The word with all bits set."""
        return (1 << self.width) - 1

    @property
    def count(self) -> int:
        """How many words hold a code."""
        return CODE_BITS // self.width

    @property
    def cells(self) -> int:
        """How many words of memory there are."""
        return 1 << min(self.width, 12)

    @property
    def word_bytes(self) -> int:
        """How many bytes hold a word of fixed length."""
        return (self.width + 7) // 8


def _rotated(left: int, right: int, width: int) -> int:
    turn = right % width
    return (left << turn | left >> (width - turn)) & ((1 << width) - 1)


ARITHMETIC: Final[dict[str, Callable[[int, int, int], int]]] = {
    "add": lambda left, right, _: left + right,
    "sub": lambda left, right, _: left - right,
    "mul": lambda left, right, _: left * right,
    "and": lambda left, right, _: left & right,
    "or": lambda left, right, _: left | right,
    "xor": lambda left, right, _: left ^ right,
    "shl": lambda left, right, _: left << (right & _SHIFTS),
    "shr": lambda left, right, _: left >> (right & _SHIFTS),
    "rol": _rotated,
}
"""Operations on two words and the width; whoever uses them cuts the result to a word."""

UNARY: Final = {"inc": ("add", 1), "dec": ("sub", 1), "not": ("xor", -1)}
"""Operations on one word, as another one with a constant."""

_ANYWHERE: Final = {
    "jmp": "a",
    "jt": "a",
    "jf": "a",
    "call": "a",
    "ret": "",
    "seal": "aah",
    "spawn": "a",
    "pause": "",
    "join": "",
    "end": "",
}
_OF_KIND: Final = {
    "register": {
        "ldi": "rw",
        "mov": "rr",
        "ld": "rrm",
        "st": "rrm",
        "jz": "ra",
        "jnz": "ra",
        "tst": "r",
        "skz": "r",
        "skn": "r",
        "djnz": "ra",
        "in": "rb",
        "out": "r",
        "halt": "r",
    },
    "accumulator": {
        "ldi": "w",
        "lda": "m",
        "sta": "m",
        "lax": "m",
        "ldx": "m",
        "sax": "m",
        "jz": "a",
        "jnz": "a",
        "tst": "",
        "skz": "",
        "skn": "",
        "djnz": "ma",
        "in": "b",
        "out": "",
        "halt": "",
    },
    "stack": {
        "push": "w",
        "ldv": "m",
        "stv": "m",
        "ldx": "m",
        "stx": "m",
        "jz": "a",
        "jnz": "a",
        "tst": "",
        "skz": "",
        "skn": "",
        "djnz": "ma",
        "in": "b",
        "out": "",
        "halt": "",
    },
}


def operands(machine: Machine, op: str) -> str:
    """Return the operands of an operation, a letter each, in the order in which they lie in memory.

    `r` is a register, `w` a word, `m` an address of memory, `a` an address of code, `b` a byte, `h` 16 bits.
    """
    found = _ANYWHERE.get(op, _OF_KIND[machine.kind].get(op))
    if found is not None:
        return found
    if op in UNARY:
        return "r" if machine.kind == "register" else ""
    immediate = op not in ARITHMETIC
    if machine.kind == "register":
        return ("rr" if machine.addresses == 3 else "r") + ("w" if immediate else "r")  # noqa: PLR2004 - its own name
    return "w" if immediate else ("m" if machine.kind == "accumulator" else "")
