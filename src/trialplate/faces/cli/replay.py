"""The command `replay`: compute again what a bundle says, after checking it."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from trialplate.app.bundles.replaying import Replayed, replayed
from trialplate.faces import verify as verifier
from trialplate.faces.cli.options import AS_JSON


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@AS_JSON
def replay(bundle: Path, *, as_json: bool) -> int:
    """Compute order, scores, bounds, outcome and horizon of BUNDLE again, after checking it."""
    report = verifier.check(bundle)
    if report.ending == verifier.REFUSED:
        click.echo("\n".join(verifier.lines_of(report)), err=True)
        return 1
    again = replayed(bundle)
    if as_json:
        click.echo(msgspec.json.encode(again))
    else:
        Console().print(_table(again))
        click.echo(f"{again.outcome} after {again.runs} runs: {'the same' if again.same else 'NOT the same'}.")
    return 0 if again.same else 1


def _table(again: Replayed) -> Table:
    table = Table("part", "computed again")
    for part in again.parts:
        table.add_row(part.part, "the same" if part.same else f"recorded {part.recorded}, computed {part.computed}")
    return table
