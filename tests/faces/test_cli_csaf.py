"""The command group `csaf`, run as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.formats.csaf.making import advisory
from trialplate.app.csaf import UnreadableFileError, validated
from trialplate.faces.cli.csaf import csaf
from trialplate.faces.cli.main import main
from trialplate.formats.csaf import MOST_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.json").write_text(json.dumps(advisory()))
    (tmp_path / "bad.json").write_text(json.dumps(advisory(head={"lang": "EZ"})))
    (tmp_path / "other.json").write_text(json.dumps({"document": {"csaf_version": "2.1"}}))
    (tmp_path / "page.html").write_text("<html>")
    with (tmp_path / "large.json").open("wb") as large:
        large.truncate(MOST_BYTES * 64)
    return tmp_path


def run(*arguments: object) -> int:
    return main(["validate", *map(str, arguments)], group=csaf)


def test_a_valid_file_is_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder / "good.json") == 0
    assert capsys.readouterr().out == f"{folder / 'good.json'}: valid\n"


def test_any_file_that_is_not_valid_is_1_and_the_others_are_checked_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder / "bad.json", folder / "page.html", folder / "good.json") == 1
    first, language, second, whole, third = capsys.readouterr().out.splitlines()
    assert first.endswith("bad.json: NOT valid")
    assert language == "  6.1.12 at /document/lang: 'EZ' is no registered language."
    assert second.endswith("page.html: NOT valid")
    assert whole.startswith("  json at the whole: This is no JSON")
    assert third.endswith("good.json: valid")


@pytest.mark.parametrize(
    "name, version, tests",
    [
        ("good.json", "2.0", []),
        ("bad.json", "2.0", ["6.1.12"]),
        ("other.json", "2.1", ["version"]),
        ("page.html", "", ["json"]),
        ("large.json", "", ["limits"]),
    ],
)
def test_json_is_one_object_a_file(
    name: str, version: str, tests: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--json", folder / name, folder / "good.json") == (1 if tests else 0)
    said, _ = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [error.pop("test") for error in said["errors"]] == tests
    assert all(error.keys() == {"path", "message"} for error in said["errors"])
    assert said | {"errors": []} == {
        "file": str(folder / name),
        "version": version,
        "valid": not tests,
        "errors": [],
    }


@pytest.mark.parametrize("name", ["", ".", "nothing.json"])
def test_what_is_no_file_is_a_wrong_call(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*([folder / name] if name else [])) == 2
    assert "Usage:" in capsys.readouterr().err


def test_a_file_that_went_away_is_a_failure(folder: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"No such file or directory.*Name a file"):
        list(validated([folder / "nothing.json"]))


def test_a_name_that_is_no_utf_8_is_escaped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = folder / "odd\udcff.json"
    odd.write_text("{}")
    assert run("--json", odd) == 1
    assert json.loads(capsys.readouterr().out)["file"].endswith("odd\\udcff.json")
