"""Options that several commands share."""

from __future__ import annotations

from typing import Final

import click

from trialplate.app.keyring import RESERVED

AS_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")


def _party(context: click.Context, parameter: click.Parameter, name: str) -> str:
    del context, parameter
    if name in RESERVED:
        raise click.BadParameter(f"{name} is a name of the house's own: take another one.")
    return name


AS_PARTY: Final = click.option(
    "--as",
    "party",
    default="default",
    show_default=True,
    metavar="PARTY",
    callback=_party,
    help="Whose key signs; made on first use.",
)
