"""Whether two findings have one root cause. Pure.

Rules: what our own replay shows decides. A finder's words (a fix that it names, a weakness) make no exact match by
themselves: they lift a likeness that our replays show, and otherwise only propose. Only exact matches are merged
without a person, and only within one project; two exact matches that lead to different cases are left to a person.
`docs/dedupe.md` gives the reasons and the figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trialplate.clearinghouse.merging.patches import hunks_of
from trialplate.formats.traces import STATE_FRAMES
from trialplate.records.finding import (
    Candidates,
    DuplicateOf,
    Ground,
    Likeness,
    Replayed,
    Report,
    Unmatched,
)

MOST_CANDIDATES: Final = 16
LEAST_SIGNIFICANT: Final = 24
"""Letters and digits that a hunk must change to count: a smaller one (`i++`, `return 0;`) fixes many things."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_WEAKNESS: Final = re.compile(r"CWE-[0-9]{1,6}")
_ACCESS: Final = re.compile(r"[ \n](?:READ|WRITE)(?: [0-9]+| \{\*\})?$")
_EXHAUSTED: Final = frozenset({"Stack-overflow", "Uncaught exception RecursionError"})
_WRAPPER: Final = re.compile(r"\w*(?:alloc|free|strn?dup|mem(?:cpy|move|set))_?", re.IGNORECASE)
_LEAST_CALLS: Final = 2
"""The calls of the project that a state must have: that one large function crashed says little."""
_SHOWN: Final = 120

_FIXES: Final = frozenset({Ground.FIX_COMMIT, Ground.FIX_HUNK})
_WEIGHTS: Final[Mapping[Ground, int]] = {
    Ground.CRASH_STATE: 40,
    Ground.FIX_COMMIT: 40,
    Ground.FIX_HUNK: 40,
    Ground.NEAR_STATE: 12,
    Ground.PLACE: 10,
}
"""What a shared fingerprint adds to the score of a candidate, in hundredths."""
_PROJECT_WEIGHT: Final = 10
_MOST_UNSURE: Final = 95
_MOST_EVIDENCE: Final = 4


@dataclass(frozen=True)
class Fingerprint:
    """A text that two findings of one cause have in common: `key`, on what `ground`, and `evidence` in a sentence."""

    ground: Ground
    key: str
    evidence: str

    @property
    def mark(self) -> str:
        """The name of the mark by which it is found: `root` where a merge may follow, `near` where a question may."""
        return "root" if self.ground.exact else "near"


@dataclass(frozen=True)
class Seen:
    """A finding that was reproduced: the `project` it is of (empty where unknown), what was said, what was seen."""

    project: str
    report: Report
    replayed: Replayed


@dataclass(frozen=True)
class Alike:
    """A known finding beside a new one.

    Attributes:
        of: the subject of the case that the known one is of.
        one_project: whether both are of one project, see `one_project`.
        shared: the fingerprints that both have.
    """

    of: str
    one_project: bool
    shared: tuple[Fingerprint, ...]


def crash_type(kind: str) -> str:
    """Return a kind of crash without its access: what is read or written beyond a bound, and how much, is chance.

    Of an uncaught exception of Python, its class belongs to the type.
    """
    return _ACCESS.sub("", kind).replace("\n", " ")


def calls(replayed: Replayed) -> tuple[tuple[str, str], ...]:
    """Return the top three calls of the project, innermost first, each as file and function.

    A function that calls itself, directly or by way of others, counts once, where it is innermost: how deep an input
    nests says nothing of the cause. Comprehensions and lambdas of Python are passed over: newer ones show none.
    """
    named = ((frame.file, frame.function) for frame in replayed.frames if not frame.function.startswith("<"))
    return tuple(dict.fromkeys(named))[:STATE_FRAMES]


def fingerprints(report: Report, replayed: Replayed) -> tuple[Fingerprint, ...]:
    """Return what a reproduced finding is found by, each key once."""
    found = (*_of_state(replayed), *_of_fixes(report), *_near(replayed), *_places(report, replayed))
    return tuple({each.key: each for each in reversed(found)}.values())[::-1]


def _of_state(replayed: Replayed) -> Iterator[Fingerprint]:
    kind, top = crash_type(replayed.kind), calls(replayed)
    if kind in _EXHAUSTED:
        # Where the stack ran out, it is chance which call came last: the state holds the functions that it repeats.
        yield from _state(kind, replayed.state, replayed.state)
    elif len(top) >= _LEAST_CALLS:
        yield from _state(kind, [word for call in top for word in call], [function for _, function in top])
    if top and kind not in _EXHAUSTED:
        yield from _statement(replayed, kind, top)


def _state(kind: str, words: Sequence[str], functions: Sequence[str]) -> Iterator[Fingerprint]:
    if words:
        said = f"Both crash with {kind} in {_chain(functions)}."
        yield Fingerprint(Ground.CRASH_STATE, "\n".join(("state", kind, *words)), said)


def _statement(replayed: Replayed, kind: str, top: Sequence[tuple[str, str]]) -> Iterator[Fingerprint]:
    """Yield the key of the very statement: in one source, what fails at one line in one way is one crash.

    A wrapper of an allocator fails for many causes, and a compiler that moved code about names line 0: the caller
    counts as well then.
    """
    frame = replayed.frames[0]
    caller = top[1:2] if not frame.line or _WRAPPER.fullmatch(frame.function) else ()
    if frame.line or caller:
        place = (frame.function, frame.file, str(frame.line), *(word for call in caller for word in call))
        said = f"Both crash with {kind} at {_shown(frame.file)}:{frame.line} of the same source."
        yield Fingerprint(Ground.CRASH_STATE, "\n".join(("statement", replayed.source, kind, *place)), said)


