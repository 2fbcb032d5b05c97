"""Each layer of the sandbox, taken away alone, makes at least one row of the battery fail: no layer is idle.

Attempts stop at proof of access and inside the outer group, which is never weakened: without one these tests are
skipped. A sandbox without its own network is tried against our own loopback listeners only. The id map is never
weakened live: a supervisor whose root would be root of the machine refuses to start, and that is the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sandbox.attacks import battle, weak
from tests.sandbox.attacks.outer import Outer, outer
from tests.sandbox.attacks.row import AGENT, ROOT, Kind, Outcome
from trialplate.sandbox import Host, Running, Sandbox, Scenario
from trialplate.sandbox.ids import Slot
from trialplate.sandbox.spawner import protocol

pytestmark = pytest.mark.sandbox


@dataclass(frozen=True, kw_only=True)
class Weakened:
    """A layer that is taken away, the classes of rows that are tried then, and rows that must notice, by attacker."""

    layer: str
    kinds: tuple[Kind, ...]
    notice: tuple[tuple[str, str], ...]


CASES = (
    Weakened(
        layer=weak.SECCOMP,
        kinds=(Kind.NAMESPACES, Kind.KERNEL, Kind.SOCKETS, Kind.TERMINALS, Kind.PRIVILEGES),
        notice=(("unshare, user", AGENT), ("keyctl, own session", AGENT), ("AF_VSOCK", AGENT), ("TIOCSTI", ROOT)),
    ),
    Weakened(
        layer=weak.CAPABILITIES,
        kinds=(Kind.NETWORK, Kind.SOCKETS, Kind.DEVICES, Kind.PRIVILEGES),
        notice=(("another address, by netlink", ROOT), ("a raw IPv4 socket", ROOT), ("capabilities at most", AGENT)),
    ),
    Weakened(layer=weak.PRIVILEGES, kinds=(Kind.PRIVILEGES,), notice=(("a set-user-id program", AGENT),)),
    Weakened(
        layer=weak.MASKED,
        kinds=(Kind.LEAKS, Kind.PROC_WRITES),
        notice=(("/proc/cmdline", AGENT), ("/proc/cmdline", ROOT)),
    ),
    Weakened(layer=weak.READ_ONLY, kinds=(Kind.PROC_WRITES,), notice=(("anything below /proc/sys", ROOT),)),
    Weakened(
        layer=weak.LIMITS,
        kinds=(Kind.FLOODS,),
        notice=(("processes", AGENT), ("processes", ROOT), ("memory", AGENT), ("memory", ROOT), ("descriptors", AGENT)),
    ),
    Weakened(
        layer=weak.NETNS,
        kinds=(Kind.MACHINE,),
        notice=(("the driver's port on loopback", AGENT), ("the driver's abstract socket", ROOT)),
    ),
)


@pytest.fixture(scope="module")
def bound() -> Iterator[Outer]:
    """Return the outer group; without one nothing is weakened."""
    with outer() as made:
        if made is None:
            pytest.skip("no outer group can be made here, and without one no layer is taken away")
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.layer)
def test_a_layer_that_is_missing_is_noticed(case: Weakened, bound: Outer, trialplate_home: Path) -> None:
    """The rows that rest on the layer fail, and they say that the attempt succeeded or met another layer."""
    kinds = [word for kind in case.kinds for word in ("--kind", kind.name)]
    outcomes = battle.as_root(trialplate_home, bound, "--weaken", case.layer, *kinds)
    failed = {(outcome.row, outcome.whom) for outcome in battle.failing(outcomes, case.kinds) if _tried(outcome)}
    assert set(case.notice) <= failed, sorted(failed)


def _tried(outcome: Outcome) -> bool:
    return outcome.outcome not in {"broken", "timeout"}


class _RootOutside(Sandbox):
    """A sandbox that asks for root inside to be root of the machine."""

    def _request(self, scenario: Scenario, slot: Slot, images: list[str], trees: list[str]) -> protocol.Body:
        return {**super()._request(scenario, slot, images, trees), "map": [0, 65_536]}


@pytest.mark.anyio
async def test_root_inside_is_never_root_of_the_machine(trialplate_home: Path) -> None:
    """The supervisor refuses to start before anything runs in it."""
    started: list[Running] = []
    async with _RootOutside(trialplate_home) as sandbox:
        scenario = Scenario(foothold="foot", hosts=(Host(name="foot", image=sandbox.images.named("base").digest),))
        with pytest.raises(PermissionError, match="would be root of the machine"):
            started.append(await sandbox.start(scenario))
    assert not started
