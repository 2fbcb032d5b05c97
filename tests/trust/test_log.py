from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.making import signer
from trialplate.records import Checkpoint, UpkeepError
from trialplate.records.upkeep import MOST_SIZE
from trialplate.trust import (
    EMPTY_ROOT,
    LogError,
    NoteError,
    NoteKey,
    OpenedCheckpoint,
    Refused,
    open_checkpoint,
    parse_note_key,
    sign_checkpoint,
)
from trialplate.trust.note import MOST_LINES, MOST_NOTE_BYTES, OpenedNote, open_note, sign_note

ORIGIN = "example.com/log42"
KEY = NoteKey(ORIGIN, signer("log").public)
ROOT = "5d" * 32
B64 = base64.b64encode(bytes.fromhex(ROOT)).decode()
CHECKPOINT = Checkpoint(origin=ORIGIN, size=7, root=ROOT)
NOTE = sign_checkpoint(CHECKPOINT, signer("log"))

FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n"
    "\n"
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def _signed(text: str, name: str = ORIGIN, by: str = "log") -> bytes:
    return sign_note(text, name, signer(by))


def _line(note: bytes) -> bytes:
    return note.rpartition(b"\n\n")[2]


@pytest.mark.parametrize("key, note", [(FOO, FOO_NOTE), (NEUMANN, NEUMANN_NOTE)])
def test_notes_that_others_published_verify(key: str, note: str) -> None:
    parsed = parse_note_key(key)
    assert parsed.text == key
    assert open_note(note.encode(), [parsed]) == OpenedNote(note.rpartition("\n\n")[0] + "\n", (parsed,))
    assert isinstance(open_note(note.replace("i", "j", 1).encode(), [parsed]), Refused)


def test_the_form_of_a_checkpoint() -> None:
    assert NOTE.startswith(f"{ORIGIN}\n7\n{B64}\n\n\u2014 {ORIGIN} ".encode())
    assert open_checkpoint(NOTE, [KEY]) == OpenedCheckpoint(CHECKPOINT, KEY)


@given(st.from_regex(r"[!-*,-~]{1,50}", fullmatch=True), st.integers(1, MOST_SIZE), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_opened(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin=origin, size=size, root=root.hex())
    key = NoteKey(origin, signer().public)
    assert open_checkpoint(sign_checkpoint(checkpoint, signer()), [key]) == OpenedCheckpoint(checkpoint, key)


def test_an_empty_log_has_the_empty_root() -> None:
    empty = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT.hex())
    assert open_checkpoint(sign_checkpoint(empty, signer("log")), [KEY]) == OpenedCheckpoint(empty, KEY)
    with pytest.raises(LogError):
        sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=ROOT), signer("log"))


