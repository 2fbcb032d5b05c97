"""CSAF 2.0 documents of the profile security advisory, written from an advisory; see docs/publication.md for why so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from trialplate.formats.csaf.products import purl_fault
from trialplate.formats.csaf.reading import VERSION
from trialplate.formats.csaf.weaknesses import weakness_names
from trialplate.formats.cvss import CvssError, Scores, Version, base_scores
from trialplate.formats.feeds import CVE
from trialplate.formats.purl import Purl, PurlError, parse_purl
from trialplate.records.case import Advisory, Affected, Credit

_PROFILE: Final = "csaf_security_advisory"
_TLP_URL: Final = "https://www.first.org/tlp/"
_DATABASE: Final = "Trialplate"
_CVE: Final = re.compile(CVE)
_NOT_IN_NAMES: Final = re.compile(r"[^+\-a-z0-9]+")
_NEEDS_VERSION: Final = frozenset({"cran", "swift"})
"""Types whose package URLs validators take with a version only, so that a range of versions has none."""
_GENERIC: Final = "generic"
"""The scheme of version ranges for what no package URL names."""


class _Publisher(Struct, frozen=True, omit_defaults=True):
    category: str
    name: str
    namespace: str
    contact_details: str = ""


class _Tlp(Struct, frozen=True):
    label: str
    url: str


class _Distribution(Struct, frozen=True):
    tlp: _Tlp


class _Revision(Struct, frozen=True):
    date: str
    number: str
    summary: str


class _Tracking(Struct, frozen=True):
    id: str
    initial_release_date: str
    current_release_date: str
    revision_history: tuple[_Revision, ...]
    status: str
    version: str


class _Reference(Struct, frozen=True):
    category: str
    summary: str
    url: str


class _Acknowledgment(Struct, frozen=True):
    names: tuple[str, ...]
    summary: str


class _Head(Struct, frozen=True, omit_defaults=True):
    category: str
    csaf_version: str
    distribution: _Distribution
    lang: str
    publisher: _Publisher
    title: str
    tracking: _Tracking
    acknowledgments: tuple[_Acknowledgment, ...] = ()
    references: tuple[_Reference, ...] = ()


class _Helper(Struct, frozen=True):
    purl: str


class _Product(Struct, frozen=True, omit_defaults=True):
    product_id: str
    name: str
    product_identification_helper: _Helper | None = None


class _Branch(Struct, frozen=True, omit_defaults=True):
    category: str
    name: str
    branches: tuple[_Branch, ...] = ()
    product: _Product | None = None


class _Tree(Struct, frozen=True):
    branches: tuple[_Branch, ...]


class _Note(Struct, frozen=True, omit_defaults=True):
    category: str
    text: str
    title: str = ""


class _Weakness(Struct, frozen=True):
    id: str
    name: str


class _Id(Struct, frozen=True):
    system_name: str
    text: str


class _Statuses(Struct, frozen=True, omit_defaults=True):
    known_affected: tuple[str, ...]
    first_fixed: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


class _Remediation(Struct, frozen=True):
    category: str
    details: str
    product_ids: tuple[str, ...]


class _Cvss(Struct, frozen=True, omit_defaults=True, rename="camel"):
    version: str
    vector_string: str
    base_score: float
    base_severity: str = ""


class _Score(Struct, frozen=True, omit_defaults=True):
    products: tuple[str, ...]
    cvss_v2: _Cvss | None = None
    cvss_v3: _Cvss | None = None


class _Vulnerability(Struct, frozen=True, omit_defaults=True):
    ids: tuple[_Id, ...]
    notes: tuple[_Note, ...]
    product_status: _Statuses
    release_date: str
    remediations: tuple[_Remediation, ...]
    title: str
    cve: str = ""
    cwe: _Weakness | None = None
    scores: tuple[_Score, ...] = ()


class _Document(Struct, frozen=True):
    document: _Head
    product_tree: _Tree
    vulnerabilities: tuple[_Vulnerability]


@dataclass(frozen=True)
class _Listed:
    """An entry of what is affected as a branch, with the ids of its products by status."""

    branch: _Branch
    affected: tuple[str, ...]
    fixed: tuple[str, ...]


def write_csaf(advisory: Advisory) -> bytes:
    """Return the CSAF 2.0 document of an advisory: JSON in UTF-8, indented, with a newline at its end."""
    listed = tuple(_listed(at, each) for at, each in enumerate(advisory.affected, start=1))
    document = _Document(
        document=_head(advisory),
        product_tree=_Tree(tuple(each.branch for each in listed)),
        vulnerabilities=(_vulnerability(advisory, listed),),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def file_name(advisory_id: str) -> str:
    """Return the name of the file that a document is published in (section 5.1 of the standard)."""
    return f"{_NOT_IN_NAMES.sub('_', advisory_id.lower())}.json"


def _head(advisory: Advisory) -> _Head:
    return _Head(
        category=_PROFILE,
        csaf_version=VERSION,
        distribution=_Distribution(_Tlp("WHITE", _TLP_URL)),
        lang="en",
        publisher=_Publisher("coordinator", advisory.publisher, advisory.namespace, advisory.contact),
        title=advisory.title,
        tracking=_Tracking(
            id=advisory.id,
            initial_release_date=advisory.published_at,
            current_release_date=advisory.revisions[-1].at,
            revision_history=tuple(_Revision(each.at, str(each.number), each.summary) for each in advisory.revisions),
            status="final",
            version=str(advisory.revisions[-1].number),
        ),
        acknowledgments=tuple(_acknowledgments(advisory.credits)),
        references=tuple(_Reference("external", url.split("/")[2], url) for url in advisory.references),
    )


def _acknowledgments(credited: Iterable[Credit]) -> Iterator[_Acknowledgment]:
    by_role: dict[str, list[str]] = {}
    for each in credited:
        by_role.setdefault(each.role, []).append(each.name)
    for role, names in by_role.items():
        yield _Acknowledgment(tuple(dict.fromkeys(names)), role)


def _vulnerability(advisory: Advisory, listed: Sequence[_Listed]) -> _Vulnerability:
    affected = tuple(product for each in listed for product in each.affected)
    fixed = tuple(product for each in listed for product in each.fixed)
    cve = next(filter(_CVE.fullmatch, advisory.aliases), "")
    others = (alias for alias in dict.fromkeys(advisory.aliases) if alias != cve)
    rated = _rated(advisory.vector)
    return _Vulnerability(
        ids=(_Id(_DATABASE, advisory.id), *(_Id(alias.partition("-")[0], alias) for alias in others)),
        notes=tuple(_notes(advisory, rated)),
        product_status=_Statuses(affected, first_fixed=fixed, fixed=fixed),
        release_date=advisory.published_at,
        remediations=tuple(_remediations(advisory.remedy, listed)),
        title=advisory.title,
        cve=cve,
        cwe=next(_weaknesses(advisory.weakness), None),
        scores=tuple(_scores(rated, affected)),
    )


def _notes(advisory: Advisory, rated: Scores | None) -> Iterator[_Note]:
    yield _Note("summary", advisory.summary)
    if advisory.details:
        yield _Note("details", advisory.details)
    if rated and rated.version is Version.V4_0:
        base = rated.base
        yield _Note("other", f"{rated.vector} (base {base.value}, {base.severity})", "CVSS 4.0")
    if len(advisory.weakness) > 1:
        yield _Note("other", ", ".join(advisory.weakness), "Weaknesses")


def _weaknesses(ids: Iterable[str]) -> Iterator[_Weakness]:
    """Yield the weaknesses whose names are known: the standard asks for both."""
    for each in ids:
        if names := weakness_names(each):
            yield _Weakness(each, names[0])


def _remediations(remedy: str, listed: Sequence[_Listed]) -> Iterator[_Remediation]:
    for category, fixable in (("vendor_fix", True), ("none_available", False)):
        products = tuple(product for each in listed if bool(each.fixed) is fixable for product in each.affected)
        if products:
            yield _Remediation(category, remedy, products)


def _rated(vector: str) -> Scores | None:
    try:
        return base_scores(vector)
    except CvssError:
        return None


def _scores(rated: Scores | None, products: tuple[str, ...]) -> Iterator[_Score]:
    """Yield the score of a vector of version 2 or 3; CSAF 2.0 has no place for one of version 4."""
    if rated is None or rated.version is Version.V4_0:
        return
    cvss = _Cvss(rated.version, rated.vector, float(rated.base.value))
    if rated.version is Version.V2_0:
        yield _Score(products, cvss_v2=cvss)
    else:
        yield _Score(products, cvss_v3=replace(cvss, base_severity=rated.base.severity.name))


def _listed(number: int, given: Affected) -> _Listed:
    purl = _purl(given.purl)
    ranged = given.fixed or given.introduced != "0"
    by_commit = not ranged and bool(given.repository and (given.first_commit or given.fix_commit))
    start, end = (given.first_commit, given.fix_commit) if by_commit else (given.introduced, given.fixed)
    prefix = f"CSAFPID-{number:04}"
    span = _span(start, end)
    scheme = purl.type if purl else _GENERIC
    name = span if by_commit else f"vers:{scheme}/{span}"
    affected = [_leaf("product_version_range", name, f"{prefix}-0000", f"{given.name} {name}", _ranged(purl))]
    for at, version in enumerate(dict.fromkeys(given.versions), start=1):
        helper = purl and replace(purl, version=version)
        affected.append(_leaf("product_version", version, f"{prefix}-{at:04}", f"{given.name} {version}", helper))
    fixed = [_fixed(given.name, end, f"{prefix}-FIXED", None if by_commit else purl)] if end else []
    return _Listed(
        branch=_Branch("product_name", given.name, branches=(*affected, *fixed)),
        affected=tuple(_ids(affected)),
        fixed=tuple(_ids(fixed)),
    )


def _fixed(name: str, version: str, product_id: str, purl: Purl | None) -> _Branch:
    helper = purl and replace(purl, version=version)
    return _leaf("product_version", version, product_id, f"{name} {version}", helper)


def _leaf(category: str, name: str, product_id: str, full_name: str, purl: Purl | None) -> _Branch:
    helper = _Helper(str(purl)) if purl else None
    return _Branch(category, name, product=_Product(product_id, full_name, helper))


def _ids(leaves: Iterable[_Branch]) -> Iterator[str]:
    return (leaf.product.product_id for leaf in leaves if leaf.product)


def _span(start: str, end: str) -> str:
    """Return the constraints of a range of versions or commits: from `start`, before `end`, as `vers` writes them."""
    bounds = (f">={quote(start, safe='')}" if start not in {"", "0"} else "", f"<{quote(end, safe='')}" if end else "")
    return "|".join(filter(None, bounds)) or "*"


def _purl(text: str) -> Purl | None:
    """Return a package URL without its version, or None for a text that is none by either of two readings."""
    try:
        purl = replace(parse_purl(text), version="")
    except PurlError:
        return None
    # For `conan`, the specification has a namespace and a channel stand together.
    odd = purl.type == "conan" and bool(purl.namespace) != ("channel" in dict(purl.qualifiers))
    return None if odd or purl_fault(str(purl)) else purl


def _ranged(purl: Purl | None) -> Purl | None:
    return None if purl is None or purl.type in _NEEDS_VERSION else purl
