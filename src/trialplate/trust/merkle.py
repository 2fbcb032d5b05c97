"""The Merkle tree of RFC 6962 and RFC 9162 (section 2.1): tree hash, inclusion and consistency proofs.

Leaves are hashed with the prefix 0x00 and inner nodes with 0x01, so that no node can pass for a leaf. All hashes are
32 bytes; sizes and indexes are integers below 2**64. Verification answers with a bool; nothing that is verified may
raise, whatever it holds. Everything is pure, and nothing recurses.

Proofs are made from the hashes of *perfect* subtrees (`node(level, index)`: the subtree over the leaves from
`index << level` on, `1 << level` of them), because those never change once their leaves exist. `Tree` keeps them in
memory; a store of tiles can serve them as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from trialplate.errors import TrialplateError

Node = Callable[[int, int], bytes]
"""`node(level, index)` returns the hash of a perfect subtree."""

HASH_BYTES: Final = 32
MOST_LEAVES: Final = 2**64 - 1

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The hash of the tree without leaves."""


class TreeError(TrialplateError):
    """A proof or hash was asked for that the tree does not have."""


@dataclass(frozen=True)
class Frontier:
    """All that appending needs: the perfect subtrees along the right edge, the largest first.

    `nodes` holds one hash of 32 bytes for each bit that is set in `size`.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MOST_LEAVES or len(self.nodes) != self.size.bit_count():
            raise TreeError(f"{len(self.nodes)} hashes are no right edge of {self.size} leaves.", "Rebuild it.")
        if any(len(node) != HASH_BYTES for node in self.nodes):
            raise TreeError("The right edge of a tree holds something that is no hash.", "Rebuild it.")

    def append(self, leaves: Iterable[bytes]) -> Frontier:
        """Return the frontier after more leaf hashes (32 bytes each).

        Raises:
            TreeError: for a leaf hash of another length, or more than `MOST_LEAVES` leaves.
        """
        size, nodes = self.size, list(self.nodes)
        for leaf in leaves:
            if len(leaf) != HASH_BYTES:
                raise TreeError("A leaf hash has not 32 bytes.", "Hash the leaf with leaf_hash first.")
            node = leaf
            # Each bit that carries over merges two perfect subtrees of one size.
            for _ in range((~size & (size + 1)).bit_length() - 1):
                node = node_hash(nodes.pop(), node)
            nodes.append(node)
            size += 1
        return Frontier(size=size, nodes=tuple(nodes))

    def root(self) -> bytes:
        """Return the tree hash."""
        return _fold(self.nodes)


class Tree:
    """A growing tree in memory: all perfect subtrees, about 64 bytes and one list entry for every leaf hash."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self.extend(leaves)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes (32 bytes each).

        Raises:
            TreeError: for a leaf hash of another length; nothing is appended then.
        """
        added = tuple(leaves)
        if any(len(leaf) != HASH_BYTES for leaf in added):
            raise TreeError("A leaf hash has not 32 bytes.", "Hash the leaf with leaf_hash first.")
        self._levels[0] += added
        level = 0
        while (below := self._levels[level]) and len(below) > 1:
            if level + 1 == len(self._levels):
                self._levels.append([])
            above = self._levels[level + 1]
            above += [node_hash(below[at], below[at + 1]) for at in range(2 * len(above), len(below) - 1, 2)]
            level += 1

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a perfect subtree.

        Raises:
            TreeError: where the tree has no such subtree yet.
        """
        if not (0 <= level < len(self._levels) and 0 <= index < len(self._levels[level])):
            raise TreeError(f"The tree has no node {index} on level {level}.", "Ask for what its size covers.")
        return self._levels[level][index]

    def root(self) -> bytes:
        """Return the tree hash."""
        return root_of(self.node, self.size)

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that leaf `index` is in this tree; see `inclusion_proof`."""
        return inclusion_proof(self.node, index, self.size)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """Return the proof that this tree extends the one of its first `old` leaves; see `consistency_proof`."""
        return consistency_proof(self.node, old, self.size)


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(node: Node, size: int) -> bytes:
    """Return the tree hash of the first `size` leaves (RFC 9162 section 2.1.1).

    Raises:
        TreeError: for a size that is no size, and whatever `node` raises.
    """
    _check_size(size)
    return _range_hash(node, 0, size)


def inclusion_proof(node: Node, index: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that leaf `index` is in the tree of the first `size` leaves (RFC 9162 section 2.1.3.1).

    Raises:
        TreeError: unless 0 <= index < size, and whatever `node` raises.
    """
    _check_size(size)
    if not 0 <= index < size:
        raise TreeError(f"A tree of {size} leaves has no leaf {index}.", "Ask for a leaf from 0 to size - 1.")
    proof: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_range_hash(node, middle, high))
            high = middle
        else:
            proof.append(_range_hash(node, low, middle))
            low = middle
    return tuple(reversed(proof))


