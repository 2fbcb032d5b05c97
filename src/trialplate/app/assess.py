"""Assess a model: start a campaign, or go on with one; say beforehand what it may use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from msgspec import Struct

from trialplate.app.banks import check, public_bank
from trialplate.app.campaign_folder import FORMAT, CampaignFile, created, resumed
from trialplate.app.campaign_run import Campaign, Show, run, token_cap
from trialplate.app.campaign_view import Summary
from trialplate.app.settings import Settings
from trialplate.benchmark.admitted import admitted_items
from trialplate.benchmark.bank import BankError, OpenBank
from trialplate.benchmark.bank_files import read_open_bank
from trialplate.benchmark.campaign import WINDOW, draw_order
from trialplate.benchmark.inspect.agent import STANDARD, agent_called
from trialplate.benchmark.inspect.run import Examined, Patience, Prices, model_called
from trialplate.benchmark.items import Item
from trialplate.errors import TrialplateError
from trialplate.records import ItemLimits, new_subject


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a user asks for, by the names of the command's options.

    `bank` None means the public development bank. At 0, `max_runs` means all places, `token_budget` no budget,
    `item_tokens` the cap of each item's level, `item_dollars` no limit. `dollars_in` and `dollars_out` are the prices
    of a million tokens; without them no cost is counted.
    """

    model: str
    arguments: tuple[str, ...] = ()
    agent: str = STANDARD
    bank: Path | None = None
    max_runs: int = 0
    token_budget: int = 0
    item_tokens: int = 0
    item_minutes: int = 240
    item_turns: int = 500
    item_dollars: float = 0
    call_seconds: int = 600
    call_retries: int = 4
    dollars_in: float = 0
    dollars_out: float = 0

    @property
    def limits(self) -> ItemLimits:
        """What one attempt may use."""
        return ItemLimits(
            tokens=self.item_tokens,
            seconds=self.item_minutes * 60,
            turns=self.item_turns,
            microdollars=round(self.item_dollars * 1_000_000),
        )

    @property
    def examined(self) -> Examined:
        """Who is examined.

        Raises:
            RequestError: for an argument that is not KEY=VALUE, or a limit of dollars without prices.
        """
        pairs = [argument.partition("=") for argument in self.arguments]
        if self.item_dollars and not (self.dollars_in or self.dollars_out):
            raise RequestError(
                "A limit of dollars means nothing without prices.", "Give --dollars-in and --dollars-out."
            )
        if wrong := [key for key, equals, _ in pairs if not (key and equals)]:
            raise RequestError(f"The model argument {wrong[0][:40]!r} has no value.", "Write -M KEY=VALUE.")
        return Examined(
            model=self.model,
            arguments={key: value for key, _, value in pairs},
            agent=self.agent,
            patience=Patience(call_seconds=self.call_seconds, retries=self.call_retries),
            prices=Prices(input=self.dollars_in, output=self.dollars_out),
        )


class RequestError(TrialplateError):
    """A campaign is asked for in a way that means nothing."""

    exit_code: ClassVar[int] = 2


class Forecast(Struct, frozen=True, kw_only=True):
    """What a campaign uses at most, without re-runs of void attempts; `dollars` is null where no price is given."""

    runs: int
    tokens: int
    hours: float
    dollars: float | None


class Tell(Protocol):
    """Whom to tell what is done before the first attempt."""

    def __call__(self, line: str, *, lasts: bool = False) -> None:
        """Take note of a line; one that does not last is replaced by the next."""
        ...


def assess(settings: Settings, request: Request, out: Path, show: Show, tell: Tell) -> Summary:
    """Start a campaign in the new folder `out` and run it to its end.

    Raises:
        UnknownModelError, AgentError, BankError, FamilyError, FolderError: where what is asked for is not there.
        VoidedError: where no attempt counted.
        NotReadyError, SandboxError, OSError: where the machine does not let us.
        KeyboardInterrupt: where the user ended it; it can be resumed.
    """
    refuse_unusable(request)
    path = (request.bank or public_bank()).absolute()
    bank = read_open_bank(path)
    image, items = _admitted(settings, path, bank, tell)
    examined = request.examined
    file = CampaignFile(
        format=FORMAT,
        subject=new_subject(secrets.token_bytes),
        bank=str(path),
        root=bank.bank.root,
        image=image,
        model=examined.model,
        arguments=dict(examined.arguments),
        agent=examined.agent,
        limits=request.limits,
        most_runs=request.max_runs,
        token_budget=request.token_budget,
        call_seconds=request.call_seconds,
        retries=request.call_retries,
        dollars_in=request.dollars_in,
        dollars_out=request.dollars_out,
    )
    with created(out, file) as folder:
        return run(settings, Campaign(folder=folder, file=file, bank=bank), lambda: items, show)


def resume(settings: Settings, out: Path, show: Show, tell: Tell) -> Summary:
    """Go on with the campaign in the folder `out`: attempts that were cut off are lost, and nothing is run twice.

    Raises:
        FolderError: where there is no such campaign, or it is running.
        BankError: where the bank is not the one that it was begun with.
    """
    with resumed(out) as folder:
        file = folder.settings()
        path = Path(file.bank)
        bank = read_open_bank(path)
        if bank.bank.root != file.root:
            raise BankError("The bank is not the one that the campaign was begun with.", "Put that one back.")
        campaign = Campaign(folder=folder, file=file, bank=bank)
        return run(settings, campaign, lambda: _admitted(settings, path, bank, tell)[1], show)


def forecast(request: Request) -> Forecast:
    """Return what a campaign would use at most, without running anything of it.

    Raises:
        UnknownModelError, AgentError, BankError, FamilyError: where what is asked for is not there.
    """
    refuse_unusable(request)
    bank = read_open_bank(request.bank or public_bank())
    places = draw_order(bank.items, bytes(32))[: request.max_runs or None]
    caps = [token_cap(bank.item(place.item), request.limits) for place in places]
    budget = request.token_budget + WINDOW * max(caps) if request.token_budget else sum(caps)
    seconds = request.limits.seconds * len(places) / WINDOW
    tokens = min(sum(caps), budget)
    price = max(request.dollars_in, request.dollars_out)
    return Forecast(
        runs=len(places),
        tokens=tokens,
        hours=round(seconds / 3600, 1),
        dollars=round(tokens * price / 1_000_000, 2) if price else None,
    )


def refuse_unusable(request: Request) -> None:
    """Refuse a model or an agent that cannot be used, before anything is made.

    Raises:
        UnknownModelError, AgentError: where one cannot.
    """
    model_called(request.examined)
    agent_called(request.agent)


def _admitted(settings: Settings, path: Path, bank: OpenBank, tell: Tell) -> tuple[str, tuple[Item, ...]]:
    """Return the image, and the items of a bank that are admitted on it."""
    checked = check(
        settings, path, quick=True, tell=lambda done, of: tell(f"Trying the items on this image: {done} of {of} ...")
    )
    if checked.otherwise:
        tell(
            f"Judged otherwise than on the image that the bank ships with: {', '.join(checked.otherwise)}.", lasts=True
        )
    items = admitted_items(bank, checked.admission)
    if not items:
        raise BankError("No item of the bank is admitted on this machine's image.", "Run `trialplate bank check`.")
    return checked.admission.image, items
