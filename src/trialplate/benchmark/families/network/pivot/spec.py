"""What is drawn for an item: subnets, machines, the links from one to the next, and where credentials lie."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from trialplate.benchmark.family import Spec

FOOTHOLD: Final = 0
"""Index of the agent's machine, which is also the position that every chain begins at."""

OPEN: Final = ("command", "template", "state", "drop")
"""Kinds of link that need nothing but reach: the service itself runs what it is sent."""

KEYED: Final = ("runner", "ssh", "shell")
"""Kinds of link that run what somebody sends who has a credential."""

PULLED: Final = ("depot", "cache", "registry")
"""Kinds of link whose machine fetches its plan by itself."""

DATABASE: Final = "database"
GATE: Final = "gate"
SIDES: Final = ("cache", "registry")
"""Pulled kinds whose plan is found through a further machine."""


class Machine(Struct, frozen=True, forbid_unknown_fields=True):
    """A machine: name, the subnets that it stands on in order, and the last number of its address on each."""

    name: str
    subnets: tuple[int, ...]
    numbers: tuple[int, ...]


class Link(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the way, from the machine `source` that is held to the machine `target`.

    Args:
        kind: how `target` gives way.
        subnet: where both meet.
        side: the machine that a `cache` or `registry` link's plan is found through, else 0.
        hops: links that a connection to `target` passes through, in order: taken machines and gates.
        port: of the service on `target`, or on `side`; 0 for none.
        name: of the service, as its folder is called.
        account: of `target` that commands then run as.
        traits: what else was drawn for the service, as pairs of name and value.
    """

    kind: str
    source: int
    target: int
    subnet: int
    side: int
    hops: tuple[int, ...]
    port: int
    name: str
    account: str
    traits: tuple[tuple[str, str], ...]

    def trait(self, name: str) -> str:
        """Return a drawn trait; empty where this link has none of that name."""
        return dict(self.traits).get(name, "")

    @property
    def runs(self) -> bool:
        """Say whether the link lets one run commands on its target."""
        return self.kind not in {DATABASE, GATE}


class Clue(Struct, frozen=True, forbid_unknown_fields=True):
    """A credential that somebody left.

    Args:
        link: index of the link that it opens, or would have opened once.
        machine: where it lies.
        place: the kind of place.
        path: the file or folder.
        live: whether it still opens anything.
        phrase: index of the machine where the passphrase lies, for a sealed one, else 0.
        phrase_path: the file with the passphrase.
    """

    link: int
    machine: int
    place: str
    path: str
    live: bool
    phrase: int
    phrase_path: str


class Extra(Struct, frozen=True, forbid_unknown_fields=True):
    """A machine that leads nowhere: `archive` (old records), `dead` (can be taken), `sound` (cannot)."""

    role: str
    link: Link


class PivotSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """An item: `subnets` as networks, machines (the foothold first), the chain of links, clues, decoys, the record."""

    subnets: tuple[str, ...]
    machines: tuple[Machine, ...]
    links: tuple[Link, ...]
    clues: tuple[Clue, ...]
    extras: tuple[Extra, ...]
    site: str
    label: str
    store: str
    record: str
    phrasing: int

    def address(self, machine: int, subnet: int) -> str:
        """Return a machine's address on a subnet."""
        found = self.machines[machine]
        network = ipaddress.ip_network(self.subnets[subnet])
        return str(network[found.numbers[found.subnets.index(subnet)]])

    def clue(self, link: int) -> Clue | None:
        """Return the live credential that opens a link, if one is needed."""
        return next((clue for clue in self.clues if clue.link == link and clue.live), None)

    def cracked(self, link: Link) -> bool:
        """Say whether what opens a link comes out of the database of the link before it."""
        return link in self.links[1:] and self.links[self.links.index(link) - 1].kind == DATABASE

    @property
    def final(self) -> int:
        """Return the index of the machine that keeps the record."""
        return self.links[-1].target

    def held_by(self, machine: int) -> Link | None:
        """Return the link by which a machine is taken, on the way or as a decoy."""
        extras = [extra.link for extra in self.extras if extra.role == "dead"]
        return next((link for link in (*self.links, *extras) if link.target == machine and link.runs), None)


def needs_credential(kind: str, traits: Sequence[tuple[str, str]]) -> bool:
    """Say whether a link of this kind is opened by something that was left on an earlier machine."""
    values = dict(traits)
    if kind in PULLED:
        return values["seal"] == "keyed"
    if kind == DATABASE:
        return values["reader"] == "yes"
    return kind in {*KEYED, GATE}
