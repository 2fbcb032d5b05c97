"""How a rule errs on a bank is simulated once, kept by what it rests on, and refused where it misses a level."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.app.making import CRITERIA, bank_file, characteristics, planned, table
from trialplate.app.campaigns.characteristics import (
    SUFFIX,
    CharacteristicsError,
    basis_of,
    characteristics_of,
    parse_characteristics,
    simulated,
)
from trialplate.app.campaigns.planning import PlanningError, refuse_missed
from trialplate.app.settings import Settings
from trialplate.records import Nuisance, canonical

REPLICATES = 200


def test_what_is_simulated_says_how_each_method_errs() -> None:
    found = characteristics()
    assert [row.scenario for row in found.rows] == [f"S{number}" for number in range(7) for _ in range(3)]
    assert {row.method for row in found.rows} == {"L", "e-process", "SPRT"}
    assert all(0 <= float(row.false_above) <= 1 and float(row.mean_runs) <= 12 for row in found.rows)
    assert 0 < float(found.alpha_cal) <= 0.05
    shown = found.shown()
    assert (len(shown.rows), shown.replicates, shown.levels_kept) == (21, REPLICATES, found.levels_kept)
    assert shown.rows[0].runs == found.mean_runs()
    assert parse_characteristics(canonical(found) + b"\n") == found


def test_the_same_basis_is_simulated_once(tmp_path: Path) -> None:
    settings, bank = Settings(home=tmp_path / "home"), bank_file(tmp_path)
    first = characteristics_of(settings, bank, table(), CRITERIA.criteria, replicates=REPLICATES)
    (kept,) = settings.characteristics_dir.iterdir()
    changed = replace(first, bound_runs="1")
    kept.write_bytes(canonical(changed))
    assert characteristics_of(settings, bank, table(), CRITERIA.criteria, replicates=REPLICATES) == changed
    beside = bank.with_suffix(SUFFIX)
    beside.write_bytes(canonical(first) + b"\n")
    assert characteristics_of(settings, bank, table(), CRITERIA.criteria, replicates=REPLICATES) == first
    beside.write_bytes(canonical(replace(first, basis="cd" * 32)))
    assert characteristics_of(settings, bank, table(), CRITERIA.criteria, replicates=REPLICATES) == changed


def test_the_basis_hangs_on_items_and_figures_and_not_on_the_salt() -> None:
    basis = basis_of(table(), CRITERIA.criteria, REPLICATES)
    assert basis == basis_of(replace(table(), salt="ff" * 32), CRITERIA.criteria, REPLICATES)
    figures = replace(CRITERIA.criteria.figures, alpha="0.04")
    others = {
        basis_of(table(11), CRITERIA.criteria, REPLICATES),
        basis_of(table(), replace(CRITERIA.criteria, figures=figures), REPLICATES),
        basis_of(table(), CRITERIA.criteria, REPLICATES + 1),
    }
    assert len(others | {basis}) == 4


def test_what_is_no_simulation_is_refused() -> None:
    with pytest.raises(CharacteristicsError, match="These are no characteristics"):
        parse_characteristics(b"{}")


def test_a_rule_that_misses_a_level_is_refused_unless_somebody_accepts_it() -> None:
    on = planned()
    missed = type(on)(
        criteria=on.criteria,
        table=on.table,
        characteristics=replace(on.characteristics, levels_kept=False),
        basis=on.basis,
    )
    with pytest.raises(PlanningError, match="misses a declared level on this bank"):
        refuse_missed(missed, accepted=False)
    refuse_missed(missed, accepted=True)
    refuse_missed(on, accepted=False)


def test_a_rule_that_allows_nothing_for_the_scale_misses_its_level_where_all_items_are_easier() -> None:
    exact = Nuisance(name="none", kappa=("1", "1"), s=("0", "0"), eps=("0", "0"))
    figures = replace(CRITERIA.criteria.figures, linking="0", nuisance=exact, alpha="0.2", beta="0.2")
    found = simulated(table(), replace(CRITERIA.criteria, figures=figures), 2000, "ab" * 32)
    easier = next(row for row in found.rows if (row.scenario, row.method) == ("S5", "L"))
    assert float(easier.false_above) > 0.2
    assert not found.levels_kept
