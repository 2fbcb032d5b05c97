"""Bodies of claims: a finder says what it looks at and until when, so that two do not do one work."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from trialplate.records.body import Kind
from trialplate.records.shapes import Digest, Moment, Reason, Short


class ClaimTarget(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is looked at: a package by `purl`, or a `repository`, or both, as `clearinghouse.targets` writes them.

    `first` and `last` bound the commits of the repository, or the versions of the package, in the order in which they
    are listed there; empty leaves a side open.
    """

    purl: Short = ""
    repository: Short = ""
    component: Short = ""
    first: Short = ""
    last: Short = ""


class ScanClaim(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lease on a target until `ends_at`.

    `method` says how it is looked at, `contact` how its holder is reached. `commitments` are salted hashes of what the
    holder has found already: each shows later, when it is opened in a report, who knew it at the time of the claim.
    """

    target: ClaimTarget
    method: Short
    contact: Short
    commitments: Annotated[tuple[Digest, ...], Meta(max_length=1000)] = ()
    ends_at: Moment


class ClaimReleased(Struct, frozen=True, forbid_unknown_fields=True):
    """The holder needs the target no longer."""

    reason: Reason


class ClaimExpired(Struct, frozen=True, forbid_unknown_fields=True):
    """The time of the claim is over."""


CLAIM: Final = (
    Kind("claim.scan/1", ScanClaim),
    Kind("claim.released/1", ClaimReleased),
    Kind("claim.expired/1", ClaimExpired),
)
