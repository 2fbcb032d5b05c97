"""The rules of leases, apart from where the rows are kept.

A fence only grows, and it grows at every taking, even by the same owner: two processes that share a name by mistake
still fence each other off. The expiry says when *others* may take the lease; until somebody has, a late holder still
holds it, because the fence and not the clock is what a write is checked against.
"""

from __future__ import annotations

from trialplate.records.header import SubjectId
from trialplate.records.times import later, moment
from trialplate.trust.ports import Held, Lease


def take(row: Lease | None, subject: SubjectId, owner: str, *, now: str, seconds: int) -> Lease | Held:
    """Return the lease that `owner` gets over `row` (what is kept of the subject; None: nothing), or who-until-when.

    Raises:
        MomentError: where `now` is not a moment.
    """
    moment(now)
    if row is not None and row.owner not in {"", owner} and row.expires_at > now:
        return Held(expires_at=row.expires_at)
    fence = 1 if row is None else row.fence + 1
    return Lease(subject=subject, owner=owner, fence=fence, expires_at=later(now, seconds))


def extend(row: Lease | None, lease: Lease, *, now: str, seconds: int) -> Lease | Held:
    """Return `lease` until `seconds` after `now`, or `Held` where it is lost; `expires_at` is empty if nobody's.

    Raises:
        MomentError: where `now` is not a moment.
    """
    expires_at = later(now, seconds)
    if holds(row, lease):
        return Lease(subject=lease.subject, owner=lease.owner, fence=lease.fence, expires_at=expires_at)
    return Held(expires_at="" if row is None else row.expires_at)


def given_back(row: Lease) -> Lease:
    """Return the row of a lease that is nobody's: its fence stays, so that the next holder's is higher."""
    return Lease(subject=row.subject, owner="", fence=row.fence, expires_at="")


def holds(row: Lease | None, lease: Lease) -> bool:
    """Return whether `lease` is still its owner's, going by what is kept."""
    return row is not None and (row.owner, row.fence) == (lease.owner, lease.fence)
