from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.making import correction
from tests.trust.making import signer, verifier
from trialplate.records import canonical
from trialplate.trust import (
    HEADER_TYPE,
    Ed25519Verifier,
    Refused,
    SigningError,
    Verified,
    open_envelope,
    pae,
    sign_draft,
    sign_envelope,
    verify_entry,
)
from trialplate.trust.signing import MOST_ENVELOPE_BYTES, MOST_SIGNATURES

JSON = dict[str, object]

IN_TOTO = "application/vnd.in-toto+json"
STATEMENT = "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEifQ=="
BY_A = "2WAfaHm5jluo0w+0rk8uVkluELJYWjSmU9x7EUzx+AyteDGJ4/nqyJXfmAUVFIAoQafWm7AxBZNw5M9ixNHiCA=="
BY_B = "c1+67/aT0yqEpwx8PsVY3MLHsj9D0CZ014/Fv/QlG59P+9CobUZ7xECJ/V3USG0Ob9CiE5LjReEZUzNF2l7eBw=="
KEYS = {
    "A": Ed25519Verifier(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")),
    "B": Ed25519Verifier(bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")),
}


@dataclass(frozen=True)
class Official:
    """A test vector of DSSE (repository secure-systems-lab/dsse, folder testvectors): who has signed, or nobody."""

    name: str
    payload: str
    sigs: tuple[tuple[str, str], ...]
    signed_by: str
    payload_type: str = IN_TOTO
    wanted: str = IN_TOTO


OFFICIAL = (
    Official("single-signature", STATEMENT, ((BY_A, "A"),), "A"),
    Official(
        "url-safe-base64",
        "-_-_Pj8=",
        (("P-_KHICeR7tI6S_YyejJTRtrXhcQyQ2LYPaL8h90KjC9qN8HU_svOQ6TuDOT1HIrsGW886DbWNWcCmX5twLrAw==", "A"),),
        "A",
    ),
    Official(
        "payload-type-swapped",
        STATEMENT,
        ((BY_A, "A"),),
        "",
        "application/vnd.example.other+json",
        "application/vnd.example.other+json",
    ),
    Official(
        "non-ascii-payload-type",
        STATEMENT,
        (("xmSk/ug66ysT7ayhkCIjhAq42zgZXSsEWuzUaNL7w2eGAdF/NU6/fRXPtmfN+5DNSAs5/i2lUnHjbbjPsu0tAw==", "A"),),
        "A",
        "application/vnd.ex\u00e4mple+json",
        "application/vnd.ex\u00e4mple+json",
    ),
    Official(
        "empty-payload",
        "",
        (("gSggCAaTLTYyRH6FIDBem6meyIynsYy8RTHVzwx9tnTb7Bg/1jMWnuVgI/gffqmbsC2VX5/jHfkkDqsj7CDbDg==", "A"),),
        "A",
    ),
    Official(
        "empty-payload-type",
        STATEMENT,
        (("iC3q/+3Rm0+lpAJRueDmDh15PnwCfxKmS0NAfKsbv+zgulXQC/WM9trc+j1XEqlwDIg/vf/uNfebeD6sxInrDg==", "A"),),
        "",
        "",
    ),
    Official("threshold-two-distinct-keys", STATEMENT, ((BY_A, "A"), (BY_B, "B")), "AB"),
    Official("threshold-two-one-key-twice", STATEMENT, ((BY_A, "A"), (BY_A, "A")), "A"),
    Official("threshold-two-without-keyids", STATEMENT, ((BY_A, ""), (BY_B, "")), "AB"),
)


def _envelope(payload: str, sigs: tuple[tuple[str, str], ...], payload_type: str = HEADER_TYPE) -> bytes:
    lines = [{"sig": sig} | ({"keyid": hint} if hint else {}) for sig, hint in sigs]
    return canonical({"payload": payload, "payloadType": payload_type, "signatures": lines})


@pytest.mark.parametrize("case", OFFICIAL, ids=lambda case: case.name)
def test_official_vectors(case: Official) -> None:
    envelope = _envelope(case.payload, case.sigs, case.payload_type)
    verdict = open_envelope(envelope, list(KEYS.values()), payload_type=case.wanted)
    if case.signed_by:
        payload = base64.b64decode(case.payload.replace("-", "+").replace("_", "/"))
        assert verdict == Verified(payload, tuple(sorted(KEYS[name].key_id for name in case.signed_by)))
    else:
        assert isinstance(verdict, Refused)


def test_the_official_example_of_the_encoding() -> None:
    encoded = pae("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(st.text(max_size=9), st.binary(max_size=9), st.text(max_size=9), st.binary(max_size=9))
def test_the_encoding_is_unambiguous(type_: str, payload: bytes, other_type: str, other: bytes) -> None:
    assert (pae(type_, payload) == pae(other_type, other)) == ((type_, payload) == (other_type, other))


@given(st.binary(max_size=100), st.sets(st.sampled_from("abcd"), min_size=1), st.sets(st.sampled_from("abcd")))
def test_who_signed_is_who_is_trusted_and_signed(payload: bytes, signed: set[str], trusted: set[str]) -> None:
    envelope = sign_envelope(payload, [signer(name) for name in sorted(signed)])
    verdict = open_envelope(envelope, [verifier(name) for name in trusted])
    both = tuple(sorted(signer(name).key_id for name in signed & trusted))
    if both:
        assert verdict == Verified(payload, both)
    else:
        assert isinstance(verdict, Refused)
        assert not verdict


def test_an_envelope_is_canonical_json() -> None:
    envelope = sign_envelope(b"{}", [signer()])
    assert json.loads(envelope)["payloadType"] == HEADER_TYPE
    assert canonical(json.loads(envelope)) == envelope


@pytest.mark.parametrize("names", [(), ("a", "a"), tuple(str(number) for number in range(MOST_SIGNATURES + 1))])
def test_nothing_is_signed_by_nobody_or_one_key_twice_or_too_many(names: tuple[str, ...]) -> None:
    with pytest.raises(SigningError):
        sign_envelope(b"{}", [signer(name) for name in names])


def test_an_empty_key_set_refuses() -> None:
    assert open_envelope(sign_envelope(b"{}", [signer()]), []) == Refused(
        "No keys are trusted, so no signature counts."
    )


def _plain() -> JSON:
    return json.loads(sign_envelope(b'{"a":1}', [signer()]))


def _changed(**fields: object) -> bytes:
    return canonical(_plain() | fields)


def _line(**fields: str) -> bytes:
    lines: list[JSON] = json.loads(sign_envelope(b'{"a":1}', [signer()]))["signatures"]
    return _changed(signatures=[lines[0] | fields])


GOOD_SIG = str(json.loads(sign_envelope(b'{"a":1}', [signer()]))["signatures"][0]["sig"])

ATTACKS = {
    "no bytes": b"",
    "no JSON": b"signed, I promise",
    "a list": b"[]",
    "spaced": json.dumps(_plain()).encode(),
    "a field twice": canonical(_plain()).replace(b'{"payload":', b'{"payload":"AA==","payload":', 1),
    "another field": _changed(trust="me"),
    "another field in a line": _line(trust="me"),
    "no signatures": _changed(signatures=[]),
    "another payload": _changed(payload=base64.b64encode(b'{"a":2}').decode()),
    "another payload type": _changed(payloadType="application/json"),
    "payload in no base64": _changed(payload="%%%"),
    "payload without padding": _changed(payload="eyJhIjoxfQ"),
    "payload with stray bits": _changed(payload="eyJhIjoxfR=="),
    "payload with a line break": _changed(payload="eyJhIjox\nfQ=="),
    "payload outside ASCII": _changed(payload="\u00e9\u00e9\u00e9\u00e9"),
    "a signature in no base64": _line(sig="%%%"),
    "a signature cut short": _line(sig="AAAA"),
    "an empty signature": _line(sig=""),
    "a zero signature": _line(sig=base64.b64encode(bytes(64)).decode()),
    "the right key's hint on another's signature": _line(
        sig=base64.b64encode(signer("mallory").sign(pae(HEADER_TYPE, b'{"a":1}'))).decode()
    ),
    "a signature over the bare payload": _line(sig=base64.b64encode(signer().sign(b'{"a":1}')).decode()),
    "too many lines": _changed(signatures=[{"sig": GOOD_SIG}] * (MOST_SIGNATURES + 1)),
    "too many bytes": _changed(payload="A" * MOST_ENVELOPE_BYTES),
    "a float": _changed(payload=1).replace(b":1,", b":1.5,"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused(name: str) -> None:
    verdict = open_envelope(ATTACKS[name], [verifier(), verifier("b")])
    assert isinstance(verdict, Refused)
    assert len(verdict.reason) < 300


def test_the_untouched_envelope_passes() -> None:
    assert isinstance(open_envelope(_changed(), [verifier()]), Verified)
    assert isinstance(open_envelope(_line(sig=GOOD_SIG), [verifier()]), Verified)


def test_a_hint_proves_nothing_and_a_wrong_one_hides_nothing() -> None:
    hinted = _line(keyid="nobody")
    verdict = open_envelope(hinted, [verifier("b"), verifier()])
    assert verdict == Verified(b'{"a":1}', (signer().key_id,))


def test_junk_lines_do_not_spoil_a_good_one() -> None:
    envelope = _changed(signatures=[{"sig": "%"}, {"sig": ""}, {"sig": "AAAA"}, {"sig": GOOD_SIG}])
    assert isinstance(open_envelope(envelope, [verifier()]), Verified)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_passes_for_another_payload(place: int, flip: int) -> None:
    envelope = bytearray(_changed())
    envelope[place % len(envelope)] ^= flip
    verdict = open_envelope(bytes(envelope), [verifier()])
    assert isinstance(verdict, Refused) or verdict.payload == b'{"a":1}'


def test_a_draft_becomes_an_entry_that_verifies() -> None:
    entry = sign_draft(correction(), [signer("b"), signer()])
    verdict = verify_entry(entry, [verifier(), verifier("b")])
    assert verdict == Verified(canonical(entry.header), tuple(sorted([signer().key_id, signer("b").key_id])))


def test_a_withheld_body_is_no_reason_to_refuse() -> None:
    withheld = msgspec.structs.replace(sign_draft(correction(), [signer()]), body=b"", salt=b"")
    assert isinstance(verify_entry(withheld, [verifier()]), Verified)


def test_entries_that_were_tampered_with_are_refused() -> None:
    entry, other = sign_draft(correction("a"), [signer()]), sign_draft(correction("b"), [signer()])
    keys = [verifier()]
    replace = msgspec.structs.replace
    assert verify_entry(replace(entry, header=other.header), keys) == Refused("The envelope signs another header.")
    assert verify_entry(replace(entry, envelope=other.envelope), keys) == Refused("The envelope signs another header.")
    body = Refused("The body is not the one that the header commits to.")
    assert verify_entry(replace(entry, body=other.body), keys) == body
    assert verify_entry(replace(entry, salt=b""), keys) == body
    assert verify_entry(replace(entry, body=b""), keys) == body
    assert verify_entry(replace(entry, salt=bytes(32)), keys) == body
    assert verify_entry(replace(entry, envelope=b""), keys) != verify_entry(entry, keys)
    assert isinstance(verify_entry(entry, [verifier("b")]), Refused)
