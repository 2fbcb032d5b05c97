"""The toy family: what `trialplate family new` writes, installed as any other family is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialplate.benchmark.family_files import write_family

NAME = "toy/backwards"


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write the toy family, put it on the path with its entry point, and return the folder that is on the path."""
    out = tmp_path_factory.mktemp("toy") / "family"
    write_family(NAME, out)
    source = out / "src"
    installed = source / "toy_backwards-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-backwards\nVersion: 1\n")
    (installed / "entry_points.txt").write_text(f"[trialplate.families]\n{NAME} = toy_backwards.family:Backwards\n")
    sys.path.insert(0, str(source))
    yield source
    sys.path.remove(str(source))


@pytest.fixture(scope="session")
def toy_family(toy_folder: Path) -> str:
    """Return the name of the toy family, which is installed."""
    assert toy_folder.exists()
    return NAME
