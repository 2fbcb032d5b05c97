"""The public development bank is the one that the families of this version draw, and all of it was admitted."""

from __future__ import annotations

from trialplate.app.banks import key_path, public_bank
from trialplate.app.campaigns.characteristics import REPLICATES, SUFFIX, basis_of, parse_characteristics
from trialplate.app.campaigns.planning import CRITERIA, read_criteria, table_for
from trialplate.benchmark.admitted import parse_admission, summary_of
from trialplate.benchmark.bank_files import read_open_bank
from trialplate.determination import SALT_BYTES, parse_criteria


def test_the_shipped_families_draw_it_again() -> None:
    opened = read_open_bank(public_bank())
    assert all(type(item.family).__module__.startswith("trialplate.") for item in opened.items)
    assert len(opened.items) == 4 * len(opened.bank.families)


def test_every_item_was_admitted_in_full() -> None:
    opened = read_open_bank(public_bank())
    admission = parse_admission(public_bank().with_suffix(".admission.json").read_bytes())
    summary = summary_of(opened, admission)
    assert not admission.quick
    assert summary.refused == ()
    assert set(summary.levels) == {"L1", "L2", "L3", "L4"}


def test_its_key_is_public() -> None:
    assert key_path(public_bank()).stat().st_mode & 0o444


def test_what_is_simulated_on_it_ships_with_it_and_keeps_its_levels() -> None:
    criteria = parse_criteria(read_criteria(CRITERIA))
    table = table_for(read_open_bank(public_bank()).items, criteria, bytes(SALT_BYTES))
    shipped = parse_characteristics(public_bank().with_suffix(SUFFIX).read_bytes())
    assert shipped.basis == basis_of(table, criteria.criteria, REPLICATES), "run scripts/public_bank.py --simulate"
    assert shipped.levels_kept


def test_at_least_a_third_of_its_information_lies_at_the_hard_end() -> None:
    opened = read_open_bank(public_bank())
    summary = summary_of(opened, parse_admission(public_bank().with_suffix(".admission.json").read_bytes()))
    assert (summary.mechanisms, len(summary.domains), summary.admitted) == (10, 6, 40)
    assert summary.in_band["2h"] >= 32
    assert summary.information_share_L4["24h"] >= 1 / 3
