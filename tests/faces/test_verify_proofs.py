"""The notes and proofs of `verify`, a second implementation, against vectors, malformed input and the first one."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.faces.bundles import ORIGIN, checkpoint, note_key, tree_of
from tests.trust.making import signer
from trialplate.faces import verify
from trialplate.faces.verify import Refusal
from trialplate.trust import Tree
from trialplate.trust.note import sign_note

VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def note(text: str) -> bytes:
    return sign_note(text, ORIGIN, signer("log"))


GOOD = checkpoint(tree_of(), 11)
ROOT = GOOD.decode().splitlines()[2]


@pytest.mark.parametrize(
    "data, says",
    [
        (b"\xff", "not in UTF-8"),
        (GOOD + b"x" * (1 << 16), "too long for a note"),
        (GOOD.replace(b"\n11\n", b"\n11\r\n"), "control characters"),
        (GOOD.replace(b"\n\n", b"\n"), "is not a text, a blank line"),
        (GOOD[:-1], "is not a text, a blank line"),
        (GOOD + b"\xe2\x80\x94 a AAAAAAAA\n" * 64, "1 to 64 signature lines"),
        (GOOD + b"- a AAAA\n", "signature line of It is malformed"),
        (GOOD + b"\xe2\x80\x94 a A\n", "is not in base64"),
        (GOOD.replace(b"\n11\n", b"\n12\n"), "not signed by the log's own key"),
        (note(f"{ORIGIN}\n011\n{ROOT}\n"), "not three lines"),
        (note(f"{ORIGIN}\n11\n{ROOT}\nmore\n"), "not three lines"),
        (note(f"{ORIGIN}\n9999999999999999\n{ROOT}\n"), "that no log has"),
        (note(f"{ORIGIN}\n0\n{ROOT}\n"), "that no log has"),
        (note(f"{ORIGIN}\n11\n{base64.b64encode(b'r' * 33).decode()}\n"), "that no log has"),
        (note(f"{ORIGIN}\n11\n{'=' * 44}\n"), "The root of It is not in base64"),
    ],
)
def test_a_note_that_is_no_checkpoint_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        verify.open_checkpoint(data, verify.parse_note_key(note_key().text, "It"), "It")


def test_a_line_by_a_stranger_is_passed_over() -> None:
    key = verify.parse_note_key(note_key().text, "It")
    assert verify.open_checkpoint(GOOD + b"\xe2\x80\x94 witness AAAAAAAA\n", key, "It").size == 11


def written(raw: bytes) -> str:
    hashed = hashlib.sha256(f"{ORIGIN}\n\x01".encode() + raw[1:]).hexdigest()[:8]
    return f"{ORIGIN}+{hashed}+{base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a b+00000000+AQ==",
        note_key().text.replace("+", "+0", 1),
        note_key().text[:-4] + "AAA=",
        note_key("other").text.replace("+", "-", 1),
        written(b"\x02" + b"k" * 32),
        written(b"\x01" + b"k" * 31),
        "+00000000+".join((ORIGIN, base64.b64encode(b"\x01" + b"k" * 32).decode())),
    ],
)
def test_a_text_that_is_no_note_key_is_refused(text: str) -> None:
    assert verify.parse_note_key(written(b"\x01" + b"k" * 32), "It").public == b"k" * 32
    with pytest.raises(Refusal, match="It is"):
        verify.parse_note_key(text, "It")


def test_checkpoints_open_as_their_vectors_say() -> None:
    key = verify.parse_note_key(vectors("checkpoints")["key"], "It")
    for vector in vectors("checkpoints")["checkpoints"]:
        opened = verify.open_checkpoint(vector["note"].encode(), key, "It")
        assert (opened.origin, opened.size, opened.root.hex()) == (vector["origin"], vector["size"], vector["root"])


def test_proofs_hold_as_their_vectors_say_and_not_otherwise() -> None:
    given = vectors("proofs")
    leaf = [bytes.fromhex(each) for each in given["leaves"]]
    root = [bytes.fromhex(each) for each in given["roots"]]
    for size in range(1, 8):
        assert verify.tree_root(leaf[:size]) == given["roots"][size]
    for vector in given["inclusion"]:
        proof = [bytes.fromhex(each) for each in vector["proof"]]
        index, size, hashed = vector["index"], vector["size"], verify.leaf_hash(leaf[vector["index"]])
        assert verify.included(index, size, hashed, proof, root[size])
        for bad in ([*proof, root[1]], proof[:-1] if proof else [root[1]], [hashlib.sha256(b"").digest(), *proof[1:]]):
            assert not verify.included(index, size, hashed, bad, root[size])
        assert not verify.included(index + size, size, hashed, proof, root[size])
    for vector in given["consistency"]:
        proof, old, new = [bytes.fromhex(each) for each in vector["proof"]], vector["old"], vector["new"]
        assert verify.consistent(old, root[old], new, root[new], proof) is (old < new)
        for bad in ([*proof, root[1]], proof[:-1], [hashlib.sha256(b"").digest(), *proof[1:]], []):
            assert not verify.consistent(old, root[old], new, root[new], bad)
        assert not verify.consistent(old, root[1], new, root[new], proof) or old == 1
    assert not verify.consistent(0, root[0], 7, root[7], [])


@pytest.mark.parametrize("size", range(1, 20))
def test_proofs_of_the_log_hold_at_every_size(size: int) -> None:
    hashes = [verify.leaf_hash(b"%d" % number) for number in range(size)]
    tree = Tree(hashes)
    assert verify.tree_root(b"%d" % number for number in range(size)) == tree.root().hex()
    for index in range(size):
        assert verify.included(index, size, hashes[index], tree.inclusion(index), tree.root())
        assert not verify.included(index, size, verify.leaf_hash(b"x"), tree.inclusion(index), tree.root())
    for old in range(1, size):
        before = Tree(hashes[:old]).root()
        assert verify.consistent(old, before, size, tree.root(), tree.consistency(old))
        assert not verify.consistent(old, tree.root(), size, tree.root(), tree.consistency(old))
        assert not verify.consistent(old, before, size, before, tree.consistency(old))
