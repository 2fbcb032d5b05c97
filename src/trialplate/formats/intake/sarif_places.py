"""Where the results of a SARIF run lie: files below their bases, lines, functions, flows and stacks as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from trialplate.formats.intake.finding import Location
from trialplate.formats.intake.paths import below, is_absolute, joined, normalized
from trialplate.formats.intake.sarif_shapes import Artifact, CodeFlow, Logical, Run, Spot, Stack
from trialplate.formats.intake.screen import Budget, IntakeError, Limits, Problem, bounded, few

_MOST_HOPS: Final = 8
"""Bases that may lie in one another; where they go in a circle, this ends it."""

_MOST_ROOTS: Final = 64
"""Absolute bases that an absolute path is compared with."""

_FUNCTIONS: Final = frozenset({"", "function", "member", "method"})
_LAST_LINE: Final = 2**31 - 1
_NO_SPOT: Final = Spot()


class Places:
    """The artifacts, bases and logical locations of one run.

    A file is named relative to the outermost base of the run, which stands for the root of the source, wherever that
    lay on the machine of the tool.

    Raises:
        IntakeError: for more bases than `limits.items`.
    """

    def __init__(self, run: Run, limits: Limits, budget: Budget) -> None:
        self._run = run
        self._limits, self._budget = limits, budget
        self._bases = run.original_uri_base_ids
        if len(self._bases) > limits.items:
            raise IntakeError(Problem.VALUES, f"A run has more than {limits.items} bases.", "Send it in parts.")
        roots = (normalized(base.uri) for base in self._bases.values() if 0 < len(base.uri) <= limits.short)
        absolute = sorted({root for root in roots if is_absolute(root)}, key=len, reverse=True)
        self._roots = tuple(absolute[:_MOST_ROOTS])
        self._files: dict[tuple[str, str], str] = {}
        self._folders: dict[str, str] = {}

    def file(self, artifact: Artifact) -> str:
        """Return the normalized name of an artifact, empty where it has none.

        Raises:
            ResultError: TOO_LONG.
        """
        if not artifact.uri and 0 <= artifact.index < len(self._run.artifacts):
            artifact = self._run.artifacts[artifact.index].location
        key = (artifact.uri, artifact.uri_base_id)
        known = self._files.get(key)
        if known is None:
            known = self._files[key] = self._named(artifact)
        return known

    def location(self, spot: Spot) -> Location:
        """Return a location.

        Raises:
            ResultError: TOO_LONG.
        """
        physical = spot.physical_location
        region = physical.region
        return Location(
            file=self.file(physical.artifact_location),
            line=_number(region.start_line),
            end_line=_number(region.end_line),
            column=_number(region.start_column),
            function=self._function(spot.logical_locations) if spot.logical_locations else "",
        )

    def flow(self, flows: Iterable[CodeFlow]) -> str:
        """Return the steps of code flows, one a line; an empty line stands between threads.

        Raises:
            ResultError: TOO_LONG.
        """
        shared = self._run.thread_flow_locations
        threads: list[str] = []
        for thread in (thread for flow in flows for thread in flow.thread_flows):
            lines: list[str] = []
            for step in few(thread.locations, self._limits, "steps"):
                meant = shared[step.index] if step.location is None and 0 <= step.index < len(shared) else step
                spot = meant.location or _NO_SPOT
                lines.append(self._line(spot, spot.message.text))
            threads.append("\n".join(lines))
        return bounded("\n\n".join(threads), self._limits.text, "flow")

    def stack(self, stacks: Iterable[Stack]) -> str:
        """Return stacks as text, one frame a line, innermost first; an empty line stands between stacks.

        Raises:
            ResultError: TOO_LONG.
        """
        texts: list[str] = []
        for stack in stacks:
            frames = enumerate(few(stack.frames, self._limits, "frames"))
            lines = [f"#{number} {self._line(frame.location, frame.module)}" for number, frame in frames]
            texts.append("\n".join((stack.message.text, *lines)).strip())
        return bounded("\n\n".join(texts), self._limits.text, "stack")

    def _line(self, spot: Spot, more: str) -> str:
        place = self.location(spot)
        where = f"{place.file}:{place.line}" if place.line else place.file
        line = " ".join(part for part in (place.function, where, more) if part)
        self._budget.spend(len(line) + 1)
        return line

    def _function(self, logical: tuple[Logical, ...]) -> str:
        shared = self._run.logical_locations
        for part in few(logical, self._limits, "logical locations"):
            known = shared[part.index] if 0 <= part.index < len(shared) else part
            name = part.fully_qualified_name or known.fully_qualified_name or part.name or known.name
            if name and (part.kind or known.kind) in _FUNCTIONS:
                return bounded(name, self._limits.short, "function")
        return ""

    def _named(self, artifact: Artifact) -> str:
        most = self._limits.short
        path = normalized(bounded(artifact.uri, most, "file"))
        if not path:
            return ""
        path = joined(self._folder(artifact.uri_base_id), path)
        if is_absolute(path):
            inside = (below(root, path) for root in self._roots)
            path = next((name for name in inside if name), path)
        path = bounded(path, most, "file")
        self._budget.spend(max(0, len(path) - len(artifact.uri)))
        return path

    def _folder(self, identity: str) -> str:
        """Return the folder that a base stands for, relative to the outermost one, which is the empty text."""
        folder = self._folders.get(identity)
        if folder is None:
            folder, base = "", self._bases.get(identity)
            for _ in range(_MOST_HOPS):
                if base is None or not base.uri:
                    break
                above = normalized(bounded(base.uri, self._limits.short, "base"))
                if is_absolute(above):
                    break
                folder, base = joined(above, folder), self._bases.get(base.uri_base_id)
            self._folders[identity] = folder = bounded(folder, self._limits.short, "base")
        return folder


def _number(value: int) -> int:
    """Return a line or column, 0 where it is none."""
    return value if 0 < value <= _LAST_LINE else 0
