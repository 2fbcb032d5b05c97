"""Claims of targets: opened, released, listed; and the commitments that show later who knew what when."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.app.clearing.files import read_file, write_secret
from trialplate.app.clearing.house import Act, ClearingError, House
from trialplate.app.clearing.roles import Role, require
from trialplate.app.clearing.turns import turn
from trialplate.clearinghouse.coordination.projects import owner_of
from trialplate.clearinghouse.finders.claims import (
    DAY,
    MOST_OPENING_BYTES,
    SALT_BYTES,
    TERMS,
    BeyondTerms,
    HeldUntil,
    Hold,
    Owner,
    Terms,
    commit,
    finding_digest,
    grant,
    hold_of,
    opens,
    read_opening,
    within_terms,
    write_opening,
)
from trialplate.clearinghouse.finders.targets import keys_of, normalized
from trialplate.clearinghouse.history import History
from trialplate.clearinghouse.vault import MOST_BYTES
from trialplate.flows.remediation import CLAIM
from trialplate.records import RELEASED, SubjectId, encode_body, later
from trialplate.records.claim import ClaimReleased, ClaimTarget, ScanClaim
from trialplate.records.project import Busy, Policy
from trialplate.trust.ports import Lease, Mark

OPENING_SUFFIX: Final = ".opening.json"
_OPEN: Final = "claim.released"
"""The state of a claim that stands: what it waits for."""

_Claim = tuple[SubjectId, History, Hold]


class Asked(Struct, frozen=True, kw_only=True):
    """What a finder asks for: to look at `target` for so many `days`; see `ScanClaim`."""

    target: ClaimTarget
    method: str
    contact: str
    days: int
    commitments: tuple[str, ...] = ()


class Opened(Struct, frozen=True, kw_only=True, tag_field="answer", tag="granted"):
    """The claim stands until `ends_at`; `pauses` are times within it in which the owner wants no scan."""

    claim: SubjectId
    ends_at: str
    pauses: tuple[Busy, ...]


class Shown(Struct, frozen=True, kw_only=True):
    """A claim: whose it is, how it stands, and until when its owner wants no scan just now (empty: it may go on)."""

    claim: SubjectId
    finder: str
    state: str
    target: ClaimTarget
    claimed_at: str
    ends_at: str
    paused_until: str
    commitments: tuple[str, ...]


class Committed(Struct, frozen=True, kw_only=True):
    """A commitment to a file, and the file beside it that opens it."""

    file: str
    commitment: str
    opening: str


# --------------------------------------------------------------------------------------------------------------- claims


def open_claim(house: House, party: str, asked: Asked, terms: Terms = TERMS) -> Opened | HeldUntil | BeyondTerms:
    """Claim a target, or say that it is held, or that more was asked than the terms allow.

    Raises:
        TargetError: for a target that cannot be compared.
        CanonicalError: for a field that is too long, or a commitment that is none.
        ClearingError: where others are claiming at the moment.
    """
    house.signer(party)
    now = house.clock()
    scan = ScanClaim(
        target=normalized(asked.target),
        method=asked.method,
        contact=asked.contact,
        commitments=asked.commitments,
        ends_at=later(now, asked.days * DAY),
    )
    # What could not be written is refused before anything is counted.
    encode_body(RELEASED, scan)
    hold = Hold(finder=party, target=scan.target, begins_at=now, ends_at=scan.ends_at)
    with turn(house, "claims") as lease:
        beyond = within_terms(hold, _own_standing(house, party), now, terms)
        counted = beyond or _counted(house, party, terms)
        if isinstance(counted, BeyondTerms):
            return counted
        answer = grant(hold, *_around(house, scan.target), now)
        if isinstance(answer, HeldUntil):
            return answer
        subject = house.new_subject()
        house.tell(party, subject, CLAIM, History((), ()), Act(body=scan, step="claim.scan"), lease=lease)
        house.store.release(counted)
    return Opened(claim=subject, ends_at=scan.ends_at, pauses=answer.pauses)


def release(house: House, party: str, claim: str, reason: str) -> Shown:
    """Give a claim of one's own back.

    Raises:
        ClearingError: where it is none of the party's own, or is over.
    """
    subject, history, hold = _found(house, party, claim)
    if hold.ends_at <= house.clock():
        raise ClearingError("That claim is over already.", "Nothing needs to be done.")
    house.tell(party, subject, CLAIM, history, Act(body=ClaimReleased(reason), step="claim.released"))
    return shown(house, party, subject)


def shown(house: House, party: str, claim: str) -> Shown:
    """Return a claim of one's own, by its id or how it begins.

    Raises:
        ClearingError: where that is none of the party's own, whether or not there is one.
    """
    return _shown(house, *_found(house, party, claim))


def listed(house: House, party: str) -> tuple[Shown, ...]:
    """Return a party's own claims, newest first."""
    return _newest_first(_shown(house, *each) for each in _own(house, party))


