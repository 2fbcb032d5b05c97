"""Ed25519 keys as OpenSSH writes them (PROTOCOL.key), without chance: one seed gives one file."""

from __future__ import annotations

import base64
import struct
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_KIND: Final = b"ssh-ed25519"
_BLOCK: Final = 8
_WIDTH: Final = 70


def _field(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def public_line(seed: bytes) -> str:
    """Return the public key of a 32-byte seed as a line of authorized_keys."""
    return f"{_KIND.decode()} {base64.b64encode(_field(_KIND) + _field(_public(seed))).decode()}"


def private_file(seed: bytes) -> str:
    """Return the private key of a 32-byte seed as a file without a passphrase."""
    public = _public(seed)
    check = seed[:4]
    inner = check + check + _field(_KIND) + _field(public) + _field(seed + public) + _field(b"")
    inner += bytes(range(1, 1 + -len(inner) % _BLOCK))
    outer = b"openssh-key-v1\0" + _field(b"none") + _field(b"none") + _field(b"") + struct.pack(">I", 1)
    outer += _field(_field(_KIND) + _field(public)) + _field(inner)
    text = base64.b64encode(outer).decode()
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return "\n".join(["-----BEGIN OPENSSH PRIVATE KEY-----", *lines, "-----END OPENSSH PRIVATE KEY-----", ""])
