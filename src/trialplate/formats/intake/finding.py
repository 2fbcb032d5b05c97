"""What a finder says, whatever format it came in: one finding, and what became of a document of many.

Everything is as the document has it and nothing is trusted: a severity is a claim, a reference is text that nobody
fetches, a file is text that nobody opens, a proof is bytes that only the sandbox may run. Texts hold no control
characters but newline and tab, and none that turn the direction of writing: each such character became U+FFFD.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Source(Enum):
    """The format that a finding came in."""

    SARIF = "sarif"
    OSV = "osv"
    PLAIN = "plain"


class Declared(Struct, frozen=True, tag="declared"):
    """The finder names it."""

    name: str


class DeclaredNone(Struct, frozen=True, tag="none"):
    """The finder says that there was none."""


class Undeclared(Struct, frozen=True, tag="undeclared"):
    """The finder says nothing about it."""


Declaration = Declared | DeclaredNone | Undeclared


class Location(Struct, frozen=True, kw_only=True):
    """Where in the source the weakness is; empty texts and zeros are what was not given.

    `file` is relative to the root of the source where the document lets it be known, has `/` between its parts, and may
    lead out of the root (`../`) or be absolute (`/a`, `C:/a`): it is text, and no path to open. Lines and columns count
    from 1.
    """

    file: str = ""
    line: int = 0
    end_line: int = 0
    column: int = 0
    function: str = ""


class RangeKind(Enum):
    """How the versions of a range are ordered (OSV schema, `affected[].ranges[].type`)."""

    GIT = "GIT"
    SEMVER = "SEMVER"
    ECOSYSTEM = "ECOSYSTEM"


class EventKind(Enum):
    """What happens at a version of a range (OSV schema, `affected[].ranges[].events[]`)."""

    INTRODUCED = "introduced"
    FIXED = "fixed"
    LAST_AFFECTED = "last_affected"
    LIMIT = "limit"


class Event(Struct, frozen=True):
    """A version, or a commit of a GIT range, and what happens there; the version 0 stands before all others."""

    kind: EventKind
    version: str


class Range(Struct, frozen=True, kw_only=True):
    """Affected versions as events, in the order of the document; `repository` is given for GIT."""

    kind: RangeKind
    repository: str = ""
    events: tuple[Event, ...]


class Target(Struct, frozen=True, kw_only=True):
    """What has the weakness; empty texts are what was not given.

    `name` is the package's in its `ecosystem`; `seen_at` the commit of `repository` that was examined; `versions` are
    listed one by one, beside `ranges`.
    """

    purl: str = ""
    ecosystem: str = ""
    name: str = ""
    repository: str = ""
    component: str = ""
    seen_at: str = ""
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()


class SeverityClaim(Struct, frozen=True):
    """A severity as somebody claims it: by which scheme, and the value or vector as given."""

    scheme: str
    value: str


class InlineProof(Struct, frozen=True, kw_only=True, tag="inline"):
    """A proof that the document holds. Its bytes are not in its `repr`: no log or traceback shows them."""

    name: str = ""
    media_type: str = ""
    data: bytes

    def __repr__(self) -> str:
        return f"InlineProof(name={self.name!r}, media_type={self.media_type!r}, data=<{len(self.data)} bytes>)"


class ProofReference(Struct, frozen=True, kw_only=True, tag="reference"):
    """A proof that lies elsewhere; `sha256` is lower-case hex, empty where it was not given."""

    name: str = ""
    uri: str
    sha256: str = ""


Proof = InlineProof | ProofReference


class Reference(Struct, frozen=True):
    """A URL as text, and its kind in words of the source format."""

    kind: str
    url: str


class Fix(Struct, frozen=True, kw_only=True):
    """A fix that exists or is proposed: a commit, or the text of a change."""

    description: str = ""
    repository: str = ""
    commit: str = ""
    patch: str = ""


class Fingerprint(Struct, frozen=True):
    """A value that a tool computed so that a later run knows the finding again."""

    name: str
    value: str


class Finding(Struct, frozen=True, kw_only=True):
    """One weakness as one finder sees it.

    `index` counts the results of the document from 0, `id` is the source's own, empty where it has none. `tool` is the
    program that found it, `rule` the tool's name for what it looks for. `weakness` holds ids as `CWE-79`. `flow` is how
    data reach the weakness, and `stack` a stack trace: one step or frame a line.
    """

    source: Source
    index: int
    id: str
    title: str
    description: str
    tool: str = ""
    rule: str = ""
    aliases: tuple[str, ...] = ()
    weakness: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()
    targets: tuple[Target, ...] = ()
    severity: tuple[SeverityClaim, ...] = ()
    proofs: tuple[Proof, ...] = ()
    references: tuple[Reference, ...] = ()
    fixes: tuple[Fix, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    flow: str = ""
    stack: str = ""
    ai_tool: Declaration = Undeclared()
    ai_model: Declaration = Undeclared()
    verifier: Declaration = Undeclared()


class Why(Enum):
    """Why a result was refused while others of its document were taken."""

    MALFORMED = "malformed"
    """It is not what its format says."""
    TOO_LONG = "too long"
    """One of its texts or lists passes a limit, or the document's texts would grow beyond theirs."""
    EMPTY = "empty"
    """It says nothing that somebody could act on."""
    SUPPRESSED = "suppressed"
    """Those who examined it hold it back."""
    WITHDRAWN = "withdrawn"
    """Whoever published it took it back."""
    NO_WEAKNESS = "no weakness"
    """It says that all is well, or that nothing was asked."""
    GONE = "gone"
    """It was found by an earlier run, and no longer."""
    ELSEWHERE = "elsewhere"
    """It lies in another file, and nothing is fetched."""


class Refusal(Struct, frozen=True):
    """A result that was not taken: its index, why, and the particulars for whoever sent it."""

    index: int
    why: Why
    detail: str


class Intake(Struct, frozen=True):
    """What became of a document: its findings and its refusals, each in the order of the document."""

    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...]
