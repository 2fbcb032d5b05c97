"""Fuzz the parsers, one process a target: `python -m fuzz [--seconds N] [--only NAME]`.

`.fuzz/results.jsonl` gets one line of JSON for each target that ended; `.fuzz/corpus/NAME` keeps what was found worth
trying, so that a later run goes on from there; `.fuzz/found` keeps each input that broke something, and
`.fuzz/logs/NAME.txt` what libFuzzer said of the last run. It is run in the root of the project.

Exit status: 0, or 1 where a target failed, or 2 where the command was called wrongly or atheris is missing.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from fuzz.targets import TARGETS, Target

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = Path(".fuzz")
"""As seen from the root of the project, so that what is written into it names no folder of a machine."""

MOST_MIB: Final = 512
"""Memory of a target's process, the fuzzer's own included."""

SLOWEST_S: Final = 10
"""How long one input may take."""

GRACE_S: Final = 120
"""How much longer than it was told a process may take, to start and to end, before it is killed."""

_STATUSES: Final = {70: "hung", 71: "too large", 77: "crashed"}
"""What libFuzzer exits with; whatever is none of these is a crash too."""


class Outcome(StrEnum):
    """How a target ended."""

    PASSED = "passed"
    CRASHED = "crashed"
    HUNG = "hung"
    LARGE = "too large"
    IDLE = "ran nothing"


@dataclass(frozen=True)
class Ended:
    """How the process of a target ended: its exit status, None where it was killed for its time, and what it said."""

    status: int | None
    log: str


@dataclass(frozen=True)
class Result:
    """One line of the results.

    Attributes:
        target: its name.
        seconds: how long it ran.
        runs: inputs that were tried.
        corpus: inputs in its corpus now.
        peak_mib: the most memory that its process had; 0 where that is not known.
        outcome: how it ended.
        found: the path of the input that broke it; empty where nothing did.
    """

    target: str
    seconds: float
    runs: int
    corpus: int
    peak_mib: int
    outcome: Outcome
    found: str


Runner = Callable[[Target, int, Callable[[float], None]], Ended]
"""Fuzzes a target for so many seconds, and tells from time to time how many are over."""


def judged(target: str, seconds: float, corpus: int, ended: Ended) -> Result:
    """Return the line of a target, from how its process ended; one that tried nothing proves nothing."""
    runs = max((int(number) for number in re.findall(r"^#([0-9]+)\t", ended.log, re.MULTILINE)), default=0)
    runs, peak = _stat(ended.log, "number_of_executed_units") or runs, _stat(ended.log, "peak_rss_mb")
    found = re.findall(r"Test unit written to (\S+)", ended.log)
    if ended.status == 0:
        outcome = Outcome.LARGE if peak > MOST_MIB else Outcome.PASSED if runs else Outcome.IDLE
    else:
        outcome = Outcome.HUNG if ended.status is None else Outcome(_STATUSES.get(ended.status, Outcome.CRASHED))
    return Result(target, seconds, runs, corpus, peak, outcome, found[-1] if found else "")


def _stat(log: str, name: str) -> int:
    found = re.search(rf"^stat::{name}: +([0-9]+)$", log, re.MULTILINE)
    return int(found[1]) if found else 0


def prepared(target: Target, folder: Path) -> tuple[str, ...]:
    """Write the seeds and the dictionary of a target, and return the arguments that its process fuzzes them by."""
    corpus, found = folder / "corpus" / target.name, folder / "found"
    for each in (corpus, found, folder / "logs"):
        each.mkdir(parents=True, exist_ok=True)
    # By the name that libFuzzer would give it, so that a seed is there once.
    for seed in target.seeds:
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    dictionary = folder / "corpus" / f"{target.name}.dict"
    lines = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in target.dictionary)
    dictionary.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    limits = (f"-timeout={SLOWEST_S}", f"-rss_limit_mb={MOST_MIB}", f"-max_len={target.longest}")
    told = (f"-artifact_prefix={found}/{target.name}-", "-print_final_stats=1")
    return (target.name, f"-dict={dictionary}", *limits, *told, str(corpus))


def fuzz(target: Target, seconds: int, tell: Callable[[float], None]) -> Ended:
    """Fuzz a target with atheris in a process of its own."""
    command = (sys.executable, "-m", "fuzz.child", *prepared(target, FOLDER), f"-max_total_time={seconds}")
    return watched(command, seconds + GRACE_S, FOLDER / "logs" / f"{target.name}.txt", tell)


def watched(command: Sequence[str], limit_s: float, log: Path, tell: Callable[[float], None]) -> Ended:
    """Run a command that writes to a log, tell every second how long it runs, and kill it after the limit."""
    began = time.monotonic()
    with (
        log.open("wb") as said,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as process,
    ):
        try:
            while process.poll() is None and time.monotonic() - began < limit_s:
                try:
                    process.wait(timeout=min(1, limit_s))
                except subprocess.TimeoutExpired:
                    tell(time.monotonic() - began)
            status = process.poll()
        finally:
            process.kill()
    return Ended(status, log.read_text(encoding="utf-8", errors="replace"))


def run(targets: Sequence[Target], seconds: int, folder: Path, runner: Runner, told: Console) -> tuple[Result, ...]:
    """Fuzz targets one after another, and keep the line of each as it ends."""
    folder.mkdir(exist_ok=True)
    results: list[Result] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=told, transient=True) as progress:
        bar = progress.add_task("", total=seconds * len(targets))
        for turn, target in enumerate(targets):
            progress.update(bar, description=f"{target.name}, {turn + 1} of {len(targets)}", completed=turn * seconds)
            began = time.monotonic()
            start = turn * seconds
            ended = runner(target, seconds, lambda over, start=start: progress.update(bar, completed=start + over))
            took = round(time.monotonic() - began, 1)
            corpus = folder / "corpus" / target.name
            result = judged(target.name, took, len(list(corpus.glob("*"))), ended)
            with (folder / "results.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")
            results.append(result)
    return tuple(results)


def table_of(results: Sequence[Result]) -> Table:
    """Return the table that ends a run."""
    table = Table("target", "outcome")
    for heading in ("seconds", "inputs", "corpus", "peak MiB"):
        table.add_column(heading, justify="right")
    table.add_column("broken by", overflow="fold")
    for result in results:
        color = "green" if result.outcome is Outcome.PASSED else "red"
        figures = (f"{result.seconds:.0f}", f"{result.runs:,}", f"{result.corpus:,}", f"{result.peak_mib:,}")
        table.add_row(result.target, f"[{color}]{result.outcome}[/]", *figures, result.found)
    return table


@click.command()
@click.option("--seconds", type=click.IntRange(1), default=600, show_default=True, help="How long, for each target.")
@click.option("--only", metavar="NAME", multiple=True, type=click.Choice(tuple(TARGETS)), help="Fuzz this target.")
def main(seconds: int, only: tuple[str, ...]) -> None:
    """Fuzz every parser, one after another."""
    if find_spec("atheris") is None:
        raise click.UsageError("atheris is not installed for this Python; `make fuzz` installs it in .venv-fuzz.")
    results = run([TARGETS[name] for name in only or TARGETS], seconds, FOLDER, fuzz, Console(stderr=True))
    Console(highlight=False, width=None if sys.stdout.isatty() else 140).print(table_of(results))
    failed = [result for result in results if result.outcome is not Outcome.PASSED]
    for result in failed:
        click.echo(f"{result.target}: see .fuzz/logs/{result.target}.txt", err=True)
        if result.found:
            click.echo(f"again: {sys.executable} -m fuzz.child {result.target} {result.found}", err=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(prog_name="python -m fuzz")
