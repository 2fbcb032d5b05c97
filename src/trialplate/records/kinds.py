"""Every kind that is released, in one table: what this version of Trialplate can read and write."""

from __future__ import annotations

from typing import Final

from trialplate.records.assessment import ASSESSMENT
from trialplate.records.body import Kinds, kinds_of
from trialplate.records.case import CASE
from trialplate.records.claim import CLAIM
from trialplate.records.determination import DETERMINATION
from trialplate.records.finding import FINDING
from trialplate.records.project import PROJECT
from trialplate.records.upkeep import UPKEEP

RELEASED: Final[Kinds] = kinds_of((*UPKEEP, *ASSESSMENT, *DETERMINATION, *CLAIM, *FINDING, *PROJECT, *CASE))
"""Tests that need kinds of their own compose a table of their own with `kinds_of`."""
