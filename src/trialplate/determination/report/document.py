"""What a report is made of: blocks, each with a label, and the parts that stand in them. Values only. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialplate.determination.report.drawing import Drawing


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A text in a table or a list of facts. `value` is the exact figure behind a rounded text, for programs.

    `code` for digests and commands, `mark` for the sign of an outcome before the text, `bar` for a small drawing before
    it, `more` for lines below it, `head` for what names its row, and `rows` for how many rows it stands beside.
    """

    text: str
    value: str = ""
    code: bool = False
    mark: str = ""
    bar: Drawing | None = None
    more: tuple[Cell, ...] = ()
    head: bool = False
    rows: int = 1


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table; `number` where its cells are compared digit by digit."""

    title: str
    number: bool = False


Row = tuple[Cell | None, ...]
"""A cell for every column; None where a cell of a row above stands beside this one too."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: rows in groups that belong together. A folded one is shown when its caption is opened, and in print."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    groups: tuple[tuple[Row, ...], ...]
    folded: bool = False


@dataclass(frozen=True, kw_only=True)
class Said:
    """A paragraph."""

    kind: ClassVar[str] = "said"
    text: str
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Sentences one below the other, under a heading where there is one."""

    kind: ClassVar[str] = "listing"
    items: tuple[str, ...]
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What something is, under its name, with a word on what that means."""

    name: str
    cell: Cell
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts: side by side and short where `brief`, else one below the other."""

    kind: ClassVar[str] = "facts"
    items: tuple[Fact, ...]
    brief: bool = False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A drawing with what it shows in words."""

    drawing: Drawing
    caption: str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Drawings side by side where there is room."""

    kind: ClassVar[str] = "figures"
    items: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True)
class Sign:
    """The sign of outcomes in drawings and tables, with their names and what they mean."""

    mark: str
    name: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Legend:
    """What the signs mean."""

    kind: ClassVar[str] = "legend"
    items: tuple[Sign, ...]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command that the reader may type, and what it does."""

    line: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Commands:
    """Commands one below the other."""

    kind: ClassVar[str] = "commands"
    items: tuple[Command, ...]


Part = Table | Said | Listing | Facts | Figures | Legend | Commands


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The answer, which the look hangs on; its sentence as first word and rest; when it was made; and its sign."""

    answer: str
    word: str
    rest: str
    made: Cell
    drawing: Drawing


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of a report. `lead` is one plain sentence that says how to read it.

    A block with a headline is the answer; one that `warns` says something that has to be read before all else.
    """

    key: str
    title: str
    lead: str
    parts: tuple[Part, ...]
    headline: Headline | None = None
    warns: bool = False
