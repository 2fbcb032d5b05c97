"""OSV records, written from an advisory (OSV schema 1.8.0); `trialplate.formats.intake` reads those of others. Pure.

What the format cannot say in its own fields (a package of an ecosystem that it does not know) stands in the
`database_specific` of what it belongs to; docs/publication.md says which field comes from where.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from trialplate.formats.cvss import CvssError, Version, base_scores
from trialplate.formats.purl import Purl, PurlError, parse_purl
from trialplate.records.case import Advisory, Affected

SCHEMA_VERSION: Final = "1.8.0"

PREFIX: Final = "x_"
"""What the schema has before ids of databases that are not registered with it."""

_CARGO: Final = ".".join(("crates", "io"))  # noqa: FLY002 - it is a registry's host name too, and no file may have one
_ECOSYSTEMS: Final = {
    "bitnami": "Bitnami",
    "cargo": _CARGO,
    "composer": "Packagist",
    "conan": "ConanCenter",
    "cran": "CRAN",
    "gem": "RubyGems",
    "golang": "Go",
    "hackage": "Hackage",
    "hex": "Hex",
    "julia": "Julia",
    "maven": "Maven",
    "npm": "npm",
    "nuget": "NuGet",
    "opam": "opam",
    "pub": "Pub",
    "pypi": "PyPI",
    "swift": "SwiftURL",
}
"""For each type of package URL the ecosystem whose packages it names."""
_DISTRIBUTIONS: Final = {"debian": "Debian", "ubuntu": "Ubuntu"}
"""The same for namespaces of the type `deb`."""
_SEMANTIC: Final = frozenset({_CARGO, "Go", "Hex", "Julia", "npm", "Pub", "SwiftURL"})
"""Ecosystems whose versions are semantic ones."""
_SEMVER: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?|0")

_SEVERITIES: Final = {
    Version.V2_0: "CVSS_V2",
    Version.V3_0: "CVSS_V3",
    Version.V3_1: "CVSS_V3",
    Version.V4_0: "CVSS_V4",
}
_ORDER_4: Final = {
    metric: at
    for at, metric in enumerate(
        """CVSS AV AC AT PR UI VC VI VA SC SI SA E CR IR AR MAV MAC MAT MPR MUI MVC MVI MVA MSC MSI MSA S AU R V RE
        U""".split()
    )
}
"""The order of a vector of CVSS 4.0, in which alone the schema takes it (CVSS 4.0, table 23)."""


class _Event(Struct, frozen=True, omit_defaults=True):
    introduced: str = ""
    fixed: str = ""


class _Range(Struct, frozen=True, omit_defaults=True):
    type: str
    events: tuple[_Event, ...]
    repo: str = ""


class _Package(Struct, frozen=True):
    ecosystem: str
    name: str
    purl: str


class _Unsaid(Struct, frozen=True, omit_defaults=True):
    """What an entry says of a package outside of all ecosystems that the format knows."""

    name: str
    purl: str = ""
    repository: str = ""
    introduced: str = ""
    fixed: str = ""


class _Affected(Struct, frozen=True, omit_defaults=True):
    package: _Package | None = None
    ranges: tuple[_Range, ...] = ()
    versions: tuple[str, ...] = ()
    database_specific: _Unsaid | None = None


class _Severity(Struct, frozen=True):
    type: str
    score: str


class _Reference(Struct, frozen=True):
    type: str
    url: str


class _Credit(Struct, frozen=True):
    name: str
    type: str


class _Database(Struct, frozen=True):
    cwe_ids: tuple[str, ...]


class _Record(Struct, frozen=True, omit_defaults=True):
    schema_version: str
    id: str
    modified: str
    published: str
    summary: str
    details: str
    affected: tuple[_Affected, ...]
    aliases: tuple[str, ...] = ()
    severity: tuple[_Severity, ...] = ()
    references: tuple[_Reference, ...] = ()
    credits: tuple[_Credit, ...] = ()
    database_specific: _Database | None = None


def osv_id(advisory_id: str) -> str:
    """Return the id under which an advisory is published in OSV."""
    return f"{PREFIX}{advisory_id}"


def write_osv(advisory: Advisory) -> bytes:
    """Return the OSV record of an advisory: JSON in UTF-8, indented, with a newline at its end."""
    record = _Record(
        schema_version=SCHEMA_VERSION,
        id=osv_id(advisory.id),
        modified=advisory.revisions[-1].at,
        published=advisory.published_at,
        summary=advisory.title,
        details="\n\n".join(filter(None, (advisory.summary, advisory.details, advisory.remedy))),
        affected=tuple(map(_affected, advisory.affected)),
        aliases=tuple(dict.fromkeys(advisory.aliases)),
        severity=tuple(_severity(advisory.vector)),
        references=tuple(_references(advisory)),
        credits=tuple(_Credit(each.name, each.role.upper().replace(" ", "_")) for each in advisory.credits),
        database_specific=_Database(advisory.weakness) if advisory.weakness else None,
    )
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def _affected(given: Affected) -> _Affected:
    package = _package(given.purl)
    ranges = tuple(_ranges(given, package))
    if package is None:
        introduced = "" if given.introduced == "0" else given.introduced
        unsaid = _Unsaid(given.name, given.purl, given.repository, introduced, given.fixed)
        return _Affected(ranges=ranges, versions=given.versions, database_specific=unsaid)
    return _Affected(package=package, ranges=ranges, versions=given.versions)


def _ranges(given: Affected, package: _Package | None) -> Iterator[_Range]:
    if package is not None:
        semantic = package.ecosystem in _SEMANTIC
        introduced, fixed = (each.removeprefix("v") if semantic else each for each in (given.introduced, given.fixed))
        semantic = semantic and all(_SEMVER.fullmatch(each) for each in (introduced, fixed) if each)
        yield _Range("SEMVER" if semantic else "ECOSYSTEM", tuple(_events(introduced, fixed)))
    if given.repository and (given.first_commit or given.fix_commit):
        yield _Range("GIT", tuple(_events(given.first_commit or "0", given.fix_commit)), given.repository)


def _events(introduced: str, fixed: str) -> Iterator[_Event]:
    yield _Event(introduced=introduced)
    if fixed:
        yield _Event(fixed=fixed)


def _package(text: str) -> _Package | None:
    """Return the package that a package URL names, or None where no ecosystem of the format has it."""
    try:
        purl = parse_purl(text).package
    except PurlError:
        return None
    ecosystem = _DISTRIBUTIONS.get(purl.namespace) if purl.type == "deb" else _ECOSYSTEMS.get(purl.type)
    return _Package(ecosystem, _name(purl), str(purl)) if ecosystem else None


def _name(purl: Purl) -> str:
    """Return a package's name as its ecosystem writes it."""
    if purl.type == "deb" or not purl.namespace:
        return purl.name
    return f"{purl.namespace}{':' if purl.type == 'maven' else '/'}{purl.name}"


def _severity(vector: str) -> Iterable[_Severity]:
    """Return the severity of a vector; a text that is none has none."""
    try:
        version = base_scores(vector).version
    except CvssError:
        return ()
    if version is Version.V4_0:
        vector = "/".join(sorted(vector.split("/"), key=lambda field: _ORDER_4[field.partition(":")[0]]))
    return (_Severity(_SEVERITIES[version], vector),)


def _references(advisory: Advisory) -> Iterator[_Reference]:
    for repository in dict.fromkeys(each.repository for each in advisory.affected if each.repository):
        yield _Reference("PACKAGE", repository)
    for url in advisory.references:
        yield _Reference("WEB", url)
