"""Run what is open of a campaign: draw the order where it is not drawn, then every place in its order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

from trialplate.app.campaign_folder import CampaignFile, Folder
from trialplate.app.campaign_view import Summary, View
from trialplate.app.ledger import CAMPAIGN, CampaignLedger, Holder
from trialplate.app.settings import Settings
from trialplate.app.wiring_store import opened, utc_now
from trialplate.benchmark.bank import OpenBank
from trialplate.benchmark.campaign import draw_order, order_root
from trialplate.benchmark.inspect.arena import Arena, Stage, refuse_escape
from trialplate.benchmark.inspect.run import Examined, Patience, Prices, Setting, run_open_places
from trialplate.benchmark.items import Item
from trialplate.benchmark.primitives import Level
from trialplate.benchmark.workshop import Workshop
from trialplate.errors import TrialplateError
from trialplate.records import ItemLimits, OrderDrawn, Outcome, RunResult
from trialplate.sandbox import Host, Sandbox, Scenario
from trialplate.sandbox.egress import EgressProbes
from trialplate.trust import Reader, open_signer

TOKEN_CAPS: Final = {
    Level.L0: 500_000,
    Level.L1: 1_000_000,
    Level.L2: 2_500_000,
    Level.L3: 10_000_000,
    Level.L4: 50_000_000,
    Level.L5: 100_000_000,
}
"""Tokens that an attempt may use at each level of the ladder, unless its limits say otherwise."""

Show = Callable[[View], None]
"""Called with how a campaign stands when it begins and after each attempt."""


class VoidedError(TrialplateError):
    """Every attempt of a campaign was void."""

    exit_code: ClassVar[int] = 4


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A campaign that this process holds: its folder, what it was started with, its bank."""

    folder: Folder
    file: CampaignFile
    bank: OpenBank


def token_cap(item: Item, limits: ItemLimits) -> int:
    """Return how many tokens an attempt at an item may use."""
    return limits.tokens or TOKEN_CAPS[item.level]


def run(settings: Settings, campaign: Campaign, admitted: Callable[[], tuple[Item, ...]], show: Show) -> Summary:
    """Run what is open and return how the campaign stands then.

    Args:
        settings: say where store, keys and images are.
        campaign: what is run.
        admitted: returns the items that the order is drawn from, where it was not drawn yet.
        show: see `Show`.

    Raises:
        VoidedError: where every attempt was void.
        LedgerError, CampaignError, EscapeError: where it had to end.
        KeyboardInterrupt: where the user ended it; attempts under way are void then.
    """
    signer = open_signer(f"file:{settings.keys_dir / 'default.key'}")
    holder = Holder(signer=signer, reader=Reader(party=f"key:{signer.key_id[:16]}", clearance=CAMPAIGN))
    with opened(settings) as store:
        ledger = CampaignLedger(store, campaign.file.subject, holder, utc_now, lease_s=settings.lease_s)
        ledger.most_runs, ledger.budget_tokens = campaign.file.most_runs, campaign.file.token_budget
        try:
            order = ledger.order or _drawn(ledger, campaign, admitted())
            # Whoever ran them is gone: the lock on the folder is ours.
            ledger.close_open_attempts(Outcome.VOID_LOST)
            view = View(items={item.id: item for item in campaign.bank.items}, places=order.places, ledger=ledger)
            show(view)
            if not view.summary(model="", out="").complete:
                _run_places(settings, campaign, view, show)
            return _counted(view.summary(model=campaign.file.model, out=str(campaign.folder.path)))
        except KeyboardInterrupt:
            ledger.close_open_attempts(Outcome.VOID_OPERATOR)
            raise
        finally:
            ledger.close()


def _counted(summary: Summary) -> Summary:
    if summary.complete and not summary.runs:
        raise VoidedError(
            f"Every attempt was void: {', '.join(summary.outcomes)}.",
            f"See the logs in {summary.out}/private/logs with `inspect view`.",
        )
    return summary


def _drawn(ledger: CampaignLedger, campaign: Campaign, items: tuple[Item, ...]) -> OrderDrawn:
    """Draw the order from the campaign's key, which is random and was made after the bank's commitments."""
    key = campaign.folder.key
    places = draw_order(items, key)
    order = OrderDrawn(
        bank=campaign.file.root,
        image=campaign.file.image,
        model=campaign.file.model,
        agent=campaign.file.agent,
        limits=campaign.file.limits,
        places=places,
        root=order_root(places, key).hex(),
    )
    ledger.draw(order)
    return order


def _run_places(settings: Settings, campaign: Campaign, view: View, show: Show) -> None:
    stages = {number: Stage(item=view.items[at.item], twin=at.twin) for number, at in enumerate(view.places)}
    setting = Setting(
        prompts={number: stage.item.family.prompt(stage.item.spec) for number, stage in stages.items()},
        token_caps={number: token_cap(stage.item, campaign.file.limits) for number, stage in stages.items()},
        limits=campaign.file.limits,
        logs=campaign.folder.logs,
        metadata={"bank": campaign.file.root, "order": _root(view), "image": campaign.file.image},
    )

    def builds(sandbox: Sandbox) -> Workshop:
        return Workshop(sandbox, settings.builds_dir, campaign.file.image)

    def tell(result: RunResult) -> None:
        del result
        show(view)

    with _surroundings(settings, campaign.folder), EgressProbes() as probes:
        asyncio.run(_probe(settings, campaign.file.image, probes))
        arena = Arena(stages, campaign.folder.key, view.ledger, builds=builds, probes=probes)
        run_open_places(_examined(campaign.file), setting, arena, view.ledger, tell)
        asyncio.run(_probe(settings, campaign.file.image, probes))


def _root(view: View) -> str:
    return view.ledger.order.root if view.ledger.order else ""


def _examined(file: CampaignFile) -> Examined:
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
