"""What the importers of public feeds share: bounded decompression, and answers that tell the age of the data. Pure.

Purpose: one way to say that a feed knows something of a vulnerability, or does not.
In: bytes of a feed; the moment of a question. Out: plain bytes; `Known` or `Unknown`.
Rules: what a feed does not have is unknown, never 0 and never "no"; every answer tells how old the feed is.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

from msgspec import Struct

from trialplate.errors import TrialplateError

CVE: Final = r"CVE-[0-9]{4}-[0-9]{4,19}"
"""The shape of a CVE id, as a regular expression."""

_T = TypeVar("_T")
_GZIP: Final = b"\x1f\x8b"
_GZIP_HEADER: Final = zlib.MAX_WBITS | 16
"""What tells zlib to read the gzip format and nothing else."""


class FeedError(TrialplateError):
    """A feed is malformed, cut short, or larger than any real one."""


class Known(Struct, Generic[_T], frozen=True):
    """What a feed says of a vulnerability, when the feed was made, and how old it was when it was asked, in seconds."""

    entry: _T
    as_of: datetime
    age_seconds: int


class Unknown(Struct, frozen=True):
    """The feed has nothing on this vulnerability. `as_of` and `age_seconds` are as in `Known`."""

    cve: str
    as_of: datetime
    age_seconds: int


def answer(entry: _T | None, cve: str, *, as_of: datetime, now: datetime) -> Known[_T] | Unknown:
    """Return the answer of a feed that was made at `as_of` to a question that is asked at `now`.

    A feed from the future, by a clock that lies, has the age 0.

    Raises:
        FeedError: where `now` has no time zone, so that an age would be a guess.
    """
    if now.tzinfo is None:
        raise FeedError("The moment of the question has no time zone.", "Give an aware moment, such as one in UTC.")
    age = max(0, int((now - as_of).total_seconds()))
    return Unknown(cve, as_of, age) if entry is None else Known(entry, as_of, age)


def moment(text: str, what: str) -> datetime:
    """Return the moment of a text in ISO 8601, in UTC.

    Raises:
        FeedError: where it is none, or has no time zone; `what` names it.
    """
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise FeedError(f"{what} is {text[:40]!r}, which is no moment with a time zone.", "Get the feed again.")


def first_repeated(names: Iterable[str]) -> str:
    """Return the first name that occurs a second time, or nothing where none does."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


def plain(data: bytes, *, most: int) -> bytes:
    """Return the bytes of a feed, decompressed where they are gzip.

    Memory is bounded by `most` whatever the bytes would expand to.

    Raises:
        FeedError: where there are more than `most` bytes before or after, or the gzip is broken, cut short, or is
            followed by anything.
    """
    if len(data) > most:
        raise FeedError(f"The feed has {len(data)} bytes, at most {most}.", "Check where it comes from.")
    if not data.startswith(_GZIP):
        return data
    unpacking = zlib.decompressobj(_GZIP_HEADER)
    try:
        unpacked = unpacking.decompress(data, most + 1)
    except zlib.error as error:
        raise FeedError(f"The feed is broken gzip: {error}.", "Get it again.") from None
    if len(unpacked) > most:
        raise FeedError(f"The feed unpacks to more than {most} bytes.", "Check where it comes from.")
    if not unpacking.eof or unpacking.unused_data:
        raise FeedError("The feed is not one whole gzip file.", "Get it again.")
    return unpacked
