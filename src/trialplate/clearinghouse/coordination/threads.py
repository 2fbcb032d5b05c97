"""The thread of a case: what the clearinghouse and the parties said to each other, in words. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from trialplate.clearinghouse.history import History
from trialplate.records.case import (
    Accepted,
    Bypass,
    Closed,
    Embargo,
    EmbargoEnded,
    FixAccepted,
    NoAnswer,
    NoPatch,
    NotABug,
    Notice,
    PatchOffered,
    PatchPassed,
    PatchRefused,
    Shelved,
    WontFix,
)

_SHOWN: Final = 12


class Line(Struct, frozen=True, kw_only=True):
    """An entry of a thread: what was said, by whom, when."""

    at: str
    by: str
    said: str


def thread_of(history: History) -> tuple[Line, ...]:
    """Return the thread of a case, in the order in which it was said; what was corrected is not in it."""
    lines = (Line(at=said.at, by=said.author, said=words_of(said.body)) for said in history.standing)
    return tuple(line for line in lines if line.said)


def words_of(body: Struct) -> str:
    """Return what a record says to the other side; nothing where it speaks to nobody."""
    return _by_maintainer(body) or _by_house(body) or _by_silence(body)


def _by_maintainer(body: Struct) -> str:
    match body:
        case Accepted():
            return f"accepted{f', a fix by {body.fix_by}' if body.fix_by else ''}{_note(body.note)}"
        case NotABug():
            return f"not a bug: {body.reason}"
        case WontFix():
            return f"won't fix: {body.reason}"
        case PatchOffered():
            return f"patch {body.patch[:_SHOWN]} on {body.base}{_note(body.note)}"
        case FixAccepted():
            return f"fix accepted: {' '.join(part for part in (body.version, body.commit) if part)}{_note(body.note)}"
        case _:
            return ""


def _by_house(body: Struct) -> str:
    match body:
        case Notice():
            passed = f", past the limit: {body.bypass}" if body.bypass else ""
            return f"sent to {body.party}, with {body.open_before} of at most {body.open_limit} open before{passed}"
        case Closed():
            return f"closed: {body.reason}"
        case Bypass():
            return f"may pass the limit: {body.reason}"
        case Embargo():
            return f"embargo until {body.ends_at} ({body.basis}): {body.reason}"
        case PatchPassed():
            return f"patch {body.patch[:_SHOWN]} passed every check"
        case PatchRefused():
            failed = ", ".join(check.name for check in body.checks if not check.ok)
            return f"patch {body.patch[:_SHOWN]} refused: {failed}"
        case _:
            return ""


def _by_silence(body: Struct) -> str:
    match body:
        case NoAnswer():
            return "no answer"
        case NoPatch():
            return "no patch"
        case Shelved():
            return "shelved"
        case EmbargoEnded():
            return "embargo ended"
        case _:
            return ""


def _note(note: str) -> str:
    return f" - {note}" if note else ""
