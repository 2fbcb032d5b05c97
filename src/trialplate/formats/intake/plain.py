"""The project's own report, `trialplate.report/1`: small, strict JSON that a person can write by hand.

The types here are the format: docs/formats/report.schema.json is made from them, and docs/formats/report.md says the
rest. An unknown field is refused, since it is most likely a known one misspelled, and so is a repeated one.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from trialplate.errors import TrialplateError
from trialplate.formats.intake.declared import NO_DECLARATIONS, Declarations, checked, declaration
from trialplate.formats.intake.finding import (
    Event,
    EventKind,
    Finding,
    Fix,
    InlineProof,
    Intake,
    Location,
    Proof,
    ProofReference,
    Range,
    RangeKind,
    Reference,
    SeverityClaim,
    Source,
    Target,
    Why,
)
from trialplate.formats.intake.paths import normalized
from trialplate.formats.intake.screen import (
    LIMITS,
    Expired,
    IntakeError,
    Limits,
    Problem,
    ResultError,
    bounded,
    clean,
    decoded,
    few,
    gathered,
    never,
    screened,
    short_texts,
    shown,
)

FORMAT: Final = "trialplate.report/1"

Short = Annotated[str, Meta(max_length=LIMITS.short)]
Text = Annotated[str, Meta(max_length=LIMITS.text)]
Line = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Commit = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Weakness = Annotated[str, Meta(pattern=r"^CWE-[1-9][0-9]{0,5}$")]
Base64 = Annotated[str, Meta(max_length=LIMITS.proof // 3 * 4 + 4)]

_SCHEME: Final = re.compile(r"pkg:.+")


class ReportTarget(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What has the weakness: `purl`, or the URL of a `repository`, or both.

    `introduced` and `fixed` are the commits that brought the weakness and took it away, `seen_at` the one that was
    examined; all three are of `repository`, and full ids in lower case.
    """

    purl: Short = ""
    repository: Short = ""
    component: Short = ""
    introduced: Commit | None = None
    fixed: Commit | None = None
    seen_at: Commit | None = None


class ReportLocation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where it is: `file` from the root of the repository; `line` counts from 1."""

    file: Short = ""
    line: Line | None = None
    function: Short = ""


class ReportSeverity(Struct, frozen=True, forbid_unknown_fields=True):
    """How severe the finder thinks it is: a `scheme` such as CVSS_V4, and its value."""

    scheme: Short
    value: Short


class ReportProof(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What shows that it is real: the bytes as `base64`, or where they lie as `uri`, one of the two."""

    name: Short = ""
    media_type: Short = ""
    base64: Base64 | None = None
    uri: Short | None = None
    sha256: Digest | None = None