def _of_fixes(report: Report) -> Iterator[Fingerprint]:
    # The id of a commit stands for its content, whichever mirror holds it, so that no repository is in the key.
    for commit in (*(fix.commit for fix in report.fixes), report.target.fixed):
        name = commit.strip().lower()
        if _COMMIT.fullmatch(name):
            yield Fingerprint(Ground.FIX_COMMIT, f"commit\n{name}", f"Both finders name the fix {name}.")
    for fix in report.fixes:
        for hunk in hunks_of(fix.patch):
            if hunk.significant >= LEAST_SIGNIFICANT:
                said = f"Both finders propose the same change of {_shown(hunk.file)}."
                yield Fingerprint(Ground.FIX_HUNK, f"hunk\n{hunk.key}", said)


def _near(replayed: Replayed) -> Iterator[Fingerprint]:
    top = calls(replayed)
    if top:
        file, function = top[0]
        said, kind = f"{_shown(function)} of {_shown(file)}.", crash_type(replayed.kind)
        yield Fingerprint(Ground.NEAR_STATE, f"kind\n{kind}\n{file}\n{function}", f"Both crash with {kind} in {said}")
        yield Fingerprint(Ground.NEAR_STATE, f"top\n{file}\n{function}", f"Both crash in {said}")
    for left, (inner_file, inner) in enumerate(top):
        for outer_file, outer in top[left + 1 :]:
            key = f"pair\n{inner_file}\n{inner}\n{outer_file}\n{outer}"
            yield Fingerprint(Ground.NEAR_STATE, key, f"Both crash below {_chain((inner, outer))}.")


def _places(report: Report, replayed: Replayed) -> Iterator[Fingerprint]:
    for frame in replayed.frames[:1]:
        for weakness in report.weakness:
            if _WEAKNESS.fullmatch(weakness):
                key = f"place\n{frame.file}\n{frame.function}\n{weakness}"
                said = f"Both are {weakness} in {_shown(frame.function)} of {_shown(frame.file)}."
                yield Fingerprint(Ground.PLACE, key, said)


def alike(of: str, new: Seen, known: Seen) -> Alike:
    """Return how a new finding is like one of the case `of`."""
    theirs = {each.key for each in fingerprints(known.report, known.replayed)}
    shared = tuple(each for each in fingerprints(new.report, new.replayed) if each.key in theirs)
    one = one_project(new.project, new.replayed.source, known.project, known.replayed.source)
    return Alike(of, one, shared)


def one_project(project: str, source: str, other_project: str, other_source: str) -> bool:
    """Say whether two findings are of one project by what the house knows: its registry, else the source that ran."""
    if project and other_project:
        return project == other_project
    return source == other_source


def match(known: Sequence[Alike]) -> Unmatched | DuplicateOf | Candidates:
    """Return what is to be done with a finding that was compared with known ones, several of which may be of one case.

    All exact matches of one case: a duplicate of it. Exact matches of several cases, or likenesses alone: candidates,
    at most `MOST_CANDIDATES`, the most alike first, each case once. Nothing in common: unmatched.
    """
    found = [(each, _likeness(each)) for each in known if each.shared]
    exact = {each.of: like for each, like in reversed(found) if is_exact(each)}
    if len(exact) == 1:
        (like,) = exact.values()
        return DuplicateOf(of=like.of, ground=like.ground, evidence=like.evidence)
    best: dict[str, Likeness] = {}
    for _, like in sorted(found, key=lambda each: (-float(each[1].score), each[1].of)):
        best.setdefault(like.of, like)
    if best:
        return Candidates(tuple(best.values())[:MOST_CANDIDATES])
    return Unmatched(compared=len(known))


def is_exact(found: Alike) -> bool:
    """Say whether the two findings are taken for one without a person.

    They are of one project, and either crash alike in our replay, or both finders name one fix and our replays show
    a likeness.
    """
    grounds = {each.ground for each in found.shared}
    seen = Ground.CRASH_STATE in grounds or (Ground.NEAR_STATE in grounds and bool(grounds & _FIXES))
    return found.one_project and seen


def _likeness(found: Alike) -> Likeness:
    """Return the likeness to show: its first ground, a few sentences of evidence, and a score.

    The score only orders candidates: the sum of what each shared fingerprint weighs, and of the same project.
    """
    shared = sorted(found.shared, key=lambda each: each.ground is not Ground.CRASH_STATE)
    first = shared[0].ground
    shown = [each for each in shared if each.ground is first] if first is Ground.CRASH_STATE else shared
    evidence = " ".join(dict.fromkeys(each.evidence for each in shown[:_MOST_EVIDENCE]))
    weight = sum(_WEIGHTS[each.ground] for each in shared) + _PROJECT_WEIGHT * found.one_project
    score = 100 if is_exact(found) else min(weight, _MOST_UNSURE)
    return Likeness(of=found.of, ground=first, evidence=evidence, score=f"{score / 100:.2f}")


def _chain(frames: Sequence[str]) -> str:
    return ", called by ".join(_shown(frame) for frame in frames)


def _shown(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
