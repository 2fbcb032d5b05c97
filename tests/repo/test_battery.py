"""The battery's runner: which rows there are, what is run again, what counts as passed, and what is killed."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from scripts.battery import (
    BatteryRow,
    Ended,
    Outcome,
    Result,
    found,
    judged,
    keep,
    kept,
    main,
    marked,
    results_file,
    run,
    run_limited,
    wanted,
)

PASSED = Ended(0, "..\n===== 2 passed in 0.10s =====\n")
FAILED = Ended(1, "F\nassert 1 == 2\n===== 1 failed in 0.10s =====\n")
MARKED = "import pytest\n\n@pytest.mark.battery\ndef test_a(): ...\n"


class FakeRunner:
    """Runs nothing, and ends each row as it was told, which may be changed between calls."""

    def __init__(self, **ends: Ended) -> None:
        self.ends = ends
        self.ran: list[str] = []

    def __call__(self, row: BatteryRow) -> Ended:
        self.ran.append(row.name)
        return self.ends[row.name]


def rows(*names: str) -> tuple[BatteryRow, ...]:
    """Return rows of these names; a fake runner looks at nothing else."""
    return tuple(BatteryRow(name, Path(f"{name}.py")) for name in names)


def silent(_text: str) -> None:
    """Tell nobody."""


def git(root: Path, *arguments: str) -> str:
    """Run git in a tree of its own, as somebody."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(("git", *who, *arguments), cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a committed tree with the rows test_a and test_b and a test that is no row."""
    folder = tmp_path / "tests" / "deep"
    folder.mkdir(parents=True)
    (folder / "test_b.py").write_text(MARKED)
    (folder / "test_a.py").write_text("import pytest\npytestmark = [pytest.mark.battery]\n")
    (folder / "test_c.py").write_text('"""Of pytest.mark.battery."""\n')
    (tmp_path / ".gitignore").write_text(".battery/\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "a")
    return tmp_path


@pytest.mark.parametrize(
    "source, row",
    [
        (MARKED, True),
        ("pytestmark = pytest.mark.battery", True),
        ("x = [pytest.param(1, marks=pytest.mark.battery(reason='a'))]", True),
        ("x = 'pytest.mark.battery'  # pytest.mark.battery", False),
        ("pytestmark = pytest.mark.sandbox", False),
        ("a.battery", False),
    ],
)
def test_a_row_is_a_file_that_uses_the_mark(source: str, *, row: bool) -> None:
    assert marked(source) == row


def test_rows_are_named_by_their_files(project: Path) -> None:
    assert [row.name for row in found(project / "tests")] == ["test_a", "test_b"]
    (project / "tests" / "test_a.py").write_text(MARKED)
    with pytest.raises(ValueError, match="Two rows are named test_a"):
        found(project / "tests")


@pytest.mark.parametrize(
    "ended, outcome, detail",
    [
        (PASSED, Outcome.PASSED, "2 passed in 0.10s"),
        (FAILED, Outcome.FAILED, "exit status 1\nF\nassert 1 == 2"),
        (Ended(5, "no tests ran"), Outcome.FAILED, "exit status 5"),
        (Ended(-11, ""), Outcome.FAILED, "exit status -11"),
        (Ended(None, "a\nb"), Outcome.FAILED, "killed after 1200 s\na\nb"),
        (Ended(0, ""), Outcome.FAILED, "not every test ran: no output"),
        (Ended(0, "== 2 skipped in 0.1s =="), Outcome.FAILED, "not every test ran"),
        (Ended(0, "== 3 passed, 2 skipped in 0.1s =="), Outcome.FAILED, "not every test ran"),
        (Ended(0, "== 30 passed, 2 deselected in 0.1s =="), Outcome.PASSED, "30 passed"),
    ],
)
def test_only_tests_that_ran_and_passed_count(ended: Ended, outcome: Outcome, detail: str) -> None:
    result = judged("a", 1.5, ended)
    assert (result.name, result.seconds, result.outcome) == ("a", 1.5, outcome)
    assert result.detail.startswith(detail)


def test_of_a_long_output_the_end_is_kept() -> None:
    detail = judged("a", 1, Ended(1, "\n".join(map(str, range(1000))))).detail.splitlines()
    assert (len(detail), detail[-1]) == (41, "999")


def test_a_second_call_runs_what_is_missing_or_failed(tmp_path: Path) -> None:
    results, runner = tmp_path / ".battery" / "x.jsonl", FakeRunner(a=PASSED, b=FAILED, c=PASSED)
    first = run(rows("a", "b"), results, runner, silent)
    assert [result.outcome for result in first] == [Outcome.PASSED, Outcome.FAILED]
    runner.ends["b"] = PASSED
    second = run(rows("a", "b", "c"), results, runner, silent)
    assert runner.ran == ["a", "b", "b", "c"]
    assert {result.outcome for result in second} == {Outcome.PASSED}
    run(rows("a", "b", "c"), results, runner, silent)
    assert runner.ran == ["a", "b", "b", "c"]
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert [(line["name"], line["outcome"]) for line in lines] == [
        ("a", "passed"),
        ("b", "failed"),
        ("b", "passed"),
        ("c", "passed"),
    ]
    assert {frozenset(line) for line in lines} == {frozenset({"name", "seconds", "outcome", "detail"})}


def test_a_result_is_kept_before_the_next_row_runs(tmp_path: Path) -> None:
    results = tmp_path / "x.jsonl"

    def breaks(row: BatteryRow) -> Ended:
        if row.name == "b":
            raise KeyboardInterrupt
        return PASSED

    with pytest.raises(KeyboardInterrupt):
        run(rows("a", "b"), results, breaks, silent)
    assert [row.name for row in wanted(rows("a", "b"), kept(results))] == ["b"]


@pytest.mark.parametrize("torn", ['{"name": "a", "sec', "{}\n", "[]\n", '{"name": "a", "outcome": "maybe"}\n', "1"])
def test_a_line_that_was_cut_short_counts_for_nothing(tmp_path: Path, torn: str) -> None:
    results = tmp_path / "x.jsonl"
    results.write_text(torn)
    assert kept(results) == {}
    good = Result("b", 1.0, Outcome.PASSED, "1 passed\nline")
    keep(results, good)
    assert kept(results) == {"b": good}


def test_results_are_kept_by_commit_and_apart_where_it_was_changed(project: Path) -> None:
    commit = git(project, "rev-parse", "HEAD").strip()
    assert results_file(project) == project / ".battery" / f"{commit}.jsonl"
    (project / "new").touch()
    assert results_file(project) == project / ".battery" / f"{commit}-dirty.jsonl"


def test_without_a_commit_nothing_is_kept(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(ValueError, match="commit first"):
        results_file(tmp_path)


def test_the_command_ends_with_a_table_and_fails_where_a_row_did(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runner = FakeRunner(test_a=PASSED, test_b=FAILED)
    assert main([], root=project, runner=runner) == 1
    told = capsys.readouterr().out
    assert all(word in told for word in ("test_a", "passed", "test_b", "failed", "assert 1 == 2"))
    runner.ends["test_b"] = PASSED
    assert main([], root=project, runner=runner) == 0
    assert runner.ran == ["test_a", "test_b", "test_b"]


def test_the_command_runs_only_the_rows_that_are_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runner = FakeRunner(test_a=FAILED, test_b=PASSED)
    assert main(["--only", "test_b"], root=project, runner=runner) == 0
    assert runner.ran == ["test_b"]
    capsys.readouterr()
    assert main(["--list"], root=project, runner=runner) == 0
    assert capsys.readouterr().out.split() == ["test_a", "not", "run", "test_b", "passed"]


def test_the_command_says_that_changes_count(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "new").touch()
    runner = FakeRunner(test_a=PASSED, test_b=PASSED)
    main([], root=project, runner=runner)
    assert "delete" not in capsys.readouterr().out
    main([], root=project, runner=runner)
    assert "delete" in capsys.readouterr().out


@pytest.mark.parametrize("arguments, said", [(["--only", "no"], "No row is named no"), ([], "no test with the mark")])
def test_a_battery_without_rows_is_refused(
    project: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if not arguments:
        for file in (project / "tests").rglob("*.py"):
            file.unlink()
    with pytest.raises(SystemExit) as ended:
        main(arguments, root=project, runner=FakeRunner())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_row_that_is_out_of_time_is_killed_with_all_its_processes(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {pid_file}; echo said; wait"
    began = time.monotonic()
    ended = run_limited(("sh", "-c", script), 1)
    assert time.monotonic() - began < 10
    assert ended.status is None
    assert ended.output == "said\n"
    assert gone(int(pid_file.read_text()))


def test_what_a_row_leaves_behind_in_its_group_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    ended = run_limited(("sh", "-c", f"sleep 60 >/dev/null 2>&1 & echo $! > {pid_file}; echo done; exit 3"), 10)
    assert ended == Ended(3, "done\n")
    assert gone(int(pid_file.read_text()))


def gone(pid: int) -> bool:
    """Wait a little for a killed process to end; one that nobody has waited for yet is as good as gone."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
