"""The command group `bank`: draw, check and reveal banks of items."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from trialplate.app import banks
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON

_file = click.argument("bank_file", metavar="[BANK]", type=click.Path(path_type=Path), required=False)


@click.group()
def bank() -> None:
    """Draw, check and reveal banks of items.

    BANK is a bank's file; its key lies beside it. Without one, the public development bank is meant.
    """


@bank.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--family", "families", multiple=True, metavar="NAME", help="Only this family; may be repeated.")
def new(out: Path, families: tuple[str, ...]) -> None:
    """Draw a new, sealed bank and write it to OUT, a file that ends in .bank.json, with its key beside it."""
    if not out.name.endswith(banks.SUFFIX):
        raise click.UsageError(f"{out.name} does not end in {banks.SUFFIX}.")
    opened = banks.draw(out, families=families)
    click.echo(f"{len(opened.items)} items, root {opened.bank.root}")
    click.echo(f"Publish {out}. Keep {banks.key_path(out)} secret: who has it has every item.")


@bank.command("list")
@_file
@AS_JSON
@click.pass_obj
def list_items(settings: Settings, bank_file: Path | None, *, as_json: bool) -> None:
    """List a bank's items; only its holder can."""
    rows = banks.listed(settings, bank_file or banks.public_bank())
    if as_json:
        click.echo(msgspec.json.encode(rows))
        return
    table = Table("item", "family", "domain", "level", "expert minutes", "admitted")
    for row in rows:
        admitted = "not checked" if row.admitted is None else row.reason or "yes"
        table.add_row(row.item, row.family, row.domain, row.level, str(row.minutes), admitted)
    Console().print(table)


@bank.command()
@_file
@click.option("--quick", is_flag=True, help="Try a sample of the checks on every item.")
@click.option("--again", is_flag=True, help="Check again what was checked on this image before.")
@AS_JSON
@click.pass_obj
def check(settings: Settings, bank_file: Path | None, *, quick: bool, again: bool, as_json: bool) -> int:
    """Build, solve, attack and twin every item; say which are admitted and what the bank holds."""
    path = bank_file or banks.public_bank()
    columns = (TextColumn("Items"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # On standard error, so that the answer can be piped.
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as progress:
        bar = progress.add_task("", total=None)
        checked = banks.check(
            settings,
            path,
            quick=quick,
            again=again,
            tell=lambda done, all_: progress.update(bar, completed=done, total=all_),
        )
    if as_json:
        click.echo(msgspec.json.encode(checked.summary))
    else:
        _show(checked)
    return 0 if checked.summary.admitted == checked.summary.items else 1


@bank.command()
@_file
@click.option("--out", type=click.Path(path_type=Path), help="Where to write the reveal.")
@click.option("--check", "reveal_file", type=click.Path(path_type=Path), help="Check this reveal; no key is needed.")
def reveal(bank_file: Path | None, out: Path | None, reveal_file: Path | None) -> None:
    """Publish what a spent bank was drawn from, or draw it again from what was published and compare."""
    path = bank_file or banks.public_bank()
    if (out is None) == (reveal_file is None):
        raise click.UsageError("Give either --out or --check.")
    if reveal_file:
        click.echo(f"{banks.checked_reveal(path, reveal_file)} items were drawn again; each opens its commitment.")
    elif out:
        click.echo(f"{banks.reveal(path, out)} items revealed in {out}. The bank is spent: use it for no decision.")


def _show(checked: banks.Checked) -> None:
    console, summary = Console(), checked.summary
    uses = Table("step", "minutes", "log sd", "source", "items", "times", title="What the difficulties rest on")
    for use in checked.primitives:
        uses.add_row(use.primitive, str(use.minutes), str(use.log_sd), use.source, str(use.items), str(use.times))
    console.print(uses)
    if checked.otherwise:
        console.print(f"Judged otherwise than on the image that the bank ships with: {', '.join(checked.otherwise)}.")
    for refused in summary.refused:
        console.print(f"refused {refused.item}: {refused.reason}", markup=False)
    console.print(
        f"{summary.admitted} of {summary.items} items of {summary.mechanisms} mechanisms admitted"
        f"{' (checked earlier on this image)' if checked.known else ''}."
    )
    for name in ("domains", "levels", "in_band", "information_share_L4"):
        parts = ", ".join(f"{key} {value}" for key, value in getattr(summary, name).items())
        console.print(f"{name.replace('_', ' ')}: {parts}")
