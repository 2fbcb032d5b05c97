"""A worker that is killed at any moment of a story changes nothing of what stands in the end."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.clearinghouse.samples import FOLDER, sample
from tests.repo.tree import ROOT
from trialplate.app.clearing.finders import reporting
from trialplate.app.clearing.house import opened_house
from trialplate.app.settings import Settings
from trialplate.records import SubjectId

LEAST_MOMENTS = 50


def test_a_kill_at_any_moment_changes_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.clearinghouse.kills", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    moments = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(moments) >= LEAST_MOMENTS
    assert {moment["act"] for moment in moments} == {0, 1, 2, 3}
    assert [moment for moment in moments if not (moment["killed"] and moment["same"])] == []


@pytest.mark.sandbox
def test_a_kill_inside_a_real_trial_changes_nothing(tmp_path: Path, trialplate_home: Path) -> None:
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "images").symlink_to(trialplate_home / "cache" / "images")
    found = sample("records")
    with opened_house(Settings(home=home)) as house:
        for finder, proof in (("ada", found.one), ("bo", found.two), ("cy", found.nothing)):
            sent = reporting.Sent(
                document=_report(proof),
                recipe=(FOLDER / "records" / "recipe.toml").read_bytes(),
                source=found.vulnerable.archive,
            )
            assert reporting.submit(house, finder, sent).good
    command = [str(Path(sys.executable).with_name("trialplate")), "work"]
    for seconds in (1.0, 2.0, 3.0, 1.5, 2.5):
        with subprocess.Popen(command, env={**os.environ, "TRIALPLATE_HOME": str(home)}, cwd=ROOT) as worker:
            time.sleep(seconds)
            worker.kill()
    done = subprocess.run(command, check=False, env={**os.environ, "TRIALPLATE_HOME": str(home)}, cwd=ROOT, timeout=300)
    assert done.returncode == 0
    with opened_house(Settings(home=home)) as house:
        ended = [
            tuple(said.stored.entry.header.kind for said in house.history(SubjectId(row.report)).standing)
            for finder in ("ada", "bo", "cy")
            for row in reporting.listed(house, finder)
        ]
    assert sorted(len(kinds) for kinds in ended) == [3, 4, 7]
    assert sum("finding.duplicate_of/1" in kinds for kinds in ended) == 1
    assert sum("case.no_contact/1" in kinds for kinds in ended) == 1
    assert sum("finding.not_reproduced/1" in kinds for kinds in ended) == 1


def _report(proof: bytes) -> bytes:
    finding = {
        "title": "It overflows",
        "description": "A length is trusted.",
        "target": {"purl": "pkg:generic/records@1.0"},
        "proofs": [{"name": "proof", "base64": base64.b64encode(proof).decode()}],
    }
    return json.dumps({"format": "trialplate.report/1", "findings": [finding]}).encode()
