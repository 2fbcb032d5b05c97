"""OSV records as drafts of findings (OSV schema 1.x): one record, or a JSON list of some.

What the schema asks for is checked, but for two lists that are open by nature: the prefixes of ids, since a draft has
none of a database yet, and the names of ecosystems and kinds of reference and severity, which every release adds to.
A record that was withdrawn is refused. Fields that are not known here are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from trialplate.formats.intake.declared import NOTHING, declaration, declared_in
from trialplate.formats.intake.finding import (
    Event,
    EventKind,
    Finding,
    Fix,
    Intake,
    Location,
    Range,
    RangeKind,
    Reference,
    SeverityClaim,
    Source,
    Target,
    Why,
)
from trialplate.formats.intake.screen import (
    LIMITS,
    Expired,
    Limits,
    ResultError,
    bounded,
    decoded,
    few,
    gathered,
    headline,
    never,
    screened,
    short_texts,
    shown,
)

_T = TypeVar("_T")

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z")
_COMMIT: Final = re.compile(r"0|[a-f0-9]{40}|[a-f0-9]{64}")
_CWE: Final = re.compile(r"CWE-0*([1-9][0-9]{0,5})", re.IGNORECASE)
_CRASH_STATE: Final = "Crash state:\n"
"""Where records of OSS-Fuzz have the top frames of a crash, up to the end of the block or of the text."""


class _Severity(Struct, frozen=True):
    type: str
    score: str


class _Event(Struct, frozen=True, omit_defaults=True):
    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


class _Range(Struct, frozen=True):
    type: RangeKind
    events: tuple[_Event, ...]
    repo: str = ""


class _Package(Struct, frozen=True):
    ecosystem: str
    name: str
    purl: str = ""


class _Import(Struct, frozen=True):
    path: str = ""
    symbols: tuple[str, ...] = ()


class _Ecosystem(Struct, frozen=True):
    imports: tuple[_Import, ...] = ()
    severity: str | None = None


class _Affected(Struct, frozen=True):
    package: _Package | None = None
    ranges: tuple[_Range, ...] = ()
    versions: tuple[str, ...] = ()
    severity: tuple[_Severity, ...] | None = None
    ecosystem_specific: Raw = NOTHING


class _Reference(Struct, frozen=True):
    type: str
    url: str


class _Credit(Struct, frozen=True):
    name: str
    type: str = ""


class _Weakness(Struct, frozen=True, rename="camel"):
    cwe_id: str = ""


class _Database(Struct, frozen=True):
    cwe_ids: tuple[str, ...] | None = None
    cwes: tuple[_Weakness, ...] | None = None
    severity: str | None = None
    trialplate: Raw = NOTHING


class _Record(Struct, frozen=True):
    id: str
    modified: str
    published: str | None = None
    withdrawn: str | None = None
    aliases: tuple[str, ...] | None = None
    summary: str = ""
    details: str = ""
    severity: tuple[_Severity, ...] | None = None
    affected: tuple[_Affected, ...] | None = None
    references: tuple[_Reference, ...] | None = None
    credits: tuple[_Credit, ...] = ()
    database_specific: Raw = NOTHING


_RECORDS: Final = msgspec.json.Decoder(_Record)


def parse_osv(data: bytes, *, limits: Limits = LIMITS, expired: Expired = never) -> Intake:
    """Return the findings and refusals of an OSV record, or of a JSON list of records.

    Args:
        data: the document, UTF-8, with or without a byte order mark.
        limits: what it may ask for.
        expired: whether its time is over.

    Raises:
        IntakeError: where the document is refused as a whole.
    """
    data = screened(data, limits)
    many = data.lstrip(b" \t\r\n").startswith(b"[")
    raws = decoded(data, tuple[Raw, ...]) if many else (decoded(data, Raw),)

    def made(raw: Raw, index: int) -> Finding:
        return _finding(_RECORDS.decode(raw), index, limits)

    return gathered(raws, made, limits=limits, expired=expired)


def _finding(record: _Record, index: int, limits: Limits) -> Finding:
    _check(record)
    description = bounded(record.details, limits.text, "details")
    title = headline(record.summary or record.details)
    if not title:
        raise ResultError(Why.EMPTY, "It has neither a summary nor details.")
    affected = few(record.affected or (), limits, "affected packages")
    specific = tuple(_read(each.ecosystem_specific, _Ecosystem()) for each in affected)
    database = _read(record.database_specific, _Database())
    declared = declared_in(database.trialplate, limits)
    targets = tuple(target for each in affected for target in _targets(each, limits))
    return Finding(
        source=Source.OSV,
        index=index,
        id=bounded(record.id, limits.short, "id"),
        title=title,
        description=description,
        tool=bounded(next((each.name for each in record.credits if each.type == "TOOL"), ""), limits.short, "tool"),
        aliases=short_texts(record.aliases or (), limits, "alias"),
        weakness=_weakness(database, limits),
        locations=tuple(few(tuple(_locations(specific, limits)), limits, "functions")),
        targets=targets,
        severity=tuple(_severity(record, affected, specific, database, limits)),
        references=tuple(_references(record, limits)),
        fixes=tuple(_fixes(targets)),
        stack=_stack(description),
        ai_tool=declaration(declared.ai_tool),
        ai_model=declaration(declared.ai_model),
        verifier=declaration(declared.verifier),
    )


def _check(record: _Record) -> None:
    if not record.id.strip():
        raise ResultError(Why.MALFORMED, "Its id is empty.")
    for name, moment in (
        ("modified", record.modified),
        ("published", record.published),
        ("withdrawn", record.withdrawn),
    ):
        if moment is not None and not _TIME.fullmatch(moment):
            raise ResultError(Why.MALFORMED, f"`{name}` is {shown(moment)!r}; write it as 2026-12-07T00:00:00Z.")
    if record.severity is not None and any(each.severity is not None for each in record.affected or ()):
        raise ResultError(Why.MALFORMED, "It has severities of its own and of packages; the schema wants one place.")
    if record.withdrawn is not None:
        raise ResultError(Why.WITHDRAWN, f"It was withdrawn at {shown(record.withdrawn)}.")


def _targets(affected: _Affected, limits: Limits) -> Iterator[Target]:
    package = affected.package or _Package("", "")
    ranges = tuple(_range(each, limits) for each in few(affected.ranges, limits, "ranges"))
    if affected.package is None and not ranges and not affected.versions:
        return
    yield Target(
        purl=bounded(package.purl, limits.short, "purl"),
        ecosystem=bounded(package.ecosystem, limits.short, "ecosystem"),
        name=bounded(package.name, limits.short, "package"),
        repository=next((each.repository for each in ranges if each.repository), ""),
        ranges=ranges,
        versions=short_texts(affected.versions, limits, "version"),
    )


def _range(given: _Range, limits: Limits) -> Range:
    events = tuple(_event(each, given.type, limits) for each in few(given.events, limits, "events"))
    kinds = {event.kind for event in events}
    if EventKind.INTRODUCED not in kinds:
        raise ResultError(Why.MALFORMED, "One of its ranges says nowhere `introduced`.")
    if {EventKind.FIXED, EventKind.LAST_AFFECTED} <= kinds:
        raise ResultError(Why.MALFORMED, "One of its ranges says both `fixed` and `last_affected`.")
    if given.type is RangeKind.GIT and not given.repo:
        raise ResultError(Why.MALFORMED, "One of its GIT ranges names no `repo`.")
    return Range(kind=given.type, repository=bounded(given.repo, limits.short, "repository"), events=events)


def _event(given: _Event, kind: RangeKind, limits: Limits) -> Event:
    named = (
        (EventKind.INTRODUCED, given.introduced),
        (EventKind.FIXED, given.fixed),
        (EventKind.LAST_AFFECTED, given.last_affected),
        (EventKind.LIMIT, given.limit),
    )
    events = [Event(name, version) for name, version in named if version is not None]
    if len(events) != 1:
        raise ResultError(Why.MALFORMED, f"An event of its ranges says {len(events)} things; each says one.")
    event = events[0]
    if kind is RangeKind.GIT and not _COMMIT.fullmatch(event.version):
        raise ResultError(
            Why.MALFORMED, f"{shown(event.version)!r} in a GIT range is no full commit id of 40 or 64 digits."
        )
    return Event(event.kind, bounded(event.version, limits.short, "version"))


def _weakness(database: _Database, limits: Limits) -> tuple[str, ...]:
    given = (*(database.cwe_ids or ()), *(each.cwe_id for each in database.cwes or ()))
    found = (_CWE.fullmatch(each) for each in few(given, limits, "weaknesses"))
    return tuple(dict.fromkeys(f"CWE-{each[1]}" for each in found if each))


def _locations(specific: Iterable[_Ecosystem], limits: Limits) -> Iterator[Location]:
    """Yield the functions that Go's records name below the packages that hold them."""
    for package in (package for each in specific for package in each.imports):
        for symbol in package.symbols:
            name = f"{package.path}.{symbol}" if package.path else symbol
            yield Location(function=bounded(name, limits.short, "function"))


