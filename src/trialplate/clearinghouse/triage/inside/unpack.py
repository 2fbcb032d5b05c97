"""Unpack an archive of sources: `python3 unpack.py ARCHIVE FOLDER MOST_ENTRIES MOST_BYTES`.

Tar (plain, gzip, bzip2, xz) and zip. Where the archive has one folder at its top and nothing beside it, that is the
root of the sources. Links are made when every file is there, so that nothing is ever written through one; an archive
whose links, names or kinds of entries lead outside is refused whole.
"""

from __future__ import annotations

import lzma
import os
import posixpath
import shutil
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_CHUNK = 1 << 16
_LONGEST_LINK = 4096
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


class RefusedError(Exception):
    """The archive is not unpacked; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One entry of an archive: `content` of a file, `target` of a link; a folder has neither."""

    name: str
    mode: int
    modified: float
    content: IO[bytes] | None = None
    target: str = ""


@dataclass
class _Room:
    """What is left of the limits."""

    entries: int
    bytes: int
    links: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])

    def take(self, entries: int = 0, size: int = 0) -> None:
        self.entries -= entries
        self.bytes -= size
        if self.entries < 0:
            raise RefusedError("It has more entries than are unpacked.")
        if self.bytes < 0:
            raise RefusedError("It unpacks to more bytes than there is room for.")


def unpack(archive: Path, folder: Path, *, most_entries: int, most_bytes: int) -> None:
    """Unpack `archive` as `folder`, which must not exist.

    Raises:
        RefusedError: where it is no archive, is damaged, exceeds a limit or leads outside; `folder` is not there then.
    """
    place = folder.with_name(f"{folder.name}.partial")
    place.mkdir()
    room = _Room(most_entries, most_bytes)
    try:
        with _opened(archive) as entries:
            for entry in entries:
                _put(entry, place, room)
        for path, target in room.links:
            path.symlink_to(target)
        root = _root(place)
        for path, _ in room.links:
            if not path.resolve().is_relative_to(root.resolve()):
                raise RefusedError(f"Its link {path.relative_to(place).as_posix()!r} leads outside.")
        root.rename(folder)
    except _BROKEN as error:
        raise RefusedError(f"It is damaged: {error}.") from error
    except (OSError, OverflowError, RuntimeError, ValueError) as error:
        raise RefusedError(f"It cannot be unpacked: {error}.") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _opened(archive: Path) -> Generator[Iterator[Entry]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            yield _zipped(zipped)
        return
    with ExitStack() as opened:
        try:
            tar = opened.enter_context(tarfile.open(archive, "r|*"))
        except tarfile.ReadError as error:
            raise RefusedError(f"It is no tar and no zip archive that can be read: {error}.") from error
        yield _tarred(tar)


def _tarred(tar: tarfile.TarFile) -> Iterator[Entry]:
    for info in tar:
        if info.isdir():
            yield Entry(info.name, 0o755, info.mtime)
        elif info.issym():
            yield Entry(info.name, 0, 0, target=info.linkname)
        elif info.isfile():
            yield Entry(info.name, info.mode, info.mtime, content=tar.extractfile(info))
        elif info.islnk():
            yield Entry(info.name, 0, 0, target=posixpath.relpath(info.linkname, posixpath.dirname(info.name) or "."))
        else:
            raise RefusedError(f"Its entry {info.name!r} is a device or a pipe.")


def _zipped(zipped: zipfile.ZipFile) -> Iterator[Entry]:
    for info in zipped.infolist():
        mode = info.external_attr >> 16
        if info.is_dir():
            yield Entry(info.filename, 0o755, 0)
        elif stat.S_ISLNK(mode):
            with zipped.open(info) as content:
                yield Entry(info.filename, 0, 0, target=os.fsdecode(content.read(_LONGEST_LINK)))
        else:
            with zipped.open(info) as content:
                yield Entry(info.filename, mode, 0, content=content)


def _put(entry: Entry, place: Path, room: _Room) -> None:
    parts = [part for part in entry.name.split("/") if part not in {"", "."}]
    if entry.name.startswith("/") or ".." in parts or "\0" in entry.name:
        raise RefusedError(f"Its entry {entry.name!r} leads outside.")
    room.take(entries=1)
    path = place.joinpath(*parts)
    if entry.target:
        path.parent.mkdir(parents=True, exist_ok=True)
        room.links.append((path, entry.target))
    elif entry.content is None:
        path.mkdir(parents=True, exist_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            while chunk := entry.content.read(_CHUNK):
                room.take(size=len(chunk))
                file.write(chunk)
        path.chmod(0o755 if entry.mode & 0o100 else 0o644)
        # `make` decides by these what is newer than what.
        os.utime(path, (entry.modified, entry.modified))


def _root(place: Path) -> Path:
    top = list(place.iterdir())
    return top[0] if len(top) == 1 and top[0].is_dir() and not top[0].is_symlink() else place


def main(arguments: list[str]) -> int:
    """Unpack as the arguments say; return 0, or 1 with the reason on standard error."""
    archive, folder, entries, size = arguments
    try:
        unpack(Path(archive), Path(folder), most_entries=int(entries), most_bytes=int(size))
    except RefusedError as error:
        print(f"The archive is refused. {error}", file=sys.stderr)  # noqa: T201 its answer
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
