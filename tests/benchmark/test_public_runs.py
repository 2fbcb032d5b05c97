"""The public development bank, every admitted item through the real agent, sandbox and oracle, by models of ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from trialplate.app.banks import check, public_bank
from trialplate.app.settings import Settings
from trialplate.benchmark.admitted import admitted_items
from trialplate.benchmark.bank_files import read_open_bank
from trialplate.benchmark.campaign import WINDOW, Progress, progress_of
from trialplate.benchmark.inspect.arena import Arena, Stage
from trialplate.benchmark.inspect.examinee import Ability
from trialplate.benchmark.inspect.run import Examined, Patience, Setting, run_open_places
from trialplate.benchmark.items import Item
from trialplate.benchmark.primitives import Level
from trialplate.benchmark.workshop import Workshop
from trialplate.records import AttemptOpened, ItemLimits, Outcome, RunResult
from trialplate.sandbox import Sandbox
from trialplate.sandbox.egress import EgressProbes

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

KEY = bytes(range(32))


class Notes:
    """Attempts and results of places, in memory; every place may run, whatever came of the others."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._said: list[AttemptOpened | RunResult] = []

    def open_attempt(self, place: int) -> int:
        attempt = len(self.progress()[place].attempts) + 1
        self._said.append(AttemptOpened(place=place, attempt=attempt))
        return attempt

    def finish_attempt(self, result: RunResult) -> None:
        self._said.append(result)

    def progress(self) -> Sequence[Progress]:
        return progress_of(self._places, self._said)

    def most(self) -> int:
        return self._places


@pytest.fixture
def settings(trialplate_home: Path) -> Settings:
    return Settings(home=trialplate_home)


@pytest.fixture
def items(settings: Settings) -> tuple[Item, ...]:
    return admitted_items(read_open_bank(public_bank()), check(settings, public_bank(), quick=True).admission)


def played(settings: Settings, items: Sequence[Item], folder: Path, model: str, **arguments: str) -> list[Outcome]:
    """Return the outcome of every item, each with its twin left out."""
    (folder / "logs").mkdir()
    image = check(settings, public_bank(), quick=True).admission.image
    notes = Notes(len(items))

    def builds(sandbox: Sandbox) -> Workshop:
        return Workshop(sandbox, settings.builds_dir, image)

    with EgressProbes() as probes:
        stages = {number: Stage(item=item, twin=False) for number, item in enumerate(items)}
        arena = Arena(stages, KEY, notes, builds=builds, probes=probes)
        setting = Setting(
            prompts={number: item.family.prompt(item.spec) for number, item in enumerate(items)},
            token_caps=dict.fromkeys(range(len(items)), 1000000),
            limits=ItemLimits(seconds=600, turns=100),
            at_once=WINDOW,
            logs=folder / "logs",
            metadata={},
        )
        examined = Examined(model=model, arguments=arguments, agent="react", patience=Patience())
        run_open_places(examined, setting, arena, notes, lambda _: None)
    return [each.outcome or Outcome.VOID_LOST for each in notes.progress()]


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
