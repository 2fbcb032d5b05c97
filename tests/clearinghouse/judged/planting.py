"""Bugs that can be planted in sources of C and Python: places where one of a few mistakes can be made.

Every bug stands in the code as a choice on `PLANTED(id)`, so that one build holds them all and a proof wakes one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

_ID: Final = "PLANTED(@)"
"""What stands in the new text of a bug for the question whether it is awake."""


@dataclass(frozen=True)
class Bug:
    """A mistake at one place: `old`, which begins at `column` of `line` in `file`, becomes `new`.

    `line` counts from 1 and `column` from 0; `function` is the one that it stands in, `kind` says what the mistake is.
    """

    file: str
    line: int
    column: int
    function: str
    kind: str
    old: str
    new: str


def planted(text: str, bugs: Sequence[tuple[int, Bug]]) -> str:
    """Return a source with its bugs, each under its id; no line moves.

    Raises:
        ValueError: where the text is not the one that the bugs were made for.
    """
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for number, bug in sorted(bugs, key=lambda each: (each[1].line, each[1].column), reverse=True):
        at = starts[bug.line - 1] + bug.column
        if text[at : at + len(bug.old)] != bug.old:
            raise ValueError(f"{bug.file}:{bug.line} does not read {bug.old!r}.")
        text = text[:at] + bug.new.replace("@", str(number)) + text[at + len(bug.old) :]
    return text


# C and C++

_COMMENT: Final = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_CONDITION: Final = re.compile(r"\b(?:if|while)\s*\(|\bfor\s*\([^;()]*;")
_COMPARED: Final = re.compile(r"([\w.>\[\]*&+ -]*[\w\]]) (<=?|>=?) ([\w.>\[\]*&+ -]+)")
_ALLOCATED: Final = re.compile(r"\b\w*(?i:alloc)\w*\s*\(")
_LENGTH: Final = re.compile(
    r"(?m)^(\s+[\w\->.\[\] *]*?\w*(?:len|size|length|count|pos|used|offset|off|depth|capacity|alloced|num)\w* [+]?= )"
    r"([^;={}?\"]+);"
)
_FREED: Final = re.compile(r"\b(\w*(?:free|FREE)\w*\([^;{}]*\));")
_CLEARED: Final = re.compile(r"\b([\w.>\[\]-]+ = (?:NULL|0|nullptr));")
_FUNCTION: Final = re.compile(r"(?m)^(?:[A-Za-z_][^;={}\n]*?[\s*&])?([A-Za-z_][\w:~]*)\s*\([^;{}]*?\)[\w\s]*\{")
_KEYWORDS: Final = frozenset({"if", "for", "while", "switch"})
_WIDER: Final = {"<": "<=", ">": ">=", "<=": "<", ">=": ">"}


def bugs_in_c(file: str, text: str) -> Iterator[Bug]:
    """Yield what can be planted in a source of C or C++, in the order of the kinds."""
    blank = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    functions = [(found.start(), found[1]) for found in _FUNCTION.finditer(blank) if found[1] not in _KEYWORDS]
    for kind, at, old, new in chain(*(find(text, blank) for find in _IN_C)):
        line = text.count("\n", 0, at) + 1
        function = next((name for start, name in reversed(functions) if start < at), "")
        yield Bug(file, line, at - (text.rfind("\n", 0, at) + 1), function, kind, old, new)


Mistake = tuple[str, int, str, str]
"""A kind, where in the text it is made, what stands there, and what comes in its place."""


def _conditions(text: str, blank: str) -> Iterator[Mistake]:
    for found in _CONDITION.finditer(blank):
        end = _closing(blank, found.end(), for_loop=found[0].startswith("for"))
        condition = text[found.end() : end]
        plain = "\n" not in condition and blank[found.end() : end] == condition
        if not condition.strip() or not plain or "=" in re.sub("[=!<>]=", "", condition):
            continue
        if found[0].startswith("if"):
            yield "check dropped", found.end(), condition, f"!{_ID} && ({condition})"
        for part in _COMPARED.finditer(condition):
            wide = f"{part[1]} {_WIDER[part[2]]} {part[3]}"
            yield "off by one", found.end() + part.start(), part[0], f"({_ID} ? {wide} : {part[0]})"


def _allocations(text: str, blank: str) -> Iterator[Mistake]:
    for found in _ALLOCATED.finditer(blank):
        end = _closing(blank, found.end())
        size = blank[found.end() : end].rpartition(",")[2]
        if re.search(r"\w", size) and re.match(r"\s*[;)]", blank[end + 1 :]) and "\n" not in size:
            at = end - len(size)
            yield "short allocation", at, text[at:end], f" ({text[at:end].strip()}) - {_ID}"


def _lengths(text: str, blank: str) -> Iterator[Mistake]:
    for found in _LENGTH.finditer(blank):
        value = text[found.start(2) : found.end(2)]
        if "\n" not in value:
            yield "truncation", found.start(2), value, f"{_ID} ? (unsigned char)({value}) : ({value})"


def _frees(text: str, blank: str) -> Iterator[Mistake]:
    for found in _FREED.finditer(blank):
        call = text[found.start(1) : found.end(1)]
        if "\n" not in call and blank[: found.start(1)].rstrip()[-1:] in {";", "{", "}", ")"}:
            yield "freed twice", found.start(1), f"{call};", f"{{ {call}; if ({_ID}) {call}; }}"


def _clearings(text: str, blank: str) -> Iterator[Mistake]:
    del text
    for found in _CLEARED.finditer(blank):
        if blank[: found.start(1)].rstrip()[-1:] in {";", "{", "}"}:
            yield "not cleared", found.start(1), f"{found[1]};", f"if (!{_ID}) {found[1]};"


_IN_C: Final = (_conditions, _allocations, _lengths, _frees, _clearings)


def _closing(blank: str, place: int, *, for_loop: bool = False) -> int:
    """Return where the bracket that was opened before `place` closes; of a `for`, where its condition ends."""
    depth = 1
    for at in range(place, len(blank)):
        depth += {"(": 1, ")": -1}.get(blank[at], 0)
        if depth == 0 or (for_loop and depth == 1 and blank[at] == ";"):
            return at
    return len(blank)


# Python

_WIDER_IN_PYTHON: Final = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}


def bugs_in_python(file: str, text: str) -> Iterator[Bug]:
    """Yield what can be planted in functions of a Python source; what spans several lines is left out."""
    lines = text.split("\n")
    for function in (
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ):
        for node in _own(function):
            for kind, place, new in _mistakes(node, lines):
                old = _source(place, lines)
                if old:
                    column = len(lines[place.lineno - 1].encode()[: place.col_offset].decode())
                    yield Bug(file, place.lineno, column, function.name, kind, old, new.replace("$", old))


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in the body of a function itself, not in functions inside it."""
    for node in (
        getattr(function, "body", ())
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        else ast.iter_child_nodes(function)
    ):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            yield from _own(node)


def _mistakes(node: ast.AST, lines: Sequence[str]) -> Iterator[tuple[str, ast.expr, str]]:
    match node:
        case ast.If(test=test):
            yield "check dropped", test, f"(not {_ID} and ($))"
        case ast.ExceptHandler(type=ast.expr() as caught):
            yield "exception not caught", caught, f"(() if {_ID} else $)"
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _WIDER_IN_PYTHON:
            was, wide = _WIDER_IN_PYTHON[type(operator)]
            one, other = _source(left, lines), _source(right, lines)
            if one and other:
                yield "off by one", node, f"(({one} {wide} {other}) if {_ID} else ({one} {was} {other}))"
        case ast.Subscript(slice=ast.expr() as index, ctx=ast.Load()) if isinstance(index, ast.Name | ast.BinOp):
            yield "wrong index", index, f"(($) + 1 if {_ID} else ($))"
        case _:
            return


def _source(node: ast.expr, lines: Sequence[str]) -> str:
    """Return the text of an expression; empty where it spans several lines."""
    if node.lineno != node.end_lineno or node.end_col_offset is None:
        return ""
    return lines[node.lineno - 1].encode()[node.col_offset : node.end_col_offset].decode()
