"""A tree is unpacked as root of a map: what the tools are asked, and what is said where they refuse.

The tools stand first on the path as scripts, so that nothing here needs a right that the machine may withhold.
"""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from trialplate.sandbox.errors import NotReadyError
from trialplate.sandbox.ids import COUNT, IdSource
from trialplate.sandbox.image_tree import TREE, remove, unpack

FIRST = 600_000_000
# Each does what the real one does as far as unpacking can tell, and writes down what it was asked.
TOOLS = {
    "unshare": 'shift; exec "$@"',
    "newuidmap": 'echo "newuidmap $*" >> "$ASKED"',
    "newgidmap": 'echo "newgidmap $*" >> "$ASKED"',
    "nsenter": 'echo "nsenter $*" >> "$ASKED"; while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
}


class Tools:
    """The tools that map ids, of which a test may replace some."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.asked = folder / "asked"
        for name, script in TOOLS.items():
            self.replace(name, script)

    def replace(self, name: str, script: str) -> None:
        program = self._folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def lines(self) -> list[str]:
        return self.asked.read_text().splitlines() if self.asked.exists() else []


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    folder = tmp_path / "tools"
    folder.mkdir()
    made = Tools(folder)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ASKED", str(made.asked))
    return made


@pytest.fixture
def ids(tmp_path: Path) -> IdSource:
    """Return the ids of an ordinary user."""
    return IdSource(first=FIRST, step=0, mapper="newuidmap", shift=False, slots=tmp_path / "slots")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive with one file, of whoever runs this."""
    path = tmp_path / "root.tar"
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo("./etc/motd")
        entry.size, entry.uid, entry.gid = 5, os.getuid(), os.getgid()
        tar.addfile(entry, io.BytesIO(b"hello"))
    return path


def test_an_ordinary_user_unpacks_as_root_of_its_subordinate_ids(
    tmp_path: Path, tools: Tools, ids: IdSource, archive: Path
) -> None:
    place = tmp_path / "place"
    unpack(archive, place, ids)
    assert (place / TREE / "etc/motd").read_text() == "hello"
    assert place.stat().st_mode & 0o777 == 0o755
    uid_map, gid_map, entered = tools.lines()
    pid = uid_map.split()[1]
    assert uid_map == f"newuidmap {pid} 0 {FIRST} {COUNT}"
    assert gid_map == f"newgidmap {pid} 0 {FIRST} {COUNT}"
    assert entered.startswith(f"nsenter --user=/proc/{pid}/ns/user --setgid 0 --setuid 0 -- sh -c ")
    remove(place, ids)
    assert not place.exists()
    assert tools.lines()[-1].endswith(f"-- rm -rf {TREE}")


@pytest.mark.parametrize("tool", ["newuidmap", "newgidmap"])
def test_ids_that_cannot_be_mapped_are_named_and_nothing_is_run(
    tmp_path: Path, tools: Tools, ids: IdSource, archive: Path, tool: str
) -> None:
    tools.replace(tool, "echo 'uid range not allowed' >&2; exit 1")
    with pytest.raises(NotReadyError) as refused:
        unpack(archive, tmp_path / "place", ids)
    assert refused.value.what == f"The ids from {FIRST} cannot be mapped: uid range not allowed"
    assert refused.value.fix == "Run `trialplate doctor`."
    assert not (tmp_path / "place").exists()
    assert not any(line.startswith("nsenter") for line in tools.lines())


def test_a_machine_without_user_namespaces_is_told_so(
    tmp_path: Path, tools: Tools, ids: IdSource, archive: Path
) -> None:
    # It ends when it has read, as unshare does that was refused after it had started.
    tools.replace("unshare", "read line; exit 1")
    with pytest.raises(NotReadyError) as refused:
        unpack(archive, tmp_path / "place", ids)
    assert refused.value.what == "This machine forbids user namespaces."
    assert refused.value.fix == "Run `trialplate doctor` for the fix."
    assert not (tmp_path / "place").exists()
    assert tools.lines() == []


def test_what_a_refusal_left_is_no_hindrance_once_it_is_mended(
    tmp_path: Path, tools: Tools, ids: IdSource, archive: Path
) -> None:
    tools.replace("newuidmap", "exit 1")
    with pytest.raises(NotReadyError):
        unpack(archive, tmp_path / "place", ids)
    tools.replace("newuidmap", TOOLS["newuidmap"])
    unpack(archive, tmp_path / "place", ids)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place", "root.tar", "tools"]
    assert (tmp_path / "place" / TREE / "etc/motd").read_text() == "hello"
