"""What Inspect finds through its entry point: loaded in every process of this environment that uses Inspect.

It stays light: models are imported when one is made.
"""

from __future__ import annotations

from inspect_ai.model import ModelAPI, modelapi

from trialplate.benchmark.inspect.provider import TrialplateSandbox


@modelapi(name="trialplate")
def trialplate_models() -> type[ModelAPI]:
    """Return the class of `trialplate/examinee` and `trialplate/scripted`."""
    from trialplate.benchmark.inspect.examinee import Player

    return Player


__all__ = ["TrialplateSandbox", "trialplate_models"]
