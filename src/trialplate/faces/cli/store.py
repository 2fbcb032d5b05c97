"""The command group `store`: look after the record store of this machine."""

from __future__ import annotations

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from trialplate.app import wiring_store
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON


@click.group()
def store() -> None:
    """Look after the record store."""


@store.command()
@AS_JSON
@click.pass_obj
def info(settings: Settings, *, as_json: bool) -> None:
    """Show where the store is and how much it holds; nothing sealed."""
    _show(wiring_store.info(settings), as_json=as_json)


@store.command()
@AS_JSON
@click.pass_obj
def rebuild(settings: Settings, *, as_json: bool) -> None:
    """Make every summary row anew from the records, all or none."""
    columns = (TextColumn("Subjects"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # On standard error, so that the answer can be piped.
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as progress:
        bar = progress.add_task("", total=None)
        rebuilt = wiring_store.rebuilt(settings, lambda done, total: progress.update(bar, completed=done, total=total))
    _show(rebuilt, as_json=as_json)


def _show(answer: msgspec.Struct, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(answer))
        return
    for name, value in msgspec.structs.asdict(answer).items():
        click.echo(f"{name.replace('_', ' '):<15}{value}")
