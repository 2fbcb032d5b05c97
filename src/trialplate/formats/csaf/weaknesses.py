"""The names of the weaknesses of the Common Weakness Enumeration (CWE), as MITRE has published them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

CWE_VERSION: Final = "4.17"
"""The newest version whose names are known."""


def weakness_names(weakness: str) -> tuple[str, ...]:
    """Return the name of a weakness ("CWE-79") and those that it had in earlier versions, newest first.

    Empty for what is no weakness: an unknown number, or one of a category or view.
    """
    return _names().get(weakness, ())


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    file = resources.files("trialplate.formats.csaf") / "data" / f"cwe-{CWE_VERSION}.tsv"
    rows = (line.split("\t") for line in file.read_text("utf-8").splitlines())
    return {f"CWE-{number}": tuple(names) for number, *names in rows}
