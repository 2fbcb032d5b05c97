"""Keys for the tests of trust: equal names, equal keys."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trialplate.trust import Ed25519Signer, Ed25519Verifier


def signer(name: str = "evaluator") -> Ed25519Signer:
    """Return the signer of a name."""
    return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


def verifier(name: str = "evaluator") -> Ed25519Verifier:
    """Return the verifier of a name."""
    return Ed25519Verifier(signer(name).public)
