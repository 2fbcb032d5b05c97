"""Read an outline and put texts in the place of their names."""

import re

_REFERENCE = re.compile(r"@(\w+)")


class OutlineError(Exception):
    """A text is no outline."""


def read_outline(text: str) -> dict[str, str]:
    """Return the texts of an outline by name, with every reference replaced."""
    lines = _lines(text)
    return {name: _expand(name, lines) for name in lines}


def _lines(text: str) -> dict[str, str]:
    lines: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, said = line.partition(":")
        if not colon or not name.strip().isidentifier():
            raise OutlineError(f"line {number} is not `name: text`")
        lines[name.strip()] = said.strip()
    return lines


def _expand(name: str, lines: dict[str, str]) -> str:
    if name not in lines:
        raise OutlineError(f"nothing is called {name}")
    return _REFERENCE.sub(lambda found: _expand(found[1], lines), lines[name])
