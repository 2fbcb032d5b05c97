"""What every document passes before it is decoded, and every text before it is kept.

The screen costs a few passes over the bytes by built-in functions, whatever they hold: strings are taken out of the
document, and what is left of its brackets is folded up from the inside once for each level. Nothing recurses, so no
depth of nesting reaches a decoder that does. What decoding may take of memory hangs on `Limits.values`, at about 100
bytes each, and on `Limits.grown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

import msgspec

from trialplate.errors import TrialplateError
from trialplate.formats.intake.finding import Finding, Intake, Refusal, Why

_T = TypeVar("_T")

Expired = Callable[[], bool]
"""Says whether the time that a document may take is over; asked again and again while one is parsed."""


@dataclass(frozen=True)
class Limits:
    """How much a document may ask for.

    Of the document: `size` in bytes, `depth` in levels of nesting, `values` in JSON values (keys not counted), and
    `results`. Of a result: `text` and `short` in characters (texts to read; names, paths and URLs), `items` for each
    list, `proof` in bytes for each inline proof. `grown` is how many characters all results together may come to by
    arguments put into messages and by shared parts that are written out.
    """

    size: int = 32 << 20
    depth: int = 64
    values: int = 3_000_000
    results: int = 25_000
    text: int = 1 << 16
    short: int = 2_048
    items: int = 5_000
    proof: int = 1 << 20
    grown: int = 32 << 20


LIMITS: Final = Limits()

ASKED_EVERY: Final = 32
"""Results between two looks at the time."""

_BOM: Final = b"\xef\xbb\xbf"
_FOLD: Final = bytes.maketrans(b"[{]}", b"(())")
_NOT_MARKS: Final = bytes(set(range(256)) - set(b'[]{}",'))
_CHUNK: Final = 1 << 16
_UNSAFE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SHOWN: Final = 160


class Problem(Enum):
    """Why a document was refused as a whole."""

    SIZE = "size"
    DEPTH = "depth"
    VALUES = "values"
    RESULTS = "results"
    TEXT = "text"
    TIME = "time"
    MALFORMED = "malformed"
    FORMAT = "format"


class IntakeError(TrialplateError):
    """A document was refused as a whole; `problem` says why."""

    def __init__(self, problem: Problem, what: str, fix: str) -> None:
        super().__init__(what, fix)
        self.problem = problem


class ResultError(TrialplateError):
    """A result cannot be taken; becomes a `Refusal` and never leaves a parser."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.why = why


