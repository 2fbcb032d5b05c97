"""The command group `csaf`: security advisories in the Common Security Advisory Framework."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from trialplate.app.csaf import Checked, validated

INVALID = 1
"""The exit code where a file is not valid."""

_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def csaf() -> None:
    """Check security advisories (CSAF)."""


@csaf.command()
@click.argument("files", metavar="FILE...", type=_FILES, nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object and a newline for each file.")
def validate(files: tuple[Path, ...], *, as_json: bool) -> int:
    """Check each FILE by the schema and all mandatory tests of CSAF 2.0."""
    valid = True
    for checked in validated(files):
        click.echo(msgspec.json.encode(checked) if as_json else _lines(checked))
        valid = valid and checked.valid
    return 0 if valid else INVALID


def _lines(checked: Checked) -> str:
    found = (f"  {error.test} at {error.path or 'the whole'}: {error.message}" for error in checked.errors)
    return "\n".join((f"{checked.file}: {'valid' if checked.valid else 'NOT valid'}", *found))
