"""Roles: who acts for the clearinghouse, and who may appoint whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.clearing import CORA, RHEA, World
from trialplate.app.clearing import roles
from trialplate.app.clearing.house import HOUSE, HOUSE_SUBJECT, ClearingError
from trialplate.app.clearing.roles import Role, RoleError
from trialplate.app.keyring import Keyring, PartyError
from trialplate.records.project import Appointed
from trialplate.trust import KeyUriError, public_uri


@pytest.fixture
def world() -> World:
    world = World()
    world.staff()
    return world


def test_the_first_coordinator_appoints_itself_and_others_then() -> None:
    house = World().house
    first = roles.appoint(house, "cora", "cora", Role.COORDINATOR, office="Treasury")
    assert (first.first, first.office, first.key) == (True, "Treasury", public_uri(house.signer("cora")))
    other = roles.appoint(house, "cora", "dora", Role.COORDINATOR)
    assert not other.first
    roles.require(house, "dora", Role.COORDINATOR)
    assert roles.holders(house, Role.COORDINATOR) == {"cora", "dora"}


@pytest.mark.parametrize("party, role", [("dora", Role.COORDINATOR), ("cora", Role.RELEASER)])
def test_nobody_else_is_appointed_first(party: str, role: Role) -> None:
    house = World().house
    with pytest.raises(RoleError, match="first one appoints itself"):
        roles.appoint(house, "cora", party, role)
    assert roles.appointments(house) == ()


def test_only_a_coordinator_appoints(world: World) -> None:
    with pytest.raises(RoleError, match="no coordinator"):
        roles.appoint(world.house, RHEA, "dora", Role.COORDINATOR)


def test_nobody_is_the_clearinghouse_itself(world: World) -> None:
    for by, party in ((HOUSE, "dora"), (CORA, HOUSE)):
        with pytest.raises(RoleError, match="clearinghouse itself"):
            roles.appoint(world.house, by, party, Role.COORDINATOR)


def test_a_party_of_another_home_comes_with_its_key(world: World, tmp_path: Path) -> None:
    key = public_uri(Keyring(tmp_path).signer("dora"))
    assert roles.appoint(world.house, CORA, "dora", Role.RELEASER, key=key).key == key
    # Whoever has that name here, and another key, is somebody else.
    with pytest.raises(RoleError):
        roles.require(world.house, "dora", Role.RELEASER)
    with pytest.raises(KeyUriError):
        roles.appoint(world.house, CORA, "dora", Role.RELEASER, key="ed25519:12")


def test_twice_is_once(world: World) -> None:
    with pytest.raises(ClearingError, match="already"):
        roles.appoint(world.house, CORA, RHEA, Role.RELEASER)
    standing = world.house.history(HOUSE_SUBJECT).standing
    assert sum(isinstance(said.body, Appointed) for said in standing) == 3


def test_who_is_not_appointed_is_told_how(world: World) -> None:
    with pytest.raises(RoleError, match="no coordinator here"):
        roles.require(world.house, "ann", Role.COORDINATOR)
    with pytest.raises(RoleError, match="Nobody has been appointed"):
        roles.require(World().house, "ann", Role.COORDINATOR)
    with pytest.raises(PartyError):
        roles.require(world.house, "../ann", Role.COORDINATOR)
