"""Draw an item: a chain of links over subnets, what opens each, and what leads nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.network.pivot.spec import (
    DATABASE,
    FOOTHOLD,
    GATE,
    KEYED,
    OPEN,
    PULLED,
    SIDES,
    Clue,
    Extra,
    Link,
    Machine,
    PivotSpec,
    needs_credential,
)
from trialplate.benchmark.families.network.pivot.traits import Traits, draw_traits
from trialplate.benchmark.primitives import Level

PLACES: Final = ("settings", "history", "backup", "environ", "table", "repository", "note", "sealed")

_KINDS: Final = (*OPEN, *KEYED, *PULLED, DATABASE, GATE)
_LAST: Final = (*KEYED, *PULLED, "drop")
_REPEATS: Final = 2
"""How often a kind stands in a chain at most, and how many links may need a machine beside the two that they join."""
_SLASH: Final = 26
_NUMBERS: Final = 60
_PORTS: Final = (8010, 9990)
_NAMES: Final = (
    "alder ash aspen beech birch briar cedar clover cypress elder elm fern fir gorse hazel heath holly hornbeam ivy "
    "juniper larch laurel linden maple moss myrtle oak osier pine poplar reed rowan rush sedge sorrel spruce tansy "
    "thistle willow yarrow yew"
).split()
_SERVICES: Final = (
    "almanac beadle bursar carter chandler cooper courier dresser factor ferrier fletcher grazier joiner keeper "
    "ledger lorimer mason mercer miller ostler porter reeve sawyer steward tanner tally thatcher turner verger warden"
).split()
_ACCOUNTS: Final = "svc-{}", "{}", "app-{}", "run-{}"


@dataclass(frozen=True)
class Size:
    """How large the items of a level are: ranges of links, subnets and decoys, the lowest and the highest."""

    links: tuple[int, int]
    subnets: tuple[int, int]
    stale: tuple[int, int]
    extras: tuple[str, ...]
    hard: int
    special: tuple[int, int]
    """Databases and gates."""


SIZES: Final = {
    Level.L2: Size(links=(2, 2), subnets=(2, 2), stale=(0, 1), extras=("archive",), hard=0, special=(0, 0)),
    Level.L3: Size(links=(3, 4), subnets=(2, 3), stale=(1, 1), extras=("archive", "?"), hard=40, special=(0, 1)),
    Level.L4: Size(
        links=(7, 8), subnets=(3, 4), stale=(1, 2), extras=("archive", "dead", "sound"), hard=100, special=(1, 3)
    ),
}


@dataclass(frozen=True)
class _Plan:
    """The chain before names: kinds, and before which links the way leads into a further subnet."""

    kinds: tuple[str, ...]
    advance: tuple[bool, ...]


def draw_spec(rng: Rng, level: Level) -> PivotSpec:
    """Return a drawn item of a level of the family's ladder."""
    size = SIZES[level]
    plan = _plan(rng.fork("plan"), size)
    traits = _traits(rng.fork("traits"), plan, size)
    site = _Site(rng.fork("site"), sum(plan.advance) + 1)
    links = _links(site, plan, traits)
    extras = _extras(rng.fork("extras"), site, size)
    return PivotSpec(
        level=level,
        subnets=site.networks,
        machines=site.machines(),
        links=links,
        clues=_clues(rng.fork("clues"), links, extras, size),
        extras=extras,
        site=rng.word(),
        label=rng.pick(("release code", "seal number", "closing code", "transfer key", "period seal")),
        store=rng.pick(("text", "table")),
        record=rng.word(),
        phrasing=rng.below(4),
    )


# -------------------------------------------------------------------------------------------------------------- chain


def _plan(rng: Rng, size: Size) -> _Plan:
    while True:
        count, subnets = rng.between(*size.links), rng.between(*size.subnets)
        kinds = tuple(rng.pick(_KINDS) for _ in range(count))
        ahead = rng.sample(range(1, count), subnets - 1) if subnets <= count else ()
        plan = _Plan(kinds, tuple(index in ahead for index in range(count)))
        if ahead and _sound(plan, size):
            return plan


