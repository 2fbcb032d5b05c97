"""Say how the rule of criteria errs on a bank, before anybody is measured on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trialplate.app.banks import known_admission, public_bank
from trialplate.app.campaigns.characteristics import BankCharacteristics, characteristics_of
from trialplate.app.campaigns.planning import CRITERIA, read_criteria, table_for
from trialplate.app.settings import Settings
from trialplate.benchmark.admitted import admitted_items
from trialplate.benchmark.bank_files import read_open_bank
from trialplate.determination import SALT_BYTES, parse_criteria


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How a rule errs on a bank: which criteria, how many items lie near the cut, whether these are admitted here."""

    criteria: str
    items: int
    admitted: bool
    characteristics: BankCharacteristics


def characteristics(settings: Settings, bank: Path | None, criteria: str = CRITERIA, *, replicates: int) -> Measured:
    """Return how the rule of criteria errs on the items of a bank: those that are known to be admitted, or all.

    Raises:
        BankError, FamilyError, PlanningError, CriteriaError: where bank or criteria are not what they should be.
        SimulationError: for too few replicates to show the levels.
    """
    path = (bank or public_bank()).absolute()
    opened = read_open_bank(path)
    admission = known_admission(settings, path, opened)
    signed = parse_criteria(read_criteria(criteria))
    table = table_for(admitted_items(opened, admission) if admission else opened.items, signed, bytes(SALT_BYTES))
    found = characteristics_of(settings, path, table, signed.criteria, replicates=replicates)
    return Measured(
        criteria=signed.criteria.name,
        items=len(table.rows),
        admitted=admission is not None,
        characteristics=found,
    )