class ReportFix(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fix: a `commit` of the target's repository, or the text of a `patch`, or both."""

    description: Text = ""
    commit: Commit | None = None
    patch: Text = ""


class ReportFinding(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One weakness; `id` is the finder's own."""

    title: Annotated[str, Meta(min_length=1, max_length=300)]
    description: Annotated[str, Meta(min_length=1, max_length=LIMITS.text)]
    target: ReportTarget
    id: Short = ""
    tool: Short = ""
    aliases: tuple[Short, ...] = ()
    weakness: tuple[Weakness, ...] = ()
    locations: tuple[ReportLocation, ...] = ()
    severity: tuple[ReportSeverity, ...] = ()
    proofs: tuple[ReportProof, ...] = ()
    references: tuple[Short, ...] = ()
    fixes: tuple[ReportFix, ...] = ()
    stack: Text = ""
    declared: Declarations = NO_DECLARATIONS


class Report(Struct, frozen=True, forbid_unknown_fields=True):
    """A report of one or several findings."""

    format: Literal["trialplate.report/1"]
    findings: Annotated[tuple[ReportFinding, ...], Meta(max_length=LIMITS.results)]


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    """A report whose findings are decoded one by one, so that a bad one spoils no other."""

    format: str
    findings: tuple[Raw, ...]


class _RepeatedError(TrialplateError):
    """A field stands twice in one object."""


_FINDINGS: Final = msgspec.json.Decoder(ReportFinding)


def parse_plain(data: bytes, *, limits: Limits = LIMITS, expired: Expired = never) -> Intake:
    """Return the findings and refusals of a report in the format `trialplate.report/1`.

    Args:
        data: the document, UTF-8, with or without a byte order mark.
        limits: what it may ask for, where that is less than the schema allows.
        expired: whether its time is over.

    Raises:
        IntakeError: where the document is refused as a whole.
    """
    data = screened(data, limits)
    _check_once(data)
    report = decoded(data, _Envelope)
    if report.format != FORMAT:
        raise IntakeError(Problem.FORMAT, f"The report is of the format {shown(report.format)!r}.", f"Write {FORMAT}.")

    def made(raw: Raw, index: int) -> Finding:
        return _finding(_FINDINGS.decode(raw), index, limits)

    return gathered(report.findings, made, limits=limits, expired=expired)


def _finding(given: ReportFinding, index: int, limits: Limits) -> Finding:
    short = limits.short
    title = clean(given.title).strip()
    if not title or not given.description.strip():
        raise ResultError(Why.EMPTY, "Its title or its description is blank.")
    declared = checked(given.declared, limits)
    target = _target(given.target, limits)
    return Finding(
        source=Source.PLAIN,
        index=index,
        id=bounded(given.id, short, "id"),
        title=title,
        description=bounded(given.description, limits.text, "description"),
        tool=bounded(given.tool, short, "tool"),
        aliases=short_texts(given.aliases, limits, "alias"),
        weakness=tuple(dict.fromkeys(few(given.weakness, limits, "weaknesses"))),
        locations=tuple(_location(each, limits) for each in few(given.locations, limits, "locations")),
        targets=(target,),
        severity=tuple(_severity(given, limits)),
        proofs=tuple(_proof(each, limits) for each in few(given.proofs, limits, "proofs")),
        references=tuple(_references(given.references, limits)),
        fixes=tuple(_fix(each, target.repository, limits) for each in few(given.fixes, limits, "fixes")),
        stack=bounded(given.stack, limits.text, "stack"),
        ai_tool=declaration(declared.ai_tool),
        ai_model=declaration(declared.ai_model),
        verifier=declaration(declared.verifier),
    )


def _target(given: ReportTarget, limits: Limits) -> Target:
    if not given.purl and not given.repository:
        raise ResultError(Why.EMPTY, "Its target has neither a `purl` nor a `repository`.")
    if given.purl and not _SCHEME.fullmatch(given.purl):
        raise ResultError(Why.MALFORMED, f"{shown(given.purl)!r} is no purl; write it as pkg:TYPE/NAME.")
    named = ((EventKind.INTRODUCED, given.introduced), (EventKind.FIXED, given.fixed))
    events = tuple(Event(kind, commit) for kind, commit in named if commit)
    if (events or given.seen_at) and not given.repository:
        raise ResultError(Why.MALFORMED, "Its target has commits and no `repository`.")
    if events and events[0].kind is not EventKind.INTRODUCED:
        # Where the start is not known, every commit up to the fix counts as affected, as in OSV records.
        events = (Event(EventKind.INTRODUCED, "0"), *events)
    repository = bounded(given.repository, limits.short, "repository")
    return Target(
        purl=bounded(given.purl, limits.short, "purl"),
        repository=repository,
        component=bounded(given.component, limits.short, "component"),
        seen_at=given.seen_at or "",
        ranges=(Range(kind=RangeKind.GIT, repository=repository, events=events),) if events else (),
    )


def _location(given: ReportLocation, limits: Limits) -> Location:
    return Location(
        file=normalized(bounded(given.file, limits.short, "file")),
        line=given.line or 0,
        function=bounded(given.function, limits.short, "function"),
    )


def _severity(given: ReportFinding, limits: Limits) -> Iterator[SeverityClaim]:
    for each in few(given.severity, limits, "severities"):
        yield SeverityClaim(
            bounded(each.scheme, limits.short, "severity"), bounded(each.value, limits.short, "severity")
        )


def _proof(given: ReportProof, limits: Limits) -> Proof:
    name = bounded(given.name, limits.short, "proof")
    if (given.base64 is None) == (given.uri is None):
        raise ResultError(Why.MALFORMED, "One of its proofs has not exactly one of `base64` and `uri`.")
    if given.base64 is None:
        uri = bounded(given.uri or "", limits.short, "proof")
        return ProofReference(name=name, uri=uri, sha256=given.sha256 or "")
    if given.sha256 is not None:
        raise ResultError(Why.MALFORMED, "One of its proofs has both its bytes and a digest; give one.")
    try:
        data = base64.b64decode(given.base64, validate=True)
    except ValueError:
        raise ResultError(Why.MALFORMED, "The `base64` of one of its proofs is none.") from None
    if len(data) > limits.proof:
        raise ResultError(Why.TOO_LONG, f"One of its proofs has {len(data)} bytes, at most {limits.proof}.")
    return InlineProof(name=name, media_type=bounded(given.media_type, limits.short, "type"), data=data)


def _references(urls: Sequence[str], limits: Limits) -> Iterator[Reference]:
    for url in few(urls, limits, "references"):
        yield Reference("", bounded(url, limits.short, "reference"))


def _fix(given: ReportFix, repository: str, limits: Limits) -> Fix:
    if given.commit is None and not given.patch.strip():
        raise ResultError(Why.EMPTY, "One of its fixes has neither a `commit` nor a `patch`.")
    return Fix(
        description=bounded(given.description, limits.text, "fix"),
        repository=repository if given.commit else "",
        commit=given.commit or "",
        patch=bounded(given.patch, limits.text, "patch"),
    )


def _check_once(data: bytes) -> None:
    """Refuse what is no JSON, or has a field twice in one object.

    Parsers differ in which of the two they keep, so that two readers of one report could see two different ones.
    """
    try:
        json.loads(data.decode(), object_pairs_hook=_once, parse_int=_unread, parse_float=_unread)
    except _RepeatedError as repeated:
        raise IntakeError(Problem.MALFORMED, f"The field {repeated.what!r} is given twice.", "Give it once.") from None
    except ValueError as error:
        raise IntakeError(Problem.MALFORMED, f"The report cannot be read: {shown(str(error))}.", "Send JSON.") from None


def _once(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _RepeatedError(shown(name))
        seen.add(name)


def _unread(digits: str) -> str:
    return digits
