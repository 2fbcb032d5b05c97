"""Run the attack battery, one process a row, and keep what came of each: `python scripts/battery.py [--only NAME]`.

A row is a test file under `tests/` with tests marked `@pytest.mark.battery`; its name is the file's stem. Results are
lines of JSON in `.battery/COMMIT.jsonl` (`COMMIT-dirty.jsonl` where the tree has changes that are not committed). A
second call runs only the rows that are missing there or failed; the last line of a row is what counts.

Exit status: 0, or 1 where a row failed, or 2 where the command was called wrongly.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]

ROW_SECONDS = 20 * 60
"""How long a row may take before it is killed with all its processes."""

_DETAIL_LINES = 40


class Outcome(Enum):
    """What came of a row."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class BatteryRow:
    """One row of the battery: its name, and the file that holds its tests."""

    name: str
    file: Path


@dataclass(frozen=True)
class Ended:
    """How the process of a row ended: exit status, negative for a signal, and its output. None: it was out of time."""

    status: int | None
    output: str


@dataclass(frozen=True)
class Result:
    """One line of the results: how long the row took in seconds, what came of it, and the words to go by."""

    name: str
    seconds: float
    outcome: Outcome
    detail: str


Runner = Callable[[BatteryRow], Ended]
"""Runs one row to its end and never raises for what the row does."""


def found(tests: Path) -> tuple[BatteryRow, ...]:
    """Return the rows under `tests`, by name.

    Raises:
        ValueError: where two files would give rows of one name.
    """
    rows: dict[str, BatteryRow] = {}
    for file in sorted(tests.rglob("test_*.py")):
        if not marked(file.read_text(encoding="utf-8")):
            continue
        if file.stem in rows:
            raise ValueError(f"Two rows are named {file.stem}: {rows[file.stem].file} and {file}. Rename one.")
        rows[file.stem] = BatteryRow(file.stem, file)
    return tuple(rows[name] for name in sorted(rows))


def marked(source: str) -> bool:
    """Say whether Python code uses the mark `pytest.mark.battery`; a mention in a string is no use."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "battery" and ast.unparse(node.value) == "pytest.mark"
        for node in ast.walk(ast.parse(source))
    )


def judged(name: str, seconds: float, ended: Ended, limit_s: float = ROW_SECONDS) -> Result:
    """Return what came of a row from how its process ended; a row in which no test passed proves nothing."""
    lines = ended.output.rstrip().splitlines()
    last = lines[-1].strip("= ") if lines else "no output"
    if ended.status is None:
        return Result(name, seconds, Outcome.FAILED, _tail(f"killed after {limit_s:.0f} s", lines))
    if ended.status != 0:
        return Result(name, seconds, Outcome.FAILED, _tail(f"exit status {ended.status}", lines))
    if not re.search(r"\b[1-9][0-9]* passed\b", last) or re.search(r"\bskipped\b", last):
        return Result(name, seconds, Outcome.FAILED, f"not every test ran: {last}")
    return Result(name, seconds, Outcome.PASSED, last)


def _tail(why: str, lines: Sequence[str]) -> str:
    return "\n".join([why, *lines[-_DETAIL_LINES:]])


def kept(results: Path) -> dict[str, Result]:
    """Return the last result of each row in a file; a line that a crash cut short counts for nothing."""
    if not results.exists():
        return {}
    last: dict[str, Result] = {}
    for line in results.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            fields = json.loads(line)
            outcome = Outcome(fields["outcome"])
            last[fields["name"]] = Result(fields["name"], fields["seconds"], outcome, fields["detail"])
    return last


def keep(results: Path, result: Result) -> None:
    """Append a result to its file, on a line of its own even after one that a crash cut short."""
    results.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(result) | {"outcome": result.outcome.value}) + "\n"
    with results.open("a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else "\n" + line
        file.write(line.encode())


def wanted(rows: Sequence[BatteryRow], done: Mapping[str, Result]) -> tuple[BatteryRow, ...]:
    """Return the rows that have no result yet or failed."""
    return tuple(row for row in rows if row.name not in done or done[row.name].outcome is Outcome.FAILED)


def run(rows: Sequence[BatteryRow], results: Path, runner: Runner, tell: Callable[[str], None]) -> tuple[Result, ...]:
    """Run what is wanted of `rows`, keep each result as it comes, and return the results of all of them."""
    for row in wanted(rows, kept(results)):
        tell(f"{row.name} ...")
        began = time.monotonic()
        ended = runner(row)
        keep(results, judged(row.name, round(time.monotonic() - began, 1), ended))
    done = kept(results)
    return tuple(done[row.name] for row in rows)


def pytest_runner(row: BatteryRow) -> Ended:
    """Run a row with pytest in a process of its own."""
    command = (sys.executable, "-m", "pytest", "--battery", "-m", "battery", "--color=no", str(row.file))
    return run_limited(command, ROW_SECONDS)


def run_limited(command: Sequence[str], limit_s: float) -> Ended:
    """Run a command in a process group of its own, and kill the group where the limit in seconds or we end first."""
    with _group(command) as process:
        try:
            output, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            # A process that left the group may hold the output open for good: what it says is not waited for.
            with contextlib.suppress(subprocess.TimeoutExpired):
                output, _ = process.communicate(timeout=5)
                return Ended(None, output)
            return Ended(None, "")
        return Ended(process.returncode, output)


@contextlib.contextmanager
def _group(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _kill_group(process)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _kill_group(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def results_file(root: Path) -> Path:
    """Return the file of results for what is checked out in `root`.

    Raises:
        ValueError: where git knows no commit there.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if not commit:
        raise ValueError(f"git knows no commit in {root}, and results are kept by commit: commit first.")
    suffix = "-dirty" if _git(root, "status", "--porcelain") else ""
    return root / ".battery" / f"{commit}{suffix}.jsonl"


