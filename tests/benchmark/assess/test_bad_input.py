"""Wrong or missing input ends a campaign before it begins, with a word on what to do; a bad machine loses nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.benchmark.assess.conftest import Campaigns
from trialplate.app.campaigns.folder import FolderError
from trialplate.benchmark.admitted import admission_of
from trialplate.benchmark.bank_files import key_path, read_open_bank, write_public
from trialplate.records import Ended, RunsEnded

pytestmark = [pytest.mark.sandbox]

EXAMINEE = "trialplate/examinee"


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("nobody/model",), 1, "The model 'nobody/model' cannot be used"),
        (("openai/gpt",), 1, "OPENAI_API_KEY"),
        ((EXAMINEE, "-M", "ability=much"), 1, "'much' is no ability. Give all, none, or a time"),
        ((EXAMINEE, "-M", "skill=1"), 1, "skill"),
        ((EXAMINEE, "-M", "ability"), 2, "The model argument 'ability' has no value. Write -M KEY=VALUE."),
        ((EXAMINEE, "--agent", "nothing"), 1, "'nothing' is no agent. Give MODULE:NAME"),
        ((EXAMINEE, "--agent", "no.such.module:agent"), 1, "cannot be made: No module named 'no'"),
        ((EXAMINEE, "--agent", "os:getcwd"), 1, "'os:getcwd' returns a str. Return a solver or an agent"),
        ((EXAMINEE, "--beacon", "random"), 2, "'random' is no beacon. Give operator, or drand:CHAIN:ROUND."),
        ((EXAMINEE, "--seed-beacon", "aa"), 2, "--seed-beacon is no draw."),
        ((EXAMINEE, "--criteria", "none"), 1, "There are no criteria 'none'"),
        ((EXAMINEE, "--item-dollars", "1"), 2, "A limit of dollars means nothing without prices."),
        ((), 2, "Give a MODEL, or --resume"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_words_are_refused_before_anything_is_made(
    campaigns: Campaigns, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = campaigns.command(*words)
    assert said in " ".join(ended.stderr.split())
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
    assert not (campaigns.folder / "campaign").exists()


def test_a_bank_with_one_byte_changed_is_refused(campaigns: Campaigns) -> None:
    text = campaigns.bank.read_text()
    campaigns.bank.write_text(text.replace('"name":"toy"', '"name":"tou"'))
    ended = campaigns.command(EXAMINEE)
    assert ended.returncode == 1
    assert "root does not fit" in ended.stderr


def test_a_missing_bank_or_key_is_named(campaigns: Campaigns) -> None:
    key_path(campaigns.bank).unlink()
    assert "The bank's key" in campaigns.command(EXAMINEE).stderr
    campaigns.bank.unlink()
    assert f"The bank {campaigns.bank} cannot be read" in " ".join(campaigns.command(EXAMINEE).stderr.split())


def test_a_folder_in_use_is_left_as_it_is(campaigns: Campaigns) -> None:
    folder = campaigns.folder / "campaign"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    ended = campaigns.command(EXAMINEE)
    assert ended.returncode == 1
    assert "is not empty. Choose another --out, or go on with --resume." in " ".join(ended.stderr.split())
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_only_a_campaign_can_be_resumed(campaigns: Campaigns) -> None:
    with pytest.raises(FolderError, match="cannot be read"):
        campaigns.resume("nothing")
    private = campaigns.folder / "other" / "private"
    private.mkdir(parents=True)
    (private / "campaign.json").write_text("{}")
    with pytest.raises(FolderError, match="cannot be read"):
        campaigns.resume("other")


def test_a_finished_campaign_is_not_run_again(campaigns: Campaigns) -> None:
    first = campaigns.assess(EXAMINEE, arguments=("ability=none",))
    before = campaigns.view
    assert campaigns.resume().answered == first.answered
    assert before is not None
    assert campaigns.view is not None
    assert campaigns.view.course.results == before.course.results


def test_a_forecast_runs_nothing(campaigns: Campaigns) -> None:
    found = json.loads(campaigns.command(EXAMINEE, "--dry-run").stdout)
    assert found["worst"]["runs"] == 4  # Three items lie near the cut, and one of them has a twin.
    assert found["worst"]["hours"] == 4.0
    assert found["worst"]["dollars"] is None
    assert found["expected"]["tokens"] < found["worst"]["tokens"]
    assert "never run here" in found["basis"]
    priced = json.loads(
        campaigns.command(EXAMINEE, "--dry-run", "--item-tokens", "100000", "--dollars-out", "3").stdout
    )
    assert priced["worst"]["dollars"] == 1.2
    capped = json.loads(campaigns.command(EXAMINEE, "--dry-run", "--max-runs", "2", "--item-tokens", "10").stdout)
    assert (capped["worst"]["runs"], capped["worst"]["tokens"]) == (2, 20)
    assert not (campaigns.folder / "campaign").exists()


def test_a_forecast_knows_what_the_model_used_here(campaigns: Campaigns) -> None:
    used = campaigns.tally(EXAMINEE, arguments=("ability=none",))
    found = json.loads(campaigns.command(EXAMINEE, "-M", "ability=none", "--dry-run").stdout)
    assert "as the 4 attempts of this model here so far" in found["basis"]
    assert found["expected"]["tokens"] == round(used.tokens / 4 * found["expected"]["runs"])


def test_a_budget_ends_a_campaign_early(campaigns: Campaigns) -> None:
    finished = campaigns.assess(EXAMINEE, arguments=("ability=all",), token_budget=1, at_once=2)
    assert len(campaigns.rows()) == 2  # The window that was open when it was spent.
    assert (finished.answered.outcome, finished.answered.reason) == ("INCONCLUSIVE", "horizon")
    assert finished.view.tally().tokens > 1
    assert finished.view.course.the(RunsEnded).why is Ended.BUDGET


def test_attempts_end_at_their_limits(campaigns: Campaigns) -> None:
    tally = campaigns.tally(EXAMINEE, arguments=("ability=none",), item_tokens=100, max_runs=2)
    assert tally.outcomes == {"LIMIT": tally.counting}


def test_costs_are_counted_and_limited(campaigns: Campaigns) -> None:
    asked = {"arguments": ("ability=none",), "max_runs": 1, "dollars_in": 1000.0, "dollars_out": 1000.0}
    assert campaigns.tally(EXAMINEE, name="free", **asked).outcomes == {"NOT_SOLVED": 1}
    assert campaigns.view is not None
    (result,) = campaigns.view.course.results
    assert result.microdollars == 1000 * (result.input_tokens + result.output_tokens)
    assert campaigns.tally(EXAMINEE, name="dear", item_dollars=0.1, **asked).outcomes == {"LIMIT": 1}


def test_the_floor_solves_nothing(campaigns: Campaigns) -> None:
    assert campaigns.tally("trialplate/scripted").outcomes == {"NOT_SOLVED": 3}


def test_another_agent_can_be_given(campaigns: Campaigns) -> None:
    tally = campaigns.tally(
        EXAMINEE, arguments=("ability=all",), agent="tests.benchmark.assess.agents:one_call", max_runs=1
    )
    assert tally.outcomes == {"NOT_SOLVED": 1}


def test_a_full_disk_ends_a_campaign_that_can_be_resumed(campaigns: Campaigns, tmp_path: Path) -> None:
    """The campaign's folder lies on a file system of 64 KiB, which fills while it runs; then room is made."""
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], check=True)
    try:
        out = small / "campaign"
        ended = campaigns.command(EXAMINEE, "-M", "ability=all", name="small/campaign")
        assert ended.returncode == 1
        assert any(said in ended.stderr for said in ("No space left on device", "disk is full", "disk I/O error"))
        assert "Traceback" not in ended.stderr
        assert f"--resume {out}" in ended.stderr
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        again = campaigns.command("--resume", str(out))
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["outcome"] == "INCONCLUSIVE"
        campaigns.resume("small/campaign")
        assert campaigns.view is not None
        assert campaigns.view.tally().outcomes == {"SOLVED": 3}
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_full_disk_inside_is_the_models_own_affair(campaigns: Campaigns) -> None:
    tally = campaigns.tally(
        EXAMINEE, arguments=("ability=all",), agent="tests.benchmark.assess.agents:fills_the_disk", max_runs=1
    )
    assert tally.outcomes == {"SOLVED": 1}


def test_a_machine_that_takes_the_sandbox_voids_the_attempt(campaigns: Campaigns) -> None:
    ended = campaigns.assess(EXAMINEE, agent="tests.benchmark.assess.agents:machine_kills", max_runs=1)
    assert ended.void == "every attempt was void: VOID_SANDBOX"
    assert (ended.answered.outcome, ended.answered.reason) == ("INCONCLUSIVE", "void")


def test_an_agent_that_ends_its_own_host_has_failed(campaigns: Campaigns) -> None:
    tally = campaigns.tally(EXAMINEE, agent="tests.benchmark.assess.agents:host_ends", max_runs=1)
    assert tally.outcomes == {"NOT_SOLVED": 1}


def test_items_that_are_judged_otherwise_here_are_named(campaigns: Campaigns) -> None:
    opened = read_open_bank(campaigns.bank)
    first = opened.items[0].id
    shipped = admission_of(opened, "aa", quick=False, reasons={first: "it failed there"})
    write_public(campaigns.bank.with_suffix(".admission.json"), shipped)
    campaigns.assess(EXAMINEE, arguments=("ability=none",), max_runs=1)
    assert campaigns.told == [f"Judged otherwise than on the image that the bank ships with: {first}."]
