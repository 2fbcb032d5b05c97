"""The toy family, installed as any other is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOY = Path(__file__).parents[1] / "fakes" / "toy_family"


@pytest.fixture(scope="session")
def toy_family() -> Iterator[str]:
    """Put the folder on the path that holds the toy family's entry point, and return the family's name."""
    sys.path.insert(0, str(TOY))
    yield "toy/backwards"
    sys.path.remove(str(TOY))