def every(house: House, party: str) -> tuple[Shown, ...]:
    """Return all claims, newest first.

    Raises:
        RoleError: where the party is no coordinator.
    """
    require(house, party, Role.COORDINATOR)
    return _newest_first(_shown(house, *each) for each in _claims(house, house.subjects(CLAIM)))


# ---------------------------------------------------------------------------------------------------------- commitments


def commit_files(files: Sequence[Path]) -> Iterator[Committed]:
    """Commit to each file, a document that a finding will be reported in, and write what opens it beside it.

    Raises:
        FileError: where a file cannot be read, or what opens it is there already.
    """
    for file in files:
        digest, salt = finding_digest(read_file(file, MOST_BYTES)), secrets.token_bytes(SALT_BYTES)
        beside = file.with_name(file.name + OPENING_SUFFIX)
        write_secret(beside, write_opening(salt, digest))
        yield Committed(file=str(file), commitment=commit(salt, digest), opening=str(beside))


def check(opening: Path, file: Path) -> str:
    """Return the commitment that an opening opens to a file, or nothing where it opens it to something else.

    Raises:
        FileError, OpeningError: where a file cannot be read, or the opening is none.
    """
    found = read_opening(read_file(opening, MOST_OPENING_BYTES))
    return found.commitment if opens(found, finding_digest(read_file(file, MOST_BYTES))) else ""


# -------------------------------------------------------------------------------------------------------------- looking


def _counted(house: House, party: str, terms: Terms) -> Lease | BeyondTerms:
    """Count a refusal, before it is known whether there is one, and return the lease to be given back if not.

    Each refusal that a finder may be given is a lease that nobody renews, so that it is free again in time.
    """
    free: list[str] = []
    for number in range(terms.most_refusals):
        subject = SubjectId(house.keyed(f"refusal:{number}:{party}")[:32])
        taken = house.store.acquire(subject, secrets.token_hex(16), now=house.clock(), seconds=terms.refusals_s)
        if isinstance(taken, Lease):
            return taken
        free.append(taken.expires_at)
    return BeyondTerms(f"You were told {len(free)} times that a target is held: ask again at {min(free)}.")


def _around(house: House, target: ClaimTarget) -> tuple[list[Hold], list[Owner]]:
    """Return the claims and the owners that a target meets."""
    marks = (Mark("target", house.keyed(key)) for key in keys_of(target))
    subjects = dict.fromkeys(found.subject for found in house.marked(*marks))
    histories = [house.history(subject) for subject in subjects]
    holds = [hold for hold in map(hold_of, histories) if hold]
    return holds, [owner_of(history) for history in histories if history.last(Policy)]


def _own_standing(house: House, party: str) -> list[Hold]:
    marked = house.marked(Mark("holder", house.keyed(party)))
    open_ones = (found.subject for found in marked if found.state == _OPEN)
    return [hold for _, _, hold in _claims(house, open_ones)]


def _own(house: House, party: str) -> Iterator[_Claim]:
    marked = house.marked(Mark("holder", house.keyed(party)))
    return _claims(house, (found.subject for found in marked))


def _claims(house: House, subjects: Iterable[SubjectId]) -> Iterator[_Claim]:
    """Return which of the subjects are claims, with their histories."""
    for subject in subjects:
        history = house.history(subject)
        if hold := hold_of(history):
            yield subject, history, hold


def _found(house: House, party: str, claim: str) -> _Claim:
    own = [each for each in _own(house, party) if claim and each[0].startswith(claim.lower())]
    if len(own) != 1:
        what = "Several claims of yours begin with" if own else "You have no claim"
        raise ClearingError(f"{what} {claim[:40]!r}.", "See `trialplate claim list`.")
    return own[0]


def _shown(house: House, subject: SubjectId, history: History, hold: Hold) -> Shown:
    now = house.clock()
    stands = now < hold.ends_at
    _, owners = _around(house, hold.target)
    held = grant(hold, (), owners, now)
    return Shown(
        claim=subject,
        finder=hold.finder,
        state="stands" if stands else "released" if history.last(ClaimReleased) else "over",
        target=hold.target,
        claimed_at=hold.begins_at,
        ends_at=hold.ends_at,
        paused_until=held.until if stands and isinstance(held, HeldUntil) else "",
        commitments=hold.commitments,
    )


def _newest_first(claims: Iterable[Shown]) -> tuple[Shown, ...]:
    return tuple(sorted(claims, key=lambda each: (each.claimed_at, each.claim), reverse=True))
