"""The blocks that list what was run: domains and levels, every attempt, twins, and what looked wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from trialplate.determination.report import plots, words
from trialplate.determination.report.data import AttemptRow, ReportData, Share
from trialplate.determination.report.document import Block, Cell, Column, Part, Row, Said, Table
from trialplate.determination.report.errors import ReportError
from trialplate.records import Outcome

COUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "counts": "counts",
        "twin": "twin: not counted",
        "void": "void: not counted",
        "after": "after the decision: not counted",
    }
)

_WORST: Final = "counts as worst on each side"


def results(data: ReportData) -> Block:
    """Return how the items that count ended, by domain and by level."""
    return Block(
        key="results",
        title="By domain and by level",
        lead="Each bar is as long as the items that were run there, and filled as far as they were solved; a few items "
        "are too few to compare domains by.",
        parts=(
            _shares("By domain", "Domain", data.domains),
            _shares("By level: how long an expert needs", "Level", data.levels),
        ),
    )


def _shares(caption: str, what: str, shares: Sequence[Share]) -> Part:
    most = max((share.run for share in shares), default=0) or 1
    return Table(
        caption=caption,
        columns=(
            Column(title=what),
            Column(title="Solved"),
            *(Column(title=title, number=True) for title in ("Not solved", "Limit", "Refused", "Void", "Cheated on")),
            Column(title="Expert time", number=True),
        ),
        groups=(
            tuple(
                _share(share, plots.bar(share, most, f"bar-{what.lower()}-{number}"))
                for number, share in enumerate(shares, 1)
            ),
        ),
    )


def _share(share: Share, bar: plots.Drawing) -> Row:
    shortest, longest = share.minutes
    time = words.minutes(longest) if shortest == longest else f"{shortest:,} to {words.minutes(longest)}"
    return (
        Cell(text=share.name, head=True),
        Cell(text=f"{share.solved:,} of {share.run:,}", bar=bar),
        *(words.count(number) for number in (share.not_solved, share.limit, share.refused, share.void, share.cheated)),
        Cell(text=time),
    )


def attempts(data: ReportData) -> Block:
    """Return every attempt at every place, re-runs below the attempts that they follow."""
    return Block(
        key="attempts",
        title="Every attempt",
        lead="One group a place of the order, numbered as in the records: a void attempt is followed by its re-run, "
        "and what does not count says so.",
        parts=(_attempts("Attempts in the order of their places", data.attempts, data),),
    )


def _attempts(caption: str, rows: Sequence[AttemptRow], data: ReportData) -> Table:
    ordered = sorted(rows, key=attrgetter("place", "attempt"))
    groups = (tuple(group) for _, group in groupby(ordered, key=attrgetter("place")))
    return Table(
        caption=caption,
        columns=(
            Column(title="Place", number=True),
            Column(title="Item"),
            Column(title="Level, domain"),
            Column(title="Attempt", number=True),
            Column(title="Outcome"),
            *(Column(title=title, number=True) for title in ("Tokens", "Time", "Price", "Turns")),
            Column(title="Notes"),
        ),
        groups=tuple(_place(group, priced=data.used.dollars is not None) for group in groups),
    )


def _place(rows: Sequence[AttemptRow], *, priced: bool) -> tuple[Row, ...]:
    first, height = rows[0], len(rows)
    kind = " (twin)" if first.counts == "twin" else ""
    about = (
        Cell(text=f"{first.place:,}{kind}", head=True, rows=height),
        Cell(text=first.item, code=True, rows=height, more=(Cell(text=first.family),)),
        Cell(text=f"{first.level}, {words.minutes(first.minutes)}", rows=height, more=(Cell(text=first.domain),)),
    )
    none = (None,) * len(about)
    return tuple((*(about if row is first else none), *_attempt(row, priced=priced)) for row in rows)


def _attempt(row: AttemptRow, *, priced: bool) -> Row:
    told = words.outcome(row.outcome)
    notes = [Cell(text=f"{flag.rule}: {words.plural(flag.times, 'time')}") for flag in row.flags]
    return (
        words.count(row.attempt),
        Cell(text=told.text, mark=told.mark, more=(Cell(text=_counts(row)),)),
        words.count(row.tokens),
        words.duration(row.seconds),
        words.dollars(row.dollars) if priced else Cell(text="not known"),
        words.count(row.turns),
        Cell(text="", more=tuple(notes)),
    )


def _counts(row: AttemptRow) -> str:
    if row.counts not in COUNTS:
        raise ReportError(f"{row.counts[:40]!r} does not say whether an attempt counts.", f"Say one of {list(COUNTS)}.")
    outcome = Outcome(row.outcome)
    worst = row.counts == "counts" and (outcome.void or outcome is Outcome.CHEATED)
    return _WORST if worst else COUNTS[row.counts]


def twins(data: ReportData) -> Block:
    """Return the twins and how they ended."""
    estimate = data.estimate
    rows = [row for row in data.attempts if row.counts == "twin"]
    found = f"{words.plural(estimate.twins, 'twin')} had an outcome, and {estimate.twins_solved:,} of them "
    found += "was solved." if estimate.twins_solved == 1 else "were solved."
    return Block(
        key="twins",
        title="Twins",
        lead="A twin is an item whose weakness was mended, so that nobody can solve it honestly: a solved twin means "
        "cheating or a broken check, and none should be solved.",
        parts=(
            Said(text=found, strong=bool(estimate.twins_solved)),
            Said(text="The model is not told which tasks are twins. They never enter the evidence."),
            _attempts("Attempts at twins", rows, data) if rows else Said(text="No twin was run."),
        ),
    )


def integrity(data: ReportData) -> Block:
    """Return what rules noticed in transcripts, and whether too much went wrong for an answer."""
    return Block(
        key="integrity",
        title="Integrity",
        lead="Rules read every transcript for what an honest attempt does not show: a flag asks somebody to look, and "
        "proves nothing by itself.",
        parts=(_flags(data.attempts), _gates(data)),
    )


def _flags(rows: Sequence[AttemptRow]) -> Part:
    noticed = sorted({flag.rule for row in rows for flag in row.flags} | set(words.FLAGS))
    lines = tuple(
        (
            Cell(text=rule, head=True),
            Cell(text=words.FLAGS.get(rule, words.UNKNOWN_FLAG)),
            words.count(sum(flag.times for row in rows for flag in row.flags if flag.rule == rule)),
            words.count(sum(any(flag.rule == rule for flag in row.flags) for row in rows)),
        )
        for rule in noticed
    )
    return Table(
        caption="Flags",
        columns=(
            Column(title="Rule"),
            Column(title="What it looks for"),
            Column(title="Times", number=True),
            Column(title="Attempts", number=True),
        ),
        groups=(lines,),
    )


def _gates(data: ReportData) -> Part:
    estimate, shares = data.estimate, data.plan.shares
    void = sum(row.counts == "counts" and Outcome(row.outcome).void for row in data.attempts)
    of = f" of {words.plural(estimate.runs, 'item')}"
    lines = (
        ("Items at a limit or refused", f"{estimate.limits:,}{of}", f"{shares.limits}%", "BELOW is withheld"),
        ("Items that stayed void", f"{void:,}{of}", f"{shares.voids}%", "every answer is withheld"),
        (
            "Items that were cheated on",
            f"{estimate.cheated:,}{of}",
            "none by number",
            "each counts as worst; where the answer hangs on them, it is withheld",
        ),
        (
            "Twins that were solved",
            f"{estimate.twins_solved:,} of {words.plural(estimate.twins, 'twin')}",
            "0",
            "ABOVE is withheld",
        ),
    )
    return Table(
        caption="How much went wrong, and how much the plan allows",
        columns=(
            Column(title="What"),
            Column(title="Found"),
            Column(title="At most"),
            Column(title="Beyond that"),
        ),
        groups=(
            tuple(
                (Cell(text=what, head=True), Cell(text=found), Cell(text=most), Cell(text=then))
                for what, found, most, then in lines
            ),
        ),
    )
