"""Package URLs (purl), which name a package of any ecosystem in one text, as `pkg:pypi/django@1.11.1`.

Read and written by the purl specification with its definitions of types; docs/claims.md says what claims make of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, unquote

from msgspec import Struct
from msgspec.structs import replace

from trialplate.errors import TrialplateError

NO_NAMESPACE: Final = frozenset(
    """bazel bitnami cargo chrome-extension cocoapods conda cran gem hackage julia mlflow nuget oci opam otp pub pypi
    vcpkg""".split()
)
"""Types whose packages have no namespace."""
NEEDS_NAMESPACE: Final = frozenset(
    "alpm apk bitbucket composer deb git github golang huggingface maven qpkg rpm swift vscode-extension".split()
)
"""Types whose packages have one."""
LOWER_NAMESPACE: Final = frozenset(
    "alpm apk bitbucket brew composer deb github hex luarocks qpkg rpm vscode-extension yocto".split()
)
"""Types whose namespaces are not case sensitive."""
LOWER_NAME: Final = frozenset(
    """alpm apk bitbucket bitnami brew chrome-extension composer deb github hex luarocks oci otp pub pypi
    vscode-extension""".split()
)
"""Types whose names are not case sensitive."""
LOWER_VERSION: Final = frozenset("huggingface oci pypi vscode-extension".split())
"""Types whose versions are not case sensitive."""

_TYPE: Final = re.compile(r"[a-z][a-z0-9.-]*")
_KEY: Final = re.compile(r"[a-z][a-z0-9._-]*")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NAME: Final = MappingProxyType(
    {"chrome-extension": re.compile(r"[a-p]{32}"), "cpan": re.compile(r"(?:(?!::).)+", re.DOTALL)}
)
_VERSION: Final = MappingProxyType({"chrome-extension": re.compile(r"(?:\d+(?:\.\d+){0,3})?", re.ASCII)})
_NEEDED_QUALIFIER: Final = MappingProxyType({"julia": "uuid", "swid": "tag_id"})
_SHOWN: Final = 80


class PurlError(TrialplateError):
    """A text is no package URL."""


class Purl(Struct, frozen=True, kw_only=True):
    """A package URL in normal form, its parts decoded; what is empty was not given. `str` writes it canonically.

    `namespace` and `subpath` are segments joined by `/`; `qualifiers` are pairs of key and value, sorted by key.
    """

    type: str
    namespace: str = ""
    name: str
    version: str = ""
    qualifiers: tuple[tuple[str, str], ...] = ()
    subpath: str = ""

    @property
    def package(self) -> Purl:
        """The package alone: without version, qualifiers and subpath."""
        return replace(self, version="", qualifiers=(), subpath="")

    def __str__(self) -> str:
        path = "/".join(_escaped(part) for part in (*self.namespace.split("/"), self.name) if part)
        version = f"@{_escaped(self.version)}" if self.version else ""
        query = "&".join(f"{key}={_escaped(value)}" for key, value in self.qualifiers)
        subpath = "/".join(map(_escaped, self.subpath.split("/")))
        return f"pkg:{self.type}/{path}{version}{query and f'?{query}'}{subpath and f'#{subpath}'}"


def parse_purl(text: str) -> Purl:
    """Return the package URL in `text`, in normal form.

    Raises:
        PurlError: for a text that is none, or that breaks the definition of its type.
    """
    if _BAD_ESCAPE.search(text):
        raise _wrong(text, "has a percent sign that escapes nothing")
    rest, _, subpath = text.partition("#")
    rest, _, query = rest.partition("?")
    scheme, _, rest = rest.partition(":")
    kind, _, path = rest.lstrip("/").partition("/")
    if scheme.lower() != "pkg" or not _TYPE.fullmatch(kind.lower()):
        raise _wrong(text, "does not start with `pkg:` and a type")
    namespace, _, last = path.rstrip("/").rpartition("/")
    # An at sign in a name may be written as it is, so the last one of the last segment begins the version.
    name, at, version = last.rpartition("@")
    try:
        found = Purl(
            type=kind.lower(),
            namespace="/".join(_segments(namespace)),
            name=_decoded(name if at else last),
            version=_decoded(version) if at else "",
            qualifiers=_qualifiers(text, query),
            subpath="/".join(part for part in _segments(subpath) if part not in {".", ".."}),
        )
    except UnicodeError:
        raise _wrong(text, "is no UTF-8") from None
    return _checked(text, _normal(found))


def _normal(purl: Purl) -> Purl:
    """Return the form in which equal packages are equal, by the definition of the type."""
    kind, namespace, name, version = purl.type, purl.namespace, purl.name, purl.version
    hosts = dict(purl.qualifiers).get("repository_url", "")
    if kind in LOWER_NAME or (kind == "mlflow" and "azuredatabricks" in hosts):
        name = name.lower()
    if kind == "pypi":
        name = name.replace("_", "-")
    if kind == "pub":
        name = re.sub(r"[^a-z0-9_]", "_", name)
    return replace(
        purl,
        namespace=namespace.lower() if kind in LOWER_NAMESPACE else namespace,
        name=name,
        version=version.lower() if kind in LOWER_VERSION else version,
    )


def _checked(text: str, purl: Purl) -> Purl:
    kind = purl.type
    if not purl.name:
        raise _wrong(text, "names no package")
    if kind in NO_NAMESPACE and purl.namespace:
        raise _wrong(text, f"has a namespace, and {kind} knows none")
    if kind in NEEDS_NAMESPACE and not purl.namespace:
        raise _wrong(text, f"has no namespace, and {kind} needs one")
    needed = _NEEDED_QUALIFIER.get(kind)
    if needed and needed not in dict(purl.qualifiers):
        raise _wrong(text, f"has no `{needed}`, and {kind} needs one")
    for part, shapes in ((purl.name, _NAME), (purl.version, _VERSION)):
        if kind in shapes and not shapes[kind].fullmatch(part):
            raise _wrong(text, f"has {part[:_SHOWN]!r}, and {kind} has no such thing")
    return purl


def _qualifiers(text: str, query: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        key = key.lower()
        if not _KEY.fullmatch(key) or key in found:
            raise _wrong(text, "has a qualifier without a proper key, or one twice")
        found[key] = _decoded(value)
    return tuple(sorted((key, value) for key, value in found.items() if value))


def _segments(path: str) -> Iterable[str]:
    # A segment holds no slash: an escaped one parts segments too, or what is written would be read as another URL.
    return (part for part in _decoded(path).split("/") if part)


def _decoded(text: str) -> str:
    # Encoding refuses a lone surrogate, which could not be written again.
    return unquote(text, errors="strict").encode().decode()


def _escaped(text: str) -> str:
    return quote(text, safe=":")


def _wrong(text: str, why: str) -> PurlError:
    return PurlError(f"{text[:_SHOWN]!r} is no package URL: it {why}.", "Write it as pkg:TYPE/NAMESPACE/NAME@VERSION.")
