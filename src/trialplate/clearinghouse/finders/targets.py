"""What a claim is about, in a form in which equal targets are equal, and whether two of them meet. Pure.

A question of doubt is answered with yes, since a claim is a courtesy and nothing is lost by asking first:

- Packages are compared by type, namespace and name, repositories by host and path. Qualifiers (an architecture, another
  registry) do not part packages. A purl of `github`, `bitbucket` or `git` is its repository, too.
- A component is a path: two meet where they are equal or one lies in the other; none stands for all.
- Numbers with dots are versions in their order, by number, missing parts 0. Anything else has no known order: two
  single ones meet where they are equal, a range of them meets all. A commit may be cut short to 7 digits or more.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from msgspec.structs import replace

from trialplate.errors import TrialplateError
from trialplate.formats.purl import Purl, PurlError, parse_purl
from trialplate.records.claim import ClaimTarget
from trialplate.records.finding import ReportedTarget

_SCHEMES: Final = frozenset({"https", "http", "ssh", "git"})
_PORTS: Final = frozenset({("https", 443), ("http", 80), ("ssh", 22), ("git", 9418)})
_NO_CASE: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org"})
"""Hosts on which the names of repositories are not case sensitive."""

_SHORT_SSH: Final = re.compile(r"[\w.-]+@([\w.-]+):(?!//)(.+)", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}")
_VERSION: Final = re.compile(r"[vV]?([0-9]{1,18}(?:\.[0-9]{1,18})*)")
_SHOWN: Final = 80


class TargetError(TrialplateError):
    """A target is named in a way in which it cannot be compared with others."""

    exit_code = 2


def normalized(target: ClaimTarget) -> ClaimTarget:
    """Return a target in normal form; the version of its purl becomes both bounds, the subpath its component.

    Raises:
        TargetError: where it names neither package nor repository, or one that cannot be read, or bounds that
            contradict each other.
    """
    if not target.purl and not target.repository:
        raise TargetError("The target names no package and no repository.", "Give a purl or the URL of a repository.")
    purl = _purl(target.purl) if target.purl else None
    version, subpath = (purl.version, purl.subpath) if purl else ("", "")
    if version and (target.first or target.last):
        raise TargetError("The target bounds its versions twice.", "Give them in the purl or apart, not both.")
    place = _place(purl) if purl else ""
    url = target.repository or (place and f"https://{place}")
    found = ClaimTarget(
        purl=str(purl.package) if purl else "",
        repository=repository(url) if url else "",
        component="/".join(_path(target.component or subpath)),
        first=_bound(version or target.first),
        last=_bound(version or target.last),
    )
    if _before(replace(found, first=""), replace(found, last="")):
        raise TargetError(f"{found.first} comes after {found.last}.", "Give the first version first.")
    return found


def repository(url: str) -> str:
    """Return the URL of a repository in normal form: `scheme://host/path`.

    The host is in lower case, and the path as well where the host knows no case; there is no user, password, query,
    fragment, usual port, `.git` or slash at the end. `git@host:path` is read as ssh.

    Raises:
        TargetError: for anything but a repository that is reached by https, http, ssh or git.
    """
    short = _SHORT_SSH.fullmatch(url)
    try:
        parts = urlsplit((f"ssh://{short[1]}/{short[2]}" if short else url).strip())
        scheme, host, port = parts.scheme.removeprefix("git+"), parts.hostname or "", parts.port
        names = [unquote(name, errors="strict") for name in parts.path.split("/") if name not in {"", "."}]
    except ValueError:
        raise _unreadable(url) from None
    path = "/".join(names)
    path = path.lower() if host in _NO_CASE else path
    # What is left of a name may end so again, or be none.
    while path.endswith((".git", "/")):
        path = path.removesuffix(".git").rstrip("/")
    bad = {"", ".", ".."}.intersection(path.split("/"))
    if scheme not in _SCHEMES or not _HOST.fullmatch(host) or not path.isprintable() or bad:
        raise _unreadable(url)
    if port is not None and (scheme, port) not in _PORTS:
        host = f"{host}:{port}"
    return f"{scheme}://{host}/{quote(path, safe='/~+')}"


def keys_of(target: ClaimTarget) -> tuple[str, ...]:
    """Return the texts by which targets that overlap meet: two that share none never overlap.

    What cannot be read as a package or a repository is a key as it stands.
    """
    purl, url = None, target.repository
    with suppress(PurlError):
        purl = parse_purl(target.purl)
    with suppress(TargetError):
        url = repository(url)
    found = [f"purl:{purl.package if purl else target.purl}"] if target.purl else []
    if url:
        # One repository is reached in several ways.
        found.append(f"repository:{url.partition('://')[2] or url}")
    if purl and (place := _place(purl)):
        found.append(f"repository:{place}")
    return tuple(dict.fromkeys(found))


def overlaps(one: ClaimTarget, other: ClaimTarget) -> bool:
    """Say whether two targets in normal form may have anything in common: the same both ways round."""
    return (
        not set(keys_of(one)).isdisjoint(keys_of(other))
        and _within(one.component, other.component)
        and _ranges_meet(one, other)
    )


def reported(target: ReportedTarget) -> ClaimTarget:
    """Return what a report is about as a target in normal form; what cannot be read stands as the finder wrote it."""
    said = ClaimTarget(purl=target.purl, repository=target.repository, component=target.component)
    for each in (replace(said, first=target.seen_at, last=target.seen_at), said):
        with suppress(TargetError):
            return normalized(each)
    return said


def _purl(text: str) -> Purl:
    try:
        return parse_purl(text)
    except PurlError as error:
        raise TargetError(error.what, error.fix) from None


def _unreadable(url: str) -> TargetError:
    # A URL may hold a password, so only its end is shown.
    shown = url.rpartition("@")[2][:_SHOWN]
    return TargetError(
        f"{shown!r} is no repository that can be compared.",
        "Write its URL as https://HOST/PATH; a name of other letters than a to z in its xn-- form.",
    )


def _place(purl: Purl) -> str:
    """Return host and path of the repository that a purl stands for, or nothing."""
    path = f"{purl.namespace}/{purl.name}"
    match purl.type:
        case "github":
            return f"github.com/{path}"
        case "bitbucket":
            return f"bitbucket.org/{path}"
        case "git":
            host, _, rest = path.partition("/")
            return f"{host.lower()}/{rest.lower() if host.lower() in _NO_CASE else rest}".removesuffix(".git")
        case _:
            return ""


def _path(component: str) -> list[str]:
    return [part for part in component.strip().replace("\\", "/").split("/") if part not in {"", "."}]


def _within(one: str, other: str) -> bool:
    """Say whether one component is the other or lies in it."""
    return all(a == b for a, b in zip(_path(one), _path(other), strict=False))


def _bound(text: str) -> str:
    """Return a bound as it compares: a commit is written in either case."""
    text = text.strip()
    return text.lower() if _COMMIT.fullmatch(text.lower()) else text


def _ranges_meet(one: ClaimTarget, other: ClaimTarget) -> bool:
    if all(each.first and each.first == each.last for each in (one, other)):
        return _may_equal(one, other)
    return not (_before(one, other) or _before(other, one))


def _may_equal(one: ClaimTarget, other: ClaimTarget) -> bool:
    """Say whether two single versions or commits may be one."""
    commits = [_is_commit(target, target.first) for target in (one, other)]
    if any(commits):
        # Which commit a version was made from is not known here.
        return not all(commits) or one.first.startswith(other.first) or other.first.startswith(one.first)
    low, high = _numbers(one, one.first), _numbers(other, other.first)
    return low == high if low and high else one.first == other.first


def _before(one: ClaimTarget, other: ClaimTarget) -> bool:
    """Say whether one is known to end before the other begins."""
    end, begin = _numbers(one, one.last), _numbers(other, other.first)
    return bool(end and begin) and end < begin


def _is_commit(target: ClaimTarget, bound: str) -> bool:
    return bool(target.repository and _COMMIT.fullmatch(bound))


def _numbers(target: ClaimTarget, bound: str) -> tuple[int, ...]:
    """Return a version of numbers with dots as it compares; empty for any other text, and for what may be a commit."""
    match = _VERSION.fullmatch(bound)
    if match is None or _is_commit(target, bound):
        return ()
    numbers = [int(part) for part in match[1].split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
