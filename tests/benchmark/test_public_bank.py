"""The public development bank is the one that the families of this version draw, and all of it was admitted."""

from __future__ import annotations

from trialplate.app.banks import key_path, public_bank
from trialplate.benchmark.admitted import parse_admission, summary_of
from trialplate.benchmark.bank_files import read_open_bank


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
