"""Run a campaign step by step: plan, order, attempts, end, estimate, draft. What stands is never done again."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trialplate.app.campaigns.beacons import OPERATOR
from trialplate.app.campaigns.deciding import drafted_by, estimated
from trialplate.app.campaigns.folder import CampaignFile, Folder
from trialplate.app.campaigns.ledger import CAMPAIGN, CampaignLedger, Holder
from trialplate.app.campaigns.planning import Planned, drawn_order, planned
from trialplate.app.campaigns.view import View
from trialplate.app.settings import Settings
from trialplate.benchmark.bank import OpenBank
from trialplate.benchmark.inspect.arena import Arena, Stage, refuse_escape
from trialplate.benchmark.inspect.run import CampaignError, Examined, Patience, Prices, Setting, run_open_places
from trialplate.benchmark.items import Item
from trialplate.benchmark.primitives import Level
from trialplate.benchmark.workshop import Workshop
from trialplate.errors import TrialplateError
from trialplate.flows.assessment import DRAFT, ENDED, ESTIMATE, ORDER, PLAN
from trialplate.records import Beacon, Ended, ItemLimits, Outcome, RunResult, RunsEnded
from trialplate.sandbox import Host, Sandbox, Scenario
from trialplate.sandbox.egress import EgressProbes
from trialplate.trust import Reader, Signer, open_signer

TOKEN_CAPS: Final = MappingProxyType(
    {
        Level.L0: 500_000,
        Level.L1: 1_000_000,
        Level.L2: 2_500_000,
        Level.L3: 10_000_000,
        Level.L4: 50_000_000,
        Level.L5: 100_000_000,
    }
)
"""Tokens that an attempt may use at each level of the ladder, unless its limits say otherwise."""

_BEACON_BYTES: Final = 32

Show = Callable[[View], None]
"""Called with how a campaign stands when it begins and after each attempt."""


class BeaconError(TrialplateError):
    """The order cannot be drawn: the beacon that the plan names is not there yet, or is another one."""

    exit_code = 3


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A campaign that this process holds: its folder, what it was started with, its bank, and a beacon if given."""

    folder: Folder
    file: CampaignFile
    bank: OpenBank
    planned: Planned
    beacon: Beacon | None = None


def token_cap(item: Item, limits: ItemLimits) -> int:
    """Return how many tokens an attempt at an item may use."""
    return limits.tokens or TOKEN_CAPS[item.level]


def holder_of(settings: Settings) -> Holder:
    """Return who writes the records of campaigns in this home."""
    signer: Signer = open_signer(f"file:{settings.keys_dir / 'default.key'}")
    return Holder(signer=signer, reader=Reader(party=f"key:{signer.key_id[:16]}", clearance=CAMPAIGN))


def run(settings: Settings, campaign: Campaign, ledger: CampaignLedger, show: Show) -> View:
    """Do what is left of a campaign, step by step, and return how it stands then.

    It may stand before its end: where a beacon is awaited, or the user ended it.

    Raises:
        BeaconError: where the order waits for a beacon.
        LedgerError, CampaignError, EscapeError: where it had to end.
        KeyboardInterrupt: where the user ended it; attempts under way are void then.
    """
    ledger.most_runs, ledger.budget_tokens = campaign.file.most_runs, campaign.file.token_budget
    view = View(items={item.id: item for item in campaign.bank.items}, ledger=ledger)
    try:
        # Whoever ran them is gone: the lock on the folder is ours.
        ledger.close_open_attempts(Outcome.VOID_LOST)
        while step := ledger.next_step():
            _DO[step](settings, campaign, view, show)
    except KeyboardInterrupt:
        ledger.close_open_attempts(Outcome.VOID_OPERATOR)
        raise
    show(view)
    return view


def _plan(settings: Settings, campaign: Campaign, view: View, show: Show) -> None:
    del settings, show
    view.ledger.say(planned(campaign.file, campaign.planned, campaign.bank), PLAN)