def consistency_proof(node: Node, old: int, new: int) -> tuple[bytes, ...]:
    """Return the proof that the first `new` leaves start with the first `old` ones (RFC 9162 section 2.1.4.1).

    Raises:
        TreeError: unless 0 < old <= new, and whatever `node` raises.
    """
    _check_size(new)
    if not 0 < old <= new:
        raise TreeError(f"No proof leads from {old} to {new} leaves.", "Ask for one from 1 leaf or more to no fewer.")
    proof: list[bytes] = []
    low, high = 0, new
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_range_hash(node, middle, high))
            high = middle
        else:
            proof.append(_range_hash(node, low, middle))
            low = middle
    # Where the old tree is itself a perfect subtree at the left edge, the verifier has its hash already.
    if low:
        proof.append(_range_hash(node, low, high))
    return tuple(reversed(proof))


def verify_inclusion(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows leaf hash `leaf` at `index` of the tree with `size` leaves and hash `root`.

    The path is split as in RFC 9162 section 2.1.3.2: below the point where it leaves the right edge the bits of the
    index say on which side the other hash stands; above, all other hashes stand on the left.
    """
    if not (0 <= index < size <= MOST_LEAVES and len(root) == len(leaf) == HASH_BYTES):
        return False
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count() or not _all_hashes(proof):
        return False
    # Local names, and no call of our own: this loop costs little more than its hashes.
    sha256 = hashlib.sha256
    digest = leaf
    for other in proof[:inner]:
        digest = sha256(b"\x01" + (other + digest if index & 1 else digest + other)).digest()
        index >>= 1
    for other in proof[inner:]:
        digest = sha256(b"\x01" + other + digest).digest()
    return digest == root


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the tree (`new`, `new_root`) starts with the tree (`old`, `old_root`).

    From the empty tree nothing is shown, so it is refused (RFC 9162 section 2.1.4.2 wants 0 < old). Trees of one size
    are consistent where their hashes are equal and the proof is empty.
    """
    if not 0 < old <= new <= MOST_LEAVES:
        return False
    if old == new:
        return not proof and old_root == new_root
    if not len(old_root) == len(new_root) == HASH_BYTES:
        return False
    # The walk starts at the largest perfect subtree that ends where the old tree ends.
    shift = (old & -old).bit_length() - 1
    seeded = old != 1 << shift
    index = (old - 1) >> shift
    inner = (index ^ ((new - 1) >> shift)).bit_length()
    if len(proof) != seeded + inner + (index >> inner).bit_count() or not _all_hashes(proof):
        return False
    sha256 = hashlib.sha256
    old_digest = new_digest = proof[0] if seeded else old_root
    path = proof[1:] if seeded else proof
    for other in path[:inner]:
        if index & 1:
            old_digest = sha256(b"\x01" + other + old_digest).digest()
            new_digest = sha256(b"\x01" + other + new_digest).digest()
        else:
            new_digest = sha256(b"\x01" + new_digest + other).digest()
        index >>= 1
    for other in path[inner:]:
        old_digest = sha256(b"\x01" + other + old_digest).digest()
        new_digest = sha256(b"\x01" + other + new_digest).digest()
    return old_digest == old_root and new_digest == new_root


def _all_hashes(proof: Sequence[bytes]) -> bool:
    """Return whether every hash of a proof has its length.

    Nodes of an honest tree would fix the lengths, but a log chooses its own roots: over parts of other lengths it could
    prove two leaves at one index, and the trees that hold them consistent.
    """
    return {HASH_BYTES}.issuperset(map(len, proof))


def _split(size: int) -> int:
    """Return the largest power of two below `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_hash(node: Node, low: int, high: int) -> bytes:
    """Return the hash of the leaves from `low` to before `high`, where `low` starts a subtree of that many leaves."""
    parts: list[bytes] = []
    while low < high:
        level = (high - low).bit_length() - 1
        parts.append(node(level, low >> level))
        low += 1 << level
    return _fold(parts)


def _fold(parts: Sequence[bytes]) -> bytes:
    """Return the hash over perfect subtrees of falling size, the smallest of which are joined first."""
    if not parts:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(parts))


def _check_size(size: int) -> None:
    if not 0 <= size <= MOST_LEAVES:
        raise TreeError(f"{size} is no size of a tree.", f"Count from 0 to {MOST_LEAVES}.")
