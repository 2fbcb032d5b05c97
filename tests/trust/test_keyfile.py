from __future__ import annotations

import multiprocessing
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from trialplate.trust import KeyFileError, KeyUriError, open_signer
from trialplate.trust.keyfile import open_key_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys" / "evaluator"


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Nothing may rest on the umask of whoever runs the program."""
    old = os.umask(0)
    yield
    os.umask(old)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_created_on_first_use_and_found_again(path: Path) -> None:
    first = open_key_file(path)
    assert (_mode(path), _mode(path.parent)) == (0o600, 0o700)
    assert open_key_file(path).public == first.public
    assert [entry.name for entry in path.parent.iterdir()] == ["evaluator"]


def test_a_narrow_umask_does_not_lock_the_owner_out(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    os.umask(0o777)
    first = open_key_file(path)
    assert _mode(path) == 0o600
    assert open_key_file(path).public == first.public


def test_other_names_are_other_keys(path: Path) -> None:
    assert open_key_file(path).public != open_key_file(path.with_name("developer")).public


def _public(path: Path, ready: Callable[[], int], answers: Callable[[bytes], None]) -> None:
    ready()
    answers(open_key_file(path).public)


def test_processes_that_race_end_with_one_key(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for round_ in range(5):
        racers = 6
        answers = context.SimpleQueue()
        barrier = context.Barrier(racers)
        target = path.with_name(f"evaluator-{round_}")
        processes = [context.Process(target=_public, args=(target, barrier.wait, answers.put)) for _ in range(racers)]
        for process in processes:
            process.start()
        keys = {answers.get() for _ in processes}
        for process in processes:
            process.join()
        assert keys == {open_key_file(target).public}
    assert not [entry for entry in path.parent.iterdir() if entry.name.startswith(".")]


def test_a_key_that_appears_while_one_is_made_is_not_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    won: list[bytes] = []

    def win(count: int) -> str:
        monkeypatch.undo()
        won.append(open_key_file(path).public)
        return "0" * count

    monkeypatch.setattr(secrets, "token_hex", win)
    assert open_key_file(path).public == won[0]
    assert [entry.name for entry in path.parent.iterdir()] == ["evaluator"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601, 0o700, 0o4600])
def test_a_key_file_open_to_others_is_refused_with_what_to_run(path: Path, mode: int) -> None:
    open_key_file(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=re.escape(f"Run: chmod 0600 '{path}'")):
        open_key_file(path)


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_open_to_others_is_refused_with_what_to_run(path: Path, mode: int) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(mode)
    with pytest.raises(KeyFileError, match=re.escape(f"Run: chmod 0700 '{path.parent}'")):
        open_key_file(path)
    assert not path.exists()


def test_a_read_only_key_is_a_key(path: Path) -> None:
    first = open_key_file(path)
    path.chmod(0o400)
    assert open_key_file(path).public == first.public


def test_a_key_of_somebody_else_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_key_file(path)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with pytest.raises(KeyFileError, match=f"belongs to user {me}.*chown {me + 1}"):
        open_key_file(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _fifo(path: Path) -> None:
    os.mkfifo(path, 0o600)


def _link(path: Path) -> None:
    target = path.with_name("target")
    open_key_file(target)
    path.symlink_to(target)


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


@pytest.mark.parametrize("put", [_folder, _fifo, _link, _dangling])
def test_only_a_plain_file_is_a_key(path: Path, put: Callable[[Path], None]) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    put(path)
    with pytest.raises(KeyFileError):
        open_key_file(path)
    assert not path.with_name("nowhere").exists()


def test_a_linked_folder_is_refused(path: Path) -> None:
    open_key_file(path)
    link = path.parent.with_name("link")
    link.symlink_to(path.parent)
    with pytest.raises(KeyFileError):
        open_key_file(link / "evaluator")


def _pem(key: Ed25519PrivateKey | rsa.RSAPrivateKey, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a key",
        _pem(Ed25519PrivateKey.generate())[:-40],
        _pem(Ed25519PrivateKey.generate(), b"a password"),
        _pem(rsa.generate_private_key(65537, 2048)),
        _pem(Ed25519PrivateKey.generate()).rjust(9000),
    ],
    ids=["empty", "text", "cut", "encrypted", "rsa", "long"],
)
def test_a_file_that_holds_no_key_is_refused_and_neither_shown_nor_replaced(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="holds no Ed25519 private key") as caught:
        open_key_file(path)
    assert caught.value.__cause__ is None
    assert path.read_bytes() == data


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").touch()
    with pytest.raises(KeyFileError, match="cannot be used"):
        open_key_file(tmp_path / "keys" / "evaluator")


def test_a_failure_leaves_no_half_made_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyFileError, match="No space left"):
        open_key_file(path)
    assert not list(path.parent.iterdir())


def test_a_key_that_vanishes_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlinked(*_: object, **__: object) -> None:
        raise FileExistsError

    monkeypatch.setattr(os, "link", unlinked)
    with pytest.raises(KeyFileError, match="vanished"):
        open_key_file(path)


@pytest.mark.parametrize("form", ["file:{}", "file://{}", "file://localhost{}", "FILE:{}"])
def test_a_signer_is_chosen_by_its_uri(path: Path, form: str) -> None:
    assert open_signer(form.format(path)).public == open_key_file(path).public


def test_a_uri_may_be_percent_encoded(path: Path) -> None:
    spaced = path.with_name("the evaluator\u00e9")
    assert open_signer(spaced.as_uri()).public == open_key_file(spaced).public


@pytest.mark.parametrize(
    "uri",
    [
        "file:relative/key",
        "file:key",
        "file:",
        "file:/",
        "file:/a/",
        "file:/a/..",
        "file://elsewhere/a/key",
        "file:/a/key?x=1",
        "file:/a/key#x",
        "file:/a/key%00x",
    ],
)
def test_a_file_uri_names_an_absolute_path(uri: str) -> None:
    with pytest.raises(KeyUriError, match="absolute path"):
        open_signer(uri)


@pytest.mark.parametrize(
    "uri, said",
    [
        ("pkcs11:token=x;object=y?pin-value=1234", "scheme 'pkcs11' is not supported"),
        ("/a/plain/path", "no key URI"),
        ("", "no key URI"),
        ("1234 is my pin:", "no key URI"),
    ],
)
def test_another_scheme_is_refused_with_what_is_supported_and_without_its_secrets(uri: str, said: str) -> None:
    with pytest.raises(KeyUriError, match=said) as caught:
        open_signer(uri)
    assert "Supported: file:" in caught.value.fix
    assert "1234" not in str(caught.value)
