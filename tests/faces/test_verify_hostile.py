"""`verify` on bundles that mean harm: every changed byte is refused, nothing raises, no text is printed raw."""

from __future__ import annotations

import io
import json
import os
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faces.bundles import Recipe, bundle, manifest, write
from tests.faces.changes import body, leaves
from trialplate.faces import verify
from trialplate.records import Elicitation, ItemLimits, Plan, RecordId, canonical

RIGHT: Mapping[str, bytes] = bundle()


def said(folder: Path, *arguments: str) -> tuple[int, str]:
    """Return exit status and output of a command line."""
    out = io.StringIO()
    return verify.run([str(folder), *arguments], out), out.getvalue()


@pytest.fixture
def right(tmp_path: Path) -> Path:
    return write(RIGHT, tmp_path / "bundle")


def test_no_byte_can_be_changed(tmp_path: Path) -> None:
    chance = random.Random(20260702)
    for number in range(200):
        files = dict(RIGHT)
        name = sorted(files)[number % len(files)]
        data = bytearray(files[name])
        at = chance.randrange(len(data))
        data[at] ^= chance.randrange(1, 256)
        files[name] = bytes(data)
        code, text = said(write(files, tmp_path / "bundle"))
        assert (code, text.partition(":")[0]) == (1, "refused"), (name, at)
        assert text.isascii()


def test_no_byte_can_be_changed_under_a_new_manifest(tmp_path: Path) -> None:
    chance = random.Random(14409)
    checked = sorted(RIGHT.keys() - {"MANIFEST", "README.txt", "report.html"})
    plan = verify.read_manifest(RIGHT)[0].plan
    for number in range(100):
        name = checked[number % len(checked)]
        files = {path: data for path, data in RIGHT.items() if path != "MANIFEST"}
        data = bytearray(files[name])
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        files[name] = bytes(data)
        again = write(files | {"MANIFEST": manifest(Recipe(), files, RecordId(plan))}, tmp_path / "bundle")
        report = verify.check(again)
        assert report.ending == verify.REFUSED, name
        assert "not the file that MANIFEST lists" not in report.why


ODD = (None, True, -1, 2**53 - 1, -(2**53 - 1), "", "\x1b[2J\u202e", "0" * 64, [], {}, [[]], {"a": []}, ["a", "a"])


@pytest.mark.parametrize("seed", range(40))
def test_no_value_that_was_signed_breaks_it(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    wanted = chance.randrange(1, 20)

    def odd(number: int, raw: bytes) -> bytes:
        if number != wanted:
            return raw
        box = [json.loads(raw)]
        chance.choice(list(leaves(box[0], lambda new: box.__setitem__(0, new))))(chance.choice(ODD))
        return canonical(box[0])

    code, text = said(write(bundle(Recipe(raw=odd)), tmp_path / "bundle"))
    assert code in {0, 1}
    assert text.isascii()
    assert "\x1b" not in text


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_no_file_can_be_cut_left_out_or_made_longer(name: str, right: Path) -> None:
    data = RIGHT[name]
    for cut in (data[:0], data[: len(data) // 2], data[:-1], data + b"\n"):
        (right / name).write_bytes(cut)
        assert said(right)[0] == 1
    (right / name).unlink()
    assert said(right) == (1, f"refused: {name} is missing from the bundle.\n")


def test_a_file_that_is_not_listed_refuses(right: Path) -> None:
    (right / "more\x1b[2J.txt").write_bytes(b"")
    assert said(right) == (1, "refused: The bundle holds more\\x1b[2J.txt, which no bundle does.\n")


def test_only_plain_files_are_read(right: Path, tmp_path: Path) -> None:
    path = right / "report.html"
    target = path.rename(tmp_path / "elsewhere")
    for make in (lambda: path.symlink_to(target), lambda: os.mkfifo(path), path.mkdir):
        make()
        assert said(right) == (1, "refused: report.html is no plain file.\n")
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_file_beyond_its_size_refuses(right: Path) -> None:
    with (right / "MANIFEST").open("ab") as file:
        file.truncate((2 << 20) + 1)
    assert said(right) == (1, "refused: MANIFEST has more than 2097152 bytes.\n")


def test_a_folder_that_cannot_be_read_refuses(right: Path) -> None:
    report = verify.check(right / "MANIFEST")
    assert (report.ending, report.why) == (verify.REFUSED, "The bundle cannot be read: Not a directory.")


def test_no_text_of_a_bundle_reaches_the_terminal_as_it_is(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\r\u202e" + "x" * 200
    elicitation = Elicitation(
        model=evil, arguments=(), agent="a", limits=ItemLimits(), token_budget=0, call_seconds=1, call_retries=0
    )
    folder = write(bundle(Recipe(body=body(Plan, elicitation=elicitation))), tmp_path / "bundle")
    for arguments in ((), ("--json",)):
        code, text = said(folder, *arguments)
        assert code == 0
        assert set(map(ord, text)) <= {10, *range(32, 127)}
        assert "u202e" in text
        assert "x" * 101 not in text


def test_memory_that_does_not_suffice_refuses(right: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def starve(*_: object, **__: object) -> object:
        raise MemoryError

    monkeypatch.setattr(json, "loads", starve)
    assert verify.check(right).why == "The bundle holds more than this machine has memory for."
