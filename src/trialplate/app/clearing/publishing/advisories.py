"""Advisories: made for the worker where a standing release lets them out; shown and exported to anybody."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, Literal

import msgspec
from msgspec import Struct

from trialplate.app.clearing.cases import merged_into, policy_of
from trialplate.app.clearing.changes import Changes
from trialplate.app.clearing.house import ClearingError, House
from trialplate.app.clearing.publishing import releasing
from trialplate.app.clearing.roles import Role, require
from trialplate.clearinghouse.history import History
from trialplate.clearinghouse.publishing.advisory_text import text_of
from trialplate.clearinghouse.publishing.publish import Facts, released
from trialplate.errors import TrialplateError
from trialplate.flows.remediation import REMEDIATION
from trialplate.formats.csaf import file_name, write_csaf
from trialplate.formats.osv import PREFIX, osv_id, write_osv
from trialplate.records import PUBLIC, RecordId, SubjectId
from trialplate.records.case import Advisory, Case
from trialplate.trust import Reader

FORMAT: Final = "trialplate.advisories/1"
"""What the index of an exported folder says that it is."""

OUTSIDER: Final = Reader(party="", clearance=PUBLIC)
"""Anybody: whoever asks for advisories reads nothing but what is public."""

FORMS: Final = ("text", "osv", "csaf")
"""The forms in which an advisory is shown."""

_INDEX: Final = "index.json"
_ALIKE: Final = 16
"""Cases that are looked at for one id; that two begin with the same 8 digits is rare."""
_ID: Final = re.compile(rf"(?:{PREFIX})?trialplate-([0-9]{{4}})-([0-9a-f]{{8}})", re.IGNORECASE)


class NotReleasedError(TrialplateError):
    """No standing release lets an advisory become public."""


class NoAdvisoryError(TrialplateError):
    """There is no such advisory that is public. It is said alike whether a case stands behind the id or not."""


class ExportError(TrialplateError):
    """A folder cannot be exported to."""

    exit_code: ClassVar[int] = 1


class Listed(Struct, frozen=True, kw_only=True):
    """An advisory in a list; `modified` is when its newest `revision` came."""

    id: str
    title: str
    affected: tuple[str, ...]
    published: str
    modified: str
    revision: int


class Exported(Struct, frozen=True, kw_only=True):
    """An advisory in the index of an exported folder, with the paths of its documents."""

    id: str
    title: str
    published: str
    modified: str
    osv: str
    csaf: str


class Index(Struct, frozen=True, kw_only=True):
    """The index of an exported folder, by id."""

    format: Literal["trialplate.advisories/1"]
    advisories: tuple[Exported, ...]


def advisory_body(house: House, history: History) -> Advisory:
    """Return the advisory on a case as the newest standing release that permits it lets it out.

    Raises:
        NotReleasedError: where none does.
        PublishError: where there is nothing to publish.
    """
    case, now = history.last(Case), house.clock()
    subject = history.records[0].entry.header.subject
    reasons: list[str] = []
    for standing in releasing.standing(house):
        if standing.lapsed:
            reasons.append(standing.lapsed)
            continue
        facts = Facts(
            subject=subject,
            history=history,
            duplicates=merged_into(house, subject),
            policy=policy_of(house, case.project) if case else None,
            publisher=standing.release.publisher,
            now=now,
        )
        found = released(standing.release, facts)
        if isinstance(found, Advisory):
            return found
        reasons.append(found.reason)
    raise NotReleasedError(
        reasons[0] if reasons else "No standing release lets advisories become public.",
        "Let two releasers make one: trialplate advisory release new.",
    )


def written(advisory: Advisory, form: str) -> bytes:
    """Return an advisory in one of `FORMS`, in UTF-8 with a newline at its end."""
    match form:
        case "osv":
            return write_osv(advisory)
        case "csaf":
            return write_csaf(advisory)
        case _:
            return text_of(advisory).encode()


def listed(house: House) -> tuple[Listed, ...]:
    """Return what is public, by id."""
    return tuple(
        Listed(
            id=each.id,
            title=each.title,
            affected=tuple(affected.purl or affected.name for affected in each.affected),
            published=each.published_at,
            modified=each.revisions[-1].at,
            revision=each.revisions[-1].number,
        )
        for each in _public(house)
    )


def show(house: House, text: str) -> Advisory:
    """Return a public advisory by its id, in either form and case.

    Raises:
        NoAdvisoryError: where there is none.
    """
    return _found(house, text)[1]


def revise(house: House, party: str, text: str, summary: str) -> RecordId:
    """Take the newest advisory of an id back, so that the worker writes the next revision from what stands by then.

    Args:
        house: the clearinghouse.
        party: who revises it: a coordinator.
        text: the id.
        summary: what changed, as the public will read it.

    Raises:
        RoleError: where `party` is no coordinator.
        NoAdvisoryError: where there is no such advisory.
        ClearingError: where its next revision is waited for already.
        UpkeepError: where nothing is said to have changed.
    """
    require(house, party, Role.COORDINATOR)
    subject, _ = _found(house, text)
    history = house.history(subject)
    said = history.record(Advisory)
    if said is None:
        raise ClearingError("It is being revised already.", "Let the worker write the next revision: trialplate work.")
    changes = Changes(house, party, subject, history)
    changes.correct(said, summary)
    return changes.append()[0]


def export(house: House, folder: Path) -> Index:
    """Write all public advisories as OSV and CSAF into a folder, which is replaced as a whole or stays as it was.

    Raises:
        ExportError: where something else is in the folder.
        OSError: where it cannot be written.
    """
    _check_target(folder)
    public = _public(house)
    index = Index(format=FORMAT, advisories=tuple(map(_exported, public)))
    files = dict(_documents(public))
    files.update(_sums(files))
    files.update(_directory(public))
    files[_INDEX] = msgspec.json.format(msgspec.json.encode(index), indent=2) + b"\n"
    _put(folder, files)
    return index


def _public(house: House) -> tuple[Advisory, ...]:
    found = (house.history(subject, OUTSIDER).last(Advisory) for subject in house.subjects(REMEDIATION, OUTSIDER))
    return tuple(sorted((each for each in found if each), key=lambda each: each.id))


def _found(house: House, text: str) -> tuple[SubjectId, Advisory]:
    """Return a public advisory with its case, which its id begins like.

    Raises:
        NoAdvisoryError: where there is none.
    """
    parts = _ID.fullmatch(text)
    begun = parts[2].lower() if parts else ""
    # What begins with these digits comes right after them in the order of ids.
    rows = house.store.summaries(OUTSIDER, after=begun, limit=_ALIKE) if parts else ()
    wanted = f"TRIALPLATE-{parts[1]}-{parts[2].upper()}" if parts else ""
    for row in rows:
        advisory = house.history(row.subject, OUTSIDER).last(Advisory) if row.subject.startswith(begun) else None
        if advisory and advisory.id == wanted:
            return row.subject, advisory
    raise NoAdvisoryError(f"No advisory {text[:40]!r} is public.", "Look it up: trialplate advisory list.")


def _csaf_path(advisory: Advisory) -> str:
    return f"{advisory.published_at[:4]}/{file_name(advisory.id)}"


def _exported(advisory: Advisory) -> Exported:
    return Exported(
        id=advisory.id,
        title=advisory.title,
        published=advisory.published_at,
        modified=advisory.revisions[-1].at,
        osv=f"osv/{osv_id(advisory.id)}.json",
        csaf=f"csaf/{_csaf_path(advisory)}",
    )


def _documents(public: Sequence[Advisory]) -> Iterator[tuple[str, bytes]]:
    for advisory in public:
        paths = _exported(advisory)
        yield paths.osv, write_osv(advisory)
        yield paths.csaf, write_csaf(advisory)


def _sums(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return the file of the hash of each file, as section 7.1.18 of CSAF 2.0 and `sha256sum` have it."""
    return {
        f"{path}.sha256": f"{hashlib.sha256(data).hexdigest()}  {path.rpartition('/')[2]}\n".encode()
        for path, data in files.items()
    }


def _directory(public: Sequence[Advisory]) -> Mapping[str, bytes]:
    """Return what sections 7.1.12 and 7.1.13 of CSAF 2.0 ask of a folder: its paths, and its changes, newest first."""
    paths = "".join(f"{_csaf_path(each)}\n" for each in public)
    newest = sorted(public, key=lambda each: each.revisions[-1].at, reverse=True)
    changes = "".join(f'"{_csaf_path(each)}","{each.revisions[-1].at}"\n' for each in newest)
    return {"csaf/index.txt": paths.encode(), "csaf/changes.csv": changes.encode()}


def _check_target(folder: Path) -> None:
    """Refuse a folder that holds anything but an earlier export: it is replaced as a whole."""
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return
        msgspec.json.decode((folder / _INDEX).read_bytes(), type=Index)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise ExportError(
            f"{folder} holds something else than exported advisories; nothing was changed.",
            "Name a folder that is empty or not there.",
        ) from None


def _put(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder with these files in the place of `target`; whoever looks meanwhile may find none for a moment."""
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
        part = Path(beside) / "new"
        for name, data in files.items():
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        if target.exists():
            target.rename(Path(beside) / "old")
        part.rename(target)
