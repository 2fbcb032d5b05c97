"""Nulls where a format wants nothing: many serializers write a member that was not given as null."""

from __future__ import annotations

from typing import Final, TypeVar, cast

from msgspec import Raw, ValidationError, json

_T = TypeVar("_T")

DECLARED: Final = "trialplate"
"""The member in which null says something: that there was none."""

_NULL: Final = b"null"


def may_have_nulls(data: bytes | Raw) -> bool:
    """Say whether a document or a part of one may hold a null; a text with that word counts as well."""
    return _NULL in bytes(data)


def decoded_without_nulls(decoder: json.Decoder[_T], raw: Raw) -> _T:
    """Return a part of a document, read again without its nulls where it cannot be read with them.

    Raises:
        MsgspecError, UnicodeDecodeError: where it cannot be read either way.
    """
    try:
        return decoder.decode(raw)
    except ValidationError:
        if not may_have_nulls(raw):
            raise
    return decoder.decode(without_nulls(raw))


def without_nulls(data: bytes | Raw) -> bytes:
    """Return a document without the members of its objects that are null, but for those in `DECLARED`.

    Nulls in lists stay, since what stands behind them is found by its index. For a screened document only: this takes
    the memory of all its values at once.

    Raises:
        MsgspecError, UnicodeDecodeError: where it is no JSON.
    """
    root: object = json.decode(data)
    left = [root]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            members = cast("dict[str, object]", value)
            for key in [key for key, inner in members.items() if inner is None]:
                del members[key]
            left += [inner for key, inner in members.items() if key != DECLARED]
        elif isinstance(value, list):
            left += cast("list[object]", value)
    return json.encode(root)
