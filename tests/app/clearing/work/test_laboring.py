"""The command `work`: every thing that was done is told, one worker a home, and again and again with `--watch`."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.fakes.clearing import World
from tests.fakes.lab import RECIPE, ScriptedLab
from tests.formats.intake.making import report, weakness
from trialplate.app.clearing.finders import reporting
from trialplate.app.clearing.house import opened_house
from trialplate.app.clearing.work import laboring
from trialplate.app.clearing.work.laboring import Shown, labor
from trialplate.app.clearing.work.working import BusyError, Failed, alone, work
from trialplate.app.settings import Settings
from trialplate.app.worker import Passed, Why
from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.replay import Replay
from trialplate.clearinghouse.triage.stage import Source
from trialplate.errors import TrialplateError
from trialplate.faces.cli.main import main
from trialplate.records import SubjectId


class BrokenLab(ScriptedLab):
    """A machine that lets nothing run."""

    def replay(self, recipe: Recipe, source: Source, proof: bytes, fixed: Source | None) -> Replay:
        """See `Lab.replay`."""
        del recipe, source, proof, fixed
        raise TrialplateError("The sandbox is not ready.", "Run make doctor.")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def send(settings: Settings, proof: bytes) -> str:
    document = report(weakness(proofs=[{"name": "p", "base64": base64.b64encode(proof).decode()}]))
    with opened_house(settings) as house:
        sent = reporting.Sent(document=document, recipe=RECIPE, source=b"tar")
        return reporting.submit(house, "mill", sent).taken[0].report


def once(settings: Settings, lab: ScriptedLab) -> list[Shown]:
    return list(labor(settings, watch=False, every_s=1, lab=lab))


def test_what_was_done_is_told_in_words(settings: Settings) -> None:
    subject = send(settings, b"nothing")
    shown = once(settings, ScriptedLab())
    assert [each.line for each in shown] == [f"{subject[:8]}  will be tried", f"{subject[:8]}  not reproduced"]
    assert [(each.kind, each.failed) for each in shown] == [
        ("finding.screened", False),
        ("finding.not_reproduced", False),
    ]
    assert all(len(each.record) == 64 for each in shown)
    assert once(settings, ScriptedLab()) == []


def test_what_could_not_be_done_is_told_and_tried_again(settings: Settings) -> None:
    subject = send(settings, b"crash card_copy main")
    failed = [each for each in once(settings, BrokenLab()) if each.failed]
    assert [each.line for each in failed] == [
        f"{subject[:8]}  finding.reproduced not done: The sandbox is not ready. Run make doctor."
    ]
    assert not [each for each in once(settings, ScriptedLab()) if each.failed]


def test_with_watch_it_looks_again_until_it_is_interrupted(settings: Settings) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise KeyboardInterrupt
        send(settings, b"nothing")

    shown: list[Shown] = []

    def watch() -> None:
        for event in labor(settings, watch=True, every_s=7, lab=ScriptedLab(), sleep=sleep):
            shown.append(event)  # noqa: PERF402 what was seen before the interruption counts

    with pytest.raises(KeyboardInterrupt):
        watch()
    assert slept == [7, 7]
    assert [each.kind for each in shown] == ["finding.screened", "finding.not_reproduced"]


def test_one_worker_a_home(settings: Settings) -> None:
    send(settings, b"nothing")
    with alone(settings.home), pytest.raises(BusyError):
        once(settings, ScriptedLab())


def test_a_subject_that_another_holds_is_left() -> None:
    world = World()
    world.staff()
    world.project("cards", "mill")
    subject = world.report("cards", "ada", b"nothing")
    world.house.store.acquire(subject, "another", now=world.now, seconds=600)
    events = list(work(world.house, world.lab))
    assert events == [Passed(subject=subject, why=Why.BUSY)]
    assert laboring.shown(events[0]).line == f"{subject[:8]}  left for later: {Why.BUSY.value}"
    assert laboring.shown(Failed(subject=SubjectId(subject), step="a", reason="b")).failed


def test_the_command_tells_by_lines_and_by_json(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIALPLATE_HOME", str(settings.home))
    with opened_house(settings) as house:
        reporting.submit(house, "mill", reporting.Sent(document=report(weakness())))
    assert main(["work", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == ["finding.screened", "finding.not_reproduced"]
    assert main(["work"]) == 0
    assert not capsys.readouterr().out
    with alone(settings.home):
        assert main(["work"]) == 3
    assert "Another worker" in capsys.readouterr().err
