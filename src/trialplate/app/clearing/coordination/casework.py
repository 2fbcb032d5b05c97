"""Casework: what a coordinator sees and decides. Everybody else is told the same, whatever there is to see."""

from __future__ import annotations

from msgspec import Struct

from trialplate.app.clearing.cases import CASES, case_of, every, merged_into, policy_of
from trialplate.app.clearing.changes import Changes, step_of
from trialplate.app.clearing.coordination.desking import maintainer_of, new_case, told_policy
from trialplate.app.clearing.house import Act, ClearingError, House
from trialplate.app.clearing.roles import Role, require
from trialplate.clearinghouse.coordination.case import ASKED, SILENCE, CaseView, Waited, view
from trialplate.clearinghouse.coordination.desk import is_open
from trialplate.clearinghouse.coordination.embargo import extended
from trialplate.clearinghouse.coordination.figures import KeyFigures, figures, publishable
from trialplate.clearinghouse.history import History
from trialplate.flows.remediation import REMEDIATION
from trialplate.records import RELEASED, RecordId, SubjectId, decode_body
from trialplate.records.case import (
    Accepted,
    Bypass,
    Case,
    Closed,
    Embargo,
    Known,
    NoContact,
    Notice,
    PartyAdded,
    Priority,
    Shelved,
)
from trialplate.records.finding import Distinct, DuplicateOf, Ground, HeldReleased, NotReproduced, Report
from trialplate.trust import Refused
from trialplate.trust.ports import Mark

QUESTIONS = ("held", "candidates", "no answer", "no contact")
"""What a coordinator may be asked."""


class Ruled(Struct, frozen=True, kw_only=True):
    """What a decision recorded: on which subject, and the ids of the records."""

    subject: str
    records: tuple[RecordId, ...]


def listed(house: House, party: str, *, asked: bool = False) -> tuple[CaseView, ...]:
    """Return every case and every report that a coordinator is asked about, the most urgent first.

    Args:
        house: the clearinghouse.
        party: a coordinator.
        asked: return only what a coordinator is asked about.

    Raises:
        RoleError: where the party is no coordinator.
    """
    require(house, party, Role.COORDINATOR)
    questions = tuple(Mark("coordinator", question) for question in QUESTIONS)
    found = house.marked(*questions, *(() if asked else (CASES,)))
    views = [_viewed(house, subject) for subject in dict.fromkeys(each.subject for each in found)]
    return tuple(sorted(views, key=lambda each: (each.order is None, each.order or 0, each.subject)))


def shown(house: House, party: str, text: str) -> CaseView:
    """Return the case, or the report, whose id begins with `text`.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where there is none.
    """
    return _viewed(house, _looked_up(house, party, text)[0])


def rule(house: House, party: str, text: str, *, reason: str, same_as: str = "") -> Ruled:
    """Say of a report with candidates that it has the root cause of the case `same_as`, or a cause of its own.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where nobody is asked, or `same_as` is no other case.
    """
    subject, history = _looked_up(house, party, text)
    _due(house, history, "finding.distinct", "whether this report is one of its candidates")
    changes = Changes(house, party, subject, history)
    changes.add(_duplicate(house, subject, same_as, reason) if same_as else Distinct(reason), step="finding.distinct")
    return Ruled(subject=subject, records=changes.append())


def merge(house: House, party: str, text: str, into: str, *, reason: str) -> Ruled:
    """Merge a case into another one that has the same root cause; its finders are credited there.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where one of the two is no case, or both are one, or the maintainer was told of this one only.
    """
    subject, history = _looked_up(house, party, text)
    opened = history.record(Case)
    if opened is None:
        raise ClearingError("Only a case can be merged into another.", "See `trialplate case list`.")
    merged = _duplicate(house, subject, into, reason)
    if is_open(history) and house.history(SubjectId(merged.of)).record(Notice) is None:
        # The other one would be sent in its turn, and reach the maintainer as a duplicate.
        raise ClearingError("The maintainer knows this one and not the other.", "Merge the other one into this one.")
    changes = Changes(house, party, subject, history)
    changes.replace(opened, merged, "case.case", reason)
    return Ruled(subject=subject, records=changes.append())


