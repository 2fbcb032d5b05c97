"""Versions of documents (whole numbers or Semantic Versioning 2.0.0), and moments (RFC 3339), as values to compare."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

_LONGEST: Final = 1000
"""Digits up to which numbers are told apart; longer ones count as equal, since nobody makes so many versions."""

_SEMANTIC: Final = re.compile(r"(?P<release>[0-9]+(?:\.[0-9]+)*)(?:-(?P<pre>[^+]*))?(?:\+.*)?", re.DOTALL)
_MOMENT: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt]"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<east>[0-9]{2}):(?P<north>[0-9]{2}))"
)
_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097
"""The Gregorian calendar repeats after so many years and days."""


class Identifier(NamedTuple):
    """An identifier of a pre-release: numbers come before words, and are compared as numbers."""

    is_word: bool
    number: int
    word: str


class Version(NamedTuple):
    """A version, ordered as Semantic Versioning says, without its build metadata.

    `release` has one number for a whole-number version and three for a semantic one; `is_release` sorts a pre-release
    before its release.
    """

    release: tuple[int, ...]
    is_release: bool
    pre: tuple[Identifier, ...]

    @property
    def is_semantic(self) -> bool:
        """Say whether this is a semantic version and no whole number."""
        return len(self.release) > 1

    @property
    def major(self) -> int:
        """The whole number, or the major part of a semantic version."""
        return self.release[0]


class Moment(NamedTuple):
    """A moment: whole seconds on the line of UTC, and the digits of its fraction without zeros at the end."""

    seconds: int
    fraction: str


def version(text: str) -> Version:
    """Return the version that a text which matches the schema's pattern is; anything else is version 0."""
    found = _SEMANTIC.fullmatch(text)
    if found is None:
        return Version((0,), is_release=True, pre=())
    release = tuple(_number(part) for part in found["release"].split("."))
    if found["pre"] is None:
        return Version(release, is_release=True, pre=())
    return Version(release, is_release=False, pre=tuple(_identifier(part) for part in found["pre"].split(".")))


def moment(text: str) -> Moment:
    """Return the moment that an RFC 3339 date-time is; anything else is the earliest one.

    A leap second is the second after 59, and the year 0 is allowed, as the RFC does and Python does not.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        return Moment(0, "")
    cycles, year = divmod(int(found["year"]), _CYCLE_YEARS)
    days = date(year + _CYCLE_YEARS, int(found["month"]), int(found["day"])).toordinal() + cycles * _CYCLE_DAYS
    minutes = (days * 24 + int(found["hour"])) * 60 + int(found["minute"]) - _offset(found)
    return Moment(minutes * 60 + int(found["second"]), (found["fraction"] or "").rstrip("0"))


def _offset(found: re.Match[str]) -> int:
    if not found["sign"]:
        return 0
    minutes = int(found["east"]) * 60 + int(found["north"])
    return minutes if found["sign"] == "+" else -minutes


def _number(digits: str) -> int:
    return int(digits) if len(digits) <= _LONGEST else 10**_LONGEST


def _identifier(part: str) -> Identifier:
    if part.isdecimal() and part.isascii():
        return Identifier(is_word=False, number=_number(part), word="")
    return Identifier(is_word=True, number=0, word=part)