def _sound(plan: _Plan, size: Size) -> bool:
    kinds = plan.kinds
    special = sum(kind in {DATABASE, GATE} for kind in kinds)
    if not size.special[0] <= special <= size.special[1] or kinds.count(GATE) > 1:
        return False
    if kinds[0] not in {*OPEN, *SIDES, DATABASE} or kinds[-1] not in _LAST:
        return False
    if any(kinds.count(kind) > _REPEATS for kind in kinds) or sum(kind in SIDES for kind in kinds) > _REPEATS:
        return False
    return all(_follows(plan, index) for index in range(1, len(kinds)))


def _follows(plan: _Plan, index: int) -> bool:
    """Say whether a link can come after the one before it."""
    before, kind, fresh = plan.kinds[index - 1], plan.kinds[index], plan.advance[index]
    if kind == before or (kind in OPEN and not fresh):
        return False
    if before == DATABASE:
        return kind == "shell" and not fresh
    if before == GATE:
        return fresh and kind in {*OPEN, *KEYED, "cache"}
    return True


def _traits(rng: Rng, plan: _Plan, size: Size) -> tuple[Traits, ...]:
    found: list[Traits] = []
    for index, kind in enumerate(plan.kinds):
        part = rng.fork(f"link {index}")
        reached = index == 0 or plan.advance[index]
        values = dict(draw_traits(part, kind, hard=part.chance(size.hard)))
        # What needs no credential must stand where only the machine before leads; the first has nowhere to find one.
        if kind in SIDES:
            keyed = not reached or (index > 0 and values["seal"] == "keyed")
            values["seal"] = "keyed" if keyed else values["seal"].replace("keyed", "digest")
        if kind == DATABASE:
            values["reader"] = "yes" if not reached or (index > 0 and values["reader"] == "yes") else "no"
        found.append(tuple(sorted(values.items())))
    return tuple(found)


# --------------------------------------------------------------------------------------------------------------- site


class _Site:
    """Gives out subnets, machines, addresses, ports and names."""

    def __init__(self, rng: Rng, subnets: int) -> None:
        self._rng = rng
        bases = [f"{net}.{part}" for net in ("192.0.2", "198.51.100") for part in (0, 64, 128, 192)]
        self.networks = tuple(f"{base}/{_SLASH}" for base in rng.sample(bases, subnets))
        self._names = iter(("desk", *rng.shuffled(_NAMES)))
        self._services = iter(rng.shuffled(_SERVICES))
        self._ports = iter(rng.sample(range(*_PORTS), 40))
        self._numbers = [iter(rng.sample(range(2, _NUMBERS), _NUMBERS - 2)) for _ in range(subnets)]
        self._stands: list[tuple[str, list[int], list[int]]] = []
        self.machine(0)

    def machine(self, subnet: int) -> int:
        self._stands.append((next(self._names), [], []))
        self.join(len(self._stands) - 1, subnet)
        return len(self._stands) - 1

    def join(self, machine: int, subnet: int) -> None:
        _, subnets, numbers = self._stands[machine]
        subnets.append(subnet)
        numbers.append(next(self._numbers[subnet]))

    def link(self, kind: str, traits: Traits, source: int, subnet: int, hops: tuple[int, ...]) -> Link:
        service = next(self._services)
        return Link(
            kind=kind,
            source=source,
            target=self.machine(subnet),
            subnet=subnet,
            side=self.machine(subnet) if kind in SIDES else 0,
            hops=hops,
            port=next(self._ports),
            name=service,
            account=self._rng.pick(_ACCOUNTS).format(service[:6]),
            traits=traits,
        )

    def machines(self) -> tuple[Machine, ...]:
        return tuple(Machine(name, tuple(subnets), tuple(numbers)) for name, subnets, numbers in self._stands)


