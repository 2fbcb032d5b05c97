from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.records.clearing import BODIES
from tests.records.making import SUBJECT, correction, fixed, record
from tests.records.plans import DRAFT, ESTIMATE, ORDER, PLAN, RESULT
from trialplate.records import (
    PUBLIC,
    RELEASED,
    AttemptOpened,
    CanonicalError,
    Checkpoint,
    Correction,
    Ended,
    Kind,
    KindError,
    Kinds,
    RecordId,
    RunsEnded,
    Slot,
    UpkeepError,
    decode_body,
    decode_header,
    draft,
    encode_body,
    kinds_of,
    record_id,
    verify_body,
)
from trialplate.records.canon import canonical
from trialplate.records.upkeep import MOST_SIZE

FIXTURES = Path(__file__).parent / "fixtures"


class Plate1(Struct, frozen=True, forbid_unknown_fields=True):
    mark: str


class Plate2(Struct, frozen=True, forbid_unknown_fields=True):
    marks: tuple[str, ...]


class Plate3(Struct, frozen=True, forbid_unknown_fields=True):
    marks: tuple[str, ...]
    metal: str


class Loose(Struct, frozen=True):
    mark: str


class Changing(Struct, forbid_unknown_fields=True):
    mark: str


def _second(old: Plate1) -> Plate2:
    return Plate2(marks=(old.mark,))


def _third(old: Plate2) -> Plate3:
    return Plate3(marks=old.marks, metal="unknown")


ONE, TWO, THREE = (
    Kind("toy.plate/1", Plate1, _second),
    Kind("toy.plate/2", Plate2, _third),
    Kind("toy.plate/3", Plate3),
)
TOYS = kinds_of((THREE, ONE, TWO))


@pytest.mark.parametrize(
    "kind, data",
    [
        ("toy.plate/1", b'{"mark":"G"}'),
        ("toy.plate/2", b'{"marks":["G"]}'),
        ("toy.plate/3", b'{"marks":["G"],"metal":"unknown"}'),
    ],
)
def test_every_version_is_read_as_the_newest(kind: str, data: bytes) -> None:
    assert decode_body(TOYS, kind, data) == Plate3(marks=("G",), metal="unknown")


def test_only_the_newest_version_is_written() -> None:
    assert encode_body(TOYS, Plate3(marks=("G",), metal="gold")) == ("toy.plate/3", b'{"marks":["G"],"metal":"gold"}')
    with pytest.raises(KindError, match="old version"):
        encode_body(TOYS, Plate1(mark="G"))


@given(st.lists(st.text(max_size=5), max_size=3), st.text(max_size=5))
def test_what_was_written_is_read(marks: list[str], metal: str) -> None:
    body = Plate3(marks=tuple(marks), metal=metal)
    assert decode_body(TOYS, *encode_body(TOYS, body)) == body


def test_unknown_kinds_and_types_are_refused() -> None:
    with pytest.raises(KindError, match="unknown here"):
        decode_body(TOYS, "toy.plate/4", b"{}")
    with pytest.raises(KindError, match="no kind"):
        encode_body(TOYS, Loose(mark="G"))
    with pytest.raises(CanonicalError, match="unknown field"):
        decode_body(TOYS, "toy.plate/1", b'{"mark":"G","more":1}')


def test_a_value_of_the_wrong_type_is_not_written() -> None:
    wrong: Any = 7
    with pytest.raises(CanonicalError, match="Expected `str`"):
        encode_body(TOYS, Plate3(marks=(), metal=wrong))


def test_an_upcaster_that_makes_something_else_is_refused() -> None:
    bent = kinds_of((Kind("toy.plate/1", Plate1, lambda old: old), Kind("toy.plate/2", Plate2)))
    with pytest.raises(KindError, match="upcaster to toy"):
        decode_body(bent, "toy.plate/1", b'{"mark":"G"}')


