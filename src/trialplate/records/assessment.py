"""Bodies of an assessment's records after its plan: the order, each attempt, how the runs ended, what they say."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.body import Kind
from trialplate.records.header import RecordId
from trialplate.records.plan import MOST_ATTEMPTS, MOST_PLACES, Plan, require_decimal, require_digest

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+")


class AssessmentError(TrialplateError):
    """The body of an assessment's record breaks its rule."""


class Outcome(StrEnum):
    """What became of an attempt. No code stands for another: nothing is silently zero."""

    SOLVED = "SOLVED"
    NOT_SOLVED = "NOT_SOLVED"
    LIMIT = "LIMIT"
    REFUSED = "REFUSED"
    CHEATED = "CHEATED"
    VOID_PROVIDER = "VOID_PROVIDER"
    VOID_SANDBOX = "VOID_SANDBOX"
    VOID_SETUP = "VOID_SETUP"
    VOID_SCORER = "VOID_SCORER"
    VOID_LOST = "VOID_LOST"
    VOID_OPERATOR = "VOID_OPERATOR"

    @property
    def void(self) -> bool:
        """Say whether the attempt counts for nothing and is run again, twice at most."""
        return self.name.startswith("VOID_")


class Answer(StrEnum):
    """What an assessment says of a model against the cut. INCONCLUSIVE is never read as BELOW."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"
    INCONCLUSIVE = "INCONCLUSIVE"


class Reason(StrEnum):
    """Why an assessment is INCONCLUSIVE; `NONE` where it is not."""

    NONE = ""
    HORIZON = "horizon"
    LIMITS = "limits"
    INTEGRITY = "integrity"
    VOID = "void"


class Place(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place in the order: an item, or its patched twin, which nobody can solve honestly."""

    item: str
    twin: bool


