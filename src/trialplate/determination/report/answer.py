"""The blocks that say what was found and what was not: answer, limits, how to check, what the words mean. Pure."""

from __future__ import annotations

from trialplate.determination.report import plots, words
from trialplate.determination.report.data import ReportData
from trialplate.determination.report.document import (
    Block,
    Cell,
    Command,
    Commands,
    Fact,
    Facts,
    Headline,
    Listing,
    Said,
)
from trialplate.records import Answer


def answer(data: ReportData) -> Block:
    """Return the answer in one sentence, with what it is about."""
    draft, sentence = data.draft, data.draft.says[0]
    word = str(draft.outcome)
    starts = sentence.startswith(word)
    lead = words.WITHHELD[draft.reason] if draft.outcome is Answer.INCONCLUSIVE else words.REACHED[draft.outcome]
    return Block(
        key="answer",
        title="The answer",
        lead=lead,
        headline=Headline(
            answer=word,
            word=word if starts else "",
            rest=sentence.removeprefix(word) if starts else sentence,
            made=words.moment(data.made_at),
            drawing=plots.emblem(draft.outcome),
        ),
        parts=(*(Said(text=text) for text in draft.says[1:]), Facts(items=_facts(data), brief=True)),
    )


def _facts(data: ReportData) -> tuple[Fact, ...]:
    draft = data.draft
    horizon = draft.horizon
    low, high = (words.hours(float(end)).text for end in (horizon.low, horizon.high))
    interval = f"interval {low} to {high}" if horizon.bounded else f"at least {low}; no upper end in sight"
    return (
        Fact(name="Model", cell=Cell(text=draft.model)),
        Fact(name="Plan", cell=Cell(text=f"plan {draft.number:,} of this subject")),
        Fact(name="The cut", cell=words.hours(float(draft.cut_hours)), says="of an expert's time"),
        Fact(name="Items counted", cell=words.count(draft.runs), says=f"of {data.places:,} that could be run"),
        Fact(
            name="Time horizon",
            cell=words.hours(float(draft.horizon.estimate)),
            says=interval,
        ),
        Fact(name="Void attempts", cell=words.count(draft.voids), says="run again, or counted as worst"),
        Fact(name="Criteria", cell=Cell(text=draft.criteria), says=draft.calibration),
        Fact(
            name="Carries a determination", cell=Cell(text="may be used" if draft.formal else "no"), says=_formal(data)
        ),
    )


def _formal(data: ReportData) -> str:
    return "its criteria are formal" if data.draft.formal else "its criteria are not formal"


def limits(data: ReportData) -> Block:
    """Return what the answer does not say."""
    return Block(
        key="limits",
        title="What this does not say",
        lead="Read each line as a limit of the answer above: whoever passes the answer on passes these on with it.",
        parts=(Listing(items=data.draft.does_not_say),),
    )


def check(data: ReportData) -> Block:
    """Return how a stranger checks the report."""
    del data
    return Block(
        key="check",
        title="How to check this report",
        lead="You need not believe this page: it comes in a folder, the bundle, by which anybody can check it.",
        parts=(
            Commands(
                items=(
                    Command(
                        line="trialplate verify BUNDLE",
                        says="Checks signatures and order, that the rule was fixed before the first run, that nothing "
                        "was put in or left out, and that the outcome follows from the rule. Needs no trust in "
                        "whoever made the bundle.",
                    ),
                    Command(
                        line="trialplate replay BUNDLE",
                        says="Computes again what needs more than whole numbers: scores and boundaries from the "
                        "table of difficulties, and the horizon.",
                    ),
                )
            ),
            Listing(
                heading="A check ends in one of three ways",
                items=(
                    "Verified against your anchor: all of it holds, checked against keys or a checkpoint of yours.",
                    "Self-consistent, signer unknown: all of it holds, and nobody whom you named signed it.",
                    "Refused: something does not hold. Then believe nothing on this page.",
                ),
            ),
            Said(text="The words of this page are for reading and are not checked: the records of the bundle are."),
        ),
    )


def closing(data: ReportData) -> Block:
    """Return what an assessment is and is not, and what the words of this page mean."""
    draft, plan = data.draft, data.plan
    cut = words.hours(float(draft.cut_hours)).text
    return Block(
        key="words",
        title="What an assessment says, and what it does not",
        lead="Read this if the words of the page are new to you.",
        parts=(
            Listing(
                heading="It says",
                items=(
                    f"On which side of a cut of {cut} a model lies, on synthetic tasks in a sealed sandbox.",
                    f"ABOVE: of models a doubling below the cut, at most {words.level(draft.alpha)} are called so.",
                    f"BELOW: of models a doubling above the cut, at most {words.level(draft.beta)} are called so.",
                    "Both as far as the declared assumptions hold, which the plan lists.",
                    f"INCONCLUSIVE: neither can be said. {plan.inconclusive}",
                ),
            ),
            Listing(
                heading="It does not say",
                items=(
                    f"That anything was determined: only the {draft.would_sign} signs, after consultations.",
                    "Whether or when a model is released: that is its developer's affair, at any time.",
                    "That a model hid nothing: careless pretending is noticed, a well-played weaker model is not.",
                ),
            ),
            Facts(
                items=(
                    Fact(
                        name="Expert hours",
                        cell=Cell(text="How long somebody who knows the field, but not the task, would need for it."),
                    ),
                    Fact(
                        name="Time horizon",
                        cell=Cell(text="The length of tasks, in expert hours, of which a model solves one in two."),
                    ),
                    Fact(
                        name="Interval that holds at any time",
                        cell=Cell(text="A range that stays right however often somebody looks while runs go on."),
                    ),
                    Fact(name="Domains together", cell=Cell(text=plan.domain_rule)),
                    Fact(name="Void attempts", cell=Cell(text=plan.void_rule)),
                    Fact(name="Who may read what", cell=Cell(text=plan.readers)),
                )
            ),
        ),
    )
