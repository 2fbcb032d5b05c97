"""The parts of `verify`: JSON in its one form, values with a shape, envelopes, notes and proofs, each by itself."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from tests.faces.bundles import bundle
from tests.faces.changes import leaves
from tests.trust.making import signer
from trialplate.faces import verify
from trialplate.faces.verify import Refusal
from trialplate.records import RELEASED, Answer, Ended, Header, Outcome, PlanState, Reason, canonical
from trialplate.trust import public_uri, sign_envelope

VECTORS = Path(__file__).parents[1] / "vectors"
HEADER_TYPE = "application/vnd.trialplate.header+json"
RIGHT = bundle()


def vectors(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def records() -> Iterator[tuple[bytes, bytes]]:
    """Return header and body of each record of the right bundle."""
    for line in RIGHT["records.jsonl"].splitlines():
        value = json.loads(line)
        yield base64.b64decode(value["envelope"]["payload"]), base64.b64decode(value["body"])


# ---------------------------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    "data, says",
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"\xef\xbb\xbf1", "not JSON"),
        ("1".encode("utf-16"), "not JSON"),
        (b"1.5", "not JSON"),
        (b"1e3", "not JSON"),
        (b"NaN", "not JSON"),
        (b"[Infinity]", "not JSON"),
        (b'"\\ud800"', "not JSON"),
        (b"1" * 5000, "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[" * 33 + b"]" * 33, "nested deeper than 32"),
        (b"[" * 31 + b"[1]" + b"]" * 31, "nested deeper than 32"),
        (b"9007199254740992", "beyond 2^53 - 1"),
        (b"[-9007199254740992]", "beyond 2^53 - 1"),
        ('{"\u00e9":1}'.encode(), "not ASCII"),
        (b'{"a":1,"a":1}', "not in canonical form"),
        (b'{"b":1,"a":1}', "not in canonical form"),
        (b'{"a": 1}', "not in canonical form"),
        (b"1\n", "not in canonical form"),
        (b"-0", "not in canonical form"),
        (b'"\\u0041"', "not in canonical form"),
        (b"[" + b"0," * (1 << 22) + b"0]", "more than 4194304 values"),
    ],
)
def test_only_the_canonical_form_is_read(data: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says.replace("^", r"\^")):
        verify.parse(data, "This")


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        [],
        {"b": [1, {"a": "x"}], "a": -(2**53 - 1)},
        '\u00e9\u2028\x00\x1f\x7f"\\/\b\f\n\r\t\U0001f600',
        json.loads("[" * 31 + "1" + "]" * 31),
    ],
)
def test_the_canonical_form_is_that_of_the_records(value: object) -> None:
    assert verify.parse(canonical(value), "This") == value
    assert verify.canonical(value) == canonical(value)


# -------------------------------------------------------------------------------------------------------------- shapes

CHANGES: tuple[tuple[str, str, object], ...] = (
    ("label", "level", 5),
    ("label", "level", True),
    ("label", "compartments", ["B", "A"]),
    ("label", "compartments", ["A", "A"]),
    ("label", "compartments", [f"{number:03}" for number in range(65)]),
    ("label", "dissemination", [" A"]),
    ("label", "dissemination", "A"),
    ("slot", "flow", "Assessment"),
    ("slot", "step", ""),
    ("slot", "ordinal", -1),
    ("slot", "ordinal", 2**31),
    ("slot", "more", 1),
    ("", "subject", "AB" * 16),
    ("", "author", ""),
    ("", "author", " a"),
    ("", "author", "a\x1b"),
    ("", "author", "a" * 129),
    ("", "office", "b "),
    ("", "at", "2026-07-02 00:00:00Z"),
    ("", "at", "2026-02-30T00:00:00Z"),
    ("", "at", "2026-07-02T00:00:60Z"),
    ("", "at", "0000-07-02T00:00:00Z"),
    ("", "parents", {}),
    ("", "parents", ["00"]),
    ("", "nonce", None),
    ("", "body_commit", "00" * 31),
    ("", "label", []),
    ("", "kind", 1),
    ("", "\u001b", 1),
)


@pytest.mark.parametrize("within, name, value", CHANGES)
def test_a_header_that_breaks_a_rule_is_refused(within: str, name: str, value: object) -> None:
    header = json.loads(next(records())[0])
    (header[within] if within else header)[name] = value
    with pytest.raises(Refusal, match=r"^It") as refused:
        verify.read(header, verify.Header, "It")
    assert str(refused.value).isprintable()


def test_the_header_that_was_changed_there_is_read() -> None:
    for header, _ in records():
        read = verify.read(json.loads(header), verify.Header, "It")
        assert verify.canonical(dataclasses.asdict(read)) == header
        assert msgspec.json.decode(header, type=Header).nonce == read.nonce


def test_no_value_of_another_type_is_read() -> None:
    tried = 0
    for header, raw in records():
        kind = verify.KINDS[json.loads(header)["kind"]]
        for number, _ in enumerate(leaves(json.loads(raw), lambda _: None)):
            box = [json.loads(raw)]
            put = list(leaves(box[0], lambda new, box=box: box.__setitem__(0, new)))[number]
            put({"unknown": [None]})
            with pytest.raises(Refusal):
                verify.read(box[0], kind, "It")
            tried += 1
    assert tried > 300


@pytest.mark.parametrize("kind", [kind for kind in RELEASED.by_name.values() if kind.name in verify.KINDS])
def test_bodies_have_the_fields_of_the_records(kind: Any) -> None:  # noqa: ANN401 - a kind's body is any Struct
    assert fields_of(verify.KINDS[kind.name]) == fields_of(kind.body)


def test_every_kind_of_an_assessment_is_known() -> None:
    assert set(verify.KINDS) == {
        name for name in RELEASED.by_name if name.startswith(("assessment.", "determination."))
    }
    assert fields_of(verify.Header) == fields_of(Header)


@pytest.mark.parametrize(
    "literal, choices",
    [
        (verify.Outcome, Outcome),
        (verify.Answer, Answer),
        (verify.Reason, Reason),
        (get_type_hints(verify.RunsEnded)["why"], Ended),
        (get_type_hints(verify.EarlierPlan)["state"], PlanState),
    ],
)
def test_choices_are_those_of_the_records(literal: object, choices: type[StrEnum]) -> None:
    assert set(get_args(literal)) == {choice.value for choice in choices}


def fields_of(kind: Any) -> object:  # noqa: ANN401 - a dataclass, a Struct or what a field of one is
    """Return names and nested names of the fields of a dataclass or a Struct."""
    if get_origin(kind) is Annotated or (get_args(kind) and not isinstance(kind, UnionType)):
        return next((found for each in get_args(kind) if (found := fields_of(each)) is not None), None)
    if not (isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct))):
        return None
    return {name: fields_of(hint) for name, hint in get_type_hints(kind).items()}


def test_tuples_have_their_length() -> None:
    nuisance = {"name": "H", "kappa": ["1"], "s": ["0", "1"], "eps": ["0", "1"]}
    with pytest.raises(Refusal, match="kappa has 1 values and not 2"):
        verify.read(nuisance, verify.Nuisance, "It")
    with pytest.raises(Refusal, match="It has no field eps"):
        verify.read({"name": "H"}, verify.Nuisance, "It")
    with pytest.raises(Refusal, match="It is no object"):
        verify.read([], verify.Nuisance, "It")


# -------------------------------------------------------------------------------------------------- records, envelopes


def line(payload: bytes, body: bytes = b"", salt: str = "") -> bytes:
    envelope = json.loads(sign_envelope(payload, [signer("operator")]))
    return canonical({"body": base64.b64encode(body).decode(), "envelope": envelope, "salt": salt}) + b"\n"


def committed(raw: bytes, salt: bytes = b"") -> bytes:
    """Return a line whose header commits to this body, whatever the format says of the two."""
    digest = hashlib.sha256(b"trialplate.body/1\n" + salt + raw).hexdigest()
    header = json.loads(next(records())[0])
    return line(canonical({**header, "body_commit": digest}), raw, salt.hex())


def manifest() -> verify.Manifest:
    return verify.read_manifest(RIGHT)[0]


@pytest.mark.parametrize(
    "data, says",
    [
        (b"", "does not end in a newline"),
        (RIGHT["records.jsonl"][:-1], "does not end in a newline"),
        (RIGHT["records.jsonl"] + b"\n", "Record 20 is not JSON"),
        (line(b'"' + b"a" * (1 << 20) + b'"'), "more than 1048576 bytes"),
        (line(next(records())[0].replace(b"assessment.plan/1", b"assessment.plan/2")), "plan/2, which no bundle holds"),
        (line(next(records())[0], b"{}", "00" * 32), "not the one that its header commits to"),
        (line(next(records())[0], b"{}"), "not the one that its header commits to"),
        (line(next(records())[0], b"", "00" * 32), "not the one that its header commits to"),
        (committed(b"{}"), "not the one that its header commits to"),
        (committed(b"0" * ((16 << 20) + 1), b"s" * 32), "not the one that its header commits to"),
        (committed(b"{}", b"s" * 32), "The body of Record 1 has no field"),
    ],
)
def test_a_line_that_is_no_record_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        verify.read_records(data, manifest())


def envelope(**changes: Any) -> verify.Envelope:  # noqa: ANN401 - a field of another type is what is tried
    value = json.loads(sign_envelope(b"{}", [signer("operator")]))
    return verify.read(value | changes, verify.Envelope, "It")


def lines(**changes: str) -> list[dict[str, str]]:
    return [{**json.loads(sign_envelope(b"{}", [signer("operator")]))["signatures"][0], **changes}]


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"payloadType": "text/plain"}, "of the payload type text/plain and not"),
        ({"payload": "e30"}, "The payload of It is not in base64"),
        ({"payload": "e31="}, "The payload of It is not in the only form"),
        ({"payload": "\u00e9"}, "not in base64"),
        ({"payload": "e30K"}, "no key which it names"),
        ({"signatures": lines(keyid="00" * 32)}, "no key which it names"),
        ({"signatures": lines(sig="AAAA")}, "no key which it names"),
        ({"signatures": lines(sig="-")}, "A signature of It is not in base64"),
        ({"signatures": lines() + lines(sig="AAAA")}, "no key which it names"),
        ({"signatures": []}, "must be 1 to 16 values"),
        ({"signatures": lines() * 17}, "must be 1 to 16 values"),
    ],
)
def test_an_envelope_that_does_not_hold_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        verify.open_envelope(envelope(**changes), HEADER_TYPE, [public_uri(signer("operator"))], "It")


def test_envelopes_open_as_their_vectors_say() -> None:
    for vector in vectors("envelopes")["envelopes"]:
        key = f"ed25519:{vectors('envelopes')['public']}"
        value = verify.read(verify.parse(vector["envelope"].encode(), "It"), verify.Envelope, "It")
        signed = verify.open_envelope(value, HEADER_TYPE, ["ed25519:" + "00" * 32, key], "It")
        assert (signed.payload.hex(), signed.keys) == (vector["payload"], {key})


def test_a_hint_may_be_missing_and_either_alphabet_is_read_but_for_the_manifest() -> None:
    # This payload has a byte that the two alphabets write differently.
    value = json.loads(sign_envelope(b"\xfb\xff", [signer("operator")]))
    del value["signatures"][0]["keyid"]
    value["payload"] = value["payload"].replace("+", "-").replace("/", "_")
    assert "-" in value["payload"]
    keys = [public_uri(signer("operator"))]
    read = verify.read(value, verify.Envelope, "It")
    assert verify.open_envelope(read, HEADER_TYPE, keys, "It").payload == b"\xfb\xff"
    with pytest.raises(Refusal, match="base64"):
        verify.open_envelope(read, HEADER_TYPE, keys, "It", exact=True)
