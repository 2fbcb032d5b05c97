"""Samples per second through Inspect: our sandbox against Inspect's `local` one, which isolates nothing."""

from __future__ import annotations

import os
import tempfile
import time

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.agent import react
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage, ChatMessageTool, GenerateConfig, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolChoice, ToolInfo, bash

from bench.measure import Better, Row, against, interleaved
from trialplate.home import home_folder

_SAMPLES = 40
_AT_ONCE = 4
_ROUNDS = 5
_COMMANDS = 3


def run() -> list[Row]:
    """Return the row that compares the two sandboxes; its floor is half of `local`."""
    os.environ.setdefault("TRIALPLATE_HOME", str(home_folder(os.environ)))
    ours, local = interleaved(lambda: _rate("trialplate"), lambda: _rate("local"), rounds=_ROUNDS)
    return [
        against(
            f"Inspect, {_SAMPLES} samples of {_COMMANDS} commands, {_AT_ONCE} at once",
            "samples/s",
            ours,
            local,
            peer_name="local sandbox",
            better=Better.HIGHER,
            floor=0.5,
        )
    ]


def _rate(sandbox: str) -> float:
    """Run the task in `sandbox` and return its samples per second."""
    task = Task(
        dataset=[Sample(input="go", id=number + 1) for number in range(_SAMPLES)],
        solver=react(tools=[bash(timeout=60)]),
        sandbox=sandbox,
    )
    with tempfile.TemporaryDirectory(prefix="trialplate-bench-") as logs:
        began = time.perf_counter()
        log = evaluate(
            task,
            model=get_model("mockllm/model", custom_outputs=_scripted, memoize=False),
            log_dir=logs,
            display="none",
            max_samples=_AT_ONCE,
            ctl_server=False,
            acp_server=False,
        )[0]
        took = time.perf_counter() - began
        if log.status != "success" or any(sample.error for sample in log.samples or []):
            raise RuntimeError(f"The benchmark's own task failed in {sandbox}: {log.status}.")
    return _SAMPLES / took


def _scripted(
    messages: list[ChatMessage], tools: list[ToolInfo], choice: ToolChoice, config: GenerateConfig
) -> ModelOutput:
    """Type a few commands, then submit."""
    del tools, choice, config
    done = sum(isinstance(message, ChatMessageTool) for message in messages)
    call, arguments = (
        ("bash", {"command": "id; ls /etc | wc -l"}) if done < _COMMANDS else ("submit", {"answer": "done"})
    )
    output = ModelOutput.for_tool_call("mockllm/model", call, arguments, content="")
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output
