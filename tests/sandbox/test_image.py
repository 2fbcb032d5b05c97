"""Images: recorded, checked against their record, unpacked once, built from the machine's own sources."""

from __future__ import annotations

import io
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.sandbox.errors import ImageError
from trialplate.sandbox.ids import COUNT, IdSource
from trialplate.sandbox.image import BASE, TRIAGE, ImageRecord, ImageStore, package_lines, save_record
from trialplate.sandbox.image_build import build, main, sources, suite_of
from trialplate.sandbox.image_tree import remove, unpack

STATUS = "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\nPackage: apt\nVersion: 2.6\n"
RECORD = ImageRecord(name=BASE, suite="bookworm", packages=("apt=2.6", "bash=5.2"), overlay=(("etc/hostname", "ab"),))


def archive(path: Path, files: dict[str, str]) -> Path:
    """Write a tar as mmdebstrap does, with one entry a file."""
    with tarfile.open(path, "w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def ids(tmp_path: Path) -> IdSource:
    return IdSource(first=1_900_000_000, step=COUNT, mapper="direct", shift=True, slots=tmp_path / "slots")


@pytest.fixture
def store(tmp_path: Path, ids: IdSource) -> ImageStore:
    return ImageStore(tmp_path / "images", ids)


def put(tmp_path: Path, record: ImageRecord = RECORD, status: str = STATUS) -> Path:
    folder = tmp_path / "images" / record.digest
    folder.mkdir(parents=True)
    archive(folder / "root.tar", {"var/lib/dpkg/status": status, "etc/motd": "hello", "dev/null": "no device"})
    save_record(record, folder)
    return folder


def test_an_image_is_unpacked_once_without_devices_and_read(tmp_path: Path, store: ImageStore) -> None:
    folder = put(tmp_path)
    image = store.open(store.named(BASE).digest)
    assert image.record == RECORD
    assert image.read("/etc/motd") == "hello"
    assert not (image.tree / "dev/null").exists()
    (folder / "root.tar").unlink()
    assert store.open(RECORD.digest) == image


def test_a_link_in_an_image_is_not_followed(tmp_path: Path, store: ImageStore) -> None:
    put(tmp_path)
    image = store.open(RECORD.digest)
    (image.tree / "etc/link").symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="symbolic links"):
        image.read("/etc/link")


def test_an_image_that_is_not_here_is_named_with_what_to_do(store: ImageStore) -> None:
    with pytest.raises(ImageError, match="The image 000000000000 is not in") as missing:
        store.open("0" * 64)
    assert missing.value.fix == "Run `make setup` to build it."
    with pytest.raises(ImageError, match="There is no image called 'base'"):
        store.named(BASE)


def test_a_tree_that_changed_is_not_the_recorded_image(tmp_path: Path, store: ImageStore) -> None:
    folder = put(tmp_path)
    image = store.open(RECORD.digest)
    (image.tree / "var/lib/dpkg/status").write_text(STATUS.replace("5.2", "5.3"))
    with pytest.raises(ImageError, match="is not the one that was recorded") as changed:
        store.open(RECORD.digest)
    assert changed.value.fix == f"Remove {folder} and run `make setup` to build it again."


def test_a_record_under_another_digest_is_refused(tmp_path: Path, store: ImageStore) -> None:
    put(tmp_path).rename(tmp_path / "images" / ("f" * 64))
    with pytest.raises(ImageError, match="is not the one that was recorded"):
        store.open("f" * 64)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"name": 1}', '{"name":"a","suite":"b","packages":[],"overlay":[1]}']
)
def test_a_record_that_cannot_be_read_says_what_to_remove(tmp_path: Path, store: ImageStore, text: str) -> None:
    folder = put(tmp_path)
    (folder / "record.json").write_text(text)
    with pytest.raises(ImageError, match="cannot be read") as broken:
        store.records()
    assert broken.value.fix.startswith(f"Remove {folder}.")


def test_the_newest_image_of_a_name_is_taken(tmp_path: Path, store: ImageStore) -> None:
    old = put(tmp_path)
    os.utime(old / "record.json", (1, 1))
    newer = replace(RECORD, packages=("apt=2.7",))
    put(tmp_path, newer)
    assert store.named(BASE) == newer
    assert store.records() == (newer, RECORD)


@given(
    st.lists(st.text("abc=.", min_size=1, max_size=6), max_size=4, unique=True),
    st.lists(st.text("abc=.", min_size=1, max_size=6), max_size=4, unique=True),
)
def test_the_digest_changes_with_every_line(first: list[str], second: list[str]) -> None:
    one, two = (replace(RECORD, packages=tuple(sorted(lines))) for lines in (first, second))
    assert (one.digest == two.digest) is (sorted(first) == sorted(second))
    assert replace(one, overlay=()).digest != one.digest


def test_package_lines_are_sorted() -> None:
    assert package_lines(STATUS) == RECORD.packages
    assert package_lines("") == ()


def test_an_interrupted_unpacking_starts_anew(tmp_path: Path, ids: IdSource) -> None:
    tar = archive(tmp_path / "root.tar", {"etc/motd": "hello"})
    (tmp_path / "place.partial" / "tree").mkdir(parents=True)
    (tmp_path / "place.partial" / "tree" / "rest").touch()
    unpack(tar, tmp_path / "place", ids)
    assert sorted(path.name for path in (tmp_path / "place/tree").iterdir()) == ["etc"]
    remove(tmp_path / "place", ids)
    remove(tmp_path / "place", ids)
    assert not (tmp_path / "place").exists()


