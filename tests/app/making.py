"""A small bank's worth of plans without a sandbox: a table, criteria, and what was simulated on it."""

from __future__ import annotations

from pathlib import Path

from trialplate.app.campaigns.characteristics import BankCharacteristics, simulated
from trialplate.app.campaigns.folder import Basis
from trialplate.app.campaigns.planning import Planned, read_criteria
from trialplate.determination import Table, parse_criteria, table_of
from trialplate.measurement.table import design_row
from trialplate.records import canonical

DATA = read_criteria("synthetic-2026.1")
CRITERIA = parse_criteria(DATA)
ITEMS = tuple(f"{number:012x}" for number in range(12))


def table(count: int = 12) -> Table:
    """Return a table of items of six families in three domains, from half an hour to eight."""
    rows = (
        design_row(item, f"family/{number % 6}", f"D{number % 3}", 30 + 40 * number)
        for number, item in enumerate(ITEMS[:count])
    )
    return table_of(tuple(rows), bytes(32))


def characteristics(count: int = 12, replicates: int = 200) -> BankCharacteristics:
    """Return what a short simulation says of the table."""
    return simulated(table(count), CRITERIA.criteria, replicates, "ab" * 32)


def planned(count: int = 12) -> Planned:
    """Return what a plan on the table rests on."""
    found, rows = characteristics(count), table(count)
    basis = Basis(criteria=DATA, characteristics=canonical(found) + b"\n", table=canonical(rows) + b"\n")
    return Planned(criteria=CRITERIA, table=rows, characteristics=found, basis=basis)


def bank_file(folder: Path) -> Path:
    """Return the name of a bank's file that is not there: only what lies beside it is looked for."""
    return folder / "none.bank.json"
