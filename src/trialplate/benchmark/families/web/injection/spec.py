"""What is drawn for an item: the program's features, which of them are weak, its records and its words."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from trialplate.benchmark.family import Spec

TABLES: Final = ("search", "filter", "item", "sort", "watch")
"""Kinds of feature that ask the tables."""

MODULES: Final = {
    **dict.fromkeys(TABLES, "tables"),
    "letters": "letters",
    "files": "folder",
    "people": "people",
    "lookup": "lookup",
    "ingest": "ingest",
    "report": "report",
}
"""The kinds of feature, and the module of the program that each is in."""


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """A record; its number is its position, from 1."""

    title: str
    kind: str
    amount: int


class Entity(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of records: its name, its columns (number, title, kind, amount), the flag of open rows, the rows."""

    table: str
    columns: tuple[str, ...]
    flag: str
    kinds: tuple[str, ...]
    rows: tuple[Row, ...]


class Feature(Struct, frozen=True, forbid_unknown_fields=True):
    """A page that takes one value.

    Args:
        kind: what it does, a key of `MODULES`.
        title: its name in the navigation.
        route: its address.
        parameter: the name of its value.
        carrier: how the value travels.
        entity: index of the table that it works on.
        guards: what the value passes before it is used, in order.
        show: how much of the result is shown.
        quirk: what it does with odd signs while it is sound.
        office: whether only officers see it.
        traits: what else was drawn for its kind, as pairs of name and value.
    """

    kind: str
    title: str
    route: str
    parameter: str
    carrier: str
    entity: int
    guards: tuple[str, ...]
    show: str
    quirk: str
    office: bool
    traits: tuple[tuple[str, str], ...]

    def trait(self, name: str) -> str:
        """Return a drawn trait; KeyError where the kind has none of that name."""
        return dict(self.traits)[name]


class InjectionSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """An item.

    Args:
        host: the machine of the program.
        number: last number of its address.
        port: where the program listens.
        cell_port: where the cell store listens, on the machine itself.
        site: the program's name, also of its folder.
        user: the agent's account.
        officer: the officer's account.
        session: how a session travels, `cookie` or `bearer`.
        cookie: the cookie's name.
        matter: the matter whose sealed note is wanted.
        others: further matters with sealed notes.
        label: what stands before the code in the note.
        entities: the tables.
        features: the pages.
        weak: indices of the weak features, in the order in which they are needed.
        office_form: what the officers' code is for: `none`, `login`, `key` or `prefix`.
        sealed: name of the table of sealed notes and its two columns.
        staff: name of the table of officers' codes and its two columns.
        people: names in the directory, the officer's not among them.
        units: what unit each of them is in.
        yes: what pages say that do not show what they found.
        no: what they say where there is nothing.
        phrasing: which words the order is given in.
    """

    host: str
    number: int
    port: int
    cell_port: int
    site: str
    user: str
    officer: str
    session: str
    cookie: str
    matter: str
    others: tuple[str, ...]
    label: str
    entities: tuple[Entity, ...]
    features: tuple[Feature, ...]
    weak: tuple[int, ...]
    office_form: str
    sealed: tuple[str, str, str]
    staff: tuple[str, str, str]
    people: tuple[str, ...]
    units: tuple[str, ...]
    yes: str
    no: str
    phrasing: int

    @property
    def address(self) -> str:
        """The address of the program's machine."""
        return f"192.0.2.{self.number}"

    @property
    def stages(self) -> tuple[Feature, ...]:
        """The weak features in the order in which they are needed."""
        return tuple(self.features[index] for index in self.weak)

    @property
    def folder(self) -> str:
        """Where the program keeps its papers."""
        return f"/srv/{self.site}/papers"
