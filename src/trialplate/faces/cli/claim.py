"""The command group `claim`: claim a target for a time, so that two do not do one work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from trialplate.app.clearing.finders import claiming
from trialplate.app.clearing.house import opened_house
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON, AS_PARTY
from trialplate.records.claim import ClaimTarget

NOT_GRANTED = 1
"""The exit code where a claim is not granted, or a commitment is not opened."""

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def claim() -> None:
    """Claim a target for a time, so that two do not do one work."""


@claim.command("open")
@click.option("--purl", default="", help="The package, as pkg:pypi/django or pkg:pypi/django@5.0.")
@click.option("--repository", default="", metavar="URL", help="The repository.")
@click.option("--component", default="", metavar="PATH", help="Only this file or folder.")
@click.option("--first", default="", help="The first commit or version that you look at.")
@click.option("--last", default="", help="The last one.")
@click.option("--method", required=True, help="How you look at it, in a few words.")
@click.option("--contact", required=True, help="How you are reached.")
@click.option("--days", type=click.IntRange(min=1), default=30, show_default=True, help="For how long; 90 at most.")
@click.option("--commitment", "commitments", multiple=True, metavar="HEX", help="See `commit`; may be repeated.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def open_(
    settings: Settings,
    *,
    party: str,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the other options, each by the name of its field
) -> int:
    """Claim a target for a time. One that is held is free at the moment that is told, as things stand."""
    target = ClaimTarget(**{name: asked.pop(name) for name in ClaimTarget.__struct_fields__})
    with opened_house(settings) as house:
        answer = claiming.open_claim(house, party, claiming.Asked(target=target, **asked))
    click.echo(msgspec.json.encode(answer) if as_json else _said(answer))
    return 0 if isinstance(answer, claiming.Opened) else NOT_GRANTED


@claim.command("list")
@click.option("--all", "everybody", is_flag=True, help="Those of everybody, for coordinators.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def list_claims(settings: Settings, *, everybody: bool, party: str, as_json: bool) -> None:
    """List your claims, newest first."""
    with opened_house(settings) as house:
        rows = claiming.every(house, party) if everybody else claiming.listed(house, party)
    if as_json:
        click.echo(msgspec.json.encode(rows))
        return
    table = Table("claim", "finder", "target", "state", "ends")
    for row in rows:
        state = f"paused until {row.paused_until}" if row.paused_until else row.state
        table.add_row(row.claim[:8], row.finder, _target(row.target), state, row.ends_at)
    Console().print(table)


@claim.command()
@click.argument("claim_id", metavar="CLAIM")
@AS_PARTY
@AS_JSON
@click.pass_obj
def show(settings: Settings, claim_id: str, *, party: str, as_json: bool) -> None:
    """Show a claim of yours; CLAIM is its id or how it begins."""
    with opened_house(settings) as house:
        _show(claiming.shown(house, party, claim_id), as_json=as_json)


@claim.command()
@click.argument("claim_id", metavar="CLAIM")
@click.option("--reason", default="It is needed no longer.", show_default=True, help="Why.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def release(settings: Settings, claim_id: str, *, reason: str, party: str, as_json: bool) -> None:
    """Give a claim of yours back before it ends."""
    with opened_house(settings) as house:
        _show(claiming.release(house, party, claim_id, reason), as_json=as_json)


@claim.command()
@click.argument("files", metavar="FILE...", type=_file, nargs=-1, required=True)
@AS_JSON
def commit(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Commit to each FILE without showing it; what opens the commitment is written beside it."""
    for made in claiming.commit_files(files):
        click.echo(msgspec.json.encode(made) if as_json else f"{made.commitment}  {made.file}")
        click.echo(f"Keep {made.opening} and the file as they are.", err=True)


@claim.command()
@click.argument("opening", type=_file)
@click.argument("file", type=_file)
def check(opening: Path, file: Path) -> int:
    """Check that OPENING opens a commitment to FILE, and print the commitment."""
    commitment = claiming.check(opening, file)
    click.echo(commitment or f"{opening} does NOT open a commitment to {file}.", err=not commitment)
    return 0 if commitment else NOT_GRANTED


def _said(answer: claiming.Opened | claiming.HeldUntil | claiming.BeyondTerms) -> str:
    if isinstance(answer, claiming.Opened):
        pauses = (f"No scan from {each.begins_at} to {each.ends_at}: {each.reason}" for each in answer.pauses)
        return "\n".join((f"Claim {answer.claim} until {answer.ends_at}", *pauses))
    return f"Held until {answer.until}" if isinstance(answer, claiming.HeldUntil) else answer.reason


def _show(row: claiming.Shown, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(row))
        return
    click.echo(f"claim        {row.claim} of {row.finder}")
    click.echo(f"target       {_target(row.target)}")
    click.echo(f"state        {row.state}")
    click.echo(f"from         {row.claimed_at} until {row.ends_at}")
    if row.paused_until:
        click.echo(f"paused       the owner wants no scan until {row.paused_until}")
    for commitment in row.commitments:
        click.echo(f"commitment   {commitment}")


def _target(target: ClaimTarget) -> str:
    """Return a target in words: what was not given is left out."""
    bounds = f"{target.first or '...'} to {target.last or '...'}" if target.first or target.last else ""
    return " ".join(part for part in (target.purl, target.repository, target.component, bounds) if part)
