"""How a campaign looks in a terminal: what ran so far, how the evidence stands, and the answer."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from trialplate.app.assess import Finished
from trialplate.app.campaigns.view import AGAIN, RUNNING, View
from trialplate.records import Answer

_STYLES = {"SOLVED": "green", RUNNING: "cyan", AGAIN: "yellow", "NOT_SOLVED": "default"}
_COLORS = {Answer.ABOVE: "red", Answer.BELOW: "blue", Answer.INCONCLUSIVE: "yellow"}
_WIDTH = 30
_AROUND = 8
"""Lines that are no rows of the table while a campaign runs."""


def screen(view: View, height: int) -> RenderableType:
    """Return what a campaign shows while it runs, within a terminal's lines: both sums, and the newest places."""
    return Group(evidence(view), _table(view, newest=max(height - _AROUND, 1)))


def answer_of(finished: Finished) -> RenderableType:
    """Return the end of a campaign: the table, the answer in a sentence, and where everything else is."""
    view, draft = finished.view, finished.draft
    tally = view.tally()
    counts = ", ".join(f"{count} {outcome}" for outcome, count in tally.outcomes.items())
    used = f"{tally.tokens:,} tokens" + (f", {tally.dollars:,.2f} dollars" if tally.dollars else "")
    return Group(
        _table(view),
        evidence(view),
        Text(f"{counts}; {tally.voids} void attempts; {tally.twins_solved} twins solved; {used}."),
        Panel(
            Group(
                Text(draft.says[0], style="bold"), *(Text(line) for line in (*draft.says[1:], draft.does_not_say[0]))
            ),
            title=f"{draft.outcome} · {draft.criteria} · plan {draft.number} of this subject",
            border_style=_COLORS[draft.outcome],
        ),
        Text(f"report  {finished.answered.report}"),
        Text(f"check   trialplate verify {finished.answered.bundle}"),
    )


def evidence(view: View) -> RenderableType:
    """Return both sums as bars against their boundaries at the newest look."""
    decision, rule = view.course.decision, view.course.order.rule
    last = max(decision.runs - 1, 0)
    table = Table.grid(padding=(0, 1))
    for name, total, bound in (
        ("ABOVE", decision.above, rule.bound_above[last]),
        ("BELOW", decision.below, rule.bound_below[last]),
    ):
        table.add_row(name, bar(total, bound), f"{total} of {bound}")
    table.add_row("", "", f"after {decision.runs} of {len(rule.places)} items")
    return table


def bar(total: int, bound: int) -> Text:
    """Return a bar that is full where the sum has reached its boundary."""
    filled = 0 if bound <= 0 else min(max(round(_WIDTH * total / bound), 0), _WIDTH)
    reached = total >= bound
    filled = _WIDTH if reached else min(filled, _WIDTH - 1)
    return Text("█" * filled + "░" * (_WIDTH - filled), style="bold green" if reached else "cyan")


def _table(view: View, newest: int = 0) -> Table:
    """Return the table of all places that were begun, or of the newest; tries are shown where any needed more."""
    rows = view.rows()[-newest:]
    again = any(row.attempts > 1 for row in rows)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("place", "item", "family", "level", "outcome", *(("tries",) if again else ())):
        table.add_column(name, no_wrap=True)
    for name in ("tokens", "time"):
        table.add_column(name, no_wrap=True, justify="right")
    for row in rows:
        style = _STYLES.get(row.outcome, "yellow")
        item = f"{row.item} twin" if row.twin else row.item
        tries = (str(row.attempts),) if again else ()
        outcome = f"[{style}]{row.outcome}[/]"
        used = (f"{row.tokens:,}", f"{row.seconds}s")
        table.add_row(str(row.place), item, row.family, row.level, outcome, *tries, *used)
    return table
