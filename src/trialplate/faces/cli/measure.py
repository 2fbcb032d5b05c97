"""The command group `measure`: what is known of an instrument before anybody is measured with it."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from trialplate.app.campaigns import measuring
from trialplate.app.campaigns.characteristics import REPLICATES, SAYS
from trialplate.app.campaigns.planning import CRITERIA
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON

MISSED = 1
"""The exit code where criteria miss a level on the bank."""


@click.group()
def measure() -> None:
    """See how an instrument errs before it is used."""


@measure.command()
@click.option("--bank", type=click.Path(path_type=Path), help="A bank's file; by default the public development bank.")
@click.option("--criteria", default=CRITERIA, show_default=True, help="A version of criteria, or a file of some.")
@click.option("--replicates", type=click.IntRange(100), default=REPLICATES, show_default=True, help="Campaigns a side.")
@AS_JSON
@click.pass_obj
def characteristics(settings: Settings, bank: Path | None, criteria: str, *, replicates: int, as_json: bool) -> int:
    """Simulate how often the rule of criteria errs on a bank's items, beside two other methods."""
    found = measuring.characteristics(settings, bank, criteria, replicates=replicates)
    if as_json:
        click.echo(msgspec.json.encode(found.characteristics))
    else:
        _show(found)
    return 0 if found.characteristics.levels_kept else MISSED


def _show(found: measuring.Measured) -> None:
    shown = found.characteristics.shown()
    table = Table("", "truth", "method", "false ABOVE", "false BELOW", "INCONCLUSIVE", "runs", "p90")
    for row in shown.rows:
        rates = (f"{row.false_above:.1f}%", f"{row.false_below:.1f}%", f"{row.inconclusive:.0f}%")
        truth = SAYS[row.scenario] if row.rule == "L" else ""
        table.add_row(row.scenario, truth, row.rule, *rates, f"{row.runs:.1f}", f"{row.p90:.0f}")
    console = Console()
    console.print(table)
    kept = "keeps its levels" if shown.levels_kept else "MISSES a level"
    whose = "items" if found.admitted else "items (not yet admitted on this machine)"
    console.print(
        f"{found.criteria} {kept} on {found.items} {whose}; {shown.replicates:,} campaigns a side; "
        f"no test can need fewer than {shown.bound:.1f} runs."
    )
