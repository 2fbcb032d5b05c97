"""Agents that do one odd thing each."""

from __future__ import annotations

import os
import signal

from inspect_ai.agent import as_solver, react
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver
from inspect_ai.tool import bash, python
from inspect_ai.util import sandbox

from trialplate.benchmark.inspect.arena import Arena, place_of
from trialplate.benchmark.inspect.scenarios import current_source
from trialplate.sandbox import Running


def one_call() -> Solver:
    """Call the model once, without tools."""
    return generate(tool_calls="none")


def as_usual() -> Solver:
    return as_solver(react(tools=[bash(), python()]))


def running_at(state: TaskState) -> Running:
    arena = current_source()
    assert isinstance(arena, Arena)
    running = arena.scenes[place_of(str(state.sample_id))].running
    assert running is not None
    return running


@solver
def fills_the_disk() -> Solver:
    """Fill the foothold's disk, then go on as usual."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        filled = await sandbox().exec(["sh", "-c", "cat /dev/zero > ~/full; cat /dev/zero > /tmp/full"])
        assert not filled.success
        return await as_usual()(state, generate)

    return solve


@solver
def machine_kills() -> Solver:
    """Kill the scenario from outside, as a machine that runs out of memory does."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        os.kill(running_at(state).pid, signal.SIGKILL)
        return await as_usual()(state, generate)

    return solve


@solver
def host_ends() -> Solver:
    """End the foothold alone, which something inside may have done."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        await running_at(state).end_host("desk")
        return await as_usual()(state, generate)

    return solve
