"""The command group `advisory`: what the public is told, and who lets it be told."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from trialplate.app.clearing.house import opened_house
from trialplate.app.clearing.publishing import advisories, releasing
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON, AS_PARTY
from trialplate.records.case import Advisory
from trialplate.records.project import Publisher

_FIELDS: Final = Advisory.__struct_fields__
_FILE: Final = click.Path(dir_okay=False, path_type=Path)

_file = click.argument("file", type=_FILE)


@click.group()
def advisory() -> None:
    """Read and export advisories, revise them, and say what may be published."""


@advisory.command("list")
@AS_JSON
@click.pass_obj
def list_advisories(settings: Settings, *, as_json: bool) -> None:
    """List the advisories that are public."""
    with opened_house(settings) as house:
        rows = advisories.listed(house)
    if as_json:
        click.echo(msgspec.json.encode(rows))
        return
    table = Table("advisory", "title", "affected", "published", "revision")
    for row in rows:
        table.add_row(row.id, row.title, ", ".join(row.affected), row.published, f"{row.revision}, {row.modified}")
    Console(markup=False).print(table)


@advisory.command()
@click.argument("advisory_id", metavar="ID")
@click.option("--format", "form", type=click.Choice(advisories.FORMS), default="text", show_default=True)
@AS_JSON
@click.pass_obj
def show(settings: Settings, advisory_id: str, form: str, *, as_json: bool) -> None:
    """Show a public advisory: as text, as an OSV record or as a CSAF 2.0 document. With --json, as its record says."""
    with opened_house(settings) as house:
        found = advisories.show(house, advisory_id)
    click.echo(msgspec.json.encode(found) if as_json else advisories.written(found, form), nl=as_json)


@advisory.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@AS_JSON
@click.pass_obj
def export(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Write all public advisories into FOLDER, as OSV and CSAF 2.0, with hashes; an earlier export there goes."""
    with opened_house(settings) as house:
        index = advisories.export(house, folder)
    click.echo(msgspec.json.encode(index) if as_json else f"{len(index.advisories)} advisories in {folder}.")


@advisory.command()
@click.argument("advisory_id", metavar="ID")
@click.option("--summary", required=True, help="What changes, as the public will read it.")
@AS_PARTY
@click.pass_obj
def revise(settings: Settings, advisory_id: str, summary: str, party: str) -> None:
    """Let the worker write the next revision of an advisory, from what stands on its case; for coordinators."""
    with opened_house(settings) as house:
        advisories.revise(house, party, advisory_id, summary)
    click.echo("The next revision is written by: trialplate work")


@advisory.group()
def release() -> None:
    """Say what may be published without asking again: two releasers sign it, and it ends by itself."""


@release.command()
@_file
@click.option("--with", "other", required=True, metavar="PARTY", help="The releaser who signs it too.")
@click.option("--publisher", "name", required=True, help="Who publishes, by name.")
@click.option("--namespace", required=True, metavar="URL", help="A web address that the publisher controls.")
@click.option("--contact", default="", help="How the publisher is reached.")
@click.option("--field", "fields", multiple=True, type=click.Choice(_FIELDS), help="Default: every field.")
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True, help="How long it stands.")
@AS_PARTY
@click.pass_obj
def new(  # noqa: PLR0913 - the options of the command
    settings: Settings, file: Path, party: str, fields: tuple[str, ...], *, days: int, other: str, **by: str
) -> None:
    """Draft a standing release for advisories, sign it, and write it to FILE for the other releaser."""
    with opened_house(settings) as house:
        named = fields or _FIELDS
        drafted = releasing.new(house, party, file, other=other, publisher=Publisher(**by), fields=named, days=days)
    click.echo(_words(drafted))
    click.echo(f"Let {other} read and sign it: trialplate advisory release sign {file} --as {other}")


@release.command()
@_file
@AS_PARTY
@click.pass_obj
def sign(settings: Settings, file: Path, party: str) -> None:
    """Sign the standing release in FILE, as the other releaser. Where both act for this house, it holds at once."""
    with opened_house(settings) as house:
        signed = releasing.sign(house, party, file)
    click.echo(_words(signed))
    if not signed.recorded:
        click.echo(f"Take it to the clearinghouse that it is for: trialplate advisory release record {file}")


@release.command()
@_file
@click.pass_obj
def record(settings: Settings, file: Path) -> None:
    """Record the standing release in FILE, which two releasers of this house have signed."""
    with opened_house(settings) as house:
        click.echo(_words(releasing.record(house, file)))


@release.command("show")
@_file
@AS_JSON
@click.pass_obj
def show_release(settings: Settings, file: Path, *, as_json: bool) -> None:
    """Say what the standing release in FILE lets out, and whether it holds here."""
    with opened_house(settings) as house:
        drafted = releasing.shown(house, file)
    click.echo(msgspec.json.encode(drafted) if as_json else _words(drafted))


@release.command("list")
@AS_JSON
@click.pass_obj
def list_releases(settings: Settings, *, as_json: bool) -> None:
    """List the standing releases of this house, newest first."""
    with opened_house(settings) as house:
        rows = releasing.standing(house)
    if as_json:
        click.echo(msgspec.json.encode(rows))
        return
    table = Table("record", "signed by", "until", "fields", "state")
    for row in rows:
        told = row.release
        state = row.lapsed or "holds"
        table.add_row(row.record[:8], ", ".join(told.signers), told.ends_at, " ".join(told.fields), state)
    Console(markup=False).print(table)


@release.command()
@click.argument("release_id", metavar="RECORD")
@click.option("--reason", required=True, help="Why it ends.")
@AS_PARTY
@click.pass_obj
def end(settings: Settings, release_id: str, reason: str, party: str) -> None:
    """End the standing release whose record begins with RECORD, at once; one releaser is enough."""
    with opened_house(settings) as house:
        ended = releasing.end(house, party, release_id, reason)
    click.echo(f"{ended[:8]} lets nothing out any more.")


def _words(drafted: releasing.Drafted) -> str:
    told = drafted.release
    contact = told.publisher.contact and f", {told.publisher.contact}"
    return "\n".join(
        (
            f"Lets out: {told.kind}, once: {told.condition}.",
            f"Fields: {', '.join(told.fields)}.",
            f"Publisher: {told.publisher.name} ({told.publisher.namespace}{contact}).",
            f"Signers: {' and '.join(told.signers)}. Until: {told.ends_at}.",
            f"It holds, as record {drafted.recorded[:8]}."
            if drafted.recorded
            else f"Not in force here: {drafted.lacking}",
        )
    )
