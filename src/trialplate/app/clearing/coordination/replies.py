"""The maintainer's side of the desk: what was sent to it, and its answers, each a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, assert_never

from msgspec import Struct

from trialplate.app.clearing.cases import merged_into
from trialplate.app.clearing.changes import Changes
from trialplate.app.clearing.coordination.casework import Ruled, extend_as, waits_of
from trialplate.app.clearing.files import read_file
from trialplate.app.clearing.house import HOUSE, ClearingError, House
from trialplate.clearinghouse.coordination.case import Waited
from trialplate.clearinghouse.coordination.desk import is_open
from trialplate.clearinghouse.coordination.replies import (
    MOST_BYTES,
    Accept,
    AcceptFix,
    MoreTime,
    NoBug,
    NoFix,
    Patch,
    Reply,
    parse_reply,
)
from trialplate.clearinghouse.history import History
from trialplate.flows.remediation import MAINTAINER
from trialplate.records import SubjectId
from trialplate.records.case import (
    Accepted,
    Advisory,
    Case,
    Embargo,
    EmbargoEnded,
    FixAccepted,
    NoAnswer,
    NoPatch,
    NotABug,
    Notice,
    PartyAdded,
    PatchOffered,
    PatchPassed,
    PatchRefused,
    WontFix,
)
from trialplate.records.finding import Reproduced
from trialplate.trust import public_uri
from trialplate.trust.ports import Mark

MOST_PATCH_BYTES: Final = 4 << 20
"""Bytes of a patch."""

_LATE: Final = "The maintainer answered again."


class Told(Struct, frozen=True, kw_only=True):
    """A report in a maintainer's inbox: the case, what it is, since when, and what is awaited of the maintainer."""

    case: str
    title: str
    sent_at: str
    embargo_until: str
    waiting: tuple[Waited, ...]
    folder: str = ""


def inbox(house: House, party: str, *, every: bool = False, folder: Path | None = None) -> tuple[Told, ...]:
    """Return the reports that are open with a maintainer, those first that were sent first.

    Args:
        house: the clearinghouse.
        party: the maintainer.
        every: return also those that are closed.
        folder: where each report is written to, in a folder of its own: `NOTICE.txt`, `NOTICE.sig`, the key that it is
            signed with, and the files to see it by, each under its SHA-256.

    Raises:
        VaultError: where a file to be written is damaged.
        OSError: where the folder cannot be written.
    """
    found = [
        _told(house, subject, history, folder)
        for subject, history in _sent_to(house, party)
        if every or is_open(history)
    ]
    return tuple(sorted(found, key=lambda each: (each.sent_at, each.case)))


def reply(house: House, party: str, path: Path) -> Ruled:
    """Record the answer in a file, signed with the maintainer's key.

    A later answer replaces an earlier one, and the record of a silence; what was corrected stays in the history.

    Raises:
        ReplyError: where the file is no answer.
        FileError: where it, or its patch, cannot be read.
        ClearingError: where there is no such case in the maintainer's inbox, or the answer comes too late or too soon.
    """
    answer = parse_reply(read_file(path, MOST_BYTES))
    history = house.history(SubjectId(answer.case))
    if not _is_told(house, party, history):
        raise ClearingError("There is no such case in your inbox.", "See `trialplate maintainer inbox --all`.")
    return _answered(house, party, history, answer, path.parent)


def _sent_to(house: House, party: str) -> Iterator[tuple[SubjectId, History]]:
    for found in house.marked(Mark("party", house.keyed(party))):
        history = house.history(found.subject)
        if _is_told(house, party, history):
            yield found.subject, history


def _is_told(house: House, party: str, history: History) -> bool:
    """Say whether a maintainer was told of a case, and comes with the key that it was told under."""
    added = history.last(PartyAdded)
    if added is None or not (history.record(Notice) and history.record(Case)):
        return False
    return (added.party, added.key) == (party, public_uri(house.signer(party)))


