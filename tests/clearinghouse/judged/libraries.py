"""The libraries that bugs are planted in, where their sources come from, and how they are built and driven."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct, field

from tests.clearinghouse.judged.planting import Bug, bugs_in_c, bugs_in_python, planted
from trialplate.clearinghouse.triage.recipe import Recipe, RecipeLimits

FOLDER: Final = Path(__file__).parent
_DRIVERS: Final = FOLDER / "drivers"
_LIMITS: Final = RecipeLimits(memory=1024, disk=256)


class Library(Struct, frozen=True, forbid_unknown_fields=True):
    """A library; `libraries.toml` says what its fields mean."""

    name: str
    language: Literal["c", "python"]
    archive: str
    files: tuple[str, ...]
    ways: int
    format: str
    root: str = ""
    before: str = ""
    options: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def encoding(self) -> str:
        """How its sources are read; Latin-1 takes any byte as it is."""
        return "utf-8" if self.language == "python" else "latin-1"

    @property
    def driver(self) -> str:
        """The file of ours that leads into it."""
        return f"way_{self.name}{Path(self.files[0]).suffix}"

    @property
    def recipe(self) -> Recipe:
        """How it is built and run."""
        if self.language == "python":
            return self._recipe("driver.py", (), ("python3", "driver.py", self.name, "{proof}"))
        parts = tuple(enumerate((*self.files, self.driver, "main.c")))
        lines = tuple(
            f"{'$CC $CFLAGS' if part.endswith('.c') else '$CXX $CXXFLAGS'} -w {self.options} -I. -include planted.h "
            f"-c {part} -o {number}.o"
            for number, part in parts
        )
        link = f"$CXX $CXXFLAGS $LDFLAGS {' '.join(f'{number}.o' for number, _ in parts)} -o driver -lm"
        return self._recipe("main.c", (*filter(None, [self.before]), *lines, link), ("./driver", "{proof}"))

    def _recipe(self, main: str, build: tuple[str, ...], run: tuple[str, ...]) -> Recipe:
        return Recipe(
            format="trialplate.recipe/1",
            name=self.name,
            language=self.language,
            build=build,
            run=run,
            harness=(self.driver, main),
            limits=_LIMITS,
        )

    def sources(self, cache: Path) -> dict[str, bytes]:
        """Return the sources in the archive below `root`, by their paths from there."""
        data = (cache / self.archive).read_bytes()
        taken = _unzipped(data) if self.archive.endswith(".whl") else _untarred(data)
        kinds = (".py",) if self.language == "python" else (".c", ".h", ".cpp")
        return {
            path.removeprefix(self.root): content
            for path, content in taken
            if path.startswith(self.root) and path.endswith(kinds)
        }

    def bugs(self, sources: Mapping[str, bytes]) -> tuple[Bug, ...]:
        """Return everything that can be planted."""
        find = bugs_in_python if self.language == "python" else bugs_in_c
        return tuple(bug for file in self.files for bug in find(file, sources[file].decode(self.encoding)))

    def packed(self, sources: Mapping[str, bytes], bugs: Iterable[tuple[int, Bug]]) -> bytes:
        """Return a tar of the sources with bugs under their ids, the driver, and what goes with it."""
        by_file: dict[str, list[tuple[int, Bug]]] = {}
        for number, bug in bugs:
            by_file.setdefault(bug.file, []).append((number, bug))
        files = dict(sources)
        for file, some in by_file.items():
            files[file] = planted(files[file].decode(self.encoding), some).encode(self.encoding)
        ours = ("driver.py",) if self.language == "python" else ("planted.h", "main.c")
        files |= {name: (_DRIVERS / name).read_bytes() for name in (*ours, self.driver)}
        files |= {path: (_DRIVERS / name).read_bytes() if name else b"" for path, name in self.extra.items()}
        return tarred(files)


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    library: tuple[Library, ...]


LIBRARIES: Final = msgspec.toml.decode((FOLDER / "libraries.toml").read_bytes(), type=_Table).library


def tarred(files: Mapping[str, bytes]) -> bytes:
    """Return a tar of files by their paths; equal files give equal bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _untarred(data: bytes) -> Iterable[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            if member.isfile() and (file := tar.extractfile(member)):
                yield member.name, file.read()


def _unzipped(data: bytes) -> Iterable[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)
