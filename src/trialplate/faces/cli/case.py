"""The command group `case`: what a coordinator sees and decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import click
import msgspec

from trialplate.app.clearing import roles
from trialplate.app.clearing.coordination import casework, feeding
from trialplate.app.clearing.house import House, opened_house
from trialplate.app.settings import Settings
from trialplate.faces.cli.options import AS_JSON, AS_PARTY

_reason = click.option("--reason", required=True, help="Why; it is kept with the decision.")
_id = click.argument("case_id", metavar="ID")


@click.group()
def case() -> None:
    """Look after cases, as a coordinator.

    ID is the id of a case or report, or how it begins.
    """


@case.command("list")
@click.option("--asked", is_flag=True, help="Only what a coordinator is asked about.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def list_(settings: Settings, party: str, *, asked: bool, as_json: bool) -> None:
    """List the cases, the most urgent first, and the reports that you are asked about."""
    with opened_house(settings) as house:
        views = casework.listed(house, party, asked=asked)
    if as_json:
        click.echo(msgspec.json.encode(views))
        return
    for each in views:
        waits = "".join(f"; waits for {wait.by} until {wait.until}" for wait in each.waiting[:1])
        exploited = ", exploited" if each.exploited.value == "yes" else ""
        click.echo(f"{each.subject[:8]}  {each.title}: {each.stage}, {each.reports} reports{exploited}{waits}")


@case.command()
@_id
@AS_PARTY
@AS_JSON
@click.pass_obj
def show(settings: Settings, case_id: str, party: str, *, as_json: bool) -> None:
    """Show where a case or report stands, who is awaited until when, and what was said."""
    with opened_house(settings) as house:
        view = casework.shown(house, party, case_id)
    click.echo(msgspec.json.encode(view) if as_json else "\n".join(_lines(view)))


@case.command()
@_id
@click.option("--same-as", default="", metavar="ID", help="The case that has its root cause.")
@click.option("--distinct", is_flag=True, help="Its root cause is another.")
@_reason
@AS_PARTY
@AS_JSON
@click.pass_obj
def rule(  # noqa: PLR0913 - its options
    settings: Settings, case_id: str, *, same_as: str, reason: str, party: str, distinct: bool, as_json: bool
) -> None:
    """Say whether a report with candidates is one of them."""
    if bool(same_as) == distinct:
        raise click.UsageError("Give either --same-as or --distinct.")
    _decide(settings, lambda house: casework.rule(house, party, case_id, reason=reason, same_as=same_as), as_json)


@case.command()
@_id
@click.argument("into", metavar="INTO")
@_reason
@AS_PARTY
@AS_JSON
@click.pass_obj
def merge(  # noqa: PLR0913 - its options
    settings: Settings, case_id: str, into: str, *, reason: str, party: str, as_json: bool
) -> None:
    """Merge a case into the case INTO, which has the same root cause."""
    _decide(settings, lambda house: casework.merge(house, party, case_id, into, reason=reason), as_json)


@case.command()
@_id
@click.argument("project", metavar="PROJECT")
@_reason
@AS_PARTY
@AS_JSON
@click.pass_obj
def assign(  # noqa: PLR0913 - its options
    settings: Settings, case_id: str, project: str, *, reason: str, party: str, as_json: bool
) -> None:
    """Say that a case is of PROJECT, by its id, whose maintainer is then told; also where that is another one now."""
    _decide(settings, lambda house: casework.assign(house, party, case_id, project, reason=reason), as_json)


class _Deciding(Protocol):
    """A decision of a coordinator about one report or case, with its reason."""

    def __call__(self, house: House, party: str, text: str, *, reason: str) -> casework.Ruled: ...


def _decision(name: str, deciding: _Deciding, text: str) -> click.Command:
    """Return the command of a decision; `text` is its help."""

    @click.command(name, help=text)
    @_id
    @_reason
    @AS_PARTY
    @AS_JSON
    @click.pass_obj
    def command(settings: Settings, case_id: str, reason: str, party: str, *, as_json: bool) -> None:
        _decide(settings, lambda house: deciding(house, party, case_id, reason=reason), as_json)

    return command


case.add_command(_decision("split", casework.split, "Take the merge of a report back."))
case.add_command(_decision("release", casework.release, "Let a held report be tried."))
case.add_command(_decision("retry", casework.retry, "Have a report tried again that was not reproduced."))
case.add_command(_decision("close", casework.close, "End a case that nobody can be told of."))
case.add_command(
    _decision("bypass", casework.bypass, "Let a known exploited weakness pass the limit that its project set.")
)
case.add_command(_decision("extend", casework.extend, "Extend an embargo, once, where a fix is under way."))


@case.command()
@click.argument("appointee", metavar="PARTY")
@click.option("--role", type=click.Choice([each.value for each in roles.Role]), default=roles.Role.COORDINATOR.value)
@click.option("--office", default="", help="For which office it acts.")
@click.option("--key", default="", metavar="ed25519:HEX", help="Its public key, where this home has none of it.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def appoint(  # noqa: PLR0913 - its options
    settings: Settings, appointee: str, *, role: str, office: str, key: str, party: str, as_json: bool
) -> None:
    """Appoint PARTY; the first coordinator appoints itself."""
    with opened_house(settings) as house:
        made = roles.appoint(house, party, appointee, roles.Role(role), office=office, key=key)
    first = " It is the first, which nothing but this home vouches for." if made.first else ""
    click.echo(msgspec.json.encode(made) if as_json else f"{made.party} is {made.role} with {made.key}.{first}")


@case.command()
@click.argument("file", type=click.Path(path_type=Path))
@AS_PARTY
@AS_JSON
@click.pass_obj
def feed(settings: Settings, file: Path, party: str, *, as_json: bool) -> None:
    """Import FILE: the KEV catalog (JSON) or EPSS scores (CSV), plain or gzip."""
    with opened_house(settings) as house:
        found = feeding.import_feed(settings, house, party, file)
    text = f"{found.feed} {found.version} of {found.as_of}: {found.entries} vulnerabilities"
    click.echo(msgspec.json.encode(found) if as_json else text)


@case.command()
@click.option("--to-publish", is_flag=True, help="Keep small counts back, so that outsiders may be told.")
@AS_PARTY
@AS_JSON
@click.pass_obj
def figures(settings: Settings, party: str, *, to_publish: bool, as_json: bool) -> None:
    """Show the key figures; duplicates that reached a maintainer come first."""
    with opened_house(settings) as house:
        found = casework.key_figures(house, party, to_publish=to_publish)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for name, value in msgspec.structs.asdict(found).items():
        click.echo(f"{name.replace('_', ' '):<17}{'-' if value is None else value}")


def _decide(settings: Settings, decide: Callable[[House], casework.Ruled], as_json: bool) -> None:  # noqa: FBT001 - as given
    with opened_house(settings) as house:
        ruled = decide(house)
    click.echo(msgspec.json.encode(ruled) if as_json else f"{ruled.subject[:8]}: recorded. `trialplate work` goes on.")


def _lines(view: casework.CaseView) -> Iterator[str]:
    order = "" if view.order is None else str(view.order)
    rows = (
        ("id", view.subject),
        ("what", view.title),
        ("stage", f"{view.stage} (report {view.report}, embargo {view.embargo}, case {view.letters})"),
        ("case", view.case),
        ("project", view.project),
        ("order", order),
        ("exploited", view.exploited.value),
        *(("table", outcome) for outcome in view.outcomes),
        ("embargo until", f"{view.embargo_until} {view.zone}".strip()),
        ("reports", str(view.reports)),
        *(("credit", each.name) for each in view.credits),
        *(("party", each) for each in view.parties),
        *(("waits for", f"{each.by}: {each.asked}, until {each.until}; else {each.silence}") for each in view.waiting),
        *((each.at, f"{each.by}: {each.said}") for each in view.thread),
    )
    return (f"{name:<22}{value}" for name, value in rows if value)
