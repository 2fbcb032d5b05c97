"""Files that users hand over and are handed: read within a limit, written once."""

from __future__ import annotations

import os
from pathlib import Path

from trialplate.errors import TrialplateError


class FileError(TrialplateError):
    """A file that was named cannot be read, or cannot be made."""


def read_file(path: Path, most: int) -> bytes:
    """Return the bytes of a file.

    Raises:
        FileError: where it cannot be read, or has more than `most` bytes.
    """
    try:
        with path.open("rb") as opened:
            # One byte more than is allowed is enough to be refused.
            data = opened.read(most + 1)
    except OSError as failure:
        raise FileError(f"{path} cannot be read ({failure.strerror}).", "Name a file that can be read.") from failure
    if len(data) > most:
        raise FileError(f"{path} has more than the {most} bytes that are allowed here.", "Name a smaller file.")
    return data


def write_secret(path: Path, data: bytes) -> None:
    """Write a file that only this user reads, durably, and only where none is yet.

    Raises:
        FileError: where one is there, or it cannot be written.
    """
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
    except FileExistsError:
        raise FileError(f"{path} is there already; nothing was overwritten.", "Move it away, or use it.") from None
    except OSError as failure:
        raise FileError(f"{path} cannot be written ({failure.strerror}).", "Choose another place.") from failure
