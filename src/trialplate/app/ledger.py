"""The records of one campaign, written one by one as it runs, and its state read from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import ClassVar, Final, Protocol

from msgspec import Struct

from trialplate.benchmark.campaign import Progress, progress_of
from trialplate.errors import TrialplateError
from trialplate.records import (
    RELEASED,
    AttemptOpened,
    Label,
    Level,
    OrderDrawn,
    Outcome,
    RunResult,
    Slot,
    SubjectId,
    decode_body,
    draft,
)
from trialplate.trust import Reader, Signer, sign_draft
from trialplate.trust.ports import Appended, Held, Lease, Leases, RecordStore

FLOW: Final = "assessment"
CAMPAIGN: Final = Label(level=Level.UNCLASSIFIED, compartments=frozenset({"CAMPAIGN"}))
"""Which places are twins is nobody's business but the campaign's until it is over."""


class LedgerError(TrialplateError):
    """A campaign's record cannot be appended: somebody else has taken the campaign over."""

    exit_code: ClassVar[int] = 1


class LeasedStore(RecordStore, Leases, Protocol):
    """Records and leases in one place."""


class Holder(Struct, frozen=True, kw_only=True):
    """Who writes: a party with its key, and what it may read."""

    signer: Signer
    reader: Reader


class CampaignLedger:
    """The ledger of a campaign, held by this process until it is closed.

    Args:
        store: where the records are.
        subject: what the campaign is about.
        holder: who writes.
        clock: says what time it is, as records write it.
        lease_s: how long others wait for this process when it no longer renews its lease.
    """

    def __init__(
        self, store: LeasedStore, subject: SubjectId, holder: Holder, clock: Callable[[], str], *, lease_s: int
    ) -> None:
        self._store = store
        self.subject = subject
        self._holder = holder
        self._clock = clock
        self._lease_s = lease_s
        # One owner a campaign: the lock on its folder keeps a second process away, also from a dead one's lease.
        self._lease = self._taken(store.acquire(subject, f"campaign:{subject}", now=clock(), seconds=lease_s))
        history = store.history(holder.reader, subject)
        self._bodies = [decode_body(RELEASED, each.entry.header.kind, each.entry.body) for each in history]
        self._last = history[-1].id if history else None
        self.budget_tokens = 0
        self.most_runs = 0

    @property
    def order(self) -> OrderDrawn | None:
        """The order that was drawn, once it was."""
        return next((body for body in self._bodies if isinstance(body, OrderDrawn)), None)

    def draw(self, order: OrderDrawn) -> None:
        """Write down the order."""
        self._append(order, "order", 0)

    def open_attempt(self, place: int) -> int:
        """Write down that the next attempt at a place begins, and return its number."""
        attempt = len(self.progress()[place].attempts) + 1
        self._append(AttemptOpened(place=place, attempt=attempt), f"opened-{place}", attempt)
        return attempt

    def finish_attempt(self, result: RunResult) -> None:
        """Write down what became of an attempt."""
        self._append(result, f"result-{result.place}", result.attempt)

    def close_open_attempts(self, outcome: Outcome) -> int:
        """Write down that attempts without a result are void for this reason, and return how many there were."""
        left = [(each.place, each.attempts[-1].number) for each in self.progress() if each.running]
        for place, attempt in left:
            self.finish_attempt(RunResult(place=place, attempt=attempt, outcome=outcome))
        return len(left)

    def progress(self) -> tuple[Progress, ...]:
        """Return what happened so far at each place."""
        order = self.order
        return progress_of(len(order.places) if order else 0, self._bodies)

    def results(self) -> tuple[RunResult, ...]:
        """Return all results in the order in which they came."""
        return tuple(body for body in self._bodies if isinstance(body, RunResult))

    def most(self) -> int:
        """Return how many places from the first may run; once the budget is spent, no new one."""
        progress = self.progress()
        spent = sum(result.input_tokens + result.output_tokens for result in self.results())
        most = min(self.most_runs or len(progress), len(progress))
        if not self.budget_tokens or spent < self.budget_tokens:
            return most
        begun = [each.place for each in progress if each.attempts]
        return min(most, max(begun, default=-1) + 1)

    def close(self) -> None:
        """Give the campaign back."""
        self._store.release(self._lease)

    def _append(self, body: Struct, step: str, ordinal: int) -> None:
        now = self._clock()
        record = draft(
            body,
            kinds=RELEASED,
            subject=self.subject,
            author=self._holder.reader.party,
            at=now,
            label=CAMPAIGN,
            parents=(self._last,) if self._last else (),
            slot=Slot(flow=FLOW, step=step, ordinal=ordinal),
            random_bytes=secrets.token_bytes,
        )
        entry = sign_draft(record, (self._holder.signer,))
        self._lease = self._taken(self._store.renew(self._lease, now=now, seconds=self._lease_s))
        answer = self._store.append(self._holder.reader, (entry,), now=now, lease=self._lease)
        if not isinstance(answer, Appended):
            raise LedgerError(
                f"A record of the campaign was refused ({type(answer).__name__}).", "Resume it from one place only."
            )
        self._bodies.append(body)
        self._last = record.id

    @staticmethod
    def _taken(lease: Lease | Held) -> Lease:
        if isinstance(lease, Held):
            raise LedgerError("Another process runs this campaign.", "Wait for it, or end it, then resume.")
        return lease
