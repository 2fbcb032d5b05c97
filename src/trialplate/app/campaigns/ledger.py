"""The ledger of a campaign: its steps and attempts as records of one subject, under a lease.

A subject is a version of a model, and each of its plans begins a campaign that ends where the next plan begins: a plan
that was abandoned stays in sight for good. An attempt is written down before its scenario starts, and its result once.
A second process cannot write: it does not get the lease, and a writer whose lease was taken over is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from trialplate.app.campaigns.course import Course
from trialplate.benchmark.campaign import Progress, window
from trialplate.errors import TrialplateError
from trialplate.flows import due
from trialplate.flows.assessment import assessment
from trialplate.records import (
    RELEASED,
    AssessmentDraft,
    AttemptOpened,
    EarlierPlan,
    Label,
    Level,
    Outcome,
    Plan,
    PlanState,
    RecordId,
    RunResult,
    Slot,
    SubjectId,
    decode_body,
    draft,
    record_id,
)
from trialplate.trust import Reader, Signer, sign_draft
from trialplate.trust.ports import Appended, Held, Lease, Leases, RecordStore, Stored

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


@dataclass(frozen=True)
class Said:
    """A record of the subject with its body."""

    stored: Stored
    body: Struct

    @property
    def id(self) -> RecordId:
        """The record's id."""
        return self.stored.id


