"""The command `trialplate`: its groups, each loaded by its dotted name when it is used and not before."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from trialplate.app.settings import Settings
from trialplate.errors import TrialplateError

INTERRUPTED: Final = 130
"""The exit code of a command that the user ended, as shells count it: 128 and SIGINT."""

GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "advisory": ("trialplate.faces.cli.advisory:advisory", "Read, export and release advisories."),
    "assess": ("trialplate.faces.cli.assess:assess", "Assess a model: ABOVE or BELOW a cut, or INCONCLUSIVE."),
    "bank": ("trialplate.faces.cli.bank:bank", "Draw, check and reveal banks of items."),
    "case": ("trialplate.faces.cli.case:case", "Coordinate cases: rule, merge, split, extend."),
    "claim": ("trialplate.faces.cli.claim:claim", "Claim a target for a time, so that two do not do one work."),
    "csaf": ("trialplate.faces.cli.csaf:csaf", "Check security advisories (CSAF)."),
    "doctor": ("trialplate.faces.cli.doctor:doctor", "Check that this machine can run assessments."),
    "family": ("trialplate.faces.cli.family:family", "Add a family of items, and try it."),
    "maintainer": ("trialplate.faces.cli.maintainer:maintainer", "Say what your project wants; read and answer."),
    "measure": ("trialplate.faces.cli.measure:measure", "See how an instrument errs before it is used."),
    "replay": ("trialplate.faces.cli.replay:replay", "Compute a bundle's outcome again."),
    "report": ("trialplate.faces.cli.report:report", "Report findings, and follow what becomes of them."),
    "store": ("trialplate.faces.cli.store:store", "Look after the record store."),
    "verify": ("trialplate.faces.cli.verify:verify", "Check a bundle without trust in whoever made it."),
    "work": ("trialplate.faces.cli.work:work", "Do what is due in the clearinghouse."),
}
"""The command groups: name, where it is defined, and its line in the help."""


class LazyGroup(click.Group):
    """A group whose commands are imported when one is run, and listed without importing any.

    Args:
        table: for each command where it is defined (`module:attribute`) and its line in the help.
        attributes: what `click.Group` takes.
    """

    def __init__(self, *, table: Mapping[str, tuple[str, str]], **attributes: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(**attributes)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the table, in order."""
        del ctx
        return sorted(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command; None for a name that is not in the table."""
        del ctx
        if cmd_name not in self._table:
            return None
        module, _, attribute = self._table[cmd_name][0].partition(":")
        return getattr(importlib.import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of the table with their lines."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(self._table.items())])


@click.group(cls=LazyGroup, table=GROUPS)
@click.version_option(package_name="trialplate", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Assess AI models under seal, and fix the weaknesses that they find."""
    context.obj = Settings.from_environment(os.environ)


def main(arguments: Sequence[str] | None = None, *, group: click.Group = cli) -> int:
    """Run a command line and return its exit code.

    0: done. 1: it failed. 2: it was called wrongly. 3: the environment is not ready for it. 130: the user ended it.

    Args:
        arguments: the command line without the program; None: that of this process.
        group: the commands.
    """
    try:
        answer: object = group.main(arguments, prog_name="trialplate", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except click.ClickException as failure:
        failure.show()
        return failure.exit_code
    except TrialplateError as failure:
        click.echo(f"Error: {failure}", err=True)
        return int(getattr(failure, "exit_code", 1))
    except OSError as failure:
        # A full disk or a file that cannot be read is no fault of the program, wherever it happens.
        where = f" ({failure.filename})" if failure.filename else ""
        click.echo(f"Error: {failure.strerror or failure}{where}. Mend that, then try again.", err=True)
        return 1
    return answer if isinstance(answer, int) else 0
