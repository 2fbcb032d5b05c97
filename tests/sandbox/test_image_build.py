"""Setting up the image: built where there is none, and how the program that makes the tree is run.

The network that mmdebstrap needs is not here: a stand-in writes a small tree, or a shell shows what it was given.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from trialplate.sandbox.ids import find_ids
from trialplate.sandbox.image import BASE, TRIAGE, ImageStore
from trialplate.sandbox.image_build import IMAGES, OVERLAY, build, main, run_bootstrap, sources, suite_of

STATUS = b"Package: bash\nVersion: 5.2\n\nPackage: apt\nVersion: 2.6\n"
SOURCE = "deb http://mirror.example/debian trixie main\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="unpacks with the machine's own ids")


def asked_for(command: list[str]) -> list[str]:
    return next(word for word in command if word.startswith("--include=")).removeprefix("--include=").split(",")


class SmallBootstrap:
    """Makes a tree of one file where mmdebstrap would make one, and remembers what it was asked."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.overlays: list[dict[str, bytes]] = []

    def __call__(self, command: list[str], apt_sources: str, overlay: Path) -> str:
        assert apt_sources == SOURCE
        self.commands.append(command)
        with tarfile.open(overlay) as tar:
            files = {entry.name: tar.extractfile(entry) for entry in tar}
            self.overlays.append({name: file.read() for name, file in files.items() if file is not None})
        status = STATUS + (b"\nPackage: clang\nVersion: 14\n" if "clang" in asked_for(command) else b"")
        with tarfile.open(command[-2], "w") as tar:
            entry = tarfile.TarInfo("./var/lib/dpkg/status")
            entry.size = len(status)
            tar.addfile(entry, io.BytesIO(status))
        return ""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a machine's file system with a distribution and its sources."""
    root = tmp_path / "machine"
    (root / "etc/apt/sources.list.d").mkdir(parents=True)
    (root / "etc/os-release").write_text("VERSION_CODENAME=trixie\n")
    (root / "etc/apt/sources.list").write_text(SOURCE)
    return root


@as_root
def test_set_up_builds_each_image_once(tmp_path: Path, machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, bootstrap = tmp_path / "home", SmallBootstrap()
    assert main([str(home)], root=machine, bootstrap=bootstrap) == 0
    assert capsys.readouterr().out.splitlines() == [
        "building the sandbox image base (about a minute, 550 MB) ...",
        "building the sandbox image triage (about a minute, 830 MB) ...",
    ]
    record = ImageStore(home / "cache/images", find_ids(home)).named(BASE)
    assert record.packages == ("apt=2.6", "bash=5.2")
    assert record.suite == "trixie"
    assert main([str(home)], root=machine, bootstrap=bootstrap) == 0
    assert capsys.readouterr().out == ""
    assert len(bootstrap.commands) == 2


@as_root
def test_set_up_builds_what_is_missing_alone(tmp_path: Path, machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, bootstrap = tmp_path / "home", SmallBootstrap()
    record = build(home / "cache/images", BASE, root=machine, bootstrap=bootstrap)
    assert main([str(home)], root=machine, bootstrap=bootstrap) == 0
    assert "image triage" in capsys.readouterr().out
    store = ImageStore(home / "cache/images", find_ids(home))
    assert {each.name for each in store.records()} == {BASE, TRIAGE}
    assert store.named(BASE).digest == record.digest
    assert [len(command) for command in map(asked_for, bootstrap.commands)] == [
        len(IMAGES[BASE].packages),
        len(IMAGES[TRIAGE].packages),
    ]


def test_the_package_list_of_a_released_image_never_changes() -> None:
    said = hashlib.sha256(" ".join(IMAGES[BASE].packages).encode()).hexdigest()
    assert said == "5fa79a095f5c17013c1b0876ea2277466ad200477d4956e933053d0748f8191c", (
        "Banks and reports name images by what is in them: add an image, do not change one."
    )


@as_root
def test_nothing_of_the_build_machine_is_in_the_image(tmp_path: Path, machine: Path) -> None:
    bootstrap = SmallBootstrap()
    main([str(tmp_path / "home")], root=machine, bootstrap=bootstrap)
    assert bootstrap.overlays == [{f"./{path}": content for path, content in OVERLAY.items()}] * 2
    for command in bootstrap.commands:
        assert command[-3] == "trixie"
        assert '--customize-hook=tar -C "$1" -xf "$OVERLAY"' in command


@as_root
def test_set_up_that_fails_is_3_with_what_was_said(
    tmp_path: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    assert main([str(home)], root=machine, bootstrap=lambda *_: "E: no route to mirror.example") == 3
    said = capsys.readouterr().err
    assert "mmdebstrap failed:\nE: no route to mirror.example" in said
    assert said.endswith("Mend what it says (sources, disk, network), then try again.\n")
    assert list((home / "cache/images").iterdir()) == []


@as_root
def test_set_up_on_a_machine_without_sources_is_3(
    tmp_path: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine / "etc/apt/sources.list").unlink()
    assert main([str(tmp_path / "home")], root=machine, bootstrap=SmallBootstrap()) == 3
    assert "No apt source of this machine is for trixie. Add one" in capsys.readouterr().err


def test_the_program_gets_the_sources_and_the_overlay(tmp_path: Path) -> None:
    script = 'cat > "$1"; echo "$OVERLAY $SOURCE_DATE_EPOCH" >> "$1"'
    said = run_bootstrap(["sh", "-c", script, "sh", str(tmp_path / "given")], SOURCE, tmp_path / "overlay.tar")
    assert said == ""
    assert (tmp_path / "given").read_text() == f"{SOURCE}{tmp_path / 'overlay.tar'} 0\n"


@pytest.mark.parametrize(
    "script, said",
    [
        ("echo '  E: disk full ' >&2; exit 25", "E: disk full"),
        ("echo 'W: only a warning' >&2", ""),
        ("printf 'x%.0s' $(seq 3000) >&2; echo end >&2; exit 1", "x" * 997 + "end"),
        (r"printf '\377 broken' >&2; exit 1", "\N{REPLACEMENT CHARACTER} broken"),
    ],
    ids=["failure", "warning", "long", "not text"],
)
def test_why_the_program_failed_is_the_end_of_what_it_said(tmp_path: Path, script: str, said: str) -> None:
    assert run_bootstrap(["sh", "-c", script], "", tmp_path / "overlay.tar") == said


def test_a_source_without_a_key_or_a_component_is_still_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "etc/apt/sources.list.d"
    folder.mkdir(parents=True)
    (folder / "own.sources").write_text("Types: deb\nURIs: http://a.example http://b.example\nSuites: trixie\n")
    assert [line.split() for line in sources(tmp_path, "trixie").splitlines()] == [
        ["deb", "http://a.example", "trixie"],
        ["deb", "http://b.example", "trixie"],
    ]


def test_the_code_name_may_stand_without_quotes(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text("ID=debian\nVERSION_CODENAME=trixie\nNAME=x\n")
    assert suite_of(tmp_path) == "trixie"


def test_a_program_that_dies_without_a_word_has_failed(tmp_path: Path) -> None:
    assert run_bootstrap(["sh", "-c", "kill -9 $$"], "", tmp_path) == "it ended with -9 and no word"


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert run_bootstrap(["no-such-bootstrap"], "", tmp_path) == "no-such-bootstrap is not installed"
