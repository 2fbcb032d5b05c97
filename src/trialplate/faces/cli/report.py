"""The command group `report`: send what was found, and learn what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from trialplate.app.clearing.files import read_file, write_secret
from trialplate.app.clearing.finders import importing, report_form, reporting
from trialplate.app.clearing.house import opened_house
from trialplate.app.settings import Settings
from trialplate.errors import TrialplateError
from trialplate.faces.cli.options import AS_JSON, AS_PARTY

REFUSED: Final = 1
"""The exit code where a document was refused."""

_FILE: Final = click.Path(path_type=Path)


@click.group()
def report() -> None:
    """Report findings, and follow what becomes of them."""


@report.command()
@click.argument("file", type=_FILE)
@click.option("--format", "kind", type=click.Choice(reporting.FORMATS), default=reporting.AUTO, show_default=True)
@click.option("--recipe", type=_FILE, help="How the target is built and run on a proof.")
@click.option("--source", type=_FILE, help="The archive of the sources to build.")
@click.option("--fixed-source", type=_FILE, help="The archive of the sources with the fix.")
@click.option("--claim", default="", metavar="ID", help="The claim that it rests on.")
@click.option("--opening", type=_FILE, help="What opens a commitment of that claim.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def send(settings: Settings, file: Path, kind: str, party: str, *, as_json: bool, **more: Path | str | None) -> int:
    """Send FILE: a SARIF log, an OSV record, or a report of our own format."""
    files = {name: read_file(path, importing.MOST_BYTES) for name, path in more.items() if isinstance(path, Path)}
    sent = reporting.Sent(
        document=read_file(file, importing.MOST_BYTES), format=kind, claim=str(more["claim"]), **files
    )
    with _bar(quiet=as_json) as progress, opened_house(settings) as house:
        receipt = reporting.submit(house, party, sent, _telling(progress, "Findings"))
    return _answer(receipt, as_json=as_json)


@report.command()
@click.option("--out", type=_FILE, help="Write the report to this new file, and send nothing.")
@AS_PARTY
@click.pass_obj
def form(settings: Settings, out: Path | None, party: str) -> int:
    """Answer some questions, and send the report that the answers make."""
    filled = report_form.Form()
    for question in report_form.QUESTIONS:
        filled = _asked(filled, question)
    click.echo("".join(f"{q.field}: {getattr(filled, q.field) or '-'}\n" for q in report_form.QUESTIONS), err=True)
    click.confirm("Is that right?", default=True, abort=True, err=True)
    document = report_form.document_of(filled)
    if out:
        write_secret(out, document)
        click.echo(f"{out}: send it by `trialplate report send`")
        return 0
    with opened_house(settings) as house:
        return _answer(reporting.submit(house, party, reporting.Sent(document=document)), as_json=False)


@report.command("import")
@click.argument("paths", metavar="FILE|FOLDER...", type=_FILE, nargs=-1, required=True)
@AS_PARTY
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object and a newline for each file.")
@click.pass_obj
def import_(settings: Settings, paths: tuple[Path, ...], party: str, *, as_json: bool) -> int:
    """Send many files; sending them again takes up where it ended, and changes nothing else."""
    files, refused = importing.files_of(paths), 0
    with _bar(quiet=as_json) as progress, opened_house(settings) as house:
        done = progress.add_task("Files", total=len(files))
        for outcome in importing.imported(house, party, files, _telling(progress, "Findings")):
            progress.advance(done)
            refused += bool(outcome.problem)
            click.echo(msgspec.json.encode(outcome) if as_json else _line(outcome))
    return REFUSED if refused else 0


@report.command("list")
@click.option("--all", "every", is_flag=True, help="Those of every finder, for coordinators.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def list_(settings: Settings, party: str, *, every: bool, as_json: bool) -> None:
    """List your own reports."""
    with opened_house(settings) as house:
        rows = reporting.every(house, party) if every else reporting.listed(house, party)
    if as_json:
        click.echo(msgspec.json.encode(rows))
    for row in () if as_json else rows:
        click.echo(f"{row.report}  {row.told.state}  {row.title}")


@report.command()
@click.argument("report_id", metavar="ID")
@AS_PARTY
@AS_JSON
@click.pass_obj
def status(settings: Settings, report_id: str, party: str, *, as_json: bool) -> None:
    """Say what became of your own report, by its ID or how that begins."""
    with opened_house(settings) as house:
        row = reporting.status(house, party, report_id)
    text = f"{row.title}\n{row.told.state} since {row.told.since}: {row.told.meaning}"
    click.echo(msgspec.json.encode(row) if as_json else text)


@report.command()
@click.argument("report_id", metavar="ID")
@AS_PARTY
@AS_JSON
@click.pass_obj
def show(settings: Settings, report_id: str, party: str, *, as_json: bool) -> None:
    """Show your own report as it is kept."""
    with opened_house(settings) as house:
        found = reporting.shown(house, party, report_id)
    data = msgspec.json.encode(found)
    click.echo(data if as_json else msgspec.json.format(data, indent=2))


@report.command()
@AS_PARTY
@AS_JSON
@click.pass_obj
def refused(settings: Settings, party: str, *, as_json: bool) -> None:
    """List the documents of which nothing was taken, for coordinators."""
    with opened_house(settings) as house:
        rows = reporting.refused(house, party)
    if as_json:
        click.echo(msgspec.json.encode(rows))
    for row in () if as_json else rows:
        click.echo(f"{row.at}  {row.finder}  {row.document}: {row.problem}")


def _bar(*, quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # On standard error, so that the answer can be piped.
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet)


def _telling(progress: Progress, what: str) -> Callable[[int, int], None]:
    bar = progress.add_task(what, total=None)
    return lambda done, all_: progress.update(bar, completed=done, total=all_)


def _asked(filled: report_form.Form, question: report_form.Question) -> report_form.Form:
    """Ask until the answer is one."""
    while True:
        answer = click.prompt(question.text, default="", show_default=False, err=True)
        try:
            return report_form.answered(filled, question, answer)
        except TrialplateError as failure:
            click.echo(f"  {failure}", err=True)


def _answer(receipt: reporting.Receipt, *, as_json: bool) -> int:
    if as_json:
        click.echo(msgspec.json.encode(receipt))
    else:
        click.echo("\n".join(_receipt(receipt)))
    return 0 if receipt.good else REFUSED


def _receipt(receipt: reporting.Receipt) -> list[str]:
    taken = [
        f"{'known already' if each.again else 'taken'} {each.index}: {each.title}\n"
        f"  report {each.report}, receipt {each.receipt} of {each.received_at}"
        for each in receipt.taken
    ]
    turned_away = [f"not taken {each.index}: {each.why}. {each.detail}" for each in receipt.refused]
    whole = f"REFUSED: {receipt.problem}" if receipt.problem else f"{len(taken)} taken, {len(turned_away)} not taken"
    return [*taken, *turned_away, f"document {receipt.document} ({receipt.format}): {whole}"]


def _line(outcome: importing.Outcome) -> str:
    if outcome.problem:
        return f"{outcome.file}: REFUSED: {outcome.problem}"
    return f"{outcome.file}: {outcome.taken} taken ({outcome.again} known already), {outcome.refused} not taken"
