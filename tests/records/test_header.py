from __future__ import annotations

import hashlib
import secrets

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.making import header, record
from trialplate.errors import TrialplateError
from trialplate.records import (
    PUBLIC,
    CanonicalError,
    Header,
    HeaderError,
    Label,
    LabelError,
    Level,
    Slot,
    canonical,
    commit_body,
    decode_header,
    new_subject,
    record_id,
)
from trialplate.records.header import MOST_HEADER_BYTES, MOST_PARENTS
from trialplate.records.label import MOST_NAMES

HEX64 = "0123456789abcdef" * 4

BROKEN = [
    ("kind", "upkeep.correction"),
    ("kind", "upkeep.correction/0"),
    ("kind", "upkeep.correction/01"),
    ("kind", "upkeep.correction/1\n"),
    ("kind", "Upkeep.correction/1"),
    ("kind", "correction/1"),
    ("kind", "a.b.c/1"),
    ("kind", "upkeep.correction/10000"),
    ("kind", "upkeep.correction/\u0661"),
    ("subject", ""),
    ("subject", "0" * 31),
    ("subject", "0" * 33),
    ("subject", "F" * 32),
    ("subject", "0" * 31 + "g"),
    ("author", ""),
    ("author", " evaluator"),
    ("author", "a\nb"),
    ("author", "a\u202eb"),
    ("author", "\ud800"),
    ("author", "a" * 129),
    ("office", "a\x00"),
    ("office", " "),
    ("office", "a" * 129),
    ("at", "2026-07-02T00:00:00"),
    ("at", "2026-07-02T00:00:00+00:00"),
    ("at", "2026-07-02T00:00:00.5Z"),
    ("at", "2026-07-02 00:00:00Z"),
    ("at", "2026-7-2T00:00:00Z"),
    ("at", "2026-02-30T00:00:00Z"),
    ("at", "2026-07-02T24:00:00Z"),
    ("at", "2016-12-31T23:59:60Z"),
    ("at", "0000-01-01T00:00:00Z"),
    ("at", "2026-07-02T00:00:00z"),
    ("at", "\u0662026-07-02T00:00:00Z"),
    ("parents", ["0" * 63]),
    ("parents", ["A" * 64]),
    ("parents", [HEX64, HEX64]),
    ("parents", [f"{number:064x}" for number in range(MOST_PARENTS + 1)]),
    ("slot", {"flow": "", "ordinal": 0, "step": "a"}),
    ("slot", {"flow": "A", "ordinal": 0, "step": "a"}),
    ("slot", {"flow": "a", "ordinal": 0, "step": "a b"}),
    ("slot", {"flow": "a", "ordinal": -1, "step": "a"}),
    ("slot", {"flow": "a", "ordinal": 2**31, "step": "a"}),
    ("nonce", ""),
    ("nonce", "0" * 64),
    ("nonce", "0" * 31 + "G"),
    ("body_commit", "0" * 32),
    ("body_commit", "0" * 63 + "A"),
    ("label", {"compartments": [""], "dissemination": [], "level": 0}),
    ("label", {"compartments": [], "dissemination": ["a\nb"], "level": 0}),
    ("label", {"compartments": [" a"], "dissemination": [], "level": 0}),
    ("label", {"compartments": ["a" * 129], "dissemination": [], "level": 0}),
    ("label", {"compartments": sorted(f"c{n}" for n in range(MOST_NAMES + 1)), "dissemination": [], "level": 0}),
]


def _with(field: str, value: object) -> bytes:
    plain: dict[str, object] = msgspec.to_builtins(header(), order="deterministic")
    assert field in plain
    return msgspec.json.encode({**plain, field: value}, order="sorted")


@pytest.mark.parametrize("field, value", BROKEN, ids=lambda part: f"{ascii(part)[:30]}..{len(part)}")
def test_a_broken_rule_is_refused_at_the_door_and_says_what_to_do(field: str, value: object) -> None:
    if value == "\ud800":
        with pytest.raises(HeaderError):
            msgspec.structs.replace(header(), author=value)
        return
    with pytest.raises((HeaderError, LabelError)) as caught:
        decode_header(_with(field, value))
    assert isinstance(caught.value, TrialplateError)
    assert caught.value.fix
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "field, value",
    [
        ("kind", 1),
        ("at", None),
        ("parents", "x"),
        ("slot", {"flow": "a", "step": "a"}),
        ("slot", {"flow": "a", "ordinal": 1.0, "step": "a"}),
        ("slot", {"extra": 1, "flow": "a", "ordinal": 1, "step": "a"}),
        ("label", {"compartments": [], "dissemination": [], "level": 5}),
        ("label", {"compartments": [], "dissemination": [], "level": "SECRET"}),
    ],
)
def test_another_type_is_refused_at_the_door(field: str, value: object) -> None:
    with pytest.raises(CanonicalError):
        decode_header(_with(field, value))


