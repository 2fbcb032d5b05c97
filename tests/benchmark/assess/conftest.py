"""A bank of the toy family, and a home whose image is the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from trialplate.app import assess as app
from trialplate.app.banks import draw
from trialplate.app.campaigns.view import Row, Tally, View
from trialplate.app.finishing import Finished
from trialplate.app.settings import Settings


@dataclass
class Campaigns:
    """Campaigns on one bank, in one home."""

    settings: Settings
    bank: Path
    folder: Path
    toy: Path
    view: View | None = None
    told: list[str] = field(default_factory=list[str])

    def assess(self, model: str, name: str = "campaign", **asked: object) -> Finished:
        request = app.Request(model=model, bank=self.bank, **asked)  # pyright: ignore[reportArgumentType] - by field
        return app.assess(self.settings, request, self.folder / name, self._see, self._note)

    def tally(self, model: str, name: str = "campaign", **asked: object) -> Tally:
        """Assess, and return the campaign in figures."""
        return self.assess(model, name, **asked).view.tally()

    def resume(self, name: str = "campaign", beacon_file: Path | None = None) -> Finished:
        return app.resume(self.settings, self.folder / name, beacon_file, self._see)

    def command(self, *words: str, name: str = "campaign") -> subprocess.CompletedProcess[str]:
        """Run `trialplate assess` in a process of its own and return how it ended."""
        argv = [str(Path(sys.executable).parent / "trialplate"), "assess", *words]
        if "--resume" not in words:
            argv += ["--bank", str(self.bank), "--out", str(self.folder / name)]
        return subprocess.run([*argv, "--json"], env=self.environment(), capture_output=True, text=True, check=False)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "TRIALPLATE_HOME": str(self.settings.home), "PYTHONPATH": str(self.toy)}

    def rows(self) -> tuple[Row, ...]:
        assert self.view is not None
        return self.view.rows()

    def _note(self, line: str, *, lasts: bool = False) -> None:
        if lasts:
            self.told.append(line)

    def _see(self, view: View) -> None:
        self.view = view


@pytest.fixture
def campaigns(toy_family: str, toy_folder: Path, trialplate_home: Path, tmp_path: Path) -> Campaigns:
    return _made(toy_family, toy_folder, trialplate_home, tmp_path)


@pytest.fixture(scope="session")
def one_campaign(
    toy_family: str, toy_folder: Path, trialplate_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Campaigns:
    """Return campaigns of which one has ended, in the folder `campaign`: to be looked at and not to be changed."""
    made = _made(toy_family, toy_folder, trialplate_home, tmp_path_factory.mktemp("one"))
    made.assess("trialplate/examinee", arguments=("ability=2h", "seed=3"), seed_beacon="0b" * 32)
    return made


def _made(toy_family: str, toy_folder: Path, trialplate_home: Path, folder: Path) -> Campaigns:
    home = folder / "home"
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "images").symlink_to(trialplate_home / "cache" / "images")
    for kept in ("builds", "admissions", "characteristics"):
        (home / "cache" / kept).symlink_to(_shared(trialplate_home / "cache" / kept))
    bank = folder / "toy.bank.json"
    # The same key each time, so that the bank is admitted once on each image.
    draw(bank, families=[toy_family], key=bytes(range(32)))
    return Campaigns(settings=Settings(home=home), bank=bank, folder=folder, toy=toy_folder)


def _shared(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
