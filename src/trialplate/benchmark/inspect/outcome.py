"""What became of an attempt, read from the six places where Inspect leaves traces of it.

Neither a sample's status nor its score alone says: a status is "success" with every sample failed, and a sandbox that
died is scored like a wrong answer. An attempt is void only for what the model could not have caused.
"""

from __future__ import annotations

import re
from typing import Final

from inspect_ai.event import ModelEvent, SpanBeginEvent
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageTool

from trialplate.benchmark.family import Indeterminate, Solved, Verdict
from trialplate.records import Outcome

_VOID: Final = re.compile(r"TrialplateVoid\[(VOID_[A-Z]+)\]")
_CANCELED: Final = ("CancelledError(", "Cancelled(")
_SETUP: Final = "Failed to execute setup script"


class VoidError(Exception):
    """An attempt is void for a known reason. Inspect keeps an error's text only, so the text says which."""

    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(f"TrialplateVoid[{outcome.value}] {why}")


def classify(sample: EvalSample, verdict: Verdict | None, *, broken: bool) -> Outcome:
    """Return the outcome of a finished sample.

    Args:
        sample: as Inspect hands it over.
        verdict: what our oracle said; None where it was not asked or failed.
        broken: whether the scenario as a whole was gone, which nothing inside can bring about.
    """
    if sample.error is not None:
        return _failed(sample)
    if isinstance(verdict, Solved):
        return Outcome.SOLVED  # Also at a limit: what is done is done.
    if broken or (_lost_sandbox(sample) and verdict is None):
        return Outcome.VOID_SANDBOX
    if verdict is None or isinstance(verdict, Indeterminate):
        return Outcome.VOID_SCORER
    if sample.limit is not None:
        return Outcome.VOID_OPERATOR if sample.limit.type == "operator" else Outcome.LIMIT
    if sample.output.stop_reason == "content_filter":
        return Outcome.REFUSED
    return Outcome.NOT_SOLVED


def _failed(sample: EvalSample) -> Outcome:
    """Tell what failed from an error: its text, and how far the sample had come."""
    message = sample.error.message if sample.error else ""
    if found := _VOID.search(message):
        return Outcome(found[1])
    if message.startswith(_CANCELED):
        return Outcome.VOID_OPERATOR
    calls = [event for event in sample.events if isinstance(event, ModelEvent)]
    if _SETUP in message or not calls:
        return Outcome.VOID_SETUP
    if any(isinstance(event, SpanBeginEvent) and event.type == "scorers" for event in sample.events):
        return Outcome.VOID_SCORER
    return Outcome.VOID_PROVIDER if calls[-1].error or not calls[-1].output.choices else Outcome.VOID_SANDBOX


def _lost_sandbox(sample: EvalSample) -> bool:
    return any(
        isinstance(message, ChatMessageTool) and message.error and message.error.type == "sandbox_unavailable"
        for message in sample.messages
    )
