"""Roles: who acts for the clearinghouse, and who may appoint whom."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from trialplate.app.clearing.house import HOUSE, HOUSE_SUBJECT, Act, ClearingError, House
from trialplate.clearinghouse.history import History
from trialplate.errors import TrialplateError
from trialplate.flows import remediation
from trialplate.records.project import Appointed
from trialplate.trust import open_verifier, public_uri


class Role(StrEnum):
    """What a party may be appointed to."""

    COORDINATOR = "coordinator"
    RELEASER = "releaser"


class RoleError(TrialplateError):
    """A party does what its role does not let it do. It is told the same, whatever there is to see."""

    exit_code: ClassVar[int] = 1


class Appointment(Struct, frozen=True, kw_only=True):
    """What came of an appointment. `first` says that nobody was coordinator before, so that it rests on itself."""

    party: str
    role: Role
    office: str
    key: str
    first: bool


def appointments(house: House) -> tuple[Appointed, ...]:
    """Return the appointments that stand, in their order."""
    return _appointed(house.history(HOUSE_SUBJECT))


def holders(house: House, role: Role) -> frozenset[str]:
    """Return the parties that hold a role."""
    return frozenset(each.party for each in appointments(house) if each.role == role)


def require(house: House, party: str, role: Role) -> None:
    """Refuse a party that does not hold a role, or comes with another key than it was appointed with.

    Raises:
        RoleError: for either.
        PartyError: for a name that no key can have.
    """
    appointed = appointments(house)
    key = public_uri(house.signer(party))
    if any((each.party, each.role, each.key) == (party, role, key) for each in appointed):
        return
    if not any(each.role == Role.COORDINATOR for each in appointed):
        raise RoleError(
            "Nobody has been appointed here yet.",
            f"The first coordinator appoints itself: trialplate case appoint {party} --as {party}",
        )
    raise RoleError(f"{party} is no {role} here.", "Let a coordinator do it, or appoint you: trialplate case appoint")


def appoint(  # noqa: PLR0913 - what an appointment says
    house: House, by: str, party: str, role: Role, *, office: str = "", key: str = ""
) -> Appointment:
    """Appoint a party to a role; the first coordinator appoints itself, which is trust on first use.

    Args:
        house: the clearinghouse.
        by: who appoints: a coordinator.
        party: who is appointed.
        role: what to.
        office: for which office it acts, if for one.
        key: its public key; empty for the one that this home keeps, or makes, for it.

    Raises:
        RoleError: where `by` is no coordinator, though there is one, or the clearinghouse's own name is used.
        KeyUriError: where `key` is no public key.
        ClearingError: where it is appointed already, or somebody else appoints at this moment.
    """
    history = house.history(HOUSE_SUBJECT)
    first = not any(each.role == Role.COORDINATOR for each in _appointed(history))
    if HOUSE in {by, party}:
        raise RoleError(f"{HOUSE} is the clearinghouse itself.", "Name a party of its own.")
    if first and (by != party or role is not Role.COORDINATOR):
        fix = f"trialplate case appoint {by} --as {by}"
        raise RoleError("Nobody is coordinator yet, and the first one appoints itself.", fix)
    if not first:
        require(house, by, Role.COORDINATOR)
    if key:
        open_verifier(key)
    body = Appointed(party=party, key=key or public_uri(house.signer(party)), role=role, office=office)
    if body in _appointed(history):
        raise ClearingError(f"{party} is {role} already.", "Nothing is to be done.")
    house.tell(by, HOUSE_SUBJECT, remediation.HOUSE, history, Act(body=body, step="upkeep.appointed"))
    return Appointment(party=party, role=role, office=office, key=body.key, first=first)


def _appointed(history: History) -> tuple[Appointed, ...]:
    return tuple(said.body for said in history.standing if isinstance(said.body, Appointed))
