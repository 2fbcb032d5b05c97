"""Standing releases: drafted by one releaser, countersigned by another, here or in a home of its own, and recorded.

What goes from one to the other is a file: the release in clear, and the envelope of its record with the signatures so
far. Whoever has it can read it and sign it; only where both are releasers can it be recorded.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from trialplate.app.clearing.changes import Changes
from trialplate.app.clearing.files import read_file
from trialplate.app.clearing.house import HOUSE_SUBJECT, Act, House
from trialplate.app.clearing.roles import Role, appointments, require
from trialplate.app.kept import keep
from trialplate.clearinghouse.history import COORDINATION
from trialplate.clearinghouse.publishing.publish import CONDITION, FIELDS, KIND, countersigned
from trialplate.errors import TrialplateError
from trialplate.flows.remediation import DAY, HOUSE
from trialplate.records import (
    RELEASED,
    Header,
    RecordId,
    canonical,
    decode_header,
    encode_body,
    later,
    record_id,
    verify_body,
)
from trialplate.records.case import Url
from trialplate.records.project import Publisher, StandingRelease
from trialplate.trust import Entry, Refused, sign_envelope
from trialplate.trust.signing import MOST_SIGNATURES

FORMAT: Final = "trialplate.release/1"
MOST_FILE_BYTES: Final = 1 << 20

_STEP: Final = "upkeep.standing_release"
_RELEASE: Final = "upkeep.standing_release/1"
_DAMAGED: Final = "Get the file again from whoever drafted it."


class ReleaseError(TrialplateError):
    """A standing release cannot be drafted, signed or recorded as it is."""


class _Signature(Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    payload: str
    payload_type: Literal["application/vnd.trialplate.header+json"]
    signatures: Annotated[tuple[_Signature, ...], Meta(min_length=1, max_length=MOST_SIGNATURES)]


class ReleaseFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A standing release on its way from one releaser to the other: its body, the body's random bytes, the envelope."""

    format: Literal["trialplate.release/1"]
    release: StandingRelease
    salt: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    envelope: _Envelope


class Drafted(Struct, frozen=True, kw_only=True):
    """A standing release as a file has it: what it says, the id of its record here, or else why there is none."""

    release: StandingRelease
    recorded: str
    lacking: str


class Standing(Struct, frozen=True, kw_only=True):
    """A standing release of this house: its record, what it says, and why it lets nothing out, if it does not."""

    record: RecordId
    release: StandingRelease
    lapsed: str


def new(  # noqa: PLR0913 - what two people sign
    house: House, party: str, path: Path, *, other: str, publisher: Publisher, fields: Sequence[str], days: int
) -> Drafted:
    """Draft a standing release for advisories, sign it as one of two releasers, and write it to a file.

    Args:
        house: the clearinghouse that it is for.
        party: who drafts it: a releaser.
        path: the file; none may be there.
        other: the releaser that is to sign it too.
        publisher: who publishes.
        fields: what of an advisory may be published.
        days: how long it stands, from now.

    Raises:
        RoleError: where `party` is no releaser.
        ReleaseError: for a field that no advisory has, a namespace that is no web address, or a file that is there.
        OSError: where the file cannot be written.
    """
    require(house, party, Role.RELEASER)
    unknown = sorted(set(fields).difference(FIELDS))
    if unknown:
        raise ReleaseError(f"No advisory has a field {unknown[0][:80]!r}.", f"Name some of: {', '.join(FIELDS)}.")
    _check_namespace(publisher.namespace)
    if other == party:
        raise ReleaseError("A standing release takes two.", "Name another releaser with --with.")
    if path.exists():
        raise ReleaseError(f"{path} is there already; nothing was overwritten.", "Name a file that is not there.")
    release = StandingRelease(
        kind=KIND,
        condition=CONDITION,
        fields=tuple(field for field in FIELDS if field in fields),
        publisher=publisher,
        signers=(party, other),
        ends_at=later(house.clock(), days * DAY),
    )
    history = house.history(HOUSE_SUBJECT)
    entry = house.entry(party, HOUSE_SUBJECT, HOUSE, Act(body=release, step=_STEP), history.records)
    made = ReleaseFile(format=FORMAT, release=release, salt=entry.salt.hex(), envelope=_opened(entry.envelope))
    keep(path, made)
    return _shown(house, made)


def sign(house: House, party: str, path: Path) -> Drafted:
    """Add the signature of a releaser to the release in a file; where both are releasers here, record it.

    Raises:
        FileError: where the file cannot be read.
        ReleaseError: where it is no release, or does not name `party` as a signer.
        ClearingError: where another release was recorded meanwhile.
        OSError: where the file cannot be written.
    """
    found = _read(path)
    if party not in found.release.signers:
        raise ReleaseError(
            f"This release is to be signed by {' and '.join(found.release.signers)}.", "Sign as one of them, by --as."
        )
    own = _opened(sign_envelope(canonical(_header(found)), (house.signer(party),)))
    others = tuple(each for each in found.envelope.signatures if each.keyid != own.signatures[0].keyid)
    signed = replace(found, envelope=replace(found.envelope, signatures=(*others, *own.signatures)))
    keep(path, signed)
    if not _shown(house, signed).lacking:
        _record(house, signed)
    return _shown(house, signed)