def _answered(house: House, party: str, history: History, answer: Reply, folder: Path) -> Ruled:
    case = SubjectId(answer.case)
    if isinstance(answer, MoreTime):
        return extend_as(house, party, case, history, answer.reason)
    changes = Changes(house, party, case, history)
    match answer:
        case Accept():
            _position(changes, history, Accepted(fix_by=answer.fix_by, note=answer.note))
        case NoBug():
            _position(changes, history, NotABug(answer.reason))
        case NoFix():
            _position(changes, history, WontFix(answer.reason))
        case Patch():
            data = read_file(folder / answer.patch, MOST_PATCH_BYTES)
            if history.record(Accepted) is None:
                _position(changes, history, Accepted(note="A patch came."))
            _candidate(changes, history, PatchOffered(patch=house.vault.put(data), base=answer.base, note=answer.note))
        case AcceptFix():
            _fix(changes, history, FixAccepted(version=answer.version, commit=answer.commit, note=answer.note))
        case _:
            assert_never(answer)
    return Ruled(subject=case, records=changes.append())


def _position(changes: Changes, history: History, position: Accepted | NotABug | WontFix) -> None:
    """Add what the maintainer thinks of the case, in place of what it said, or did not say, before."""
    _require_no_fix(history)
    if isinstance(position, NotABug) and history.record(Advisory):
        raise ClearingError("It is published.", "Ask a coordinator of the clearinghouse to revise the advisory.")
    changes.replace(history.record(Accepted, NotABug, WontFix, NoAnswer), position, "case.accepted", _LATE)


def _candidate(changes: Changes, history: History, offered: PatchOffered) -> None:
    """Add a candidate in place of the last one, whose checks then speak of nothing."""
    _require_no_fix(history)
    changes.replace(history.record(PatchOffered, NoPatch), offered, "case.patch", "Another candidate came.")
    changes.correct(history.record(PatchPassed, PatchRefused), "The candidate that it is about was replaced.")


def _fix(changes: Changes, history: History, fix: FixAccepted) -> None:
    """Add that a fix is there: the candidate that passed, or one that the maintainer made without us."""
    if history.record(Embargo) is None:
        raise ClearingError("The case is not that far.", "Let the worker go on first: trialplate work")
    if history.record(PatchOffered) and not history.record(PatchPassed):
        raise ClearingError(
            "The candidate has passed no check yet, so that users would be told of a fix that may be none.",
            "Wait for the check (trialplate work), or send another patch.",
        )
    if history.record(NotABug):
        raise ClearingError("You said that it is not a bug.", 'Answer "accept" first.')
    changes.replace(history.record(FixAccepted, EmbargoEnded), fix, "case.fix_accepted", _LATE)


def _require_no_fix(history: History) -> None:
    if history.record(FixAccepted):
        raise ClearingError("You have accepted a fix.", "Answer `accept fix` again where users get another one.")


def _told(house: House, case: SubjectId, history: History, folder: Path | None) -> Told:
    notice, opened, embargo = history.record(Notice), history.last(Case), history.last(Embargo)
    written = _written(house, case, history, folder / case) if folder else ""
    return Told(
        case=case,
        title=opened.title if opened else "",
        sent_at=notice.at if notice else "",
        embargo_until=embargo.ends_at if embargo else "",
        waiting=tuple(each for each in waits_of(house, history) if each.by == MAINTAINER),
        folder=written,
    )


def _written(house: House, case: SubjectId, history: History, folder: Path) -> str:
    """Write a notice with what a maintainer needs to see the weakness; names are ours, and never a finder's."""
    notice = history.last(Notice)
    seen = [history, *(each.history for each in merged_into(house, case))]
    replays = [found.replayed for each in seen if (found := each.last(Reproduced))]
    names = {"proof": [each.proof for each in replays]}
    names |= {"recipe": [each.recipe for each in replays[:1]], "source": [each.source for each in replays[:1]]}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if notice is not None:
        _write(folder / "NOTICE.txt", notice.text.encode())
        _write(folder / "NOTICE.sig", bytes.fromhex(notice.signature))
        _write(folder / "KEY.txt", f"{public_uri(house.signer(HOUSE))}\n".encode())
    for name, digests in names.items():
        for digest in dict.fromkeys(digests):
            _write(folder / f"{name}-{digest}", house.vault.get(digest))
    return str(folder)


def _write(path: Path, data: bytes) -> None:
    """Write a file that only this user reads, whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(data)
    part.replace(path)
