"""One sandbox for all tests of a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trialplate.sandbox import Sandbox


@pytest.fixture(scope="module")
async def sandbox(trialplate_home: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(trialplate_home) as opened:
        yield opened
