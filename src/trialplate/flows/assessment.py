"""Assessment: the first process, as a table of steps, up to the draft. A determination is another office's affair."""

from __future__ import annotations

from typing import Final

from trialplate.flows.table import Flow, Step

PLAN: Final = "assessment.plan"
ORDER: Final = "assessment.order_drawn"
ENDED: Final = "assessment.runs_ended"
ESTIMATE: Final = "assessment.estimate"
DRAFT: Final = "determination.draft"
"""The steps, by their names in slots."""

_PREFIX: Final = "assessment."


def assessment(number: int) -> Flow:
    """Return the flow of a subject's plan of that number. Every plan of a subject has slots of its own.

    Between the order and the end of the runs stand the records of attempts, which are no steps: they are long work.
    """
    return Flow(
        name=f"{_PREFIX}{number}",
        steps=(
            Step(makes=f"{PLAN}/1"),
            Step(makes=f"{ORDER}/1", needs=(f"{PLAN}/1",)),
            Step(makes=f"{ENDED}/1", needs=(f"{ORDER}/1",)),
            Step(makes=f"{ESTIMATE}/1", needs=(f"{ENDED}/1",)),
            Step(makes=f"{DRAFT}/1", needs=(f"{ESTIMATE}/1",)),
        ),
    )
