"""Changes: records that are appended to one subject together or not at all, with corrections of what they replace."""

from __future__ import annotations

from msgspec import Struct

from trialplate.app.clearing.house import Act, House
from trialplate.clearinghouse.history import History, Said
from trialplate.flows.remediation import REMEDIATION
from trialplate.records import Correction, RecordId, SubjectId, record_id
from trialplate.trust.ports import Entry, Lease, Stored

_CORRECTION = "upkeep.correction"


class Changes:
    """What a party does to a subject, on the strength of the history that it saw; nothing is there before `append`.

    Args:
        house: the clearinghouse.
        party: who does it.
        subject: what it is done to.
        history: what stood on it when it was decided.
        flow: the flow of the subject.
    """

    def __init__(self, house: House, party: str, subject: SubjectId, history: History, flow: str = REMEDIATION) -> None:
        self._house = house
        self._party = party
        self._subject = subject
        self._history = history
        self._flow = flow
        self._records = list(history.records)
        self._entries: list[Entry] = []

    def add(self, body: Struct, step: str) -> RecordId:
        """Add a record in the next slot of a step, and return the id that it will have."""
        entry = self._house.entry(self._party, self._subject, self._flow, Act(body=body, step=step), self._records)
        made = record_id(entry.header)
        self._entries.append(entry)
        self._records.append(Stored(seq=len(self._records) + 1, id=made, entry=entry, received_at=self._house.clock()))
        return made

    def correct(self, old: Said | None, reason: str, replacement: RecordId = RecordId("")) -> None:  # noqa: B008 - a text
        """Take back a record that stands; nothing where there is none."""
        if old is not None:
            self.add(Correction(of=old.id, reason=reason, replacement=replacement), _CORRECTION)

    def replace(self, old: Said | None, body: Struct, step: str, reason: str) -> None:
        """Add a record in place of one that stands, if there is one."""
        # The new one comes first, so that undoing the correction takes it away again.
        self.correct(old, reason, self.add(body, step))

    def append(self, lease: Lease | None = None) -> tuple[RecordId, ...]:
        """Append what was added.

        Raises:
            ClearingError: where the subject has moved on meanwhile, or the lease is lost; nothing was changed.
        """
        return self._house.append(self._subject, self._flow, self._history, self._entries, lease=lease)


def step_of(said: Said) -> str:
    """Return the step whose slot a record has."""
    return said.stored.entry.header.slot.step