class Beacon(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The draw that the order hangs on, made after the plan: its source, value and signature in hex.

    `signature` is empty for an operator's own draw.
    """

    source: str
    value: str
    signature: str = ""

    def __post_init__(self) -> None:
        require_digest("beacon.value", self.value)
        if self.signature:
            require_digest("beacon.signature", self.signature)


class Scores(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an item of the order adds to either sum: one score for each answer, from not solved to solved."""

    above: tuple[int, ...]
    below: tuple[int, ...]


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decision as integers, as docs/formats/decision.md says: nothing else is read at decision time.

    `looks` are the numbers of items after which the sums are compared with the bounds. `attained_above` and
    `attained_below` are the chances, as decimals, that a law at the edge of the declared set is taken for the other
    side.
    """

    places: tuple[Scores, ...]
    bound_above: tuple[int, ...]
    bound_below: tuple[int, ...]
    looks: tuple[int, ...]
    attained_above: str
    attained_below: str

    def __post_init__(self) -> None:
        if not len(self.places) == len(self.bound_above) == len(self.bound_below) > 0:
            raise AssessmentError("The parts of a rule differ in length.", "Give scores and bounds for each item.")
        require_decimal("attained_above", self.attained_above)
        require_decimal("attained_below", self.attained_below)


class OrderDrawn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The order of a plan and the rule that goes with it: fixed before the first attempt.

    `seed` is SHA-256 over the plan's commitment and the beacon, `root` the RFC 6962 root over the salted places, which
    lets one place be shown without the others. The rule's n-th item is the n-th place that is no twin.
    """

    plan: RecordId
    beacon: Beacon
    seed: str
    places: tuple[Place, ...]
    root: str
    rule: Rule

    def __post_init__(self) -> None:
        if not 0 < len(self.places) <= MOST_PLACES:
            raise AssessmentError(f"An order has {len(self.places)} places.", f"Draw 1 to {MOST_PLACES}.")
        for value in (self.plan, self.seed, self.root):
            if not _HEX.fullmatch(value):
                raise AssessmentError(f"{value[:40]!r} is no digest.", "Give lower-case hex digits.")
        if sum(not place.twin for place in self.places) != len(self.rule.places):
            raise AssessmentError("The rule is for another number of items.", "Make it for the items of the order.")


class AttemptOpened(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An attempt at a place of the order begins: its scenario is still to be started, and no model was called.

    `attempt` counts from 1; an attempt without a result is lost and counts as one.
    """

    place: int
    attempt: int

    def __post_init__(self) -> None:
        _check_attempt(self.place, self.attempt)


class Flag(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something in a transcript that an honest attempt does not show: which rule noticed it, and in how many places."""

    rule: str
    times: int


class RunResult(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of an attempt, and what it used.

    `transcript` is the SHA-256 of its transcript as the private log keeps it, empty for an attempt that left none;
    `endpoint` what answered as the model, by its own word. `prefix` is how many items from the first had an outcome
    after this result, `above` and `below` are the sums T+ and T- over these.
    """

    place: int
    attempt: int
    outcome: Outcome
    endpoint: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    microdollars: int = 0
    milliseconds: int = 0
    turns: int = 0
    transcript: str = ""
    flags: tuple[Flag, ...] = ()
    prefix: int = 0
    above: int = 0
    below: int = 0

    def __post_init__(self) -> None:
        _check_attempt(self.place, self.attempt)
        used = (self.input_tokens, self.output_tokens, self.microdollars, self.milliseconds, self.turns, self.prefix)
        if min(used) < 0:
            raise AssessmentError("What an attempt used is negative.", "Give 0 or more.")


class Ended(StrEnum):
    """Why no further attempt is begun."""

    DECIDED = "decided"
    ALL_RUN = "all items run"
    BUDGET = "budget spent"


class RunsEnded(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The attempts of a campaign are over; nothing that is run later counts."""

    why: Ended
    attempts: int


class Horizon(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model's time horizon in expert hours, as decimals: the best guess, and an interval that holds at any time.

    Where nothing that was seen bounds it from above, it is not `bounded`, and `high` is the end of the scale.
    """

    estimate: str
    low: str
    high: str
    bounded: bool

    def __post_init__(self) -> None:
        for value in (self.estimate, self.low, self.high):
            require_decimal("horizon", value)


class Evidence(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The cross-check beside the decision: log evidence of the testlet e-process on either side, and its outcome."""

    above: str
    below: str
    outcome: Answer


class Estimate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the runs of a campaign say by its rule: everything here can be computed again from the records before it.

    `runs` are the items that the outcome rests on, `voids` void attempts, `limits` items that ended in LIMIT or REFUSED
    among these, `after` items that were under way when it was decided and count for nothing. `escalate` where the
    cross-check says the opposite.
    """

    outcome: Answer
    reason: Reason
    runs: int
    above: int
    below: int
    voids: int
    limits: int
    cheated: int
    after: int
    twins: int
    twins_solved: int
    horizon: Horizon
    evidence: Evidence
    escalate: bool

    def __post_init__(self) -> None:
        if (self.outcome is Answer.INCONCLUSIVE) is (self.reason is Reason.NONE):
            raise AssessmentError("An estimate says INCONCLUSIVE without a reason, or the reverse.", "Say why.")


def _check_attempt(place: int, attempt: int) -> None:
    if not 0 <= place < MOST_PLACES or not 1 <= attempt <= MOST_ATTEMPTS:
        raise AssessmentError(
            f"Attempt {attempt} at place {place} is out of range.", f"Try a place {MOST_ATTEMPTS} times at most."
        )


ASSESSMENT: Final = (
    Kind("assessment.plan/1", Plan),
    Kind("assessment.order_drawn/1", OrderDrawn),
    Kind("assessment.attempt_opened/1", AttemptOpened),
    Kind("assessment.run_result/1", RunResult),
    Kind("assessment.runs_ended/1", RunsEnded),
    Kind("assessment.estimate/1", Estimate),
)
