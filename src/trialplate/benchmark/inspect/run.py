"""Run the open places of a campaign through Inspect, once; whoever calls keeps what is known and resumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inspect_ai import Task
from inspect_ai import eval as evaluate  # pyright: ignore[reportUnknownVariableType] - one parameter is a bare Callable
from inspect_ai._util.error import PrerequisiteError
from inspect_ai.model import (
    Model,
    ModelCost,
    ModelInfo,
    get_model,
    get_model_info,
    set_model_cost,
    set_model_info,
)

from trialplate.benchmark.inspect.agent import agent_called, placed, within
from trialplate.benchmark.inspect.arena import Arena, place_name
from trialplate.benchmark.inspect.scenarios import scenarios_from
from trialplate.benchmark.inspect.scoring import judged_in
from trialplate.benchmark.inspect.window import PrefixWindow, Results
from trialplate.errors import TrialplateError
from trialplate.records import ItemLimits, RunResult

TASK: Final = "campaign"


class CampaignError(TrialplateError):
    """A campaign cannot be run, or had to end."""


class UnknownModelError(TrialplateError):
    """There is no such model, or it cannot be used from here."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long one call of a model may take, and how often it is tried again before the attempt is void."""

    call_seconds: int = 600
    retries: int = 4


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a model costs, in dollars a million tokens; 0 where that is not known, and then no cost is counted."""

    input: float = 0
    output: float = 0


@dataclass(frozen=True, kw_only=True)
class Examined:
    """Who is examined: a model of Inspect with its arguments, as which agent, with which patience, at which prices."""

    model: str
    arguments: Mapping[str, Any]
    agent: str
    patience: Patience
    prices: Prices = Prices()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the places hold and where: prompts and token caps by place, limits of each attempt, how many run at once."""

    prompts: Mapping[int, str]
    token_caps: Mapping[int, int]
    limits: ItemLimits
    at_once: int
    logs: Path
    metadata: Mapping[str, str]


def model_called(examined: Examined) -> Model:
    """Return the model, ready to be called; none of its calls falls back to another model.

    Raises:
        UnknownModelError: where it does not exist, or needs a key or a package that is not there.
    """
    try:
        model = get_model(examined.model, memoize=False, **examined.arguments)
    except (PrerequisiteError, ValueError, ImportError, TypeError) as failure:
        said = " ".join(str(failure).split())
        raise UnknownModelError(
            f"The model {examined.model[:80]!r} cannot be used: {said[:400]}",
            "Check its name, its -M arguments, its package and its key.",
        ) from failure
    if examined.prices.input or examined.prices.output:
        name, prices = str(model), examined.prices
        if get_model_info(name) is None:
            set_model_info(name, ModelInfo())
        cost = ModelCost(input=prices.input, output=prices.output, input_cache_read=0, input_cache_write=0)
        set_model_cost(name, cost)
    return model


def run_open_places(
    examined: Examined,
    setting: Setting,
    arena: Arena,
    results: Results,
    tell: Callable[[RunResult], None],
) -> None:
    """Run all places that may run, each attempt to its end, in the committed order.

    Raises:
        CampaignError, EscapeError: where the campaign had to end.
        KeyboardInterrupt: where the user ended it.
    """
    window = PrefixWindow(setting.prompts, arena, results, tell, width=setting.at_once)
    caps = {place_name(place): cap for place, cap in setting.token_caps.items()}
    limits = setting.limits
    task = Task(
        name=TASK,
        dataset=window,
        setup=placed(),
        solver=within(agent_called(examined.agent), caps),
        scorer=judged_in(arena),
        metadata=dict(setting.metadata),
        turn_limit=limits.turns or None,
        time_limit=limits.seconds or None,
        cost_limit=limits.microdollars / 1e6 or None,
        fail_on_error=False,
    )
    try:
        with scenarios_from(arena):
            logs = evaluate(
                task,
                model=model_called(examined),
                log_dir=str(setting.logs),
                log_format="eval",
                display="none",
                ctl_server=False,
                acp_server=False,
                retry_on_error=0,
                max_samples=setting.at_once,
                max_sandboxes=setting.at_once,
                attempt_timeout=examined.patience.call_seconds,
                timeout=examined.patience.call_seconds * (examined.patience.retries + 1),
                max_retries=examined.patience.retries,
            )
    except TrialplateError:
        raise
    except Exception as failure:  # whatever Inspect itself stumbles over, such as a full disk under its own database
        raise arena.fatal or CampaignError(f"Inspect stopped: {failure}.", "Mend that, then resume it.") from failure
    if arena.fatal:
        raise arena.fatal
    if not logs or logs[0].status == "cancelled":
        raise KeyboardInterrupt  # Inspect took the user's for itself.
    if logs[0].status == "error" and logs[0].error:
        raise CampaignError(f"The campaign stopped: {logs[0].error.message}.", "Mend that, then resume it.")
