"""The command group `family`: add a family of items, and try it."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from trialplate.app.families import Tried, new_family, try_family
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON


@click.group()
def family() -> None:
    """Add a family of items, and try it."""


@family.command()
@click.argument("name")
@click.option("--level", "levels", type=click.IntRange(0, 5), multiple=True, help="Only this level; may be repeated.")
@click.option("--seeds", type=click.IntRange(1, 100), default=1, show_default=True, help="Seeds of each level.")
@AS_JSON
@click.pass_obj
def check(settings: Settings, name: str, levels: tuple[int, ...], seeds: int, *, as_json: bool) -> int:
    """Build, solve, attack and twin seeds of the family NAME, as admission to a bank does."""
    results = try_family(settings, name, levels=levels, seeds=seeds, tell=_silent if as_json else _tell)
    if as_json:
        click.echo(msgspec.json.encode(results))
    for level in () if as_json else results:
        shown = f"{level.level}  structural distance: median {level.median_distance}, least {level.least_distance}"
        click.echo(shown if level.enough else f"{shown}  TOO ALIKE")
    return 0 if all(level.good for level in results) else 1


def _silent(row: Tried) -> None:
    del row


def _tell(row: Tried) -> None:
    click.echo(f"{row.level}  seed {row.seed}  {row.minutes} min  {row.seconds} s  {row.fault or 'ok'}")


@family.command()
@click.argument("name")
@click.argument("out", type=click.Path(path_type=Path))
def new(name: str, out: Path) -> None:
    """Write a small whole family called NAME (DOMAIN/NAME) to the new folder OUT, to start from."""
    for path in new_family(name, out):
        click.echo(path)
    click.echo(f"Install it with `pip install -e {out}`, then try it with `trialplate family check {name}`.")
