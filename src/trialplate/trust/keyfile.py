"""Private keys in files (`file:` URIs): created on first use, and refused when others could have read them.

A key is an unencrypted PKCS #8 PEM file of mode 0600 in a folder of mode 0700, both owned by the user who runs the
program. Of two processes that create one key at once, one wins and both use its key. This is for development and
small sites: whoever can read the user's files has the key.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from trialplate.errors import TrialplateError
from trialplate.trust.keys import Ed25519Signer

_MOST_BYTES: Final = 4096
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


class KeyFileError(TrialplateError):
    """A key file cannot be used. The message names the path and never what is in the file."""


def open_key_file(path: Path) -> Ed25519Signer:
    """Return the signer whose key is in the file `path`, which is created with its folder where it does not exist.

    Raises:
        KeyFileError: where folder or file belong to somebody else, are open to others, are no plain folder or file,
            cannot be read or written, or hold no Ed25519 key.
    """
    try:
        with _folder(path.parent) as folder:
            data = _read(folder, path)
            if data is None:
                _create(folder, path.name)
                data = _read(folder, path)
    except OSError as error:
        raise KeyFileError(f"The key file {path} cannot be used: {error.strerror}.", "Check path and folder.") from None
    if data is None:
        raise KeyFileError(f"The key file {path} vanished while it was opened.", "Stop whatever removes it.")
    return Ed25519Signer(_parse(data, path))


@contextmanager
def _folder(path: Path) -> Generator[int]:
    """Yield a descriptor of the folder, through which the file is reached: swapping the path later changes nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.mkdir(mode=_FOLDER_MODE)
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _require_private(os.fstat(folder), path, _FOLDER_MODE)
        yield folder
    finally:
        os.close(folder)


def _read(folder: int, path: Path) -> bytes | None:
    """Return the content of the key file, or None where there is none."""
    try:
        # Without O_NONBLOCK a FIFO in the file's place would hang the program.
        file = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(file, "rb") as stream:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise KeyFileError(f"{path} is no plain file.", "Name another file, or remove what is there.")
        _require_private(status, path, _FILE_MODE)
        return stream.read(_MOST_BYTES)


def _create(folder: int, name: str) -> None:
    """Put a new key under `name` unless a key is there: complete, durable, and never over another."""
    data = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = f".new-{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(temporary, flags, _FILE_MODE, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as stream:
            os.fchmod(file, _FILE_MODE)
            stream.write(data)
            stream.flush()
            os.fsync(file)
        # Linking fails where the name exists, which renaming would not: the loser of a race uses the winner's key.
        with suppress(FileExistsError):
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    finally:
        os.unlink(temporary, dir_fd=folder)
    os.fsync(folder)


def _require_private(status: os.stat_result, path: Path, most: int) -> None:
    if status.st_uid != os.geteuid():
        raise KeyFileError(f"{path} belongs to user {status.st_uid}.", f"Run: chown {os.geteuid()} '{path}'")
    mode = stat.S_IMODE(status.st_mode)
    if mode & ~most:
        raise KeyFileError(
            f"{path} has mode {mode:04o}, so others may have read or replaced a private key.",
            f"Run: chmod {most:04o} '{path}' (and make a new key if others used this machine).",
        )


def _parse(data: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        # The cause is left out on purpose: what a parser says about a private key belongs in no log.
        raise KeyFileError(f"{path} holds no Ed25519 private key in PKCS #8 PEM.", "Move it away to get a new key.")
    return key
