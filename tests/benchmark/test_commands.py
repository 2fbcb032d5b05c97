"""`trialplate bank`, `family` and `assess` as a user types them, on the toy family."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trialplate.benchmark.admitted import admission_of
from trialplate.benchmark.bank_files import read_open_bank, write_public
from trialplate.faces.cli.main import cli, main

pytestmark = [pytest.mark.sandbox]


@pytest.fixture
def home(trialplate_home: Path, tmp_path: Path) -> Path:
    """Return a home of its own with the real image."""
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "images").symlink_to(trialplate_home / "cache" / "images")
    return home


@pytest.fixture
def bank(toy_family: str, home: Path, tmp_path: Path) -> Path:
    path = tmp_path / "toy.bank.json"
    said = typed(home, "bank", "new", str(path), "--family", toy_family)
    assert said.exit_code == 0, said.output
    assert "4 items, root " in said.output
    assert "toy.bank.key secret" in "".join(said.output.split("\n"))
    return path


def typed(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, words, env={"TRIALPLATE_HOME": str(home), "COLUMNS": "200"})


def test_a_bank_from_its_drawing_to_its_reveal(home: Path, bank: Path, tmp_path: Path) -> None:
    listed = typed(home, "bank", "list", str(bank))
    assert listed.output.count("not checked") == 4
    checked = typed(home, "bank", "check", str(bank))
    assert checked.exit_code == 0, checked.output
    assert "4 of 4 items of 1 mechanisms admitted." in checked.output
    assert "orient-host" in checked.output
    assert "(checked earlier on this image)" in typed(home, "bank", "check", "--quick", str(bank)).output
    summary = json.loads(typed(home, "bank", "check", "--json", str(bank)).output)
    assert set(summary) == {
        "mechanisms",
        "items",
        "admitted",
        "refused",
        "domains",
        "levels",
        "in_band",
        "information_share_L4",
    }
    rows = json.loads(typed(home, "bank", "list", "--json", str(bank)).output)
    assert [row["admitted"] for row in rows] == [True] * 4
    out = tmp_path / "reveal.json"
    assert "4 items revealed" in typed(home, "bank", "reveal", str(bank), "--out", str(out)).output
    assert "each opens its commitment" in typed(home, "bank", "reveal", str(bank), "--check", str(out)).output


def test_a_quick_check_is_no_full_one(home: Path, bank: Path) -> None:
    assert "earlier" not in typed(home, "bank", "check", "--quick", str(bank)).output
    assert "earlier" not in typed(home, "bank", "check", str(bank)).output
    assert "earlier" not in typed(home, "bank", "check", "--again", "--quick", str(bank)).output


def test_an_image_on_which_items_are_judged_otherwise_is_said_to_be(home: Path, bank: Path) -> None:
    opened = read_open_bank(bank)
    first = opened.items[0].id
    write_public(
        bank.with_suffix(".admission.json"), admission_of(opened, "aa", quick=False, reasons={first: "it failed"})
    )
    said = typed(home, "bank", "check", "--quick", str(bank)).output
    assert f"Judged otherwise than on the image that the bank ships with: {first}." in said


@pytest.mark.parametrize(
    "words, said",
    [
        (("bank", "new", "toy.json"), "does not end in .bank.json"),
        (("bank", "reveal"), "Give either --out or --check."),
        (("assess",), "Give a MODEL, or --resume"),
    ],
    ids=lambda value: " ".join(value)[:20],
)
def test_wrong_words_are_explained(home: Path, words: tuple[str, ...], said: str) -> None:
    result = typed(home, *words)
    assert result.exit_code == 2
    assert said in result.output


def test_the_table_of_a_campaign_ends_it(home: Path, bank: Path, tmp_path: Path) -> None:
    words = ("trialplate/examinee", "-M", "ability=all", "--bank", str(bank), "--out", str(tmp_path / "out"))
    result = typed(home, "assess", *words)
    assert result.exit_code == 0, result.output
    assert "3 SOLVED; 0 void attempts; 0 twins solved" in result.output
    assert " twin " in result.output
    assert "INCONCLUSIVE against a cut of 2 expert hours after 3 runs" in result.output
    assert (tmp_path / "out" / "bundle" / "report.html").exists()


def test_how_a_rule_errs_on_a_bank_is_said_before_it_is_used(home: Path, bank: Path) -> None:
    words = ("measure", "characteristics", "--bank", str(bank), "--replicates", "200")
    told = typed(home, *words).output
    assert "synthetic-2026.1 keeps its levels on 3 items (not yet admitted on this machine)" in told
    assert "the table is right" in told
    found = json.loads(typed(home, *words, "--json").output)
    assert (found["replicates"], found["levels_kept"], len(found["rows"])) == (200, True, 21)


def test_a_family_is_written_and_checked(
    home: Path, toy_family: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    assert "pip install -e" in typed(home, "family", "new", "web/mine", str(out)).output
    assert (out / "src" / "web_mine" / "family.py").exists()
    assert main(["family", "new", "web/mine", str(out)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main(["family", "new", "mine", str(tmp_path / "other")]) == 1
    assert "is no name of a family" in capsys.readouterr().err
    assert main(["family", "new", "web/mine", "/proc/none"]) == 1
    assert "cannot be made" in capsys.readouterr().err
    checked = typed(home, "family", "check", toy_family, "--level", "1", "--seeds", "2")
    assert checked.exit_code == 0, checked.output
    assert checked.output.count("ok") == 2
    assert "structural distance" in checked.output
    found = json.loads(typed(home, "family", "check", toy_family, "--level", "2", "--json").output)
    assert [(level["level"], level["enough"], len(level["seeds"])) for level in found] == [("L2", True, 1)]
    assert main(["family", "check", "web/none"]) == 1
    assert "no family called 'web/none'" in capsys.readouterr().err
