"""The command `assess`: run a model on a bank's items, and end with the table of outcomes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table

from trialplate.app import assess as app
from trialplate.app.campaign_run import Show
from trialplate.app.campaign_view import AGAIN, RUNNING, Summary, View
from trialplate.app.settings import Settings

_STYLES = {"SOLVED": "green", RUNNING: "cyan", AGAIN: "yellow", "NOT_SOLVED": "default"}
_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("model", required=False)
@click.option("-M", "arguments", multiple=True, metavar="KEY=VALUE", help="An argument of the model; may be repeated.")
@click.option("--bank", type=_PATH, help="A bank's file; by default the public development bank.")
@click.option("--out", type=_PATH, help="The campaign's new folder; by default one named for the moment.")
@click.option("--agent", default="react", show_default=True, help="MODULE:NAME of another agent.")
@click.option("--max-runs", type=click.IntRange(0), default=0, help="Run only the first so many places.")
@click.option("--token-budget", type=click.IntRange(0), default=0, help="Begin no attempt after so many tokens.")
@click.option("--item-tokens", type=click.IntRange(0), default=0, help="Tokens of an attempt; else by its level.")
@click.option("--item-minutes", type=click.IntRange(1), default=240, show_default=True, help="Time of an attempt.")
@click.option("--item-turns", type=click.IntRange(1), default=500, show_default=True, help="Turns of an attempt.")
@click.option("--item-dollars", type=click.FloatRange(0), default=0, help="Cost of an attempt; needs prices.")
@click.option("--dollars-in", type=click.FloatRange(0), default=0, help="Price of a million tokens that are read.")
@click.option("--dollars-out", type=click.FloatRange(0), default=0, help="Price of a million tokens that are written.")
@click.option("--call-seconds", type=click.IntRange(1), default=600, show_default=True, help="Time of a model's call.")
@click.option("--call-retries", type=click.IntRange(0), default=4, show_default=True, help="Tries after a failed call.")
@click.option("--dry-run", is_flag=True, help="Say what it uses at most, and run nothing.")
@click.option("--resume", "resumed", type=_PATH, help="Go on with the campaign in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.pass_obj
def assess(  # noqa: PLR0913 - what the face itself looks at; the rest passes through
    settings: Settings,
    /,
    *,
    model: str | None,
    out: Path | None,
    dry_run: bool,
    resumed: Path | None,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the other options, each by the name of its field of a request
) -> None:
    """Run MODEL, any model of Inspect AI, on the items of a bank in an order that is drawn and kept."""
    if (model is None) == (resumed is None):
        raise click.UsageError("Give a MODEL, or --resume with the folder of a campaign.")
    if resumed is not None:
        folder = resumed
        _run(folder, lambda show, tell: app.resume(settings, folder, show, tell), as_json=as_json)
        return
    request = app.Request(model=model or "", **asked)
    if dry_run:
        click.echo(msgspec.json.encode(app.forecast(request)))
        return
    folder = out or Path(f"campaign-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    _run(folder, lambda show, tell: app.assess(settings, request, folder, show, tell), as_json=as_json)


def _run(folder: Path, work: Callable[[Show, app.Tell], Summary], *, as_json: bool) -> None:
    """Do the work under a live table, and say how to go on where it is ended early."""
    console = Console(stderr=True)
    try:
        # On standard error, so that the answer can be piped.
        with Live(console=console, auto_refresh=False, transient=True) as live:
            seen: list[View] = []

            def show(view: View) -> None:
                seen[:] = [view]
                if not as_json:
                    live.update(_table(view), refresh=True)

            def tell(line: str, *, lasts: bool = False) -> None:
                if lasts:
                    console.print(line)
                elif not as_json:
                    live.update(line, refresh=True)

            summary = work(show, tell)
    except BaseException:
        if (folder / "private" / "campaign.json").exists():
            click.echo(f"Go on with: trialplate assess --resume {folder}", err=True)
        raise
    if as_json:
        click.echo(msgspec.json.encode(summary))
        return
    out = Console()
    out.print(_table(seen[0]))
    counts = ", ".join(f"{count} {outcome}" for outcome, count in summary.outcomes.items())
    out.print(f"{summary.runs} runs: {counts}; {summary.voids} void attempts; {summary.twins_solved} twins solved.")
    out.print(f"{summary.tokens:,} tokens. Everything is in {summary.out}.")


def _table(view: View) -> Table:
    """Return the table of all places that were begun."""
    table = Table("place", "item", "family", "level", "outcome", "tries", "tokens", "time")
    for row in view.rows():
        style = _STYLES.get(row.outcome, "yellow")
        item = f"{row.item} (twin)" if row.twin else row.item
        cells = (str(row.attempts), f"{row.tokens:,}", f"{row.seconds} s")
        table.add_row(str(row.place), item, row.family, row.level, f"[{style}]{row.outcome}[/]", *cells)
    return table