def split(house: House, party: str, text: str, *, reason: str) -> Ruled:
    """Take a merge back: the report goes on where it was.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where it was merged into nothing.
    """
    subject, history = _looked_up(house, party, text)
    merged = history.record(DuplicateOf)
    if merged is None:
        raise ClearingError("It was merged into nothing.", "Look at it: trialplate case show")
    changes = Changes(house, party, subject, history)
    step = step_of(merged)
    # What was a case before is that case again; what never was becomes one in the worker's next step.
    changes.replace(merged, _earlier_case(house, history) if step == "case.case" else Distinct(reason), step, reason)
    return Ruled(subject=subject, records=changes.append())


def release(house: House, party: str, text: str, *, reason: str) -> Ruled:
    """Let a held report be tried.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where it is not held.
    """
    subject, history = _looked_up(house, party, text)
    _due(house, history, "finding.released", "whether this report is tried")
    act = Act(body=HeldReleased(reason), step="finding.released")
    return Ruled(subject=subject, records=house.tell(party, subject, REMEDIATION, history, act))


def retry(house: House, party: str, text: str, *, reason: str) -> Ruled:
    """Have a report tried again that was not reproduced, because more is known by now.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where it was not tried, or was reproduced.
    """
    subject, history = _looked_up(house, party, text)
    failed = history.record(NotReproduced)
    if failed is None:
        raise ClearingError("No trial of it has failed.", "See where it stands: trialplate case show")
    changes = Changes(house, party, subject, history)
    changes.correct(failed, reason)
    return Ruled(subject=subject, records=changes.append())


def close(house: House, party: str, text: str, *, reason: str) -> Ruled:
    """End a case that nobody can be told of.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where there is somebody who can be told.
    """
    subject, history = _looked_up(house, party, text)
    _due(house, history, "case.closed", "what becomes of this case")
    act = Act(body=Closed(reason), step="case.closed")
    return Ruled(subject=subject, records=house.tell(party, subject, REMEDIATION, history, act))


def bypass(house: House, party: str, text: str, *, reason: str) -> Ruled:
    """Let the notice of a known exploited weakness pass the limit that its project set.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where it is not known to be exploited, or waits for no room.
    """
    subject, history = _looked_up(house, party, text)
    priority = history.last(Priority)
    if priority is None or priority.exploited is not Known.YES:
        raise ClearingError(
            "It is not known to be exploited, and nothing else passes a limit.", "Import the KEV catalog of today."
        )
    _due(house, history, "case.notice", "whether this case passes the limit")
    act = Act(body=Bypass(reason), step="case.bypass")
    return Ruled(subject=subject, records=house.tell(party, subject, REMEDIATION, history, act))


def assign(house: House, party: str, text: str, project: str, *, reason: str) -> Ruled:
    """Say whose a case is, and who is told of it: the maintainer in the newest policy of the project.

    Also where a project has another maintainer than the one that was told, or where the case was shelved.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where one of the two is not there, or a maintainer of another project was told already.
    """
    subject, history = _looked_up(house, party, text)
    owner = house.subject(project)
    opened, policy, notice = history.record(Case), policy_of(house, owner), history.last(Notice)
    if opened is None or not isinstance(opened.body, Case) or policy is None:
        raise ClearingError("Only a case of a registered project has a maintainer.", "Give the ids of both.")
    if notice is not None and notice.project != owner:
        raise ClearingError("The maintainer of another project was told already.", "Merge or close it instead.")
    changes = Changes(house, party, subject, history)
    changes.correct(history.record(Shelved, Closed), reason)
    if opened.body.project != owner:
        changes.replace(opened, Case(project=owner, title=opened.body.title), "case.case", reason)
    told = history.record(PartyAdded, NoContact)
    changes.replace(told, maintainer_of(policy), "case.party_added", reason)
    return Ruled(subject=subject, records=changes.append())


