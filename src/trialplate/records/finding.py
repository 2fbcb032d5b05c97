"""Bodies of a finding: what was reported, whether it could be reproduced, and whether it is known already.

What a report says is its finder's word. What a validation says was seen in the sandbox, and only that is built upon.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from trialplate.records.body import Kind
from trialplate.records.shapes import (
    Count,
    Decimal,
    Digest,
    MaybeDigest,
    MaybeSubject,
    Moment,
    Name,
    Reason,
    Short,
    Subject,
    Text,
)

Reasons = Annotated[tuple[Reason, ...], Meta(max_length=64)]


class Basis(StrEnum):
    """What a finder's place among the credited rests on."""

    RECEIPT = "receipt"
    """When the report came."""
    CLAIM = "claim"
    """A claim of the finder's that covered the target and stood when the report came."""
    COMMITMENT = "commitment"
    """A commitment of such a claim, which the report opens."""


class Said(StrEnum):
    """Whether a finder says that something took part in the finding."""

    NAMED = "named"
    NONE = "none"
    UNDECLARED = "undeclared"


class Declared(Struct, frozen=True, forbid_unknown_fields=True):
    """What a finder says about a tool, a model or a person; `name` is given where it is named."""

    said: Said
    name: Short = ""


class ReportedPlace(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a finder says that it is; `line` 0 and empty texts were not given."""

    file: Short = ""
    line: Count = 0
    function: Short = ""


class ReportedTarget(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a finder says has the weakness; versions and commits as given."""

    purl: Short = ""
    repository: Short = ""
    component: Short = ""
    seen_at: Short = ""
    introduced: Short = ""
    fixed: Short = ""


class ReportedFix(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fix that a finder names: a commit, or the text of a patch."""

    repository: Short = ""
    commit: Short = ""
    patch: Text = ""


class Claimed(Struct, frozen=True, forbid_unknown_fields=True):
    """A severity as a finder claims it."""

    scheme: Short
    value: Short


class Attached(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that came with a report and is kept sealed under its digest."""

    name: Short
    digest: Digest


class Report(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding as one finder reports it.

    `document` is the digest of the sealed document that it came in, at `index`, in `format`. `claim` is the claim that
    it rests on; `claimed_at` and `basis` say how it counts among the credited. `proofs` are files that show it;
    `recipe`, `source` and `fixed_source` are files to build it by, where the finder gave them.
    """

    document: Digest
    format: Name
    index: Count
    finder: Name
    claim: MaybeSubject = ""
    claimed_at: Moment
    basis: Basis
    title: Annotated[str, Meta(min_length=1, max_length=2_048)]
    description: Text
    target: ReportedTarget
    tool: Short = ""
    weakness: Annotated[tuple[Short, ...], Meta(max_length=64)] = ()
    aliases: Annotated[tuple[Short, ...], Meta(max_length=64)] = ()
    places: Annotated[tuple[ReportedPlace, ...], Meta(max_length=64)] = ()
    severity: Annotated[tuple[Claimed, ...], Meta(max_length=16)] = ()
    stack: Text = ""
    fixes: Annotated[tuple[ReportedFix, ...], Meta(max_length=16)] = ()
    proofs: Annotated[tuple[Attached, ...], Meta(max_length=16)] = ()
    recipe: MaybeDigest = ""
    source: MaybeDigest = ""
    fixed_source: MaybeDigest = ""
    ai_tool: Declared = Declared(Said.UNDECLARED)
    ai_model: Declared = Declared(Said.UNDECLARED)
    verifier: Declared = Declared(Said.UNDECLARED)


class Screened(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing stands against trying the report: neither the project's policy nor the finder's record."""

    project: MaybeSubject


class Held(Struct, frozen=True, forbid_unknown_fields=True):
    """The finder's reports wait for a coordinator: too many of the last ones were false or known."""

    reports: Count
    not_reproduced: Count
    duplicates: Count
    reason: Reason


class HeldReleased(Struct, frozen=True, forbid_unknown_fields=True):
    """A coordinator lets a held report go on."""

    reason: Reason


class Lapsed(Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody let the held report go on in time."""


class Declined(Struct, frozen=True, forbid_unknown_fields=True):
    """The project's own policy takes no such report."""

    project: Subject
    reason: Reason


class SeenFrame(Struct, frozen=True, forbid_unknown_fields=True):
    """A call of the project on the stack of our own run; `file` is relative to the root of the source."""

    function: Short
    file: Short = ""
    line: Count = 0


class Replayed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was built and run, by digest, and what was seen: the evidence of a validation.

    `crashes` of `runs` ended in a crash. `kind` is the kind of crash with its access, `state` the names of the topmost
    three frames of the project, `frames` more of them, innermost first, `stack` the report itself, clipped.
    """

    image: Digest
    recipe: Digest
    source: Digest
    fixed_source: MaybeDigest = ""
    proof: Digest
    runs: Count
    crashes: Count
    tool: Short = ""
    kind: Short = ""
    state: Annotated[tuple[Short, ...], Meta(max_length=3)] = ()
    frames: Annotated[tuple[SeenFrame, ...], Meta(max_length=16)] = ()
    stack: Text = ""


class Reproduced(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every run crashed alike, and none of the fixed build where one was given."""

    replayed: Replayed
    reasons: Reasons


class Verdict(StrEnum):
    """Why a finding was not reproduced."""

    FLAKY = "flaky"
    NOT_REPRODUCED = "not reproduced"
    OUT_OF_SCOPE = "out of scope"
    NOT_TRIED = "not tried"
    """There was nothing to build it by, or nothing that shows it."""


class NotReproduced(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It was not shown to be real; a coordinator may correct this once more is known."""

    verdict: Verdict
    replayed: Replayed | None
    reasons: Reasons


class Ground(StrEnum):
    """What makes two findings look like one."""

    FIX_COMMIT = "same fix commit"
    FIX_HUNK = "same hunk of a fix"
    CRASH_STATE = "same crash state in our replay"
    NEAR_STATE = "much alike crash state in our replay"
    PLACE = "same file, function and weakness"
    COORDINATOR = "a coordinator's judgment"

    @property
    def exact(self) -> bool:
        """Whether the worker may merge on it; everything else waits for a coordinator."""
        return self in {Ground.FIX_COMMIT, Ground.FIX_HUNK, Ground.CRASH_STATE}


class Likeness(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A known finding that this one is like: `of` is the subject of its case, `score` 0 to 1."""

    of: Subject
    ground: Ground
    evidence: Reason
    score: Decimal


class Unmatched(Struct, frozen=True, forbid_unknown_fields=True):
    """No known finding is like it; `compared` were looked at more closely."""

    compared: Count


class DuplicateOf(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """It has the root cause of the case `of`: its finder is credited there."""

    of: Subject
    ground: Ground
    evidence: Reason


class Candidates(Struct, frozen=True, forbid_unknown_fields=True):
    """It is like known ones, and not so that anything but a person may say that it is the same; most alike first."""

    found: Annotated[tuple[Likeness, ...], Meta(min_length=1, max_length=16)]


class Distinct(Struct, frozen=True, forbid_unknown_fields=True):
    """A coordinator says that its root cause is another."""

    reason: Reason


class Unruled(Struct, frozen=True, forbid_unknown_fields=True):
    """No coordinator said in time whether it is one of its candidates: it goes on as a case of its own."""


FINDING: Final = (
    Kind("finding.report/1", Report),
    Kind("finding.screened/1", Screened),
    Kind("finding.held/1", Held),
    Kind("finding.released/1", HeldReleased),
    Kind("finding.lapsed/1", Lapsed),
    Kind("finding.declined/1", Declined),
    Kind("finding.reproduced/1", Reproduced),
    Kind("finding.not_reproduced/1", NotReproduced),
    Kind("finding.unmatched/1", Unmatched),
    Kind("finding.duplicate_of/1", DuplicateOf),
    Kind("finding.candidates/1", Candidates),
    Kind("finding.distinct/1", Distinct),
    Kind("finding.unruled/1", Unruled),
)
