"""Answers of maintainers, `trialplate.reply/1`: a file that says one thing about one case. Pure."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from trialplate.errors import TrialplateError
from trialplate.records.shapes import MaybeMoment, Name, Reason, Short, Text
from trialplate.records.words import said

FORMAT: Final = "trialplate.reply/1"
MOST_BYTES: Final = 256 * 1024


class ReplyError(TrialplateError):
    """A file is no answer."""


class _About(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="answer"):
    """What every answer says: its format, and the id of the case."""

    format: Literal["trialplate.reply/1"]
    case: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


class Accept(_About, frozen=True, kw_only=True, tag="accept"):
    """The weakness is taken on; `fix_by` is when a fix is meant to be there."""

    fix_by: MaybeMoment = ""
    note: Text = ""


class NoBug(_About, frozen=True, kw_only=True, tag="not a bug"):
    """It is no weakness."""

    reason: Reason


class NoFix(_About, frozen=True, kw_only=True, tag="wont fix"):
    """It will not be fixed."""

    reason: Reason


class Patch(_About, frozen=True, kw_only=True, tag="patch"):
    """A candidate for a fix: the path of a unified diff, from the folder of this file, and what it applies to."""

    patch: Name
    base: Name
    note: Text = ""


class AcceptFix(_About, frozen=True, kw_only=True, tag="accept fix"):
    """The fix is there: in this version, or by this commit."""

    version: Short = ""
    commit: Short = ""
    note: Text = ""


class MoreTime(_About, frozen=True, kw_only=True, tag="more time"):
    """A fix is under way and needs the days that the project's clock grants for that."""

    reason: Reason


Reply = Accept | NoBug | NoFix | Patch | AcceptFix | MoreTime


def parse_reply(data: bytes) -> Reply:
    """Return the answer in a file's bytes: TOML or JSON of at most `MOST_BYTES`; an unknown field is refused.

    Raises:
        ReplyError: where it is none, or accepts a fix without saying which.
    """
    if len(data) > MOST_BYTES:
        raise ReplyError(f"{len(data)} bytes are more than the {MOST_BYTES} of an answer.", "Send patches as files.")
    decode = msgspec.json.decode if data.lstrip()[:1] == b"{" else msgspec.toml.decode
    try:
        reply = decode(data, type=Reply)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ReplyError(f"This is no answer: {said(error)}.", "Write it as docs/formats/reply.md says.") from None
    if isinstance(reply, AcceptFix) and not (reply.version or reply.commit):
        raise ReplyError("It does not say where users get the fix.", "Give a version or a commit.")
    return reply
