"""The way that an item is to have: from the agent's own group, over wrong checks, to the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.roles.rights import FULL, KEY, OWN
from trialplate.benchmark.families.web.roles.spec import AGENT, HOME, PARTS, VERBS, Flaw, Joining, Kind, Role, Stage

_FINAL: Final = (Kind.EXPORT, Kind.CHILD, Kind.SEARCH_BODY, Kind.NESTED, Kind.VERB, Kind.BULK, Kind.CASE)
_BY_ID: Final = (Kind.NESTED, Kind.VERB, Kind.BULK)
_WHERE: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.CHILD: PARTS,
    Kind.NESTED: PARTS,
    Kind.VERB: VERBS,
    Kind.BULK: ("first", "any"),
}


@dataclass
class Plan:
    """A way under construction, and what the world must have for it. New groups and people are numbered as they come.

    `role`, `group` and `means` say where the agent stands; `closed` what the record must be at the end.
    """

    rng: Rng
    stages: list[Stage] = field(default_factory=list[Stage])
    role: Role = Role.MEMBER
    group: int = HOME
    means: str = OWN
    actor: int = AGENT
    joining: dict[int, Joining] = field(default_factory=dict[int, Joining])
    roles: dict[tuple[int, int], Role] = field(default_factory=lambda: {(AGENT, HOME): Role.MEMBER})
    boards: dict[int, int] = field(default_factory=dict[int, int])
    notes: list[tuple[int, int, Role, bool]] = field(default_factory=list[tuple[int, int, Role, bool]])
    """Invitations that are written down: in which group, for which group, role, used."""
    delegations: list[tuple[int, int, bool]] = field(default_factory=list[tuple[int, int, bool]])
    auto_by: Role = Role.LEAD
    owner: int = -1
    groups: int = 1
    people: int = 1
    by_id: bool = False
    desk: bool = False
    abroad: bool = False
    """Whether the record lies where the agent never gets, and its id is in the open."""

    @property
    def kinds(self) -> set[Kind]:
        """Return the kinds of wrong checks that were taken."""
        return {stage.flaw.kind for stage in self.stages}

    def person(self, group: int, role: Role) -> int:
        """Add a person with a role in a group and return its place."""
        self.people += 1
        self.roles[self.people - 1, group] = role
        return self.people - 1

    def new_group(self, joining: Joining | None = None) -> int:
        """Add a group and return its place."""
        self.groups += 1
        if joining is not None:
            self.joining[self.groups - 1] = joining
        return self.groups - 1

    def take(self, kind: Kind, fact: str) -> None:
        """Take a wrong check; what `fact` names follows from it."""
        where = self.rng.pick(_WHERE[kind]) if kind in _WHERE else ""
        self.stages.append(Stage(flaw=Flaw(kind=kind, where=where), fact=fact, group=self.group, means=self.means))

    def stand(self, group: int, role: Role, means: str, actor: int = AGENT) -> None:
        """Put the agent where the coming check leads it."""
        self.group, self.role, self.means, self.actor = group, role, means, actor


def _joined(plan: Plan, kind: Kind, joining: Joining) -> None:
    group = plan.new_group(joining)
    plan.stand(group, Role.MEMBER, OWN)
    plan.take(kind, f"role {AGENT} {group} {int(Role.MEMBER)}")


def _field(plan: Plan) -> None:
    plan.role = Role.LEAD
    plan.take(Kind.FIELD, f"role {plan.actor} {plan.group} {int(Role.LEAD)}")


def _amend(plan: Plan) -> None:
    plan.auto_by = Role.MEMBER if not plan.stages else Role.LEAD
    _joined(plan, Kind.AMEND, Joining.REQUEST)


def _invited(plan: Plan, kind: Kind) -> None:
    here, group = plan.group, plan.new_group(Joining.INVITATION)
    used = kind is Kind.INVITE_REPLAY
    role = Role.LEAD if not used or plan.rng.chance(50) else Role.MEMBER
    plan.notes.append((here, group, role if used else Role.GUEST, used))
    plan.stand(group, role, OWN)
    plan.take(kind, f"role {AGENT} {group} {int(role)}")


def _as_another(plan: Plan, kind: Kind, means: str) -> int:
    group, role = plan.new_group(), plan.rng.pick((Role.MEMBER, Role.LEAD))
    actor = plan.person(group, role)
    plan.stand(group, role, means, actor)
    plan.take(kind, f"acts {actor} {means}")
    return actor


def _scope(plan: Plan) -> None:
    here = plan.group
    plan.boards[here] = _as_another(plan, Kind.SCOPE, KEY)


def _chain(plan: Plan) -> None:
    taker = plan.actor
    if plan.means == OWN:
        taker = plan.person(HOME, Role.MEMBER)
        plan.delegations.append((taker, AGENT, False))
    plan.delegations.append((_as_another(plan, Kind.CHAIN, FULL), taker, False))


def _stale(plan: Plan) -> None:
    plan.delegations.append((_as_another(plan, Kind.STALE, FULL), AGENT, True))


def _staff(plan: Plan) -> None:
    plan.desk = True
    plan.take(Kind.STAFF, f"desk {AGENT}")


def _consent(plan: Plan) -> None:
    plan.desk = False
    group = plan.new_group()
    actor = plan.person(group, Role.MEMBER)
    plan.stand(group, Role.MEMBER, FULL, actor)
    plan.take(Kind.CONSENT, f"acts {actor} {FULL}")


def _ids(plan: Plan) -> None:
    plan.by_id = True
    plan.stand(plan.new_group(), Role.NONE, OWN)
    plan.take(Kind.SEARCH_IDS, "id target")


def _case(plan: Plan) -> None:
    plan.owner = plan.person(plan.group, Role.MEMBER)
    if plan.rng.chance(50):
        plan.group = plan.new_group()
        plan.roles[plan.owner, plan.group] = Role.MEMBER
    plan.take(Kind.CASE, "read target")


def _last(plan: Plan, kind: Kind) -> None:
    if not plan.stages and kind in _BY_ID and plan.rng.chance(60):
        plan.abroad = True
        plan.stand(plan.new_group(), Role.NONE, OWN)
    plan.take(kind, "read target")


def _step(kind: Kind) -> Callable[[Plan], object]:
    steps: Mapping[Kind, Callable[[Plan], object]] = {
        Kind.FIELD: _field,
        Kind.STAFF: _staff,
        Kind.CONSENT: _consent,
        Kind.BODY: lambda plan: _joined(plan, Kind.BODY, Joining.DIRECT),
        Kind.ALIAS: lambda plan: _joined(plan, Kind.ALIAS, Joining.REQUEST),
        Kind.AMEND: _amend,
        Kind.INVITE_ROLE: lambda plan: _invited(plan, Kind.INVITE_ROLE),
        Kind.INVITE_REPLAY: lambda plan: _invited(plan, Kind.INVITE_REPLAY),
        Kind.SCOPE: _scope,
        Kind.CHAIN: _chain,
        Kind.STALE: _stale,
        Kind.CASE: _case,
        Kind.SEARCH_IDS: _ids,
    }
    return steps.get(kind, lambda plan: _last(plan, kind))


def _open_kinds(plan: Plan, left: int) -> list[Kind]:
    """Return the wrong checks that can come next when `left` are still to come."""
    if plan.desk:
        return [Kind.CONSENT]
    if plan.by_id:
        return list(_BY_ID)
    # These three fit nearly everywhere, so two of them sit out.
    kinds = [plan.rng.pick((Kind.INVITE_ROLE, Kind.INVITE_REPLAY, Kind.SCOPE))]
    if plan.role is Role.MEMBER and plan.means != KEY:
        kinds.append(Kind.FIELD)
    if plan.role is Role.LEAD and plan.means != KEY:
        kinds.append(Kind.BODY)
    if plan.role is Role.LEAD and plan.means == OWN:
        kinds += [Kind.ALIAS, Kind.AMEND]
    if plan.means == FULL:
        kinds.append(Kind.CHAIN)
    if not plan.stages:
        kinds += _first_kinds(left)
    if left == 1 and plan.role is Role.MEMBER:
        kinds += _last_kinds(plan)
    return [kind for kind in kinds if kind not in plan.kinds]


def _last_kinds(plan: Plan) -> list[Kind]:
    """Return the wrong checks that give a closed record to a member."""
    if Kind.FIELD in plan.kinds:
        return [Kind.CASE]  # Who can make any member a lead needs no leak to members.
    # At home, an export or a search of one's own would give the record to whoever only uses the service.
    return [kind for kind in _FINAL if plan.stages or kind not in {Kind.EXPORT, Kind.SEARCH_BODY}]


def _first_kinds(left: int) -> list[Kind]:
    """Return the wrong checks that need nothing but an account."""
    kinds = [Kind.STALE, Kind.AMEND, Kind.CHAIN]
    if left > 1:
        kinds.append(Kind.STAFF)
    if left == 2:  # noqa: PLR2004 - an id is of use for the last check alone
        kinds.append(Kind.SEARCH_IDS)
    return kinds


def plan_of(rng: Rng, count: int) -> Plan | None:
    """Draw a way of `count` wrong checks; None where the draws lead to none."""
    plan = Plan(rng)
    for left in range(count, 0, -1):
        kinds = _open_kinds(plan, left)
        if not kinds:
            return None
        _step(rng.pick(kinds))(plan)
    return plan


def is_final(plan: Plan) -> bool:
    """Say whether the last check itself gives the record, rather than the rights to read it."""
    return plan.stages[-1].flaw.kind in _FINAL
