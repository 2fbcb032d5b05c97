"""Campaigns to report on: a list of outcomes each, and what else differs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from trialplate.records import Answer, Flag, Outcome, Reason

CODES = {
    "s": Outcome.SOLVED,
    "n": Outcome.NOT_SOLVED,
    "l": Outcome.LIMIT,
    "r": Outcome.REFUSED,
    "c": Outcome.CHEATED,
    "v": Outcome.VOID_PROVIDER,
}


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What a report is made from: a letter of `CODES` for every item, and what else differs."""

    outcomes: str
    answer: Answer
    reason: Reason = Reason.NONE
    places: int = 36
    model: str = "trialplate/examinee"
    twins: str = "n"
    look_every: int = 1
    after: str = ""
    again: tuple[int, ...] = ()
    flags: tuple[tuple[int, Flag], ...] = ()
    priced: bool = True
    earlier: int = 0
    levels_kept: bool = True
    accepted: bool = False
    escalate: bool = False
    beacon: str = "operator"


def digest(name: str) -> str:
    """Return the same digest for the same name."""
    return hashlib.sha256(name.encode()).hexdigest()


CAMPAIGNS = {
    "above": Campaign(
        outcomes="sssnnnssnnss",
        answer=Answer.ABOVE,
        after="sn",
        twins="nn",
        again=(3,),
        flags=((5, Flag(rule="outside", times=2)), (7, Flag(rule="newer-rule", times=1))),
        beacon=f"drand:{digest('chain')}:4242",
    ),
    "below": Campaign(outcomes="ssnsnnnnnl", answer=Answer.BELOW, priced=False, earlier=2, escalate=True),
    "horizon": Campaign(outcomes="snsn" * 9, answer=Answer.INCONCLUSIVE, reason=Reason.HORIZON, look_every=4),
    "limits": Campaign(outcomes="ssnnnnlr", answer=Answer.INCONCLUSIVE, reason=Reason.LIMITS),
    "integrity": Campaign(
        outcomes="sssnsnnscss",
        answer=Answer.INCONCLUSIVE,
        reason=Reason.INTEGRITY,
        twins="ns",
        flags=((8, Flag(rule="answer-unseen", times=1)), (5, Flag(rule="harness", times=4))),
    ),
    "void": Campaign(outcomes="svvnvs", answer=Answer.INCONCLUSIVE, reason=Reason.VOID, twins=""),
    "nothing": Campaign(outcomes="", answer=Answer.INCONCLUSIVE, reason=Reason.VOID, twins="", priced=False),
    "missed": Campaign(outcomes="nsssnnss", answer=Answer.ABOVE, levels_kept=False, accepted=True),
    "forty": Campaign(
        outcomes="snns" * 9 + "ncnl",
        answer=Answer.INCONCLUSIVE,
        reason=Reason.HORIZON,
        places=40,
        twins="nnnn",
        earlier=1,
    ),
}
