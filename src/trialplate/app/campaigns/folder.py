"""The folder of a campaign: what it was started with, its key, its logs, and the lock of whoever runs it.

DIR/private/    0700: campaign.json, criteria.json, characteristics.json, table.json, campaign.key, logs/ (open them
with
                `inspect view`), data/ (Inspect's own files)
DIR/bundle/     what a stranger is given
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from trialplate.benchmark.secrecy import KEY_BYTES
from trialplate.errors import TrialplateError
from trialplate.records import ItemLimits, SubjectId

FORMAT: Final = "trialplate-campaign/1"
_MOST_BYTES: Final = 1 << 20
_BASIS: Final = ("criteria", "characteristics", "table")


class FolderError(TrialplateError):
    """The folder of a campaign cannot be used."""


class CampaignFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a campaign was started with. Model arguments are kept, so give keys by the environment and never here.

    `number` is the plan of the subject that it follows; `seed_beacon` an operator's draw in hex that was given
    beforehand, for demonstrations, or empty.
    """

    format: str
    subject: SubjectId
    number: int
    bank: str
    root: str
    image: str
    model: str
    arguments: dict[str, str]
    agent: str
    limits: ItemLimits
    most_runs: int
    token_budget: int
    at_once: int
    call_seconds: int
    retries: int
    dollars_in: float
    dollars_out: float
    beacon: str
    seed_beacon: str
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a campaign is bound to beside its settings, as the bytes of three files."""

    criteria: bytes
    characteristics: bytes
    table: bytes


class Folder:
    """A campaign's folder, locked by this process."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.private = self.path / "private"

    @property
    def logs(self) -> Path:
        """The folder of Inspect's logs."""
        return self.private / "logs"

    @property
    def data(self) -> Path:
        """The folder of Inspect's traces and buffers, which would otherwise lie in the user's own."""
        return self.private / "data"

    @property
    def key(self) -> bytes:
        """The key that all secrets of the campaign come from."""
        return bytes.fromhex((self.private / "campaign.key").read_text().strip())

    @property
    def bundle(self) -> Path:
        """The folder that a stranger is given."""
        return self.path / "bundle"

    def basis(self) -> Basis:
        """Return what the campaign is bound to.

        Raises:
            FolderError: where a file is missing.
        """
        try:
            return Basis(**{name: (self.private / f"{name}.json").read_bytes() for name in _BASIS})
        except OSError as failure:
            raise FolderError(f"{self.private} lacks a file ({failure}).", "Begin a new campaign.") from failure

    def settings(self) -> CampaignFile:
        """Return what the campaign was started with.

        Raises:
            FolderError: where the file is missing or was changed.
        """
        path = self.private / "campaign.json"
        try:
            found = msgspec.json.decode(path.read_bytes()[:_MOST_BYTES], type=CampaignFile)
        except (OSError, msgspec.DecodeError) as failure:
            raise FolderError(f"{path} cannot be read ({failure}).", "Give the folder of a campaign.") from failure
        if found.format != FORMAT:
            raise FolderError(f"{self.path} is a campaign of another version.", "Resume it with that version.")
        return found


@contextmanager
def created(path: Path, settings: CampaignFile, basis: Basis) -> Generator[Folder]:
    """Make the folder of a new campaign and hold it. Its key is made last: what it opens was committed to before.

    Raises:
        FolderError: where the folder is in use or cannot be made.
    """
    folder = Folder(path)
    with ExitStack() as held:
        try:
            if folder.path.exists() and any(folder.path.iterdir()):
                raise FolderError(f"{folder.path} is not empty.", "Choose another --out, or go on with --resume.")
            folder.private.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.bundle.mkdir(exist_ok=True)
            for part in (folder.logs, folder.data):
                part.mkdir(mode=0o700)
            held.enter_context(_locked(folder))
            for name in _BASIS:
                _write(folder.private / f"{name}.json", getattr(basis, name))
            _write(folder.private / "campaign.json", msgspec.json.format(msgspec.json.encode(settings), indent=2))
            _write(folder.private / "campaign.key", secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
        except OSError as failure:
            raise FolderError(
                f"{folder.path} cannot be made ({failure.strerror}).", "Choose another --out."
            ) from failure
        yield folder


@contextmanager
def resumed(path: Path) -> Generator[Folder]:
    """Hold the folder of a campaign that was begun.

    Raises:
        FolderError: where it is none, or another process runs it.
    """
    folder = Folder(path)
    folder.settings()
    with _locked(folder):
        yield folder


@contextmanager
def _locked(folder: Folder) -> Generator[None]:
    """Hold the lock that the kernel takes from whoever dies."""
    fd = os.open(folder.private / "lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderError(f"Another process runs the campaign in {folder.path}.", "Wait until it ends.") from None
        yield
    finally:
        os.close(fd)


def _write(path: Path, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
