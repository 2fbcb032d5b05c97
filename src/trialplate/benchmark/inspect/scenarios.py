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
    """Where the provider gets scenarios from, and whom it tells what became of them."""

    def scenario(self, name: str, sandbox: Sandbox) -> Scenario:
        """Return the scenario called `name` for the sample that is about to begin."""
        ...

    def opened(self, name: str, running: Running) -> None:
        """Take note that a sample's scenario runs, before the sample's first step."""
        ...


class PlainScenarios:
    """A source of fixed scenarios; without any, only the plain one is known."""

    def __init__(self, scenarios: Mapping[str, Scenario] | None = None) -> None:
        self._scenarios = dict(scenarios or {})

    def scenario(self, name: str, sandbox: Sandbox) -> Scenario:
        """Return a scenario by name."""
        if name in self._scenarios:
            return self._scenarios[name]
        if name == PLAIN:
            digest = sandbox.images.named("base").digest
            return Scenario(hosts=(Host(name="foothold", image=digest),), foothold="foothold")
        known = ", ".join(sorted({PLAIN, *self._scenarios}))
        raise ScenarioError(f"There is no scenario called {name!r}.", f"Use one of: {known}.")

    def opened(self, name: str, running: Running) -> None:
        """Nobody else observes these scenarios."""


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
