"""How often the rule of criteria errs on a bank's items, by simulation; kept by all that it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.app.campaigns.figures import decimal, design_of
from trialplate.app.kept import keep
from trialplate.app.settings import Settings
from trialplate.determination import Criteria, Table
from trialplate.determination.report.data import Characteristics, Erring
from trialplate.errors import TrialplateError
from trialplate.measurement.chance import seeded
from trialplate.measurement.design import Design
from trialplate.measurement.order import order
from trialplate.measurement.simulate import REPLICATES, Figures, Method, calibrated, simulate
from trialplate.measurement.truth import SCENARIOS
from trialplate.records import canonical, decode

FORMAT: Final = "trialplate-characteristics/1"
SUFFIX: Final = ".characteristics.json"
ORDERS: Final = 4
"""The order of a campaign hangs on a beacon that is still to come: levels hold on each of so many that it may be."""

_MOST_BYTES: Final = 1 << 20
_LEVEL_DIGITS: Final = 6
_SHARE_DIGITS: Final = 5
_RUN_DIGITS: Final = 1
_TAG: Final = b"trialplate.simulated-order/1\n"

SAYS: Final = {
    "S0": "the table is right",
    "S1": "families share an effect (sd .6), and models have a profile over domains (sd .4)",
    "S2": "difficulties are off by an error (sd .5)",
    "S3": "5% of the items are broken or leaked",
    "S4": "S1, S2 and S3 together",
    "S5": "every item is easier by .25",
    "S6": "slopes are .7 of what is assumed",
}


class CharacteristicsError(TrialplateError):
    """What was simulated cannot be read."""


class Simulated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a method errs under a scenario: shares of campaigns as decimals, a doubling off the cut on either side."""

    scenario: str
    method: str
    false_above: str
    false_below: str
    inconclusive: str
    mean_runs: str
    p90_runs: str


class BankCharacteristics(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was simulated for criteria on a table of items.

    `basis` is the SHA-256 of what it rests on; `alpha_cal` and `beta_cal` the levels that boundaries are made for.
    `levels_kept` says whether the rule keeps both levels in every scenario.
    """

    format: str
    basis: str
    replicates: int
    alpha_cal: str
    beta_cal: str
    bound_runs: str
    levels_kept: bool
    rows: tuple[Simulated, ...]

    def shown(self) -> Characteristics:
        """Return it as a report shows it, in percent."""
        return Characteristics(
            rows=tuple(_erring(row) for row in self.rows),
            replicates=self.replicates,
            bound=float(self.bound_runs),
            levels_kept=self.levels_kept,
        )

    def mean_runs(self) -> float:
        """Return how many runs the rule takes a doubling off the cut, where the table is right."""
        return next(float(row.mean_runs) for row in self.rows if (row.scenario, row.method) == ("S0", Method.RULE))


def parse_characteristics(data: bytes) -> BankCharacteristics:
    """Return what was simulated from a file's bytes.

    Raises:
        CharacteristicsError: where they are nothing of the kind.
    """
    try:
        return decode(data.removesuffix(b"\n"), BankCharacteristics, most=_MOST_BYTES)
    except TrialplateError as failure:
        raise CharacteristicsError(f"These are no characteristics ({failure}).", "Simulate them again.") from failure


def characteristics_of(
    settings: Settings, bank: Path, table: Table, criteria: Criteria, *, replicates: int = REPLICATES
) -> BankCharacteristics:
    """Return how the rule of criteria errs on a table of items: as it ships, as it was kept, or simulated now.

    Args:
        settings: say where it is kept.
        bank: the bank's file, beside which characteristics may lie.
        table: the items.
        criteria: whose rule it is.
        replicates: simulated campaigns a side and scenario.
    """
    basis = basis_of(table, criteria, replicates)
    kept = settings.characteristics_dir / f"{basis[:32]}.json"
    for path in (bank.with_suffix(SUFFIX), kept):
        if path.exists() and (found := parse_characteristics(path.read_bytes())).basis == basis:
            return found
    made = simulated(table, criteria, replicates, basis)
    keep(kept, made)
    return made


def basis_of(table: Table, criteria: Criteria, replicates: int) -> str:
    """Return the SHA-256 of all that a simulation hangs on: rows without salt, figures, replicates, and the code."""
    code = hashlib.sha256()
    for file in sorted(resources.files("trialplate.measurement").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            code.update(file.name.encode() + file.read_bytes())
    parts = [FORMAT, canonical(table.rows).decode(), canonical(criteria.figures).decode(), replicates, code.hexdigest()]
    return hashlib.sha256(canonical(parts)).hexdigest()


def simulated(table: Table, criteria: Criteria, replicates: int, basis: str) -> BankCharacteristics:
    """Simulate: lower the levels until they hold on each of some orders, then try every scenario on the first."""
    figures = criteria.figures
    rows = {row.item: row for row in table.measured()}
    design = design_of(figures, places=len(rows), alpha_cal=figures.alpha, beta_cal=figures.beta)
    rng = seeded(bytes.fromhex(basis))
    orders = [
        [rows[item] for item in order(tuple(rows.values()), design, _seed(basis, number))] for number in range(ORDERS)
    ]
    for each in orders:
        design = calibrated(each, design, rng, replicates=replicates).design
    made = [simulate(orders[0], design, scenario, replicates, rng) for scenario in SCENARIOS]
    said = tuple(
        _simulated(each.scenario, [figure for figure in each.figures if figure.method is method])
        for each in made
        for method in Method
    )
    return BankCharacteristics(
        format=FORMAT,
        basis=basis,
        replicates=replicates,
        alpha_cal=decimal(design.alpha_cal, _LEVEL_DIGITS),
        beta_cal=decimal(design.beta_cal, _LEVEL_DIGITS),
        bound_runs=decimal(min(made[0].bound, len(rows)), 1),
        levels_kept=_kept(said, design),
        rows=said,
    )


def _simulated(scenario: str, figures: Sequence[Figures]) -> Simulated:
    """Return what a method did at both abilities, a doubling below the cut and a doubling above."""
    low, high = sorted(figures, key=lambda figure: figure.off)
    return Simulated(
        scenario=scenario,
        method=low.method.value,
        false_above=decimal(low.above, _SHARE_DIGITS),
        false_below=decimal(high.below, _SHARE_DIGITS),
        inconclusive=decimal((low.inconclusive + high.inconclusive) / 2, _SHARE_DIGITS),
        mean_runs=decimal((low.mean_runs + high.mean_runs) / 2, _RUN_DIGITS),
        p90_runs=decimal(max(low.p90_runs, high.p90_runs), _RUN_DIGITS),
    )


def _kept(rows: Sequence[Simulated], design: Design) -> bool:
    """Say whether the rule errs no more often than its levels allow, whichever way the truth differs from the table."""
    mine = [row for row in rows if row.method == Method.RULE]
    return all(float(row.false_above) <= design.alpha and float(row.false_below) <= design.beta for row in mine)


def _erring(row: Simulated) -> Erring:
    return Erring(
        scenario=row.scenario,
        says=SAYS[row.scenario],
        rule=row.method,
        false_above=100 * float(row.false_above),
        false_below=100 * float(row.false_below),
        inconclusive=100 * float(row.inconclusive),
        runs=float(row.mean_runs),
        p90=float(row.p90_runs),
    )


def _seed(basis: str, number: int) -> bytes:
    return hashlib.sha256(_TAG + bytes.fromhex(basis) + number.to_bytes(4, "big")).digest()
