"""The command `work`: do what is due."""

from __future__ import annotations

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from trialplate.app.clearing.work import laboring
from trialplate.app.settings import Settings


@click.command()
@click.option("--watch", is_flag=True, help="Go on, and look again every few seconds, until interrupted.")
@click.option("--every", type=click.IntRange(1, 3600), default=10, show_default=True, help="Seconds between two looks.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs: a line for each thing that was done.")
@click.pass_obj
def work(settings: Settings, *, watch: bool, every: int, as_json: bool) -> int:
    """Do the steps that are due and the clearinghouse's own, then stop."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    failed = 0
    # On standard error, so that the answer can be piped.
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as progress:
        bar = progress.add_task("looking for what is due", total=None)
        for event in laboring.labor(settings, watch=watch, every_s=every):
            failed += event.failed
            progress.update(bar, description=event.line)
            click.echo(msgspec.json.encode(event) if as_json else event.line)
    return 1 if failed else 0
