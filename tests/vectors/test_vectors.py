"""Our published vectors, checked twice: by Trialplate, and by the format pages alone with the standard library."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trialplate.records import canonical, commit_body, decode_header, record_id, verify_body
from trialplate.trust import (
    Ed25519Signer,
    Ed25519Verifier,
    OpenedCheckpoint,
    Verified,
    leaf_hash,
    open_checkpoint,
    open_envelope,
    pae,
    parse_note_key,
    sign_checkpoint,
    sign_envelope,
    verify_consistency,
    verify_inclusion,
)
from trialplate.trust.merkle import Tree, root_of

FOLDER = Path(__file__).parent


def _load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text())


RECORDS: list[dict[str, Any]] = _load("records")["records"]
ENVELOPES = _load("envelopes")
CHECKPOINTS = _load("checkpoints")
PROOFS = _load("proofs")


def _by_the_page(value: object) -> bytes:
    """Return the canonical form as docs/formats/record.md says, which these vectors keep to ASCII keys for."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _sha256(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


@pytest.mark.parametrize("vector", RECORDS, ids=lambda vector: vector["name"])
def test_records_by_the_page(vector: dict[str, Any]) -> None:
    header, body, salt = (bytes.fromhex(vector[key]) for key in ("header_canonical", "body_canonical", "salt"))
    assert _by_the_page(vector["header"]) == header
    assert _by_the_page(vector["body"]) == body
    assert _sha256(b"trialplate.header/1\n", header) == vector["id"]
    assert _sha256(b"trialplate.body/1\n", salt, body) == vector["body_commit"] == vector["header"]["body_commit"]


@pytest.mark.parametrize("vector", RECORDS, ids=lambda vector: vector["name"])
def test_records_by_trialplate(vector: dict[str, Any]) -> None:
    data, body, salt = (bytes.fromhex(vector[key]) for key in ("header_canonical", "body_canonical", "salt"))
    header = decode_header(data)
    assert canonical(header) == data
    assert record_id(header) == vector["id"]
    assert commit_body(body, salt) == vector["body_commit"]
    assert verify_body(header, body, salt)


@pytest.mark.parametrize("vector", ENVELOPES["envelopes"], ids=lambda vector: vector["name"])
def test_envelopes_by_the_page(vector: dict[str, Any]) -> None:
    payload, signature = bytes.fromhex(vector["payload"]), bytes.fromhex(vector["signature"])
    kind = ENVELOPES["payload_type"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    assert message.hex() == vector["pae"]
    public = bytes.fromhex(ENVELOPES["public"])
    Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    assert _sha256(public) == ENVELOPES["key_id"]
    line = {"keyid": ENVELOPES["key_id"], "sig": base64.b64encode(signature).decode()}
    envelope = {"payload": base64.b64encode(payload).decode(), "payloadType": kind.decode(), "signatures": [line]}
    assert _by_the_page(envelope) == vector["envelope"].encode()


@pytest.mark.parametrize("vector", ENVELOPES["envelopes"], ids=lambda vector: vector["name"])
def test_envelopes_by_trialplate(vector: dict[str, Any]) -> None:
    payload = bytes.fromhex(vector["payload"])
    assert pae(ENVELOPES["payload_type"], payload).hex() == vector["pae"]
    assert sign_envelope(payload, [_signer(ENVELOPES)]) == vector["envelope"].encode()
    keys = [Ed25519Verifier(bytes.fromhex(ENVELOPES["public"]))]
    assert open_envelope(vector["envelope"].encode(), keys) == Verified(payload, (ENVELOPES["key_id"],))


def test_the_envelopes_sign_the_records() -> None:
    assert [vector["payload"] for vector in ENVELOPES["envelopes"]] == [
        vector["header_canonical"] for vector in RECORDS
    ]


@pytest.mark.parametrize("vector", CHECKPOINTS["checkpoints"], ids=lambda vector: f"size {vector['size']}")
def test_checkpoints_by_the_page(vector: dict[str, Any]) -> None:
    public = bytes.fromhex(CHECKPOINTS["public"])
    name = vector["origin"]
    text = f"{name}\n{vector['size']}\n{base64.b64encode(bytes.fromhex(vector['root'])).decode()}\n"
    key_hash = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    assert key_hash.hex() == CHECKPOINTS["key_hash"]
    published = base64.b64encode(b"\x01" + public).decode()
    assert CHECKPOINTS["key"] == f"{name}+{key_hash.hex()}+{published}"
    prefix = f"{text}\n\u2014 {name} "
    assert vector["note"].startswith(prefix)
    raw = base64.b64decode(vector["note"].removeprefix(prefix).removesuffix("\n"), validate=True)
    assert raw[:4] == key_hash
    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())


@pytest.mark.parametrize("vector", CHECKPOINTS["checkpoints"], ids=lambda vector: f"size {vector['size']}")
def test_checkpoints_by_trialplate(vector: dict[str, Any]) -> None:
    opened = open_checkpoint(vector["note"].encode(), [parse_note_key(CHECKPOINTS["key"])])
    assert isinstance(opened, OpenedCheckpoint)
    assert (opened.checkpoint.size, opened.checkpoint.root) == (vector["size"], vector["root"])
    assert sign_checkpoint(opened.checkpoint, _signer(CHECKPOINTS)) == vector["note"].encode()
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in CHECKPOINTS["leaves"][: vector["size"]]]
    assert Tree(leaves).root().hex() == vector["root"]


def test_proofs_by_trialplate() -> None:
    tree = Tree(leaf_hash(bytes.fromhex(leaf)) for leaf in PROOFS["leaves"])
    roots = [bytes.fromhex(root) for root in PROOFS["roots"]]
    assert [root_of(tree.node, size) for size in range(len(roots))] == roots
    assert len(PROOFS["inclusion"]) == 1 + 2 + 7
    for vector in PROOFS["inclusion"]:
        index, size = vector["index"], vector["size"]
        proof = [bytes.fromhex(other) for other in vector["proof"]]
        assert verify_inclusion(roots[size], size, index, tree.node(0, index), proof)
    assert len(PROOFS["consistency"]) == 4 + 7
    for vector in PROOFS["consistency"]:
        proof = [bytes.fromhex(other) for other in vector["proof"]]
        assert verify_consistency(vector["old"], roots[vector["old"]], vector["new"], roots[vector["new"]], proof)


def _signer(vectors: dict[str, Any]) -> Ed25519Signer:
    return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vectors["private_seed"])))
