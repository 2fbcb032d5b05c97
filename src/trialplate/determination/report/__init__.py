"""The report: what a person sees after an assessment, as one HTML file that needs nothing else.

In: `ReportData`, in which everything is computed already. Out: a page, the same for the same values.
Rules: every block carries a label and the banner is their join; a block without one is refused; nothing on the page
runs, or is fetched from anywhere; every figure of a drawing stands in a table too; no meaning rests on color alone.
"""

from trialplate.determination.report.data import (
    AttemptRow,
    Characteristics,
    Erring,
    Look,
    Origin,
    ReportData,
    Share,
    Used,
)
from trialplate.determination.report.errors import ReportError
from trialplate.determination.report.marking import MARKS
from trialplate.determination.report.render import render

__all__ = [
    "MARKS",
    "AttemptRow",
    "Characteristics",
    "Erring",
    "Look",
    "Origin",
    "ReportData",
    "ReportError",
    "Share",
    "Used",
    "render",
]