def _order(settings: Settings, campaign: Campaign, view: View, show: Show) -> None:
    del settings, show
    plan = view.course.plan
    if plan.table != campaign.planned.table.commitment:
        raise BeaconError("The table of difficulties is not the one that the plan commits to.", "Restore private/.")
    beacon = campaign.beacon
    if plan.beacon == OPERATOR:
        value = campaign.file.seed_beacon or secrets.token_bytes(_BEACON_BYTES).hex()
        beacon = Beacon(source=OPERATOR, value=value)
    if beacon is None or beacon.source != plan.beacon:
        raise BeaconError(
            f"The plan is written down; its order waits for the beacon {plan.beacon}.",
            f"When that round is out: trialplate assess --resume {campaign.folder.path} --beacon-file FILE.",
        )
    view.ledger.say(drawn_order(plan, view.ledger.id_of(type(plan)), campaign.planned, beacon), ORDER)


def _runs(settings: Settings, campaign: Campaign, view: View, show: Show) -> None:
    show(view)
    if not view.ledger.over:
        _run_places(settings, campaign, view, show)
    ledger = view.ledger
    if not ledger.over:
        raise CampaignError("The campaign stopped before its end.", "Resume it.")
    course = ledger.course
    why = Ended.DECIDED if course.decided else Ended.ALL_RUN if course.all_run else Ended.BUDGET
    ledger.say(RunsEnded(why=why, attempts=sum(len(each.attempts) for each in course.progress)), ENDED)


def _estimate(settings: Settings, campaign: Campaign, view: View, show: Show) -> None:
    del settings, show
    view.ledger.say(estimated(view.course, campaign.planned), ESTIMATE)


def _draft(settings: Settings, campaign: Campaign, view: View, show: Show) -> None:
    del settings, show
    view.ledger.say(drafted_by(view.ledger, campaign.planned), DRAFT)


_Do = Callable[[Settings, Campaign, View, Show], None]

_DO: Final[Mapping[str, _Do]] = MappingProxyType(
    {PLAN: _plan, ORDER: _order, ENDED: _runs, ESTIMATE: _estimate, DRAFT: _draft}
)


def _run_places(settings: Settings, campaign: Campaign, view: View, show: Show) -> None:
    file, order = campaign.file, view.course.order
    stages = {number: Stage(item=view.items[at.item], twin=at.twin) for number, at in enumerate(order.places)}
    setting = Setting(
        prompts={number: stage.item.family.prompt(stage.item.spec) for number, stage in stages.items()},
        token_caps={number: token_cap(stage.item, file.limits) for number, stage in stages.items()},
        limits=file.limits,
        at_once=file.at_once,
        logs=campaign.folder.logs,
        metadata={"bank": file.root, "order": order.root, "image": file.image, "plan": order.plan},
    )

    def builds(sandbox: Sandbox) -> Workshop:
        return Workshop(sandbox, settings.builds_dir, file.image)

    def tell(result: RunResult) -> None:
        del result
        show(view)

    with _surroundings(settings, campaign.folder), EgressProbes() as probes:
        asyncio.run(_probe(settings, file.image, probes))
        arena = Arena(stages, campaign.folder.key, view.ledger, builds=builds, probes=probes)
        run_open_places(examined_by(file), setting, arena, view.ledger, tell)
        asyncio.run(_probe(settings, file.image, probes))


def examined_by(file: CampaignFile) -> Examined:
    """Return who a campaign examines."""
    patience = Patience(call_seconds=file.call_seconds, retries=file.retries)
    prices = Prices(input=file.dollars_in, output=file.dollars_out)
    return Examined(model=file.model, arguments=file.arguments, agent=file.agent, patience=patience, prices=prices)


async def _probe(settings: Settings, image: str, probes: EgressProbes) -> None:
    """Try the ways out of a plain host.

    Raises:
        EscapeError: where there is one.
    """
    async with Sandbox(settings.home) as sandbox:
        plain = Scenario(hosts=(Host(name="probe", image=image),), foothold="probe")
        running = await sandbox.start(plain)
        refuse_escape(await probes.check(running.foothold))


@contextmanager
def _surroundings(settings: Settings, folder: Folder) -> Generator[None]:
    """Keep Inspect's traces and buffers in the campaign's private folder; it takes their place from the environment."""
    changed = {"XDG_DATA_HOME": str(folder.data), "TRIALPLATE_HOME": str(settings.home)}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
