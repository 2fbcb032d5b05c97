"""Assess a model: start a campaign, or go on with one; say beforehand what it may use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from trialplate.app.banks import check, public_bank
from trialplate.app.campaigns.beacons import OPERATOR, read_beacon, refuse_odd_beacon
from trialplate.app.campaigns.characteristics import characteristics_of
from trialplate.app.campaigns.folder import FORMAT, Basis, CampaignFile, created, resumed
from trialplate.app.campaigns.ledger import CampaignLedger
from trialplate.app.campaigns.planning import CRITERIA, Planned, planned_from, read_criteria, refuse_missed, table_for
from trialplate.app.campaigns.run import Campaign, Show, holder_of, run
from trialplate.app.campaigns.subjects import subject_of
from trialplate.app.finishing import Finished, finished
from trialplate.app.settings import Settings
from trialplate.app.wiring_store import opened, utc_now
from trialplate.benchmark.admitted import admitted_items
from trialplate.benchmark.bank import BankError, OpenBank
from trialplate.benchmark.bank_files import read_open_bank
from trialplate.benchmark.inspect.agent import STANDARD, agent_called
from trialplate.benchmark.inspect.run import Examined, Patience, Prices, model_called
from trialplate.benchmark.items import Item
from trialplate.determination import SALT_BYTES, parse_criteria
from trialplate.errors import TrialplateError
from trialplate.records import ItemLimits, canonical


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a user asks for, by the names of the command's options.

    `bank` None means the public development bank. At 0, `max_runs` means all places, `token_budget` no budget,
    `item_tokens` the cap of each item's level, `item_dollars` no limit. `dollars_in` and `dollars_out` are the prices
    of a million tokens; without them no cost is counted. `accepted`: to go on where criteria miss a level on the bank.
    """

    model: str
    arguments: tuple[str, ...] = ()
    agent: str = STANDARD
    bank: Path | None = None
    criteria: str = CRITERIA
    accepted: bool = False
    beacon: str = OPERATOR
    beacon_file: Path | None = None
    seed_beacon: str = field(default="", repr=False)
    max_runs: int = 0
    token_budget: int = 0
    at_once: int = 4
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


class Tell(Protocol):
    """Whom to tell what is done before the first attempt."""

    def __call__(self, line: str, *, lasts: bool = False) -> None:
        """Take note of a line; one that does not last is replaced by the next."""
        ...


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What is known before a campaign has a folder: bank, image, items near the cut, and how the rule errs on them."""

    bank: OpenBank
    path: Path
    image: str
    planned: Planned


def assess(settings: Settings, request: Request, out: Path, show: Show, tell: Tell) -> Finished:
    """Start a campaign in the new folder `out` and run it to its end.

    Raises:
        UnknownModelError, AgentError, BankError, FamilyError, FolderError: where what is asked for is not there.
        PlanningError, CriteriaError, BeaconFileError: where it cannot be planned.
        BeaconError: where the plan is written down and waits for its beacon.
        NotReadyError, SandboxError, OSError: where the machine does not let us.
        KeyboardInterrupt: where the user ended it; it can be resumed.
    """
    refuse_unusable(request)
    ready = made_ready(settings, request, tell)
    refuse_missed(ready.planned, accepted=request.accepted)
    beacon = read_beacon(request.beacon, request.beacon_file) if request.beacon_file else None
    examined, holder = request.examined, holder_of(settings)
    subject = subject_of(holder.signer, examined.model, examined.arguments)
    with opened(settings) as store:
        ledger = CampaignLedger(store, subject, holder, utc_now, lease_s=settings.lease_s)
        try:
            file = _file(request, ready, ledger)
            with created(out, file, ready.planned.basis) as folder:
                campaign = Campaign(folder=folder, file=file, bank=ready.bank, planned=ready.planned, beacon=beacon)
                view = run(settings, campaign, ledger, show)
                return finished(settings, campaign, view, store)
        finally:
            ledger.close()


def resume(settings: Settings, out: Path, beacon_file: Path | None, show: Show) -> Finished:
    """Go on with the campaign in the folder `out`: attempts that were cut off are lost, and nothing is run twice.

    Raises:
        FolderError: where there is no such campaign, or it is running.
        BankError: where the bank is not the one that it was begun with.
        LedgerError: where a newer plan of the subject has ended it.
    """
    with resumed(out) as folder:
        file = folder.settings()
        bank = read_open_bank(Path(file.bank))
        if bank.bank.root != file.root:
            raise BankError("The bank is not the one that the campaign was begun with.", "Put that one back.")
        beacon = read_beacon(file.beacon, beacon_file) if beacon_file else None
        campaign = Campaign(folder=folder, file=file, bank=bank, planned=planned_from(folder.basis()), beacon=beacon)
        with opened(settings) as store:
            holder = holder_of(settings)
            ledger = CampaignLedger(store, file.subject, holder, utc_now, lease_s=settings.lease_s, number=file.number)
            try:
                return finished(settings, campaign, run(settings, campaign, ledger, show), store)
            finally:
                ledger.close()


def refuse_unusable(request: Request) -> None:
    """Refuse a model, an agent or a beacon that cannot be used, before anything is made.

    Raises:
        UnknownModelError, AgentError, BeaconFileError: where one cannot.
    """
    refuse_odd_beacon(request.beacon, request.seed_beacon)
    model_called(request.examined)
    agent_called(request.agent)


def made_ready(settings: Settings, request: Request, tell: Tell) -> Ready:
    """Open the bank, admit its items on this image, and find out how the rule of the criteria errs on them.

    Raises:
        BankError, FamilyError, PlanningError, CriteriaError: where these do not go together.
        NotReadyError, SandboxError, OSError: where the machine does not let us.
    """
    path = (request.bank or public_bank()).absolute()
    bank = read_open_bank(path)
    data = read_criteria(request.criteria)
    criteria = parse_criteria(data)
    image, items = admitted_on(settings, path, bank, tell)
    table = table_for(items, criteria, secrets.token_bytes(SALT_BYTES))
    tell("Simulating how often the rule errs on these items ...")
    characteristics = characteristics_of(settings, path, table, criteria.criteria)
    basis = Basis(criteria=data, characteristics=canonical(characteristics) + b"\n", table=canonical(table) + b"\n")
    planned = Planned(criteria=criteria, table=table, characteristics=characteristics, basis=basis)
    return Ready(bank=bank, path=path, image=image, planned=planned)


def admitted_on(settings: Settings, path: Path, bank: OpenBank, tell: Tell) -> tuple[str, tuple[Item, ...]]:
    """Return the image, and the items of a bank that are admitted on it.

    Raises:
        BankError: where there are none.
    """
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


def _file(request: Request, ready: Ready, ledger: CampaignLedger) -> CampaignFile:
    """Return what a campaign is started with, as its folder keeps it."""
    examined = request.examined
    return CampaignFile(
        format=FORMAT,
        subject=ledger.subject,
        number=ledger.number,
        bank=str(ready.path),
        root=ready.bank.bank.root,
        image=ready.image,
        model=examined.model,
        arguments=dict(examined.arguments),
        agent=examined.agent,
        limits=request.limits,
        most_runs=request.max_runs,
        token_budget=request.token_budget,
        at_once=request.at_once,
        call_seconds=request.call_seconds,
        retries=request.call_retries,
        dollars_in=request.dollars_in,
        dollars_out=request.dollars_out,
        beacon=request.beacon,
        seed_beacon=request.seed_beacon,
        accepted=request.accepted,
    )
