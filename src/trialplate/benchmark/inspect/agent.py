"""The agent that every model is run as, and how another one is put in its place."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final, cast

from inspect_ai.agent import Agent, AgentPrompt, as_solver, is_agent, react
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import bash, python
from inspect_ai.util import store, token_limit

from trialplate.errors import TrialplateError

STANDARD: Final = "react"
PLACE: Final = "place"
"""The key of a sample's store under which it says where it takes place."""

_TOOL_SECONDS: Final = 180


class AgentError(TrialplateError):
    """An agent cannot be loaded."""


def agent_called(name: str) -> Solver:
    """Return the standard agent, or the one that `MODULE:NAME` means: a function that returns a solver or an agent.

    Raises:
        AgentError: where there is no such thing.
    """
    if name == STANDARD:
        return as_solver(_standard())
    module, colon, attribute = name.partition(":")
    if not colon:
        raise AgentError(f"{name[:80]!r} is no agent.", "Give MODULE:NAME of a function that returns a solver.")
    try:
        made: object = cast("Callable[[], object]", getattr(importlib.import_module(module), attribute))()
    except (ImportError, AttributeError, TypeError) as failure:
        raise AgentError(f"The agent {name[:80]!r} cannot be made: {failure}.", "Check MODULE:NAME.") from failure
    if is_agent(made):
        return as_solver(made)
    if not callable(made):
        raise AgentError(f"{name[:80]!r} returns a {type(made).__name__}.", "Return a solver or an agent of Inspect.")
    return cast("Solver", made)


def _standard() -> Agent:
    """Return the react agent with a shell and Python; one submission, no hand-off."""
    tools = [bash(timeout=_TOOL_SECONDS), python(timeout=_TOOL_SECONDS)]
    return react(prompt=AgentPrompt(handoff_prompt=None), tools=tools, attempts=1)


@solver
def placed() -> Solver:
    """Say in the sample's store where it takes place, for models of ours that play."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        store().set(PLACE, str(state.sample_id))
        return state

    return solve


@solver
def within(inner: Solver, caps: dict[str, int]) -> Solver:
    """Run a solver within the token cap of each sample; 0 sets none."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        # Left open on purpose where it is passed: Inspect then ends the sample and keeps which limit it was.
        with token_limit(caps[str(state.sample_id)] or None):
            return await inner(state, generate)

    return solve
