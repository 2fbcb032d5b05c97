"""The secrets of an attempt: everything in an item that must not follow from its seed.

They come from a campaign's random key, which is made after the commitment to the items, and are new for every attempt.
So neither the source code nor a leaked seed nor an earlier attempt gives an answer.
"""

from __future__ import annotations

import base64
import hmac
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
_ANSWER_BYTES: Final = 15


class Secrets:
    """Secret values of one attempt, each by a name, all derived by HKDF-SHA256 (RFC 5869) from the campaign's key."""

    def __init__(self, key: bytes, item: str, attempt: int) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a campaign key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self._scope = f"trialplate/secrets/1|{item}|{attempt}|".encode()

    def octets(self, name: str, count: int) -> bytes:
        """Return `count` secret bytes for `name`."""
        return HKDF(algorithm=SHA256(), length=count, salt=None, info=self._scope + name.encode()).derive(self._key)

    def token(self, name: str, count: int = 16) -> str:
        """Return a secret text of 2 x `count` hex digits: a password, a session, a key."""
        return self.octets(name, count).hex()

    def below(self, name: str, bound: int) -> int:
        """Return a secret integer from 0 to `bound` - 1, with a bias below 2**-64."""
        return int.from_bytes(self.octets(name, 8 + (bound.bit_length() + 7) // 8), "big") % bound

    @property
    def answer(self) -> str:
        """Return what the agent must find: 24 characters of base32 in groups of six, 120 bits."""
        text = base64.b32encode(self.octets("answer", _ANSWER_BYTES)).decode()
        return "-".join(text[at : at + 6] for at in range(0, len(text), 6))

    def accepts(self, answer: str) -> bool:
        """Say whether a submission is the answer, apart from surrounding space and quotes."""
        given = answer.strip().strip("`'\"").strip()
        return hmac.compare_digest(given.encode(), self.answer.encode())

    def __repr__(self) -> str:
        """Keep the secrets out of tracebacks and logs."""
        return "Secrets(...)"
