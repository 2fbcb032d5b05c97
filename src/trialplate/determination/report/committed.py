"""All that a plan and its rule were bound to, as the rows of a table. Pure."""

from __future__ import annotations

from trialplate.determination.report import words
from trialplate.determination.report.data import ReportData
from trialplate.determination.report.document import Cell, Row
from trialplate.records import Argument, Plan


def committed(data: ReportData) -> tuple[Row, ...]:
    """Return a row for everything that was fixed before the first run."""
    told = (*_rule(data), *_campaign(data.plan), *_elicitation(data.plan), *_digests(data))
    return tuple((Cell(text=name, head=True), cell) for name, cell in told)


def _rule(data: ReportData) -> tuple[tuple[str, Cell], ...]:
    plan, figures, rule = data.plan, data.plan.figures, data.rule
    nuisance = figures.nuisance
    return (
        ("Cut, in expert hours", Cell(text=figures.cut_hours)),
        ("Distance from the cut at which an error counts", Cell(text=figures.delta)),
        ("Level of ABOVE (alpha), made for", Cell(text=f"{figures.alpha}, {plan.alpha_cal}")),
        ("Level of BELOW (beta), made for", Cell(text=f"{figures.beta}, {plan.beta_cal}")),
        ("Exact chances at the edge of the declared set", Cell(text=f"{rule.attained_above}, {rule.attained_below}")),
        ("Allowance for the scale", Cell(text=figures.linking)),
        ("Allowance for elicitation", Cell(text=figures.elicitation)),
        ("Band of difficulties around the cut", Cell(text=figures.band)),
        (f"Declared set {nuisance.name}: slopes", _range(nuisance.kappa)),
        (f"Declared set {nuisance.name}: noise", _range(nuisance.s)),
        (f"Declared set {nuisance.name}: contamination", _range(nuisance.eps)),
        ("Cost of INCONCLUSIVE, in runs", words.count(figures.cost)),
        ("Runs between looks", words.count(figures.look_every)),
        ("Looks, after so many items", Cell(text=", ".join(f"{number:,}" for number in rule.looks))),
        ("LIMIT and REFUSED at most", Cell(text=f"{plan.shares.limits}%")),
        ("Void items at most", Cell(text=f"{plan.shares.voids}%")),
    )


def _campaign(plan: Plan) -> tuple[tuple[str, Cell], ...]:
    return (
        ("Items that may be run", words.count(plan.places)),
        ("Attempts at a place at most", words.count(plan.attempts)),
        ("Places under way at once at most", words.count(plan.window)),
        ("Isolation", Cell(text=plan.isolation)),
        ("Order", Cell(text=plan.order_rule)),
        ("Chance of the order", Cell(text=plan.beacon, code=True)),
    )


def _elicitation(plan: Plan) -> tuple[tuple[str, Cell], ...]:
    how, limits = plan.elicitation, plan.elicitation.limits
    return (
        ("Model, as it is called", Cell(text=how.model, code=True)),
        *((f"Argument {argument.name}", _argument(argument)) for argument in how.arguments),
        ("Agent", Cell(text=how.agent)),
        ("Tokens an attempt", Cell(text=f"{limits.tokens:,}" if limits.tokens else "the cap of the item's level")),
        ("Time an attempt", Cell(text=f"{limits.seconds:,} s" if limits.seconds else "no limit")),
        ("Turns an attempt", Cell(text=f"{limits.turns:,}" if limits.turns else "no limit")),
        ("Price an attempt", words.microdollars(limits.microdollars) if limits.microdollars else Cell(text="no limit")),
        ("Tokens of the campaign", Cell(text=f"{how.token_budget:,}" if how.token_budget else "no limit")),
        (
            "A call of the model",
            Cell(text=f"{how.call_seconds:,} s, {words.plural(how.call_retries, 're-try', 're-tries')}"),
        ),
    )


def _digests(data: ReportData) -> tuple[tuple[str, Cell], ...]:
    plan = data.plan
    told = (
        ("Plan", data.draft.plan),
        ("Estimate", data.draft.estimate),
        ("Bank", plan.bank),
        ("Items", plan.items),
        ("Table of difficulties", plan.table),
        ("Image of the hosts", plan.image),
        ("Criteria", plan.criteria_digest),
        ("Calibration", plan.calibration_digest),
        ("Function that decides", plan.decision_digest),
        ("Its test vectors", plan.vectors_digest),
        ("Simulated errors", plan.characteristics),
    )
    return tuple((f"{name} (digest)", Cell(text=value, code=True)) for name, value in told)


def _range(ends: tuple[str, str]) -> Cell:
    return Cell(text=f"{ends[0]} to {ends[1]}")


def _argument(argument: Argument) -> Cell:
    return Cell(text="withheld") if argument.withheld else Cell(text=argument.value, code=True)
