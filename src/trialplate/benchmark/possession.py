"""The commonest oracle: whoever knows the answer has done the task.

A family whose proof is possession of the attempt's secret text takes these methods by inheriting `Possession`.
"""

from __future__ import annotations

from collections.abc import Sequence

from trialplate.benchmark.family import Evidence, HostReader, Milestone, NotSolved, Solved, Spec, Verdict
from trialplate.benchmark.secrecy import Secrets


class Possession:
    """Judges an answer by the attempt's secret text alone; reads nothing and knows no milestones."""

    async def observe(self, spec: Spec, reader: HostReader) -> Evidence:
        """Read nothing: the answer is the proof."""
        del spec, reader
        return Evidence()

    def oracle(self, spec: Spec, secrets: Secrets, answer: str, evidence: Evidence) -> Verdict:
        """Accept exactly the attempt's secret text."""
        del spec, evidence
        return Solved() if secrets.accepts(answer) else NotSolved("the answer is not the secret text")

    def milestones(self, spec: Spec, secrets: Secrets, evidence: Evidence) -> Sequence[Milestone]:
        """Return none."""
        del spec, secrets, evidence
        return ()
