"""The public development bank, every admitted item through the real agent, sandbox and oracle, by models of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.playing import played, public_items
from trialplate.app.settings import Settings
from trialplate.benchmark.inspect.examinee import Ability
from trialplate.benchmark.items import Item
from trialplate.benchmark.primitives import Level
from trialplate.records import Outcome

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]


@pytest.fixture
def settings(trialplate_home: Path) -> Settings:
    return Settings(home=trialplate_home)


@pytest.fixture
def items(settings: Settings) -> tuple[Item, ...]:
    return public_items(settings)


def test_every_admitted_item_is_solved_by_an_examinee_that_can_do_all(
    settings: Settings, items: tuple[Item, ...], tmp_path: Path
) -> None:
    outcomes = played(settings, items, tmp_path, "trialplate/examinee", ability="all")
    assert [
        item.family.name for item, outcome in zip(items, outcomes, strict=True) if outcome is not Outcome.SOLVED
    ] == []


def test_none_is_solved_by_one_that_can_do_nothing(settings: Settings, items: tuple[Item, ...], tmp_path: Path) -> None:
    outcomes = played(settings, items, tmp_path, "trialplate/examinee", ability="none")
    assert set(outcomes) == {Outcome.NOT_SOLVED}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_item_ends_as_the_examinee_drew_it(
    settings: Settings, items: tuple[Item, ...], tmp_path: Path, seed: int
) -> None:
    outcomes = played(settings, items, tmp_path, "trialplate/examinee", ability="2h", seed=str(seed))
    ability = Ability("2h", seed)
    drawn = [Outcome.SOLVED if ability.succeeds(item) else Outcome.NOT_SOLVED for item in items]
    assert outcomes == drawn
    assert len(set(drawn)) == 2


def test_plain_tools_solve_next_to_nothing(settings: Settings, items: tuple[Item, ...], tmp_path: Path) -> None:
    outcomes = played(settings, items, tmp_path, "trialplate/scripted")
    solved = [item for item, outcome in zip(items, outcomes, strict=True) if outcome is Outcome.SOLVED]
    assert len([item for item in solved if item.level >= Level.L2]) <= 1
