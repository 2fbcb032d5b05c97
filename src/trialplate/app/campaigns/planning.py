"""The plan of a campaign and the order that follows from it: everything that is fixed before the first attempt."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import ClassVar, Final

from trialplate.app.campaigns.characteristics import BankCharacteristics, parse_characteristics
from trialplate.app.campaigns.figures import design_of
from trialplate.app.campaigns.folder import Basis, CampaignFile
from trialplate.benchmark.bank import OpenBank
from trialplate.benchmark.campaign import order_root, with_twins
from trialplate.benchmark.items import Item
from trialplate.determination import (
    SignedCriteria,
    Table,
    items_root,
    parse_criteria,
    parse_table,
    recorded,
    table_of,
)
from trialplate.errors import TrialplateError
from trialplate.measurement.design import Design
from trialplate.measurement.order import order, order_seed
from trialplate.measurement.rule import make_rule
from trialplate.measurement.table import ability, design_row
from trialplate.measurement.vectors import VECTORS
from trialplate.records import Argument, Beacon, Elicitation, OrderDrawn, Plan, RecordId
from trialplate.records.plan import MOST_ATTEMPTS

ISOLATION: Final = "T1 namespaces"
"""The tier of isolation that scenarios run in."""

CRITERIA: Final = "synthetic-2026.1"
"""The criteria that ship, and that are used where none are named."""

_SUFFIX: Final = ".criteria.json"
_SECRET: Final = re.compile(r"key|token|secret|password|auth", re.IGNORECASE)
_MOST_BYTES: Final = 1 << 20


class PlanningError(TrialplateError):
    """A campaign cannot be planned on this bank with these criteria."""

    exit_code: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a plan rests on: criteria, the difficulties of the items that may be run, how the rule errs on them."""

    criteria: SignedCriteria
    table: Table
    characteristics: BankCharacteristics
    basis: Basis

    @property
    def design(self) -> Design:
        """The design of the decision on these items, at the levels that it was calibrated to."""
        return design_of(
            self.criteria.criteria.figures,
            places=len(self.table.rows),
            alpha_cal=self.characteristics.alpha_cal,
            beta_cal=self.characteristics.beta_cal,
        )


def read_criteria(name: str) -> bytes:
    """Return the bytes of criteria: of a version that ships, or of a file.

    Raises:
        PlanningError: where there are none of that name.
    """
    shipped = resources.files("trialplate.determination").joinpath("data", f"{name}{_SUFFIX}")
    path = Path(name)
    try:
        if re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name) and shipped.is_file():
            return shipped.read_bytes()
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as failure:
        raise PlanningError(f"There are no criteria {name[:80]!r} ({failure.strerror}).", "Give a file.") from failure


def table_for(items: Sequence[Item], criteria: SignedCriteria, salt: bytes) -> Table:
    """Return the table of the items that lie in the band around the cut.

    Raises:
        PlanningError: where none does.
    """
    figures = criteria.criteria.figures
    cut, band = ability(float(figures.cut_hours)), float(figures.band)
    rows = [design_row(item.id, item.family.name, item.family.domain.value, item.time.minutes) for item in items]
    near = tuple(row for row in rows if abs(row.b - cut) <= band)
    if not near:
        raise PlanningError(
            f"No item lies near the cut of {figures.cut_hours} hours.", "Use a bank or criteria that fit each other."
        )
    return table_of(near, salt)


def planned_from(basis: Basis) -> Planned:
    """Return what a campaign rests on, read again from its folder.

    Raises:
        CriteriaError, CanonicalError: where a file was changed.
    """
    return Planned(
        criteria=parse_criteria(basis.criteria),
        table=parse_table(basis.table),
        characteristics=parse_characteristics(basis.characteristics),
        basis=basis,
    )


def planned(file: CampaignFile, on: Planned, bank: OpenBank) -> Plan:
    """Return the plan of a campaign.

    Raises:
        PlanningError: where the rule misses a declared level on this bank and nobody accepted that.
    """
    criteria, characteristics = on.criteria.criteria, on.characteristics
    refuse_missed(on, accepted=file.accepted)
    commitments = {item.id: item.commitment for item in bank.bank.items}
    return Plan(
        number=file.number,
        bank=file.root,
        image=file.image,
        isolation=ISOLATION,
        items=items_root({row.item: commitments[row.item] for row in on.table.rows}),
        places=len(on.table.rows),
        table=on.table.commitment,
        criteria=criteria.name,
        criteria_digest=on.criteria.digest,
        figures=criteria.figures,
        alpha_cal=characteristics.alpha_cal,
        beta_cal=characteristics.beta_cal,
        shares=criteria.shares,
        calibration=criteria.calibration,
        calibration_digest=_digest("trialplate.benchmark", "primitives.toml"),
        domain_rule=criteria.domain_rule,
        order_rule=criteria.order_rule,
        void_rule=criteria.void_rule,
        attempts=MOST_ATTEMPTS,
        window=file.at_once,
        beacon=file.beacon,
        elicitation=elicitation_of(file),
        readers=criteria.readers,
        inconclusive=criteria.inconclusive,
        decision_digest=_digest("trialplate.measurement", "decide.py"),
        vectors_digest=VECTORS,
        characteristics=hashlib.sha256(on.basis.characteristics).hexdigest(),
        accepted=file.accepted and not characteristics.levels_kept,
    )


def refuse_missed(on: Planned, *, accepted: bool) -> None:
    """Refuse criteria that miss their level on this bank, unless somebody accepted it.

    Raises:
        PlanningError: for it.
    """
    if not (on.characteristics.levels_kept or accepted):
        raise PlanningError(
            f"By simulation, {on.criteria.criteria.name} misses a declared level on this bank.",
            "See `trialplate measure characteristics`, or go on with --accept-characteristics: reports say so first.",
        )


def drawn_order(plan: Plan, plan_id: RecordId, on: Planned, beacon: Beacon) -> OrderDrawn:
    """Return the order of a plan by a beacon: items, twins, scores and boundaries."""
    seed = order_seed(plan.commitment, bytes.fromhex(beacon.value))
    rows = {row.item: row for row in on.table.measured()}
    items = order(tuple(rows.values()), on.design, seed)
    places = with_twins(items, seed)
    return OrderDrawn(
        plan=plan_id,
        beacon=beacon,
        seed=seed.hex(),
        places=places,
        root=order_root(places, seed).hex(),
        rule=recorded(make_rule([rows[item] for item in items], on.design)),
    )


def elicitation_of(file: CampaignFile) -> Elicitation:
    """Return how the model is called; whatever may be a secret is withheld."""
    arguments = tuple(
        Argument(name=name, value="" if _SECRET.search(name) else value, withheld=bool(_SECRET.search(name)))
        for name, value in sorted(file.arguments.items())
    )
    return Elicitation(
        model=file.model,
        arguments=arguments,
        agent=file.agent,
        limits=file.limits,
        token_budget=file.token_budget,
        call_seconds=file.call_seconds,
        call_retries=file.retries,
    )


def _digest(package: str, name: str) -> str:
    return hashlib.sha256(resources.files(package).joinpath(name).read_bytes()).hexdigest()