class Budget:
    """What is left of the characters that a document may grow by."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.grown

    def spend(self, characters: int) -> None:
        """Take characters from what is left.

        Raises:
            ResultError: where that is not enough.
        """
        self._left -= characters
        if self._left < 0:
            raise ResultError(Why.TOO_LONG, "The texts of this document grow beyond what one may; send it in parts.")


def never() -> bool:
    """Return that there is time left: the default, where nothing limits it but the size of the document."""
    return False


def screened(data: bytes, limits: Limits) -> bytes:
    """Return the document without a byte order mark, once it is small, flat and plain enough to be decoded.

    Raises:
        IntakeError: for SIZE, DEPTH, VALUES, or MALFORMED where it is no UTF-8 or its brackets do not match.
    """
    if len(data) > limits.size:
        raise IntakeError(
            Problem.SIZE, f"{len(data)} bytes are more than the {limits.size} of a document.", "Send it in parts."
        )
    data = data.removeprefix(_BOM)
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise IntakeError(Problem.MALFORMED, f"The document is no UTF-8: {error.reason}.", "Send UTF-8.") from None
    marks = _outside_strings(data)
    if marks.count(b",") + marks.count(b"(") > limits.values:
        raise IntakeError(Problem.VALUES, f"The document has more than {limits.values} values.", "Send it in parts.")
    _check_depth(marks.translate(None, b","), limits.depth)
    return data


def decoded(data: bytes, into: type[_T], *, read: Callable[[bytes], bytes] = bytes) -> _T:
    """Return a screened document as a value of `into`; `read` is what is done to its bytes first.

    Raises:
        IntakeError: MALFORMED where it is none.
    """
    try:
        return msgspec.json.decode(read(data), type=into)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise IntakeError(
            Problem.MALFORMED, f"The document cannot be read: {shown(str(error))}.", "Send what its format says."
        ) from None


def gathered(
    raws: Sequence[msgspec.Raw],
    make: Callable[[msgspec.Raw, int], Finding],
    *,
    limits: Limits,
    expired: Expired,
    start: int = 0,
) -> Intake:
    """Return what became of results: each is made a finding, or refused for itself alone.

    Args:
        raws: the results, undecoded.
        make: returns the finding of a result and its index, or raises `ResultError` or what msgspec raises.
        limits: of which `results` counts from the document's first.
        expired: whether the time is over.
        start: the index of the first one.

    Raises:
        IntakeError: for RESULTS or TIME.
    """
    if start + len(raws) > limits.results:
        raise IntakeError(Problem.RESULTS, f"The document has more than {limits.results} results.", "Send it in parts.")
    # A document of many runs without results has its time as well.
    _check_time(expired, start)
    findings: list[Finding] = []
    refusals: list[Refusal] = []
    for index, raw in enumerate(raws, start):
        if index % ASKED_EVERY == 0:
            _check_time(expired, index)
        try:
            findings.append(make(raw, index))
        except ResultError as refused:
            refusals.append(Refusal(index, refused.why, refused.what))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            refusals.append(Refusal(index, Why.MALFORMED, f"It cannot be read: {shown(str(error))}."))
    return Intake(tuple(findings), tuple(refusals))


def clean(value: str) -> str:
    """Return a text without what could steer a terminal or hide in a page: see the module `finding`."""
    if value.isprintable():
        return value
    return _UNSAFE.sub("\ufffd", value.replace("\r\n", "\n"))


def bounded(value: str, most: int, what: str) -> str:
    """Return a clean text of at most `most` characters; `what` names it in a refusal.

    Raises:
        ResultError: where it is longer.
    """
    if len(value) > most:
        raise ResultError(Why.TOO_LONG, f"Its {what} has {len(value)} characters, at most {most}.")
    # Nearly every text is, and there are very many: this spares a call.
    return value if value.isprintable() else clean(value)


def short_texts(values: Sequence[str], limits: Limits, what: str) -> tuple[str, ...]:
    """Return a list of clean texts with at most `limits.items` of them and `limits.short` characters each.

    Raises:
        ResultError: where it has more.
    """
    few(values, limits, f"texts of the kind {what}")
    # Long lists are lists of versions: looking at all of them at once is many times as fast.
    if len(whole := "".join(values)) <= limits.short and whole.isprintable():
        return tuple(values)
    return tuple(bounded(each, limits.short, what) for each in values)


def few(values: Sequence[_T], limits: Limits, what: str) -> Sequence[_T]:
    """Return a list of at most `limits.items`; `what` names it in a refusal.

    Raises:
        ResultError: where it has more.
    """
    if len(values) > limits.items:
        raise ResultError(Why.TOO_LONG, f"It has {len(values)} {what}, at most {limits.items}.")
    return values


def headline(value: str) -> str:
    """Return the first line of a text, as a title of at most 160 characters."""
    return shown(value.strip().partition("\n")[0].strip())


def shown(value: str) -> str:
    """Return a clean text cut to 160 characters, which is how much of a foreign text a message quotes."""
    value = clean(value)
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}\u2026"


def _check_time(expired: Expired, index: int) -> None:
    if expired():
        raise IntakeError(Problem.TIME, f"The time of the document is over after {index} results.", "Send it in parts.")


def _outside_strings(data: bytes) -> bytes:
    """Return the brackets and commas that are in no string; both kinds of bracket are written as parentheses.

    Dropping two quotes that stand side by side never changes which of the other bytes lie in a string, so that only
    strings with marks in them are left to be told apart.
    """
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = data.translate(_FOLD, _NOT_MARKS).replace(b'""', b"")
    return b"".join(_unquoted(marks)) if b'"' in marks else marks


def _unquoted(marks: bytes) -> Iterator[bytes]:
    inside = 0
    for start in range(0, len(marks), _CHUNK):
        parts = marks[start : start + _CHUNK].split(b'"')
        yield b"".join(parts[inside::2])
        inside ^= (len(parts) - 1) & 1


def _check_depth(brackets: bytes, most: int) -> None:
    for _ in range(most):
        if not brackets:
            return
        folded = brackets.replace(b"()", b"")
        if len(folded) == len(brackets):
            raise IntakeError(Problem.MALFORMED, "The brackets of the document do not match.", "Send all of it.")
        brackets = folded
    if brackets:
        raise IntakeError(Problem.DEPTH, f"The document is nested deeper than {most} levels.", "Flatten it.")
