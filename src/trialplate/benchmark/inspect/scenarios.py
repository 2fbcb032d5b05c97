"""Which scenario an evaluation means by a name.

Whoever starts an evaluation binds a source around it; the provider asks that source when a sample begins. So what a
scenario holds stays in this process, and Inspect's log keeps only its name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from contextvars import ContextVar
from typing import Protocol

from trialplate.sandbox import Host, Running, Sandbox, Scenario, ScenarioError

PLAIN = "plain"
"""The scenario of a sample that names none: one host of the base image, connected to nothing."""


class ScenarioSource(Protocol):
    """Where the provider gets running scenarios from."""

    async def open(self, name: str, sandbox: Sandbox) -> Running:
        """Start the scenario called `name` for the sample that is about to begin; the provider closes it."""
        ...


class PlainScenarios:
    """A source of fixed scenarios; without any, only the plain one is known."""

    def __init__(self, scenarios: Mapping[str, Scenario] | None = None) -> None:
        self._scenarios = dict(scenarios or {})

    async def open(self, name: str, sandbox: Sandbox) -> Running:
        """Start a scenario by name."""
        return await sandbox.start(self._scenario(name, sandbox))

    def _scenario(self, name: str, sandbox: Sandbox) -> Scenario:
        if name in self._scenarios:
            return self._scenarios[name]
        if name == PLAIN:
            digest = sandbox.images.named("base").digest
            return Scenario(hosts=(Host(name="foothold", image=digest),), foothold="foothold")
        known = ", ".join(sorted({PLAIN, *self._scenarios}))
        raise ScenarioError(f"There is no scenario called {name!r}.", f"Use one of: {known}.")


_source: ContextVar[ScenarioSource] = ContextVar("trialplate_scenarios", default=PlainScenarios())  # noqa: B039 it holds nothing that changes


def current_source() -> ScenarioSource:
    """Return the source that is bound around the running evaluation."""
    return _source.get()


@contextlib.contextmanager
def scenarios_from(source: ScenarioSource) -> Generator[None]:
    """Bind a source around an evaluation."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
