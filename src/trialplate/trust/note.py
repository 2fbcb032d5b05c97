"""C2SP signed notes (c2sp.org/signed-note v1.0.0): a text, a blank line, and signature lines. Ed25519 keys only.

    example.com/log42
    0
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

    — example.com/log42 BASE64(key hash || signature)

The key hash is SHA-256(name || 0x0A || 0x01 || public key)[:4]; name and hash together say which key to verify with.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.trust.keys import PUBLIC_BYTES, Ed25519Verifier, Signer
from trialplate.trust.verdicts import Refused

MOST_NOTE_BYTES: Final = 1 << 16
MOST_LINES: Final = 64
"""Signature lines that a note may have; the specification wants 16 at least."""

_MOST_TEXT_BYTES: Final = MOST_NOTE_BYTES // 2
_ED25519: Final = b"\x01"
_HASH_BYTES: Final = 4
_MARK: Final = "\u2014 "
_VKEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_REFUSED: Final = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


class NoteError(TrialplateError):
    """A note cannot be signed, or a note key is not well formed."""


class NoteKey(Struct, frozen=True):
    """A public key and its name: not empty, without white space and `+`.

    Raises:
        NoteError: for another name, or a key that is not 32 bytes.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name) or len(self.public) != PUBLIC_BYTES:
            raise NoteError(
                "A note key is not well formed.", "Give a name without space and '+', and a raw 32-byte key."
            )

    @property
    def hash(self) -> bytes:
        """The 4 bytes that name the key in signature lines."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_HASH_BYTES]

    @property
    def text(self) -> str:
        """The key as others are given it: `name+hash+base64(0x01 || public key)`."""
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


class OpenedNote(Struct, frozen=True):
    """`text` (with its last newline) is signed by each of `keys`, one or more of the trusted ones."""

    text: str
    keys: tuple[NoteKey, ...]


def parse_note_key(text: str) -> NoteKey:
    """Return the key that `NoteKey.text` wrote.

    Raises:
        NoteError: for another form, another algorithm, or a hash that is not the key's.
    """
    match = _VKEY.fullmatch(text)
    raw = None if match is None else strict_base64(match[3])
    if match is None or raw is None or raw[:1] != _ED25519:
        raise NoteError("This is no Ed25519 note key.", "Write name+hash+base64, as the log publishes it.")
    key = NoteKey(match[1], raw[1:])
    if key.hash.hex() != match[2]:
        raise NoteError(f"The note key of {match[1][:80]!r} does not fit its hash.", "Copy the whole key again.")
    return key


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """Return the note that says `text`, with one signature line by the Ed25519 `signer` under `name`.

    Raises:
        NoteError: where `text` is empty, does not end in a newline, holds control characters or is too long, or
            for a name that is none.
    """
    if not text.removesuffix("\n") or not text.endswith("\n") or _REFUSED.search(text):
        raise NoteError("This text cannot be a note.", "End it with a newline, without control characters.")
    if len(text.encode()) > _MOST_TEXT_BYTES:
        raise NoteError("This text is too long for a note.", f"Use at most {_MOST_TEXT_BYTES} bytes.")
    key = NoteKey(name, signer.public)
    line = base64.b64encode(key.hash + signer.sign(text.encode())).decode()
    return f"{text}\n{_MARK}{name} {line}\n".encode()


def open_note(note: bytes, keys: Sequence[NoteKey]) -> OpenedNote | Refused:
    """Return the text of `note` and who of `keys` signed it, or why it must not be believed.

    Lines by unknown keys are passed over; one by a known key that does not verify refuses the whole note.
    """
    known = {(key.name, key.hash): key for key in keys}
    if len(known) < len(set(keys)):
        return Refused("Two trusted keys share name and hash.")
    parsed = _parse(note)
    if isinstance(parsed, Refused):
        return parsed
    text, lines = parsed
    signed: list[NoteKey] = []
    for name, raw in lines:
        key = known.get((name, raw[:_HASH_BYTES]))
        if key is None:
            continue
        if not Ed25519Verifier(key.public).verify(text.encode(), raw[_HASH_BYTES:]):
            return Refused(f"The signature by {name!r} does not verify.")
        if key not in signed:
            signed.append(key)
    if not signed:
        return Refused("No signature is by a trusted key.")
    return OpenedNote(text=text, keys=tuple(signed))


def strict_base64(text: str) -> bytes | None:
    """Return the bytes of standard base64 (RFC 4648 section 4) in its only form, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def _parse(note: bytes) -> tuple[str, list[tuple[str, bytes]]] | Refused:
    if len(note) > MOST_NOTE_BYTES:
        return Refused(f"The note is longer than {MOST_NOTE_BYTES} bytes.")
    # A lone surrogate cannot come out of decoding, so it stands for what is no UTF-8 and is refused with the controls.
    whole = note.decode(errors="surrogateescape")
    if _REFUSED.search(whole):
        return Refused("The note is not in UTF-8, or holds control characters.")
    text, blank, rest = whole.rpartition("\n\n")
    if not blank or not text or not rest.endswith("\n"):
        return Refused("The note is not a text, a blank line, and signature lines.")
    lines = rest[:-1].split("\n")
    if len(lines) > MOST_LINES:
        return Refused(f"The note has more than {MOST_LINES} signature lines.")
    signatures = [signature for line in lines if (signature := _parse_line(line)) is not None]
    if len(signatures) < len(lines):
        return Refused("A signature line of the note is not well formed.")
    return f"{text}\n", signatures


def _parse_line(line: str) -> tuple[str, bytes] | None:
    name, space, signature = line.removeprefix(_MARK).partition(" ")
    raw = strict_base64(signature)
    if not line.startswith(_MARK) or not space or not _is_name(name) or raw is None or len(raw) <= _HASH_BYTES:
        return None
    return name, raw


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name) and not _REFUSED.search(name)
