"""The desk at work: the bodies of the worker's own steps around a case, and the notices that a project has room for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trialplate.app.clearing.cases import case_of, cases_of, merged_into, policy_of, project_of
from trialplate.app.clearing.changes import Changes
from trialplate.app.clearing.coordination.feeding import NO_FEEDS, Feeds
from trialplate.app.clearing.coordination.matching import match_body
from trialplate.app.clearing.house import HOUSE, ClearingError, House
from trialplate.app.clearing.roles import Role, holders
from trialplate.clearinghouse.coordination.case import Merged, in_order
from trialplate.clearinghouse.coordination.desk import Pick, pick, room, waiting
from trialplate.clearinghouse.coordination.embargo import PUBLIC, terms
from trialplate.clearinghouse.coordination.notices import Told, notice_text
from trialplate.clearinghouse.coordination.prioritize import Facts, prioritize, shipped_tables
from trialplate.clearinghouse.coordination.screening import Answered, screen
from trialplate.clearinghouse.history import History, insider
from trialplate.clearinghouse.merging.dedupe import crash_type
from trialplate.clearinghouse.plain_text import ascii_safe
from trialplate.flows.remediation import DAY
from trialplate.records import SubjectId, later
from trialplate.records.case import Advisory, Case, Embargo, NoContact, Notice, PartyAdded, Priority
from trialplate.records.finding import (
    Declined,
    Distinct,
    DuplicateOf,
    Held,
    NotReproduced,
    Report,
    Reproduced,
    Screened,
)
from trialplate.records.project import Policy
from trialplate.trust import public_uri
from trialplate.trust.ports import Lease, Mark

_LEASE_S: Final = 600
_MOST_FOUND: Final = 1_000
_MOST_LOOKED_AT: Final = 40
"""Earlier reports of a finder that are found, and of them the answered ones that are looked at, when another one comes.

