"""Hunks of a unified diff: what a change takes out of a file and puts in. Pure, strict, linear in its input.

The form is that of POSIX `diff -u` with the headers of git: `--- a/PATH`, `+++ b/PATH`, `@@ -L,N +L,N @@`. What stands
around that (`diff --git`, `index`, modes, a message before the first file) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_HUNKS: Final = 256
"""A change of more hunks is none that could tell one root cause from another."""

_HEADER: Final = re.compile(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
_SPACE: Final = re.compile(r"\s+")
_NOWHERE: Final = "/dev/null"


@dataclass(frozen=True)
class Hunk:
    """One place of a change.

    Attributes:
        file: the path of the file, without the `a/` or `b/` before it; of a removed file, the one that it had.
        removed: lines that it takes out, runs of white space made one space, empty ones left out.
        added: lines that it puts in, likewise.
    """

    file: str
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def significant(self) -> int:
        """How many letters and digits the changed lines have: braces alone say nothing of a cause."""
        return sum(letter.isalnum() for line in (*self.removed, *self.added) for letter in line)

    @property
    def key(self) -> str:
        """The text by which equal hunks are found: lines of context, numbers of lines and white space do not count."""
        return "\n".join((self.file, *(f"-{line}" for line in self.removed), *(f"+{line}" for line in self.added)))


def hunks_of(patch: str) -> tuple[Hunk, ...]:
    """Return the hunks of a patch in their order; none where any of it is malformed, or there are over `MOST_HUNKS`."""
    try:
        found = tuple(_hunks(patch.removesuffix("\n").split("\n")))
    except _MalformedError:
        return ()
    return found if len(found) <= MOST_HUNKS else ()


class _MalformedError(Exception):
    """The text is no unified diff; it never leaves this module."""


def _hunks(lines: list[str]) -> Iterator[Hunk]:
    file, place = "", 0
    while place < len(lines):
        line = lines[place]
        place += 1
        if line.startswith("--- ") and lines[place : place + 1] and lines[place].startswith("+++ "):
            file = _file(line, lines[place])
            place += 1
        elif line.startswith("@@"):
            header = _HEADER.match(line)
            if header is None or not file:
                raise _MalformedError
            hunk, place = _hunk(file, lines, place, int(header[1] or 1), int(header[2] or 1))
            yield hunk


def _hunk(file: str, lines: list[str], place: int, old: int, new: int) -> tuple[Hunk, int]:
    """Read the body of a hunk that has `old` lines of the old file and `new` of the new one; return where it ends."""
    removed: list[str] = []
    added: list[str] = []
    while old > 0 or new > 0:
        if place == len(lines):
            raise _MalformedError
        sign, said = lines[place][:1], _SPACE.sub(" ", lines[place][1:]).strip()
        place += 1
        if sign == "\\":
            continue
        if sign not in {"-", "+", " ", ""}:
            raise _MalformedError
        old -= sign != "+"
        new -= sign != "-"
        if said and sign == "-":
            removed.append(said)
        elif said and sign == "+":
            added.append(said)
    if old or new:
        raise _MalformedError
    return Hunk(file, tuple(removed), tuple(added)), place


def _file(old: str, new: str) -> str:
    """Return the path of a file from the two lines that name it; a time after a tab is left out."""
    before, after = (line[4:].partition("\t")[0].strip() for line in (old, new))
    path = before if after == _NOWHERE else after
    if path in {"", _NOWHERE}:
        raise _MalformedError
    return path[2:] if path.startswith(("a/", "b/")) else path
