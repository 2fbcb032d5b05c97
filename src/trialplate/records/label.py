"""The label value: how sensitive a record is, which compartments it belongs to, whom it may reach.

Only the value lives here, because every record carries one. What labels *mean* (who may read, what a derived
record's label is) is decided in `trialplate.trust.labels`.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError

MOST_NAMES: Final = 64
"""Compartments, and likewise restrictions, that one label may name."""

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ,._:/-]{0,126}[A-Za-z0-9])?")


class LabelError(TrialplateError):
    """A label is not well formed."""


class Level(IntEnum):
    """Levels of sensitivity, in their total order."""

    UNCLASSIFIED = 0
    CUI = 1
    CONFIDENTIAL = 2
    SECRET = 3
    TOP_SECRET = 4


class Label(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, order=False):
    """An ISM-style label (not a CAPCO marking).

    `compartments` names every compartment that a reader must hold; `dissemination` names every restriction
    that a reader must satisfy. Both are sets: a label is compared without regard to order. A name is 1 to 128
    ASCII letters, digits and ` ,._:/-`, with a letter or digit at both ends.

    Raises:
        LabelError: for a name of another shape, or more than `MOST_NAMES` names in a set.
    """

    level: Level
    compartments: frozenset[str] = frozenset()
    dissemination: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for what, names in (("compartments", self.compartments), ("dissemination", self.dissemination)):
            if len(names) > MOST_NAMES:
                raise LabelError(f"A label names {len(names)} {what}.", f"Name at most {MOST_NAMES}.")
            for name in names:
                if not _NAME.fullmatch(name):
                    raise LabelError(
                        f"{name[:40]!r} is no name for a label's {what}.",
                        "Use 1 to 128 of A-Z, a-z, 0-9 and ' ,._:/-', a letter or digit at both ends.",
                    )


PUBLIC = Label(level=Level.UNCLASSIFIED)
"""The bottom: what anybody may read, and all that a reader without clearance may read."""
