"""Projects: registered with recipe and sources, changed by their maintainer alone; and what owners say of scans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from trialplate.app.clearing.changes import Changes
from trialplate.app.clearing.files import read_file
from trialplate.app.clearing.house import Act, ClearingError, House
from trialplate.app.clearing.roles import Role, require
from trialplate.app.clearing.turns import turn
from trialplate.clearinghouse import vault
from trialplate.clearinghouse.coordination.projects import (
    MOST_FILE_BYTES,
    ProjectError,
    ProjectFile,
    confirmed,
    owner_of,
    parse_calendar,
    parse_project,
    policy_of,
    targets_of,
)
from trialplate.clearinghouse.finders.targets import keys_of
from trialplate.clearinghouse.history import History
from trialplate.clearinghouse.triage import recipe as recipes
from trialplate.flows.remediation import PROJECT
from trialplate.records import SubjectId, moment
from trialplate.records.claim import ClaimTarget
from trialplate.records.project import Busy, Confirmed, Policy, ProjectSource, StopLifted, StopOrder
from trialplate.trust import public_uri
from trialplate.trust.ports import Mark


class Shown(Struct, frozen=True, kw_only=True):
    """A project: its policy, its calendar, and until when its owner wants every scan to stop (empty: it does not).

    `confirmed` says whether a coordinator found that its maintainer is whom it says.
    """

    project: SubjectId
    policy: Policy
    confirmed: bool
    busy: tuple[Busy, ...]
    stopped_until: str


def register(house: House, party: str, path: Path) -> Shown:
    """Register the project in a file, or change one's own to what the file says; the same again changes nothing.

    The recipe and the sources that the file names, by paths from its folder, are kept in the vault.

    Raises:
        FileError: where a file cannot be read or is too large.
        ProjectError, RecipeError: where a file does not say what it should.
        ClearingError: where the project is another's, or one of its packages or repositories is another project's.
    """
    file = parse_project(read_file(path, MOST_FILE_BYTES))
    _check_zone(file.clock.zone)
    policy = policy_of(
        file,
        maintainer=party,
        key=public_uri(house.signer(party)),
        recipe=_kept_recipe(house, path.parent / file.recipe) if file.recipe else "",
        sources=tuple(_kept_sources(house, path.parent, file)),
    )
    with turn(house, "projects") as lease:
        subject = _named(house, file.name)
        history = house.history(subject) if subject else History((), ())
        if subject:
            _require_maintainer(house, party, history)
        _require_free(house, subject, policy)
        if history.last(Policy) != policy:
            changes = Changes(house, party, subject or house.new_subject(), history, PROJECT)
            changes.replace(history.record(Policy), policy, "project.policy", "The maintainer changed it.")
            changes.append(lease)
    return show(house, file.name)


def show(house: House, name: str) -> Shown:
    """Return a project by its name; anybody may ask.

    Raises:
        ClearingError: where none has that name.
    """
    subject, history, policy = _found(house, name)
    owner = owner_of(history)
    return Shown(
        project=subject,
        policy=policy,
        confirmed=confirmed(history) is not None,
        busy=owner.busy,
        stopped_until=owner.stopped_until if owner.stopped_until > house.clock() else "",
    )


def confirm(house: House, party: str, name: str, *, reason: str) -> Shown:
    """Confirm that the maintainer of a project is whom it says, with the key that it has now.

    Raises:
        RoleError: where the party is no coordinator.
        ClearingError: where there is no such project, or nothing is to be confirmed.
    """
    require(house, party, Role.COORDINATOR)
    subject, history, policy = _found(house, name)
    if confirmed(history):
        raise ClearingError(f"{name} is confirmed already.", "Nothing is to be done.")
    house.tell(
        party, subject, PROJECT, history, Act(body=Confirmed(key=policy.key, reason=reason), step="project.confirmed")
    )
    return show(house, name)


def set_calendar(house: House, party: str, name: str, path: Path) -> Shown:
    """Put the calendar in a file in the place of the project's earlier one.

    Raises:
        FileError, ProjectError: where the file cannot be read, or is no calendar.
        ClearingError: where the project is not the party's.
    """
    return _tell(
        house, party, name, Act(body=parse_calendar(read_file(path, MOST_FILE_BYTES)), step="project.calendar")
    )


def stop(house: House, party: str, name: str, *, reason: str, until: str) -> Shown:
    """Ask that every scan of the project stops until a moment.

    Raises:
        MomentError: where `until` is none.
        ProjectError: where it is over.
        ClearingError: where the project is not the party's.
    """
    moment(until)
    if until <= house.clock():
        raise ProjectError(f"{until} is over.", "Give a moment to come.")
    return _tell(house, party, name, Act(body=StopOrder(reason=reason, ends_at=until), step="project.stop"))


def resume(house: House, party: str, name: str, *, reason: str) -> Shown:
    """Take the stop order of a project back.

    Raises:
        ClearingError: where the project is not the party's, or nothing is stopped.
    """
    if not show(house, name).stopped_until:
        raise ClearingError(f"No stop order stands for {name}.", "Nothing needs to be done.")
    return _tell(house, party, name, Act(body=StopLifted(reason), step="project.stop_lifted"))


def _tell(house: House, party: str, name: str, act: Act) -> Shown:
    subject, history, _ = _found(house, name)
    _require_maintainer(house, party, history)
    house.tell(party, subject, PROJECT, history, act)
    return show(house, name)


def _named(house: House, name: str) -> SubjectId | None:
    return next((found.subject for found in house.marked(Mark("name", house.keyed(name)))), None)


def _found(house: House, name: str) -> tuple[SubjectId, History, Policy]:
    subject = _named(house, name)
    history = house.history(subject) if subject else History((), ())
    policy = history.last(Policy)
    if subject is None or policy is None:
        raise ClearingError(f"No project is registered as {name[:80]!r}.", "Check the name, or register it.")
    return subject, history, policy


def _require_maintainer(house: House, party: str, history: History) -> None:
    policy = history.last(Policy)
    if policy is None or (policy.maintainer, policy.key) != (party, public_uri(house.signer(party))):
        raise ClearingError(
            "This project is registered by another party, or with another key.", "Ask its maintainer to hand it over."
        )


def _require_free(house: House, own: SubjectId | None, policy: Policy) -> None:
    for target in targets_of(policy):
        marks = (Mark("target", house.keyed(key)) for key in keys_of(target))
        for found in house.marked(*marks):
            if found.subject != own and house.history(found.subject).last(Policy):
                raise ClearingError(
                    f"{_text(target)} belongs to another project already.", "Ask its maintainer, or leave it out."
                )


def _text(target: ClaimTarget) -> str:
    return target.purl or target.repository


def _kept_recipe(house: House, path: Path) -> str:
    data = read_file(path, recipes.MOST_BYTES)
    recipes.parse_recipe(data)
    return house.vault.put(data)


def _kept_sources(house: House, folder: Path, file: ProjectFile) -> Iterator[ProjectSource]:
    for source in file.sources:
        archive = house.vault.put(read_file(folder / source.archive, vault.MOST_BYTES))
        yield ProjectSource(version=source.version, commit=source.commit, archive=archive)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ProjectError(
            f"{zone[:80]!r} is no time zone.", "Name one of the IANA database, as Europe/Berlin."
        ) from None
