"""`trialplate doctor` as a user sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialplate.app.doctor import Closed, Diagnosis, Missing, Open, Ready, Timing
from trialplate.faces.cli import doctor as face

READY = Diagnosis(
    findings=(Ready(name="crun", detail="/usr/bin/crun"),),
    egress=(Closed(probe="loopback"),),
    timings=(Timing(name="exec", milliseconds=9.41),),
)
POOR = Diagnosis(
    findings=(Missing(name="crun", detail="is not there", fix="apt-get install crun"),),
    egress=(Open(probe="loopback", reached="a listener"),),
)


def said(monkeypatch: pytest.MonkeyPatch, diagnosis: Diagnosis, *arguments: str) -> tuple[int, str]:
    def diagnose(home: Path) -> Diagnosis:
        assert home.is_absolute()
        return diagnosis

    monkeypatch.setattr(face.app, "diagnose", diagnose)
    result = CliRunner().invoke(face.doctor, arguments, env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_a_ready_machine_ends_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = said(monkeypatch, READY)
    assert code == 0
    assert [line.split() for line in output.splitlines()] == [
        ["ready", "crun", "/usr/bin/crun"],
        ["closed", "loopback"],
        ["exec", "9.4", "ms"],
        ["This", "machine", "is", "ready."],
    ]


def test_a_poor_machine_ends_with_3_and_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = said(monkeypatch, POOR)
    assert code == 3
    assert "missing" in output
    assert "apt-get install crun" in output
    assert "OPEN" in output
    assert output.rstrip().endswith("This machine is not ready.")


def test_json_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = said(monkeypatch, POOR, "--json")
    assert code == 3
    assert json.loads(output) == {
        "ready": False,
        "findings": [{"ready": False, "name": "crun", "detail": "is not there", "fix": "apt-get install crun"}],
        "egress": [{"closed": False, "probe": "loopback", "reached": "a listener"}],
        "timings": [],
    }
