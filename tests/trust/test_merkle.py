from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.trust import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    TreeError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from trialplate.trust.merkle import MOST_LEAVES

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(300)]
TREE = Tree(LEAVES)
ROOTS = [root_of(TREE.node, size) for size in range(len(LEAVES) + 1)]

RFC_6962_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
RFC_6962_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def _plain(leaves: list[bytes]) -> bytes:
    """Return the tree hash as RFC 9162 section 2.1.1 defines it, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + _plain(leaves[:split]) + _plain(leaves[split:])).digest()


def test_the_roots_that_every_implementation_of_rfc_6962_shares() -> None:
    tree = Tree()
    frontier = Frontier()
    assert tree.root() == frontier.root() == EMPTY_ROOT == bytes.fromhex(RFC_6962_ROOTS[0])
    for data, root in zip(RFC_6962_INPUTS, RFC_6962_ROOTS[1:], strict=True):
        leaf = leaf_hash(bytes.fromhex(data))
        tree.extend([leaf])
        frontier = frontier.append([leaf])
        assert tree.root() == frontier.root() == bytes.fromhex(root)


def test_every_root_is_that_of_the_definition() -> None:
    for size in range(len(LEAVES) + 1):
        assert ROOTS[size] == _plain(LEAVES[:size])
        assert Frontier().append(LEAVES[:size]).root() == ROOTS[size]


def test_leaves_and_nodes_cannot_be_confused() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.lists(st.integers(0, 40), max_size=6))
def test_how_leaves_are_batched_changes_nothing(batches: list[int]) -> None:
    tree, frontier, size = Tree(), Frontier(), 0
    for batch in batches:
        tree.extend(LEAVES[size : size + batch])
        frontier = frontier.append(LEAVES[size : size + batch])
        size += batch
        assert tree.size == frontier.size == size
        assert tree.root() == frontier.root() == ROOTS[size]


def test_every_leaf_of_every_small_tree_is_proved_and_at_one_place_only() -> None:
    for size in range(1, 40):
        for index in range(size):
            proof = inclusion_proof(TREE.node, index, size)
            for claimed in range(size + 2):
                assert verify_inclusion(ROOTS[size], size, claimed, LEAVES[index], proof) == (claimed == index)


def test_every_two_small_trees_are_proved_consistent() -> None:
    for new in range(1, 40):
        for old in range(1, new + 1):
            proof = consistency_proof(TREE.node, old, new)
            assert verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)
            for other in {old - 1, old + 1, new + 1} - {0}:
                assert not verify_consistency(other, ROOTS[old], new, ROOTS[new], proof)


indexes = st.integers(1, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


def _bend(proof: tuple[bytes, ...], data: st.DataObject) -> tuple[bytes, ...]:
    """Return a proof that differs from `proof` in one flipped bit, one hash more or less, or two swapped."""
    hashes = list(proof)
    ways = ["more", "garbage"] + (["flip", "less", "cut"] if hashes else []) + (["swap"] if len(hashes) > 1 else [])
    place = data.draw(st.integers(0, max(len(hashes) - 1, 0)))
    match data.draw(st.sampled_from(ways)):
        case "more":
            hashes.insert(place, LEAVES[0])
        case "garbage":
            hashes.insert(place, b"")
        case "flip":
            bit = data.draw(st.integers(0, 255))
            hashes[place] = (int.from_bytes(hashes[place], "big") ^ (1 << bit)).to_bytes(32, "big")
        case "less":
            del hashes[place]
        case "cut":
            hashes[place] = hashes[place][:-1]
        case _:
            hashes[place - 1], hashes[place] = hashes[place], hashes[place - 1]
    return tuple(hashes)


@given(indexes, st.data())
def test_a_bent_inclusion_proof_is_refused(at: tuple[int, int], data: st.DataObject) -> None:
    size, index = at
    proof = TREE.inclusion(index) if size == TREE.size else inclusion_proof(TREE.node, index, size)
    assert verify_inclusion(ROOTS[size], size, index, LEAVES[index], proof)
    assert not verify_inclusion(ROOTS[size], size, index, LEAVES[index], _bend(proof, data))
    other = data.draw(st.integers(0, 299).filter(lambda other: other != index))
    assert not verify_inclusion(ROOTS[size], size, index, LEAVES[other], proof)
    wrong = data.draw(st.integers(0, 300).filter(lambda other: other != size))
    assert not verify_inclusion(ROOTS[wrong], size, index, LEAVES[index], proof)


@given(indexes, st.data())
def test_a_bent_consistency_proof_is_refused(at: tuple[int, int], data: st.DataObject) -> None:
    new, old = at[0], at[1] + 1
    proof = consistency_proof(TREE.node, old, new)
    assert verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)
    assert not verify_consistency(old, ROOTS[old], new, ROOTS[new], _bend(proof, data))
    other = data.draw(st.integers(0, 300).filter(lambda other: other not in {old, new}))
    assert not verify_consistency(old, ROOTS[other], new, ROOTS[new], proof)
    assert not verify_consistency(old, ROOTS[old], new, ROOTS[other], proof)


def test_a_byte_cannot_move_between_the_hashes_of_a_proof() -> None:
    seed, other, *rest = consistency_proof(TREE.node, 6, 7)
    assert verify_consistency(6, ROOTS[6], 7, ROOTS[7], (seed, other, *rest))
    for old, new in [(6, 7), (3, 7), (5, 8), (7, 8)]:
        proof = consistency_proof(TREE.node, old, new)
        for place in range(len(proof) - 1):
            left, right = proof[place : place + 2]
            for one, two in [(left + right[:1], right[1:]), (left[:-1], left[-1:] + right)]:
                for pair in [(one, two), (two, one), (right + left[:1], left[1:]), (right[1:], left + right[:1])]:
                    bent = (*proof[:place], *pair, *proof[place + 2 :])
                    assert not verify_consistency(old, ROOTS[old], new, ROOTS[new], bent)


def test_a_byte_cannot_move_between_the_old_root_and_the_proof() -> None:
    first, *rest = consistency_proof(TREE.node, 4, 7)
    assert verify_consistency(4, ROOTS[4], 7, ROOTS[7], (first, *rest))
    assert not verify_consistency(4, ROOTS[4] + first[:1], 7, ROOTS[7], (first[1:], *rest))
    assert not verify_consistency(4, ROOTS[4][:-1], 7, ROOTS[7], (ROOTS[4][-1:] + first, *rest))


def test_a_log_cannot_choose_roots_that_prove_two_leaves_at_one_index() -> None:
    first, honest, forged, last = LEAVES[:4]
    wide = forged + honest
    old_root = hashlib.sha256(b"\x01" + first + wide).digest()
    new_root = node_hash(first, hashlib.sha256(b"\x01" + wide + last).digest())
    assert not verify_inclusion(old_root, 3, 2, honest, (first + forged,))
    assert not verify_inclusion(new_root, 4, 2, forged, (honest + last, first))
    assert not verify_consistency(3, old_root, 4, new_root, (wide, last, first))
    assert not verify_consistency(2, wide, 3, hashlib.sha256(b"\x01" + wide + last).digest(), (last,))


def test_a_rewritten_history_is_not_consistent() -> None:
    forged = Tree([*LEAVES[:100], leaf_hash(b"forged"), *LEAVES[101:]])
    for old in range(1, 301):
        proof = consistency_proof(forged.node, old, 300)
        assert verify_consistency(old, ROOTS[old], 300, forged.root(), proof) == (old <= 100)


def test_the_tree_itself_proves_what_the_functions_prove() -> None:
    assert TREE.inclusion(17) == inclusion_proof(TREE.node, 17, 300)
    assert TREE.consistency(17) == consistency_proof(TREE.node, 17, 300)


def _endless(level: int, index: int) -> bytes:
    """Serve a tree of 2**64 - 1 equal leaves: every perfect subtree of a level has the same hash."""
    assert (index + 1) << level <= MOST_LEAVES
    return EQUAL[level]


EQUAL = [leaf_hash(b"")]
for _ in range(63):
    EQUAL.append(node_hash(EQUAL[-1], EQUAL[-1]))


@given(st.integers(1, MOST_LEAVES), st.data())
def test_trees_of_any_size_are_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root = root_of(_endless, size)
    assert verify_inclusion(root, size, index, EQUAL[0], inclusion_proof(_endless, index, size))
    old = data.draw(st.integers(1, size))
    assert verify_consistency(old, root_of(_endless, old), size, root, consistency_proof(_endless, old, size))


@pytest.mark.parametrize("size", [MOST_LEAVES, 2**63, 2**63 + 1])
@pytest.mark.parametrize("index", [0, 1, 2**62, 2**63 - 1])
def test_the_largest_trees_are_proved(size: int, index: int) -> None:
    proof = inclusion_proof(_endless, index, size)
    assert verify_inclusion(root_of(_endless, size), size, index, EQUAL[0], proof)
    assert len(proof) <= 64


@pytest.mark.parametrize("size", [-1, 0, 2**64, 2**70])
def test_sizes_beyond_the_rules_are_refused(size: int) -> None:
    assert not verify_inclusion(LEAVES[0], size, 0, LEAVES[0], ())
    assert not verify_inclusion(LEAVES[0], size, size - 1, LEAVES[0], ())
    assert not verify_consistency(size, LEAVES[0], size, LEAVES[0], ())


def test_hashes_of_another_length_are_refused() -> None:
    assert not verify_inclusion(b"", 1, 0, b"", ())
    assert not verify_inclusion(b"short", 1, 0, b"short", ())
    with pytest.raises(TreeError):
        Tree([b""])
    with pytest.raises(TreeError):
        Frontier().append([b"short"])
    with pytest.raises(TreeError):
        Frontier().append([b"short", b"short"])
    tree = Tree(LEAVES[:3])
    with pytest.raises(TreeError):
        tree.extend([LEAVES[3], b""])
    assert (tree.size, tree.root()) == (3, ROOTS[3])


@pytest.mark.parametrize(
    "size, nodes",
    [(1, ()), (0, (LEAVES[0],)), (3, (LEAVES[0],)), (-1, ()), (2**64, (LEAVES[0],)), (1, (b"",))],
)
def test_a_frontier_that_contradicts_itself_is_refused(size: int, nodes: tuple[bytes, ...]) -> None:
    with pytest.raises(TreeError):
        Frontier(size, nodes)


def test_a_full_frontier_takes_no_more() -> None:
    full = Frontier(MOST_LEAVES, tuple(reversed(EQUAL)))
    assert full.root() == root_of(_endless, MOST_LEAVES)
    with pytest.raises(TreeError):
        full.append([EQUAL[0]])


def test_what_the_tree_does_not_have_is_not_proved() -> None:
    for level, index in [(0, 300), (-1, 0), (0, -1), (8, 1), (9, 0), (99, 0)]:
        with pytest.raises(TreeError):
            TREE.node(level, index)
    for index, size in [(3, 3), (-1, 3), (0, 0), (0, 2**64), (0, -1), (0, 301)]:
        with pytest.raises(TreeError):
            inclusion_proof(TREE.node, index, size)
    for old, new in [(0, 3), (4, 3), (-1, 3), (1, 301), (1, 2**64)]:
        with pytest.raises(TreeError):
            consistency_proof(TREE.node, old, new)
    with pytest.raises(TreeError):
        root_of(TREE.node, -1)