def extend(house: House, party: str, text: str, *, reason: str) -> Ruled:
    """Extend an embargo, as a coordinator; see `extend_as`.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where it cannot be extended.
    """
    subject, history = _looked_up(house, party, text)
    return extend_as(house, party, subject, history, reason)


def extend_as(house: House, party: str, subject: SubjectId, history: History, reason: str) -> Ruled:
    """Extend an embargo by the days that the project's clock grants where a fix is under way, once.

    Raises:
        ClearingError: where there is none, or it cannot be extended.
    """
    standing, policy = history.record(Embargo), told_policy(house, history)
    if standing is None or not isinstance(standing.body, Embargo) or policy is None:
        raise ClearingError("There is no embargo.", "It begins with the notice.")
    engaged = history.record(Accepted) is not None
    longer = extended(standing.body, policy.clock, engaged=engaged, reason=reason, now=house.clock())
    if isinstance(longer, Refused):
        raise ClearingError(f"The embargo is not extended. {longer.reason}", "See docs/cases.md.")
    changes = Changes(house, party, subject, history)
    changes.replace(standing, longer, "case.embargo", reason)
    return Ruled(subject=subject, records=changes.append())


def waits_of(house: House, history: History) -> tuple[Waited, ...]:
    """Return what is waited for on a subject, from whom, until when, and what silence means."""
    return tuple(
        Waited(
            what=each.makes,
            asked=ASKED[each.makes],
            by=each.by,
            until=each.deadline_at,
            silence=SILENCE[each.default],
        )
        for each in house.due(REMEDIATION, history)
        if each.deadline_at
    )


def _viewed(house: House, subject: SubjectId) -> CaseView:
    history = house.history(subject)
    merged = merged_into(house, subject)
    return view(subject, history, merged, waits_of(house, history), now=house.clock())


def _looked_up(house: House, party: str, text: str) -> tuple[SubjectId, History]:
    """Return the report or case that a coordinator means."""
    require(house, party, Role.COORDINATOR)
    subject = house.subject(text)
    history = house.history(subject)
    if history.last(Report) is None:
        raise ClearingError(f"{subject[:8]} is no report.", "See `trialplate case list`.")
    return subject, history


def _due(house: House, history: History, step: str, what: str) -> None:
    """Refuse what is not awaited."""
    awaited = (each for each in house.due(REMEDIATION, history) if each.deadline_at and each.step == step)
    if next(awaited, None) is None:
        raise ClearingError(f"Nobody is asked {what}.", "Look at it: trialplate case show")


def _duplicate(house: House, subject: SubjectId, same_as: str, reason: str) -> DuplicateOf:
    case = case_of(house, house.subject(same_as))
    if case in {None, subject}:
        raise ClearingError(f"{same_as[:40]} belongs to no other case.", "Name a case: trialplate case list")
    return DuplicateOf(of=case or "", ground=Ground.COORDINATOR, evidence=reason)


def _earlier_case(house: House, history: History) -> Case:
    """Return the case that a report was before it was merged, or the one that it would have opened."""
    kept = (stored.entry for stored in reversed(history.records) if stored.entry.body)
    bodies = (decode_body(RELEASED, entry.header.kind, entry.body) for entry in kept)
    return next((body for body in bodies if isinstance(body, Case)), None) or new_case(house, history)


def key_figures(house: House, party: str, *, to_publish: bool = False) -> KeyFigures:
    """Return the key figures; `to_publish` keeps small counts back, so that they may be told to outsiders.

    Raises:
        RoleError: where the party is no coordinator.
    """
    require(house, party, Role.COORDINATOR)
    found = figures(every(house))
    return publishable(found) if to_publish else found
