"""The scorer: asks the arena, and tells Inspect no more than right, wrong, or not to be said."""

from __future__ import annotations

from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import TaskState

from trialplate.benchmark.family import Indeterminate, Solved
from trialplate.benchmark.inspect.arena import Arena


@scorer(metrics=[accuracy()])
def judged_in(arena: Arena) -> Scorer:
    """Score a submission by the oracle of the item at its place.

    Whatever fails here leaves the attempt unscored and void; a raise would throw the run away.
    """

    async def score(state: TaskState, target: Target) -> Score:
        del target
        try:
            verdict = await arena.judge(str(state.sample_id), state.output.completion)
        except Exception as failure:  # noqa: BLE001 - see above
            return Score.unscored(explanation=type(failure).__name__)
        if isinstance(verdict, Indeterminate):
            return Score.unscored(explanation=verdict.reason)
        return Score(value=CORRECT if isinstance(verdict, Solved) else INCORRECT)

    return score
