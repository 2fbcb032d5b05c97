"""The official cases of transparency-dev/merkle: 98 inclusion and 98 consistency proofs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from trialplate.trust import verify_consistency, verify_inclusion


class Inclusion(Struct, rename="camel"):
    name: str
    leaf_idx: int
    tree_size: int
    root: str
    leaf_hash: str
    proof: list[str] | None
    want_err: bool


class Consistency(Struct, rename="camel"):
    name: str
    size1: int
    size2: int
    root1: str
    root2: str
    proof: list[str] | None
    want_err: bool


_Case = TypeVar("_Case", Inclusion, Consistency)


def _cases(file: Path, case: type[_Case]) -> list[_Case]:
    return [msgspec.json.decode(line, type=case) for line in file.read_bytes().splitlines()]


def _proof(case: Inclusion | Consistency) -> list[bytes]:
    return [base64.b64decode(other) for other in case.proof or ()]


def test_inclusion(reference: Path) -> None:
    cases = _cases(reference / "merkle" / "inclusion.jsonl", Inclusion)
    assert len(cases) == len({case.name for case in cases}) == 98
    wrong = [
        case.name
        for case in cases
        if verify_inclusion(
            base64.b64decode(case.root),
            case.tree_size,
            case.leaf_idx,
            base64.b64decode(case.leaf_hash),
            _proof(case),
        )
        == case.want_err
    ]
    assert not wrong


def test_consistency(reference: Path) -> None:
    cases = _cases(reference / "merkle" / "consistency.jsonl", Consistency)
    assert len(cases) == len({case.name for case in cases}) == 98
    wrong = [
        case.name
        for case in cases
        if verify_consistency(
            case.size1, base64.b64decode(case.root1), case.size2, base64.b64decode(case.root2), _proof(case)
        )
        == case.want_err
    ]
    assert not wrong


def test_both_verdicts_occur(reference: Path) -> None:
    inclusion = [case.want_err for case in _cases(reference / "merkle" / "inclusion.jsonl", Inclusion)]
    consistency = [case.want_err for case in _cases(reference / "merkle" / "consistency.jsonl", Consistency)]
    assert (inclusion.count(False), inclusion.count(True)) == (6, 92)
    assert (consistency.count(False), consistency.count(True)) == (6, 92)