def record(house: House, path: Path) -> Drafted:
    """Record the release in a file that two releasers of this house have signed; again changes nothing.

    Raises:
        FileError: where the file cannot be read.
        ReleaseError: where it is no release, has ended, or lacks a signature that counts.
        ClearingError: where another release was recorded meanwhile.
    """
    found = _read(path)
    _record(house, found)
    return _shown(house, found)


def shown(house: House, path: Path) -> Drafted:
    """Return what the release in a file says, and how far it is.

    Raises:
        FileError: where the file cannot be read.
        ReleaseError: where it is no release.
    """
    return _shown(house, _read(path))


def standing(house: House) -> tuple[Standing, ...]:
    """Return the standing releases of this house, newest first, those too that let nothing out any more."""
    return tuple(
        Standing(record=said.id, release=said.body, lapsed=_lacking(house, said.stored.entry, said.body))
        for said in reversed(house.history(HOUSE_SUBJECT).standing)
        if isinstance(said.body, StandingRelease)
    )


def end(house: House, party: str, begun: str, reason: str) -> RecordId:
    """Take a standing release back at once: one releaser is enough. Return its record.

    Args:
        house: the clearinghouse.
        party: who ends it: a releaser.
        begun: the beginning of its record's id.
        reason: why.

    Raises:
        RoleError: where `party` is no releaser.
        ReleaseError: where no standing release, or more than one, has such an id.
        UpkeepError: where no reason is given.
    """
    require(house, party, Role.RELEASER)
    history = house.history(HOUSE_SUBJECT)
    found = [
        said
        for said in history.standing
        if isinstance(said.body, StandingRelease) and said.id.startswith(begun.lower())
    ]
    if len(found) != 1:
        raise ReleaseError(f"{len(found)} standing releases have an id that begins so.", "Look it up in the list.")
    changes = Changes(house, party, HOUSE_SUBJECT, history, HOUSE)
    changes.correct(found[0], reason)
    changes.append()
    return found[0].id


def _record(house: House, found: ReleaseFile) -> None:
    said = _shown(house, found)
    if said.recorded:
        return
    if said.lacking:
        raise ReleaseError(f"It cannot be recorded here. {said.lacking}", "Let two releasers of this house sign it.")
    house.append(HOUSE_SUBJECT, HOUSE, house.history(HOUSE_SUBJECT), (_entry(found),))


def _shown(house: House, found: ReleaseFile) -> Drafted:
    entry = _entry(found)
    made = record_id(entry.header)
    if any(stored.id == made for stored in house.history(HOUSE_SUBJECT).records):
        return Drafted(release=found.release, recorded=made, lacking="")
    return Drafted(release=found.release, recorded="", lacking=_lacking(house, entry, found.release))


def _lacking(house: House, entry: Entry, release: StandingRelease) -> str:
    """Return why a release lets nothing out, as a sentence; nothing where it does."""
    verdict = countersigned(entry, release, appointments(house))
    if isinstance(verdict, Refused):
        return verdict.reason
    return f"It ended at {release.ends_at}." if release.ends_at <= house.clock() else ""


def _read(path: Path) -> ReleaseFile:
    """Return the release in a file, whose header is that of a standing release of a clearinghouse.

    Raises:
        FileError, ReleaseError: where there is none.
    """
    try:
        found = msgspec.json.decode(read_file(path, MOST_FILE_BYTES), type=ReleaseFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ReleaseError(f"{path} is no standing release.", _DAMAGED) from None
    entry = _entry(found)
    header = entry.header
    place = (header.kind, header.subject, header.slot.flow, header.slot.step, header.label)
    if place != (_RELEASE, HOUSE_SUBJECT, HOUSE, _STEP, COORDINATION) or not verify_body(
        header, entry.body, entry.salt
    ):
        raise ReleaseError(f"What {path} says is not what its signatures are for.", _DAMAGED)
    return found


def _entry(found: ReleaseFile) -> Entry:
    _, body = encode_body(RELEASED, found.release)
    return Entry(header=_header(found), body=body, salt=bytes.fromhex(found.salt), envelope=canonical(found.envelope))


def _header(found: ReleaseFile) -> Header:
    try:
        return decode_header(base64.b64decode(found.envelope.payload, validate=True))
    except binascii.Error:
        raise ReleaseError("The file's envelope holds nothing that can be read.", _DAMAGED) from None


def _opened(envelope: bytes) -> _Envelope:
    return msgspec.json.decode(envelope, type=_Envelope)


def _check_namespace(namespace: str) -> None:
    try:
        msgspec.convert(namespace, Url)
    except msgspec.ValidationError:
        raise ReleaseError(
            f"{namespace[:80]!r} is no web address.", "Give one of the publisher's, as https://example.com."
        ) from None
