"""Sealing at rest: what is sealed comes back whole to its holder, and to nobody else."""

from __future__ import annotations

import pickle
import secrets
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.making import signer
from trialplate.trust import SealingError, SealingKey, seal, sealing_key, unseal
from trialplate.trust.sealing import KEY_BYTES, MAGIC, OVERHEAD

KEY = SealingKey(bytes(range(32)))
OTHER = SealingKey(bytes(32))
AAD = b"a document"
VECTOR = (
    "747269616c706c6174652e7365616c65642f310a000000000000000000000002c9712e7db44bdad1b90d3c117741eb8c8617"
    "35d0eea90faf8e7d523a71db5b85afcdb4d1473197d76740325174f8c17600000000000000000000000337392c449b64b6f8"
    "812cabaef3fa08c5e5e329ab5d"
)
"""`docs/formats/sealed.md` shows this body."""


def counting() -> Callable[[int], bytes]:
    """Return bytes that are not random and never the same."""
    drawn = iter(range(1, 1000))
    return lambda count: next(drawn).to_bytes(count)


@given(data=st.binary(max_size=5000), aad=st.binary(max_size=100))
def test_what_is_sealed_comes_back(data: bytes, aad: bytes) -> None:
    sealed = seal(data, KEY, aad=aad, random_bytes=secrets.token_bytes)
    assert len(sealed) == len(data) + OVERHEAD
    assert unseal(sealed, KEY, aad=aad) == data


def test_every_flipped_bit_is_refused() -> None:
    sealed = seal(b"the proof", KEY, aad=AAD, random_bytes=counting())
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealingError):
            unseal(bytes(changed), KEY, aad=AAD)


def test_every_cut_and_what_is_added_is_refused() -> None:
    sealed = seal(b"the proof", KEY, aad=AAD, random_bytes=counting())
    for length in range(len(sealed)):
        with pytest.raises(SealingError, match="Restore"):
            unseal(sealed[:length], KEY, aad=AAD)
    with pytest.raises(SealingError, match="Restore body and key"):
        unseal(sealed + b"\0", KEY, aad=AAD)


@given(aad=st.binary(max_size=20), other=st.binary(max_size=20))
def test_another_holder_or_another_meaning_is_refused(aad: bytes, other: bytes) -> None:
    sealed = seal(b"", KEY, aad=aad, random_bytes=secrets.token_bytes)
    with pytest.raises(SealingError):
        unseal(sealed, OTHER, aad=aad)
    if aad != other:
        with pytest.raises(SealingError):
            unseal(sealed, KEY, aad=other)


def test_parts_of_two_bodies_make_none() -> None:
    one, two = (seal(data, KEY, aad=AAD, random_bytes=secrets.token_bytes) for data in (b"one", b"two"))
    # By then the random bytes of both have parted.
    for at in range(len(MAGIC) + 10, len(one)):
        with pytest.raises(SealingError):
            unseal(one[:at] + two[at:], KEY, aad=AAD)


def test_each_body_has_a_key_of_its_own() -> None:
    drawn = counting()
    one, two = (seal(b"same", KEY, aad=AAD, random_bytes=drawn) for _ in range(2))
    assert one[len(MAGIC) :] != two[len(MAGIC) :]
    assert b"same" not in one


def test_the_format_is_the_one_that_is_documented() -> None:
    sealed = seal(b"plain", KEY, aad=AAD, random_bytes=counting())
    assert sealed.hex() == VECTOR
    assert unseal(bytes.fromhex(VECTOR), KEY, aad=AAD) == b"plain"


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_has_its_length(length: int) -> None:
    with pytest.raises(SealingError, match=f"{KEY_BYTES} bytes, not {length}"):
        SealingKey(bytes(length))


def test_a_key_shows_itself_nowhere() -> None:
    key = SealingKey(b"secret-secret-secret-secret-secr")
    assert repr(key) == "SealingKey()"
    with pytest.raises(SealingError, match="cannot be copied"):
        pickle.dumps(key)


def test_a_signer_has_one_key_a_purpose() -> None:
    keys = [sealing_key(signer(name), purpose) for name, purpose in (("a", "x"), ("a", "y"), ("b", "x"))]
    for key in keys:
        sealed = seal(b"body", key, aad=AAD, random_bytes=secrets.token_bytes)
        for other in keys:
            if other is not key:
                with pytest.raises(SealingError):
                    unseal(sealed, other, aad=AAD)
    sealed = seal(b"body", keys[0], aad=AAD, random_bytes=secrets.token_bytes)
    assert unseal(sealed, sealing_key(signer("a"), "x"), aad=AAD) == b"body"
