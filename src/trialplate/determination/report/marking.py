"""Labels of a report: one for every block, the banner as their join, and what a reader is not given left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trialplate.determination.report.document import Block
from trialplate.determination.report.errors import ReportError
from trialplate.records import PUBLIC, Label
from trialplate.trust.labels import dominates, join

_BLOCKS: Final = (
    "answer limits evidence horizon results attempts twins integrity errors costs origins plans check words"
)

MARKS: Final[Mapping[str, Label]] = MappingProxyType(dict.fromkeys(_BLOCKS.split(), PUBLIC))
"""Labels of the blocks of a report on synthetic items: all that it says may be read by anybody."""


@dataclass(frozen=True)
class Marked:
    """A block with its label."""

    block: Block
    label: Label


def marked(blocks: Sequence[Block], marks: Mapping[str, Label], clearance: Label) -> tuple[Marked, ...]:
    """Return the blocks that a reader of `clearance` may read, each with its label.

    Raises:
        ReportError: for a block without a label, whoever reads.
    """
    for block in blocks:
        if block.key not in marks:
            raise ReportError(f"The block {block.key!r} has no label.", "Give every block of a report a label.")
    given = (Marked(block, marks[block.key]) for block in blocks)
    return tuple(each for each in given if dominates(clearance, each.label))


def banner(shown: Sequence[Marked]) -> str:
    """Return the marking of a whole page: the join of what is shown on it."""
    return marking(join(each.label for each in shown))


def marking(label: Label) -> str:
    """Return a label in words, in the style of markings: level, compartments, restrictions."""
    parts = [label.level.name.replace("_", " ")]
    parts += ["/".join(sorted(names)) for names in (label.compartments, label.dissemination) if names]
    return "//".join(parts)
