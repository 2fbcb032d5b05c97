"""Answers of maintainers: strict, in TOML or JSON, one thing about one case."""

from __future__ import annotations

import json

import pytest

from trialplate.clearinghouse.coordination.replies import (
    MOST_BYTES,
    Accept,
    AcceptFix,
    MoreTime,
    NoBug,
    NoFix,
    Patch,
    Reply,
    ReplyError,
    parse_reply,
)

CASE = "c" * 32
HEAD = {"format": "trialplate.reply/1", "case": CASE}
LATER = "2026-12-24T00:00:00Z"
ABOUT = {"format": "trialplate.reply/1", "case": CASE}

ANSWERS: tuple[tuple[dict[str, str], Reply], ...] = (
    ({"answer": "accept", "fix_by": LATER}, Accept(format="trialplate.reply/1", case=CASE, fix_by=LATER)),
    ({"answer": "accept"}, Accept(format="trialplate.reply/1", case=CASE)),
    ({"answer": "not a bug", "reason": "No."}, NoBug(format="trialplate.reply/1", case=CASE, reason="No.")),
    ({"answer": "wont fix", "reason": "No."}, NoFix(format="trialplate.reply/1", case=CASE, reason="No.")),
    (
        {"answer": "patch", "patch": "fix.patch", "base": "1.0"},
        Patch(format="trialplate.reply/1", case=CASE, patch="fix.patch", base="1.0"),
    ),
    ({"answer": "accept fix", "version": "1.1"}, AcceptFix(format="trialplate.reply/1", case=CASE, version="1.1")),
    ({"answer": "more time", "reason": "Soon."}, MoreTime(format="trialplate.reply/1", case=CASE, reason="Soon.")),
)


@pytest.mark.parametrize("fields, reply", ANSWERS)
def test_every_answer_is_read_from_toml_and_json(fields: dict[str, str], reply: Reply) -> None:
    every = {**HEAD, **fields}
    assert parse_reply("".join(f"{name} = {json.dumps(value)}\n" for name, value in every.items()).encode()) == reply
    assert parse_reply(json.dumps(every).encode()) == reply
    assert parse_reply(b"\n " + json.dumps(every, indent=1).encode()) == reply


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"answer": "maybe"},
        {"answer": "accept", "reason": "I like it."},
        {"answer": "accept", "fix_by": "tomorrow"},
        {"answer": "not a bug"},
        {"answer": "not a bug", "reason": ""},
        {"answer": "patch", "patch": "fix.patch"},
        {"answer": "patch", "patch": "", "base": "1.0"},
        {"answer": "accept fix"},
        {"answer": "accept", "format": "trialplate.reply/2"},
        {"answer": "accept", "case": "c" * 31},
        {"answer": "accept", "case": f"{CASE}\n"},
    ],
)
def test_anything_else_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ReplyError):
        parse_reply(json.dumps({**HEAD, **fields}).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[1]", b"a = ", b"{" * 5000, b" " * (MOST_BYTES + 1)])
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(ReplyError):
        parse_reply(data)
