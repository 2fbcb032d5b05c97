from __future__ import annotations

import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.making import signer, verifier
from trialplate.trust import Ed25519Signer, Ed25519Verifier, KeyUriError, key_id, open_verifier, public_uri

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_the_first_vector_of_rfc_8032_section_7_1() -> None:
    key = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(SEED))
    assert key.public == PUBLIC_KEY
    assert key.sign(b"") == SIGNATURE
    assert Ed25519Verifier(PUBLIC_KEY).verify(b"", SIGNATURE)


@given(st.binary(), st.binary())
def test_a_signature_is_over_one_message(message: bytes, other: bytes) -> None:
    signature = signer().sign(message)
    assert verifier().verify(message, signature)
    assert verifier().verify(other, signature) == (message == other)
    assert not verifier("somebody else").verify(message, signature)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 1000])
def test_what_is_no_signature_does_not_verify_and_does_not_raise(length: int) -> None:
    assert not verifier().verify(b"", bytes(length))


def test_both_sides_of_a_key_have_one_id() -> None:
    assert signer().key_id == verifier().key_id == key_id(signer().public)
    assert signer().key_id != signer("somebody else").key_id


def test_a_public_key_survives_its_uri() -> None:
    found = open_verifier(public_uri(signer()))
    assert found.key_id == signer().key_id
    assert found.verify(b"a message", signer().sign(b"a message"))


@pytest.mark.parametrize(
    "uri", ["", "ed25519:", f"ed25519:{'0' * 63}", f"ed25519:{'F' * 64}", f"rsa:{'0' * 64}", f"ed25519:{'0' * 64}\n"]
)
def test_another_public_key_uri_is_refused(uri: str) -> None:
    with pytest.raises(KeyUriError) as caught:
        open_verifier(uri)
    assert "ed25519:" in caught.value.fix


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_public_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(KeyUriError):
        Ed25519Verifier(bytes(length))


def test_a_private_key_is_neither_shown_nor_pickled() -> None:
    key = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(SEED))
    assert repr(key) == f"Ed25519Signer(key_id='{key.key_id}')"
    assert repr(Ed25519Verifier(PUBLIC_KEY)) == f"Ed25519Verifier(key_id='{key.key_id}')"
    for text in (repr(key), str(key), f"{key}"):
        assert SEED.hex() not in text
    with pytest.raises(TypeError):
        pickle.dumps(key)
