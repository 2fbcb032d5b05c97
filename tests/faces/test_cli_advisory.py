"""The command group `advisory`, run as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from tests.app.clearing.publications import Clock, fixed_case, house_in, publish, staff
from trialplate.app.settings import Settings
from trialplate.app.wiring_store import utc_now
from trialplate.faces.cli.advisory import advisory
from trialplate.faces.cli.main import main
from trialplate.formats.csaf import check

Run = Callable[..., int]


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    # The command line has the machine's own clock.
    clock.now = utc_now()
    return clock


@pytest.fixture
def home(tmp_path: Path, clock: Clock) -> Path:
    with house_in(tmp_path / "home", clock) as house:
        staff(house)
    return tmp_path / "home"


@pytest.fixture
def run(home: Path) -> Run:
    @click.group()
    @click.pass_context
    def root(context: click.Context) -> None:
        context.obj = Settings(home=home)

    root.add_command(advisory)
    return lambda *arguments: main(["advisory", *map(str, arguments)], group=root)


NAMED = ("--as", "ada", "--with", "grace", "--publisher", "Example", "--namespace", "https://example.com")


@pytest.fixture
def release(run: Run, tmp_path: Path) -> Path:
    assert run("release", "new", tmp_path / "release.json", *NAMED) == 0
    return tmp_path / "release.json"


@pytest.fixture
def published(run: Run, release: Path, home: Path, clock: Clock) -> str:
    assert run("release", "sign", release, "--as", "grace") == 0
    clock.now = utc_now()
    with house_in(home, clock) as house:
        return publish(house, fixed_case(house)).id


def test_a_release_is_drafted_signed_listed_and_ended(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release = tmp_path / "release.json"
    assert run("release", "new", release, *NAMED) == 0
    said = capsys.readouterr().out
    assert "Fields: id, title, summary, " in said
    assert "Not in force here: grace has not signed it." in said
    assert f"trialplate advisory release sign {release} --as grace" in said
    assert run("release", "sign", release, "--as", "grace") == 0
    assert "It holds, as record " in capsys.readouterr().out
    assert run("release", "list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["lapsed"] == ""
    assert run("release", "list") == 0
    assert "holds" in capsys.readouterr().out
    assert run("release", "end", row["record"][:8], "--reason", "Too much.", "--as", "ada") == 0
    assert "lets nothing out" in capsys.readouterr().out
    assert run("release", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_release_that_another_home_signed_is_taken_back(
    run: Run, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("release", "sign", release, "--as", "ada") == 0
    assert f"advisory release record {release}" in capsys.readouterr().out
    assert run("release", "record", release) == 1
    assert "grace has not signed it" in capsys.readouterr().err
    assert run("release", "sign", release, "--as", "grace") == 0
    assert run("release", "record", release) == 0
    assert "It holds" in capsys.readouterr().out
    assert run("release", "show", release, "--json") == 0
    assert json.loads(capsys.readouterr().out)["release"]["signers"] == ["ada", "grace"]
    assert run("release", "show", release) == 0
    assert "Publisher: Example (https://example.com)." in capsys.readouterr().out


def test_advisories_are_listed_and_shown(run: Run, published: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("list", "--json") == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == [published]
    assert run("list") == 0
    assert "Heap-" in capsys.readouterr().out
    assert run("show", published) == 0
    assert "Update to version 1.3." in capsys.readouterr().out
    assert run("show", published, "--format", "csaf") == 0
    assert check(capsys.readouterr().out.encode()).valid
    assert run("show", published, "--format", "osv") == 0
    assert json.loads(capsys.readouterr().out)["id"] == f"x_{published}"
    assert run("show", published, "--json") == 0
    assert json.loads(capsys.readouterr().out)["id"] == published
    assert run("show", "TRIALPLATE-2026-00000000") == 1
    assert "is public" in capsys.readouterr().err


def test_advisories_are_exported(run: Run, published: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("export", tmp_path / "out") == 0
    assert capsys.readouterr().out == f"1 advisories in {tmp_path / 'out'}.\n"
    assert run("export", tmp_path / "out", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["advisories"]
    assert (tmp_path / "out" / row["csaf"]).is_file()
    assert row["id"] == published


def test_a_coordinator_revises_one(run: Run, published: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("revise", published, "--summary", "x", "--as", "ada") == 1
    assert "no coordinator" in capsys.readouterr().err
    assert run("revise", published, "--summary", "The version was wrong.", "--as", "cora") == 0
    assert "trialplate work" in capsys.readouterr().out
