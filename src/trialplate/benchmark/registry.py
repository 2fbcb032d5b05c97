"""Which families there are: entry points of the group `trialplate.families`, loaded by name when they are needed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib import import_module, resources
from importlib.metadata import EntryPoint, entry_points
from importlib.resources.abc import Traversable
from typing import Any, Final, cast

from trialplate.benchmark.family import Family
from trialplate.errors import TrialplateError

GROUP: Final = "trialplate.families"
AnyFamily = Family[Any]
_SHARED: Final = "draws.py family.py possession.py primitives.toml secrecy.py".split()


class FamilyError(TrialplateError):
    """A family is unknown, cannot be loaded, or is not the one that it is said to be."""


def family_names() -> tuple[str, ...]:
    """Return the names of all installed families, in order."""
    return tuple(sorted(entry_points(group=GROUP).names))


def load_family(name: str) -> AnyFamily:
    """Return the family called `name`.

    Raises:
        FamilyError: where no such family is installed, or its module fails to load.
    """
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        known = ", ".join(family_names())
        raise FamilyError(f"There is no family called {name[:80]!r}.", f"Install it, or use one of: {known}.")
    return _loaded(found[0])


def source_digest(family: AnyFamily) -> str:
    """Return the SHA-384 of everything that decides what the family draws, builds and accepts.

    That is all files of its package, and the shared modules that draws and secrets come from.
    """
    package = type(family).__module__.rpartition(".")[0]
    shared = resources.files("trialplate.benchmark")
    files = [(name, shared.joinpath(name)) for name in _SHARED]
    files += _files(resources.files(import_module(package)), "")
    digest = hashlib.sha384()
    for name, file in sorted(files, key=lambda pair: pair[0]):
        content = file.read_bytes()
        digest.update(f"{len(name)}:{name}:{len(content)}:".encode() + content)
    return digest.hexdigest()


def _loaded(entry: EntryPoint) -> AnyFamily:
    try:
        family = cast("AnyFamily", entry.load()())
    except (ImportError, AttributeError, TypeError) as failure:
        raise FamilyError(f"The family {entry.name} cannot be loaded: {failure}.", "Mend or uninstall it.") from failure
    if family.name != entry.name:
        raise FamilyError(f"The family {entry.name} calls itself {family.name}.", "Give both one name.")
    return family


def _files(folder: Traversable, prefix: str) -> Iterable[tuple[str, Traversable]]:
    for each in folder.iterdir():
        # Tools leave hidden folders and compiled files where they were run: no source of a family is either.
        if each.name.startswith((".", "__pycache__")):
            continue
        if each.is_dir():
            yield from _files(each, f"{prefix}{each.name}/")
        elif each.is_file():
            yield f"{prefix}{each.name}", each
