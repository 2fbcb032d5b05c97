"""Programs of attackers who do not want to understand the machine; none may come to the code."""

from __future__ import annotations

from importlib import resources
from typing import Final

_NAMES: Final = (
    "texts that lie about",
    "memory and core of the tool",
    "words of the image as the code",
    "an image bent until it grants",
    "a tool bent until it grants",
    "letter by letter by time",
    "words of memory that follow one letter",
)


def _programs() -> tuple[tuple[str, str], ...]:
    """Return each attempt's name and program, which begins with what all of them share."""
    folder = resources.files(__package__ or "").joinpath("data")
    shared = folder.joinpath("attempt.py.tmpl").read_text()
    return tuple(
        (name, shared + folder.joinpath(f"attempt{number}.py.tmpl").read_text())
        for number, name in enumerate(_NAMES, 1)
    )


ATTEMPTS: Final = _programs()
