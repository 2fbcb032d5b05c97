"""The small language that programs are written in, whichever machine is to run them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Num:
    """A constant."""

    value: int


@dataclass(frozen=True)
class Var:
    """A variable."""

    name: str


@dataclass(frozen=True)
class Cell:
    """The word of memory at `base` + `index`."""

    base: int
    index: Expr


@dataclass(frozen=True)
class Bin:
    """An operation of `machine.ARITHMETIC` on two values."""

    op: str
    left: Expr
    right: Expr


Expr = Num | Var | Cell | Bin


@dataclass(frozen=True)
class Set:
    """Give a variable a value."""

    name: str
    value: Expr


@dataclass(frozen=True)
class Put:
    """Write a word of memory."""

    base: int
    index: Expr
    value: Expr


@dataclass(frozen=True)
class Repeat:
    """Do `body` with the variable running from `count` down to 1."""

    name: str
    count: int
    body: tuple[Stmt, ...]


@dataclass(frozen=True)
class IfZero:
    """Do `body` where a value is zero."""

    value: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True)
class Until:
    """Do `body` again and again until a value, looked at after it, is not zero."""

    value: Expr
    body: tuple[Stmt, ...]


@dataclass(frozen=True)
class Call:
    """Run a routine."""

    name: str


@dataclass(frozen=True)
class Seal:
    """Encrypt or decrypt the code from the start of one routine to the end of another."""

    first: str
    last: str
    key: int


@dataclass(frozen=True)
class Spawn:
    """Start a coroutine."""

    name: str


@dataclass(frozen=True)
class Plain:
    """`pause`: let the next coroutine run; `join`: wait until no other is left."""

    op: str


@dataclass(frozen=True)
class Read:
    """Take the next word of a port into a variable."""

    name: str
    port: int


@dataclass(frozen=True)
class Out:
    """Print a word."""

    value: Expr


@dataclass(frozen=True)
class Halt:
    """Stop with a status."""

    value: Expr


Stmt = Set | Put | Repeat | IfZero | Until | Call | Seal | Spawn | Plain | Read | Out | Halt


@dataclass(frozen=True)
class Routine:
    """A named piece of code; `ends` is the operation behind its last statement, `ret`, `end` or none."""

    name: str
    body: tuple[Stmt, ...]
    ends: str = "ret"


def operations(statements: Iterable[Stmt]) -> int:
    """Return how many operations a reader of some statements has to understand, on whatever machine."""
    return sum(1 + sum(map(_nodes, _values(each))) + operations(_inner(each)) for each in statements)


def called(statements: Iterable[Stmt]) -> Iterator[str]:
    """Yield the names of all routines that some statements call or start, in order."""
    for each in statements:
        if isinstance(each, Call | Spawn):
            yield each.name
        yield from called(_inner(each))


def _inner(statement: Stmt) -> tuple[Stmt, ...]:
    return statement.body if isinstance(statement, Repeat | IfZero | Until) else ()


def _values(statement: Stmt) -> tuple[Expr, ...]:
    match statement:
        case Set(_, value) | Out(value) | Halt(value) | IfZero(value, _) | Until(value, _):
            return (value,)
        case Put(_, index, value):
            return (index, value)
        case _:
            return ()


def _nodes(value: Expr) -> int:
    match value:
        case Bin(_, left, right):
            return 1 + _nodes(left) + _nodes(right)
        case Cell(_, index):
            return 1 + _nodes(index)
        case _:
            return 0
