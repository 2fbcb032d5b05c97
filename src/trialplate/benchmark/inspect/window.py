"""The order of a campaign as Inspect runs it: a strict window over the first places without an outcome.

What may run next is computed from the ledger after every attempt, so a resumed campaign and one that was never
interrupted run the same. Inspect's epochs are no more than ids of attempts within one run of this program.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from inspect_ai import SampleSource, enqueue_sample
from inspect_ai.dataset import Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample
from typing_extensions import override

from trialplate.benchmark.campaign import Progress, window
from trialplate.benchmark.inspect.arena import Arena, place_name, place_of
from trialplate.benchmark.inspect.integrity import flags_of, outcome_with
from trialplate.benchmark.inspect.outcome import classify
from trialplate.errors import TrialplateError
from trialplate.records import RunResult

_MICRO: Final = 1_000_000
_MOST_NAME: Final = 200


class Results(Protocol):
    """Where results are written down, and from which the state of the campaign is read."""

    def finish_attempt(self, result: RunResult) -> None:
        """Write down what became of an attempt."""
        ...

    def progress(self) -> Sequence[Progress]:
        """Return what happened so far at each place."""
        ...

    def most(self) -> int:
        """Return how many places from the first may run; fewer once a budget is spent."""
        ...


class UnopenedError(TrialplateError):
    """Inspect ended a sample that never came to the point of being written down."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"The attempt {name} could not begin: {why}.", "Mend that, then resume the campaign.")


class PrefixWindow(SampleSource):
    """Feeds Inspect with the places that may run.

    Args:
        prompts: the text of each place.
        arena: where they take place.
        results: what is known so far, and where more is written down.
        tell: called after every result.
        width: how many places, counted from the first without an outcome, may run at once.
    """

    def __init__(
        self,
        prompts: Mapping[int, str],
        arena: Arena,
        results: Results,
        tell: Callable[[RunResult], None],
        *,
        width: int,
    ) -> None:
        self._width = width
        self._prompts = prompts
        self._arena = arena
        self._results = results
        self._tell = tell
        self._started: Counter[int] = Counter()
        self._earlier = {each.place: len(each.attempts) for each in results.progress()}

    @override
    def initial_samples(self) -> list[Sample]:
        return self._next()

    @override
    async def sample_complete(self, sample: EvalSample) -> list[Sample] | None:
        place = place_of(str(sample.id))
        scene = self._arena.scenes.get(place)
        if self._arena.fatal or scene is None:
            raise self._arena.fatal or UnopenedError(str(sample.id), sample.error.message if sample.error else "")
        judged = classify(sample, scene.verdict, broken=scene.broken)
        flags = flags_of(sample, judged)
        usage = sample.model_usage.values()
        result = RunResult(
            place=place,
            attempt=scene.attempt,
            outcome=outcome_with(judged, flags),
            endpoint=sample.output.model[:_MOST_NAME],
            flags=flags,
            input_tokens=sum(each.input_tokens for each in usage),
            output_tokens=sum(each.output_tokens for each in usage),
            microdollars=round(_MICRO * sum(each.total_cost or 0 for each in usage)),
            milliseconds=round(1000 * (sample.total_time or 0)),
            turns=sum(isinstance(event, ModelEvent) for event in sample.events),
            transcript=hashlib.sha256(sample.model_dump_json().encode()).hexdigest(),
        )
        self._results.finish_attempt(result)
        self._tell(result)
        for following in self._next():
            enqueue_sample(following, epoch=self._started[place_of(str(following.id))])
        return None

    def _next(self) -> list[Sample]:
        """Return the places that may run and do not, each counted as started once more."""
        progress = self._results.progress()
        fresh = [
            place
            for place in window(progress, most=self._results.most(), width=self._width)
            # What was asked for and has not been opened yet, or runs, is not asked for again.
            if not progress[place].running
            and len(progress[place].attempts) - self._earlier[place] == self._started[place]
        ]
        for place in fresh:
            self._started[place] += 1
        return [self._sample(place) for place in fresh]

    def _sample(self, place: int) -> Sample:
        name = place_name(place)
        return Sample(id=name, input=self._prompts[place], sandbox=("trialplate", name))
