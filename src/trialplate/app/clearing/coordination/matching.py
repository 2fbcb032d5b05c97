"""Match a reproduced finding against what the house knows.

An index says which findings share which fingerprints with it; their histories say of which case and project they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from trialplate.app.clearing.house import HOUSE, House
from trialplate.clearinghouse.history import History, insider, read
from trialplate.clearinghouse.merging.dedupe import Alike, Fingerprint, Seen, fingerprints, match, one_project
from trialplate.errors import TrialplateError
from trialplate.records import SubjectId
from trialplate.records.case import Case
from trialplate.records.finding import Candidates, DuplicateOf, Report, Reproduced, Screened, Unmatched
from trialplate.trust.ports import Mark

MOST_BEARERS: Final = 64
"""The findings that are looked at of each mark; one that more bear tells little apart."""

MOST_COMPARED: Final = 24
"""The findings that are compared: those that have the most in common."""

_EXACT_WEIGHT: Final = 16
_MOST_STEPS: Final = 4
"""How often a duplicate may lead to a case that became a duplicate itself."""


_SAYING_WHOSE: Final = frozenset(
    "finding.screened finding.reproduced finding.duplicate_of case.case upkeep.correction".split()
)


class MatchingError(TrialplateError):
    """A finding that was not reproduced is to be matched."""


def match_body(house: House, history: History) -> Unmatched | DuplicateOf | Candidates:
    """Return what a reproduced finding is, by everything that the house knows now.

    It asks one question of the index, and the histories of at most `MOST_COMPARED` findings and of their cases.

    Raises:
        MatchingError: where `history` holds no report that was reproduced.
    """
    new = seen_of(history)
    if new is None:
        raise MatchingError("A finding that was not reproduced cannot be matched.", "Validate it first.")
    return match(tuple(_alike(house, history.records[0].entry.header.subject, new)))


def seen_of(history: History) -> Seen | None:
    """Return what was reported and seen of a finding that was reproduced; None where it was not."""
    report, reproduced = history.last(Report), history.last(Reproduced)
    if report is None or reproduced is None:
        return None
    return Seen(_project(history), report, reproduced.replayed)


def _alike(house: House, subject: SubjectId, new: Seen) -> Iterator[Alike]:
    """Yield the findings that have the most in common with the new one of `subject`."""
    histories: dict[SubjectId, History] = {}

    def of(wanted: SubjectId) -> History:
        if wanted not in histories:
            histories[wanted] = _whose(house, wanted)
        return histories[wanted]

    for found, shared in _most_shared(house, subject, fingerprints(new.report, new.replayed)):
        case = _case(of, found)
        if case and case != subject:
            project, source = _project(of(found)) or _project(of(case)), of(found).last(Reproduced)
            one = one_project(new.project, new.replayed.source, project, source.replayed.source if source else "")
            yield Alike(case, one, shared)


def _most_shared(
    house: House, subject: SubjectId, prints: tuple[Fingerprint, ...]
) -> list[tuple[SubjectId, tuple[Fingerprint, ...]]]:
    """Return the findings that share the most fingerprints with the one of `subject`, exact ones first."""
    marks = {Mark(each.mark, house.keyed(each.key)): each for each in prints}
    shared: dict[SubjectId, list[Fingerprint]] = {}
    for found in house.store.marked(insider(HOUSE), tuple(marks), limit=MOST_BEARERS):
        if found.subject != subject:
            shared.setdefault(found.subject, []).append(marks[found.mark])
    ordered = sorted(shared.items(), key=lambda each: (-sum(map(_weight, each[1])), each[0]))
    return [(found, tuple(each)) for found, each in ordered[:MOST_COMPARED]]


def _weight(fingerprint: Fingerprint) -> int:
    return _EXACT_WEIGHT if fingerprint.ground.exact else 1


def _whose(house: House, subject: SubjectId) -> History:
    """Return what says whose a finding is: of a long history, these few records alone are read."""
    records = house.store.history(insider(HOUSE), subject)
    return read([each for each in records if each.entry.header.kind.partition("/")[0] in _SAYING_WHOSE])


def _project(history: History) -> str:
    case, screened = history.last(Case), history.last(Screened)
    return (case and case.project) or (screened and screened.project) or ""


def _case(of: Callable[[SubjectId], History], found: SubjectId) -> SubjectId | None:
    """Return the case that a finding is, or is a duplicate of; None where it is neither, or leads nowhere."""
    for _ in range(_MOST_STEPS):
        history = of(found)
        duplicate = history.last(DuplicateOf)
        if duplicate is None:
            return found if history.last(Case) else None
        found = SubjectId(duplicate.of)
    return None