REFUSED = {
    "empty": b"",
    "no signature": f"{ORIGIN}\n7\n{B64}\n".encode(),
    "no signature after the blank line": f"{ORIGIN}\n7\n{B64}\n\n".encode(),
    "no blank line": NOTE.replace(b"\n\n", b"\n"),
    "no text": b"\n\n" + _line(NOTE),
    "no last newline": NOTE[:-1],
    "a line behind": NOTE + b"\n",
    "another size": NOTE.replace(b"\n7\n", b"\n8\n"),
    "another origin": NOTE.replace(ORIGIN.encode(), b"example.com/other", 1),
    "carriage returns": NOTE.replace(b"\n", b"\r\n"),
    "a NUL": NOTE.replace(b"\n7\n", b"\n7\x00\n"),
    "not UTF-8": b"\xff" + NOTE,
    "a dash for the em dash": NOTE.replace("\u2014".encode(), b"-"),
    "two spaces": NOTE.replace(f"{ORIGIN} ".encode(), f"{ORIGIN}  ".encode()),
    "a tab": NOTE.replace(f"{ORIGIN} ".encode(), f"{ORIGIN}\t".encode()),
    "no name": NOTE.replace(f"\u2014 {ORIGIN} ".encode(), "\u2014 ".encode()),
    "an empty name": NOTE.replace(f"\u2014 {ORIGIN} ".encode(), "\u2014  ".encode()),
    "a name with +": NOTE + "\u2014 a+b AAAAAAAA\n".encode(),
    "a name with a no-break space": NOTE + "\u2014 a\u00a0b AAAAAAAA\n".encode(),
    "a signature without padding": NOTE.replace(b"=\n", b"\n"),
    "a signature of a hash alone": NOTE + "\u2014 other AAAAAA==\n".encode(),
    "an empty signature": NOTE + "\u2014 other \n".encode(),
    "a signature with stray bits": NOTE + "\u2014 other AAAAAAB=\n".encode(),
    "by another key of that name": _signed(f"{ORIGIN}\n7\n{B64}\n", by="mallory"),
    "by a trusted key of another name": _signed(f"{ORIGIN}\n7\n{B64}\n", name="example.com/other", by="other"),
    "the key's line from another note": f"{ORIGIN}\n8\n{B64}\n\n".encode() + _line(NOTE),
    "a forged line by a known key behind a good one": NOTE
    + f"\u2014 {ORIGIN} {base64.b64encode(KEY.hash + bytes(64)).decode()}\n".encode(),
    "a cut signature by a known key": NOTE
    + f"\u2014 {ORIGIN} {base64.b64encode(KEY.hash + bytes(1)).decode()}\n".encode(),
    "extension lines": _signed(f"{ORIGIN}\n7\n{B64}\nextra\n"),
    "an empty line in the text": _signed(f"{ORIGIN}\n7\n\n{B64}\n"),
    "two lines": _signed(f"{ORIGIN}\n7\n"),
    "a leading zero": _signed(f"{ORIGIN}\n07\n{B64}\n"),
    "a sign": _signed(f"{ORIGIN}\n+7\n{B64}\n"),
    "a negative size": _signed(f"{ORIGIN}\n-7\n{B64}\n"),
    "other digits": _signed(f"{ORIGIN}\n\u0667\n{B64}\n"),
    "a size in hex": _signed(f"{ORIGIN}\n0x7\n{B64}\n"),
    "no size": _signed(f"{ORIGIN}\n\n{B64}\n"),
    "a size beyond a record's": _signed(f"{ORIGIN}\n{MOST_SIZE + 1}\n{B64}\n"),
    "a size of many digits": _signed(f"{ORIGIN}\n{'9' * 5000}\n{B64}\n"),
    "a root cut short": _signed(f"{ORIGIN}\n7\n{B64[:40]}\n"),
    "a root in hex": _signed(f"{ORIGIN}\n7\n{ROOT}\n"),
    "a root with stray bits": _signed(f"{ORIGIN}\n7\n{B64[:-2]}1=\n"),
    "an empty log with a root": _signed(f"{ORIGIN}\n0\n{B64}\n"),
    "an origin with a space": _signed(f"{ORIGIN} \n7\n{B64}\n"),
    "too many bytes": b"a" * MOST_NOTE_BYTES + NOTE,
    "too many lines": NOTE + "\u2014 other AAAAAAAA\n".encode() * MOST_LINES,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_checkpoint_of_the_log_is_refused(name: str) -> None:
    verdict = open_checkpoint(REFUSED[name], [KEY, NoteKey("example.com/other", signer("other").public)])
    assert isinstance(verdict, Refused)
    assert not verdict
    assert len(verdict.reason) < 300


def test_an_empty_key_set_refuses() -> None:
    assert isinstance(open_checkpoint(NOTE, []), Refused)


def test_lines_by_unknown_keys_are_passed_over() -> None:
    others = "\u2014 witness.example/w AAAAAAAA\n".encode() * 16
    assert open_checkpoint(NOTE + others, [KEY]) == OpenedCheckpoint(CHECKPOINT, KEY)
    before = NOTE.replace(_line(NOTE), others + _line(NOTE) * 2)
    assert open_checkpoint(before, [KEY]) == OpenedCheckpoint(CHECKPOINT, KEY)


def test_a_key_that_shares_name_or_hash_alone_is_unknown() -> None:
    line = f"\u2014 {ORIGIN} {base64.b64encode(b'abcd' + bytes(64)).decode()}\n"
    same_hash = f"\u2014 example.com/w {base64.b64encode(KEY.hash + bytes(64)).decode()}\n"
    assert open_checkpoint(NOTE + line.encode() + same_hash.encode(), [KEY]) == OpenedCheckpoint(CHECKPOINT, KEY)


def test_a_witness_that_is_trusted_too_is_told_from_the_log() -> None:
    witness = NoteKey("witness.example/w", signer("witness").public)
    both = NOTE + _line(_signed(NOTE.decode().rpartition("\n\n")[0] + "\n", witness.name, "witness"))
    assert open_checkpoint(both, [witness, KEY]) == OpenedCheckpoint(CHECKPOINT, KEY)
    opened = open_note(both, [witness, KEY])
    assert isinstance(opened, OpenedNote)
    assert opened.keys == (KEY, witness)


def test_two_keys_that_cannot_be_told_apart_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoteKey, "hash", property(lambda _: b"same"))
    assert isinstance(open_note(NOTE, [KEY, NoteKey(ORIGIN, signer("other").public)]), Refused)


def test_one_key_given_twice_is_one_key() -> None:
    assert open_checkpoint(NOTE, [KEY, KEY]) == OpenedCheckpoint(CHECKPOINT, KEY)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_passes_for_another_checkpoint(place: int, flip: int) -> None:
    note = bytearray(NOTE)
    note[place % len(note)] ^= flip
    verdict = open_checkpoint(bytes(note), [KEY])
    assert isinstance(verdict, Refused) or verdict.checkpoint == CHECKPOINT


texts = st.text(st.characters(codec="utf-8", min_codepoint=32) | st.just("\n"), min_size=1).map(
    lambda text: f"{text}\n"
)


@given(texts)
def test_any_text_can_be_a_note(text: str) -> None:
    assert open_note(_signed(text), [KEY]) == OpenedNote(text, (KEY,))


@pytest.mark.parametrize(
    "text", ["", "\n", "no newline", "a\rb\n", "a\x00\n", "\ud800\n", "a" * MOST_NOTE_BYTES + "\n"]
)
def test_other_texts_cannot_be_a_note(text: str) -> None:
    with pytest.raises(NoteError):
        _signed(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x01", "\ud800"])
def test_a_key_has_a_proper_name(name: str) -> None:
    with pytest.raises(NoteError):
        NoteKey(name, bytes(32))
    with pytest.raises(NoteError):
        NoteKey("a", bytes(31))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        FOO.replace("530d903a", "530d903b"),
        FOO.replace("foo", "bar"),
        FOO.replace("+Ae", "+Be"),
        FOO[:-4],
        f"{FOO}=",
        f" {FOO}",
        "a b+00000000+AQ==",
    ],
)
def test_other_texts_are_no_note_key(text: str) -> None:
    with pytest.raises(NoteError):
        parse_note_key(text)


def test_a_checkpoint_is_checked_when_it_is_made() -> None:
    with pytest.raises(UpkeepError):
        Checkpoint(origin="two\nlines", size=1, root=ROOT)
