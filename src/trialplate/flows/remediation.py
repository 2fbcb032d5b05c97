"""Remediation: the second process, as tables of steps. A weakness is reported, reproduced, merged, and fixed.

A report and the case that it opens are one subject; a report of a known root cause is a subject that ends by naming
the case. Corrections undo: a merge is taken back by `finding.distinct` in the merge's own slot, a case becomes a
duplicate by `finding.duplicate_of` in the case's, an embargo is extended by another one in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from trialplate.flows.table import AnyOf, Flow, Step, no_marks
from trialplate.trust.ports import Mark, Stored

DAY: Final = 24 * 60 * 60

COORDINATOR: Final = "coordinator"
DESK: Final = "desk"
FINDER: Final = "finder"
MAINTAINER: Final = "maintainer"
"""Whose the waits are. The desk is the clearinghouse's own: it sends when the project has room."""

REMEDIATION: Final = "remediation"
CLAIM: Final = "claim"
PROJECT: Final = "project"
HOUSE: Final = "house"
"""The names of the flows."""

_STEPS: Final = (
    Step(makes="finding.report/1"),
    Step(
        makes="finding.screened/1",
        or_makes=("finding.held/1", "finding.declined/1"),
        needs=("finding.report/1",),
    ),
    Step(
        makes="finding.released/1",
        needs=("finding.held/1",),
        by=COORDINATOR,
        deadline=14 * DAY,
        default="finding.lapsed/1",
    ),
    Step(
        makes="finding.reproduced/1",
        or_makes=("finding.not_reproduced/1",),
        needs=(AnyOf(("finding.screened/1", "finding.released/1")),),
    ),
    Step(
        makes="finding.unmatched/1",
        or_makes=("finding.duplicate_of/1", "finding.candidates/1", "finding.distinct/1"),
        needs=("finding.reproduced/1",),
    ),
    Step(
        makes="finding.distinct/1",
        or_makes=("finding.duplicate_of/1",),
        needs=("finding.candidates/1",),
        by=COORDINATOR,
        deadline=7 * DAY,
        default="finding.unruled/1",
    ),
    Step(
        makes="case.case/1",
        or_makes=("finding.duplicate_of/1",),
        needs=(AnyOf(("finding.unmatched/1", "finding.distinct/1", "finding.unruled/1")),),
    ),
    Step(makes="case.priority/1", needs=("case.case/1",)),
    Step(makes="case.party_added/1", or_makes=("case.no_contact/1",), needs=("case.priority/1",)),
    Step(
        makes="case.notice/1",
        needs=("case.case/1", "case.party_added/1"),
        by=DESK,
        deadline=180 * DAY,
        default="case.shelved/1",
    ),
    Step(
        makes="case.closed/1",
        needs=("case.case/1", "case.no_contact/1"),
        by=COORDINATOR,
        deadline=90 * DAY,
        default="case.shelved/1",
    ),
    Step(makes="case.embargo/1", needs=("case.case/1", "case.notice/1")),
    Step(
        makes="case.accepted/1",
        or_makes=("case.not_a_bug/1", "case.wont_fix/1"),
        needs=("case.case/1", "case.notice/1"),
        by=MAINTAINER,
        deadline=30 * DAY,
        default="case.no_answer/1",
        until="case.notice/1",
    ),
    Step(
        makes="case.patch/1",
        needs=("case.case/1", "case.accepted/1"),
        by=MAINTAINER,
        deadline=90 * DAY,
        default="case.no_patch/1",
        until="case.embargo/1",
    ),
    Step(makes="case.patch_passed/1", or_makes=("case.patch_refused/1",), needs=("case.case/1", "case.patch/1")),
    Step(
        makes="case.fix_accepted/1",
        needs=("case.case/1", "case.embargo/1"),
        unless=("case.not_a_bug/1",),
        by=MAINTAINER,
        deadline=90 * DAY,
        default="case.embargo_ended/1",
        until="case.embargo/1",
    ),
    Step(
        makes="case.advisory/1",
        needs=("case.case/1", AnyOf(("case.fix_accepted/1", "case.embargo_ended/1"))),
        unless=("case.not_a_bug/1",),
    ),
)


def remediation(marks: Callable[[Sequence[Stored]], tuple[Mark, ...]] = no_marks) -> Flow:
    """Return the flow of a report and the case that it may open; `marks` says what it is found by."""
    return Flow(name=REMEDIATION, steps=_STEPS, marks=marks)


def claim(marks: Callable[[Sequence[Stored]], tuple[Mark, ...]] = no_marks) -> Flow:
    """Return the flow of a claim: a lease that its holder gives back, or that runs out."""
    return Flow(
        name=CLAIM,
        steps=(
            Step(makes="claim.scan/1"),
            Step(
                makes="claim.released/1",
                needs=("claim.scan/1",),
                by=FINDER,
                deadline=90 * DAY,
                default="claim.expired/1",
                until="claim.scan/1",
            ),
        ),
        marks=marks,
    )


def project(marks: Callable[[Sequence[Stored]], tuple[Mark, ...]] = no_marks) -> Flow:
    """Return the flow of a project: its policy; calendars and stop orders come when they come."""
    return Flow(name=PROJECT, steps=(Step(makes="project.policy/1"),), marks=marks)


def house() -> Flow:
    """Return the flow of the clearinghouse itself: who acts for it; standing releases come when they come."""
    return Flow(name=HOUSE, steps=(Step(makes="upkeep.appointed/1"),))
