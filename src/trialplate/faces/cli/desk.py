"""The maintainer's commands at the desk: what was sent, and the answer to it. They belong to the group `maintainer`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from trialplate.app.clearing.coordination import replies
from trialplate.app.clearing.house import opened_house
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON, AS_PARTY


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write each report into this folder.")
@click.option("--all", "every", is_flag=True, help="Also those that are closed.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def inbox(settings: Settings, out: Path | None, party: str, *, every: bool, as_json: bool) -> None:
    """List the reports that are open with you, each with what is awaited of you, until when."""
    with opened_house(settings) as house:
        rows = replies.inbox(house, party, every=every, folder=out)
    if as_json:
        click.echo(msgspec.json.encode(rows))
        return
    for row in rows:
        click.echo(f"{row.case}  sent {row.sent_at}  embargo until {row.embargo_until or '-'}  {row.title}")
        for each in row.waiting:
            click.echo(f"  awaited: {each.asked}, until {each.until}; else {each.silence}")
        if row.folder:
            click.echo(f"  written to {row.folder}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@AS_PARTY
@AS_JSON
@click.pass_obj
def reply(settings: Settings, file: Path, party: str, *, as_json: bool) -> None:
    """Answer a report by FILE (docs/formats/reply.md)."""
    with opened_house(settings) as house:
        ruled = replies.reply(house, party, file)
    text = f"{ruled.subject[:8]}: your answer is recorded. `trialplate work` goes on."
    click.echo(msgspec.json.encode(ruled) if as_json else text)
