"""`trialplate doctor`: is this machine ready, and if not, what to do."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from trialplate.app import doctor as app
from trialplate.app.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> None:  # noqa: FBT001 click passes flags so
    """Check this machine, then make a scenario in it and run an evaluation there."""
    diagnosis = app.diagnose(Settings.from_environment(os.environ).home)
    if as_json:
        click.echo(json.dumps(_plain(diagnosis)))
    else:
        _print(diagnosis)
    sys.exit(0 if diagnosis.ready else 3)


def _plain(diagnosis: app.Diagnosis) -> dict[str, object]:
    """Return the JSON form: every finding and probe with its kind in words."""
    return {
        "ready": diagnosis.ready,
        "findings": [{"ready": isinstance(each, app.Ready), **asdict(each)} for each in diagnosis.findings],
        "egress": [{"closed": isinstance(each, app.Closed), **asdict(each)} for each in diagnosis.egress],
        "timings": [asdict(each) for each in diagnosis.timings],
    }


def _print(diagnosis: app.Diagnosis) -> None:
    console = Console(highlight=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in diagnosis.findings:
        missing = isinstance(finding, app.Missing)
        table.add_row("[red]missing[/]" if missing else "[green]ready[/]", finding.name, finding.detail)
        if missing:
            table.add_row("", "", f"[bold]{finding.fix}[/]")
    for probe in diagnosis.egress:
        reached = isinstance(probe, app.Open)
        table.add_row("[red]OPEN[/]" if reached else "[green]closed[/]", probe.probe, probe.reached if reached else "")
    for timing in diagnosis.timings:
        table.add_row("", timing.name, f"{timing.milliseconds:.1f} ms")
    console.print(table)
    console.print("[green]This machine is ready.[/]" if diagnosis.ready else "[red]This machine is not ready.[/]")
