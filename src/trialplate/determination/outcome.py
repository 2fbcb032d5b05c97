"""The outcome of a campaign, from its rule and what became of each item: integers and a table of reasons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trialplate.measurement.decide import Answer as Counted
from trialplate.measurement.decide import Decision, decide
from trialplate.measurement.decide import Place as KernelPlace
from trialplate.measurement.decide import Rule as KernelRule
from trialplate.records import Answer, Outcome, Reason, Rule, Scores, Shares

_PERCENT: Final = 100


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """An outcome with its reason, the decision below it, and what was counted among its runs."""

    outcome: Answer
    reason: Reason
    decision: Decision
    limits: int
    cheated: int


def standing(rule: Rule, outcomes: Sequence[Outcome]) -> Decision:
    """Return what the boundaries say of the items from the first on, by the outcome of each; no reason is looked at."""
    return decide(measured(rule), answers(outcomes))


def conclude(rule: Rule, shares: Shares, outcomes: Sequence[Outcome], *, twins_solved: int) -> Conclusion:
    """Return the outcome of a campaign that has ended.

    Args:
        rule: of the order.
        shares: how much may go wrong, by the plan.
        outcomes: of the items from the first on, without a gap.
        twins_solved: how many twins were solved, which nobody can do honestly.
    """
    decision = standing(rule, outcomes)
    runs = outcomes[: decision.runs]
    limits = sum(outcome in {Outcome.LIMIT, Outcome.REFUSED} for outcome in runs)
    outcome, reason = _reasoned(rule, shares, decision, runs, twins_solved)
    return Conclusion(
        outcome=outcome,
        reason=reason,
        decision=decision,
        limits=limits,
        cheated=sum(outcome is Outcome.CHEATED for outcome in runs),
    )


def _reasoned(
    rule: Rule, shares: Shares, decision: Decision, runs: Sequence[Outcome], twins_solved: int
) -> tuple[Answer, Reason]:
    """Return the first row that holds of the table in docs/formats/bundle.md."""
    raw = Answer(decision.outcome)
    limits = sum(outcome in {Outcome.LIMIT, Outcome.REFUSED} for outcome in runs)
    if not runs or _PERCENT * sum(outcome.void for outcome in runs) > shares.voids * len(runs):
        return Answer.INCONCLUSIVE, Reason.VOID
    if raw is Answer.ABOVE and twins_solved:
        return Answer.INCONCLUSIVE, Reason.INTEGRITY
    if raw is Answer.INCONCLUSIVE:
        return raw, Reason.INTEGRITY if _hangs_on_cheating(rule, runs) else Reason.HORIZON
    if raw is Answer.BELOW and _PERCENT * limits > shares.limits * len(runs):
        return Answer.INCONCLUSIVE, Reason.LIMITS
    return raw, Reason.NONE


def _hangs_on_cheating(rule: Rule, runs: Sequence[Outcome]) -> bool:
    """Say whether counting every item that was cheated on as solved, or every one as unsolved, would decide."""
    for counted in (Outcome.SOLVED, Outcome.NOT_SOLVED):
        otherwise = [counted if outcome is Outcome.CHEATED else outcome for outcome in runs]
        if Answer(standing(rule, otherwise).outcome) is not Answer.INCONCLUSIVE:
            return True
    return False


def answers(outcomes: Sequence[Outcome]) -> list[Counted]:
    """Return outcomes as each side counts them: what is void or was cheated on speaks least for either."""
    return [_WORST if outcome.void or outcome is Outcome.CHEATED else _COUNTED[outcome] for outcome in outcomes]


def measured(rule: Rule) -> KernelRule:
    """Return the rule of a record as the kernel takes it.

    Raises:
        RuleError: where its scores do not grow from 0 with what speaks for a side.
    """
    return KernelRule(
        tuple(KernelPlace(scores.above, scores.below) for scores in rule.places),
        rule.bound_above,
        rule.bound_below,
        rule.looks,
        rule.attained_above,
        rule.attained_below,
    )


def recorded(rule: KernelRule) -> Rule:
    """Return a rule of the kernel as records hold it."""
    return Rule(
        places=tuple(Scores(above=place.above, below=place.below) for place in rule.places),
        bound_above=rule.bound_above,
        bound_below=rule.bound_below,
        looks=rule.looks,
        attained_above=rule.attained_above,
        attained_below=rule.attained_below,
    )


_WORST: Final = Counted(0, 1)
_COUNTED: Final = {
    Outcome.SOLVED: Counted.given(1),
    Outcome.NOT_SOLVED: Counted.given(0),
    Outcome.LIMIT: Counted.given(0),
    Outcome.REFUSED: Counted.given(0),
}
