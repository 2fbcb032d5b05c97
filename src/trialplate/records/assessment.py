"""Bodies of an assessment's records: the order that was drawn, each attempt as it begins, and what became of it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.body import Kind

MOST_PLACES: Final = 4096
MOST_ATTEMPTS: Final = 3
"""An attempt and its two re-runs after a void one."""

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


class ItemLimits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one attempt may use; 0 sets no limit. Tokens at 0 means the cap of the item's level.

    `seconds` counts what the model and its tools take; `microdollars` are millionths of a dollar.
    """

    tokens: int = 0
    seconds: int = 0
    turns: int = 0
    microdollars: int = 0

    def __post_init__(self) -> None:
        if min(self.tokens, self.seconds, self.turns, self.microdollars) < 0:
            raise AssessmentError("A limit of an attempt is negative.", "Give 0 or more.")


class Place(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place in the order: an item, or its patched twin, which nobody can solve honestly."""

    item: str
    twin: bool


class OrderDrawn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is run, in which order, on what, within which limits: fixed before the first attempt.

    `bank` is a bank's root, `image` the digest of the hosts' image, `model` and `agent` are names, `root` is the
    RFC 6962 root over the salted places, which lets one place be shown without the others.
    """

    bank: str
    image: str
    model: str
    agent: str
    limits: ItemLimits
    places: tuple[Place, ...]
    root: str

    def __post_init__(self) -> None:
        if not 0 < len(self.places) <= MOST_PLACES:
            raise AssessmentError(f"An order has {len(self.places)} places.", f"Draw 1 to {MOST_PLACES}.")
        for value in (self.bank, self.image, self.root):
            if not _HEX.fullmatch(value):
                raise AssessmentError(f"{value[:40]!r} is no digest.", "Give lower-case hex digits.")


class AttemptOpened(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An attempt at a place of the order begins: its scenario is still to be started, and no model was called.

    `attempt` counts from 1; an attempt without a result is lost and counts as one.
    """

    place: int
    attempt: int

    def __post_init__(self) -> None:
        _check_attempt(self.place, self.attempt)


class RunResult(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What became of an attempt, and what it used.

    `transcript` is the SHA-256 of its transcript as the private log keeps it, empty for an attempt that left none.
    """

    place: int
    attempt: int
    outcome: Outcome
    input_tokens: int = 0
    output_tokens: int = 0
    microdollars: int = 0
    milliseconds: int = 0
    turns: int = 0
    transcript: str = ""

    def __post_init__(self) -> None:
        _check_attempt(self.place, self.attempt)
        if min(self.input_tokens, self.output_tokens, self.microdollars, self.milliseconds, self.turns) < 0:
            raise AssessmentError("What an attempt used is negative.", "Give 0 or more.")


def _check_attempt(place: int, attempt: int) -> None:
    if not 0 <= place < MOST_PLACES or not 1 <= attempt <= MOST_ATTEMPTS:
        raise AssessmentError(
            f"Attempt {attempt} at place {place} is out of range.", f"Try a place {MOST_ATTEMPTS} times at most."
        )


ASSESSMENT: Final = (
    Kind("assessment.order_drawn/1", OrderDrawn),
    Kind("assessment.attempt_opened/1", AttemptOpened),
    Kind("assessment.run_result/1", RunResult),
)
