"""The two projects of `examples`, each with a planted weakness, packed as finders and maintainers would send them.

NAME/vulnerable/    the sources
NAME/recipe.toml    how they are built and run
NAME/fix.patch      mends the cause; NAME/wrong.patch hides the first proof alone
NAME/proofs/        `one` and `two` reach one cause in different ways, `nothing` reaches none
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from trialplate.clearinghouse.triage.recipe import Recipe, parse_recipe
from trialplate.clearinghouse.triage.stage import Source

FOLDER = Path(__file__).parents[2] / "examples"
NAMES = ("outline", "records")


@dataclass(frozen=True)
class Sample:
    """A project: its sources with and without the weakness, patches, and inputs."""

    name: str
    recipe: Recipe
    vulnerable: Source
    fixed: Source
    fix: bytes
    wrong: bytes
    one: bytes
    two: bytes
    nothing: bytes


def sample(name: str) -> Sample:
    """Return the sample called `name`, one of `NAMES`."""
    folder = FOLDER / name
    return Sample(
        name=name,
        recipe=parse_recipe((folder / "recipe.toml").read_bytes()),
        vulnerable=packed(folder / "vulnerable"),
        fixed=_patched(folder / "vulnerable", folder / "fix.patch"),
        fix=(folder / "fix.patch").read_bytes(),
        wrong=(folder / "wrong.patch").read_bytes(),
        one=(folder / "proofs" / "one").read_bytes(),
        two=(folder / "proofs" / "two").read_bytes(),
        nothing=(folder / "proofs" / "nothing").read_bytes(),
    )


def packed(folder: Path) -> Source:
    """Return a folder as sources, in a folder of its name; the same files always give the same bytes."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return archived({f"sources/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in paths})


def archived(files: dict[str, bytes]) -> Source:
    """Return files as sources, in a tar archive under gzip."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o644, 1
            tar.addfile(entry, io.BytesIO(content))
    return Source(gzip.compress(buffer.getvalue(), mtime=0))


def _patched(folder: Path, patch: Path) -> Source:
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "sources"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": place}
        subprocess.run(["git", "apply", str(patch)], cwd=copy, env=environment, check=True)
        return packed(copy)
