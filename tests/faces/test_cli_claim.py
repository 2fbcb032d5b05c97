"""The command groups `claim` and `maintainer`, run as finders and a project's owner run them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from trialplate.faces.cli.main import main
from trialplate.records import written

PROJECT = """
format = "trialplate.project/1"
name = "tiny"
contact = "mill@tiny.example"
purls = ["pkg:generic/tiny"]
repositories = ["https://git.example.org/tiny"]
excluded = ["tests/**"]
recipe = "recipe.toml"
sources = [{version = "1.0", archive = "tiny-1.0.tar"}]
"""
RECIPE = (
    'format = "trialplate.recipe/1"\nname = "tiny"\nlanguage = "c"\nbuild = ["make"]\nrun = ["./tiny", "{proof}"]\n'
)
CALENDAR = """
format = "trialplate.calendar/1"
busy = [{begins_at = "2999-01-01T00:00:00Z", ends_at = "2999-01-08T00:00:00Z", reason = "Release."}]
"""
WORDS = ("--method", "fuzzing", "--contact", "ada@finder.example")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIALPLATE_HOME", str(tmp_path / "home"))
    (tmp_path / "tiny.toml").write_text(PROJECT)
    (tmp_path / "calendar.toml").write_text(CALENDAR)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    (tmp_path / "tiny-1.0.tar").write_bytes(b"an archive")
    (tmp_path / "report.json").write_text("a finding")
    return tmp_path


class Said:
    """Runs command lines and keeps what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == code
        said = self._capsys.readouterr()
        return said.out or said.err

    def json(self, *arguments: object, code: int = 0) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*arguments, "--json", code=code))

    def claim(self, party: str, *more: str, code: int = 0) -> Any:  # noqa: ANN401 - JSON
        return self.json("claim", "open", "--purl", "pkg:generic/tiny", *WORDS, "--as", party, *more, code=code)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    return Said(capsys)


def test_a_finder_claims_and_releases_and_another_waits(said: Said) -> None:
    granted = said.claim("ada", "--component", "src", "--first", "1.0", "--commitment", "ab" * 32)
    assert granted.keys() == {"answer", "claim", "ends_at", "pauses"}
    assert granted["answer"] == "granted"
    assert said.claim("bo", code=1) == {"answer": "held", "until": granted["ends_at"]}
    plain = said("claim", "open", "--purl", "pkg:generic/tiny", *WORDS, "--as", "bo", code=1)
    assert plain == f"Held until {granted['ends_at']}\n"
    shown = said("claim", "show", granted["claim"][:12], "--as", "ada")
    assert "pkg:generic/tiny src 1.0 to ..." in shown
    assert "state        stands" in shown
    assert "ab" * 32 in shown
    assert "You have no claim" in said("claim", "show", granted["claim"], "--as", "bo", code=1)
    released = said.json("claim", "release", granted["claim"], "--as", "ada")
    assert released["state"] == "released"
    assert said("claim", "open", "--purl", "pkg:generic/tiny", *WORDS, "--as", "bo").startswith("Claim ")


def test_what_others_hold_is_told_alike_but_for_the_moment(said: Said, folder: Path) -> None:
    said.claim("ada", "--component", "src", "--days", "7")
    one = said("claim", "open", "--purl", "pkg:generic/tiny", *WORDS, "--as", "eve", code=1)
    said("maintainer", "register", folder / "tiny.toml", "--as", "mill")
    said("maintainer", "stop", "tiny", "--reason", "Release.", "--until", "2999-01-01T00:00:00Z", "--as", "mill")
    other = said("claim", "open", "--purl", "pkg:generic/tiny", *WORDS, "--as", "eve", code=1)
    assert (one[:11], len(one)) == (other[:11], len(other))
    assert other == "Held until 2999-01-01T00:00:00Z\n"


def test_lists_show_ones_own_and_a_coordinator_sees_all(said: Said) -> None:
    claim = said.claim("ada")["claim"]
    assert said.json("claim", "list", "--as", "bo") == []
    assert [row["claim"] for row in said.json("claim", "list", "--as", "ada")] == [claim]
    assert claim[:8] in said("claim", "list", "--as", "ada")
    assert "Error:" in said("claim", "list", "--all", "--as", "ada", code=1)


