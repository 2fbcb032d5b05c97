"""How a campaign stands, for whoever watches it or reads about it later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from trialplate.app.ledger import CampaignLedger
from trialplate.benchmark.campaign import Progress
from trialplate.benchmark.items import Item
from trialplate.records import Outcome, Place, RunResult

RUNNING = "running"
AGAIN = "to be run again"


class Row(Struct, frozen=True, kw_only=True):
    """One place of the order that was begun. `outcome` is a code, or says that it runs or is to be run again."""

    place: int
    item: str
    family: str
    level: str
    twin: bool
    attempts: int
    outcome: str
    tokens: int
    seconds: float


class Summary(Struct, frozen=True, kw_only=True):
    """A campaign in figures. `runs` are items with an outcome that is not void, twins apart; `voids` void attempts."""

    subject: str
    model: str
    runs: int
    voids: int
    twins_solved: int
    outcomes: dict[str, int]
    tokens: int
    complete: bool
    out: str


@dataclass(frozen=True, kw_only=True)
class View:
    """The items by id, the order, and the ledger that says what happened."""

    items: Mapping[str, Item]
    places: Sequence[Place]
    ledger: CampaignLedger

    def rows(self) -> tuple[Row, ...]:
        """Return a row for every place that was begun, in order."""
        results = self.ledger.results()
        return tuple(
            self._row(each, [result for result in results if result.place == each.place])
            for each in self.ledger.progress()
            if each.attempts
        )

    def summary(self, *, model: str, out: str) -> Summary:
        """Return the campaign in figures."""
        progress = self.ledger.progress()[: self.ledger.most_runs or None]
        results = self.ledger.results()
        ended = [(self.places[each.place], each.outcome) for each in progress if each.outcome]
        items = [outcome for place, outcome in ended if not place.twin]
        return Summary(
            subject=self.ledger.subject,
            model=model,
            runs=sum(not outcome.void for outcome in items),
            voids=sum(result.outcome.void for result in results),
            twins_solved=sum(place.twin and outcome is Outcome.SOLVED for place, outcome in ended),
            outcomes=dict(sorted(Counter(outcome.value for outcome in items).items())),
            tokens=sum(result.input_tokens + result.output_tokens for result in results),
            complete=len(ended) == len(progress),
            out=out,
        )

    def _row(self, progress: Progress, results: Sequence[RunResult]) -> Row:
        at = self.places[progress.place]
        item = self.items[at.item]
        waiting = RUNNING if progress.running else AGAIN
        return Row(
            place=progress.place,
            item=item.id,
            family=item.family.name,
            level=item.level.name,
            twin=at.twin,
            attempts=len(progress.attempts),
            outcome=progress.outcome.value if progress.outcome else waiting,
            tokens=sum(result.input_tokens + result.output_tokens for result in results),
            seconds=round(sum(result.milliseconds for result in results) / 1000, 1),
        )
