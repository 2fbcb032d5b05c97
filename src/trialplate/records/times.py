"""Moments as records write them: RFC 3339 UTC in whole seconds with `Z`.

One fixed width means that the order of the texts is the order of the moments, in a database as well.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from trialplate.errors import TrialplateError

_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_SHAPE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


class MomentError(TrialplateError):
    """A text is not a moment in the one form that order and arithmetic rest on."""


def moment(text: str) -> datetime:
    """Return the moment that `text` names.

    Raises:
        MomentError: for any other form than `2026-12-07T00:00:00Z`.
    """
    if _SHAPE.fullmatch(text):
        try:
            return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
        except ValueError:
            pass
    raise MomentError(f"{text!r} is not a moment.", "Write it in UTC and whole seconds, as 2026-12-07T00:00:00Z.")


def written(at: datetime) -> str:
    """Return `at` (aware) in the form of records; a part of a second is dropped."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0")


def later(text: str, seconds: int) -> str:
    """Return the moment `seconds` after `text`; the end of the calendar where there is none.

    Raises:
        MomentError: where `text` is not a moment.
    """
    try:
        return written(moment(text) + timedelta(seconds=seconds))
    except OverflowError:
        return "9999-12-31T23:59:59Z"
