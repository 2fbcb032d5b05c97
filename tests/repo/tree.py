"""The files of the project, committed or not yet, as values that the checks of this folder work on."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """A text file: its path from the root of the project, and what it says."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """The dotted name of a Python file: a package's is its folder's."""
        return self.path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return _parsed(self.text, self.path)


@cache
def _parsed(text: str, path: str) -> ast.Module:
    return ast.parse(text, path)


@cache
def paths() -> tuple[str, ...]:
    """Return the path of every file that is committed or could be: what git ignores is no part of the project."""
    command = ("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    # A file that was deleted and not yet committed so is still listed, and of no interest.
    return tuple(sorted({path for path in listed.split("\0") if path and (ROOT / path).is_file()}))


@cache
def texts() -> tuple[Source, ...]:
    """Return every text file of the project."""
    sources: list[Source] = []
    for path in paths():
        data = (ROOT / path).read_bytes()
        if b"\0" not in data:
            sources.append(Source(path, data.decode("utf-8")))
    return tuple(sources)


def python(*folders: str) -> tuple[Source, ...]:
    """Return the Python files of the project under these folders."""
    return within(texts(), *folders, ending=".py")


def within(sources: Sequence[Source], *folders: str, ending: str = "") -> tuple[Source, ...]:
    """Return those of `sources` that lie under one of `folders`, or are one of them, and end so."""
    return tuple(
        source
        for source in sources
        if source.path.endswith(ending)
        and any(source.path == folder or source.path.startswith(folder.rstrip("/") + "/") for folder in folders)
    )


def imports(tree: ast.AST, package: str = "") -> tuple[tuple[int, str], ...]:
    """Return what a syntax tree imports, with line numbers; `package` is what its relative imports start from.

    `from a import b` gives both `a` and `a.b`, because `b` may be a module.
    """
    names: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.extend((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or (package and node.level)):
            base = ".".join(filter(None, [package if node.level else "", node.module]))
            names.append((node.lineno, base))
            names.extend((node.lineno, f"{base}.{alias.name}") for alias in node.names)
    return tuple(names)