def _severity(
    record: _Record, affected: Iterable[_Affected], specific: Iterable[_Ecosystem], database: _Database, limits: Limits
) -> Iterator[SeverityClaim]:
    vectors = (*(record.severity or ()), *(given for each in affected for given in each.severity or ()))
    words = (("database_specific", database.severity), *(("ecosystem_specific", each.severity) for each in specific))
    claims = (*((each.type, each.score) for each in vectors), *((name, word) for name, word in words if word))
    for scheme, value in few(tuple(dict.fromkeys(claims)), limits, "severities"):
        yield SeverityClaim(bounded(scheme, limits.short, "severity"), bounded(value, limits.short, "severity"))


def _references(record: _Record, limits: Limits) -> Iterator[Reference]:
    for each in few(record.references or (), limits, "references"):
        yield Reference(bounded(each.type, limits.short, "reference"), bounded(each.url, limits.short, "reference"))


def _fixes(targets: Iterable[Target]) -> Iterator[Fix]:
    for given in (given for target in targets for given in target.ranges if given.kind is RangeKind.GIT):
        for event in given.events:
            if event.kind is EventKind.FIXED:
                yield Fix(repository=given.repository, commit=event.version)


def _stack(details: str) -> str:
    _, found, rest = details.partition(_CRASH_STATE)
    return rest.partition("```")[0].strip() if found else ""


def _read(raw: Raw, default: _T) -> _T:
    """Return what a database keeps for itself; a database may write anything there, and what is odd is passed over."""
    if raw is NOTHING:
        return default
    try:
        return msgspec.json.decode(raw, type=type(default))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return default
