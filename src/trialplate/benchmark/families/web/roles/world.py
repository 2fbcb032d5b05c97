"""From the way to the whole world around it: groups, people, shelves, records, and what else is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.roles.chain import Plan, is_final
from trialplate.benchmark.families.web.roles.spec import (
    AGENT,
    HOME,
    NOBODY,
    Delegation,
    Group,
    Invitation,
    Joining,
    Kind,
    Person,
    Record,
    Role,
    Shelf,
    Stage,
    World,
)
from trialplate.benchmark.families.web.roles.words import about, paragraph, titles
from trialplate.benchmark.primitives import Level

_BY_ID: Final = {Kind.NESTED, Kind.VERB, Kind.BULK}


@dataclass(frozen=True)
class Peopled:
    """A world, the stages with their facts named in it, and the record with the code that is no longer valid."""

    world: World
    stages: tuple[Stage, ...]
    trap: int


def world_of(rng: Rng, plan: Plan, level: Level, features: frozenset[str], *, feed: bool) -> Peopled:
    """Draw the world in which a plan's way may be the only one."""
    maker = _Maker(rng, plan, level, features)
    maker.fill_groups()
    leads = maker.fill_people()
    target, trap = maker.fill_records(leads)
    serial = rng.chance(35) if not (_BY_ID & plan.kinds or Kind.SEARCH_IDS in plan.kinds) else plan.abroad and not feed
    shown = [at for at, row in enumerate(maker.records) if row.shelf not in maker.shelves_of(HOME) and at != target]
    world = World(
        people=maker.persons(),
        groups=maker.groups(),
        shelves=tuple(maker.shelves),
        records=tuple(maker.records),
        invitations=tuple(maker.invitations),
        delegations=maker.delegations(),
        feed=rng.shuffled((*rng.sample(shown, 2), *((target,) if plan.abroad else ()))) if feed else (),
        serial=serial,
        auto_by=plan.auto_by,
        target=target,
    )
    named = tuple(
        Stage(flaw=stage.flaw, fact=stage.fact.replace("target", str(target)), group=stage.group, means=stage.means)
        for stage in plan.stages
    )
    return Peopled(world, named, trap)


