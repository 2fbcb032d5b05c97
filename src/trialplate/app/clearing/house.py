"""The clearinghouse of one home: its store, its keys and what it keeps sealed, and the one way in which it speaks."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from trialplate.app.keyring import Keyring
from trialplate.app.settings import Settings
from trialplate.app.wiring_flows import flows_of
from trialplate.app.wiring_store import opened, utc_now
from trialplate.app.worker import WorkedStore
from trialplate.clearinghouse.history import COORDINATION, History, insider, read
from trialplate.clearinghouse.vault import Vault
from trialplate.errors import TrialplateError
from trialplate.flows import Due, due, summarize
from trialplate.records import RELEASED, Label, RecordId, Slot, SubjectId, draft, new_subject, record_id
from trialplate.trust import Reader, Signer, sign_draft
from trialplate.trust.ports import Appended, Entry, Fenced, Lease, Mark, Marked, SlotTaken, Stale, Stored

HOUSE: Final = "house"
"""The party that the clearinghouse's own records are by."""
HOUSE_SUBJECT: Final = SubjectId(hashlib.sha256(b"trialplate.clearinghouse/1\n").hexdigest()[:32])
"""The subject of the clearinghouse itself."""

_PREFIX: Final = re.compile(r"[0-9a-f]{4,32}")
_ID_DIGITS: Final = 32
_PAGE: Final = 1_000


class ClearingError(TrialplateError):
    """The clearinghouse cannot do what it was asked to, as things stand."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """A record to be made: `body` in the next slot of `step`."""

    body: Struct
    step: str
    label: Label = COORDINATION


class House:
    """What every command of the clearinghouse works with.

    Args:
        store: where the records are.
        keys: the keys of its parties.
        vault: where documents, proofs, sources and patches are kept sealed.
        clock: says what time it is, as records write it.
    """

    def __init__(self, store: WorkedStore, keys: Keyring, vault: Vault, clock: Callable[[], str] = utc_now) -> None:
        self.store = store
        self.vault = vault
        self.clock = clock
        self._keys = keys
        self.flows = flows_of(keys.keyed)

    def signer(self, party: str) -> Signer:
        """Return the key of a party; see `Keyring.signer`."""
        return self._keys.signer(party)

    def keyed(self, text: str) -> str:
        """Return a fingerprint of a text under the key of this home's index."""
        return self._keys.keyed(text)

    def history(self, subject: SubjectId, reader: Reader | None = None) -> History:
        """Return what stands on a subject, for the house itself or for another reader."""
        return read(self.store.history(reader or insider(HOUSE), subject))

    def marked(self, *marks: Mark) -> tuple[Marked, ...]:
        """Return the subjects that carry these marks, for the house itself."""
        return self.store.marked(insider(HOUSE), marks, limit=100_000)

    def subjects(self, flow: str, reader: Reader | None = None) -> Iterator[SubjectId]:
        """Yield the subjects of a flow in the order of their ids, for the house itself or for another reader."""
        after = ""
        while page := self.store.summaries(reader or insider(HOUSE), after=after, limit=_PAGE):
            yield from (row.subject for row in page if row.flow == flow)
            after = page[-1].subject

    def due(self, flow: str, history: History) -> tuple[Due, ...]:
        """Return what can be done on a subject now."""
        return due(self.flows[flow], history.records, self.clock())

    def new_subject(self) -> SubjectId:
        """Return a fresh subject."""
        return new_subject(secrets.token_bytes)

    def subject(self, text: str) -> SubjectId:
        """Return the one subject whose id begins with `text`, 4 or more hex digits.

        Raises:
            ClearingError: where there is none, or more than one.
        """
        begun = text.lower()
        if not _PREFIX.fullmatch(begun):
            raise ClearingError(f"{text[:40]!r} is no id.", "Give 4 to 32 hex digits of one, as lists show them.")
        # A shorter text comes before all that begin with it; a whole id is found after itself without its end.
        rows = self.store.summaries(insider(HOUSE), after=begun if len(begun) < _ID_DIGITS else begun[:-1], limit=16)
        found = [row.subject for row in rows if row.subject.startswith(begun)]
        if len(found) != 1:
            many = "Several things have" if found else "Nothing here has"
            raise ClearingError(f"{many} an id that begins with {begun}.", "Look it up in a list; give more digits.")
        return found[0]

    def entry(self, party: str, subject: SubjectId, flow: str, act: Act, history: Sequence[Stored]) -> Entry:
        """Return the signed record of an act that comes after `history`."""
        taken = [s.entry.header.slot for s in history]
        ordinals = [slot.ordinal for slot in taken if (slot.flow, slot.step) == (flow, act.step)]
        made = draft(
            act.body,
            kinds=RELEASED,
            subject=subject,
            author=party,
            at=self.clock(),
            label=act.label,
            parents=(history[-1].id,) if history else (),
            slot=Slot(flow=flow, step=act.step, ordinal=1 + max(ordinals, default=0)),
            random_bytes=secrets.token_bytes,
        )
        return sign_draft(made, (self.signer(party),))

    def entries(
        self, party: str, subject: SubjectId, flow: str, history: History, acts: Sequence[Act]
    ) -> tuple[Entry, ...]:
        """Return the signed records of acts that follow one another on a subject."""
        records = list(history.records)
        made: list[Entry] = []
        for act in acts:
            entry = self.entry(party, subject, flow, act, records)
            made.append(entry)
            records.append(_coming(entry, len(records) + 1, self.clock()))
        return tuple(made)

    def tell(
        self,
        party: str,
        subject: SubjectId,
        flow: str,
        history: History,
        *acts: Act,
        lease: Lease | None = None,
    ) -> tuple[RecordId, ...]:
        """Append the records of acts in one transaction, on the strength of `history`, and return their ids.

        Raises:
            ClearingError: where the subject has moved on, or another does this at the moment; nothing was changed.
        """
        return self.append(subject, flow, history, self.entries(party, subject, flow, history, acts), lease=lease)

    def append(
        self, subject: SubjectId, flow: str, history: History, entries: Sequence[Entry], *, lease: Lease | None = None
    ) -> tuple[RecordId, ...]:
        """Append signed records of one subject with the rows that follow from them; see `tell`."""
        now = self.clock()
        coming = [_coming(entry, seq, now) for seq, entry in enumerate(entries, start=len(history.records) + 1)]
        answer = self.store.append(
            insider(HOUSE),
            entries,
            now=now,
            summaries=summarize(self.flows[flow], (*history.records, *coming)),
            after={subject: len(history.records)},
            lease=lease,
        )
        match answer:
            case Appended():
                return tuple(stored.id for stored in answer.stored)
            case Stale() | SlotTaken():
                raise ClearingError("It has moved on since it was looked at.", "Look at it again, then decide again.")
            case Fenced():
                raise ClearingError("Another process took this over.", "Let it finish; nothing was lost.")


@contextmanager
def opened_house(settings: Settings, clock: Callable[[], str] = utc_now) -> Generator[House]:
    """Open the clearinghouse of these settings, and close it after.

    Raises:
        HomeError, StoreError: where its folders or its store cannot be used.
    """
    with opened(settings) as store:
        yield House(
            store, Keyring(settings.keys_dir), Vault(settings.home / "vault", settings.keys_dir / "vault.key"), clock
        )


def _coming(entry: Entry, seq: int, now: str) -> Stored:
    return Stored(seq=seq, id=record_id(entry.header), entry=entry, received_at=now)
