"""Keys that sign and keys that check, apart from where they are kept. Ed25519 (RFC 8032) only, for now.

A public key is written as a URI, `ed25519:` and 64 lower-case hex digits, so that another algorithm is another
scheme. A key id is the SHA-256 of the raw public key in hex: a hint that finds a key and never a reason to trust one.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trialplate.errors import TrialplateError

PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_PUBLIC_URI: Final = re.compile(r"ed25519:([0-9a-f]{64})")


class KeyUriError(TrialplateError):
    """A key URI names no key that this version can use. What it said is not repeated: it may hold a PIN."""


class Signer(Protocol):
    """Something that holds a private key."""

    @property
    def key_id(self) -> str:
        """SHA-256 of the raw public key, in hex."""
        ...

    @property
    def public(self) -> bytes:
        """The raw public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature over `message`."""
        ...


class Verifier(Protocol):
    """Something that knows a public key."""

    @property
    def key_id(self) -> str:
        """SHA-256 of the raw public key, in hex."""
        ...

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Return whether `signature` is this key's over `message`; nothing that is verified may raise."""
        ...


class Ed25519Signer:
    """A private Ed25519 key in memory. Its `repr` shows the key id; it can be neither pickled nor printed."""

    __slots__ = ("_key", "_public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return f"Ed25519Signer(key_id={self.key_id!r})"

    @property
    def key_id(self) -> str:
        """See `Signer.key_id`."""
        return key_id(self._public)

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._key.sign(message)


class Ed25519Verifier:
    """A public Ed25519 key.

    Raises:
        KeyUriError: where `public` is not 32 bytes.
    """

    __slots__ = ("_key", "_public")

    def __init__(self, public: bytes) -> None:
        if len(public) != PUBLIC_BYTES:
            raise KeyUriError(
                f"An Ed25519 public key has {PUBLIC_BYTES} bytes, not {len(public)}.", "Give the raw key."
            )
        self._public = public
        self._key = Ed25519PublicKey.from_public_bytes(public)

    def __repr__(self) -> str:
        return f"Ed25519Verifier(key_id={self.key_id!r})"

    @property
    def key_id(self) -> str:
        """See `Verifier.key_id`."""
        return key_id(self._public)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """See `Verifier.verify`."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def key_id(public: bytes) -> str:
    """Return the id of a raw public key."""
    return hashlib.sha256(public).hexdigest()


def public_uri(signer: Signer) -> str:
    """Return the URI under which others know the public key of an Ed25519 `signer`."""
    return f"ed25519:{signer.public.hex()}"


def open_verifier(uri: str) -> Verifier:
    """Return the verifier of a public key URI.

    Raises:
        KeyUriError: for anything but `ed25519:` and 64 lower-case hex digits.
    """
    match = _PUBLIC_URI.fullmatch(uri)
    if match is None:
        raise KeyUriError("This is no public key URI.", "Write ed25519: and the raw key as 64 lower-case hex digits.")
    return Ed25519Verifier(bytes.fromhex(match[1]))
