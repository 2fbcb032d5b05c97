"""Merging judged on bugs that were planted in real libraries, so that the cause of every crash is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clearinghouse.judged.crashing import DRAWS, chosen
from tests.clearinghouse.judged.judging import judged, merged, peer
from tests.clearinghouse.judged.libraries import LIBRARIES
from tests.clearinghouse.judged.table import all_crashes, text

pytestmark = [pytest.mark.battery, pytest.mark.sandbox, pytest.mark.anyio]


async def test_merging_is_right_and_finds_more_than_a_comparison_of_top_frames(trialplate_home: Path) -> None:
    found = await all_crashes(trialplate_home)
    print(text(found))  # noqa: T201 what the page shows
    proofs = [each.proofs for draw in DRAWS for library in LIBRARIES for each in chosen(library, draw)]
    assert len(found) >= 0.95 * sum(map(len, proofs))
    unseen = [crash for crash in found if not crash.library.endswith(f"/{DRAWS[0]}")]
    for some in (found, unseen):
        assert len({crash.library.partition("/")[0] for crash in some}) >= 12
        ours, theirs = judged(some, merged), judged(some, peer)
        assert ours.precision >= 0.98
        assert ours.recall > theirs.recall
