"""Parts of readers: the templates in `data/parts`, one data structure each, read into operations in C.

A template begins with its header: nouns it may be called by, parameters with their ranges, choices of code, and its
hazards: places whose check can stand at the place itself (`inline`), somewhere else (`elsewhere`), or be missing
(`bug`). What follows is cut by lines that begin with `==` and hangs on the choices by `%if NAME=VALUE|VALUE`, `%else`
and `%end`. `%mark CONDITION` and `%judge CODE` are kept in the judge's build of the planted part alone. In C, `$p` is
the part's noun and `@NAME` one of its macros.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Final

PARTS: Final = "bitmap blob buffer grid heap index line list machine map palette pool ring runs series tree".split()
MARKED: Final = "_exit(MARKED);"
_PACKAGE: Final = "trialplate.benchmark.families.discovery.reader"

BUG: Final = "bug"
ELSEWHERE: Final = "elsewhere"

_AT: Final = """
static struct $p *${p}_at(struct ${p}_state *s, uint32_t slot)
{
    if (slot >= @SLOTS)
        return NULL;
    return s->slot[slot];
}
"""


@dataclass(frozen=True)
class Parameter:
    """A number of a part that is drawn from `low` to `high`."""

    name: str
    low: int
    high: int


@dataclass(frozen=True)
class Hazard:
    """A place of a part that can be unsafe: safe forms, levels that plant it, and choices that planting it needs.

    A shallow one needs no sequence of records that prepares it.
    """

    name: str
    forms: tuple[str, ...]
    levels: tuple[int, ...]
    shallow: bool
    needs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Operation:
    """What one kind of record does: verbs to call it by, fields as (name, type), and the bodies of two functions."""

    role: str
    verbs: tuple[str, ...]
    optional: bool
    fields: tuple[tuple[str, str], ...]
    check: str
    apply: str


@dataclass(frozen=True)
class Header:
    """What a part can be drawn as."""

    nouns: tuple[str, ...]
    params: tuple[Parameter, ...]
    choices: tuple[tuple[str, tuple[str, ...]], ...]
    hazards: tuple[Hazard, ...]
    operations: tuple[tuple[str, tuple[str, ...], bool, tuple[tuple[str, str], ...]], ...]
    scripts: Mapping[str, tuple[str, ...]]

    def hazard(self, name: str) -> Hazard:
        """Return the hazard called `name`; KeyError where there is none."""
        return {hazard.name: hazard for hazard in self.hazards}[name]


@dataclass(frozen=True)
class Code:
    """A part in C for some choices: the state and its helpers, the operations, and the loop over its values."""

    state: str
    operations: tuple[Operation, ...]
    view: str


@functools.cache
def header(part: str) -> Header:
    """Return what the template of a part offers."""
    text = _text(part)
    head, _, body = text.partition("== state")
    rows = [line.split(" ", 1) for line in head.splitlines() if line]
    of = {word: [row[1] for row in rows if row[0] == word] for word in ("nouns", "param", "choice", "hazard")}
    sections = list(_sections("== state" + body))
    return Header(
        nouns=tuple(of["nouns"][0].split()),
        params=tuple(Parameter(name, int(low), int(high)) for name, low, high in map(str.split, of["param"])),
        choices=tuple((row.split()[0], tuple(row.split()[1:])) for row in of["choice"]),
        hazards=tuple(_hazard(row) for row in of["hazard"]),
        operations=tuple(_signature(title) for title, _ in sections if title.startswith("op")),
        scripts={
            title.removeprefix("trigger "): tuple(line for line in lines if line)
            for title, lines in sections
            if title.startswith(("trigger", "example"))
        },
    )


def code(part: str, noun: str, choices: Mapping[str, str], *, judge: bool) -> Code:
    """Return a part in C.

    Args:
        part: name of the template.
        noun: what it is called.
        choices: values of all its choices and forms of all its hazards.
        judge: whether this is the planted part in the judge's build.
    """
    _, _, body = _text(part).partition("== state")
    state, view, operations = "", "", list[Operation]()
    for title, lines in _sections("== state" + body):
        kept = _named("\n".join(chosen(lines, choices, judge=judge)), noun)
        if title == "state":
            state = kept
        elif title == "view":
            view = kept
        elif title.startswith("op"):
            role, verbs, optional, fields = _signature(title)
            check, _, apply = kept.rpartition("-- apply\n")
            operations.append(Operation(role, verbs, optional, fields, check.removeprefix("-- check\n"), apply))
    return Code(state=state, operations=tuple(operations), view=view)


@functools.cache
def _text(part: str) -> str:
    return resources.files(_PACKAGE).joinpath(f"data/parts/{part}.c.tmpl").read_text()


def _hazard(row: str) -> Hazard:
    first, *rest = (clause.split() for clause in row.split(";"))
    clauses = {clause[0]: clause[1:] for clause in rest}
    needs = tuple((name, value) for name, _, value in (need.partition("=") for need in clauses.get("needs", ())))
    levels = tuple(int(level) for level in clauses["levels"])
    return Hazard(first[0], tuple(first[1:]), levels, "shallow" in clauses, needs)


def _signature(title: str) -> tuple[str, tuple[str, ...], bool, tuple[tuple[str, str], ...]]:
    """Return role, verbs, whether it may be left out, and fields, of `op? role verb verb | name:type name:type`."""
    left, _, right = title.partition("|")
    word, *verbs = left.split()
    fields = tuple((name, kind) for name, _, kind in (field.partition(":") for field in right.split()))
    return verbs[0], tuple(verbs), word == "op?", fields


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    for section in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        title, *lines = section.splitlines()
        yield title.strip(), lines


def chosen(lines: Sequence[str], choices: Mapping[str, str], *, judge: bool = False) -> Iterator[str]:
    """Yield the lines that hold for the choices."""
    holds = [True]
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "%if":
            name, _, values = rest.partition("=")
            holds.append(choices[name] in values.split("|"))
        elif word == "%else":
            holds[-1] = not holds[-1]
        elif word == "%end":
            holds.pop()
        elif all(holds):
            yield from _written(word, rest, line, judge=judge)


def _written(word: str, rest: str, line: str, *, judge: bool) -> Iterator[str]:
    """Yield what stands in the C for one line of a template."""
    if word == "%mark":
        yield from (f"    if ({rest})", f"        {MARKED}") if judge else ()
    elif word == "%judge":
        yield from (rest,) if judge else ()
    else:
        yield _AT.rstrip() if word == "%at" else line


def _named(text: str, noun: str) -> str:
    text = re.sub(r"@([A-Z]+)", lambda match: f"{noun.upper()}_{match[1]}", text)
    return Template(text).substitute(p=noun)
