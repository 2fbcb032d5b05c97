"""Unpacking: what sources look like on a disk, and what an archive may try."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from trialplate.clearinghouse.triage.inside import unpack as program
from trialplate.clearinghouse.triage.inside.unpack import RefusedError, main, unpack


@dataclass(frozen=True)
class Put:
    """An entry of a tar archive."""

    name: str
    content: bytes = b""
    kind: bytes = tarfile.REGTYPE
    target: str = ""
    mode: int = 0o600
    pax: str = "7"


def tar_of(*entries: Put, mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload] the mode is a row's
        for put in entries:
            entry = tarfile.TarInfo(put.name)
            entry.type, entry.linkname, entry.mode = put.kind, put.target, put.mode
            entry.pax_headers = {"mtime": put.pax}
            entry.size = len(put.content)
            tar.addfile(entry, io.BytesIO(put.content))
    return buffer.getvalue()


def zip_of(**links: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("top/", b"")
        tool = zipfile.ZipInfo("top/tool")
        tool.external_attr = 0o755 << 16
        zipped.writestr(tool, b"#!")
        for name, target in links.items():
            link = zipfile.ZipInfo(f"top/{name}")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            zipped.writestr(link, target)
    return buffer.getvalue()


@pytest.fixture
def unpacked(tmp_path: Path) -> Callable[..., Path]:
    def unpacking(data: bytes, entries: int = 100, size: int = 10_000) -> Path:
        (tmp_path / "archive").write_bytes(data)
        unpack(tmp_path / "archive", tmp_path / "out", most_entries=entries, most_bytes=size)
        return tmp_path / "out"

    return unpacking


FILES = (Put("./a/b/c.txt", b"text", mode=0o644), Put("./a/run", b"#!", mode=0o755), Put("./d", b"d"))


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_unpacked_with_times_and_what_runs(unpacked: Callable[..., Path], mode: str) -> None:
    out = unpacked(tar_of(*FILES, mode=mode))
    assert (out / "a/b/c.txt").read_bytes() == b"text"
    assert stat.S_IMODE((out / "a/run").stat().st_mode) == 0o755
    assert stat.S_IMODE((out / "a/b/c.txt").stat().st_mode) == 0o644
    assert (out / "d").stat().st_mtime == 7
    assert [path.name for path in out.parent.iterdir() if "partial" in path.name] == []


def test_one_folder_at_the_top_is_the_root(unpacked: Callable[..., Path]) -> None:
    links = (Put("x/l", kind=tarfile.SYMTYPE, target="b"), Put("x/c/h", kind=tarfile.LNKTYPE, target="x/b"))
    out = unpacked(tar_of(Put("x", kind=tarfile.DIRTYPE), Put("x/b", b"b"), *links))
    assert sorted(path.name for path in out.iterdir()) == ["b", "c", "l"]
    assert (out / "l").read_bytes() == b"b"
    assert (out / "c/h").read_bytes() == b"b"


def test_a_zip_is_unpacked_with_its_links(unpacked: Callable[..., Path]) -> None:
    out = unpacked(zip_of(link="tool"))
    assert (out / "link").readlink() == Path("tool")
    assert stat.S_IMODE((out / "tool").stat().st_mode) == 0o755


def damaged_zip() -> bytes:
    return zip_of().replace(b"#!", b"#?", 1)


@pytest.mark.parametrize(
    "data, says",
    [
        (tar_of(Put("/etc/x")), "leads outside"),
        (tar_of(Put("a/../../x")), "leads outside"),
        (tar_of(Put("l", kind=tarfile.SYMTYPE, target="/etc/passwd")), "link 'l' leads outside"),
        (tar_of(Put("x/a"), Put("x/l", kind=tarfile.SYMTYPE, target="../b")), "link 'x/l' leads outside"),
        (tar_of(Put("l", kind=tarfile.LNKTYPE, target="../../etc/passwd")), "link 'l' leads outside"),
        (
            tar_of(Put("a", kind=tarfile.SYMTYPE, target="."), Put("b", kind=tarfile.SYMTYPE, target="a/..")),
            "link 'b' leads outside",
        ),
        (tar_of(Put("l", kind=tarfile.SYMTYPE, target="l")), "cannot be unpacked"),
        (tar_of(Put("l", kind=tarfile.SYMTYPE, target="d"), Put("l/x")), "cannot be unpacked"),
        (tar_of(Put("f", b"x"), Put("f/x")), "cannot be unpacked"),
        (tar_of(Put("n" * 300)), "cannot be unpacked"),
        (tar_of(Put("f", pax="nan")), "cannot be unpacked"),
        (tar_of(Put("p", kind=tarfile.FIFOTYPE)), "a device or a pipe"),
        (tar_of(Put("d", kind=tarfile.CHRTYPE)), "a device or a pipe"),
        (tar_of(*(Put(f"{number}") for number in range(101))), "more entries"),
        (tar_of(Put("a", bytes(6000)), Put("b", bytes(6000))), "more bytes"),
        (tar_of(Put("a", os.urandom(3000)), mode="w:gz")[:-1500], "damaged"),
        (zip_of(link="../.."), "leads outside"),
        (damaged_zip(), "damaged"),
        (b"no archive", "no tar and no zip"),
        (b"", "no tar and no zip"),
    ],
)
def test_what_leads_outside_or_is_too_much_is_refused_whole(
    unpacked: Callable[..., Path], tmp_path: Path, data: bytes, says: str
) -> None:
    with pytest.raises(RefusedError, match=says):
        unpacked(data)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_the_program_answers_by_its_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "archive").write_bytes(tar_of(*FILES))
    assert main([str(tmp_path / "archive"), str(tmp_path / "out"), "9", "99"]) == 0
    assert main([str(tmp_path / "archive"), str(tmp_path / "two"), "1", "99"]) == 1
    assert capsys.readouterr().err == "The archive is refused. It has more entries than are unpacked.\n"


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(tar_of(*FILES))
    command = [sys.executable, "-I", str(program.__file__), str(tmp_path / "archive"), str(tmp_path / "out"), "9", "99"]
    subprocess.run(command, check=True)
    assert (tmp_path / "out/d").read_bytes() == b"d"


KEPT = "import sys; import trialplate.clearinghouse.triage.inside.uncaught as uncaught; uncaught.keep(sys.argv[1]); "


@pytest.mark.parametrize(
    "ends, kept",
    [
        ("1 / 0", "ZeroDivisionError: division by zero\n"),
        ("raise ValueError(chr(0xd800))", "ValueError: \\ud800\n"),
        ("sys.exit('Traceback (most recent call last):')", ""),
        ("pass", ""),
    ],
)
def test_what_nobody_catches_is_kept_beside_what_is_printed(tmp_path: Path, ends: str, kept: str) -> None:
    report = tmp_path / "report"
    done = subprocess.run([sys.executable, "-c", KEPT + ends, str(report)], capture_output=True, text=True, check=False)
    assert report.exists() is bool(kept)
    if kept:
        assert report.read_text().startswith("Traceback (most recent call last):\n")
        assert report.read_text().endswith(kept)
        assert done.stderr.startswith("Traceback (most recent call last):\n")
        assert done.returncode == 1


def test_nothing_is_kept_where_no_file_is_named() -> None:
    done = subprocess.run([sys.executable, "-c", KEPT + "1 / 0", ""], capture_output=True, text=True, check=False)
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
