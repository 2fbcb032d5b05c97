"""The blocks that say how the answer came about: the path of the evidence, and the horizon. Pure."""

from __future__ import annotations

from typing import Final

from trialplate.determination.report import plots, words
from trialplate.determination.report.data import Look, ReportData
from trialplate.determination.report.document import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Figure,
    Figures,
    Legend,
    Part,
    Row,
    Said,
    Sign,
    Table,
)
from trialplate.records import Answer, Estimate, Rule

NOTHING: Final = Said(text="No item has an outcome, so there is nothing to draw.")

LEGEND: Final = Legend(
    items=tuple(
        Sign(mark=told.mark, name=told.name if told.mark != "void" else "void", says=told.says)
        for told in {each.mark: each for each in words.MEANINGS.values()}.values()
    )
)


def evidence(data: ReportData) -> Block:
    """Return both sums against their boundaries, item by item, and the cross-check beside them."""
    sides = (_side(data, Answer.ABOVE), _side(data, Answer.BELOW))
    drawn: tuple[Part, ...] = (NOTHING,)
    if data.looks:
        figures = (Figure(drawing=plots.evidence(side), caption=plots.evidence_says(side)) for side in sides)
        drawn = (Figures(items=tuple(figures)),)
    return Block(
        key="evidence",
        title="The path of the evidence",
        lead="Follow each line from left to right, item by item: a solved item is evidence for ABOVE, an unsolved one "
        "for BELOW, and the first line to reach its shaded region gives the answer.",
        parts=(
            *drawn,
            LEGEND,
            Said(
                text="T+ adds up points for ABOVE, T\N{MINUS SIGN} points for BELOW. The boundaries climb with every "
                "item: T+ reaches its own only where more is solved than a model at the cut would solve, "
                "T\N{MINUS SIGN} only where less is. Points and boundaries were fixed before the first run. Where a "
                "region is missing at the left, it cannot be reached so early; the table goes on to the last item."
            ),
            *_withheld(data, sides),
            _steps_table(data),
            _cross_check(data.estimate),
        ),
    )


def _side(data: ReportData, answer: Answer) -> plots.Side:
    rule, above = data.rule, answer is Answer.ABOVE
    return plots.Side(
        answer=answer,
        scores=[place.above if above else place.below for place in rule.places],
        boundary=rule.bound_above if above else rule.bound_below,
        looks=frozenset(rule.looks),
        course=[
            plots.Stand(number=look.number, total=look.above if above else look.below, outcome=look.outcome)
            for look in data.looks
        ],
    )


def _withheld(data: ReportData, sides: tuple[plots.Side, ...]) -> tuple[Part, ...]:
    reached = [side.answer for side in sides if side.crossed]
    if data.draft.outcome is not Answer.INCONCLUSIVE or not reached:
        return ()
    text = f"The boundary for {reached[0]} was reached, and the answer is INCONCLUSIVE all the same: it was withheld."
    return (Said(text=text, strong=True),)


def _steps_table(data: ReportData) -> Table:
    rule = data.rule
    looks = {look.number: look for look in data.looks}
    rows = tuple(
        _step(number, looks.get(number), rule, "no look here" if number <= data.estimate.runs else "not run")
        for number in range(1, len(rule.places) + 1)
    )
    return Table(
        caption="The same in numbers: every item, what it could add, the sums and their boundaries",
        columns=(
            Column(title="No.", number=True),
            Column(title="Item"),
            Column(title="Outcome"),
            Column(title="T+ adds: unsolved / solved", number=True),
            Column(title="T+", number=True),
            Column(title="Boundary u", number=True),
            Column(title="T\N{MINUS SIGN} adds: unsolved / solved", number=True),
            Column(title="T\N{MINUS SIGN}", number=True),
            Column(title="Boundary l", number=True),
        ),
        groups=(rows,),
        folded=True,
    )


def _step(number: int, look: Look | None, rule: Rule, absent: str) -> Row:
    place, none = rule.places[number - 1], Cell(text="")
    above, below = (Cell(text=" / ".join(f"{score:,}" for score in scores)) for scores in (place.above, place.below))
    return (
        Cell(text=f"{number:,}", head=True),
        Cell(text=look.item, code=True) if look else Cell(text=absent),
        words.outcome(look.outcome) if look else none,
        above,
        words.count(look.above) if look else none,
        words.count(look.upper if look else rule.bound_above[number - 1]),
        below,
        words.count(look.below) if look else none,
        words.count(look.lower if look else rule.bound_below[number - 1]),
    )


def _cross_check(estimate: Estimate) -> Facts:
    evidence = estimate.evidence
    says = "It does not say the opposite of the answer."
    if estimate.escalate:
        says = "It says the opposite of the outcome: somebody has to look before this is used."
    return Facts(
        items=(
            Fact(
                name="Cross-check",
                cell=Cell(text=f"{evidence.outcome} by a second way of counting. {says}"),
                says=f"Log evidence of the testlet e-process: {evidence.above} for ABOVE, {evidence.below} for BELOW. "
                "It decides nothing here.",
            ),
        )
    )


def horizon(data: ReportData) -> Block:
    """Return the horizon after every item with its interval, and the cut."""
    cut = float(data.draft.cut_hours)
    drawn: tuple[Part, ...] = (NOTHING,)
    if data.looks:
        figure = Figure(
            drawing=plots.horizon(data.looks, data.places, cut), caption=plots.horizon_says(data.looks[-1], cut)
        )
        drawn = (Figures(items=(figure,)), _horizon_table(data))
    return Block(
        key="horizon",
        title="The time horizon",
        lead="The horizon is the length of tasks, in expert hours, of which the model solves one in two: the shaded "
        "band holds it with high confidence, and narrows as items are run.",
        parts=(
            *drawn,
            Said(
                text="The band is drawn so that it holds whenever somebody looks. It describes; the answer above comes "
                "from the path of the evidence and not from this picture."
            ),
        ),
    )


def _horizon_table(data: ReportData) -> Table:
    return Table(
        caption="The same in numbers: the horizon after every item",
        columns=(
            Column(title="No.", number=True),
            Column(title="Outcome"),
            Column(title="Low end", number=True),
            Column(title="Best guess", number=True),
            Column(title="High end", number=True),
        ),
        groups=(
            tuple(
                (
                    Cell(text=f"{look.number:,}", head=True),
                    words.outcome(look.outcome),
                    words.hours(look.low),
                    words.hours(look.guess),
                    words.hours(look.high),
                )
                for look in data.looks
            ),
        ),
        folded=True,
    )
