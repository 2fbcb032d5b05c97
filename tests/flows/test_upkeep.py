"""Rows made anew are the rows that were kept, and the wiring opens what the settings name."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.flows.toy import FLOWS, TOY, Opened, Request, said
from tests.store.making import HIGH, START, at, entry, low, row, subject, system
from trialplate.app.settings import Settings
from trialplate.app.upkeep import UNKNOWN, Rebuilt, flow_of, rebuild
from trialplate.app.wiring_store import HomeError, opened, rebuilt, utc_now
from trialplate.flows import summarize
from trialplate.records import moment
from trialplate.store import MemoryStore

A, B = subject("a"), subject("b")


def test_rows_made_anew_are_those_that_were_kept() -> None:
    store = MemoryStore()
    batch = [said(A, Request(), "toy.request"), said(A, Opened(), "toy.opened", label=HIGH)]
    store.append(system, batch, now=START)
    kept = summarize(TOY, store.history(system, A))
    store.append(system, [], now=START, summaries=kept)
    store.append(low, [entry(B, flow="other")], now=at(3), summaries=[row(B, 1, state="wrong")])
    done: list[int] = []
    assert rebuild(store, FLOWS, done.append) == Rebuilt(subjects=2, rows=3, unknown=1)
    assert done == [1, 2]
    shown = {summary.subject: summary for summary in store.summaries(system)}
    assert shown[A] == kept[-1]
    assert (shown[B].flow, shown[B].state, shown[B].sort_key, shown[B].next_due_at) == ("other", UNKNOWN, at(3), "")
    assert [summary for summary in store.summaries(low) if summary.subject == A] == [kept[0]]


def test_the_flow_of_a_subject_is_the_first_known_one() -> None:
    store = MemoryStore()
    store.append(low, [entry(A, flow="upkeep"), entry(A, flow="toy")], now=START)
    assert flow_of(store.history(low, A), FLOWS) is TOY
    assert flow_of((), FLOWS) is None


class TestSettings:
    def test_the_home_is_that_of_the_environment(self, tmp_path: Path) -> None:
        settings = Settings.from_environment({"TRIALPLATE_HOME": str(tmp_path)})
        assert settings.home == tmp_path
        assert settings.store_path == tmp_path / "store.db"
        assert settings.keys_dir == tmp_path / "keys"
        assert settings.images_dir == tmp_path / "cache" / "images"

    def test_without_one_it_is_in_the_data_folder_of_the_user(self) -> None:
        assert Settings.from_environment({"XDG_DATA_HOME": "/data"}).home == Path("/data/trialplate")
        assert Settings.from_environment({"HOME": "/u"}).home == Path("/u/.local/share/trialplate")


class TestWiring:
    def test_a_home_is_made_for_its_owner_alone(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path / "deep" / "home")
        with opened(settings) as store:
            store.append(low, [entry(A)], now=START)
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in (settings.home, settings.keys_dir)] == [0o700] * 2
        with opened(settings) as store:
            assert len(store.history(low, A)) == 1

    def test_a_home_that_cannot_be_made_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(HomeError, match="Set TRIALPLATE_HOME"), opened(Settings(home=tmp_path / "file" / "home")):
            pass

    def test_progress_is_of_all_subjects(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path)
        with opened(settings) as store:
            store.append(low, [entry(A), entry(B)], now=START)
        steps: list[tuple[int, int]] = []
        rebuilt(settings, lambda done, total: steps.append((done, total)))
        assert steps == [(1, 2), (2, 2)]

    def test_the_clock_says_moments(self) -> None:
        moment(utc_now())