def _git(root: Path, *arguments: str) -> str:
    # Whose tree this is does not matter here: nothing of it is run by git.
    command = ("git", "-c", "safe.directory=*", *arguments)
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout.strip()


def table_of(results: Sequence[Result]) -> Table:
    """Return the table that ends a run; of a failure, its first line."""
    table = Table("row", "outcome", "seconds", "detail")
    for result in results:
        color = "green" if result.outcome is Outcome.PASSED else "red"
        first = result.detail.partition("\n")[0]
        table.add_row(result.name, f"[{color}]{result.outcome.value}[/]", f"{result.seconds:.1f}", first)
    return table


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT, runner: Runner = pytest_runner) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="battery.py", description="Run the attack battery, one process a row.")
    parser.add_argument("--only", metavar="NAME", action="append", help="run this row; may be given again")
    parser.add_argument("--list", action="store_true", help="say which rows there are and what came of them")
    chosen = parser.parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    try:
        rows, results = found(root / "tests"), results_file(root)
    except ValueError as failure:
        parser.error(str(failure))
    if unknown := sorted(set(chosen.only or ()) - {row.name for row in rows}):
        parser.error(f"No row is named {', '.join(unknown)}. The rows are: {', '.join(row.name for row in rows)}.")
    rows = tuple(row for row in rows if not chosen.only or row.name in chosen.only)
    if not rows:
        # An empty battery refuses nothing.
        parser.error(f"There is no test with the mark battery under {root / 'tests'}.")
    if chosen.list:
        done = kept(results)
        for row in rows:
            console.print(row.name, done[row.name].outcome.value if row.name in done else "not run", sep="\t")
        return 0
    if results.stem.endswith("-dirty") and results.exists():
        console.print(f"Rows that passed with other changes in the tree count; to run all, delete {results}.")
    ended = run(rows, results, runner, console.print)
    console.print(table_of(ended))
    for result in ended:
        if result.outcome is Outcome.FAILED:
            console.print(f"\n{result.name}", style="bold red")
            console.print(result.detail, markup=False)
    return 1 if any(result.outcome is Outcome.FAILED for result in ended) else 0


if __name__ == "__main__":
    sys.exit(main())
