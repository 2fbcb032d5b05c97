"""A flood from one host leaves the machine and the scenario's other hosts usable, with cgroups and without.

Floods come from the agent's uid, from root of the box, and from root as the uid that another host's agent has. Each
way of capping is one run of `attacks.siege`, inside the outer group where one can be made.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.attacks.battle import REPOSITORY
from tests.sandbox.attacks.outer import outer
from tests.sandbox.attacks.siege import FLOODS, Siege

pytestmark = pytest.mark.sandbox

SECONDS = 15.0
"""How long anything may take to work while another host is flooded. The median is 0.03; the bound is for a machine that
does much else, and tells what works late from what never does."""
AFTERWARDS = 45.0
"""How long the flooded host may take: what the flood left behind ends after three seconds of its own by itself."""
MEMORY = 512
"""MiB of available memory that the machine keeps; how much a flood takes cannot be told, for others use it too."""


@pytest.fixture(scope="module", params=["cgroups", "watched"])
def sieges(request: pytest.FixtureRequest, trialplate_home: Path) -> Iterator[dict[tuple[str, str], Siege]]:
    """Flood with one way of capping."""
    with outer() as bound:
        if request.param == "cgroups" and bound is None:
            pytest.skip("no cgroup can be made here; the other run shows what the watcher does")
        caps = str(bound.caps) if bound and request.param == "cgroups" else "watched"
        argv = [sys.executable, "-m", "tests.sandbox.attacks.siege", str(trialplate_home), "--caps", caps]
        done = subprocess.run(
            bound.command(argv) if bound else argv,
            check=False,
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            timeout=600,
            start_new_session=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found = [Siege(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
        yield {(siege.kind, siege.whom): siege for siege in found}


@pytest.mark.parametrize("kind, whom", FLOODS)
def test_all_else_stays_usable(sieges: dict[tuple[str, str], Siege], kind: str, whom: str) -> None:
    siege = sieges[kind, whom]
    assert siege.tries > 0, siege
    assert siege.neighbors < SECONDS, siege
    assert siege.network < SECONDS, siege
    assert siege.ours < SECONDS, siege
    assert siege.flooded < AFTERWARDS, siege
    assert siege.available > MEMORY, siege
