"""What every record is: a header that is signed and ordered, and a body that may be sealed, withheld or destroyed.

`body_commit` is SHA-256 over a domain tag, 32 random bytes and the RFC 8785 form of the body, so that the header
says nothing about the body, yet whoever is given body and random bytes can check them. `record_id` is SHA-256 over
a domain tag and the RFC 8785 form of the header: it stays checkable after the body is gone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, NewType

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.canon import canonical, decode
from trialplate.records.label import Label

RecordId = NewType("RecordId", str)
"""64 lower-case hex digits: SHA-256 of the canonical header."""

SubjectId = NewType("SubjectId", str)
"""An opaque random id of what a record is about: a model version, a case, an inventory. 32 lower-case hex digits."""

HEADER_TAG: Final = b"trialplate.header/1\n"
BODY_TAG: Final = b"trialplate.body/1\n"

SALT_BYTES: Final = 32
"""Random bytes of a commitment. The length is fixed, or a byte could move between random bytes and body unseen."""

NONCE_BYTES: Final = 16
SUBJECT_BYTES: Final = 16
MOST_PARENTS: Final = 4096
MOST_HEADER_BYTES: Final = 1 << 20
MOST_ORDINAL: Final = 2**31 - 1

KIND: Final = re.compile(r"([a-z][a-z0-9_]{0,31}\.[a-z][a-z0-9_]{0,63})/([1-9][0-9]{0,3})")
"""`context.name/version`: group 1 is the name, group 2 the version."""

_STEP: Final = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_ID: Final = re.compile(r"[0-9a-f]{64}")
_SHORT: Final = re.compile(r"[0-9a-f]{32}")
_AT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_MOST_NAME: Final = 128
_SHOWN: Final = 80


class HeaderError(TrialplateError):
    """A header breaks a rule of the record format."""


class Slot(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The place of a record in its subject's flow; at most one record may ever take a slot.

    `flow` and `step` are 1 to 64 of `a-z 0-9 _ . -`, a letter first; `ordinal` is 0 to 2**31 - 1.

    Raises:
        HeaderError: for any other value.
    """

    flow: str
    step: str
    ordinal: int

    def __post_init__(self) -> None:
        _require(_STEP, "slot.flow", self.flow, "1 to 64 of a-z, 0-9 and '_.-', a letter first")
        _require(_STEP, "slot.step", self.step, "1 to 64 of a-z, 0-9 and '_.-', a letter first")
        if not 0 <= self.ordinal <= MOST_ORDINAL:
            raise HeaderError(f"The slot's ordinal is {self.ordinal}.", f"Count from 0 to {MOST_ORDINAL}.")


class Header(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The signed part of a record.

    `kind` is `context.name/version`; `at` is RFC 3339 UTC in whole seconds with `Z`, what the author's clock said
    and no basis for order; `office` is empty where a party acts for itself; `parents` are distinct; `nonce` is 16
    random bytes in hex, so that an id never reveals a guessable header.

    Raises:
        HeaderError: where a field breaks its rule; nothing else ever checks a header again.
    """

    kind: str
    subject: SubjectId
    author: str
    office: str
    at: str
    label: Label
    parents: tuple[RecordId, ...]
    slot: Slot
    nonce: str
    body_commit: str

    def __post_init__(self) -> None:
        _require(KIND, "kind", self.kind, "context.name/version, as in upkeep.correction/1")
        _require(_SHORT, "subject", self.subject, "32 lower-case hex digits")
        _require_name("author", self.author)
        if self.office:
            _require_name("office", self.office)
        _require_moment(self.at)
        if len(self.parents) > MOST_PARENTS:
            raise HeaderError(f"A header names {len(self.parents)} parents.", f"Name at most {MOST_PARENTS}.")
        for parent in self.parents:
            _require(_ID, "parents", parent, "64 lower-case hex digits each")
        if len(set(self.parents)) != len(self.parents):
            raise HeaderError("A header names a parent twice.", "Name each parent once.")
        _require(_SHORT, "nonce", self.nonce, "32 lower-case hex digits")
        _require(_ID, "body_commit", self.body_commit, "64 lower-case hex digits")


def new_subject(random_bytes: Callable[[int], bytes]) -> SubjectId:
    """Return a fresh subject id, 16 random bytes in hex, from `random_bytes` (such as `secrets.token_bytes`)."""
    return SubjectId(random_bytes(SUBJECT_BYTES).hex())


def commit_body(body: bytes, salt: bytes) -> str:
    """Return the commitment to `body` (RFC 8785 bytes) under 32 random bytes `salt`, in hex.

    Raises:
        HeaderError: where `salt` has another length.
    """
    if len(salt) != SALT_BYTES:
        raise HeaderError(f"A commitment was asked for with {len(salt)} random bytes.", f"Use {SALT_BYTES}.")
    return hashlib.sha256(BODY_TAG + salt + body).hexdigest()


def record_id(header: Header) -> RecordId:
    """Return the id of the record that `header` heads."""
    return RecordId(hashlib.sha256(HEADER_TAG + canonical(header)).hexdigest())


def decode_header(data: bytes) -> Header:
    """Return the header that `data` is the canonical form of: the door for bytes from anywhere.

    Raises:
        CanonicalError: where `data` is no header, has unknown fields, or is not in RFC 8785 form.
        HeaderError: where a field breaks its rule.
        LabelError: where the label does.
    """
    return decode(data, Header, most=MOST_HEADER_BYTES)


def _require(shape: re.Pattern[str], field: str, value: str, rule: str) -> None:
    if not shape.fullmatch(value):
        raise HeaderError(f"{field} is {value[:_SHOWN]!r}.", f"It must be {rule}.")


def _require_name(field: str, value: str) -> None:
    # isprintable() refuses control, format and surrogate characters, which could make two authors look like one.
    if not 0 < len(value) <= _MOST_NAME or not value.isprintable() or value != value.strip():
        raise HeaderError(f"{field} is {value[:_SHOWN]!r}.", f"It must be 1 to {_MOST_NAME} printable characters.")


def _require_moment(value: str) -> None:
    _require(_AT, "at", value, "UTC in whole seconds, as in 2026-12-07T00:00:00Z")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise HeaderError(f"at is {value!r}.", "It must be a moment of the calendar; leap seconds have none.") from None
