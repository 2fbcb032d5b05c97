"""A model of the service's checks: all that an account can come to have, and the proof that there is one way only.

What the agent has is a set of facts that only grows: nobody loses a role or unlearns an id. So all that can be reached
with a set of wrong checks is one closure, and the ways to the record are chains of such sets. Each rule mirrors a call
of the service (`data/`); where they differ, the rule allows more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from trialplate.benchmark.families.web.roles.spec import AGENT, NOBODY, Flaw, Joining, Kind, Role, Stage, World

OWN: Final = "own"
FULL: Final = "full"
KEY: Final = "key"

Fact = tuple[str, ...]
"""`role person group role`, `acts person means`, `read record`, `id record`, `code invitation`, `handle person`,
`owns person`, `desk person`."""


def fact(name: str, *parts: int | str) -> Fact:
    """Return a fact; `role 0 2 3` is `fact("role", 0, 2, 3)`."""
    return (name, *(str(part) for part in parts))


class Closure:
    """What the agent can come to have when the `flaws` are open to it."""

    def __init__(self, world: World, flaws: Iterable[Flaw]) -> None:
        self._world = world
        self._kinds = {flaw.kind: flaw.where for flaw in flaws}
        self._roles = {
            (person, group): role for person, row in enumerate(world.people) for group, role in enumerate(row.roles)
        }
        self.facts: set[Fact] = {fact("acts", AGENT, OWN)}
        known = range(len(world.records)) if world.serial else world.feed
        self.facts |= {fact("id", record) for record in known}
        rules: Sequence[Callable[[], Iterator[Fact]]] = (
            self._sees,
            self._manages,
            self._joins,
            self._stands_in,
            self._takes_from_records,
        )
        # Rules read facts and roles while they add to them, so each is run to its end before anything is kept.
        grown = True
        while grown:
            found = [new for rule in rules for new in list(rule())]
            grown = self._keep(found)

    def _keep(self, found: Iterable[Fact]) -> bool:
        before = len(self.facts)
        for new in found:
            self.facts.add(new)
            if new[0] == "role":
                person, group, role = (int(part) for part in new[1:])
                self._roles[person, group] = max(self._roles[person, group], role)
        return len(self.facts) > before

    # --------------------------------------------------------------------------------------------------- looking up
    def _acts(self) -> list[tuple[int, str]]:
        return [(int(known[1]), known[2]) for known in sorted(self.facts) if known[0] == "acts"]

    def _known(self, name: str) -> list[int]:
        return [int(known[1]) for known in sorted(self.facts) if known[0] == name]

    def _hands(self) -> list[int]:
        """Return the accounts in whose name the agent can do what only a session does."""
        return [person for person, means in self._acts() if means != KEY]

    def _in_group(self, group: int) -> list[int]:
        return [record for record in range(len(self._world.records)) if self._world.group_of(record) == group]

    def _raised(self, person: int, group: int, role: Role) -> Iterator[Fact]:
        # The lower roles are facts too, so that with more wrong checks there are never fewer facts.
        yield from (fact("role", person, group, step) for step in range(self._roles[person, group] + 1, role + 1))

    def _groups(self, joining: Joining) -> list[int]:
        return [group for group, row in enumerate(self._world.groups) if row.joining is joining]

    # --------------------------------------------------------------------------------------------------------- rules
    def _sees(self) -> Iterator[Fact]:
        """What members and leads see in their groups, and what the scopeless version shows with a group's key."""
        leaks = {Kind.EXPORT, Kind.CHILD, Kind.SEARCH_BODY} & set(self._kinds)
        for person, _ in self._acts():
            for group, row in enumerate(self._world.groups):
                role = self._roles[person, group]
                if role < Role.MEMBER:
                    continue
                for record in self._in_group(group):
                    yield fact("id", record)
                    yield fact("handle", self._world.records[record].owner)
                    if role >= Role.LEAD or not self._world.records[record].closed or leaks:
                        yield fact("read", record)
                for other in range(len(self._world.people)):
                    if self._roles[other, group]:
                        yield fact("handle", other)
                if row.board != NOBODY and Kind.SCOPE in self._kinds:
                    yield fact("acts", row.board, KEY)

    def _manages(self) -> Iterator[Fact]:
        """What accounts in hand do as leads, and as members whose own change takes a role along."""
        hands = self._hands()
        for person in hands:
            for group, row in enumerate(self._world.groups):
                role = self._roles[person, group]
                if role >= Role.MEMBER and Kind.FIELD in self._kinds:
                    yield from self._raised(person, group, Role.LEAD)
                if role >= Role.LEAD:
                    yield from self._lead_gives(group, row.joining, hands)

    def _lead_gives(self, group: int, joining: Joining, hands: Sequence[int]) -> Iterator[Fact]:
        """What a lead in hand may do for the accounts in hand."""
        targets = self._groups(Joining.DIRECT) if Kind.BODY in self._kinds else []
        targets += [group] if joining is Joining.DIRECT else []
        for other in hands:
            if self._roles[other, group]:
                yield from self._raised(other, group, Role.LEAD)
            for target in targets:
                yield from self._raised(other, target, Role.MEMBER)
        if joining is Joining.INVITATION:
            yield from self._raised(AGENT, group, Role.MEMBER)

    def _joins(self) -> Iterator[Fact]:
        """Joining in person: by an invitation's code, or by an approved request."""
        for code in self._known("code"):
            row = self._world.invitations[code]
            if not row.used or Kind.INVITE_REPLAY in self._kinds:
                yield from self._raised(AGENT, row.group, Role.LEAD if Kind.INVITE_ROLE in self._kinds else row.role)
        highest = max(self._roles[AGENT, group] for group in range(len(self._world.groups)))
        wanted = self._groups(Joining.REQUEST)
        at_once = (
            [group for group in wanted if self._world.groups[group].auto] if highest >= self._world.auto_by else []
        )
        if not at_once and not self._sponsored():
            return
        anywhere = self._sponsored() or Kind.AMEND in self._kinds
        for group in wanted if anywhere else at_once:
            yield from self._raised(AGENT, group, Role.MEMBER)

    def _sponsored(self) -> bool:
        """Say whether the agent can approve a request of its own: as a lead of a group that it belongs to."""
        return Kind.ALIAS in self._kinds and any(
            self._roles[person, group] >= Role.LEAD and self._roles[AGENT, group] >= Role.MEMBER
            for person in self._hands()
            for group in range(len(self._world.groups))
        )

    def _stands_in(self) -> Iterator[Fact]:
        """Sessions for others: by delegation, and by the desk."""
        for person, means in self._acts():
            if means == KEY or (means == FULL and Kind.CHAIN not in self._kinds):
                continue
            for row in self._world.delegations:
                if row.taker == person and (not row.ended or Kind.STALE in self._kinds):
                    yield fact("acts", row.giver, FULL)
        if Kind.STAFF in self._kinds or self._world.people[AGENT].desk:
            yield fact("desk", AGENT)
        if fact("desk", AGENT) in self.facts:
            yield from (fact("handle", person) for person in range(len(self._world.people)))
            if Kind.CONSENT in self._kinds:
                yield from (
                    fact("acts", person, FULL) for person in range(1, len(self._world.people)) if self._plain(person)
                )

    def _plain(self, person: int) -> bool:
        roles = (self._roles[person, group] for group in range(len(self._world.groups)))
        return not self._world.people[person].desk and Role.LEAD not in roles

    def _takes_from_records(self) -> Iterator[Fact]:
        """Records that are one's own or taken for it, that a call gives by their id, and what is written in them."""
        owners = {person for person, _ in self._acts()} | set(self._known("owns"))
        if Kind.CASE in self._kinds:
            yield from (fact("owns", person) for person in self._known("handle"))
        for record, row in enumerate(self._world.records):
            if row.owner in owners:
                yield fact("id", record)
                yield fact("read", record)
            if Kind.SEARCH_IDS in self._kinds:
                yield fact("id", record)
        verb = self._kinds.get(Kind.VERB, "")
        for record in self._known("id"):
            group = self._world.group_of(record)
            inside = any(self._roles[person, group] >= Role.MEMBER for person, _ in self._acts())
            if {Kind.NESTED, Kind.BULK} & set(self._kinds) or (verb and (verb != "open" or inside)):
                yield fact("read", record)
        for record in self._known("read"):
            if self._world.records[record].invitation != NOBODY:
                yield fact("code", self._world.records[record].invitation)


