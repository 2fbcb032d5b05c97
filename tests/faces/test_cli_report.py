"""The command group `report`, run as a user runs it."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest

from tests.app.clearing.parties import appointed
from tests.formats.intake.making import report, result, sarif, weakness
from trialplate.app.clearing.house import opened_house
from trialplate.app.settings import Settings
from trialplate.faces.cli.main import main

ANSWERS = "It overflows\nrequests\npkg:pypi/a@1\nAt once.\n787\n\n\nFinder\nnone\n\n"
"""One question is answered wrongly first."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("TRIALPLATE_HOME", str(home))
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "found"
    (folder / "below").mkdir(parents=True)
    (folder / "one.json").write_bytes(report(weakness()))
    (folder / "below" / "two.SARIF").write_bytes(sarif(result(), result(kind="pass")))
    (folder / "page.html").write_text("<html>")
    (folder / "link.json").symlink_to("/etc/hostname")
    return folder


def run(*arguments: object) -> int:
    return main(["report", *map(str, arguments)])


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def sent(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Send one finding as `mill`, and return the id of its report."""
    assert run("send", folder / "one.json", "--as", "mill", "--json") == 0
    return json.loads(said(capsys))["taken"][0]["report"]


class TestSend:
    def test_the_receipt_says_what_was_taken(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("send", folder / "below" / "two.SARIF") == 0
        taken, where, turned_away, whole = said(capsys).splitlines()
        assert taken == "taken 0: It overflows."
        assert where.startswith("  report ")
        assert "receipt" in where
        assert turned_away == "not taken 1: no weakness. It is of kind 'pass'."
        assert whole.endswith("(sarif): 1 taken, 1 not taken")
        assert run("send", folder / "below" / "two.SARIF") == 0
        assert said(capsys).startswith("known already 0: ")

    def test_a_refused_document_is_1_and_says_why(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("send", folder / "page.html") == 1
        assert "REFUSED: The document is no SARIF log" in said(capsys)
        assert run("send", folder / "one.json", "--format", "osv", "--json") == 1
        assert json.loads(said(capsys))["refused"][0]["why"] == "malformed"

    def test_files_to_build_by_go_with_it(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        files = {name: folder / name for name in ("recipe", "source", "fixed-source")}
        for file in files.values():
            file.write_text('format = "trialplate.recipe/1"\nname = "a"\nlanguage = "c"\nrun = ["./a", "{proof}"]\n')
        options = [word for name, file in files.items() for word in (f"--{name}", file)]
        assert run("send", folder / "one.json", *options, "--json") == 0
        found = json.loads(said(capsys))["taken"][0]["report"]
        assert run("show", found[:10], "--json") == 0
        body = json.loads(said(capsys))["body"]
        assert len(body["recipe"]) == len(body["source"]) == len(body["fixed_source"]) == 64

    @pytest.mark.parametrize(
        "more, code, why",
        [
            (["--format", "xml"], 2, "xml"),
            (["--as", "a/b"], 2, "cannot be a party's name"),
            (["--recipe", "/nothing"], 1, "cannot be read"),
            (["--claim", "0" * 32], 1, "no claim"),
        ],
    )
    def test_what_is_wrong_is_told(
        self, more: list[str], code: int, why: str, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("send", folder / "one.json", *more) == code
        assert why in capsys.readouterr().err


class TestForm:
    def test_it_is_filled_in_by_a_pipe_and_sent(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{ANSWERS}y\n"))
        assert run("form") == 0
        shown = capsys.readouterr()
        assert "neither a purl nor the address of a repository" in shown.err
        assert "target: pkg:pypi/a@1" in shown.err
        assert "weakness: CWE-787" in shown.err
        assert shown.out.startswith("taken 0: It overflows\n")

    def test_it_is_written_to_a_file_that_only_its_owner_reads(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "out.json"
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{ANSWERS}\n"))
        assert run("form", "--out", out) == 0
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert json.loads(out.read_bytes())["findings"][0]["declared"] == {"ai_tool": "Finder", "ai_model": None}
        assert "trialplate report send" in said(capsys)
        assert run("send", out) == 0
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{ANSWERS}\n"))
        assert run("form", "--out", out) == 1

    @pytest.mark.parametrize("answers", ["It overflows\n", f"{ANSWERS}n\n"])
    def test_who_ends_it_or_does_not_agree_sends_nothing(
        self, answers: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        assert run("form") == 130
        assert run("list") == 0
        assert said(capsys) == ""


class TestImport:
    def test_a_folder_is_sent_a_line_a_file_and_again_without_harm(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("import", folder) == 0
        assert said(capsys).splitlines() == [
            f"{folder}/below/two.SARIF: 1 taken (0 known already), 1 not taken",
            f"{folder}/one.json: 1 taken (0 known already), 0 not taken",
        ]
        assert run("import", folder, "--json") == 0
        rows = [json.loads(line) for line in said(capsys).splitlines()]
        assert [(row["taken"], row["again"], row["problem"]) for row in rows] == [(1, 1, ""), (1, 1, "")]

    def test_one_that_fails_stops_no_other_and_is_1(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "passed.sarif").write_bytes(sarif(result(kind="pass")))
        files = (folder / "nothing.json", folder / "page.html", folder / "passed.sarif", folder / "one.json")
        assert run("import", *files) == 1
        missing, page, passed, good = said(capsys).splitlines()
        assert "REFUSED" in missing
        assert "cannot be read" in missing
        assert "REFUSED: The document is no SARIF log" in page
        assert passed.endswith("REFUSED: None of its results was taken.")
        assert good.endswith("1 taken (0 known already), 0 not taken")


class TestAsking:
    def test_one_lists_and_asks_for_ones_own(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        found = sent(folder, capsys)
        assert run("list", "--as", "mill") == 0
        assert said(capsys) == f"{found}  received  It overflows\n"
        assert run("list", "--as", "mill", "--json") == 0
        assert [row["report"] for row in json.loads(said(capsys))] == [found]
        assert run("status", found[:8], "--as", "mill") == 0
        title, state = said(capsys).splitlines()
        assert title == "It overflows"
        assert state.startswith("received since ")
        assert run("status", found, "--as", "mill", "--json") == 0
        assert json.loads(said(capsys))["told"]["state"] == "received"
        assert run("show", found, "--as", "mill") == 0
        assert json.loads(said(capsys))["body"]["finder"] == "mill"

    def test_nobody_else_learns_of_it(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        found = sent(folder, capsys)
        assert run("list", "--as", "pit") == 0
        assert said(capsys) == ""
        for name in (found, "0" * 32):
            assert run("status", name, "--as", "pit") == 1
            assert capsys.readouterr().err == (
                f"Error: No report of yours has an id that begins with '{name}'. Look it up: trialplate report list\n"
            )
        for command in (["list", "--all"], ["refused"]):
            assert run(*command, "--as", "pit") == 1
            assert capsys.readouterr().out == ""

    def test_a_coordinator_sees_all_and_what_was_refused(
        self, folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        found = sent(folder, capsys)
        assert run("send", folder / "page.html", "--as", "pit") == 1
        with opened_house(Settings(home=home)) as house:
            appointed(house, "ann")
        capsys.readouterr()
        assert run("list", "--all", "--as", "ann") == 0
        assert said(capsys).startswith(found)
        assert run("refused", "--as", "ann") == 0
        assert "  pit  " in said(capsys)
        assert run("refused", "--as", "ann", "--json") == 0
        assert json.loads(said(capsys))[0]["finder"] == "pit"
