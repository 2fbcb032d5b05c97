"""SSVC: what is done about a vulnerability, by decision tables that are versioned data. Pure.

Purpose: to prioritize without a score; a table's answer is shown with the inputs that it follows from.
In: a table, and what is known of a vulnerability. Out: the outcome, or what is missing and what is still possible.
Rules: a table has exactly one outcome for every combination of values; what is unknown narrows nothing, so that no
answer is taken back when more is learned; an answer names the table and version that it used.
"""

from trialplate.formats.ssvc.decide import Decided, Input, InputError, Undecided, decide, relevant
from trialplate.formats.ssvc.table import FORMAT, Point, Shipped, Table, TableError, Value, parse_table, shipped

__all__ = [
    "FORMAT",
    "Decided",
    "Input",
    "InputError",
    "Point",
    "Shipped",
    "Table",
    "TableError",
    "Undecided",
    "Value",
    "decide",
    "parse_table",
    "relevant",
    "shipped",
]
