"""Plain text that every reader can show: printable ASCII in lines of at most 72 characters. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final

WIDTH: Final = 72


def ascii_safe(text: str) -> str:
    """Return a text in printable ASCII and newlines; whatever else was in it is written as an escape of Python's.

    What could move the cursor of a terminal, or hide text from a reader, is thus shown and does nothing.
    """
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    return "\n".join("".join(map(_shown, line)) for line in lines)


def paragraph(text: str, *, indent: str = "") -> str:
    """Return a text as one paragraph of lines that begin with `indent`, which counts toward their length."""
    words = " ".join(ascii_safe(text).split())
    return textwrap.fill(
        words, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, replace_whitespace=False
    )


def item(name: str, text: str) -> str:
    """Return a named value, as in `Version   1.2`, with the value in one column; nothing where it is empty."""
    if not text.strip():
        return ""
    words = " ".join(ascii_safe(text).split())
    return textwrap.fill(words, WIDTH, initial_indent=f"{name:<14}", subsequent_indent=" " * 14, break_on_hyphens=False)


def preformatted(text: str, *, prefix: str, most: int) -> str:
    """Return the lines of a text as they stand, each after `prefix`; a long one goes on in the next.

    Args:
        text: the text.
        prefix: what each line begins with.
        most: how many lines are shown; a last one says how many more there are.
    """
    lines = [part for line in ascii_safe(text).strip("\n").split("\n") for part in _pieces(line, WIDTH - len(prefix))]
    shown = [f"{prefix}{line}".rstrip() for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"{prefix}({len(lines) - most} more lines)")
    return "\n".join(shown)


def section(title: str, parts: Iterable[str]) -> str:
    """Return parts under an underlined title, without the empty ones; nothing where all are."""
    kept = [part for part in parts if part]
    return "\n".join((title, "-" * len(title), *kept)) if kept else ""


def apart(*parts: str) -> str:
    """Return parts with an empty line between each two, without the empty ones."""
    return "\n\n".join(part for part in parts if part)


def _pieces(line: str, width: int) -> Iterable[str]:
    return (line[start : start + width] for start in range(0, len(line), width)) if line else ("",)


def _shown(char: str) -> str:
    return char if " " <= char <= "~" else char.encode("unicode_escape").decode()