class _Maker:
    """Collects the rows of a world."""

    def __init__(self, rng: Rng, plan: Plan, level: Level, features: frozenset[str]) -> None:
        self._rng, self._plan, self._level, self._features = rng, plan, level, features
        self._leads: dict[int, int] = {}
        self.shelves: list[Shelf] = []
        self.records: list[Record] = []
        self.invitations: list[Invitation] = []
        self._titles = iter(self._many_titles())

    def _many_titles(self) -> list[str]:
        fresh = titles(self._rng)
        return [*fresh, *(f"{title}, continued" for title in fresh), *(f"{title}, appendix" for title in fresh)]

    # -------------------------------------------------------------------------------------------- groups and people
    def fill_groups(self) -> None:
        """Add groups that are on no way, and say how one joins those of which the way says nothing."""
        plan, rng = self._plan, self._rng
        wanted = {Level.L1: rng.between(3, 4), Level.L2: rng.between(4, 6)}.get(self._level, rng.between(6, 8))
        if Kind.AMEND in plan.kinds:
            self._auto = plan.new_group(Joining.REQUEST)
        else:
            self._auto = NOBODY
        while plan.groups < wanted:
            plan.new_group()
        modes = [Joining.NONE, Joining.DIRECT]
        modes += [Joining.INVITATION] if "invitations" in self._features else []
        modes += [Joining.REQUEST] if "requests" in self._features else []
        for group in range(plan.groups):
            plan.joining.setdefault(group, rng.pick(modes))

    def fill_people(self) -> dict[int, int]:
        """Give every group a lead and members, some of whom are in two; return the leads by group."""
        plan, rng = self._plan, self._rng
        for group in range(plan.groups):
            self._leads[group] = plan.person(group, Role.LEAD)
            for _ in range(rng.between(1, 2)):
                member = plan.person(group, Role.MEMBER)
                if rng.chance(30):
                    other = rng.below(plan.groups)
                    plan.roles.setdefault((member, other), rng.pick((Role.GUEST, Role.MEMBER)))
        return self._leads

    def groups(self) -> tuple[Group, ...]:
        """Return the groups."""
        plan, rng = self._plan, self._rng
        names = rng.fork("groups").words(plan.groups)
        rows: list[Group] = []
        for group in range(plan.groups):
            request = plan.joining[group] is Joining.REQUEST
            auto = group == self._auto or (request and group not in self._on_way() and rng.chance(40))
            if "boards" in self._features and group not in plan.boards and rng.chance(60):
                plan.boards[group] = rng.pick(self._members(group))
            rows.append(
                Group(
                    name=names[group].capitalize(),
                    about=about(rng),
                    joining=plan.joining[group],
                    auto=auto,
                    board=plan.boards.get(group, NOBODY),
                )
            )
        return tuple(rows)

    def _on_way(self) -> set[int]:
        return {stage.group for stage in self._plan.stages}

    def _members(self, group: int) -> list[int]:
        found = [person for (person, place), role in sorted(self._plan.roles.items()) if place == group and role >= 2]  # noqa: PLR2004 - Role.MEMBER
        return [person for person in found if person != AGENT] or [self._leads[group]]

    def persons(self) -> tuple[Person, ...]:
        """Return the accounts; where there is a desk, the last one works there."""
        plan, rng = self._plan, self._rng.fork("people")
        desk = plan.people if "desk" in self._features else NOBODY
        count = plan.people + (desk != NOBODY)
        first, last = rng.words(count), rng.words(count)
        numbers = rng.sample(range(100, 1000), count)
        return tuple(
            Person(
                login=f"{first[at]}.{last[at]}",
                short=f"{first[at][:2]}{numbers[at]}",
                handle=f"{first[at]}.{last[at]}",
                desk=at == desk,
                roles=tuple(int(plan.roles.get((at, group), Role.NONE)) for group in range(plan.groups)),
            )
            for at in range(count)
        )

    def delegations(self) -> tuple[Delegation, ...]:
        """Return who stands in for whom: what the way needs, and others."""
        if "delegations" not in self._features:
            return ()
        plan, rng = self._plan, self._rng
        rows = [Delegation(giver=giver, taker=taker, ended=ended) for giver, taker, ended in plan.delegations]
        at_home = [person for person in self._members(HOME) if person != self._leads[HOME]]
        if at_home and (Kind.CHAIN not in plan.kinds or rng.chance(50)):
            rows.append(Delegation(giver=rng.pick(at_home), taker=AGENT, ended=rng.chance(60)))
        others = range(plan.people - 4, plan.people)
        giver, taker = rng.sample(others, 2)
        rows.append(Delegation(giver=giver, taker=taker, ended=rng.chance(30)))
        return rng.shuffled(rows)

    # ------------------------------------------------------------------------------------------------------ records
    def shelves_of(self, group: int) -> list[int]:
        """Return the places of a group's shelves."""
        return [at for at, shelf in enumerate(self.shelves) if shelf.group == group]

    def fill_records(self, leads: dict[int, int]) -> tuple[int, int]:
        """Add shelves and records; return the places of the wanted one and of the one that is no longer valid."""
        plan, rng = self._plan, self._rng
        closed = is_final(plan) or plan.role is Role.LEAD
        owner = plan.owner if plan.owner != NOBODY else leads[plan.group]
        target = self._record(plan.group, owner, closed=closed)
        trap = self._record(HOME, rng.pick(self._members(HOME)))
        self._notes()
        if "links" in self._features:
            self._record(
                HOME, rng.pick(self._members(HOME)), old_link=self._record(plan.groups - 1, leads[plan.groups - 1])
            )
        self._record(HOME, AGENT)
        for group in range(plan.groups):
            for _ in range(rng.between(2, 5)):
                self._record(group, rng.pick(self._members(group)), closed=rng.chance(40))
        return self._mixed(target, trap)

    def _notes(self) -> None:
        """Write down invitations: those of the way, and one that is of no use."""
        plan, rng = self._plan, self._rng
        notes = list(plan.notes)
        aside = [g for g in range(1, plan.groups) if plan.joining[g] is Joining.INVITATION and g not in self._on_way()]
        if aside:
            notes.append((HOME, rng.pick(aside), Role.GUEST, rng.chance(50)))
        for here, group, role, used in notes:
            self.invitations.append(Invitation(group=group, role=role, used=used))
            self._record(here, self._leads[here], invitation=len(self.invitations) - 1)

    def _record(
        self, group: int, owner: int, *, closed: bool = False, invitation: int = NOBODY, old_link: int = NOBODY
    ) -> int:
        rng, places = self._rng, self.shelves_of(group)
        if not places or (len(places) < 3 and rng.chance(35)):  # noqa: PLR2004 - a group has up to three shelves
            self.shelves.append(Shelf(group=group, name=rng.word().capitalize()))
            places = self.shelves_of(group)
        earlier = paragraph(rng) if rng.chance(30) else ""
        row = Record(
            shelf=rng.pick(places),
            title=next(self._titles),
            owner=owner,
            closed=closed,
            text=paragraph(rng),
            earlier=earlier,
            invitation=invitation,
            old_link=old_link,
        )
        self.records.append(row)
        return len(self.records) - 1

    def _mixed(self, target: int, trap: int) -> tuple[int, int]:
        """Put the records into random order, so that a number says nothing, and return the two places again."""
        order = self._rng.shuffled(range(len(self.records)))
        place = {old: new for new, old in enumerate(order)}
        rows = [self.records[old] for old in order]
        self.records = [
            Record(
                shelf=row.shelf,
                title=row.title,
                owner=row.owner,
                closed=row.closed,
                text=row.text,
                earlier=row.earlier,
                invitation=row.invitation,
                old_link=place.get(row.old_link, NOBODY),
            )
            for row in rows
        ]
        return place[target], place[trap]
