"""Paths in foreign documents as one form of text. No file system is asked, and nothing here is a path to open."""

from __future__ import annotations

import re
from typing import Final

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_ESCAPED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DRIVE: Final = re.compile(r"/?([A-Za-z]):(?=/|$)")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


def normalized(uri: str) -> str:
    r"""Return the one form of a path that was given as a URI reference, or as tools write paths.

    `file:` is dropped, escapes are decoded once, `\` becomes `/`, a drive's letter is a capital, and `.`, empty parts
    and what `..` takes back are gone. A `..` that leads out of a relative path stays at its start; the root has none. A
    URI of another scheme is returned as it is.
    """
    if _PLAIN.fullmatch(uri):
        return uri
    path = uri
    scheme = _SCHEME.match(uri)
    if scheme:
        if scheme[1].lower() != "file":
            return uri
        path = _without_host(uri[scheme.end() :])
    return _tidy(_ESCAPED.sub(_decoded, path).replace("\\", "/"))


def is_absolute(path: str) -> bool:
    """Say whether a normalized path or URI starts at a root, and so does not depend on a base."""
    return path.startswith("/") or _DRIVE.match(path) is not None or _SCHEME.match(path) is not None


def joined(base: str, path: str) -> str:
    """Return the normalized `path` below the normalized `base`; an absolute path is its own."""
    if not base or is_absolute(path):
        return path
    if "://" in base:
        return f"{base.rstrip('/')}/{path}"
    return _tidy(f"{base}/{path}")


def below(base: str, path: str) -> str | None:
    """Return `path` relative to the absolute `base`, both normalized, or None where it does not lie there."""
    folder = base.rstrip("/") + "/"
    return path[len(folder) :] if path.startswith(folder) else None


def _tidy(path: str) -> str:
    """Return a path without `.`, empty parts, and `..` that take something back."""
    root, path = _root(path)
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in {"", "."} and (part != ".." or not root):
            parts.append(part)
    return root + "/".join(parts)


def _without_host(rest: str) -> str:
    """Return the path of a file URI: a host other than the machine itself is kept as `//host`."""
    if not rest.startswith("//"):
        return rest
    host, slash, path = rest[2:].partition("/")
    if host.lower() in {"", "localhost"}:
        return slash + path
    return f"//{host}/{path}" if not _DRIVE.match(host) else f"{host}/{path}"


def _root(path: str) -> tuple[str, str]:
    drive = _DRIVE.match(path)
    if drive:
        return f"{drive[1].upper()}:/", path[drive.end() :]
    if path.startswith("//"):
        return "//", path
    return ("/", path) if path.startswith("/") else ("", path)


def _decoded(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")
