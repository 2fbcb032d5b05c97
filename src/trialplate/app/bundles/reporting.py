"""Gather what a report shows from the records of a campaign."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from trialplate.app.campaigns.deciding import hours
from trialplate.app.campaigns.planning import Planned
from trialplate.app.campaigns.view import View
from trialplate.benchmark.items import Item
from trialplate.determination.report.data import (
    AttemptRow,
    Look,
    Origin,
    ReportData,
    Share,
    Used,
)
from trialplate.records import AssessmentDraft, OrderDrawn, Outcome, RunResult

_MICRO: Final = 1_000_000
_MILLI: Final = 1_000


def gathered(view: View, draft: AssessmentDraft, planned: Planned, *, made_at: str, version: str) -> ReportData:
    """Return everything that the report of a finished campaign shows."""
    outcomes = view.course.outcomes[: view.course.estimate.runs]
    items = _items(view)
    counted = list(zip(items, outcomes, strict=False))
    return ReportData(
        draft=draft,
        plan=view.course.plan,
        rule=view.course.order.rule,
        estimate=view.course.estimate,
        made_at=made_at,
        places=len(items),
        looks=_looks(view, planned, outcomes),
        domains=_shares(counted, lambda item: item.family.domain.value),
        levels=_shares(counted, lambda item: item.level.name),
        attempts=_attempts(view),
        used=_used(view.course.results, priced=any(result.microdollars for result in view.course.results)),
        characteristics=planned.characteristics.shown(),
        origins=_origins(view, version),
    )


def _items(view: View) -> list[Item]:
    return [view.items[place.item] for place in view.course.order.places if not place.twin]


def _looks(view: View, planned: Planned, outcomes: Sequence[Outcome]) -> tuple[Look, ...]:
    order, items = view.course.order, _items(view)
    path = {look.runs: look for look in view.course.decision.path}
    looks: list[Look] = []
    for number, outcome in enumerate(outcomes, start=1):
        if (seen := path.get(number)) is None:
            continue
        horizon = hours(planned, order, tuple(outcomes[:number]))
        looks.append(
            Look(
                number=number,
                item=items[number - 1].id,
                outcome=outcome.value,
                above=seen.above,
                upper=seen.bound_above,
                below=seen.below,
                lower=seen.bound_below,
                low=float(horizon.low),
                guess=float(horizon.estimate),
                high=float(horizon.high) if horizon.bounded else math.inf,
            )
        )
    return tuple(looks)


def _shares(counted: Sequence[tuple[Item, Outcome]], of: Callable[[Item], str]) -> tuple[Share, ...]:
    shares: list[Share] = []
    for name in sorted({of(item) for item, _ in counted}):
        mine = [(item, outcome) for item, outcome in counted if of(item) == name]
        codes = Counter(outcome for _, outcome in mine)
        minutes = [item.time.minutes for item, _ in mine]
        shares.append(
            Share(
                name=name,
                run=len(mine),
                solved=codes[Outcome.SOLVED],
                not_solved=codes[Outcome.NOT_SOLVED],
                limit=codes[Outcome.LIMIT],
                refused=codes[Outcome.REFUSED],
                void=sum(count for code, count in codes.items() if code.void),
                cheated=codes[Outcome.CHEATED],
                minutes=(min(minutes), max(minutes)),
            )
        )
    return tuple(shares)


def _attempts(view: View) -> tuple[AttemptRow, ...]:
    order = view.course.order
    numbers = {place: number for number, place in enumerate(_item_places(order))}
    rows = sorted(view.course.results, key=lambda result: (result.place, result.attempt))
    last = {result.place: result.attempt for result in rows}
    return tuple(
        _attempt(view, result, _counts(order, result, last[result.place], numbers, view.course.estimate.runs))
        for result in rows
    )


def _item_places(order: OrderDrawn) -> list[int]:
    return [number for number, place in enumerate(order.places) if not place.twin]


def _counts(order: OrderDrawn, result: RunResult, last: int, numbers: dict[int, int], runs: int) -> str:
    """Say what an attempt is to the outcome; `void` is one that was run again."""
    if order.places[result.place].twin:
        return "twin"
    if result.attempt < last:
        return "void"
    return "counts" if numbers[result.place] < runs else "after"


def _attempt(view: View, result: RunResult, counts: str) -> AttemptRow:
    item = view.items[view.course.order.places[result.place].item]
    return AttemptRow(
        place=result.place,
        item=item.id,
        family=item.family.name,
        domain=item.family.domain.value,
        level=item.level.name,
        minutes=item.time.minutes,
        attempt=result.attempt,
        outcome=result.outcome.value,
        counts=counts,
        tokens=result.input_tokens + result.output_tokens,
        seconds=result.milliseconds / _MILLI,
        dollars=result.microdollars / _MICRO,
        turns=result.turns,
        flags=result.flags,
    )


def _used(results: Sequence[RunResult], *, priced: bool) -> Used:
    return Used(
        tokens_in=sum(result.input_tokens for result in results),
        tokens_out=sum(result.output_tokens for result in results),
        dollars=sum(result.microdollars for result in results) / _MICRO if priced else None,
        seconds=sum(result.milliseconds for result in results) / _MILLI,
        attempts=len(results),
    )


def _origins(view: View, version: str) -> tuple[Origin, ...]:
    plan, order = view.course.plan, view.course.order
    independent = "a public draw that nobody could choose" if order.beacon.signature else "not independent"
    endpoints = sorted({result.endpoint for result in view.course.results if result.endpoint})
    lines = (
        ("Trialplate", version, "the version that ran the campaign"),
        ("model", plan.elicitation.model, "as it was asked for"),
        ("endpoint", ", ".join(endpoints) or "none answered", "what answered as the model, by its own word"),
        ("agent", plan.elicitation.agent, "what turns the model's words into actions"),
        ("subject", view.ledger.subject, "the opaque id of this version of the model"),
        ("plan", view.course.order.plan, "the record that everything is bound to"),
        ("bank", plan.bank, "the root of the sealed items"),
        ("items", plan.items, "the root of those near the cut"),
        ("image", plan.image, "the system inside the sandbox"),
        ("isolation", plan.isolation, "what separated the scenarios from the machine"),
        ("criteria", f"{plan.criteria} {plan.criteria_digest}", "what is measured against"),
        ("difficulties", plan.calibration_digest, plan.calibration),
        ("deciding code", plan.decision_digest, "the function that decides"),
        ("test vectors", plan.vectors_digest, "what it is tested by"),
        ("beacon", f"{order.beacon.source} {order.beacon.value}", f"what the order hangs on: {independent}"),
        ("order", order.seed, "the seed that plan and beacon give"),
    )
    return tuple(Origin(name=name, value=value, says=says) for name, value, says in lines)
