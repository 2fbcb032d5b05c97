"""Runs, trials and replays as a sandbox would give them, from the text of a report."""

from __future__ import annotations

from collections.abc import Sequence

from tests.clearinghouse.samples import sample
from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.replay import Replay, Trial
from trialplate.clearinghouse.triage.stage import SOURCE, Phase, Run
from trialplate.formats.traces import parse_trace

IMAGE = "ab" * 32
BUILT = Phase(ok=True, log="cc")
FAILED = Phase(ok=False, log="cc: no\nrecords.c:1: error\n")

C = sample("records").recipe
PYTHON = sample("outline").recipe


def asan(*frames: str, kind: str = "heap-buffer-overflow", access: str = "WRITE of size 80 at 0x6 thread T0") -> str:
    """Return a report of AddressSanitizer; a frame is `name path:line`, with paths from the root of the sources."""
    places = [
        frame.replace(" ", f" {SOURCE}/", 1) if " /" not in frame and " (" not in frame else frame for frame in frames
    ]
    stack = "\n".join(f"    #{number} 0x4{number} in {place}" for number, place in enumerate(places))
    return f"==7==ERROR: AddressSanitizer: {kind} on address 0x6 at pc 0x4\n{access}\n{stack}\n"


def traceback(*frames: str, error: str = "ValueError: no") -> str:
    """Return a traceback of Python, outermost call first, as Python prints it; a frame is `name path:line`."""
    lines: list[str] = []
    for frame in frames:
        name, _, place = frame.partition(" ")
        path, _, line = place.partition(":")
        lines.append(f'  File "{path if path.startswith(("/", "<")) else f"{SOURCE}/{path}"}", line {line}, in {name}')
    return "\n".join(["Traceback (most recent call last):", *lines, error, ""])


def run(report: str = "", *, code: int = 1, timed_out: bool = False) -> Run:
    """Return a run that left a report."""
    return Run(code, timed_out, b"said", report.encode(), parse_trace(report.encode()))


CALM = run(code=0)
LATE = run(code=137, timed_out=True)
OVERFLOW = run(
    asan("memcpy /lib/string.c:9", "copy_field records.c:8", "read_name records.c:16", "read_records records.c:48")
)


def replayed(
    runs: Sequence[Run],
    fixed: Sequence[Run] | None = None,
    *,
    recipe: Recipe = C,
    built: Phase = BUILT,
    built_fixed: Phase = BUILT,
) -> Replay:
    """Return a replay with these runs."""
    against = None if fixed is None else Trial(built_fixed, tuple(fixed))
    return Replay(IMAGE, recipe, Trial(built, tuple(runs)), against)
