"""The images that hosts start from: found, checked against its record, and shown to scenarios.

An image is a tree of the machine's own distribution. It is recorded, not pinned: its digest is SHA-256 over its
sorted `name=version` lines and our own files in it, and whoever relies on an image names that digest.

    cache/images/DIGEST/record.json     what it is
    cache/images/DIGEST/root.tar        the tree, with the ids of an ordinary system
    cache/images/DIGEST/root-FIRST/tree the tree unpacked for ids from FIRST (0: shown through a map)
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from trialplate.sandbox.errors import ImageError
from trialplate.sandbox.ids import IdSource
from trialplate.sandbox.image_tree import TREE, unpack

BASE = "base"
"""The name of the image that ships: tools of the trade, no compilers beyond C, no documentation."""

TRIAGE = "triage"
"""The name of the image in which reported weaknesses are replayed: the base and what builds software."""

_FIX = "Run `make setup` to build it."
_STATUS = "var/lib/dpkg/status"


@dataclass(frozen=True, kw_only=True)
class ImageRecord:
    """What an image is: `packages` are sorted `name=version` lines, `overlay` is path to SHA-256 of our own files."""

    name: str
    suite: str
    packages: tuple[str, ...]
    overlay: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """Return the image's digest, 64 hex digits."""
        lines = [*self.packages, *(f"{path} {digest}" for path, digest in self.overlay)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that is ready to use, and what of its files a host's own versions start from."""

    record: ImageRecord
    tree: Path

    def read(self, path: str) -> str:
        """Return a text file of the image, by absolute path; no link is followed."""
        fd = os.open(self.tree / path.lstrip("/"), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(fd, encoding="utf-8") as file:
            return file.read()


class ImageStore:
    """The images of this home.

    Args:
        folder: the home's `cache/images`.
        ids: where scenarios get their ids from; decides how a tree is unpacked.
    """

    def __init__(self, folder: Path, ids: IdSource) -> None:
        self._folder = folder
        self._ids = ids

    def records(self) -> tuple[ImageRecord, ...]:
        """Return the records of all images here, newest first."""
        found = sorted(self._folder.glob("*/record.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        return tuple(_load_record(path) for path in found)

    def named(self, name: str) -> ImageRecord:
        """Return the newest image called `name`."""
        for record in self.records():
            if record.name == name:
                return record
        raise ImageError(f"There is no image called {name!r}.", _FIX)

    def open(self, digest: str) -> Image:
        """Return the image `digest`, unpacked and checked.

        Raises:
            ImageError: where it is missing, or its tree is not what its record says.
        """
        folder = self._folder / digest
        if not (folder / "record.json").exists():
            raise ImageError(f"The image {digest[:12]} is not in {self._folder}.", _FIX)
        record = _load_record(folder / "record.json")
        place = folder / f"root-{0 if self._ids.shift else self._ids.first}"
        self._unpack_once(folder, place)
        tree = place / TREE
        packages = installed(tree)
        if record.digest != digest or packages != record.packages:
            raise ImageError(
                f"The image {digest[:12]} is not the one that was recorded.",
                f"Remove {folder} and run `make setup` to build it again.",
            )
        return Image(record=record, tree=tree)

    def _unpack_once(self, folder: Path, place: Path) -> None:
        """Unpack the tree where it is not yet; a second process waits, and an interrupted attempt starts anew."""
        if place.exists():
            return
        with (folder / "unpacking").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                unpack(folder / "root.tar", place, self._ids)


def _load_record(path: Path) -> ImageRecord:
    try:
        value = json.loads(path.read_text())
        return ImageRecord(
            name=value["name"],
            suite=value["suite"],
            packages=tuple(value["packages"]),
            overlay=tuple((file, digest) for file, digest in value["overlay"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ImageError(f"The record {path} cannot be read: {error!r}.", f"Remove {path.parent}. {_FIX}") from error


def save_record(record: ImageRecord, folder: Path) -> None:
    """Write a record beside its tree."""
    (folder / "record.json").write_text(json.dumps(asdict(record), indent=1))


def installed(tree: Path) -> tuple[str, ...]:
    """Return the sorted `name=version` lines of the packages that a tree says it has."""
    return package_lines((tree / _STATUS).read_text(encoding="utf-8"))


def package_lines(status: str) -> tuple[str, ...]:
    """Return the sorted `name=version` lines of a dpkg status file."""
    found: list[str] = []
    name = ""
    for line in status.splitlines():
        key, _, value = line.partition(": ")
        if key == "Package":
            name = value
        elif key == "Version":
            found.append(f"{name}={value}")
    return tuple(sorted(found))
