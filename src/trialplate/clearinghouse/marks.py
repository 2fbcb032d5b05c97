"""What the clearinghouse's subjects are found by, as marks of their summary rows. Pure.

Values that say something of a finding, a target or a party are fingerprints under a key of the house (`keyed`), so that
the index tells a stranger nothing. The names:

    finder      of a report: who sent it
    holder      of a claim: whose it is
    party       of a case: the maintainer that is told of it
    case        of a report: `case` where it is one; of a duplicate, the subject of its case
    project     of a case: whose it is
    desk        of a case: `waiting` for room at the desk, or `open` with its maintainer
    coordinator of a report or case: what a coordinator is asked: `held`, `candidates`, `no answer`, `no contact`
    root, near  of a reproduced finding that is a case or a duplicate of one: see `dedupe`
    target      of a claim that stands, and of a project: what it is about, see `targets`
    name        of a project: its name
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from trialplate.clearinghouse.coordination.desk import is_open
from trialplate.clearinghouse.finders.targets import keys_of
from trialplate.clearinghouse.history import History, read
from trialplate.clearinghouse.merging.dedupe import fingerprints
from trialplate.records.case import (
    Accepted,
    Case,
    Closed,
    EmbargoEnded,
    FixAccepted,
    NoAnswer,
    NoContact,
    NotABug,
    Notice,
    PartyAdded,
    Shelved,
    WontFix,
)
from trialplate.records.claim import ClaimExpired, ClaimReleased, ClaimTarget, ScanClaim
from trialplate.records.finding import (
    Candidates,
    Distinct,
    DuplicateOf,
    Held,
    HeldReleased,
    Lapsed,
    Report,
    Reproduced,
    Unruled,
)
from trialplate.records.project import Policy
from trialplate.trust.ports import Mark, Stored

Keyed = Callable[[str], str]
"""Makes a fingerprint of a text under a key of the house."""

_CLOSED: Final = (NotABug, WontFix, FixAccepted, EmbargoEnded)
"""What ends a report's being open with its maintainer."""


def finding_marks(records: Sequence[Stored], keyed: Keyed) -> tuple[Mark, ...]:
    """Return what a report, with the case that it may have opened, is found by."""
    return tuple(_finding_marks(read(records), keyed))


def claim_marks(records: Sequence[Stored], keyed: Keyed) -> tuple[Mark, ...]:
    """Return what a claim is found by while it stands: its target; and its holder, for good."""
    history = read(records)
    claimed = history.record(ScanClaim)
    if claimed is None or not isinstance(claimed.body, ScanClaim):
        return ()
    found = [Mark("holder", keyed(claimed.author))]
    if history.record(ClaimReleased, ClaimExpired) is None:
        found += [Mark("target", keyed(key)) for key in keys_of(claimed.body.target)]
    return tuple(found)


def project_marks(records: Sequence[Stored], keyed: Keyed) -> tuple[Mark, ...]:
    """Return what a project is found by: its name, and the packages and repositories of its newest policy."""
    policy = read(records).last(Policy)
    if policy is None:
        return ()
    targets = (
        *(ClaimTarget(purl=purl) for purl in policy.purls),
        *(ClaimTarget(repository=repository) for repository in policy.repositories),
    )
    keys = dict.fromkeys(key for target in targets for key in keys_of(target))
    return (Mark("name", keyed(policy.name)), *(Mark("target", keyed(key)) for key in keys))


def _finding_marks(history: History, keyed: Keyed) -> Iterator[Mark]:
    report, reproduced = history.last(Report), history.last(Reproduced)
    if report is None:
        return
    yield Mark("finder", keyed(report.finder))
    case, duplicate = history.last(Case), history.last(DuplicateOf)
    if duplicate is not None:
        yield Mark("case", keyed(duplicate.of))
    elif case is not None:
        yield Mark("case", "case")
        yield Mark("project", keyed(case.project))
    if reproduced is not None and (case or duplicate):
        for name, key in dict.fromkeys(
            ("root" if each.ground.exact else "near", each.key) for each in fingerprints(report, reproduced.replayed)
        ):
            yield Mark(name, keyed(key))
    if case is not None and duplicate is None:
        yield from _of_desk(history)
        added = history.last(PartyAdded)
        if added is not None:
            yield Mark("party", keyed(added.party))
    yield from _of_coordinator(history)


def _of_desk(history: History) -> Iterator[Mark]:
    if is_open(history):
        yield Mark("desk", "open")
    elif not _stands(history, Notice) and _stands(history, PartyAdded) and not _stands(history, Shelved):
        yield Mark("desk", "waiting")


def _of_coordinator(history: History) -> Iterator[Mark]:
    if _stands(history, Held) and not _stands(history, HeldReleased, Lapsed):
        yield Mark("coordinator", "held")
    if _stands(history, Candidates) and not _stands(history, Distinct, Unruled, DuplicateOf):
        yield Mark("coordinator", "candidates")
    if _stands(history, NoAnswer) and not _stands(history, Accepted, *_CLOSED):
        yield Mark("coordinator", "no answer")
    if _stands(history, NoContact) and not _stands(history, Closed, Shelved):
        yield Mark("coordinator", "no contact")


def _stands(history: History, *kinds: type[Struct]) -> bool:
    return history.record(*kinds) is not None
