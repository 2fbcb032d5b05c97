"""The command group `maintainer`: what a project's owner wants of those who report to it, and of scans."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from trialplate.app.clearing.coordination import projects
from trialplate.app.clearing.house import opened_house
from trialplate.app.settings import Settings
from trialplate.faces.cli.desk import inbox, reply
from trialplate.faces.cli.options import AS_JSON, AS_PARTY

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_project = click.argument("project")


@click.group()
def maintainer() -> None:
    """Say what your project wants; read and answer."""


maintainer.add_command(inbox)
maintainer.add_command(reply)


@maintainer.command()
@_file
@AS_PARTY
@AS_JSON
@click.pass_obj
def register(settings: Settings, file: Path, *, party: str, as_json: bool) -> None:
    """Register the project in FILE, or change yours to what FILE says (docs/formats/project.md)."""
    with opened_house(settings) as house:
        _show(projects.register(house, party, file), as_json=as_json)


@maintainer.command()
@_project
@AS_JSON
@click.pass_obj
def show(settings: Settings, project: str, *, as_json: bool) -> None:
    """Show what a project wants; anybody may ask."""
    with opened_house(settings) as house:
        _show(projects.show(house, project), as_json=as_json)


@maintainer.command()
@_project
@click.option("--reason", required=True, help="How you know.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def confirm(settings: Settings, project: str, *, reason: str, party: str, as_json: bool) -> None:
    """Confirm, as a coordinator, that the maintainer of PROJECT is whom it says."""
    with opened_house(settings) as house:
        _show(projects.confirm(house, party, project, reason=reason), as_json=as_json)


@maintainer.command()
@_project
@_file
@AS_PARTY
@AS_JSON
@click.pass_obj
def calendar(settings: Settings, project: str, file: Path, *, party: str, as_json: bool) -> None:
    """Put the times in FILE, in which you want no scan, in the place of earlier ones."""
    with opened_house(settings) as house:
        _show(projects.set_calendar(house, party, project, file), as_json=as_json)


@maintainer.command()
@_project
@click.option("--reason", required=True, help="Why.")
@click.option("--until", required=True, metavar="MOMENT", help="Until when, as 2026-12-07T00:00:00Z.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def stop(  # noqa: PLR0913 - its options
    settings: Settings, project: str, *, reason: str, until: str, party: str, as_json: bool
) -> None:
    """Ask that every scan of the project stops."""
    with opened_house(settings) as house:
        _show(projects.stop(house, party, project, reason=reason, until=until), as_json=as_json)


@maintainer.command()
@_project
@click.option("--reason", default="Scans may go on.", show_default=True, help="Why.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def resume(settings: Settings, project: str, *, reason: str, party: str, as_json: bool) -> None:
    """Take the stop order of a project back."""
    with opened_house(settings) as house:
        _show(projects.resume(house, party, project, reason=reason), as_json=as_json)


def _show(shown: projects.Shown, *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(shown))
        return
    policy = shown.policy
    rows = (
        ("project", f"{policy.name} ({shown.project})"),
        ("maintainer", f"{policy.maintainer} {policy.key}"),
        ("confirmed", "by a coordinator" if shown.confirmed else "not yet: nothing is sent before a coordinator does"),
        ("contact", policy.contact),
        *(("package", purl) for purl in policy.purls),
        *(("repository", url) for url in policy.repositories),
        ("reports", f"{policy.open_limit} open at a time, {policy.pace_days} days between two"),
        ("AI reports", "taken" if policy.takes_ai_reports else "not taken"),
        ("embargo", "none: public by policy" if policy.public_by_policy else f"{policy.clock.embargo} days"),
        ("time zone", policy.clock.zone),
        ("recipe", policy.recipe or "none"),
        *(("out of scope", pattern) for pattern in policy.excluded),
        *(("source", f"{source.version} {source.archive}") for source in policy.sources),
        *(("no scan", f"{each.begins_at} to {each.ends_at}: {each.reason}") for each in shown.busy),
        *([("stopped", f"until {shown.stopped_until}")] if shown.stopped_until else []),
    )
    for name, value in rows:
        click.echo(f"{name:<13}{value}")
