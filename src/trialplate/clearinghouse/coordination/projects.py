"""What a project's owner writes: the project's policy and calendar as files, and who may speak for it. Pure.

docs/formats/project.md says every field of both formats.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from trialplate.clearinghouse.finders.claims import Owner
from trialplate.clearinghouse.finders.targets import TargetError, normalized
from trialplate.clearinghouse.history import History
from trialplate.errors import TrialplateError
from trialplate.records import MomentError, moment
from trialplate.records.claim import ClaimTarget
from trialplate.records.project import (
    Busy,
    Calendar,
    Clock,
    Confirmed,
    Days,
    Policy,
    ProjectSource,
    StopLifted,
    StopOrder,
)
from trialplate.records.shapes import Name, PublicKey, Short
from trialplate.records.words import said

MOST_FILE_BYTES: Final = 256 * 1024

_T = TypeVar("_T")
_Listed = Annotated[tuple[Name, ...], Meta(max_length=64)]


class ProjectError(TrialplateError):
    """A file says nothing of a project, or contradicts itself."""

    exit_code = 2


class SourceFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The source of one version; `archive` is the path of a file, from the folder of the file that names it."""

    version: Name
    commit: Short = ""
    archive: Name


class Handover(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who speaks for the project from now on, by name and key."""

    party: Name
    key: PublicKey


class ProjectFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A project in a file, `trialplate.project/1`: what a `Policy` says, with paths where it has digests.

    The maintainer is whoever registers it, unless the project is handed over.
    """

    format: Literal["trialplate.project/1"]
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,254}\Z")]
    contact: Name
    purls: _Listed = ()
    repositories: _Listed = ()
    open_limit: Annotated[int, Meta(ge=1, le=1000)] = 3
    pace_days: Days = 0
    public_by_policy: bool = False
    takes_ai_reports: bool = True
    excluded: Annotated[tuple[Name, ...], Meta(max_length=256)] = ()
    clock: Clock = Clock()
    recipe: Short = ""
    sources: Annotated[tuple[SourceFile, ...], Meta(max_length=256)] = ()
    handover: Handover | None = None


class CalendarFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A calendar in a file, `trialplate.calendar/1`."""

    format: Literal["trialplate.calendar/1"]
    busy: Annotated[tuple[Busy, ...], Meta(max_length=256)] = ()


def parse_project(data: bytes) -> ProjectFile:
    """Return the project in a file's bytes, its packages and repositories in normal form and each once.

    Raises:
        ProjectError: where it is none, names no package and no repository, one that cannot be read or that has a
            version or a path, or one version twice.
    """
    found = _decoded(data, ProjectFile)
    if not found.purls and not found.repositories:
        raise ProjectError("The project names no package and no repository.", "Give `purls` or `repositories`.")
    versions = [source.version for source in found.sources]
    if len(set(versions)) < len(versions):
        raise ProjectError("A version has two sources.", "Give each version once in `sources`.")
    targets = [_whole(ClaimTarget(purl=purl)) for purl in found.purls]
    places = [_whole(ClaimTarget(repository=url)) for url in found.repositories]
    return msgspec.structs.replace(
        found,
        purls=tuple(dict.fromkeys(target.purl for target in targets)),
        repositories=tuple(dict.fromkeys(target.repository for target in places)),
    )


def parse_calendar(data: bytes) -> Calendar:
    """Return the calendar in a file's bytes, in the order of time.

    Raises:
        ProjectError: where it is none, or a time ends before it begins.
    """
    found = _decoded(data, CalendarFile)
    for each in found.busy:
        try:
            begins, ends = moment(each.begins_at), moment(each.ends_at)
        except MomentError as error:
            raise ProjectError(error.what, error.fix) from None
        if ends <= begins:
            raise ProjectError(f"{each.ends_at} is not after {each.begins_at}.", "Let each time end after it begins.")
    return Calendar(tuple(sorted(found.busy, key=lambda each: (each.begins_at, each.ends_at))))


def policy_of(
    file: ProjectFile, *, maintainer: str, key: str, recipe: str, sources: tuple[ProjectSource, ...]
) -> Policy:
    """Return the policy that a file states.

    Args:
        file: the file.
        maintainer: the party that registers it.
        key: that party's public key.
        recipe: the digest of its recipe, or nothing.
        sources: its sources, by digest.
    """
    return Policy(
        name=file.name,
        maintainer=file.handover.party if file.handover else maintainer,
        key=file.handover.key if file.handover else key,
        contact=file.contact,
        purls=file.purls,
        repositories=file.repositories,
        open_limit=file.open_limit,
        pace_days=file.pace_days,
        public_by_policy=file.public_by_policy,
        takes_ai_reports=file.takes_ai_reports,
        excluded=file.excluded,
        clock=file.clock,
        recipe=recipe,
        sources=sources,
    )


def targets_of(policy: Policy) -> tuple[ClaimTarget, ...]:
    """Return each package and each repository of a project as a target."""
    return (
        *(ClaimTarget(purl=purl) for purl in policy.purls),
        *(ClaimTarget(repository=url) for url in policy.repositories),
    )


def confirmed(history: History) -> Policy | None:
    """Return the newest policy of a project, where a coordinator confirmed the key of its maintainer; None otherwise.

    Anybody may register a project. What is not confirmed is no address to send a weakness to, and nothing to build by.
    """
    policy, found = history.last(Policy), history.last(Confirmed)
    return policy if policy and found and found.key == policy.key else None


def owner_of(history: History) -> Owner:
    """Return what the owner of a project says of scans: its newest calendar and the stop order that stands, if any."""
    calendar = history.last(Calendar)
    said = history.record(StopOrder, StopLifted)
    stop = said.body if said else None
    return Owner(
        busy=calendar.busy if calendar else (), stopped_until=stop.ends_at if isinstance(stop, StopOrder) else ""
    )


def _whole(target: ClaimTarget) -> ClaimTarget:
    try:
        found = normalized(target)
    except TargetError as error:
        raise ProjectError(error.what, error.fix) from None
    if found.first or found.component:
        raise ProjectError(f"{target.purl} is one version or part of a package.", "Name the package alone.")
    return found


def _decoded(data: bytes, kind: type[_T]) -> _T:
    if len(data) > MOST_FILE_BYTES:
        raise ProjectError(f"{len(data)} bytes are more than the {MOST_FILE_BYTES} of such a file.", "Shorten it.")
    try:
        return msgspec.toml.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ProjectError(
            f"This file cannot be read: {said(error)}.", "Write it as docs/formats/project.md says."
        ) from None
