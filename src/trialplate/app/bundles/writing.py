"""Write the bundle of a finished campaign: what a stranger needs to check it (docs/formats/bundle.md)."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from trialplate.app.bundles.public_log import PublicLog
from trialplate.app.campaigns.ledger import CampaignLedger, Said
from trialplate.records import AssessmentDraft, Plan, RecordId, SubjectId, canonical
from trialplate.trust import Signer, public_uri, sign_envelope

FORMAT: Final = "trialplate-bundle/1"
MANIFEST: Final = "MANIFEST"
MANIFEST_TYPE: Final = "application/vnd.trialplate.manifest+json"

_README: Final = """This folder is the bundle of an assessment by Trialplate.

Check it without trust in whoever made it:

    trialplate verify FOLDER
    trialplate verify FOLDER --trust KEYS

`trialplate verify` is one file, src/trialplate/faces/verify.py of Trialplate; it needs Python and the package
cryptography, and also works alone: python verify.py FOLDER. KEYS is a file of public keys that you have from elsewhere.
`trialplate replay FOLDER` computes scores, boundaries and the horizon again.

report.html is for reading, draft.json for programs. An assessment determines nothing, and holds back no release.
"""


class ListedFile(Struct, frozen=True, kw_only=True):
    """A file of a bundle."""

    path: str
    sha256: str
    size: int


class Manifest(Struct, frozen=True, kw_only=True):
    """What a bundle holds and who signed it."""

    format: str
    files: tuple[ListedFile, ...]
    keys: tuple[str, ...]
    log: str
    plan: RecordId
    subject: SubjectId


class _Line(Struct, frozen=True, kw_only=True):
    envelope: Any
    body: str
    salt: str


def write_bundle(
    target: Path, ledger: CampaignLedger, log: PublicLog, signer: Signer, parts: Mapping[str, bytes]
) -> Path:
    """Write the folder `target` anew, whole or not at all, and return it.

    Args:
        target: the bundle's folder; what it held is replaced.
        ledger: the campaign with all its records; each must be in the log.
        log: proves them.
        signer: signs the manifest; it signed the records.
        parts: the other files by name.

    Raises:
        PublicLogError: where a record is not in the log.
        OSError: where it cannot be written.
    """
    published = log.proofs([said.id for said in ledger.history])
    draft = ledger.course.the(AssessmentDraft)
    files = {
        "records.jsonl": _records(ledger),
        "checkpoint": published.note,
        "proofs.json": canonical(published.proofs) + b"\n",
        "draft.json": canonical(draft) + b"\n",
        "README.txt": _README.encode(),
        **parts,
    }
    manifest = Manifest(
        format=FORMAT,
        files=tuple(_listed(path, files[path]) for path in sorted(files)),
        keys=(public_uri(signer),),
        log=published.key.text,
        plan=ledger.id_of(Plan),
        subject=ledger.subject,
    )
    envelope = sign_envelope(canonical(manifest), (signer,), payload_type=MANIFEST_TYPE)
    _replace(target, {**files, MANIFEST: envelope})
    return target


def _records(ledger: CampaignLedger) -> bytes:
    first = len(ledger.history) - len(ledger.campaign)
    return b"".join(_line(said, shown=at >= first) for at, said in enumerate(ledger.history))


def _line(said: Said, *, shown: bool) -> bytes:
    """Return a record as a line; of earlier campaigns only plans and drafts are shown."""
    entry = said.stored.entry
    opened = shown or isinstance(said.body, Plan | AssessmentDraft)
    line = _Line(
        envelope=msgspec.json.decode(entry.envelope),
        body=base64.b64encode(entry.body).decode() if opened else "",
        salt=entry.salt.hex() if opened else "",
    )
    return canonical(line) + b"\n"


def _listed(path: str, data: bytes) -> ListedFile:
    return ListedFile(path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def _replace(target: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder with these files in the place of `target`."""
    part, old = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.old")
    for left in (part, old):
        shutil.rmtree(left, ignore_errors=True)
    part.mkdir(mode=0o755, parents=True)
    for name, data in files.items():
        with (part / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    if target.exists():
        target.rename(old)
    part.rename(target)
    shutil.rmtree(old, ignore_errors=True)