def _links(site: _Site, plan: _Plan, traits: Sequence[Traits]) -> tuple[Link, ...]:
    found: list[Link] = []
    source, subnet, last, hops = FOOTHOLD, 0, 0, ()
    for index, kind in enumerate(plan.kinds):
        if plan.advance[index]:
            subnet += 1
            site.join(last, subnet)
        link = site.link(kind, traits[index], source, subnet, hops)
        found.append(link)
        if link.runs:
            source = link.target
        # A gate is a hop of its own; a machine that is taken is reached by the hops before it.
        if link.runs or kind == GATE:
            last, hops = link.target, (*hops, index)
    return tuple(found)


def _extras(rng: Rng, site: _Site, size: Size) -> tuple[Extra, ...]:
    found: list[Extra] = []
    for wanted in size.extras:
        role = rng.pick(("dead", "sound")) if wanted == "?" else wanted
        kind = "command" if role == "archive" else rng.pick(OPEN)
        subnet = 0 if role == "archive" else rng.below(len(site.networks))
        traits = draw_traits(rng, kind, hard=False)
        if role == "archive":
            traits = tuple((name, "yes" if name == "shows" else value) for name, value in traits)
        found.append(Extra(role, site.link(kind, traits, FOOTHOLD, subnet, ())))
    return tuple(found)


# -------------------------------------------------------------------------------------------------------------- clues


def _clues(rng: Rng, links: Sequence[Link], extras: Sequence[Extra], size: Size) -> tuple[Clue, ...]:
    found: list[Clue] = []
    leaver = _Leaver(rng)
    held = [link.target for link in links if link.runs]
    wanting = [index for index in range(len(links)) if opened_by_clue(links, index)]
    for index in wanting:
        machine = links[index].source
        earlier = held[: held.index(machine) + 1]
        # A passphrase lies further back where there is a further back.
        found.append(leaver.live(index, machine, earlier[:-1] or earlier, sealed=size.hard > 0))
    if wanting:
        for machine in held[:-1]:
            found += [leaver.stale(rng.pick(wanting), machine) for _ in range(rng.between(*size.stale))]
        dead = [extra.link.target for extra in extras if extra.role == "dead"]
        found += [leaver.stale(rng.pick(wanting), machine) for machine in dead]
    return tuple(found)


def opened_by_clue(links: Sequence[Link], index: int) -> bool:
    """Say whether a credential that lies on a machine opens the link, and not one out of the database before it."""
    link = links[index]
    cracked = index > 0 and links[index - 1].kind == DATABASE
    return needs_credential(link.kind, link.traits) and not cracked


class _Leaver:
    """Leaves credentials, never two in one place of a machine."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._taken: set[tuple[int, str]] = set()

    def live(self, link: int, machine: int, phrases: Sequence[int], *, sealed: bool) -> Clue:
        place, path = self._place(machine, PLACES if sealed else PLACES[:-1])
        if place != "sealed":
            return Clue(link, machine, place, path, live=True, phrase=0, phrase_path="")
        phrase = self._rng.pick(phrases)
        return Clue(link, machine, place, path, live=True, phrase=phrase, phrase_path=f"notes/{self._rng.word()}.txt")

    def stale(self, link: int, machine: int) -> Clue:
        place, path = self._place(machine, PLACES[:-1])
        return Clue(link, machine, place, path, live=False, phrase=0, phrase_path="")

    def _place(self, machine: int, places: Sequence[str]) -> tuple[str, str]:
        place = self._rng.pick([each for each in places if (machine, each) not in self._taken])
        self._taken.add((machine, place))
        word = self._rng.word()
        return place, {
            "settings": f"conf/{word}.ini",
            "history": ".bash_history",
            "backup": f"backups/{word}.tar.gz",
            "environ": f"bin/{word}",
            "table": f"data/{word}.db",
            "repository": f"src/{word}",
            "note": f"mail/{word}.txt",
            "sealed": f"sealed/{word}.seal",
        }[place]
