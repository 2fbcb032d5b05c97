"""Records: the language that every context shares.

Purpose: frozen, typed values for what was said, by whom, about what, how sensitive it is and what it rests on.
In: values from callers, and bytes from anywhere; both are checked once, at the door.
Out: canonical bytes, ids, commitments, drafts to sign, decoded bodies of the newest version, folds over a history.
Rules: nothing here does I/O or reads a clock; randomness is passed in; no floats; a released kind never changes;
stored bytes never change; a record is corrected by another record and never edited.
"""

from trialplate.records.assessment import (
    Answer,
    AssessmentError,
    AttemptOpened,
    Beacon,
    Ended,
    Estimate,
    Evidence,
    Flag,
    Horizon,
    OrderDrawn,
    Outcome,
    Place,
    Reason,
    Rule,
    RunResult,
    RunsEnded,
    Scores,
)
from trialplate.records.body import (
    Draft,
    Kind,
    KindError,
    Kinds,
    decode_body,
    draft,
    encode_body,
    kinds_of,
    verify_body,
)
from trialplate.records.canon import CanonicalError, canonical, decode
from trialplate.records.determination import AssessmentDraft, EarlierPlan, PlanState
from trialplate.records.fold import Fact, fact_of, superseded, unsuperseded
from trialplate.records.header import (
    Header,
    HeaderError,
    RecordId,
    Slot,
    SubjectId,
    commit_body,
    decode_header,
    new_subject,
    record_id,
)
from trialplate.records.kinds import RELEASED
from trialplate.records.label import PUBLIC, Label, LabelError, Level
from trialplate.records.plan import Argument, Elicitation, Figures, ItemLimits, Nuisance, Plan, PlanError, Shares
from trialplate.records.times import MomentError, later, moment, written
from trialplate.records.upkeep import Checkpoint, Correction, UpkeepError

__all__ = [
    "PUBLIC",
    "RELEASED",
    "Answer",
    "Argument",
    "AssessmentDraft",
    "AssessmentError",
    "AttemptOpened",
    "Beacon",
    "CanonicalError",
    "Checkpoint",
    "Correction",
    "Draft",
    "EarlierPlan",
    "Elicitation",
    "Ended",
    "Estimate",
    "Evidence",
    "Fact",
    "Figures",
    "Flag",
    "Header",
    "HeaderError",
    "Horizon",
    "ItemLimits",
    "Kind",
    "KindError",
    "Kinds",
    "Label",
    "LabelError",
    "Level",
    "MomentError",
    "Nuisance",
    "OrderDrawn",
    "Outcome",
    "Place",
    "Plan",
    "PlanError",
    "PlanState",
    "Reason",
    "RecordId",
    "Rule",
    "RunResult",
    "RunsEnded",
    "Scores",
    "Shares",
    "Slot",
    "SubjectId",
    "UpkeepError",
    "canonical",
    "commit_body",
    "decode",
    "decode_body",
    "decode_header",
    "draft",
    "encode_body",
    "fact_of",
    "kinds_of",
    "later",
    "moment",
    "new_subject",
    "record_id",
    "superseded",
    "unsuperseded",
    "verify_body",
    "written",
]
