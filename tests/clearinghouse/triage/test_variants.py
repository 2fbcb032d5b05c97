"""Variants of a proof: near it, never it, all different, and the same for everybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.clearinghouse.triage.variants import MOST_VARIANTS, VariantError, variants


@given(st.binary(max_size=300), st.integers(0, 2**32), st.integers(0, 40))
def test_variants_are_as_many_as_asked_all_different_and_none_the_proof(proof: bytes, seed: int, count: int) -> None:
    found = variants(proof, seed, count)
    assert len(set(found)) == len(found) == count
    assert proof not in found
    assert found == variants(proof, seed, count)
    assert found[:7] == variants(proof, seed, min(count, 7))


def test_another_seed_gives_others() -> None:
    assert variants(b"proof", 1, 20) != variants(b"proof", 2, 20)


def test_they_stay_near_and_change_in_every_way() -> None:
    proof = bytes(range(200))
    found = variants(proof, 1, 300)
    assert {len(variant) for variant in found} >= {len(proof), len(proof) + 1, len(proof) - 1}
    assert all(abs(len(variant) - len(proof)) <= 3 * 4 * 64 for variant in found)
    same = [variant for variant in found if len(variant) == len(proof)]
    changed = [sum(one != other for one, other in zip(variant, proof, strict=True)) for variant in same]
    assert changed.count(1) > len(same) / 4
    places = [place for variant in same for place in range(200) if variant[place] != proof[place]]
    assert sum(place < 16 for place in places) > len(places) / 4
    assert max(places) > 150


@pytest.mark.parametrize("count", [-1, MOST_VARIANTS + 1])
def test_a_count_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(VariantError, match="Ask for 0 to 1000"):
        variants(b"", 1, count)


def test_they_are_these() -> None:
    assert variants(b"N\x00\x02ab", 7, 4) == (
        b"\xca\x00\x02ab\xca\x00\x02ab\xca\x00\x02ab\xca\x00\x02ab",
        b"I\x00\x02ab",
        b"",
        b"N\x00\x17\xf9`b",
    )
