"""Write a new family to start from: a project of its own that is installed beside Trialplate."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

from trialplate.errors import TrialplateError

_NAME: Final = re.compile(r"([a-z][a-z0-9_]{1,30})/([a-z][a-z0-9_]{1,30})")


class NewFamilyError(TrialplateError):
    """A new family cannot be written."""


def write_family(name: str, out: Path) -> tuple[Path, ...]:
    """Write a whole small family called `name` to the new folder `out`, and return its files.

    Raises:
        NewFamilyError: where the name is malformed, or the folder is there already or cannot be made.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise NewFamilyError(f"{name[:60]!r} is no name of a family.", "Write DOMAIN/NAME in a-z, 0-9 and '_'.")
    package = f"{match[1]}_{match[2]}"
    class_name = "".join(part.capitalize() for part in match[2].split("_"))
    values = {"name": name, "package": package, "class_name": class_name}
    source = out / "src" / package
    places = {
        "pyproject.toml.tmpl": out / "pyproject.toml",
        "init.py.tmpl": source / "__init__.py",
        "family.py.tmpl": source / "family.py",
        "solution.py.tmpl": source / "solution.py",
        "service.py.tmpl": source / "data" / "service.py.tmpl",
        "test_family.py.tmpl": out / "tests" / "test_family.py",
    }
    try:
        out.mkdir(parents=True)
        for template, place in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            text = resources.files("trialplate.benchmark.skeleton").joinpath(template).read_text()
            place.write_text(Template(text).substitute(values))
    except FileExistsError:
        raise NewFamilyError(f"{out} is there already.", "Choose another folder; nothing was overwritten.") from None
    except OSError as failure:
        raise NewFamilyError(f"{out} cannot be made ({failure.strerror}).", "Choose another folder.") from failure
    return tuple(places.values())
