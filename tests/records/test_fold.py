from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.making import correction, header, record
from trialplate.records import Correction, Fact, RecordId, fact_of, superseded, unsuperseded


def _fact(name: str, of: str = "", replacement: str = "") -> Fact:
    if not of:
        return Fact(id=record(name))
    new = record(replacement) if replacement else RecordId("")
    return Fact(id=record(name), correction=Correction(of=record(of), reason="x", replacement=new))


@dataclass(frozen=True)
class Story:
    """A history (name, corrected record, replacement) and the records that hold after it."""

    name: str
    history: tuple[tuple[str, ...], ...]
    holds: str
    because: str = ""


STORIES = (
    Story("nothing was corrected", (("a",), ("b",)), "a b"),
    Story("an empty history", (), ""),
    Story("a correction", (("a",), ("b",), ("c", "a")), "b c", "a:c"),
    Story("a correction with its replacement before it", (("a",), ("b",), ("c", "a", "b")), "b c", "a:c"),
    Story("a correction with its replacement after it", (("a",), ("c", "a", "b"), ("b",)), "c b", "a:c"),
    Story("a correction of a correction restores", (("a",), ("c", "a"), ("d", "c")), "a d", "c:d"),
    Story("what an undone correction brought goes", (("a",), ("b",), ("c", "a", "b"), ("d", "c")), "a d", "b:d c:d"),
    Story(
        "what another correction brought too stays",
        (("a",), ("b",), ("c", "a", "b"), ("d", "c"), ("e", "a", "b")),
        "b d e",
        "a:e c:d",
    ),
    Story("three deep", (("a",), ("c", "a"), ("d", "c"), ("e", "d")), "c e", "a:c d:e"),
    Story("a replaced correction", (("a",), ("b",), ("c", "a"), ("d", "b"), ("e", "c", "d")), "a d e", "b:d c:e"),
    Story("corrected twice, restored once", (("a",), ("c", "a"), ("d", "a"), ("e", "d")), "c e", "a:c d:e"),
    Story("the later of two corrections is the cause", (("a",), ("c", "a"), ("d", "a")), "c d", "a:d"),
    Story("no record is canceled before it exists", (("c", "a"), ("a",)), "c a"),
    Story("two corrections cannot cancel each other", (("c", "d"), ("d", "c")), "d", "c:d"),
    Story("a correction of what is not here", (("a",), ("c", "z", "y")), "a c"),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_holds(story: Story) -> None:
    history = [_fact(*line) for line in story.history]
    names = {record(line[0]): line[0] for line in story.history}
    assert " ".join(names[fact.id] for fact in unsuperseded(history)) == story.holds
    because = sorted(f"{names[fallen]}:{names[by]}" for fallen, by in superseded(history).items())
    assert " ".join(because) == story.because


lines = st.lists(st.tuples(st.integers(0, 7), st.integers(-1, 7)), max_size=8)


def _history(drawn: list[tuple[int, int]]) -> list[Fact]:
    return [
        _fact(str(place), str(of), str(new) if new not in {-1, of} else "")
        if of != place and place % 3
        else _fact(str(place))
        for place, (of, new) in enumerate(drawn)
    ]


@given(lines)
def test_a_record_falls_to_one_that_stands_after_it_and_holds(drawn: list[tuple[int, int]]) -> None:
    history = _history(drawn)
    places = {fact.id: place for place, fact in enumerate(history)}
    fallen = superseded(history)
    assert [fact.id for fact in unsuperseded(history)] == [fact.id for fact in history if fact.id not in fallen]
    for record_id, by in fallen.items():
        assert places[by] > places[record_id]
        assert by not in fallen


@given(lines)
def test_correcting_the_last_correction_undoes_it(drawn: list[tuple[int, int]]) -> None:
    history = [*_history(drawn), _fact("target")]
    held = {fact.id for fact in unsuperseded(history)}
    undone = [*history, _fact("c", "target"), _fact("d", "c")]
    assert {fact.id for fact in unsuperseded(undone)} == held | {record("d")}


def test_a_correction_is_read_from_its_body() -> None:
    made = correction("wrong")
    assert fact_of(made.id, made.header, made.body).correction == Correction(
        of=record("wrong"), reason="Counted twice."
    )


def test_other_records_correct_nothing_and_are_not_decoded() -> None:
    other = msgspec.structs.replace(header(), kind="toy.plate/1")
    assert fact_of(record("a"), other, b"no JSON") == Fact(id=record("a"))


@pytest.mark.parametrize("body", [b"", b"{}", b"no JSON", b'{"of": "a"}'])
def test_a_withheld_or_malformed_correction_corrects_nothing(body: bytes) -> None:
    assert fact_of(record("a"), header(), body) == Fact(id=record("a"))


def test_a_version_of_corrections_from_the_future_corrects_nothing() -> None:
    made = correction()
    later = msgspec.structs.replace(made.header, kind="upkeep.correction/9999")
    assert fact_of(made.id, later, made.body) == Fact(id=made.id)
