"""The body of a draft: what an assessment hands to the officials who may one day determine something."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from trialplate.records.assessment import Answer, Horizon, Reason
from trialplate.records.body import Kind
from trialplate.records.header import RecordId, SubjectId


class PlanState(StrEnum):
    """How a plan of a subject ended."""

    FINISHED = "finished"
    ABANDONED = "abandoned"


class EarlierPlan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A plan of the subject before this one: every one counts, also one that came to nothing."""

    number: int
    plan: RecordId
    at: str
    state: PlanState
    outcome: str


class AssessmentDraft(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of a subject after an assessment. It determines nothing.

    `would_sign` is the office that alone may sign a determination, after the consultations that the order names;
    `formal` says whether the criteria could carry one at all. `says` and `does_not_say` are whole sentences.
    """

    subject: SubjectId
    model: str
    number: int
    plan: RecordId
    estimate: RecordId
    outcome: Answer
    reason: Reason
    runs: int
    voids: int
    twins_solved: int
    horizon: Horizon
    criteria: str
    criteria_digest: str
    cut_hours: str
    alpha: str
    beta: str
    calibration: str
    formal: bool
    would_sign: str
    says: tuple[str, ...]
    does_not_say: tuple[str, ...]
    earlier: tuple[EarlierPlan, ...]


DETERMINATION: Final = (Kind("determination.draft/1", AssessmentDraft),)