def test_more_than_the_terms_allow_is_said(said: Said) -> None:
    answer = said.claim("ada", "--days", "91", code=1)
    assert answer == {"answer": "beyond terms", "reason": "A claim lasts at most 90 days."}
    plain = said("claim", "open", "--purl", "pkg:generic/tiny", *WORDS, "--days", "91", code=1)
    assert plain == "A claim lasts at most 90 days.\n"


@pytest.mark.parametrize(
    "wrong", [("--purl", "tiny"), ("--days", "0"), ("--as", "../x", "--purl", "pkg:generic/a"), ()]
)
def test_a_wrong_call_is_2(wrong: tuple[str, ...], said: Said) -> None:
    said("claim", "open", *WORDS, *wrong, code=2)


def test_a_commitment_is_made_and_checked(said: Said, folder: Path) -> None:
    report = folder / "report.json"
    made = said.json("claim", "commit", report)
    assert made["file"] == str(report)
    assert said("claim", "check", made["opening"], report) == f"{made['commitment']}\n"
    assert "does NOT open" in said("claim", "check", made["opening"], folder / "tiny.toml", code=1)
    assert "nothing was overwritten" in said("claim", "commit", report, code=1)
    said.claim("ada", "--commitment", made["commitment"])
    second = folder / "second.json"
    second.write_text("another finding")
    commitment, _, name = said("claim", "commit", second).strip().partition("  ")
    assert (len(commitment), name) == (64, str(second))


def test_an_owner_registers_and_says_when_no_scan_is_wanted(said: Said, folder: Path) -> None:
    registered = said.json("maintainer", "register", folder / "tiny.toml", "--as", "mill")
    assert registered["policy"]["maintainer"] == "mill"
    said("maintainer", "calendar", "tiny", folder / "calendar.toml", "--as", "mill")
    said("maintainer", "stop", "tiny", "--reason", "Release.", "--until", "2999-02-01T00:00:00Z", "--as", "mill")
    assert said.claim("ada", code=1) == {"answer": "held", "until": "2999-02-01T00:00:00Z"}
    shown = said("maintainer", "show", "tiny")
    for line in (
        f"project      tiny ({registered['project']})",
        "package      pkg:generic/tiny",
        "repository   https://git.example.org/tiny",
        "reports      3 open at a time, 0 days between two",
        "AI reports   taken",
        "embargo      90 days",
        "out of scope tests/**",
        "no scan      2999-01-01T00:00:00Z to 2999-01-08T00:00:00Z: Release.",
        "stopped      until 2999-02-01T00:00:00Z",
    ):
        assert line in shown.splitlines()
    resumed = said.json("maintainer", "resume", "tiny", "--as", "mill")
    assert resumed["stopped_until"] == ""
    assert said.claim("ada")["answer"] == "granted"


def test_a_claim_shows_when_the_owner_wants_no_scan(said: Said, folder: Path) -> None:
    claim = said.claim("ada")["claim"]
    said("maintainer", "register", folder / "tiny.toml", "--as", "mill")
    said("maintainer", "stop", "tiny", "--reason", "Release.", "--until", "2999-02-01T00:00:00Z", "--as", "mill")
    assert "the owner wants no scan until 2999-02-01T00:00:00Z" in said("claim", "show", claim, "--as", "ada")
    assert "paused" in said("claim", "list", "--as", "ada")


def test_a_pause_to_come_is_told_with_the_claim(said: Said, folder: Path) -> None:
    now = datetime.now(UTC)
    begins, ends = (written(now + timedelta(days=days)) for days in (1, 2))
    (folder / "calendar.toml").write_text(
        CALENDAR.replace("2999-01-01T00:00:00Z", begins).replace("2999-01-08T00:00:00Z", ends)
    )
    said("maintainer", "register", folder / "tiny.toml", "--as", "mill")
    said("maintainer", "calendar", "tiny", folder / "calendar.toml", "--as", "mill")
    granted = said("claim", "open", "--purl", "pkg:generic/tiny", *WORDS, "--as", "ada")
    assert f"No scan from {begins} to {ends}: Release." in granted


def test_anothers_project_is_not_changed(said: Said, folder: Path) -> None:
    said("maintainer", "register", folder / "tiny.toml", "--as", "mill")
    for command in (("register", folder / "tiny.toml"), ("calendar", "tiny", folder / "calendar.toml")):
        assert "registered by another party" in said("maintainer", *command, "--as", "ada", code=1)
    assert "No project is registered" in said("maintainer", "show", "nothing", code=1)
