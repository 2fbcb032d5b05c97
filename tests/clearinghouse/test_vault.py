"""The vault: a body is there whole or not at all, says nothing of itself, and is gone once it is forgotten."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialplate.clearinghouse.vault import MOST_BYTES, Vault, VaultError
from trialplate.trust import seal

BODY = b"the proof"
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", tmp_path / "keys" / "vault.key")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "vault").iterdir())


def test_a_body_comes_back_by_its_digest(vault: Vault, tmp_path: Path) -> None:
    assert not vault.has(DIGEST)
    assert vault.put(BODY) == DIGEST
    assert (vault.has(DIGEST), vault.get(DIGEST)) == (True, BODY)
    again = Vault(tmp_path / "vault", tmp_path / "keys" / "vault.key")
    assert again.get(DIGEST) == BODY


def test_what_is_kept_again_changes_nothing(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    (file,) = files(tmp_path)
    before = file.read_bytes()
    vault.put(BODY)
    assert [(each, each.read_bytes()) for each in files(tmp_path)] == [(file, before)]


def test_nobody_else_may_read_it_and_no_name_tells_what_it_is(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    vault.note(b"a note")
    assert stat.S_IMODE((tmp_path / "vault").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "vault.key").stat().st_mode) == 0o600
    for file in files(tmp_path):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert DIGEST not in file.name
        assert BODY not in file.read_bytes()
        assert b"a note" not in file.read_bytes()


def test_two_vaults_name_one_body_differently(vault: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path / "other", tmp_path / "keys" / "other.key")
    vault.put(BODY)
    other.put(BODY)
    assert [file.name for file in files(tmp_path)] != [file.name for file in (tmp_path / "other").iterdir()]


def test_what_is_forgotten_is_gone_with_what_was_left_of_it(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    (file,) = files(tmp_path)
    left = file.with_name(f"{file.name}.0123456789abcdef")
    left.write_bytes(file.read_bytes())
    linked = tmp_path / "linked"
    linked.hardlink_to(file)
    vault.forget(DIGEST)
    assert files(tmp_path) == []
    assert not vault.has(DIGEST)
    # What a disk may keep of the file has lost the key of the body.
    linked.rename(file)
    with pytest.raises(VaultError, match="damaged"):
        vault.get(DIGEST)


def test_what_is_not_there_can_be_forgotten_and_is_not_found(vault: Vault) -> None:
    vault.forget(DIGEST)
    with pytest.raises(VaultError, match=f"{DIGEST} is not in the vault"):
        vault.get(DIGEST)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", DIGEST.upper(), DIGEST[:-1], DIGEST + "\n"])
def test_only_digests_name_bodies(vault: Vault, digest: str) -> None:
    for ask in (vault.get, vault.has, vault.forget):
        with pytest.raises(VaultError, match="is no SHA-256"):
            ask(digest)


def test_a_torn_file_is_refused_and_written_anew(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(VaultError, match="damaged"):
            vault.get(DIGEST)
        assert vault.put(BODY) == DIGEST
        assert vault.get(DIGEST) == BODY


def test_a_body_that_lies_in_the_place_of_another_is_refused(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    (file,) = files(tmp_path)
    other = vault.put(b"another")
    (second,) = (each for each in files(tmp_path) if each != file)
    second.replace(file)
    with pytest.raises(VaultError, match="damaged"):
        vault.get(DIGEST)
    assert not vault.has(other)


def test_a_body_that_was_sealed_as_another_is_refused(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    (file,) = files(tmp_path)
    aad = b"trialplate.vault/1\n" + bytes.fromhex(DIGEST)
    file.write_bytes(seal(b"another", vault._key, aad=aad, random_bytes=secrets.token_bytes))
    with pytest.raises(VaultError, match="another body than its name says"):
        vault.get(DIGEST)


def test_a_part_that_a_kill_left_changes_nothing(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    (file,) = files(tmp_path)
    part = file.with_name(f"{file.name}.fedcba9876543210")
    file.rename(part)
    part.write_bytes(part.read_bytes()[:40])
    assert not vault.has(DIGEST)
    assert vault.put(BODY) == DIGEST
    assert vault.get(DIGEST) == BODY


@pytest.mark.parametrize("size, kept", [(MOST_BYTES, True), (MOST_BYTES + 1, False)])
def test_a_body_has_a_limit(vault: Vault, size: int, *, kept: bool) -> None:
    data = bytes(size)
    if kept:
        assert vault.get(vault.put(data)) == data
    else:
        with pytest.raises(VaultError, match="more than the 67108864"):
            vault.put(data)


def test_a_folder_that_is_none_is_told(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("in the way")
    for keep in (vault.put, vault.note):
        with pytest.raises(VaultError, match="cannot"):
            keep(BODY)


def test_a_failed_write_leaves_no_part(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    (file,) = files(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(VaultError, match="cannot keep it"):
        vault.put(BODY)
    assert files(tmp_path) == [file]
    with pytest.raises(VaultError, match="cannot be read"):
        vault.get(DIGEST)
    with pytest.raises(VaultError, match="cannot destroy it"):
        vault.forget(DIGEST)


def test_another_key_opens_nothing(vault: Vault, tmp_path: Path) -> None:
    vault.put(BODY)
    vault.note(b"a note")
    (tmp_path / "keys" / "vault.key").unlink()
    stranger = Vault(tmp_path / "vault", tmp_path / "keys" / "vault.key")
    assert not stranger.has(DIGEST)
    with pytest.raises(VaultError, match="notes is damaged"):
        stranger.notes()


# Each note is made durable, which takes its time.
@settings(max_examples=20)
@given(notes=st.lists(st.binary(max_size=50), max_size=5), cut=st.integers(min_value=1, max_value=30))
def test_notes_come_back_in_their_order_without_what_a_kill_tore(
    notes: list[bytes], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("noted")
    vault = Vault(folder / "vault", folder / "vault.key")
    assert vault.notes() == ()
    for note in (*notes, b"torn"):
        vault.note(note)
    file = folder / "vault" / "notes"
    os.truncate(file, file.stat().st_size - cut)
    assert vault.notes() == tuple(notes)
    vault.note(b"the next")
    assert vault.notes() == (*notes, b"the next")


def test_a_note_that_is_none_is_refused(vault: Vault, tmp_path: Path) -> None:
    vault.note(b"a note")
    with (tmp_path / "vault" / "notes").open("ab") as file:
        file.write(b"abc\n")
    with pytest.raises(VaultError, match="damaged"):
        vault.notes()
