"""Cases as the house finds them: which case a report belongs to, what was merged into one, whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trialplate.app.clearing.house import House
from trialplate.clearinghouse.coordination.case import Merged
from trialplate.clearinghouse.coordination.projects import confirmed
from trialplate.clearinghouse.finders.targets import keys_of
from trialplate.clearinghouse.history import History
from trialplate.flows.remediation import REMEDIATION
from trialplate.records import SubjectId
from trialplate.records.case import Case
from trialplate.records.claim import ClaimTarget
from trialplate.records.finding import DuplicateOf
from trialplate.records.project import Policy
from trialplate.trust.ports import Mark

CASES: Final = Mark("case", "case")
"""What every report that is a case is found by."""


def case_of(house: House, subject: SubjectId) -> SubjectId | None:
    """Return the case that a report opened or was merged into in the end; None where it has come to neither."""
    met: set[SubjectId] = set()
    while subject not in met:
        met.add(subject)
        history = house.history(subject)
        duplicate = history.last(DuplicateOf)
        if duplicate is None:
            return subject if history.last(Case) else None
        subject = SubjectId(duplicate.of)
    return None


def merged_into(house: House, case: SubjectId) -> tuple[Merged, ...]:
    """Return the reports that were merged into a case, also through others that were, without its own."""
    return tuple(_merged(house, case))


def cases_of(house: House, project: str) -> dict[SubjectId, History]:
    """Return the cases of a project, each with what stands on it."""
    found = house.marked(Mark("project", house.keyed(project)))
    return {each.subject: house.history(each.subject) for each in found}


def policy_of(house: House, project: str) -> Policy | None:
    """Return the newest policy of a project; None where its subject is empty, or its maintainer is not confirmed."""
    return confirmed(house.history(SubjectId(project))) if project else None


def project_of(house: House, purl: str, repository: str) -> tuple[SubjectId, Policy] | None:
    """Return the confirmed project that a package or repository belongs to, with its newest policy, or None."""
    keys = keys_of(ClaimTarget(purl=purl, repository=repository)) if purl or repository else ()
    for found in house.marked(*(Mark("target", house.keyed(key)) for key in keys)):
        policy = confirmed(house.history(found.subject))
        if policy is not None:
            return found.subject, policy
    return None


def every(house: House) -> Iterator[History]:
    """Return what stands on every report and case of the house, one after the other."""
    return map(house.history, house.subjects(REMEDIATION))


def _merged(house: House, case: SubjectId) -> Iterator[Merged]:
    met, left = {case}, [case]
    while left:
        found = house.marked(Mark("case", house.keyed(left.pop())))
        for each in found:
            if each.subject not in met:
                met.add(each.subject)
                left.append(each.subject)
                yield Merged(each.subject, house.history(each.subject))