@pytest.mark.parametrize(
    "kinds, message",
    [
        ((Kind("plate", Plate1),), "no kind"),
        ((Kind("toy.plate/1", Loose),), "may change"),
        ((Kind("toy.plate/1", Changing),), "may change"),
        ((Kind("toy.plate/1", Plate1), Kind("toy.plate/1", Plate2)), "twice"),
        ((Kind("toy.plate/1", Plate1), Kind("toy.other/1", Plate1)), "twice"),
        ((Kind("toy.plate/2", Plate2),), "without a gap"),
        ((ONE, THREE), "without a gap"),
        ((ONE, TWO), "newest version of toy.plate has an upcaster"),
        ((Kind("toy.plate/1", Plate1), Kind("toy.plate/2", Plate2)), "has no upcaster"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(kinds: tuple[Kind, ...], message: str) -> None:
    with pytest.raises(KindError, match=message):
        kinds_of(kinds)


def test_a_table_cannot_be_changed() -> None:
    table: Any = TOYS.by_name
    with pytest.raises(TypeError):
        table["toy.plate/4"] = ONE


EXPECTED: dict[str, Struct] = {
    "upkeep.correction/1": Correction(
        of=RecordId("a" * 64), reason="Counted twice: \u201cd\u00e9j\u00e0 vu\u201d.", replacement=RecordId("b" * 64)
    ),
    "assessment.plan/1": PLAN,
    "assessment.order_drawn/1": ORDER,
    "assessment.attempt_opened/1": AttemptOpened(place=0, attempt=1),
    "assessment.run_result/1": RESULT,
    "assessment.runs_ended/1": RunsEnded(why=Ended.DECIDED, attempts=2),
    "assessment.estimate/1": ESTIMATE,
    "determination.draft/1": DRAFT,
    "upkeep.checkpoint/1": Checkpoint(origin="example.com/log42", size=20852163, root="c" * 64),
    **BODIES,
}


@pytest.mark.parametrize("kind", sorted(RELEASED.by_name))
def test_every_released_kind_has_a_fixture_that_reads_as_it_always_did(kind: str) -> None:
    data = (FIXTURES / f"{kind.replace('/', '-')}.json").read_bytes()
    body = decode_body(RELEASED, kind, data)
    assert body == EXPECTED[kind]
    if RELEASED.by_name[kind].upcast is None:
        assert encode_body(RELEASED, body) == (kind, data)


def test_every_fixture_is_of_a_released_kind() -> None:
    assert {path.stem.replace("-", "/") for path in FIXTURES.iterdir()} == set(RELEASED.by_name)


def test_a_draft_is_committed_to_and_ready_to_sign() -> None:
    made = correction("wrong")
    assert made.header.kind == "upkeep.correction/1"
    assert decode_header(canonical(made.header)) == made.header
    assert made.id == record_id(made.header)
    assert decode_body(RELEASED, made.header.kind, made.body) == Correction(of=record("wrong"), reason="Counted twice.")
    assert verify_body(made.header, made.body, made.salt)


def test_equal_bodies_have_unequal_commitments() -> None:
    def made(seed: str) -> str:
        return draft(
            Checkpoint(origin="log", size=0, root="0" * 64),
            kinds=RELEASED,
            subject=SUBJECT,
            author="a",
            at="2026-07-02T00:00:00Z",
            label=PUBLIC,
            slot=Slot(flow="a", step="b", ordinal=0),
            random_bytes=fixed(seed),
        ).header.body_commit

    assert made("one") != made("two")
    assert made("one") == made("one")


@given(st.data())
def test_no_other_body_and_random_bytes_pass(data: st.DataObject) -> None:
    made = correction()
    body = data.draw(st.binary() | st.just(made.body))
    salt = data.draw(st.binary(max_size=40) | st.just(made.salt))
    assert verify_body(made.header, body, salt) == ((body, salt) == (made.body, made.salt))


def test_a_byte_cannot_move_from_the_body_into_the_random_bytes() -> None:
    made = correction()
    assert not verify_body(made.header, made.body[1:], made.salt + made.body[:1])


def test_what_opens_a_commitment_is_not_shown() -> None:
    made = correction()
    assert "Counted twice" not in repr(made)
    assert made.salt.hex() not in repr(made)
    assert repr(made.salt) not in repr(made)


BROKEN: dict[str, Callable[[], object]] = {
    "no reason": lambda: Correction(of=record("a"), reason=""),
    "a blank reason": lambda: Correction(of=record("a"), reason=" \n"),
    "a reason too long": lambda: Correction(of=record("a"), reason="x" * 4001),
    "replaced by itself": lambda: Correction(of=record("a"), reason="x", replacement=record("a")),
    "of no record": lambda: Correction(of=RecordId("x"), reason="x"),
    "replaced by no record": lambda: Correction(of=record("a"), reason="x", replacement=RecordId("y")),
    "no origin": lambda: Checkpoint(origin="", size=0, root="0" * 64),
    "an origin with a space": lambda: Checkpoint(origin="a b", size=0, root="0" * 64),
    "an origin with +": lambda: Checkpoint(origin="a+b", size=0, root="0" * 64),
    "an origin of two lines": lambda: Checkpoint(origin="a\n", size=0, root="0" * 64),
    "an origin outside ASCII": lambda: Checkpoint(origin="\u00e9", size=0, root="0" * 64),
    "an origin too long": lambda: Checkpoint(origin="a" * 256, size=0, root="0" * 64),
    "a negative size": lambda: Checkpoint(origin="a", size=-1, root="0" * 64),
    "a size too large": lambda: Checkpoint(origin="a", size=MOST_SIZE + 1, root="0" * 64),
    "a root too short": lambda: Checkpoint(origin="a", size=0, root="0" * 63),
    "a root in capitals": lambda: Checkpoint(origin="a", size=0, root="A" * 64),
}


@pytest.mark.parametrize("name", BROKEN)
def test_upkeep_bodies_are_checked_when_they_are_made(name: str) -> None:
    with pytest.raises(UpkeepError) as caught:
        BROKEN[name]()
    assert caught.value.fix


def test_released_is_a_table_of_kinds() -> None:
    assert isinstance(RELEASED, Kinds)
    assert kinds_of(RELEASED.by_name.values()) == RELEASED