def test_an_archive_that_is_none_leaves_nothing(tmp_path: Path, ids: IdSource) -> None:
    (tmp_path / "root.tar").write_bytes(b"no archive at all" * 100)
    with pytest.raises(ImageError, match="could not be unpacked") as broken:
        unpack(tmp_path / "root.tar", tmp_path / "place", ids)
    assert "700 MB" in broken.value.fix
    assert [path.name for path in tmp_path.iterdir()] == ["root.tar"]


@pytest.mark.sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="writes an id map directly, as root does")
def test_an_ordinary_users_tree_belongs_to_its_map(tmp_path: Path) -> None:
    ids = IdSource(first=1_800_000_000, step=0, mapper="direct", shift=False, slots=tmp_path)
    unpack(archive(tmp_path / "root.tar", {"etc/motd": "hello"}), tmp_path / "place", ids)
    assert (tmp_path / "place/tree/etc/motd").stat().st_uid == ids.first
    remove(tmp_path / "place", ids)
    assert not (tmp_path / "place").exists()


DEB822 = """Types: deb
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

# Somebody else's.
Types: deb
URIs: http://vendor.example
Suites: stable
Components: main

Types: deb-src
URIs: http://mirror.example/debian
Suites: trixie
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: trixie
Components: main
"""


def test_only_the_distributions_own_sources_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "etc/apt/sources.list.d"
    folder.mkdir(parents=True)
    (folder / "own.sources").write_text(DEB822)
    (folder / "more.list").write_text("deb http://mirror.example/security trixie-security main\n# deb x trixie main\n")
    (tmp_path / "etc/apt/sources.list").write_text("deb http://other.example sid main\n")
    assert sources(tmp_path, "trixie").splitlines() == [
        "deb http://mirror.example/security trixie-security main",
        "deb [signed-by=/usr/share/keyrings/archive.gpg] http://mirror.example/debian trixie main contrib",
        "deb [signed-by=/usr/share/keyrings/archive.gpg] http://mirror.example/debian trixie-updates main contrib",
    ]
    with pytest.raises(ImageError, match="No apt source of this machine is for forky"):
        sources(tmp_path, "forky")


def test_the_suite_is_the_distributions_code_name(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('NAME="X"\nVERSION_CODENAME="trixie"\n')
    assert suite_of(tmp_path) == "trixie"
    (tmp_path / "etc/os-release").write_text("NAME=X\n")
    with pytest.raises(ImageError, match="has no code name"):
        suite_of(tmp_path)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a machine's file system with a distribution and its sources."""
    root = tmp_path / "machine"
    (root / "etc/apt/sources.list.d").mkdir(parents=True)
    (root / "etc/os-release").write_text("VERSION_CODENAME=trixie\n")
    (root / "etc/apt/sources.list").write_text("deb http://mirror.example/debian trixie main\n")
    return root


def test_what_is_built_is_recorded_and_opens(tmp_path: Path, machine: Path, store: ImageStore) -> None:
    asked: list[list[str]] = []

    def bootstrap(command: list[str], lines: str, overlay: Path) -> str:
        asked.append([*command, lines])
        with tarfile.open(overlay) as tar:
            assert "./etc/resolv.conf" in tar.getnames()
        archive(Path(command[-2]), {"var/lib/dpkg/status": STATUS})
        return ""

    record = build(tmp_path / "images", BASE, root=machine, bootstrap=bootstrap)
    assert record.packages == RECORD.packages
    assert asked[0][0] == "mmdebstrap"
    assert asked[0][-1] == "deb http://mirror.example/debian trixie main\n"
    assert store.open(record.digest).record == record
    # Built again, it is the same image.
    assert build(tmp_path / "images", BASE, root=machine, bootstrap=bootstrap) == record
    assert [path.name for path in (tmp_path / "images").iterdir()] == [record.digest]


def test_a_failed_build_says_what_mmdebstrap_said(tmp_path: Path, machine: Path) -> None:
    with pytest.raises(ImageError, match="no route to mirror"):
        build(tmp_path / "images", BASE, root=machine, bootstrap=lambda *_: "no route to mirror")
    assert list((tmp_path / "images").iterdir()) == []


def test_an_archive_without_packages_is_refused(tmp_path: Path, machine: Path) -> None:
    def bootstrap(command: list[str], lines: str, overlay: Path) -> str:
        del lines, overlay
        with tarfile.open(command[-2], "w") as tar:
            folder = tarfile.TarInfo("./var/lib/dpkg/status")
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
        return ""

    with pytest.raises(ImageError, match="has no package list"):
        build(tmp_path / "images", BASE, root=machine, bootstrap=bootstrap)


@pytest.mark.skipif(os.geteuid() != 0, reason="unpacks with the machine's own ids")
def test_set_up_builds_nothing_where_the_images_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "cache/images"
    put(tmp_path)
    put(tmp_path, replace(RECORD, name=TRIAGE, overlay=()))
    folder.parent.mkdir()
    (tmp_path / "images").rename(folder)
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    (folder / RECORD.digest / "root-0/tree/var/lib/dpkg/status").write_text("")
    assert main([str(tmp_path)]) == 3
    assert "is not the one that was recorded" in capsys.readouterr().err
