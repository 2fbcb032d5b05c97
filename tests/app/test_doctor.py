"""The doctor: what it finds on a good machine, and what it says of every way in which one is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.machine import FakeMachine
from trialplate.app import doctor
from trialplate.app.doctor import Closed, Diagnosis, Made, Missing, Open, Ready, Timing, diagnose
from trialplate.benchmark.inspect.trial import TrialResult
from trialplate.sandbox.errors import SandboxError
from trialplate.sandbox.ids import find_ids
from trialplate.sandbox.image import BASE, ImageStore

GOOD = Made(
    finding=Ready(name="scenario", detail="made"),
    egress=(Closed(probe="loopback"),),
    timings=(Timing(name="start", milliseconds=1.0),),
)
SOLVED = TrialResult(solved=True, said="token", seconds=0.5)


def examined(home: Path, made: Made = GOOD, trial: TrialResult = SOLVED, left: tuple[int, ...] = ()) -> Diagnosis:
    return diagnose(home, FakeMachine(), make=lambda *_: made, run=lambda _: trial, left=lambda _: left)


def missing(diagnosis: Diagnosis) -> dict[str, Missing]:
    return {each.name: each for each in diagnosis.findings if isinstance(each, Missing)}


@pytest.mark.sandbox
def test_this_machine_is_ready(trialplate_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALPLATE_HOME", str(trialplate_home))
    found = diagnose(trialplate_home)
    assert missing(found) == {}
    assert found.ready
    assert [timing.name for timing in found.timings][:3] == ["start of 3 hosts", "exec", "close"]


def test_nothing_is_made_where_something_is_missing(tmp_path: Path) -> None:
    found = diagnose(tmp_path, FakeMachine(without=frozenset({"crun"})))
    assert {"crun", "image"} <= set(missing(found))
    assert (found.egress, found.timings, found.ready) == ((), (), False)


def test_an_image_that_is_missing_is_named(trialplate_home: Path, tmp_path: Path) -> None:
    digest = ImageStore(trialplate_home / "cache/images", find_ids(trialplate_home)).named(BASE).digest
    (tmp_path / "cache/images").mkdir(parents=True)
    (tmp_path / "cache/images" / digest).symlink_to(trialplate_home / "cache/images" / digest)
    found = examined(tmp_path)
    assert missing(found) == {
        "triage image": Missing(
            name="triage image", detail="There is no image called 'triage'.", fix="Run `make setup` to build it."
        )
    }
    assert not found.ready


def test_a_machine_that_does_all_is_ready(trialplate_home: Path) -> None:
    found = examined(trialplate_home)
    assert found.ready
    assert found.timings[-1].milliseconds == 500


def test_a_scenario_that_cannot_be_made_says_why(trialplate_home: Path) -> None:
    def fail(home: Path, digest: str) -> Made:
        raise SandboxError(f"no {digest[:0]}mount", f"look at {home.name}")

    found = diagnose(trialplate_home, FakeMachine(), make=fail)
    assert missing(found)["scenario"].detail.startswith("no mount")
    assert not found.ready


def test_a_trial_that_was_not_solved_is_told_with_what_was_said(trialplate_home: Path) -> None:
    found = examined(trialplate_home, trial=TrialResult(solved=False, said="curl: refused", seconds=1.0))
    assert missing(found)["evaluation"].detail == "curl: refused"


def test_a_scenario_that_leaks_is_not_ready(trialplate_home: Path) -> None:
    leaky = replace(GOOD, egress=(Open(probe="loopback", reached="a listener"),))
    assert not examined(trialplate_home, made=leaky).ready


def test_what_is_left_is_named_with_how_to_end_it(trialplate_home: Path) -> None:
    found = missing(examined(trialplate_home, left=(7, 8)))["leftovers"]
    assert (found.detail, found.fix) == ("processes 7, 8", "kill -9 7 8")


def test_a_median_is_no_mean() -> None:
    assert doctor.median_ms([1.0, 0.001, 0.002]) == 2.0