Of a finder that sent more, these are as good as drawn: ids of reports are opaque.
"""
_UNANSWERED: Final = frozenset({"finding.screened", "finding.released", "finding.reproduced"})
"""States of a report that has no answer yet."""
_TITLE: Final = 256


def screened_body(house: House, history: History) -> Screened | Held | Declined:
    """Return whether a report is tried, by the policy of its project and the record of its finder.

    Raises:
        ClearingError: where there is no report.
    """
    report = _report(history)
    known = project_of(house, report.target.purl, report.target.repository)
    subject, policy = known or (SubjectId(""), None)
    return screen(report, subject, policy, tuple(_answered(house, report.finder, _subject(history))))


def case_body(house: House, history: History) -> Case | DuplicateOf:
    """Return the case that a report opens, or what it is a duplicate of by what the house has learned meanwhile.

    Where a coordinator said that it is distinct, nothing but a coordinator says otherwise.

    Raises:
        ClearingError, MatchingError: where there is no report, or nothing of it was reproduced.
    """
    if history.last(Distinct) is None:
        matched = match_body(house, history)
        if isinstance(matched, DuplicateOf):
            return matched
    return new_case(house, history)


def new_case(house: House, history: History) -> Case:
    """Return the case that a report opens, titled by what our own replay saw.

    Raises:
        ClearingError: where there is no report, or nothing of it was reproduced.
    """
    report, reproduced = _report(history), history.last(Reproduced)
    if reproduced is None:
        raise ClearingError("Nothing was reproduced, so that there is no case.", "Validate it first.")
    screened = history.last(Screened)
    known = project_of(house, report.target.purl, report.target.repository)
    project = screened.project if screened and screened.project else known[0] if known else ""
    replayed = reproduced.replayed
    where = f" in {replayed.frames[0].function}" if replayed.frames and replayed.frames[0].function else ""
    title = f"{crash_type(replayed.kind) or 'Crash'}{where}"
    # A function's name is the word of whoever wrote the source.
    return Case(project=project, title=ascii_safe(title).replace("\n", " ")[:_TITLE])


def priority_body(house: House, history: History, feeds: Feeds = NO_FEEDS) -> Priority:
    """Return how urgent a case is, by the tables that ship, from its report and those that were merged into it.

    Raises:
        ClearingError: where there is no report.
    """
    reports = [_report(history)]
    reports += [report for each in merged_into(house, _subject(history)) if (report := each.history.last(Report))]
    facts = Facts(
        aliases=tuple(alias for report in reports for alias in report.aliases),
        severity=tuple(claimed for report in reports for claimed in report.severity),
    )
    return prioritize(facts, shipped_tables(), feeds.kev, feeds.epss, house.clock())


def party_body(house: House, history: History) -> PartyAdded | NoContact:
    """Return who is told of a case: the maintainer in the newest policy of its project, if it has one."""
    case = history.last(Case)
    policy = policy_of(house, case.project) if case else None
    if policy is None:
        return NoContact("No registered project is known to own it.")
    return maintainer_of(policy)


def embargo_body(house: House, history: History) -> Embargo:
    """Return the embargo that a notice began.

    Raises:
        ClearingError: where none was sent.
    """
    notice, priority = history.record(Notice), history.last(Priority)
    policy = told_policy(house, history)
    if notice is None or policy is None or priority is None:
        raise ClearingError("No notice has begun an embargo.", "Send one first.")
    return terms(policy, priority.exploited, notice.at)


def told_policy(house: House, history: History) -> Policy | None:
    """Return the newest policy of the project that was told of a case, also where it has to be confirmed again."""
    notice = history.last(Notice)
    return house.history(SubjectId(notice.project)).last(Policy) if notice else None


def send_due(house: House) -> Iterator[SubjectId]:
    """Send every notice that a project has room for now, and yield the cases.

    Whoever sends holds the lease of the project: a second desk that takes it over fences the first one off, so that
    two never fill the same room.
    """
    cases = (house.history(found.subject).last(Case) for found in house.marked(Mark("desk", "waiting")))
    for project in dict.fromkeys(case.project for case in cases if case and case.project):
        lease = house.store.acquire(SubjectId(project), HOUSE, now=house.clock(), seconds=_LEASE_S)
        if isinstance(lease, Lease):
            try:
                yield from _send(house, project, lease)
            finally:
                house.store.release(lease)


def _send(house: House, project: str, lease: Lease) -> Iterator[SubjectId]:
    policy, coordinators = policy_of(house, project), holders(house, Role.COORDINATOR)
    if policy is None:
        return
    cases = cases_of(house, project)
    queue = [found for case, history in cases.items() if (found := waiting(case, history, coordinators))]
    for picked in pick(queue, room(policy, cases.values()), house.clock()):
        case = SubjectId(picked.case)
        try:
            _notice(house, project, policy, picked, cases[case]).append(lease)
        except ClearingError:
            # It moved on, or another desk is at it: what was counted no longer holds.
            return
        yield case


def _notice(house: House, project: str, policy: Policy, picked: Pick, history: History) -> Changes:
    """Return the notice of a case, after the party that it goes to where that has changed since."""
    case = SubjectId(picked.case)
    changes = Changes(house, HOUSE, case, history)
    added, maintainer = history.record(PartyAdded), maintainer_of(policy)
    if added is None or added.body != maintainer:
        changes.replace(added, maintainer, "case.party_added", "The project has another maintainer now.")
    told = told_of(house, case, history, policy)
    text = notice_text(told)
    notice = Notice(
        project=project,
        party=policy.maintainer,
        text=text,
        signature=house.signer(HOUSE).sign(text.encode()).hex(),
        ends_at=told.answer_by,
        reports=len(told.reports),
        open_before=picked.open_before,
        open_limit=policy.open_limit,
        bypass=picked.bypass,
    )
    changes.add(notice, "case.notice")
    return changes


def told_of(house: House, case: SubjectId, history: History, policy: Policy) -> Told:
    """Return what a notice of a case is written from, if it is sent now.

    Raises:
        ClearingError: where the case is not ranked.
    """
    opened, priority, now = history.last(Case), history.last(Priority), house.clock()
    if opened is None or priority is None:
        raise ClearingError("The case has no rank yet.", "Let the worker go on: trialplate work")
    merged = (Merged(case, history), *merged_into(house, case))
    embargo, silence = terms(policy, priority.exploited, now), later(now, policy.clock.silence * DAY)
    return Told(
        case=case,
        title=opened.title,
        policy=policy,
        reports=tuple(report for each in in_order(merged) if (report := each.history.last(Report))),
        replays=tuple(seen.replayed for each in merged if (seen := each.history.last(Reproduced))),
        priority=priority,
        embargo=embargo,
        # Where it is published before, an answer is worth more before that.
        answer_by=silence if embargo.basis == PUBLIC else min(silence, embargo.ends_at),
        key=public_uri(house.signer(HOUSE)),
    )


def maintainer_of(policy: Policy) -> PartyAdded:
    """Return the party that a project's policy lets answer."""
    return PartyAdded(party=policy.maintainer, role="maintainer", key=policy.key, contact=policy.contact)


def _answered(house: House, finder: str, but: SubjectId) -> Iterator[Answered]:
    """Yield the earlier answered reports of a finder, at most `_MOST_LOOKED_AT`."""
    left = _MOST_LOOKED_AT
    for found in house.store.marked(insider(HOUSE), (Mark("finder", house.keyed(finder)),), limit=_MOST_FOUND):
        if found.subject == but or _UNANSWERED & set(found.state.split()) or not left:
            continue
        history = house.history(found.subject)
        said, refuted = history.record(Report), history.last(NotReproduced)
        if said is None or not (refuted or history.last(Reproduced)):
            continue
        left -= 1
        case = None if refuted else case_of(house, found.subject)
        advisory = house.history(case).record(Advisory) if case else None
        yield Answered(
            at=said.at,
            verdict=refuted.verdict if refuted else None,
            case=case or "",
            duplicate=case not in {None, found.subject},
            public=advisory is not None and advisory.at <= said.at,
        )


def _report(history: History) -> Report:
    report = history.last(Report)
    if report is None:
        raise ClearingError("There is no report here.", "Give the id of a report or case.")
    return report


def _subject(history: History) -> SubjectId:
    return history.records[0].entry.header.subject
