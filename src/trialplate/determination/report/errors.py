"""What can be wrong with a report."""

from __future__ import annotations

from trialplate.errors import TrialplateError


class ReportError(TrialplateError):
    """A report was given something that it has no words for, or a block of it has no label."""
