"""From the bytes of a document to its JSON value, inside limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import msgspec
from msgspec import Struct

from trialplate.formats.csaf.model import Problem, shown
from trialplate.records.words import said

MOST_BYTES: Final = 16 << 20
"""Bytes of a document: the standard (annex C.1) advises at most 15 MB."""

MOST_VALUES: Final = 1 << 20
"""Commas and brackets in a document, those in its texts too: a bound of its values that costs little to see."""

DEEPEST: Final = 128
"""Lists and objects inside one another."""

VERSION: Final = "2.0"

_MOST_VERSION: Final = 16
_SEPARATORS: Final = b",[]{}"
_TOO_DEEP: Final = f"It is nested deeper than the {DEEPEST} levels allowed."
_CONTAINERS: Final = frozenset({dict, list})
_DECODER: Final = msgspec.json.Decoder()
_OTHERS: Final = bytes(each for each in range(256) if each not in _SEPARATORS)


@dataclass(frozen=True)
class Read:
    """A JSON value that states to be CSAF 2.0."""

    value: object


@dataclass(frozen=True)
class Unread:
    """Why bytes are no CSAF 2.0 document, and the version that they state; empty where they state none."""

    problem: Problem
    version: str = ""


class _Document(Struct):
    csaf_version: str


class _Head(Struct):
    document: _Document


def read(data: bytes) -> Read | Unread:
    """Return the value of a document, or why it is none: too large, no JSON in UTF-8, or of another version."""
    if len(data) > MOST_BYTES:
        return _limit(f"It has more than the {MOST_BYTES} bytes allowed.")
    if len(data.translate(None, _OTHERS)) > MOST_VALUES:
        return _limit(f"It has more than the {MOST_VALUES} values allowed.")
    try:
        value: object = _DECODER.decode(data)
    except RecursionError:
        return _limit(_TOO_DEEP)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Unread(Problem("json", "", f"This is no JSON text in UTF-8: {said(error)}."))
    if data.count(b"{") + data.count(b"[") > DEEPEST and not _is_shallow(value):
        return _limit(_TOO_DEEP)
    try:
        stated = msgspec.convert(value, _Head).document.csaf_version
    except msgspec.ValidationError:
        return Unread(_other_version("No version of CSAF is stated."))
    if stated != VERSION:
        return Unread(_other_version(f"Version {shown(stated)} is not {VERSION}."), stated[:_MOST_VERSION])
    return Read(value)


def _other_version(message: str) -> Problem:
    return Problem("version", "/document/csaf_version", message)


def _limit(message: str) -> Unread:
    return Unread(Problem("limits", "", message))


def _is_shallow(value: object) -> bool:
    """Say whether lists and objects are nested no deeper than is allowed, level by level and without recursion."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        objects = [cast("dict[str, object]", each).values() for each in level if each.__class__ is dict]
        lists = [cast("list[object]", each) for each in level if each.__class__ is list]
        level = [inner for outer in (*objects, *lists) for inner in outer if inner.__class__ in _CONTAINERS]
        if not level:
            return True
    return False
