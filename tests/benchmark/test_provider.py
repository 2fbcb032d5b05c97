"""The `trialplate` sandbox as Inspect uses it: real evaluations with scripted models."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.agent import react
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.tool import bash
from inspect_ai.util import SandboxUnavailableError
from pydantic import BaseModel

from trialplate.benchmark.inspect.provider import TrialplateSandbox
from trialplate.benchmark.inspect.scenarios import PLAIN, PlainScenarios, scenarios_from
from trialplate.benchmark.inspect.trial import run_trial
from trialplate.sandbox import Running, Sandbox, ScenarioError
from trialplate.sandbox.ids import find_ids
from trialplate.sandbox.image import ImageStore
from trialplate.sandbox.leftovers import lasting_orphans
from trialplate.sandbox.trial import trial_scenario

pytestmark = pytest.mark.sandbox

SECRET = "flag-of-the-test"


@pytest.fixture
def digest(trialplate_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the base image's digest, with the environment as the provider reads it."""
    monkeypatch.setenv("TRIALPLATE_HOME", str(trialplate_home))
    return ImageStore(trialplate_home / "cache" / "images", find_ids(trialplate_home)).named("base").digest


def run(tmp_path: Path, commands: list[str], sample: Sample, *, time_limit: int | None = None) -> EvalLog:
    """Run one sample whose model types `commands` one by one and then submits."""
    outputs = [ModelOutput.for_tool_call("mockllm/model", "bash", {"command": command}) for command in commands]
    outputs.append(ModelOutput.for_tool_call("mockllm/model", "submit", {"answer": "done"}))
    for output in outputs:
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    task = Task(dataset=[sample], solver=react(tools=[bash()]), fail_on_error=False)
    return evaluate(
        task,
        model=get_model("mockllm/model", custom_outputs=outputs),
        log_dir=str(tmp_path),
        display="none",
        ctl_server=False,
        acp_server=False,
        time_limit=time_limit,
    )[0]


def only_sample(log: EvalLog) -> EvalSample:
    assert log.samples
    return log.samples[0]


def tool_answers(sample: EvalSample) -> list[str]:
    return [message.text for message in sample.messages if message.role == "tool"]


def test_the_trial_is_solved(digest: str) -> None:
    assert run_trial(digest).solved


def test_a_sample_that_names_no_scenario_gets_the_plain_one(tmp_path: Path, digest: str) -> None:
    del digest
    log = run(tmp_path, ["hostname; id -un"], Sample(input="go", sandbox="trialplate"))
    assert tool_answers(only_sample(log))[0].split() == ["foothold", "agent"]


@pytest.mark.parametrize(
    "command",
    [
        "sleep 60",
        "sleep 60 & sleep 60",
        "trap '' TERM INT; (setsid sleep 60 &); while :; do sleep 1; done",
        "python3 -c 'import os, time; os.fork(); os.fork(); time.sleep(60)'",
    ],
)
def test_a_time_limit_ends_a_sample_within_half_a_second(tmp_path: Path, digest: str, command: str) -> None:
    log = run(tmp_path, ["true", command], Sample(input="go", sandbox="trialplate"), time_limit=2)
    sample = only_sample(log)
    assert sample.limit is not None
    assert sample.limit.type == "time"
    assert sample.total_time is not None
    assert 2.0 <= sample.total_time < 2.5
    assert digest


def test_the_log_holds_nothing_of_the_scenario_but_its_name(tmp_path: Path, digest: str) -> None:
    source = PlainScenarios({"item-7": trial_scenario(digest, SECRET)})
    with scenarios_from(source):
        log = run(tmp_path, ["true"], Sample(input="go", sandbox=("trialplate", "item-7")))
    assert only_sample(log).error is None
    text = json.dumps([sample.model_dump(mode="json") for sample in log.samples or []])
    assert SECRET not in text
    assert "item-7" in text


def test_an_unknown_scenario_is_an_error_that_names_the_known_ones(tmp_path: Path, digest: str) -> None:
    del digest
    log = run(tmp_path, ["true"], Sample(input="go", sandbox=("trialplate", "missing")))
    error = only_sample(log).error
    assert error is not None
    assert "There is no scenario called 'missing'. Use one of: plain." in error.message


class Noted(PlainScenarios):
    """A source that does something with the scenario that has begun."""

    def __init__(self, act: Callable[[Running], None]) -> None:
        super().__init__()
        self.act = act
        self.asked: list[str] = []

    async def open(self, name: str, sandbox: Sandbox) -> Running:
        self.asked.append(name)
        running = await super().open(name, sandbox)
        try:
            self.act(running)
        except BaseException:
            await running.close()
            raise
        return running


def test_a_source_that_refuses_ends_the_sample_before_it_began(
    tmp_path: Path, digest: str, trialplate_home: Path
) -> None:
    def refuse(running: Running) -> None:
        raise RuntimeError(f"cannot note {running.scenario.foothold}")

    source = Noted(refuse)
    with scenarios_from(source):
        log = run(tmp_path, ["true"], Sample(input="go", sandbox="trialplate"))
    sample = only_sample(log)
    assert sample.error is not None
    assert "cannot note foothold" in sample.error.message
    assert source.asked == [PLAIN]
    assert lasting_orphans(find_ids(trialplate_home)) == ()
    assert digest


def test_a_host_that_died_is_said_to_be_unavailable(tmp_path: Path, digest: str) -> None:
    del digest

    def end(running: Running) -> None:
        subprocess.run(["kill", "-9", str(running.pid)], check=True)

    with scenarios_from(Noted(end)):
        log = run(tmp_path, ["true"], Sample(input="go", sandbox="trialplate"))
    tools = [message for message in only_sample(log).messages if message.role == "tool"]
    assert tools[0].error is not None
    assert tools[0].error.type == "sandbox_unavailable"


def test_inspect_finds_the_provider_by_its_entry_point() -> None:
    script = (
        "from inspect_ai.util._sandbox.registry import registry_find_sandboxenv as find;"
        "print(find('trialplate').__name__)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "TrialplateSandbox"


@pytest.mark.anyio
async def test_a_closed_sandbox_and_a_dead_host_are_unavailable(trialplate_home: Path) -> None:
    with pytest.raises(SandboxUnavailableError, match="is closed"):
        await TrialplateSandbox.sample_init("task", None, {})
    async with Sandbox(trialplate_home) as sandbox:
        running = await PlainScenarios().open(PLAIN, sandbox)
        environment = TrialplateSandbox(running)
        await running.end_host("foothold")
        for use in (environment.exec(["true"]), environment.read_file("x"), environment.write_file("x", "y")):
            with pytest.raises(SandboxUnavailableError):
                await use


class NotAName(BaseModel):
    """A configuration such as other sandboxes take."""


@pytest.mark.anyio
async def test_a_configuration_that_is_no_name_is_refused(trialplate_home: Path, digest: str) -> None:
    del trialplate_home, digest
    await TrialplateSandbox.task_init("task", None)
    await TrialplateSandbox.task_init("another", None)
    with pytest.raises(ScenarioError, match="configured by a scenario's name"):
        await TrialplateSandbox.sample_init("task", NotAName(), {})
    for _ in range(2):
        await TrialplateSandbox.task_cleanup("task", None, cleanup=False)


def test_a_trial_that_fails_says_why(digest: str) -> None:
    failed = run_trial(digest, url="http://web:8081/token")
    assert not failed.solved
    assert "Failed to connect" in failed.said


def test_a_trial_whose_image_is_missing_says_so(digest: str) -> None:
    del digest
    failed = run_trial("0" * 64)
    assert not failed.solved
    assert "Run `make setup`" in failed.said
