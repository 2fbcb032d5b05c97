"""Records: the language that every context shares.

Purpose: frozen, typed values for what was said, by whom, about what, how sensitive it is and what it rests on.
In: values from callers, and bytes from anywhere; both are checked once, at the door.
Out: canonical bytes, ids, commitments, drafts to sign, decoded bodies of the newest version, folds over a history.
Rules: nothing here does I/O or reads a clock; randomness is passed in; no floats; a released kind never changes;
stored bytes never change; a record is corrected by another record and never edited.
"""

from trialplate.records.assessment import (
    AssessmentError,
    AttemptOpened,
    ItemLimits,
    OrderDrawn,
    Outcome,
    Place,
    RunResult,
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
from trialplate.records.upkeep import Checkpoint, Correction, UpkeepError

__all__ = [
    "PUBLIC",
    "RELEASED",
    "AssessmentError",
    "AttemptOpened",
    "CanonicalError",
    "Checkpoint",
    "Correction",
    "Draft",
    "Fact",
    "Header",
    "HeaderError",
    "ItemLimits",
    "Kind",
    "KindError",
    "Kinds",
    "Label",
    "LabelError",
    "Level",
    "OrderDrawn",
    "Outcome",
    "Place",
    "RecordId",
    "RunResult",
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
    "new_subject",
    "record_id",
    "superseded",
    "unsuperseded",
    "verify_body",
]
