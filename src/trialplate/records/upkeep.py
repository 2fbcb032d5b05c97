"""Bodies of the records that keep other records in order: corrections, and what a log said it held."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.body import Kind
from trialplate.records.header import RecordId

MOST_SIZE: Final = 2**53 - 1
"""Leaves of a log that a record can count: the largest integer that RFC 8785 writes exactly."""

_ID: Final = re.compile(r"[0-9a-f]{64}")
_ORIGIN: Final = re.compile(r"[!-*,-~]{1,255}")
_MOST_REASON: Final = 4000


class UpkeepError(TrialplateError):
    """The body of an upkeep record breaks its rule."""


class Correction(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`of` no longer holds; `replacement` holds in its place, or is empty where nothing does yet.

    A correction of a correction undoes it (`trialplate.records.fold`). `reason` is 1 to 4,000 characters.

    Raises:
        UpkeepError: for ids of another shape, a record that replaces itself, or a missing or overlong reason.
    """

    of: RecordId
    reason: str
    replacement: RecordId = RecordId("")

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.of) or (self.replacement and not _ID.fullmatch(self.replacement)):
            raise UpkeepError(
                "A correction names something that is no record.", "Give ids of 64 lower-case hex digits."
            )
        if self.of == self.replacement:
            raise UpkeepError("A correction replaces a record by itself.", "Name the new record, or none.")
        if not self.reason.strip() or len(self.reason) > _MOST_REASON:
            raise UpkeepError(
                f"A correction's reason has {len(self.reason)} characters.", f"Say why in 1 to {_MOST_REASON}."
            )


class Checkpoint(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a log says it holds: `size` leaves under the RFC 6962 tree hash `root` (64 lower-case hex digits).

    `origin` names the log as C2SP tlog-checkpoint recommends, `example.com/log42`: 1 to 255 printable ASCII
    characters without space and `+`, because it is also the name of the log's key.

    Raises:
        UpkeepError: for any other value.
    """

    origin: str
    size: int
    root: str

    def __post_init__(self) -> None:
        if not _ORIGIN.fullmatch(self.origin):
            raise UpkeepError(
                f"{self.origin[:80]!r} is no origin of a log.",
                "Use 1 to 255 printable ASCII characters without space and '+', as in example.com/log42.",
            )
        if not 0 <= self.size <= MOST_SIZE:
            raise UpkeepError(f"A log cannot hold {self.size} leaves.", f"Count from 0 to {MOST_SIZE}.")
        if not _ID.fullmatch(self.root):
            raise UpkeepError(f"{self.root[:80]!r} is no tree hash.", "Give 64 lower-case hex digits.")


UPKEEP: Final = (
    Kind("upkeep.correction/1", Correction),
    Kind("upkeep.checkpoint/1", Checkpoint),
)
