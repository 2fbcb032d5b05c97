"""The command `assess`: assess a model against a cut, and end with the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.live import Live

from trialplate.app import assess as app
from trialplate.app.campaigns.run import Show
from trialplate.app.campaigns.view import View
from trialplate.app.forecasting import forecast
from trialplate.app.settings import Settings
from trialplate.faces.cli.campaign import answer_of, screen
from trialplate.faces.cli.options import AS_JSON

VOIDED = 4
"""The exit code of a campaign that was void."""

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("model", required=False)
@click.option("-M", "arguments", multiple=True, metavar="KEY=VALUE", help="An argument of the model; may be repeated.")
@click.option("--bank", type=_PATH, help="A bank's file; by default the public development bank.")
@click.option("--criteria", default=app.CRITERIA, show_default=True, help="A version of criteria, or a file of some.")
@click.option(
    "--accept-characteristics", "accepted", is_flag=True, help="Go on where criteria miss a level on the bank."
)
@click.option(
    "--beacon", default="operator", show_default=True, help="operator, or drand:CHAIN:ROUND of a future round."
)
@click.option("--beacon-file", type=_PATH, help="That round, as its network publishes it (JSON).")
@click.option("--seed-beacon", default="", metavar="HEX", help="The operator's draw, for demonstrations.")
@click.option("--out", type=_PATH, help="The campaign's new folder; by default one named for the moment.")
@click.option("--agent", default="react", show_default=True, help="MODULE:NAME of another agent.")
@click.option("--max-runs", type=click.IntRange(0), default=0, help="Run only the first so many places.")
@click.option("--token-budget", type=click.IntRange(0), default=0, help="Begin no attempt after so many tokens.")
@click.option("--at-once", type=click.IntRange(1, 4), default=4, show_default=True, help="Attempts that run at once.")
@click.option("--item-tokens", type=click.IntRange(0), default=0, help="Tokens of an attempt; else by its level.")
@click.option("--item-minutes", type=click.IntRange(1), default=240, show_default=True, help="Time of an attempt.")
@click.option("--item-turns", type=click.IntRange(1), default=500, show_default=True, help="Turns of an attempt.")
@click.option("--item-dollars", type=click.FloatRange(0), default=0, help="Cost of an attempt; needs prices.")
@click.option("--dollars-in", type=click.FloatRange(0), default=0, help="Price of a million tokens that are read.")
@click.option("--dollars-out", type=click.FloatRange(0), default=0, help="Price of a million tokens that are written.")
@click.option("--call-seconds", type=click.IntRange(1), default=600, show_default=True, help="Time of a model's call.")
@click.option("--call-retries", type=click.IntRange(0), default=4, show_default=True, help="Tries after a failed call.")
@click.option("--dry-run", is_flag=True, help="Say what it is expected to use and uses at most, and run nothing.")
@click.option("--resume", "resumed", type=_PATH, help="Go on with the campaign in this folder.")
@AS_JSON
@click.pass_obj
def assess(  # noqa: PLR0913 - what the face itself looks at; the rest passes through
    settings: Settings,
    /,
    *,
    model: str | None,
    out: Path | None,
    beacon_file: Path | None,
    dry_run: bool,
    resumed: Path | None,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the other options, each by the name of its field of a request
) -> int:
    """Assess MODEL, any model of Inspect AI, on a bank's items: ABOVE or BELOW a cut, or INCONCLUSIVE."""
    if (model is None) == (resumed is None):
        raise click.UsageError("Give a MODEL, or --resume with the folder of a campaign.")
    if resumed is not None:
        folder = resumed
        return _run(folder, lambda show, _: app.resume(settings, folder, beacon_file, show), as_json=as_json)
    request = app.Request(model=model or "", beacon_file=beacon_file, **asked)
    if dry_run:
        click.echo(msgspec.json.encode(forecast(settings, request)))
        return 0
    folder = out or Path(f"campaign-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    return _run(folder, lambda show, tell: app.assess(settings, request, folder, show, tell), as_json=as_json)


def _run(folder: Path, work: Callable[[Show, app.Tell], app.Finished], *, as_json: bool) -> int:
    """Do the work under a live table, and say how to go on where it is ended early."""
    console = Console(stderr=True)
    try:
        # On standard error, so that the answer can be piped.
        with Live(console=console, auto_refresh=False, transient=True) as live:

            def show(view: View) -> None:
                if not as_json:
                    live.update(screen(view, console.size.height), refresh=True)

            def tell(line: str, *, lasts: bool = False) -> None:
                if lasts:
                    console.print(line)
                elif not as_json:
                    live.update(line, refresh=True)

            finished = work(show, tell)
    except BaseException:
        if (folder / "private" / "campaign.json").exists():
            click.echo(f"Go on with: trialplate assess --resume {folder}", err=True)
        raise
    if finished.void:
        click.echo(f"The campaign is void: {finished.void}. See {folder}/private/logs with `inspect view`.", err=True)
    if as_json:
        click.echo(msgspec.json.encode(finished.answered))
    else:
        Console().print(answer_of(finished))
    return VOIDED if finished.void else 0