def test_the_unbroken_form_passes() -> None:
    plain = msgspec.to_builtins(header(), order="deterministic")
    for field, value in plain.items():
        assert decode_header(_with(field, value)) == header()


def test_unknown_and_missing_fields_are_refused() -> None:
    plain: dict[str, object] = msgspec.to_builtins(header(), order="deterministic")
    with pytest.raises(CanonicalError, match="unknown field"):
        decode_header(msgspec.json.encode({**plain, "zeal": 1}, order="sorted"))
    del plain["office"]
    with pytest.raises(CanonicalError, match="missing required field"):
        decode_header(msgspec.json.encode(plain, order="sorted"))


def test_a_header_of_too_many_bytes_is_not_even_parsed() -> None:
    with pytest.raises(CanonicalError, match="more than"):
        decode_header(b"{" * (MOST_HEADER_BYTES + 1))


def test_the_most_parents_fit() -> None:
    parents = tuple(record(str(number)) for number in range(MOST_PARENTS))
    large = msgspec.structs.replace(header(), parents=parents)
    assert decode_header(canonical(large)) == large


names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9 ,._:/-]{0,126}[A-Za-z0-9])?", fullmatch=True)
labels = st.builds(
    Label,
    level=st.sampled_from(Level),
    compartments=st.frozensets(names, max_size=3),
    dissemination=st.frozensets(names, max_size=3),
)
hex64 = st.binary(min_size=32, max_size=32).map(bytes.hex)
headers = st.builds(
    Header,
    kind=st.from_regex(r"[a-z]{1,8}\.[a-z_]{0,8}[a-z]/[1-9]", fullmatch=True).filter(lambda kind: "._" not in kind),
    subject=st.binary(min_size=16, max_size=16).map(bytes.hex),
    author=names,
    office=st.just("") | names,
    at=st.datetimes().map(lambda at: f"{at:%Y}".rjust(4, "0") + f"{at:-%m-%dT%H:%M:%SZ}"),
    label=labels,
    parents=st.lists(hex64, unique=True, max_size=3).map(tuple),
    slot=st.builds(Slot, flow=st.just("a"), step=st.just("b.c"), ordinal=st.integers(0, 2**31 - 1)),
    nonce=st.binary(min_size=16, max_size=16).map(bytes.hex),
    body_commit=hex64,
)


@given(headers)
def test_what_was_encoded_is_decoded_and_hashes_to_its_id(made: Header) -> None:
    data = canonical(made)
    assert decode_header(data) == made
    assert record_id(made) == hashlib.sha256(b"trialplate.header/1\n" + data).hexdigest()


@given(headers, headers)
def test_ids_are_equal_exactly_where_headers_are(one: Header, other: Header) -> None:
    assert (record_id(one) == record_id(other)) == (one == other)


@given(headers, st.data())
def test_every_field_is_in_the_id(made: Header, data: st.DataObject) -> None:
    other = data.draw(headers)
    for field in Header.__struct_fields__:
        value = getattr(other, field)
        changed = msgspec.structs.replace(made, **{field: value})
        assert (record_id(changed) == record_id(made)) == (value == getattr(made, field))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_random_bytes_of_another_length_could_move_a_byte_into_the_body(length: int) -> None:
    with pytest.raises(HeaderError, match="random bytes"):
        commit_body(b"{}", bytes(length))


def test_subjects_are_fresh() -> None:
    first, second = new_subject(secrets.token_bytes), new_subject(secrets.token_bytes)
    assert first != second
    assert msgspec.structs.replace(header(), subject=first).subject == first


def test_public_is_the_empty_label() -> None:
    assert Label(level=Level.UNCLASSIFIED) == PUBLIC
    assert not PUBLIC.compartments | PUBLIC.dissemination
