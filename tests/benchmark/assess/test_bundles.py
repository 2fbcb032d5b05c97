"""What an assessment leaves: a bundle that a stranger verifies and computes again, plan after plan of a subject."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.benchmark.assess.conftest import Campaigns
from trialplate.app.campaigns.ledger import LedgerError
from trialplate.app.campaigns.run import BeaconError
from trialplate.app.finishing import Finished
from trialplate.faces.cli.main import cli
from trialplate.records import OrderDrawn, Plan

pytestmark = [pytest.mark.sandbox]

EXAMINEE = "trialplate/examinee"
DRAW = "0b" * 32


@dataclass(frozen=True)
class Typed:
    """What a command answered, and the exit status that it returned."""

    exit_code: int
    output: str


def typed(*words: str) -> Typed:
    result = CliRunner().invoke(cli, words, env={"COLUMNS": "200"}, standalone_mode=False, catch_exceptions=False)
    return Typed(result.return_value, result.output)


def assessed(campaigns: Campaigns, name: str = "campaign", **asked: object) -> Finished:
    given = {"arguments": ("ability=2h", "seed=3"), "seed_beacon": DRAW, **asked}
    return campaigns.assess(EXAMINEE, name, **given)


@pytest.fixture
def bundle(one_campaign: Campaigns, tmp_path: Path) -> Path:
    """Return a copy of the bundle of a campaign, to be changed at will."""
    copy = tmp_path / "bundle"
    shutil.copytree(one_campaign.folder / "campaign" / "bundle", copy)
    return copy


def test_a_bundle_verifies_and_comes_out_the_same_again(bundle: Path) -> None:
    draft = json.loads((bundle / "draft.json").read_text())
    verified = typed("verify", str(bundle))
    assert verified.exit_code == 0, verified.output
    assert verified.output.startswith("self-consistent, signer unknown")
    assert json.loads(typed("verify", str(bundle), "--json").output)["ending"] == "self-consistent, signer unknown"
    again = typed("replay", str(bundle), "--json")
    assert again.exit_code == 0, again.output
    said = json.loads(again.output)
    assert said["same"]
    assert (said["outcome"], said["reason"] or "") == (draft["outcome"], draft["reason"])
    assert "the same" in typed("replay", str(bundle)).output


def test_a_bundle_is_known_by_the_key_that_one_has(bundle: Path, tmp_path: Path) -> None:
    payload = json.loads(base64.b64decode(json.loads((bundle / "MANIFEST").read_text())["payload"]))
    keys = tmp_path / "keys"
    keys.write_text("\n".join(payload["keys"]))
    assert typed("verify", str(bundle), "--trust", str(keys)).output.startswith("verified against YOUR anchor")
    keys.write_text(f"ed25519:{'00' * 31}01")
    assert typed("verify", str(bundle), "--trust", str(keys)).output.startswith("refused")


def test_a_bundle_is_known_by_a_checkpoint_that_one_kept(campaigns: Campaigns, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copy(Path(assessed(campaigns, "first").answered.bundle) / "checkpoint", kept)
    second = assessed(campaigns, "second")
    verified = typed("verify", second.answered.bundle, "--checkpoint", str(kept))
    assert verified.output.startswith("verified against YOUR anchor")
    assert "plan 2" in verified.output
    assert second.answered.subject in verified.output
    assert [(plan.number, plan.state, plan.outcome) for plan in second.draft.earlier] == [
        (1, "finished", "INCONCLUSIVE")
    ]
    with pytest.raises(LedgerError, match="Plan 1 of this subject was abandoned"):
        campaigns.resume("first")


CHANGES: list[tuple[str, Callable[[Path], object]]] = [
    ("a run dropped", lambda bundle: _lines(bundle, lambda lines: lines[:-4] + lines[-3:])),
    ("two records swapped", lambda bundle: _lines(bundle, lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]])),
    ("the last record dropped", lambda bundle: _lines(bundle, lambda lines: lines[:-1])),
    ("an unlisted file", lambda bundle: (bundle / "more.txt").write_text("more")),
    ("a missing file", lambda bundle: (bundle / "table.json").unlink()),
    ("a cut log", lambda bundle: (bundle / "checkpoint").write_text("\n".join(_words(bundle)[:2]))),
]


def _lines(bundle: Path, change: Callable[[list[str]], list[str]]) -> None:
    path = bundle / "records.jsonl"
    path.write_text("".join(f"{line}\n" for line in change(path.read_text().splitlines())))


def _words(bundle: Path) -> list[str]:
    return (bundle / "checkpoint").read_text().splitlines()


@pytest.mark.parametrize("name, change", CHANGES, ids=[name for name, _ in CHANGES])
def test_a_bundle_that_was_changed_is_refused(bundle: Path, name: str, change: Callable[[Path], object]) -> None:
    del name
    change(bundle)
    result = typed("verify", str(bundle))
    assert result.exit_code == 1
    assert result.output.startswith("refused")
    assert typed("replay", str(bundle)).exit_code == 1


def test_two_hundred_bytes_changed_one_at_a_time_are_each_refused(bundle: Path) -> None:
    chance = random.Random(200)
    files = sorted(path for path in bundle.iterdir() if path.is_file())
    for _ in range(200):
        path = chance.choice(files)
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ chance.randrange(1, 256)]) + whole[at + 1 :])
        result = typed("verify", str(bundle))
        assert (path.name, at, result.exit_code) == (path.name, at, 1)
        path.write_bytes(whole)
    assert typed("verify", str(bundle)).exit_code == 0


def test_a_bundle_that_got_lost_is_written_again(campaigns: Campaigns) -> None:
    finished = assessed(campaigns)
    shutil.rmtree(finished.answered.bundle)
    assert campaigns.resume().answered == finished.answered
    assert typed("verify", finished.answered.bundle).exit_code == 0


def test_how_many_run_at_once_changes_nothing(campaigns: Campaigns) -> None:
    four, two, one = (assessed(campaigns, f"of-{at_once}", at_once=at_once) for at_once in (4, 2, 1))
    for fewer in (two, one):
        assert fewer.view.course.order.places == four.view.course.order.places
        assert fewer.view.course.outcomes == four.view.course.outcomes
        assert fewer.answered.outcome == four.answered.outcome
        assert fewer.answered.horizon_hours == four.answered.horizon_hours


def test_a_plan_waits_for_its_beacon_and_goes_on(campaigns: Campaigns, tmp_path: Path) -> None:
    source, signature = f"drand:{'ab' * 32}:77", "cd" * 48
    with pytest.raises(BeaconError, match="its order waits for the beacon drand:"):
        assessed(campaigns, beacon=source, seed_beacon="")
    with pytest.raises(BeaconError, match="--beacon-file FILE"):
        campaigns.resume()
    value = hashlib.sha256(bytes.fromhex(signature)).hexdigest()
    file = tmp_path / "round.json"
    file.write_text(json.dumps({"round": 77, "randomness": value, "signature": signature}))
    finished = campaigns.resume(beacon_file=file)
    assert finished.view.course.the(Plan).beacon == source
    assert finished.view.course.the(OrderDrawn).beacon.value == value
    verified = typed("verify", finished.answered.bundle)
    assert verified.exit_code == 0
    assert "no BLS in this verifier" in verified.output
