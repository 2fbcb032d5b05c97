"""The blocks that say what stands behind a report: errors of the rule, costs, origins, and earlier plans. Pure."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import Final

from trialplate.determination.report import words
from trialplate.determination.report.committed import committed
from trialplate.determination.report.data import Erring, ReportData
from trialplate.determination.report.document import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Figure,
    Figures,
    Part,
    Row,
    Said,
    Table,
)
from trialplate.determination.report.rates import CAPTION, rates, rates_say
from trialplate.records import Answer

_HUNDRED: Final = 100


def warns(data: ReportData) -> bool:
    """Say whether the rule is known to miss a declared level on this bank."""
    return data.plan.accepted or not data.characteristics.levels_kept


def errors(data: ReportData) -> Block:
    """Return how often the rule is wrong on this bank, by simulation; as a warning where a level is missed."""
    told = data.characteristics
    return Block(
        key="errors",
        title="Warning: how the rule errs on this bank" if warns(data) else "How the rule errs on this bank",
        lead="Each line is a world that was simulated before the first run: read across how often, of a hundred "
        "models near the cut, the rule would be wrong or say INCONCLUSIVE.",
        parts=(
            *_warning(data),
            *_drawn(data),
            _erring_table(data),
            Said(
                text=f"Each rate comes from {words.plural(told.replicates, 'simulated campaign')}. No test, however "
                f"clever in choosing its items, could do with fewer than {words.decimal(told.bound).text} runs on "
                "average."
            ),
        ),
        warns=warns(data),
    )


def _warning(data: ReportData) -> tuple[Part, ...]:
    said: list[Part] = []
    if not data.characteristics.levels_kept:
        text = (
            f"By simulation the rule misses a declared level on this bank: wrongly ABOVE in at most "
            f"{words.level(data.plan.figures.alpha)}, wrongly BELOW in at most {words.level(data.plan.figures.beta)} "
            "of cases. The answer above is worth less than its sentence says."
        )
        said.append(Said(text=text, strong=True))
    if data.plan.accepted:
        text = "Whoever ran the campaign knew that a level is missed, and accepted it before the first run."
        said.append(Said(text=text, strong=True))
    return tuple(said)


def _drawn(data: ReportData) -> tuple[Part, ...]:
    rows, figures = data.characteristics.rows, data.plan.figures
    if not any(row.rule == "L" for row in rows):
        return ()
    sides = ((Answer.ABOVE, _HUNDRED * float(figures.alpha)), (Answer.BELOW, _HUNDRED * float(figures.beta)))
    drawn = (Figure(drawing=rates(rows, *side), caption=rates_say(rows, *side)) for side in sides)
    return (Figures(items=tuple(drawn)), Said(text=CAPTION))


def _erring_table(data: ReportData) -> Table:
    return Table(
        caption="How the rules err, world by world",
        columns=(
            Column(title="World"),
            Column(title="Rule"),
            Column(title="Wrongly ABOVE", number=True),
            Column(title="Wrongly BELOW", number=True),
            Column(title="INCONCLUSIVE", number=True),
            Column(title="Runs on average", number=True),
            Column(title="9 in 10 end within", number=True),
        ),
        groups=tuple(
            _world(tuple(rows), data) for _, rows in groupby(data.characteristics.rows, attrgetter("scenario"))
        ),
    )


def _world(rows: tuple[Erring, ...], data: ReportData) -> tuple[Row, ...]:
    first = rows[0]
    world = Cell(text=first.scenario, head=True, more=(Cell(text=first.says),), rows=len(rows))
    return tuple((world if row is first else None, *_erring(row, data)) for row in rows)


def _erring(row: Erring, data: ReportData) -> Row:
    figures = data.plan.figures
    return (
        Cell(text=row.rule),
        _against(row.false_above, figures.alpha),
        _against(row.false_below, figures.beta),
        words.percent(row.inconclusive),
        words.decimal(row.runs),
        words.decimal(row.p90),
    )


def _against(rate: float, level: str) -> Cell:
    """Return a rate, and in words that it is over its level, where it is."""
    cell = words.percent(rate)
    over = rate > _HUNDRED * float(level)
    return Cell(text=cell.text, value=cell.value, more=(Cell(text=f"over {words.level(level)}"),) if over else ())


def costs(data: ReportData) -> Block:
    """Return what the campaign used."""
    used = data.used
    money = Cell(text="no price was given") if used.dollars is None else words.dollars(used.dollars)
    return Block(
        key="costs",
        title="What it cost",
        lead="These are sums over every attempt, also those that do not count.",
        parts=(
            Facts(
                items=(
                    Fact(name="Attempts", cell=words.count(used.attempts)),
                    Fact(name="Tokens read", cell=words.count(used.tokens_in)),
                    Fact(name="Tokens written", cell=words.count(used.tokens_out)),
                    Fact(name="Price", cell=money),
                    Fact(name="Time", cell=words.duration(used.seconds), says="of models and tools, one after another"),
                ),
                brief=True,
            ),
        ),
    )


def origins(data: ReportData) -> Block:
    """Return where everything came from, and all that the plan was bound to."""
    rows = tuple(
        (Cell(text=each.name, head=True), Cell(text=each.value, code=True), Cell(text=each.says))
        for each in data.origins
    )
    columns = (Column(title="What"), Column(title="Value"), Column(title="What that is"))
    return Block(
        key="origins",
        title="Where it comes from",
        lead="Compare these values with those of the bundle, or of whoever made the part in question: a report from "
        "other parts shows other values.",
        parts=(
            Table(caption="Origins", columns=columns, groups=(rows,)),
            Table(
                caption="All that was fixed in the plan before the first run",
                columns=(Column(title="What"), Column(title="Value")),
                groups=(committed(data),),
                folded=True,
            ),
        ),
    )


def plans(data: ReportData) -> Block:
    """Return the plans of the subject: those before this one, and this one."""
    draft = data.draft
    rows = [
        (
            Cell(text=f"{plan.number:,}", head=True),
            words.moment(plan.at),
            Cell(text=str(plan.state)),
            Cell(text=plan.outcome or "none"),
            Cell(text=plan.plan, code=True),
        )
        for plan in draft.earlier
    ]
    this = (
        Cell(text=f"{draft.number:,} (this one)", head=True),
        words.moment(data.made_at),
        Cell(text="finished"),
        Cell(text=str(draft.outcome)),
        Cell(text=draft.plan, code=True),
    )
    return Block(
        key="plans",
        title="Plans of this subject",
        lead=f"This is plan {draft.number:,} of this subject. Whoever tries often enough gets the answer that they "
        "like, so every plan is listed, also one that came to nothing.",
        parts=(
            Facts(items=(Fact(name="Subject", cell=Cell(text=draft.subject, code=True)),)),
            Table(
                caption="All plans",
                columns=(
                    Column(title="Plan", number=True),
                    Column(title="When"),
                    Column(title="State"),
                    Column(title="Answer", number=True),
                    Column(title="Record"),
                ),
                groups=((*rows, this),),
            ),
        ),
    )
