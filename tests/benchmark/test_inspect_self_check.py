"""Inspect's own conformance suite for sandboxes, run against ours.

`inspect_ai.util._sandbox.self_check` is written to be used in this way. No check is excepted.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from inspect_ai.util._sandbox.self_check import *  # noqa: F403 the suite is imported as its page says

from trialplate.benchmark.inspect.provider import TrialplateSandbox
from trialplate.benchmark.inspect.scenarios import PLAIN, PlainScenarios
from trialplate.sandbox import Sandbox

pytestmark = [pytest.mark.sandbox, pytest.mark.anyio]


@pytest.fixture
async def sandbox_env(trialplate_home: Path) -> AsyncIterator[TrialplateSandbox]:
    """One foothold a check, made as the provider makes it."""
    async with Sandbox(trialplate_home) as sandbox:
        yield TrialplateSandbox(await PlainScenarios().open(PLAIN, sandbox))