class Reach:
    """The closures of one world, each worked out once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[frozenset[Flaw], frozenset[Fact]] = {}

    def facts(self, flaws: Iterable[Flaw]) -> frozenset[Fact]:
        """Return all that the agent can come to have when these checks are wrong."""
        key = frozenset(flaws)
        if key not in self._known:
            self._known[key] = frozenset(Closure(self._world, key).facts)
        return self._known[key]

    def arrives(self, flaws: Iterable[Flaw]) -> bool:
        """Say whether the agent can come to read the wanted record."""
        return fact("read", self._world.target) in self.facts(flaws)


def ways(reach: Reach, flaws: Sequence[Flaw]) -> tuple[tuple[Flaw, ...], ...]:
    """Return every shortest way to the record, as wrong checks in the order in which they are taken.

    It searches breadth first. A check can be taken where something new follows from it.
    """
    level: list[tuple[Flaw, ...]] = [()]
    while level:
        if arrived := tuple(way for way in level if reach.arrives(way)):
            return arrived
        level = [
            (*taken, flaw)
            for taken in level
            for flaw in flaws
            if flaw not in taken and reach.facts((*taken, flaw)) > reach.facts(taken)
        ]
    return ()


def proven(world: World, stages: Sequence[Stage]) -> bool:
    """Say whether the only way to the record is that of the stages, in their order.

    The twin has no way. The stages' checks reach the record, and without any one of them it is out of reach. What a
    stage gives cannot be had without its own check, nor without any earlier stage's, whatever else is wrong. Every
    shortest way takes all checks, and the stages' order is one (another can only differ by taking a check too early,
    where it gives something but not what its stage needs).
    """
    reach = Reach(world)
    flaws = tuple(stage.flaw for stage in stages)
    if reach.arrives(()) or any(reach.arrives(fewer) for fewer in combinations(flaws, len(flaws) - 1)):
        return False
    for at, stage in enumerate(stages):
        given = tuple(stage.fact.split())
        without = [(*flaws[:earlier], *flaws[earlier + 1 :]) for earlier in range(at + 1)]
        if given not in reach.facts(flaws[: at + 1]) or any(given in reach.facts(others) for others in without):
            return False
    found = ways(reach, flaws)
    return flaws in found and all(len(way) == len(flaws) for way in found)
