"""Kinds of body: which type a kind's body has, and how an old one becomes the newest.

A released kind never changes and stored bytes never change. When a body needs another field, a new version of its
kind is released with its own type, and the old one gets one pure function to the next version. Readers decode any
version and always meet the newest type.

The table of kinds is a value that is passed in: nothing registers itself.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.canon import canonical, decode
from trialplate.records.header import (
    KIND,
    NONCE_BYTES,
    SALT_BYTES,
    Header,
    RecordId,
    Slot,
    SubjectId,
    commit_body,
    record_id,
)
from trialplate.records.label import Label

MOST_BODY_BYTES: Final = 16 << 20


class KindError(TrialplateError):
    """A kind is unknown, or a table of kinds contradicts itself."""


@dataclass(frozen=True)
class Kind:
    """One released kind.

    `name` is `context.name/version`; `body` a frozen Struct that forbids unknown fields; `upcast` takes a body of
    this kind to one of the next version, and is None for the newest version alone.
    """

    name: str
    body: type[Struct]
    upcast: Callable[[Any], Struct] | None = None


@dataclass(frozen=True)
class Kinds:
    """A checked table of kinds; make one with `kinds_of`."""

    by_name: Mapping[str, Kind]
    by_body: Mapping[type[Struct], Kind]


@dataclass(frozen=True)
class Draft:
    """A record that nobody has signed yet: header, canonical body, and the 32 random bytes of its commitment.

    Body and random bytes are not in its `repr`, so that a log or a traceback never opens the commitment.
    """

    header: Header
    body: bytes = field(repr=False)
    salt: bytes = field(repr=False)

    @property
    def id(self) -> RecordId:
        """The id that the record will have."""
        return record_id(self.header)


def kinds_of(kinds: Iterable[Kind]) -> Kinds:
    """Return the table of `kinds`; its order says nothing.

    Raises:
        KindError: for a malformed or repeated name, a body type that is used twice, is mutable or admits unknown
            fields, versions with a gap, or an upcaster that is missing or left over.
    """
    by_name: dict[str, Kind] = {}
    by_body: dict[type[Struct], Kind] = {}
    for kind in kinds:
        config = kind.body.__struct_config__
        if not (config.frozen and config.forbid_unknown_fields):
            raise KindError(f"The body of {kind.name!r} may change.", "Make it frozen and forbid unknown fields.")
        if kind.name in by_name or kind.body in by_body:
            raise KindError(f"{kind.name!r} or its body is in the table twice.", "Give each version its own type.")
        by_name[kind.name] = kind
        by_body[kind.body] = kind
    _check_versions(by_name)
    return Kinds(by_name=MappingProxyType(by_name), by_body=MappingProxyType(by_body))


def encode_body(kinds: Kinds, body: Struct) -> tuple[str, bytes]:
    """Return the kind of `body` and its canonical bytes.

    Raises:
        KindError: where the type is in no kind, or is of an old version: only the newest is ever written.
        CanonicalError: where the body has no canonical form or is longer than `MOST_BODY_BYTES`.
    """
    kind = kinds.by_body.get(type(body))
    if kind is None:
        raise KindError(f"{type(body).__name__} is the body of no kind.", "Add its kind to the table.")
    if kind.upcast is not None:
        raise KindError(f"{kind.name} is an old version.", "Write the newest version of its kind.")
    data = canonical(body)
    # Decoding what was encoded runs the checks of the door on it: types above all, which a constructor never checks.
    decode(data, kind.body, most=MOST_BODY_BYTES)
    return kind.name, data


def decode_body(kinds: Kinds, kind: str, data: bytes) -> Struct:
    """Return the body of a record of `kind`, as the newest version's type.

    Raises:
        KindError: where the kind is unknown, or an upcaster returns another type than the next version's.
        CanonicalError: where `data` is not the canonical form of a body of that kind.
        TrialplateError: what the body's own checks raise.
    """
    found = kinds.by_name.get(kind)
    if found is None:
        raise KindError(f"The kind {kind[:100]!r} is unknown here.", "Upgrade Trialplate, or withhold the body.")
    body = decode(data, found.body, most=MOST_BODY_BYTES)
    while found.upcast is not None:
        body = found.upcast(body)
        found = kinds.by_name[_next(found.name)]
        if type(body) is not found.body:
            raise KindError(f"The upcaster to {found.name} made a {type(body).__name__}.", "Return its body type.")
    return body


def draft(  # noqa: PLR0913 - the fields of a header
    body: Struct,
    *,
    kinds: Kinds,
    subject: SubjectId,
    author: str,
    office: str = "",
    at: str,
    label: Label,
    parents: tuple[RecordId, ...] = (),
    slot: Slot,
    random_bytes: Callable[[int], bytes],
) -> Draft:
    """Return the record that says `body`, ready to be signed: the one way in which records are made.

    Args:
        body: a body of the newest version of its kind.
        kinds: the table that knows it.
        subject: what the record is about.
        author: the party that says it.
        office: the office that the party acts for; empty: for itself.
        at: what the author's clock says, as `2026-12-07T00:00:00Z`.
        label: how sensitive the record is.
        parents: the records that it rests on.
        slot: its place in the flow.
        random_bytes: `secrets.token_bytes`, or a fixed source where a test wants the same record twice.

    Raises:
        KindError, CanonicalError, HeaderError: as `encode_body` and `Header` do.
    """
    kind, data = encode_body(kinds, body)
    salt = random_bytes(SALT_BYTES)
    header = Header(
        kind=kind,
        subject=subject,
        author=author,
        office=office,
        at=at,
        label=label,
        parents=parents,
        slot=slot,
        nonce=random_bytes(NONCE_BYTES).hex(),
        body_commit=commit_body(data, salt),
    )
    return Draft(header=header, body=data, salt=salt)


def verify_body(header: Header, body: bytes, salt: bytes) -> bool:
    """Return whether `body` and `salt` are what `header` commits to."""
    return len(salt) == SALT_BYTES and hmac.compare_digest(commit_body(body, salt), header.body_commit)


def _check_versions(by_name: Mapping[str, Kind]) -> None:
    versions: dict[str, list[int]] = {}
    for name in by_name:
        match = KIND.fullmatch(name)
        if match is None:
            raise KindError(f"{name!r} is no kind.", "Write context.name/version, as in upkeep.correction/1.")
        versions.setdefault(match[1], []).append(int(match[2]))
    for stem, unsorted in versions.items():
        numbers = sorted(unsorted)
        if numbers != list(range(1, len(numbers) + 1)):
            raise KindError(f"{stem} has the versions {numbers}.", "Release versions from 1 without a gap.")
        if by_name[f"{stem}/{numbers[-1]}"].upcast is not None:
            raise KindError(f"The newest version of {stem} has an upcaster.", "Release the version that it leads to.")
        for old, _ in pairwise(numbers):
            if by_name[f"{stem}/{old}"].upcast is None:
                raise KindError(f"{stem}/{old} has no upcaster.", f"Write the function to {stem}/{old + 1}.")


def _next(name: str) -> str:
    stem, _, version = name.rpartition("/")
    return f"{stem}/{int(version) + 1}"
