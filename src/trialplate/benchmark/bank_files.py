"""Banks, keys, reveals and admissions as files."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.benchmark.bank import KEY_BYTES, Bank, BankError, OpenBank, Reveal, open_bank, parse_bank, parse_reveal
from trialplate.records import canonical

_MOST_BYTES: Final = 16 << 20


def key_path(path: Path) -> Path:
    """Return where the key of the bank in the file `path` lies: beside it."""
    return path.with_suffix(".key")


def read_bank(path: Path) -> Bank:
    """Return the public part of a bank.

    Raises:
        BankError: where the file is missing or no bank.
    """
    return parse_bank(_read(path, "bank"))


def read_open_bank(path: Path) -> OpenBank:
    """Return a bank with its items, by the key beside it.

    Raises:
        BankError: where file or key are missing or not what they should be.
        FamilyError: where a family is not installed at the bank's version.
    """
    bank = read_bank(path)
    text = _read(key_path(path), "bank's key")
    key = b""
    with contextlib.suppress(ValueError):
        key = bytes.fromhex(text.decode("ascii", errors="replace").strip())
    if len(key) != KEY_BYTES:
        raise BankError(f"{key_path(path)} is no key of a bank.", "Give the file that `trialplate bank new` wrote.")
    return open_bank(bank, key)


def read_reveal(path: Path) -> Reveal:
    """Return a reveal.

    Raises:
        BankError: where the file is missing or no reveal.
    """
    return parse_reveal(_read(path, "reveal"))


def write_key(path: Path, key: bytes) -> None:
    """Write a bank's key so that only this user reads it, and only where none is yet.

    Raises:
        BankError: where the file exists or cannot be written.
    """
    _create(path, key.hex().encode() + b"\n", mode=0o600)


def write_public(path: Path, value: Struct) -> None:
    """Write a bank's public part, a reveal or an admission, only where no file is yet.

    Raises:
        BankError: where the file exists or cannot be written.
    """
    _create(path, canonical(value) + b"\n", mode=0o644)


def _create(path: Path, content: bytes, *, mode: int) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise BankError(f"{path.parent} cannot be made ({failure.strerror}).", "Choose another place.") from failure
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(fd)
    except FileExistsError:
        raise BankError(f"{path} is there already.", "Choose another name; nothing was overwritten.") from None
    except OSError as failure:
        raise BankError(f"{path} cannot be written ({failure.strerror}).", "Choose another place.") from failure


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES + 1)
    except OSError as failure:
        raise BankError(f"The {what} {path} cannot be read ({failure.strerror}).", "Check the path.") from failure
