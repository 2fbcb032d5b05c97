"""Sealing at rest: a body under a random key of its own, and that key under the key of whoever holds the body.

A sealed body is, in this order: `MAGIC` (its version), 12 random bytes, the data key wrapped (32 bytes and a tag of
16), 12 random bytes, and the body with a tag of 16 bytes. Both layers are AES-256-GCM (NIST SP 800-38D); the
associated data of each are `MAGIC`, the name of the layer, and what the body is, as the caller says it. Whoever moves
a sealed body to another place, cuts it or changes one bit of it gets nothing from it. docs/formats/sealed.md says more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trialplate.errors import TrialplateError
from trialplate.trust.keys import Signer

MAGIC: Final = b"trialplate.sealed/1\n"
KEY_BYTES: Final = 32

_NONCE: Final = 12
_TAG: Final = 16
_WRAPPED: Final = len(MAGIC) + _NONCE
_BODY: Final = _WRAPPED + KEY_BYTES + _TAG
OVERHEAD: Final = _BODY + _NONCE + _TAG
"""Bytes by which a sealed body is longer than the body."""


class SealingError(TrialplateError):
    """Bytes cannot be sealed or unsealed. The message never says what is in them, or in a key."""


class SealingKey:
    """A holder's key, 32 bytes in memory. Neither its `repr` nor a pickle ever holds them.

    Args:
        raw: 32 secret random bytes.

    Raises:
        SealingError: for any other length.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise SealingError(f"A sealing key has {KEY_BYTES} bytes, not {len(raw)}.", "Restore the key.")
        self._raw = raw

    def __repr__(self) -> str:
        return "SealingKey()"

    def __reduce__(self) -> NoReturn:
        raise SealingError("A sealing key cannot be copied out of memory.", "Open its key file where it is needed.")

    def wrap(self, data_key: bytes, nonce: bytes, associated: bytes) -> bytes:
        """Return a data key that only this key opens; `nonce` is 12 random bytes, never used with this key before."""
        return AESGCM(self._raw).encrypt(nonce, data_key, associated)

    def unwrap(self, wrapped: bytes, nonce: bytes, associated: bytes) -> bytes:
        """Return the data key that was wrapped.

        Raises:
            InvalidTag: where it was not wrapped so.
        """
        return AESGCM(self._raw).decrypt(nonce, wrapped, associated)


def sealing_key(signer: Signer, purpose: str) -> SealingKey:
    """Return the key of a signer for one purpose: SHA-256 of its signature over a tag and the purpose.

    Ed25519 signatures are deterministic (RFC 8032), so that the key needs no file of its own; the signer must sign
    nothing else that starts with the tag, which no record and no note does.
    """
    return SealingKey(hashlib.sha256(signer.sign(b"trialplate.sealing-key/1\n" + purpose.encode())).digest())


def seal(data: bytes, key: SealingKey, *, aad: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return `data` sealed: `OVERHEAD` bytes longer.

    Args:
        data: the body.
        key: its holder's.
        aad: what the body is, which `unseal` must be told alike.
        random_bytes: `secrets.token_bytes`; whatever repeats itself here breaks the seal.
    """
    data_key, wrapping, nonce = random_bytes(KEY_BYTES), random_bytes(_NONCE), random_bytes(_NONCE)
    wrapped = key.wrap(data_key, wrapping, _associated(b"key", aad))
    return b"".join((MAGIC, wrapping, wrapped, nonce, AESGCM(data_key).encrypt(nonce, data, _associated(b"body", aad))))


def unseal(sealed: bytes, key: SealingKey, *, aad: bytes) -> bytes:
    """Return the body that was sealed for this holder as what `aad` says.

    Raises:
        SealingError: where it is none, was sealed for another or as something else, or is not as it was sealed.
    """
    if not sealed.startswith(MAGIC) or len(sealed) < OVERHEAD:
        raise SealingError(
            "This is no sealed body of a version that is known here.", "Restore it, or upgrade Trialplate."
        )
    wrapping, nonce = sealed[len(MAGIC) : _WRAPPED], sealed[_BODY : _BODY + _NONCE]
    try:
        data_key = key.unwrap(sealed[_WRAPPED:_BODY], wrapping, _associated(b"key", aad))
        return AESGCM(data_key).decrypt(nonce, memoryview(sealed)[_BODY + _NONCE :], _associated(b"body", aad))
    except InvalidTag:
        raise SealingError(
            "A sealed body does not open: it was changed or moved, or its holder's key is another.",
            "Restore body and key from one backup.",
        ) from None


def _associated(layer: bytes, aad: bytes) -> bytes:
    return MAGIC + layer + b"\n" + aad
