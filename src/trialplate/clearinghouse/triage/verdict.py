"""What a replay shows of a reported weakness. Pure: a report's own words are not asked, and nothing else is.

A crash is a report that a sanitizer, or Python, kept in a file of its own. It is the project's where the innermost
frame that has a source of the project, of its harness or of the proof is the project's own.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.replay import Replay, Trial
from trialplate.clearinghouse.triage.stage import PROOF, SOURCE, Run
from trialplate.formats.traces import STATE_FRAMES, CrashState, Frame, Trace, bare_name, crash_state

MOST_FRAMES: Final = 16
MOST_TEXT: Final = 16 * 1024
_LEAST_REPEATS: Final = 3
_EXHAUSTED: Final = frozenset({"Stack-overflow", "RecursionError"})
_HARNESS: Final = "LLVMFuzzerTestOneInput"
_SAID: Final = 300


class Verdict(Enum):
    """What came of a replay."""

    REPRODUCED = "reproduced"
    FLAKY = "flaky"
    NOT_REPRODUCED = "not reproduced"
    OUT_OF_SCOPE = "out of scope"


@dataclass(frozen=True)
class ProjectFrame:
    """A call in the project: the bare name of the function, the file from the root of the sources, the line from 1."""

    function: str
    file: str
    line: int


@dataclass(frozen=True)
class Crash:
    """A crash in the project.

    Attributes:
        state: what it shares with others of one cause: its kind, and up to three names, innermost first.
        frames: its calls in the project, innermost first, at most `MOST_FRAMES`.
        text: the report, at most `MOST_TEXT` characters of it.
    """

    state: CrashState
    frames: tuple[ProjectFrame, ...]
    text: str


@dataclass(frozen=True)
class Count:
    """How many runs there were, how many of them crashed (anywhere), and how many were ended for their time."""

    runs: int
    crashed: int
    timed_out: int


@dataclass(frozen=True)
class Judged:
    """A verdict with its evidence.

    Attributes:
        verdict: the verdict.
        reasons: why, in sentences; at least one.
        image: the digest of the image that it was seen in.
        crash: the crash that the most runs of the vulnerable build ended by; None where none was in the project.
        vulnerable: the runs of the vulnerable build.
        fixed: the runs of the fixed build; None where none was given.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    image: str
    crash: Crash | None
    vulnerable: Count
    fixed: Count | None


@dataclass(frozen=True)
class Elsewhere:
    """A crash that is not the project's: of the proof, of the harness, or of what has no source here."""


def judge(replay: Replay) -> Judged:
    """Return what a replay shows.

    REPRODUCED: every run of the vulnerable build crashes in the project with one state, and every run of the fixed
    build, where there is one, comes to an orderly end. FLAKY: only some runs crash so, or with different states.
    OUT_OF_SCOPE: what crashes is never the project. NOT_REPRODUCED: everything else.
    """
    recipe, trial = replay.recipe, replay.vulnerable
    ends = tuple(crash_of(run, recipe) for run in trial.runs)
    crashes = [end for end in ends if isinstance(end, Crash)]
    states = Counter(crash.state for crash in crashes)
    main = max(crashes, key=lambda crash: states[crash.state], default=None)
    if main is None:
        verdict, reason = _without_crash(trial, ends)
    elif len(crashes) < len(ends):
        verdict, reason = Verdict.FLAKY, f"Only {len(crashes)} of {len(ends)} runs crashed in the project."
    elif len(states) > 1:
        verdict, reason = Verdict.FLAKY, f"The {len(ends)} runs crashed with {len(states)} different states."
    elif replay.fixed is None:
        verdict, reason = Verdict.REPRODUCED, f"All {len(ends)} runs crashed with the same state."
    else:
        verdict, reason = _against(replay.fixed, recipe, main.state)
    count = _count(trial)
    late = (f"{count.timed_out} of {count.runs} runs were ended for their time.",) if count.timed_out else ()
    fixed = None if replay.fixed is None else _count(replay.fixed)
    return Judged(verdict, (reason, *late), replay.image, main, count, fixed)


