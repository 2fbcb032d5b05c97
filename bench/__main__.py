"""Run the benchmarks: `python -m bench [--only NAME] [--json]`.

Exit status: 0, or 1 where a row missed its floor or a benchmark could not be run, or 2 where it was called wrongly.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.measure import Row
from trialplate.errors import TrialplateError

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Broken:
    """A benchmark that gave no rows, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Figures:
    """What one run of the command measured, and on what."""

    commit: str
    machine: str
    rows: tuple[Row, ...]
    broken: tuple[Broken, ...]

    @property
    def good(self) -> bool:
        """Say whether every benchmark ran and no row missed its floor."""
        return not self.broken and not any(row.missed for row in self.rows)


def found(folder: Path) -> tuple[str, ...]:
    """Return the names of the benchmarks in `folder`, in order: `store` for `bench_store.py`."""
    return tuple(sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py")))


def measured(benchmarks: Mapping[str, Callable[[], Sequence[Row]]], tell: Callable[[str], None]) -> Figures:
    """Run the benchmarks one after another; one that fails with a clear message does not stop the rest.

    Args:
        benchmarks: what to run, by name.
        tell: called with the name of each before it starts.
    """
    rows: list[Row] = []
    broken: list[Broken] = []
    for name, run in benchmarks.items():
        tell(name)
        try:
            rows.extend(run())
        except TrialplateError as failure:
            broken.append(Broken(name, str(failure)))
    return Figures(_commit(), _machine(), tuple(rows), tuple(broken))


def table_of(figures: Figures) -> Table:
    """Return the one table of all rows."""
    table = Table(caption=f"{figures.machine}; {figures.commit}", caption_justify="left")
    table.add_column("figure", overflow="fold")
    for heading in ("ours", "peer"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("named peer", overflow="fold")
    for heading in ("ratio", "floor", "n"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in figures.rows:
        ratio = _number(row.ratio)
        floor = f"[red]{_number(row.floor)} missed[/]" if row.missed else _number(row.floor)
        cells = (row.name, _number(row.ours), _number(row.peer), row.unit, row.peer_name)
        table.add_row(*cells, f"[red]{ratio}[/]" if row.missed else ratio, floor, str(row.n))
    return table


def _number(value: float | None) -> str:
    """Return three significant digits, without an exponent; nothing for None."""
    if value is None:
        return ""
    for limit, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= limit:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def _commit() -> str:
    command = ("git", "-c", "safe.directory=*", "describe", "--always", "--dirty", "--abbrev=40", "--match=")
    try:
        asked = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "version unknown"
    return asked.stdout.strip() or "version unknown"


def _runner(name: str) -> Callable[[], Sequence[Row]]:
    run: Callable[[], Sequence[Row]] = importlib.import_module(f"bench.bench_{name}").run
    return run


@click.command()
@click.option("--only", metavar="NAME", multiple=True, type=click.Choice(found(FOLDER)), help="Run this benchmark.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object, for programs.")
def bench(only: tuple[str, ...], *, as_json: bool) -> None:
    """Measure what Trialplate does beside named peers that do the same."""
    told = Console(stderr=True, highlight=False)
    benchmarks = {name: _runner(name) for name in only or found(FOLDER)}
    figures = measured(benchmarks, lambda name: told.print(f"Measuring {name} ..."))
    if as_json:
        click.echo(json.dumps(asdict(figures) | {"good": figures.good}))
    else:
        # A table cut to a narrow window would lose figures, so that without a terminal it gets all the room it needs.
        Console(highlight=False, width=None if sys.stdout.isatty() else 140).print(table_of(figures))
    for broken in figures.broken:
        told.print(f"[red]{broken.name} was not measured:[/] {broken.why}", markup=True)
    sys.exit(0 if figures.good else 1)


if __name__ == "__main__":
    bench.main(prog_name="python -m bench")
