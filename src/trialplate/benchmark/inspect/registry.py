"""What Inspect finds through its entry point: loaded in every process of this environment that uses Inspect."""

from trialplate.benchmark.inspect.provider import TrialplateSandbox

__all__ = ["TrialplateSandbox"]
