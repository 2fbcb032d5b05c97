"""The one byte form of every record value: RFC 8785 JSON without floats.

One value has one form, so a hash or a signature over the bytes is one over the value. `decode` accepts that form
only, which also refuses repeated keys, unsorted sets and padding that another parser could read differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, cast

import msgspec
import rfc8785

from trialplate.errors import TrialplateError
from trialplate.records.words import said

_T = TypeVar("_T")

DEEPEST: Final = 32
"""Levels of nesting that a record value may have; parsers elsewhere give up at depths that differ."""


class CanonicalError(TrialplateError):
    """A value has no canonical form, or bytes are not in it."""


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of a record value; sets are written as lists sorted by code point.

    Raises:
        CanonicalError: for floats and integers beyond 2**53 - 1 at any depth, nesting beyond `DEEPEST`, keys that
            are not text, lone surrogates, and types that JSON cannot hold.
    """
    try:
        plain: Any = msgspec.to_builtins(value, order="deterministic")
    except (TypeError, ValueError, RecursionError) as error:
        raise CanonicalError(f"A record cannot hold this value: {error}.", "Use text, integers, lists, maps.") from None
    _check(plain)
    try:
        return rfc8785.dumps(plain)
    except ValueError as error:
        # Besides its own errors, rfc8785 lets one about lone surrogates in keys through.
        raise CanonicalError(f"A record cannot hold this value: {error}.", "Write large numbers as text.") from None


def decode(data: bytes, into: type[_T], *, most: int) -> _T:
    """Return the value of type `into` that `data` is the canonical form of.

    Args:
        data: the bytes, from anywhere.
        into: the type, whose own checks run as well.
        most: bytes that `data` may have.

    Raises:
        CanonicalError: where `data` is longer than `most`, is no value of the type, or is not in canonical form.
        TrialplateError: what the type's own checks raise.
    """
    if len(data) > most:
        raise CanonicalError(f"{len(data)} bytes are more than the {most} allowed here.", "Send a smaller record.")
    try:
        value = msgspec.json.decode(data, type=into)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CanonicalError(
            f"These bytes are no {into.__name__}: {said(error)}.", "Send what its format page says."
        ) from None
    if canonical(value) != data:
        raise CanonicalError(f"This {into.__name__} is not in RFC 8785 form.", "Send the canonical bytes.")
    return value


def _check(plain: object) -> None:
    level = [plain]
    for _ in range(DEEPEST):
        below: list[object] = []
        for value in level:
            if isinstance(value, float):
                raise CanonicalError("A record value contains a float.", "Write it as declared decimal text.")
            if isinstance(value, Mapping):
                below += cast("Mapping[str, object]", value).values()
            elif isinstance(value, list | tuple):
                below += cast("Sequence[object]", value)
        if not below:
            return
        level = below
    raise CanonicalError(f"A record value is nested deeper than {DEEPEST} levels.", "Flatten it.")