class CampaignLedger:
    """The ledger of one campaign of a subject, held by this process until it is closed.

    Args:
        store: where the records are.
        subject: whom the campaign is about.
        holder: who writes.
        clock: says what time it is, as records write it.
        lease_s: how long others wait for this process when it no longer renews its lease.
        number: which plan of the subject the campaign follows; 0: the next one.

    Raises:
        LedgerError: where another process holds the subject, or a newer plan has ended this campaign.
    """

    def __init__(  # noqa: PLR0913 - what it works with, and which campaign it is
        self,
        store: LeasedStore,
        subject: SubjectId,
        holder: Holder,
        clock: Callable[[], str],
        *,
        lease_s: int,
        number: int = 0,
    ) -> None:
        self._store = store
        self.subject = subject
        self._holder = holder
        self._clock = clock
        self._lease_s = lease_s
        # One owner a subject: the lock on a folder keeps a second process away, also from the lease of a dead one.
        self._lease = self._taken(store.acquire(subject, f"campaign:{subject}", now=clock(), seconds=lease_s))
        self.history = [_said(stored) for stored in store.history(holder.reader, subject)]
        plans = sum(isinstance(said.body, Plan) for said in self.history)
        self.number = number or plans + 1
        self.budget_tokens = 0
        self.most_runs = 0
        if self.number not in {plans, plans + 1}:
            self.close()
            raise LedgerError(
                f"Plan {self.number} of this subject was abandoned: plan {plans} came after it.",
                "Begin a new campaign, or resume the newest one.",
            )

    # ------------------------------------------------------------------------------------------------------ what stands

    @property
    def campaign(self) -> Sequence[Said]:
        """The records of this campaign, from its plan on."""
        plans = [at for at, said in enumerate(self.history) if isinstance(said.body, Plan)]
        return self.history[plans[self.number - 1] :] if len(plans) >= self.number else ()

    @property
    def course(self) -> Course:
        """How this campaign stands."""
        return Course([said.body for said in self.campaign])

    def id_of(self, kind: type[Struct]) -> RecordId:
        """Return the id of the first record of that type in this campaign; StopIteration where there is none."""
        return next(said.id for said in self.campaign if isinstance(said.body, kind))

    def next_step(self) -> str:
        """Return the name of the step that is to be done, or nothing where the campaign is over."""
        history = tuple(said.stored for said in self.campaign)
        return next((item.step for item in due(assessment(self.number), history, self._clock())), "")

    def earlier(self) -> tuple[EarlierPlan, ...]:
        """Return the subject's plans before this campaign's, each with what became of it."""
        starts = [at for at, said in enumerate(self.history) if isinstance(said.body, Plan)]
        spans = zip(starts, [*starts[1:], len(self.history)], strict=True)
        return tuple(
            _earlier(number, self.history[first:end])
            for number, (first, end) in enumerate(spans, start=1)
            if number < self.number
        )

    def progress(self) -> tuple[Progress, ...]:
        """Return what happened so far at each place."""
        return self.course.progress

    def most(self) -> int:
        """Return how many places from the first may run: no new one once the budget is spent or it is decided.

        A twin before the item that decided, whose attempt was void, is still run again.
        """
        course = self.course
        most = min(self.most_runs or course.needed, course.needed)
        used = sum(result.input_tokens + result.output_tokens for result in course.results)
        if not self.budget_tokens or used < self.budget_tokens:
            return most
        begun = [each.place for each in course.progress if each.attempts]
        return min(most, max(begun, default=-1) + 1)

    @property
    def over(self) -> bool:
        """Say whether no attempt is left to be run: decided, out of places, or out of budget."""
        return not window(self.progress(), most=self.most())

    # ------------------------------------------------------------------------------------------------- what is said

    def say(self, body: Struct, step: str, ordinal: int = 1) -> RecordId:
        """Write down the record of a step.

        Raises:
            LedgerError: where it cannot be appended.
        """
        now = self._clock()
        record = draft(
            body,
            kinds=RELEASED,
            subject=self.subject,
            author=self._holder.reader.party,
            at=now,
            label=CAMPAIGN,
            parents=(self.history[-1].id,) if self.history else (),
            slot=Slot(flow=assessment(self.number).name, step=step, ordinal=ordinal),
            random_bytes=secrets.token_bytes,
        )
        entry = sign_draft(record, (self._holder.signer,))
        self._lease = self._taken(self._store.renew(self._lease, now=now, seconds=self._lease_s))
        answer = self._store.append(self._holder.reader, (entry,), now=now, lease=self._lease)
        if not isinstance(answer, Appended):
            raise LedgerError(
                f"A record of the campaign was refused ({type(answer).__name__}).", "Resume it from one place only."
            )
        self.history.append(Said(answer.stored[0], body))
        return answer.stored[0].id

    def open_attempt(self, place: int) -> int:
        """Write down that the next attempt at a place begins, and return its number."""
        attempt = len(self.progress()[place].attempts) + 1
        self.say(AttemptOpened(place=place, attempt=attempt), f"opened-{place}", attempt)
        return attempt

    def finish_attempt(self, result: RunResult) -> None:
        """Write down what became of an attempt, and how the sums of the decision stand with it."""
        decision = self.course.with_body(result).decision
        said = replace(result, prefix=decision.runs, above=decision.above, below=decision.below)
        self.say(said, f"result-{result.place}", result.attempt)

    def close_open_attempts(self, outcome: Outcome) -> int:
        """Write down that attempts without a result are void for this reason, and return how many there were."""
        left = [(each.place, each.attempts[-1].number) for each in self.progress() if each.running]
        for place, attempt in left:
            self.finish_attempt(RunResult(place=place, attempt=attempt, outcome=outcome))
        return len(left)

    def close(self) -> None:
        """Give the subject back."""
        self._store.release(self._lease)

    @staticmethod
    def _taken(lease: Lease | Held) -> Lease:
        if isinstance(lease, Held):
            raise LedgerError("Another process runs this campaign.", "Wait for it, or end it, then resume.")
        return lease


def _said(stored: Stored) -> Said:
    return Said(stored, decode_body(RELEASED, stored.entry.header.kind, stored.entry.body))


def _earlier(number: int, campaign: Sequence[Said]) -> EarlierPlan:
    ended = next((said.body for said in campaign if isinstance(said.body, AssessmentDraft)), None)
    return EarlierPlan(
        number=number,
        plan=record_id(campaign[0].stored.entry.header),
        at=campaign[0].stored.entry.header.at,
        state=PlanState.FINISHED if ended else PlanState.ABANDONED,
        outcome=ended.outcome.value if ended else "",
    )
