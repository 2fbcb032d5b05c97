"""What stands in messages of what a document says: nothing that steers a terminal, and no more than a line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.test_kev import catalog, entry
from tests.formats.test_ssvc import SMALL
from trialplate.errors import TrialplateError
from trialplate.formats.cvss import base_scores
from trialplate.formats.kev import parse_kev
from trialplate.formats.ssvc import parse_table
from trialplate.records.words import MOST_SAID, plain, said

HOSTILE = "\x1b[2J\u202e" + "x" * 300
ESCAPED = "\\x1b[2J\\u202exxx"


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(lambda: base_scores(f"CVSS:3.1/AV:{HOSTILE}"), id="cvss"),
        pytest.param(lambda: parse_kev(catalog(entry(knownRansomwareCampaignUse=HOSTILE * 9))), id="kev"),
        pytest.param(lambda: parse_table(f'"\\u001b[2J\\u202e{"x" * 300}" = 1\n{SMALL}'.encode()), id="ssvc"),
    ],
)
def test_what_a_document_says_is_shown_harmlessly(refused: Callable[[], object]) -> None:
    with pytest.raises(TrialplateError) as caught:
        refused()
    words = str(caught.value)
    assert words.isprintable()
    assert ESCAPED in words
    assert len(words) < 500


@given(st.text())
def test_plain_words_stay_and_all_others_are_escaped(text: str) -> None:
    shown = plain(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert plain(shown) == shown
    assert (shown == text) == (text.isascii() and text.isprintable())


def test_what_is_said_is_cut_and_ends_without_a_stop() -> None:
    assert said(ValueError("No.")) == "No"
    assert said(ValueError("x" * 999)) == "x" * MOST_SAID
    assert len(said(ValueError("\ufffd" * 999))) == MOST_SAID
