"""What a campaign uses: at most, and by what is known of the model, without running anything of it."""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

from trialplate.app.assess import Request, refuse_unusable
from trialplate.app.banks import known_admission, public_bank
from trialplate.app.campaigns.characteristics import characteristics_of
from trialplate.app.campaigns.planning import read_criteria, table_for
from trialplate.app.campaigns.run import holder_of, token_cap
from trialplate.app.campaigns.subjects import subject_of
from trialplate.app.settings import Settings
from trialplate.app.wiring_store import opened
from trialplate.benchmark.admitted import admitted_items
from trialplate.benchmark.bank_files import read_open_bank
from trialplate.benchmark.campaign import twins_among
from trialplate.determination import SALT_BYTES, parse_criteria
from trialplate.records import RELEASED, RunResult, decode_body

SHARE: Final = 0.1
"""How much of its caps an attempt is taken to use where nothing is known of the model."""

_MILLION: Final = 1_000_000
_HOUR_MS: Final = 3_600_000


class Use(Struct, frozen=True, kw_only=True):
    """What is used; `dollars` is null where no price is given."""

    runs: int
    tokens: int
    hours: float
    dollars: float | None


class Forecast(Struct, frozen=True, kw_only=True):
    """What a campaign uses at most, without re-runs of void attempts, and what it is expected to; `basis` says why."""

    worst: Use
    expected: Use
    basis: str


class _Attempt(Struct, frozen=True, kw_only=True):
    """What one attempt is taken to use."""

    tokens: float
    milliseconds: float
    basis: str


def forecast(settings: Settings, request: Request) -> Forecast:
    """Return what a campaign would use, without running anything of it.

    Raises:
        UnknownModelError, AgentError, BankError, FamilyError, PlanningError: where what is asked for is not there.
    """
    refuse_unusable(request)
    path = (request.bank or public_bank()).absolute()
    bank = read_open_bank(path)
    admission = known_admission(settings, path, bank)
    criteria = parse_criteria(read_criteria(request.criteria))
    items = admitted_items(bank, admission) if admission else bank.items
    table = table_for(items, criteria, bytes(SALT_BYTES))
    runs = characteristics_of(settings, path, table, criteria.criteria).mean_runs()
    caps = [token_cap(bank.item(row.item), request.limits) for row in table.rows]
    # Twins are of any items, and the first places may hold the dearest ones.
    dearest = sorted((*caps, *(max(caps),) * twins_among(len(caps))), reverse=True)[: request.max_runs or None]
    likely = min(math.ceil(runs + twins_among(math.ceil(runs))), len(dearest))
    attempt = _attempt(settings, request, sum(caps) / len(caps))
    budget = request.token_budget + request.at_once * max(caps) if request.token_budget else math.inf
    return Forecast(
        worst=_use(request, len(dearest), min(sum(dearest), budget), 1000 * request.limits.seconds * len(dearest)),
        expected=_use(request, likely, min(attempt.tokens * likely, budget), attempt.milliseconds * likely),
        basis=f"{runs:.1f} items a doubling off the cut, by simulation; {attempt.basis}",
    )


def _use(request: Request, runs: int, tokens: float, milliseconds: float) -> Use:
    price = max(request.dollars_in, request.dollars_out)
    return Use(
        runs=runs,
        tokens=round(tokens),
        hours=round(milliseconds / request.at_once / _HOUR_MS, 2),
        dollars=round(tokens * price / _MILLION, 2) if price else None,
    )


def _attempt(settings: Settings, request: Request, mean_cap: float) -> _Attempt:
    """Return what an attempt of this model used on average in this home, or a share of its caps."""
    examined, holder = request.examined, holder_of(settings)
    subject = subject_of(holder.signer, examined.model, examined.arguments)
    with opened(settings) as store:
        history = store.history(holder.reader, subject)
    bodies = (decode_body(RELEASED, each.entry.header.kind, each.entry.body) for each in history)
    known = [body for body in bodies if isinstance(body, RunResult) and not body.outcome.void]
    if not known:
        assumed = f"an attempt is taken to use {SHARE:.0%} of its caps, because this model was never run here"
        return _Attempt(tokens=SHARE * mean_cap, milliseconds=SHARE * 1000 * request.limits.seconds, basis=assumed)
    return _Attempt(
        tokens=sum(result.input_tokens + result.output_tokens for result in known) / len(known),
        milliseconds=sum(result.milliseconds for result in known) / len(known),
        basis=f"an attempt as the {len(known)} attempts of this model here so far, on average",
    )
