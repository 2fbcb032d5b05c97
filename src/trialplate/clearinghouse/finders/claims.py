"""Who may look at what for how long, and who knew it when: claims and their commitments. Pure.

An asker learns of another's claim only until when it holds: not whose it is, of what part, or how many there are. An
owner's busy time and stop order are told in the same words.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from msgspec import Struct

from trialplate.clearinghouse.finders.targets import overlaps, reported
from trialplate.clearinghouse.history import History
from trialplate.errors import TrialplateError
from trialplate.records import CanonicalError, canonical, decode, later
from trialplate.records.claim import ClaimExpired, ClaimReleased, ClaimTarget, ScanClaim
from trialplate.records.finding import Basis, ReportedTarget
from trialplate.records.project import Busy
from trialplate.records.shapes import Digest

DAY: Final = 24 * 60 * 60
SALT_BYTES: Final = 32
MOST_OPENING_BYTES: Final = 1024

_COMMIT_TAG: Final = b"trialplate.claim-commitment/1\n"


class OpeningError(TrialplateError):
    """A file opens no commitment."""


class Terms(Struct, frozen=True, kw_only=True):
    """What a finder may ask for: the same for every finder.

    A claim lasts `longest_s` at most, and a finder holds `most_standing` at a time. Because a target can be guessed,
    nobody is told "held" more than `most_refusals` times in `refusals_s`.
    """

    longest_s: int = 90 * DAY
    most_standing: int = 20
    most_refusals: int = 10
    refusals_s: int = DAY


TERMS: Final = Terms()


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A claim that is asked for or was made: whose, on what (in normal form), from when, and until before when."""

    finder: str
    target: ClaimTarget
    begins_at: str
    ends_at: str
    commitments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What an owner says of scans of its own: its calendar, and until when every scan is to stop (empty: it is not)."""

    busy: tuple[Busy, ...] = ()
    stopped_until: str = ""


class Granted(Struct, frozen=True):
    """The claim may be made; `pauses` are times within it in which the owner wants no scan."""

    pauses: tuple[Busy, ...] = ()


class HeldUntil(Struct, frozen=True, tag_field="answer", tag="held"):
    """Somebody looks at it, or its owner wants no scan. It is free at `until`, as things stand."""

    until: str


class BeyondTerms(Struct, frozen=True, tag_field="answer", tag="beyond terms"):
    """More was asked for than the terms allow; says nothing of anybody else."""

    reason: str


class Opening(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What opens a commitment, `trialplate.opening/1`: whoever has it can show who knew a finding when."""

    format: Literal["trialplate.opening/1"] = "trialplate.opening/1"
    commitment: Digest
    digest: Digest
    salt: Digest


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A finding as it came: who reports it, what it is in, and when it was received.

    `document` is the digest of the document that it came in, and `opening` what was sent to open a commitment.
    """

    finder: str
    target: ReportedTarget
    received_at: str
    document: str
    opening: Opening | None = None


@dataclass(frozen=True)
class Credit:
    """How a finder counts among the credited: since when, and what that rests on."""

    claimed_at: str
    basis: Basis


# --------------------------------------------------------------------------------------------------------------- leases


def within_terms(asked: Hold, own: Iterable[Hold], now: str, terms: Terms = TERMS) -> BeyondTerms | None:
    """Return what of a claim goes beyond the terms, going by the finder's `own` claims alone; None where nothing does.

    Raises:
        MomentError: where `now` is not a moment.
    """
    if asked.ends_at <= now:
        return BeyondTerms("The claim would end before it begins.")
    if asked.ends_at > later(now, terms.longest_s):
        return BeyondTerms(f"A claim lasts at most {terms.longest_s // DAY} days.")
    if sum(hold.ends_at > now for hold in own) >= terms.most_standing:
        return BeyondTerms(f"You hold {terms.most_standing} claims, the most at a time: release one.")
    return None


def grant(asked: Hold, standing: Iterable[Hold], owners: Sequence[Owner], now: str) -> Granted | HeldUntil:
    """Return whether a target is free.

    A finder's own claim holds it as any other does, so that nobody keeps a target by asking again.

    Args:
        asked: what is asked for.
        standing: claims of anybody; those that do not overlap change nothing.
        owners: what the owners of the target say.
        now: the moment asked about.
    """
    held = [hold.ends_at for hold in standing if overlaps(hold.target, asked.target)]
    held += [owner.stopped_until for owner in owners]
    busy = [each for owner in owners for each in owner.busy]
    free = now
    while later_ends := [end for end in (*held, *_covering(busy, free)) if end > free]:
        free = max(later_ends)
    if free > now:
        return HeldUntil(free)
    return Granted(tuple(each for each in busy if now < each.ends_at and each.begins_at < asked.ends_at))


def hold_of(history: History) -> Hold | None:
    """Return the claim that a history is of, up to its release where that came first; None where it is of none."""
    said = history.record(ScanClaim)
    if said is None or not isinstance(said.body, ScanClaim):
        return None
    end = history.record(ClaimReleased, ClaimExpired)
    return Hold(
        finder=said.author,
        target=said.body.target,
        begins_at=said.at,
        ends_at=min(said.body.ends_at, end.at) if end else said.body.ends_at,
        commitments=said.body.commitments,
    )


def _covering(busy: Iterable[Busy], moment: str) -> Iterable[str]:
    return (each.ends_at for each in busy if each.begins_at <= moment)


# ---------------------------------------------------------------------------------------------------------- commitments


def finding_digest(document: bytes) -> str:
    """Return what is committed to: the SHA-256, in hex, of the document in which the finding will be reported."""
    return hashlib.sha256(document).hexdigest()


def commit(salt: bytes, digest: str) -> str:
    """Return the commitment to a digest, in hex: SHA-256 of a tag, 32 random bytes and the digest's bytes.

    Raises:
        OpeningError: for a salt of another length.
    """
    if len(salt) != SALT_BYTES:
        raise OpeningError(f"A salt has {SALT_BYTES} bytes, not {len(salt)}.", "Draw it anew.")
    return hashlib.sha256(_COMMIT_TAG + salt + bytes.fromhex(digest)).hexdigest()


def opens(opening: Opening, digest: str) -> bool:
    """Say whether an opening opens its commitment, and that to this digest."""
    made = commit(bytes.fromhex(opening.salt), opening.digest)
    return hmac.compare_digest(made, opening.commitment) and hmac.compare_digest(opening.digest, digest)


def write_opening(salt: bytes, digest: str) -> bytes:
    """Return the file that opens the commitment to a digest: canonical JSON and a newline."""
    return canonical(Opening(commitment=commit(salt, digest), digest=digest, salt=salt.hex())) + b"\n"


def read_opening(data: bytes) -> Opening:
    """Return the opening in the bytes of a file.

    Raises:
        OpeningError: where it is none.
    """
    try:
        return decode(data.removesuffix(b"\n"), Opening, most=MOST_OPENING_BYTES)
    except CanonicalError as error:
        raise OpeningError(
            f"This opens no commitment: {error.what}", "Give the file that `trialplate claim commit` wrote."
        ) from None


# --------------------------------------------------------------------------------------------------------------- credit


def credited(arrival: Arrival, claim: Hold | None) -> Credit:
    """Return since when a finder is credited with a finding, on the strength of the claim that its report names.

    A claim counts where it is the finder's own, covers the target and stood when the report came: then since the claim
    was received. A commitment counts on top of it where the opening opens it to the document.
    """
    if (
        claim is None
        or claim.finder != arrival.finder
        or not claim.begins_at <= arrival.received_at < claim.ends_at
        or not overlaps(claim.target, reported(arrival.target))
    ):
        return Credit(arrival.received_at, Basis.RECEIPT)
    opening = arrival.opening
    opened = opening is not None and opening.commitment in claim.commitments and opens(opening, arrival.document)
    return Credit(claim.begins_at, Basis.COMMITMENT if opened else Basis.CLAIM)
