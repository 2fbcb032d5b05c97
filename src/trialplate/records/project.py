"""Bodies that a project's owner writes, and those that say who acts for the clearinghouse."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from trialplate.records.body import Kind
from trialplate.records.shapes import Digest, MaybeDigest, Moment, Name, PublicKey, Reason, Short

Days = Annotated[int, Meta(ge=0, le=365)]


class ProjectSource(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The source of one version, an archive that is kept sealed under its digest."""

    version: Name
    commit: Short = ""
    archive: Digest


class Clock(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long the project has, in days from the notice, in its own time `zone` (a name of the IANA database).

    `embargo` until a weakness is published; `engaged` more where a fix is under way; `exploited` in place of `embargo`
    where it is known to be exploited, and `exploited_engaged` more; `silence` until a coordinator is asked.
    """

    zone: Name = "UTC"
    embargo: Days = 90
    engaged: Days = 14
    exploited: Days = 7
    exploited_engaged: Days = 7
    silence: Days = 30


class Policy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a project wants of those who report to it; the newest one counts.

    `maintainer` is the party that answers, with its key. At most `open_limit` reports are open with it at a time. Files
    that match one of `excluded` (globs from the root of the source) are out of scope. `recipe` says how it is built.
    """

    name: Name
    maintainer: Name
    key: PublicKey
    contact: Short
    purls: Annotated[tuple[Short, ...], Meta(max_length=64)] = ()
    repositories: Annotated[tuple[Short, ...], Meta(max_length=64)] = ()
    open_limit: Annotated[int, Meta(ge=1, le=1000)] = 3
    pace_days: Days = 0
    public_by_policy: bool = False
    takes_ai_reports: bool = True
    excluded: Annotated[tuple[Short, ...], Meta(max_length=256)] = ()
    clock: Clock = Clock()
    recipe: MaybeDigest = ""
    sources: Annotated[tuple[ProjectSource, ...], Meta(max_length=256)] = ()


class Confirmed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A coordinator found that whoever holds `key` is the maintainer: before that, nothing is sent to it."""

    key: PublicKey
    reason: Reason


class Busy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A time in which the owner wants no scan, from `begins_at` until before `ends_at`."""

    begins_at: Moment
    ends_at: Moment
    reason: Reason


class Calendar(Struct, frozen=True, forbid_unknown_fields=True):
    """The owner's calendar; the newest one counts."""

    busy: Annotated[tuple[Busy, ...], Meta(max_length=256)]


class StopOrder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The owner wants every scan to stop, until `ends_at`."""

    reason: Reason
    ends_at: Moment


class StopLifted(Struct, frozen=True, forbid_unknown_fields=True):
    """The owner takes the stop order back."""

    reason: Reason


class Appointed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A party acts for the clearinghouse in a `role`: `coordinator` or `releaser`. `office` names for whom."""

    party: Name
    key: PublicKey
    role: Annotated[str, Meta(pattern=r"^(?:coordinator|releaser)\Z")]
    office: Short = ""


class Publisher(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who publishes: `namespace` is a URL that it controls."""

    name: Name
    namespace: Name
    contact: Short = ""


class StandingRelease(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Two releasers let records of `kind` become public by themselves, once `condition` holds, until `ends_at`.

    `fields` names what of the body may be published: nothing that is not named leaves.
    """

    kind: Name
    condition: Annotated[str, Meta(pattern=r"^embargo ended or fix accepted\Z")]
    fields: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=64)]
    publisher: Publisher
    signers: Annotated[tuple[Name, ...], Meta(min_length=2, max_length=2)]
    ends_at: Moment


PROJECT: Final = (
    Kind("project.policy/1", Policy),
    Kind("project.confirmed/1", Confirmed),
    Kind("project.calendar/1", Calendar),
    Kind("project.stop/1", StopOrder),
    Kind("project.stop_lifted/1", StopLifted),
    Kind("upkeep.appointed/1", Appointed),
    Kind("upkeep.standing_release/1", StandingRelease),
)
