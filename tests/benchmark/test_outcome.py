"""Every way in which an attempt ends has its code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from inspect_ai.event import ModelEvent, SpanBeginEvent
from inspect_ai.log import EvalError, EvalSample, EvalSampleLimit
from inspect_ai.model import ChatMessageAssistant, ChatMessageTool, GenerateConfig, ModelOutput
from inspect_ai.tool import ToolCallError

from trialplate.benchmark.family import Indeterminate, NotSolved, Solved, Verdict
from trialplate.benchmark.inspect.outcome import VoidError, classify
from trialplate.records import Outcome


def call(error: str | None = None, output: ModelOutput | None = None) -> ModelEvent:
    said = output or ModelOutput.from_content("model", "text")
    return ModelEvent(
        model="model", input=[], tools=[], tool_choice="auto", config=GenerateConfig(), output=said, error=error
    )


SCORING = SpanBeginEvent(id="1", name="scorers", type="scorers")
DIED = ChatMessageTool(content="", error=ToolCallError(type="sandbox_unavailable", message="gone"))
TIMED_OUT = ChatMessageTool(content="", error=ToolCallError(type="timeout", message="slow"))


WRONG = NotSolved("wrong")


@dataclass(frozen=True)
class Case:
    name: str
    code: Outcome
    verdict: Verdict | None = WRONG
    error: str = ""
    limit: Any = None
    stop: Any = "stop"
    broken: bool = False
    events: tuple[Any, ...] = (call(),)
    messages: list[Any] = field(default_factory=list[Any])


CASES = (
    Case("right", Outcome.SOLVED, Solved()),
    Case("wrong", Outcome.NOT_SOLVED),
    Case("solved at a limit", Outcome.SOLVED, Solved(), limit="token"),
    Case("solved before the sandbox died", Outcome.SOLVED, Solved(), messages=[DIED]),
    Case("refused", Outcome.REFUSED, stop="content_filter"),
    *(
        Case(f"{kind} limit", Outcome.LIMIT, limit=kind)
        for kind in ("token", "message", "turn", "time", "working", "cost")
    ),
    Case("ended by an operator", Outcome.VOID_OPERATOR, limit="operator"),
    Case("canceled", Outcome.VOID_OPERATOR, None, error="CancelledError('by scope')"),
    Case("canceled too", Outcome.VOID_OPERATOR, None, error="Cancelled('by scope')"),
    Case("the provider failed", Outcome.VOID_PROVIDER, None, error="RuntimeError('503')", events=(call("503"),)),
    Case(
        "the provider gave nothing",
        Outcome.VOID_PROVIDER,
        None,
        error="IndexError()",
        events=(call(output=ModelOutput(model="model", choices=[])),),
    ),
    Case("a tool lost its disk", Outcome.VOID_SANDBOX, None, error="OSError('disk gone')"),
    Case("the machine took the sandbox", Outcome.VOID_SANDBOX, Indeterminate("gone"), broken=True),
    Case("the sandbox died unjudged", Outcome.VOID_SANDBOX, None, messages=[DIED]),
    Case("the agent ended its own host", Outcome.NOT_SOLVED, messages=[DIED]),
    Case("a slow tool", Outcome.NOT_SOLVED, messages=[TIMED_OUT]),
    Case("set-up failed", Outcome.VOID_SETUP, None, error="OSError('no space')", events=()),
    Case("a setup script failed", Outcome.VOID_SETUP, None, error="Failed to execute setup script"),
    Case("the scorer raised", Outcome.VOID_SCORER, None, error="ValueError('?')", events=(call(), SCORING)),
    Case("the scorer could not say", Outcome.VOID_SCORER, None),
    Case("the oracle does not know", Outcome.VOID_SCORER, Indeterminate("no log")),
    Case("void by name", Outcome.VOID_LOST, None, error=repr(VoidError(Outcome.VOID_LOST, "why"))),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_ending_has_its_code(case: Case) -> None:
    limit = EvalSampleLimit(type=case.limit, limit=1) if case.limit else None
    error = EvalError(message=case.error, traceback="", traceback_ansi="") if case.error else None
    output = ModelOutput.from_message(ChatMessageAssistant(content="text"), stop_reason=case.stop)
    sample = EvalSample(
        id="run-0000",
        epoch=1,
        input="",
        target="",
        messages=case.messages,
        output=output,
        events=list(case.events),
        error=error,
        limit=limit,
    )
    assert classify(sample, case.verdict, broken=case.broken) is case.code
