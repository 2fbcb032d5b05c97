"""Determination: what is measured against, and what is drafted from it for those who may decide.

Purpose: criteria as versioned data, the outcome of a campaign by its plan and rule, and the draft.
In: signed criteria; a plan, an order and what became of each item. Out: the estimate, the draft, their words.
Rules: a score alone determines nothing; an outcome follows from records and the committed rule by integers; criteria
are the same for every developer; INCONCLUSIVE is never read as BELOW; nothing here can hold back a release.
"""

from trialplate.determination.criteria import (
    FORMAT,
    Criteria,
    CriteriaError,
    Derivation,
    SignedCriteria,
    parse_criteria,
    sign_criteria,
)
from trialplate.determination.drafting import drafted, sentence
from trialplate.determination.outcome import Conclusion, answers, conclude, measured, recorded, standing
from trialplate.determination.table import SALT_BYTES, Table, TableRow, items_root, parse_table, table_of

__all__ = [
    "FORMAT",
    "SALT_BYTES",
    "Conclusion",
    "Criteria",
    "CriteriaError",
    "Derivation",
    "SignedCriteria",
    "Table",
    "TableRow",
    "answers",
    "conclude",
    "drafted",
    "items_root",
    "measured",
    "parse_criteria",
    "parse_table",
    "recorded",
    "sentence",
    "sign_criteria",
    "standing",
    "table_of",
]
