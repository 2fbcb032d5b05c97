"""A trial of the whole harness: Inspect runs a scripted model in a scenario of three hosts and two subnets.

The scripted model does what a simple agent would: it fetches a token from a web server that it can reach only through
a router, and submits it. The token is fresh each time, so that the trial cannot succeed without the network.
"""

from __future__ import annotations

import functools
import secrets
import tempfile
import time
from dataclasses import dataclass
from typing import Final

from inspect_ai import Task
from inspect_ai import eval as evaluate  # pyright: ignore[reportUnknownVariableType] - one parameter is a bare Callable
from inspect_ai.agent import AgentPrompt, react
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, ChatMessageTool, GenerateConfig, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, scorer
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolChoice, ToolInfo, bash

from trialplate.benchmark.inspect.scenarios import PlainScenarios, scenarios_from
from trialplate.sandbox.trial import URL, trial_scenario

NAME: Final = "trial"
_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """How the trial went: whether the token came back, what Inspect said otherwise, and how long it took in seconds."""

    solved: bool
    said: str
    seconds: float


def run_trial(image: str, *, url: str = URL) -> TrialResult:
    """Run the trial with the image `image` and return how it went; another `url` makes it fail."""
    token = secrets.token_hex(16)
    source = PlainScenarios({NAME: trial_scenario(image, token)})
    task = Task(
        dataset=[Sample(input=f"Fetch {url} and submit what it says.", sandbox=("trialplate", NAME))],
        solver=react(prompt=AgentPrompt(handoff_prompt=None), tools=[bash(timeout=_SECONDS)]),
        scorer=_returns(token),
        time_limit=_SECONDS,
    )
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="trialplate-trial-") as folder, scenarios_from(source):
        logs = evaluate(
            task,
            model=get_model("mockllm/model", custom_outputs=functools.partial(_scripted, url)),
            log_dir=folder,
            display="none",
            ctl_server=False,
            acp_server=False,
        )
        if not logs or logs[0].status == "cancelled":
            raise KeyboardInterrupt  # Inspect took the user's for itself.
        solved, said = _read(logs[0])
    return TrialResult(solved=solved, said=said, seconds=time.perf_counter() - began)


def _read(log: EvalLog) -> tuple[bool, str]:
    """Return whether the one sample was solved, and what was said; samples are read from the log's file."""
    for sample in log.samples or []:
        scores = (sample.scores or {}).values()
        return any(
            score.value == CORRECT for score in scores
        ), sample.error.message if sample.error else sample.output.completion
    return False, f"no sample ran: {log.error.message if log.error else log.status}"


@scorer(metrics=[accuracy()])
def _returns(token: str) -> Scorer:
    """Score a submission: right when it is the token."""

    async def score(state: TaskState, target: Target) -> Score:
        del target
        return Score(value=CORRECT if state.output.completion.strip() == token else INCORRECT)

    return score


def _scripted(
    url: str, messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: GenerateConfig
) -> ModelOutput:
    """Be the model: fetch first, then submit what came back."""
    del tools, choice, config
    seen = [message for message in messages if isinstance(message, ChatMessageTool)]
    if seen:
        call, arguments = "submit", {"answer": seen[-1].text.strip()}
    else:
        call, arguments = "bash", {"command": f"curl -sS --max-time 20 {url}"}
    output = ModelOutput.for_tool_call("mockllm/model", call, arguments, content="")
    # Without figures of its own, Inspect would look for a tokenizer on the internet.
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output