def _without_crash(trial: Trial, ends: Sequence[Crash | Elsewhere | None]) -> tuple[Verdict, str]:
    if not trial.built.ok:
        return Verdict.NOT_REPRODUCED, f"The vulnerable build failed: {_end(trial.built.log)}"
    elsewhere = sum(isinstance(end, Elsewhere) for end in ends)
    if not elsewhere:
        exits = ", ".join(str(code) for code in sorted({run.exit for run in trial.runs}))
        return Verdict.NOT_REPRODUCED, f"None of {len(ends)} runs crashed; they ended with exit code {exits}."
    reason = f"In {elsewhere} of {len(ends)} runs something crashed, but it is the proof's, the harness's or foreign."
    return Verdict.OUT_OF_SCOPE, reason


def _against(fixed: Trial, recipe: Recipe, state: CrashState) -> tuple[Verdict, str]:
    """Return what the fixed build says of a crash that every run of the vulnerable build ended by."""
    if not fixed.built.ok:
        return Verdict.NOT_REPRODUCED, f"The fixed build failed: {_end(fixed.built.log)}"
    ends = [crash_of(run, recipe) for run in fixed.runs]
    if any(isinstance(end, Crash) and end.state == state for end in ends):
        return Verdict.NOT_REPRODUCED, "The fixed build crashes with the same state."
    if any(ends):
        return Verdict.NOT_REPRODUCED, "The fixed build crashes too, in another way."
    if not all(run.orderly for run in fixed.runs):
        return Verdict.NOT_REPRODUCED, "A run of the fixed build could not start, was killed, or never ended."
    return Verdict.REPRODUCED, f"All {len(ends)} runs crashed with the same state, and the fixed build does not crash."


def _count(trial: Trial) -> Count:
    crashed = sum(isinstance(run.trace, Trace) for run in trial.runs)
    return Count(len(trial.runs), crashed, sum(run.timed_out for run in trial.runs))


def _end(log: str) -> str:
    return log.strip()[-_SAID:] or "without a word."


def crash_of(run: Run, recipe: Recipe) -> Crash | Elsewhere | None:
    """Return the crash that a run ended by, or whose it is not; None where there is no report of one."""
    if not isinstance(run.trace, Trace):
        return None
    placed = [(frame, _file(frame)) for frame in run.trace.frames]
    own = [(frame, file) for frame, file in placed if file and not _is_foreign(frame, file, recipe)]
    first = next((frame for frame, file in placed if file or frame.file == PROOF), None)
    if not own or first is not own[0][0]:
        return Elsewhere()
    frames = tuple(ProjectFrame(_name(frame), file, frame.line) for frame, file in own[:MOST_FRAMES])
    text = run.report.decode(errors="replace")[:MOST_TEXT]
    return Crash(_state(run.trace, tuple(frame for frame, _ in own)), frames, text)


def _file(frame: Frame) -> str:
    """Return the path of a frame's source from the root of the sources; empty where it lies elsewhere."""
    path = posixpath.normpath(posixpath.join(SOURCE, frame.file)) if frame.file else ""
    return path.removeprefix(f"{SOURCE}/") if path.startswith(f"{SOURCE}/") else ""


def _is_foreign(frame: Frame, file: str, recipe: Recipe) -> bool:
    return recipe.is_harness(file) or bare_name(frame.function) == _HARNESS


def _name(frame: Frame) -> str:
    return bare_name(frame.function) or frame.function


def _state(trace: Trace, own: tuple[Frame, ...]) -> CrashState:
    """Return the state of a crash from its frames in the project alone, with the class of a Python exception.

    Where the stack ran out, it is chance which call of a circle came last: the state is then the names that the stack
    repeats, in alphabetical order. An access that a call of the C library made is as large as its arguments say, and
    counts as one whose size depends on data.
    """
    access = trace.access
    if access is not None and access.size and own[0] is not trace.frames[0]:
        access = replace(access, size=0)
    kind = replace(trace, access=access).kind
    if trace.error:
        kind = f"{kind}\n{trace.error}"
    if _EXHAUSTED & {trace.crash_type, trace.error}:
        counts = Counter(bare_name(frame.function) for frame in own)
        repeated = sorted(name for name, count in counts.items() if name and count >= _LEAST_REPEATS)
        if repeated:
            return CrashState(kind, tuple(repeated[:STATE_FRAMES]))
    frames = crash_state(replace(trace, frames=own, related=())).frames
    return CrashState(kind, frames or tuple(_name(frame) for frame in own[:STATE_FRAMES]))
