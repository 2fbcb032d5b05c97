"""Measurement: above the threshold, below it, or not to be said.

Purpose: the decision whether a model is above or below a cut, with both error rates held by a rule that is committed
before the first run and replayed in integers; and beside it the description of what was seen.
In: the table of a bank's items (`table`), what was declared (`design`), a seed drawn after the commitment, a random
generator where something is simulated, and the answers.
Out: an order of items (`order`), a rule of integers (`rule`), a decision with its path (`decide`); evidence, horizon in
hours and confidence sequence (`eprocess`); operating characteristics and calibrated levels (`simulate`).
Rules: numbers only; nothing here reads a clock, a file, a network, an environment or chance of its own; a decision uses
no floating point; INCONCLUSIVE is never read as BELOW; whoever uses design difficulties says that they are
uncalibrated.

Exported here is what needs the standard library alone, so that whoever replays a decision loads neither numpy nor
scipy. Everything that calculates is imported from its own module: `trialplate.measurement.rule` and so on.
"""

from trialplate.measurement.decide import Answer, Conclusion, Decision, Look, Place, Rule, RuleError, decide
from trialplate.measurement.design import (
    LARGE,
    STANDARD,
    SUPPORTED,
    Design,
    DesignError,
    Nuisance,
    NuisanceSet,
)
from trialplate.measurement.table import DOUBLING, SLOPE, ItemRow, TableError, design_row

__all__ = [
    "DOUBLING",
    "LARGE",
    "SLOPE",
    "STANDARD",
    "SUPPORTED",
    "Answer",
    "Conclusion",
    "Decision",
    "Design",
    "DesignError",
    "ItemRow",
    "Look",
    "Nuisance",
    "NuisanceSet",
    "Place",
    "Rule",
    "RuleError",
    "TableError",
    "decide",
    "design_row",
]
