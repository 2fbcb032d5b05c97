"""Merkle proofs verified per second, against the hashes alone that they need, in a bare loop.

The peer calls `hashlib.sha256` on 65 bytes, which is what an inner node is hashed over, as often as the verifier
must, and reads each result: until `digest()` is called, the second of the two blocks of 65 bytes is not hashed. The
floor is the promise of the instrument: verification costs at most twice its hashes.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from bench.measure import Better, Row, against, interleaved, stopwatch
from trialplate.trust.merkle import Tree, leaf_hash, verify_consistency, verify_inclusion

LEAVES: Final = 100_003
"""Not a power of two, so that paths along the right edge are met as well."""

PROOFS: Final = 400
ROUNDS: Final = 101
"""Many short turns of about 10 ms, so that other work on the machine meets ours and the peer alike."""
FLOOR: Final = 0.5

_NODE: Final = b"\x01" + bytes(64)

Check = Callable[[], bool]


def run() -> list[Row]:
    """Return the rows of inclusion and of consistency."""
    tree = Tree(leaf_hash(index.to_bytes(8, "big")) for index in range(LEAVES))
    chosen = random.Random(0).sample(range(1, LEAVES), PROOFS)
    inclusion, consistency = _inclusion_checks(tree, chosen), _consistency_checks(tree, chosen)
    return [
        _compared("inclusion proofs verified", inclusion, sum(len(tree.inclusion(index)) for index in chosen)),
        _compared("consistency proofs verified", consistency, sum(consistency_hashes(old, LEAVES) for old in chosen)),
    ]


def consistency_hashes(old: int, new: int) -> int:
    """Return how many nodes a verifier hashes to go from `old` leaves to `new` ones, 0 < old < new.

    As in RFC 9162 section 2.1.4.2: a hash that stands on the left belongs to both trees, one on the right to the new.
    """
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    hashes = 0
    while last:
        if index & 1 or index == last:
            # The right edge of the new tree has no node on the right; it is joined where the next left one stands.
            hashes += 2 if index & 1 else 0
        else:
            hashes += 1
        index, last = index >> 1, last >> 1
    return hashes


def _inclusion_checks(tree: Tree, chosen: Sequence[int]) -> list[Check]:
    root = tree.root()
    return [
        partial(verify_inclusion, root, LEAVES, index, tree.node(0, index), tree.inclusion(index)) for index in chosen
    ]


def _consistency_checks(tree: Tree, chosen: Sequence[int]) -> list[Check]:
    root = tree.root()
    leaves = [tree.node(0, index) for index in range(LEAVES)]
    grown, roots = Tree(), dict[int, bytes]()
    for old in sorted(chosen):
        grown.extend(leaves[grown.size : old])
        roots[old] = grown.root()
    return [partial(verify_consistency, old, roots[old], LEAVES, root, tree.consistency(old)) for old in chosen]


def _compared(name: str, checks: Sequence[Check], hashes: int) -> Row:
    """Return the row of doing all `checks`, which need `hashes` hashes together."""
    mine, bare = stopwatch(lambda: _verify(checks)), stopwatch(lambda: _hash(hashes))

    def ours() -> float:
        return len(checks) / mine()

    def peer() -> float:
        return len(checks) / bare()

    return against(
        name,
        "proofs/s",
        *interleaved(ours, peer, rounds=ROUNDS),
        peer_name="as many bare sha256(65 bytes).digest()",
        better=Better.HIGHER,
        floor=FLOOR,
    )


def _verify(checks: Sequence[Check]) -> None:
    for check in checks:
        if not check():
            raise ValueError(f"A good proof was refused: {check!r}.")


def _hash(count: int) -> None:
    sha256, node = hashlib.sha256, _NODE
    for _ in range(count):
        sha256(node).digest()
