"""The log of this home: ids of all its records in the order in which they came, under signed checkpoints.

    log/leaves              32 bytes a record, appended and synced before a checkpoint is signed
    log/checkpoint-SIZE     one signed note a publication, put there whole or not at all

A crash between the two leaves more leaves than the newest checkpoint says, and the next publication goes on from there.
A log that holds less than it signed is refused: something was cut off.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records import Checkpoint, RecordId
from trialplate.trust import (
    NoteKey,
    OpenedCheckpoint,
    Signer,
    Tree,
    leaf_hash,
    open_checkpoint,
    sign_checkpoint,
)
from trialplate.trust.merkle import HASH_BYTES
from trialplate.trust.ports import LeafQueue

_PAGE: Final = 10_000
_MOST_EARLIER: Final = 256
"""Earlier checkpoints that a bundle shows the way from, the newest ones."""

_NOTE: Final = "checkpoint-"
_DIGITS: Final = 16


class PublicLogError(TrialplateError):
    """The log on disk is not what it signed."""


class Inclusion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a record stands in the log, and the hashes (hex) that prove it."""

    record: RecordId
    index: int
    hashes: tuple[str, ...]


class Earlier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An earlier checkpoint of the log, and the hashes (hex) that prove that the newest one extends it."""

    size: int
    root: str
    hashes: tuple[str, ...]


class Proofs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a bundle shows of the log."""

    inclusion: tuple[Inclusion, ...]
    earlier: tuple[Earlier, ...]


@dataclass(frozen=True, kw_only=True)
class Published:
    """The newest checkpoint as a signed note, the log's key, and the proofs of the records that were asked for."""

    note: bytes
    key: NoteKey
    proofs: Proofs


class PublicLog:
    """The log in a folder, signed by one key under its name.

    Args:
        folder: where it lies; made on first use.
        signer: signs checkpoints.
    """

    def __init__(self, folder: Path, signer: Signer) -> None:
        self._folder = folder
        self._signer = signer
        self._key = NoteKey(f"trialplate.invalid/log/{signer.key_id[:16]}", signer.public)

    def publish(self, queue: LeafQueue) -> None:
        """Append what waits, then sign a checkpoint over all of it.

        Raises:
            PublicLogError: where the log holds less than it signed, or is no log.
            OSError: where it cannot be written.
        """
        with self._locked():
            leaves, signed = self._leaves(), self._signed()
            _refuse_cut(self._folder, leaves, signed)
            known = set(leaves)
            while waiting := queue.queued(_PAGE):
                # A crash after the append and before the strike would bring a leaf twice.
                fresh = [leaf for leaf in map(bytes.fromhex, waiting) if leaf not in known]
                self._append(len(leaves), fresh)
                leaves += fresh
                queue.published(waiting)
            if leaves and (not signed or signed[-1].checkpoint.size < len(leaves)):
                self._sign(leaves)

    def proofs(self, records: Sequence[RecordId]) -> Published:
        """Return the newest checkpoint with proofs of `records`.

        Raises:
            PublicLogError: where one is not in the log.
        """
        signed = self._signed()
        leaves = self._leaves()[: signed[-1].checkpoint.size] if signed else []
        places = {leaf: index for index, leaf in enumerate(leaves)}
        tree = _tree(leaves)
        if any(bytes.fromhex(record) not in places for record in records):
            raise PublicLogError("A record is not in the log.", "Publish first.")
        inclusion = tuple(
            Inclusion(record=record, index=index, hashes=_hex(tree.inclusion(index)))
            for record in records
            for index in (places[bytes.fromhex(record)],)
        )
        earlier = tuple(
            Earlier(
                size=each.checkpoint.size,
                root=each.checkpoint.root,
                hashes=_hex(tree.consistency(each.checkpoint.size)),
            )
            for each in signed[:-1][-_MOST_EARLIER:]
        )
        note = self._notes()[-1].read_bytes()
        return Published(note=note, key=self._key, proofs=Proofs(inclusion=inclusion, earlier=earlier))

    def _leaves(self) -> list[bytes]:
        path = self._folder / "leaves"
        data = path.read_bytes() if path.exists() else b""
        # A half-written leaf at the end was never signed.
        return [data[at : at + HASH_BYTES] for at in range(0, len(data) - len(data) % HASH_BYTES, HASH_BYTES)]

    def _append(self, held: int, leaves: Sequence[bytes]) -> None:
        with (self._folder / "leaves").open("ab") as file:
            file.truncate(held * HASH_BYTES)
            file.write(b"".join(leaves))
            file.flush()
            os.fsync(file.fileno())

    def _notes(self) -> list[Path]:
        return sorted(self._folder.glob(f"{_NOTE}*[0-9]"))

    def _signed(self) -> list[OpenedCheckpoint]:
        opened = [open_checkpoint(path.read_bytes(), [self._key]) for path in self._notes()]
        found = [each for each in opened if isinstance(each, OpenedCheckpoint)]
        if len(found) < len(opened):
            raise PublicLogError(f"A checkpoint in {self._folder} is not ours.", "Restore the folder from a backup.")
        return found

    def _sign(self, leaves: Sequence[bytes]) -> None:
        root = _tree(leaves).root().hex()
        note = sign_checkpoint(Checkpoint(origin=self._key.name, size=len(leaves), root=root), self._signer)
        path = self._folder / f"{_NOTE}{len(leaves):0{_DIGITS}}"
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Let one process publish at a time."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _refuse_cut(folder: Path, leaves: Sequence[bytes], signed: Sequence[OpenedCheckpoint]) -> None:
    if not signed:
        return
    newest = signed[-1].checkpoint
    if len(leaves) < newest.size or _tree(leaves[: newest.size]).root().hex() != newest.root:
        raise PublicLogError(
            f"The log in {folder} is not what its newest checkpoint says.", "Restore it from a backup."
        )


def _tree(leaves: Iterable[bytes]) -> Tree:
    return Tree(leaf_hash(leaf) for leaf in leaves)


def _hex(hashes: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(each.hex() for each in hashes)
