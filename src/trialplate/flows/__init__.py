"""The processes, as tables of steps, and the pure engine that says what happens next.

In: a `Flow`, the history of one subject, the moment. Out: what is `due`, by whom, from when, until when, and what its
silence means; the summary rows of the subject.

Rules:

- A step is done exactly when a record stands in its slot that nothing supersedes; state is derived, never stored.
- Every wait has a deadline and a default, and the default is another kind of record: silence never equals consent.
- Order is `seq`; deadlines count from the store's `received_at`; an author's `at` decides nothing.
- A redo takes the next ordinal, and its time counts from the correction.
"""

from trialplate.flows.engine import ENDED, MAX_VIEWS, Due, due, next_due_at, seen, state, summarize, views
from trialplate.flows.table import WORKER, AnyOf, Flow, FlowError, Step, stem

__all__ = [
    "ENDED",
    "MAX_VIEWS",
    "WORKER",
    "AnyOf",
    "Due",
    "Flow",
    "FlowError",
    "Step",
    "due",
    "next_due_at",
    "seen",
    "state",
    "stem",
    "summarize",
    "views",
]
