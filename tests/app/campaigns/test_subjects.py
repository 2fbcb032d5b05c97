"""A subject is the same for every campaign of a home, and says nothing of the model."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trialplate.app.campaigns.subjects import subject_of
from trialplate.trust import Ed25519Signer

ONE, TWO = (Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)) for number in (1, 2))


def test_model_arguments_and_key_make_a_subject() -> None:
    subject = subject_of(ONE, "a/b", {"x": "1", "y": "2"})
    assert subject == subject_of(ONE, "a/b", {"y": "2", "x": "1"})
    assert len(subject) == 32
    others = {
        subject_of(ONE, "a/c", {"x": "1", "y": "2"}),
        subject_of(ONE, "a/b", {"x": "1"}),
        subject_of(TWO, "a/b", {"x": "1", "y": "2"}),
    }
    assert len(others | {subject}) == 4
