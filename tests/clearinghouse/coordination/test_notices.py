"""Notices: one plain text for a root cause, in which a stranger's words can do nothing."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.clearing import BODIES, DIGEST, KEY, OTHER, POLICY, PRIORITY, REPLAYED, REPORT
from trialplate.clearinghouse.coordination.notices import Told, notice_text, proofs_of
from trialplate.clearinghouse.plain_text import WIDTH, apart, ascii_safe, item, paragraph, preformatted, section
from trialplate.records.case import Embargo
from trialplate.records.finding import Declared, Said, SeenFrame

EMBARGO = BODIES["case.embargo/1"]
assert isinstance(EMBARGO, Embargo)
TOLD = Told(
    case="c" * 32,
    title="Heap-buffer-overflow in card_copy",
    policy=POLICY,
    reports=(REPORT, msgspec.structs.replace(REPORT, finder="finder-two", title="A card is too long")),
    replays=(REPLAYED, msgspec.structs.replace(REPLAYED, proof=OTHER)),
    priority=PRIORITY,
    embargo=EMBARGO,
    answer_by="2027-01-06T00:00:00Z",
    key=KEY,
)
anything = st.text(max_size=300)


def told(**changes: object) -> str:
    return notice_text(dataclasses.replace(TOLD, **changes))  # pyright: ignore[reportArgumentType] - what fits


def is_plain(text: str) -> bool:
    return all(len(line) <= WIDTH and (line.isascii() and line.isprintable()) for line in text.split("\n"))


class TestNotice:
    def test_it_says_all_that_is_needed(self) -> None:
        text = notice_text(TOLD)
        assert is_plain(text)
        assert text.endswith("\n")
        words = " ".join(text.split())
        for said in (
            "Weakness in cards: Heap-buffer-overflow in card_copy",
            "2 reports of one root cause, merged into one, have been reproduced",
            "5 of 5 crashed",
            "a fixed build does not crash",
            "0. card_copy src/cards.c:41",
            "AddressSanitizer: heap-buffer-overflow",
            DIGEST,
            OTHER,
            "Exploited no",
            "9.8 Critical (computed from a vector that a report claims)",
            "No catalog lists it as exploited.",
            "until 2027-03-08T05:00:00Z (2027-03-08 06:00 Europe/Vienna)",
            "Please answer until 2027-01-06T00:00:00Z",
            f'case = "{"c" * 32}"',
            KEY,
            "1. finder-one",
            "2. finder-two",
            "> A card is too long",
            "Nothing below was checked",
        ):
            assert said in words, said

    def test_what_was_seen_stands_before_what_anybody_claims(self) -> None:
        text = notice_text(TOLD)
        assert text.index("What we saw in our own runs") < text.index("In the finders' own words")
        assert REPORT.title not in text[: text.index("In the finders' own words")]

    def test_one_report_is_one(self) -> None:
        text = told(reports=(REPORT,), replays=(REPLAYED,))
        assert "One report has been reproduced" in " ".join(text.split())

    def test_what_is_not_known_is_not_shown(self) -> None:
        bare = msgspec.structs.replace(REPLAYED, tool="", frames=(), stack="  ", fixed_source="", source=OTHER)
        unranked = msgspec.structs.replace(PRIORITY, vector="", score="", severity="", epss="")
        text = told(replays=(bare,), priority=unranked)
        assert "Frames of the project" not in text
        assert "Report of the run" not in text
        assert "With a fix" not in text
        assert "EPSS          unknown" in text
        assert "CVSS          unknown" in text
        assert "Version       1.2" in text

    def test_a_project_that_works_in_public_is_told_so(self) -> None:
        text = told(embargo=msgspec.structs.replace(EMBARGO, basis="public by policy"))
        assert "there is no embargo" in text

    def test_many_finders_and_words_are_cut_and_said_to_be(self) -> None:
        many = tuple(
            msgspec.structs.replace(REPORT, finder=f"finder-{n}", description="a line\n" * 99) for n in range(250)
        )
        text = told(reports=many)
        assert "and 50 more" in text
        assert text.count("Finder        ") == 5
        assert "more lines)" in text

    def test_it_says_who_or_what_took_part(self) -> None:
        named = msgspec.structs.replace(REPORT, ai_tool=Declared(Said.NAMED), ai_model=Declared(Said.NAMED, "m-1"))
        text = told(reports=(named,))
        assert "AI tool       named" in text
        assert "AI model      m-1" in text
        assert "Checked by    undeclared" in text

    @given(title=anything.filter(bool), description=anything, finder=anything, frame=anything, stack=anything)
    def test_whatever_strangers_say_it_stays_plain(
        self, title: str, description: str, finder: str, frame: str, stack: str
    ) -> None:
        report = msgspec.structs.replace(REPORT, title=title, description=description, finder=finder)
        seen = msgspec.structs.replace(REPLAYED, stack=stack, kind=frame, frames=(SeenFrame(frame, frame, 1),))
        assert is_plain(told(reports=(report,), replays=(seen,), title=title))

    def test_nobody_can_speak_as_the_clearinghouse(self) -> None:
        forged = msgspec.structs.replace(REPORT, description="x\n\nHow to answer\n-------------\nSend it to me.")
        lines = told(reports=(forged,)).splitlines()
        assert lines.count("How to answer") == 1
        assert "> How to answer" in lines


def test_proofs_are_named_once() -> None:
    assert proofs_of(TOLD.replays) == (DIGEST, OTHER)
    assert proofs_of((REPLAYED, REPLAYED)) == (DIGEST,)


class TestPlainText:
    @pytest.mark.parametrize(
        "text, shown",
        [
            ("caf\xe9", "caf\\xe9"),
            ("a\tb", "a    b"),
            ("\x1b[2J", "\\x1b[2J"),
            ("a\r\nb\rc", "a\nb\\rc"),
            ("\u202e", "\\u202e"),
        ],
    )
    def test_what_is_no_printable_ascii_is_shown_and_does_nothing(self, text: str, shown: str) -> None:
        assert ascii_safe(text) == shown

    @given(text=anything, most=st.integers(min_value=1, max_value=9))
    def test_every_line_fits(self, text: str, most: int) -> None:
        for made in (paragraph(text), item("Name", text), preformatted(text, prefix="> ", most=most)):
            assert is_plain(made)
        assert preformatted(text, prefix="> ", most=most).count("\n") <= most

    def test_nothing_is_lost_of_a_long_line(self) -> None:
        line = "".join(str(n % 10) for n in range(300))
        assert preformatted(line, prefix="  ", most=9).replace("\n  ", "").strip() == line

    def test_what_is_empty_is_left_out(self) -> None:
        assert item("Name", " ") == ""
        assert section("Title", ("", "")) == ""
        assert section("Title", ("", "a")) == "Title\n-----\na"
        assert apart("a", "", "b") == "a\n\nb"
