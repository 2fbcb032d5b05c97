"""Lines of a stack, read into frames: as the sanitizers print them, and as Python does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trialplate.formats.traces.model import MAX_FRAMES, MAX_LINE, MAX_NAME, MAX_STACKS, Frame

_NATIVE: Final = re.compile(r"\s*#(\d{1,6})(?:\.\d{1,6})?\s+0x[0-9a-fA-F]{1,16}(?![0-9a-fA-F])\s*(.*)")
"""`#3 0x4f13bb in name place`; Fuchsia numbers an inlined call `#3.1`."""

_INDENT: Final = 64
"""The place in a line before which the number of a frame stands."""

_FUCHSIA: Final = re.compile(r"<?<([^<>]*)>>?\+0x[0-9a-fA-F]+$")
_OFFSET: Final = re.compile(r"\+0x[0-9a-fA-F]+$")
_NUMBERS: Final = re.compile(r":(\d{1,9})(?::\d{1,9})?$")
_NUMBERS_SPAN: Final = 20
"""The characters that `_NUMBERS` can match at most."""

_PYTHON: Final = re.compile(r'\s*File "(.*)", line (\d{1,9}), in (.*)')


def lines_of(text: str, start: int, end: int) -> Iterator[str]:
    """Yield the lines of `text` between two places, one at a time, each cut to `MAX_LINE` characters."""
    while start < end:
        feed = text.find("\n", start, end)
        stop = end if feed < 0 else feed
        yield text[start : min(stop, start + MAX_LINE)]
        start = stop + 1


class Stacks:
    """Collects frames into stacks, within `MAX_STACKS` and `MAX_FRAMES`.

    Attributes:
        left_out: how many frames were beyond the limits.
    """

    def __init__(self) -> None:
        self._stacks: list[list[Frame]] = [[]]
        self._full = False
        self.left_out = 0

    def add(self, line: str) -> bool:
        """Add the frame that `line` holds; false where it is no line of a stack. Number 0 begins a stack."""
        found = _NATIVE.fullmatch(line) if "#" in line[:_INDENT] else None
        if found is None:
            return False
        number = int(found[1])
        if number == 0 and self._stacks[-1]:
            self._full = len(self._stacks) == MAX_STACKS
            if not self._full:
                self._stacks.append([])
        if self._full or len(self._stacks[-1]) >= MAX_FRAMES:
            self.left_out += 1
        else:
            self._stacks[-1].append(_frame(found[2]))
        return True

    @property
    def empty(self) -> bool:
        """Say whether there is no frame yet."""
        return not self._stacks[0]

    def done(self) -> tuple[tuple[Frame, ...], ...]:
        """Return the stacks, the one of the crash first; at least one, which may be empty."""
        return tuple(tuple(stack) for stack in self._stacks)


def _frame(said: str) -> Frame:
    """Read `in name place`, `in name (module+offset)` or `in name place <module>+offset`, of which each may miss."""
    said = said.partition(" (BuildId:")[0].strip()
    if said == "in" or said.startswith("in "):
        said = said[2:].strip()
    module = ""
    if fuchsia := _FUCHSIA.search(said[-MAX_NAME:]):
        module, said = fuchsia[1], said[: -len(fuchsia[0])].rstrip(" <")
    elif said.endswith(")"):
        opened = said.rfind("(")
        inside = said[opened + 1 : -1]
        if (opened == 0 or said[opened - 1 : opened] == " ") and _names_a_module(inside):
            module, said = _OFFSET.sub("", inside), said[:opened].rstrip()
    function, file, line = _place(said)
    return Frame(function[:MAX_NAME], file, line, module)


def _names_a_module(inside: str) -> bool:
    return inside == "<unknown module>" or _OFFSET.search(inside[-32:]) is not None


def _place(said: str) -> tuple[str, str, int]:
    """Split `name path:line:column` into name, path and line; a path is told by its number, a slash or `??`."""
    name, _, last = said.rpartition(" ")
    path, line = numbered(last)
    if line or path == "??" or (name and last[:1] in "./~" and "/" in last):
        return name.strip(), "" if path == "??" else path, line
    return said, "", 0


def numbered(place: str) -> tuple[str, int]:
    """Return the path and the line of a place; up to two numbers, a line and a column, stand at its end."""
    found = _NUMBERS.search(place[-_NUMBERS_SPAN:])
    return (place[: -len(found[0])], int(found[1])) if found else (place, 0)


def python_frame(line: str) -> Frame | None:
    """Return the frame that a line of a Python traceback holds; None where it is no such line."""
    found = _PYTHON.fullmatch(line) if 'File "' in line else None
    if found is None:
        return None
    return Frame(found[3].strip()[:MAX_NAME], found[1], int(found[2]))
