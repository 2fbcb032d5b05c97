"""The vault: documents, proofs, sources and patches, each sealed in a file of its own. The one file here that does I/O.

A body is known by the SHA-256 of its plain bytes. The name of its file is a keyed hash of that, so that whoever has a
copy of a body and of the folder, yet not the key, cannot tell whether the body is in it.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

from trialplate.errors import TrialplateError
from trialplate.trust import SealingError, SealingKey, Signer, open_signer, seal, sealing_key, unseal
from trialplate.trust.sealing import OVERHEAD

MOST_BYTES: Final = 64 << 20
"""How long a body may be."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NAME_TAG: Final = b"trialplate.vault-names/1\n"
_NOTE_TAG: Final = b"trialplate.vault-note/1\n"


class VaultError(TrialplateError):
    """A body cannot be put into the vault or taken from it."""


class Vault:
    """A folder of sealed bodies.

    Args:
        folder: where they are; made on first use, open to its owner only.
        key_path: the absolute path of the private key that all of them hang on; made on first use. Whoever loses it
            loses all of them, and whoever destroys it has destroyed all of them.

    Raises:
        KeyFileError: from every method, where the key file cannot be used.
    """

    def __init__(self, folder: Path, key_path: Path) -> None:
        self._folder = folder
        self._key_path = key_path
        self._notes = folder / "notes"

    def put(self, data: bytes) -> str:
        """Keep a body, and return the SHA-256 of it in hex once it is durable; keeping it again changes nothing.

        Raises:
            VaultError: where it is longer than `MOST_BYTES`, or cannot be written.
        """
        if len(data) > MOST_BYTES:
            raise VaultError(f"{len(data)} bytes are more than the {MOST_BYTES} kept of one.", "Send it in parts.")
        digest = hashlib.sha256(data).hexdigest()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._intact(digest):
                _write(self._path(digest), seal(data, self._key, aad=_aad(digest), random_bytes=secrets.token_bytes))
            # Also where it is there: whoever wrote it may have been killed before this.
            _sync(self._folder)
        except OSError as error:
            raise VaultError(
                f"The vault cannot keep it ({error.strerror}).", "Make room, or look at its folder."
            ) from None
        return digest

    def get(self, digest: str) -> bytes:
        """Return the body whose SHA-256 that is.

        Raises:
            VaultError: where it is not in the vault, or is there and damaged.
        """
        path = self._path(digest)
        try:
            with path.open("rb") as file:
                sealed = file.read(MOST_BYTES + OVERHEAD + 1)
        except FileNotFoundError:
            raise VaultError(f"{digest} is not in the vault.", "It was never kept here, or was destroyed.") from None
        except OSError as error:
            raise VaultError(f"{path} cannot be read ({error.strerror}).", "Look at the file.") from None
        try:
            data = unseal(sealed, self._key, aad=_aad(digest))
        except SealingError as error:
            raise VaultError(f"{path} is damaged. {error.what}", error.fix) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise VaultError(f"{path} holds another body than its name says.", "Restore it from a backup.")
        return data

    def has(self, digest: str) -> bool:
        """Say whether a body is in the vault; whether it is intact shows `get`."""
        return self._path(digest).is_file()

    def forget(self, digest: str) -> None:
        """Destroy a body with all that was left of it here; forgetting what is not there changes nothing.

        Its own key is overwritten before its file goes, so that what a disk may keep of the file opens no more. A copy
        of the file in a backup still does, until the key of the vault is destroyed.

        Raises:
            VaultError: where that cannot be done.
        """
        path = self._path(digest)
        try:
            # A writer that was killed may have left a part beside it.
            for each in (path, *self._folder.glob(f"{path.name}.*")):
                with suppress(FileNotFoundError):
                    _destroy(each)
            if self._folder.is_dir():
                _sync(self._folder)
        except OSError as error:
            raise VaultError(f"The vault cannot destroy it ({error.strerror}).", "Look at its folder.") from None

    def note(self, data: bytes) -> None:
        """Add a sealed line to the notes, which are only ever added to.

        Raises:
            VaultError: where it cannot be written.
        """
        line = base64.b64encode(seal(data, self._key, aad=_NOTE_TAG, random_bytes=secrets.token_bytes)) + b"\n"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(self._notes, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "r+b") as file:
                fcntl.flock(fd, fcntl.LOCK_EX)
                # What follows the last whole line was being written when its writer was killed.
                file.seek(file.read().rfind(b"\n") + 1)
                file.truncate()
                file.write(line)
                file.flush()
                os.fsync(fd)
            _sync(self._folder)
        except OSError as error:
            raise VaultError(f"The vault cannot note it ({error.strerror}).", "Make room, or look at it.") from None

    def notes(self) -> tuple[bytes, ...]:
        """Return the notes in their order.

        Raises:
            VaultError: where one of them was changed.
        """
        lines = self._notes.read_bytes().splitlines(keepends=True) if self._notes.is_file() else ()
        try:
            whole = [base64.b64decode(line) for line in lines if line.endswith(b"\n")]
            return tuple(unseal(each, self._key, aad=_NOTE_TAG) for each in whole)
        except (binascii.Error, SealingError):
            raise VaultError(f"{self._notes} is damaged.", "Restore it from a backup.") from None

    @cached_property
    def _signer(self) -> Signer:
        return open_signer(self._key_path.as_uri())

    @cached_property
    def _key(self) -> SealingKey:
        return sealing_key(self._signer, "vault")

    @cached_property
    def _names(self) -> bytes:
        return hashlib.sha256(self._signer.sign(_NAME_TAG)).digest()

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise VaultError(f"{digest[:80]!r} is no SHA-256.", "Write 64 lower-case hex digits.")
        return self._folder / hmac.new(self._names, bytes.fromhex(digest), hashlib.sha256).hexdigest()

    def _intact(self, digest: str) -> bool:
        if not self.has(digest):
            return False
        try:
            self.get(digest)
        except VaultError:
            return False
        return True


def _aad(digest: str) -> bytes:
    return b"trialplate.vault/1\n" + bytes.fromhex(digest)


def _write(path: Path, data: bytes) -> None:
    """Put a file in its place whole or not at all; of two writers the last one counts."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _destroy(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(OVERHEAD))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
