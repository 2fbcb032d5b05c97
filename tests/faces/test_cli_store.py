"""The command `trialplate` and its group `store`, run as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

from tests.store.making import HIGH, START, at, entry, low, row, subject, system
from trialplate.errors import TrialplateError
from trialplate.faces.cli.main import GROUPS, LazyGroup, cli, main
from trialplate.store import SqliteStore

A, B = subject("a"), subject("b")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("TRIALPLATE_HOME", str(home))
    return home


@pytest.fixture
def store(home: Path) -> Iterator[SqliteStore]:
    home.mkdir()
    with closing(SqliteStore(home / "store.db")) as opened:
        yield opened


class TestRoot:
    def test_help_lists_the_groups_with_their_lines(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--help"]) == 0
        shown = capsys.readouterr().out
        for name, (_, line) in GROUPS.items():
            assert f"{name}  " in shown
            assert line in shown

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr().out.startswith("trialplate 0.")

    @pytest.mark.parametrize("name", GROUPS)
    def test_every_group_of_the_table_is_there_and_says_the_same_of_itself(self, name: str) -> None:
        command = cli.get_command(click.Context(cli), name)
        assert isinstance(command, click.Command)
        assert command.name == name

    @pytest.mark.parametrize("arguments", [["--nonsense"], ["nothing"], ["store", "nothing"], ["store", "info", "x"]])
    def test_a_wrong_call_is_2_and_said_on_standard_error(
        self, arguments: list[str], home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(arguments) == 2
        said_so = capsys.readouterr()
        assert "Usage: trialplate" in said_so.err
        assert said_so.out == ""
        assert not home.exists()

    @pytest.mark.parametrize(
        "failure, code, shown",
        [
            (TrialplateError("It broke.", "Mend it."), 1, "Error: It broke. Mend it.\n"),
            (KeyboardInterrupt(), 130, "Interrupted.\n"),
            (OSError(28, "No space left on device", "/a/b"), 1, "No space left on device (/a/b). Mend that, then try"),
            (OSError("odd"), 1, "Error: odd. Mend that, then try again.\n"),
            (click.UsageError("Not so."), 2, "Error: Not so.\n"),
        ],
        ids=["failure", "interrupt", "full disk", "odd", "usage"],
    )
    def test_how_a_command_fails_is_its_exit_code(
        self, failure: BaseException, code: int, shown: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        @click.command()
        def fail() -> None:
            raise failure

        assert main([], group=click.Group(commands={"fail": fail})) == 2
        capsys.readouterr()
        assert main(["fail"], group=click.Group(commands={"fail": fail})) == code
        said_so = capsys.readouterr()
        assert shown in said_so.err
        assert said_so.out == ""

    def test_a_group_knows_only_its_table(self) -> None:
        lazy = LazyGroup(name="root", table={"json": ("json:dumps", "Not a command.")})
        context = click.Context(lazy)
        assert lazy.list_commands(context) == ["json"]
        assert lazy.get_command(context, "yaml") is None


HEAVY = ("inspect_ai", "scipy", "numpy", "django", "sqlalchemy", "alembic", "cryptography", "trialplate.store")


def imported_by(arguments: list[str], home: Path) -> set[str]:
    """Return which of the heavy packages a command line imports, in a process of its own."""
    script = (
        "import json, sys\n"
        "from trialplate.faces.cli.main import main\n"
        f"code = main({arguments!r})\n"
        f"print(json.dumps([code, [name for name in {HEAVY!r} if name in sys.modules]]))\n"
    )
    environment = {"TRIALPLATE_HOME": str(home), "PATH": "/usr/bin:/bin"}
    command = (sys.executable, "-c", script)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    code, names = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return set(names)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=" ".join)
def test_a_command_imports_only_what_it_uses(arguments: list[str], home: Path) -> None:
    assert imported_by(arguments, home) == set()


def test_verifying_loads_nothing_but_what_verifies(home: Path) -> None:
    bundle = Path(__file__).parents[1] / "vectors" / "bundle"
    assert imported_by(["verify", str(bundle)], home) == {"cryptography"}


def test_the_store_group_imports_the_store_and_not_what_others_need(home: Path, store: SqliteStore) -> None:
    assert store.path.exists()
    used = imported_by(["store", "info"], home)
    assert {"sqlalchemy", "trialplate.store"} <= used
    assert used.isdisjoint({"inspect_ai", "scipy", "django"})


def test_the_program_is_installed(home: Path) -> None:
    program = Path(sys.executable).with_name("trialplate")
    environment = {"TRIALPLATE_HOME": str(home)}
    done = subprocess.run((program, "store", "info"), env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("Error: There is no store")


class TestStore:
    def test_info_shows_sizes_and_nothing_sealed(
        self, home: Path, store: SqliteStore, capsys: pytest.CaptureFixture[str]
    ) -> None:
        store.append(low, [entry(A)], now=START, summaries=[row(A, 1, due_at=at(1))])
        store.append(system, [entry(B, label=HIGH)], now=START)
        assert main(["store", "info", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told == {
            "path": str(home / "store.db"),
            "schema_version": 2,
            "records": 2,
            "subjects": 2,
            "summaries": 1,
            "due": 1,
            "leases": 0,
            "queued": 2,
        }
        assert main(["store", "info"]) == 0
        shown = capsys.readouterr().out
        assert shown.splitlines()[2] == "records        2"
        assert str(home / "store.db") in shown
        for secret in (A, B, "an author", "ALPHA", "a body"):
            assert secret not in shown

    def test_rebuild_makes_rows_anew(self, home: Path, store: SqliteStore, capsys: pytest.CaptureFixture[str]) -> None:
        assert home.exists()
        wrong = row(A, 1, state="wrong", due_at=at(1))
        store.append(low, [entry(A)], now=START, summaries=[wrong])
        store.append(system, [entry(B, ordinal=1), entry(B, ordinal=2, label=HIGH)], now=START)
        assert main(["store", "rebuild", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"subjects": 2, "rows": 3, "unknown": 2}
        # This program knows no toy flow: such a subject can be listed, and is nobody's to work on.
        assert [
            (shown.subject, shown.flow, shown.state, shown.last_seq) for shown in store.summaries(system)
        ] == sorted([(A, "toy", "unknown flow", 1), (B, "toy", "unknown flow", 2)])
        assert main(["store", "rebuild"]) == 0
        said_so = capsys.readouterr()
        assert said_so.out.splitlines() == ["subjects       2", "rows           3", "unknown        2"]

    @pytest.mark.parametrize("command", ["info", "rebuild"])
    def test_without_a_store_nothing_is_made(
        self, command: str, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["store", command]) == 3
        said_so = capsys.readouterr()
        assert said_so.out == ""
        assert "There is no store at" in said_so.err
        assert "TRIALPLATE_HOME" in said_so.err
        assert not home.exists()

    def test_a_file_that_is_no_store_is_3(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        home.mkdir()
        (home / "store.db").write_text("not a database")
        assert main(["store", "info"]) == 3
        assert "is not a database" in capsys.readouterr().err
