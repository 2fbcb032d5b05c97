"""Banks: sealed by commitments, opened by the key, revealed to anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.app import banks
from trialplate.benchmark.admitted import admission_of, admitted_items, parse_admission, primitive_uses, summary_of
from trialplate.benchmark.bank import (
    Bank,
    BankError,
    OpenBank,
    _Parts,
    _root,
    check_reveal,
    new_bank,
    open_bank,
    parse_bank,
    parse_reveal,
    revealed,
)
from trialplate.benchmark.bank_files import key_path, read_bank, read_open_bank, read_reveal, write_public
from trialplate.benchmark.registry import FamilyError, family_names, load_family, source_digest
from trialplate.benchmark.secrecy import Secrets
from trialplate.records import canonical

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def opened(toy_family: str) -> OpenBank:
    return new_bank("toy", KEY, [load_family(toy_family)])


def changed(bank: Bank, **fields: object) -> Bank:
    """Return a bank with other fields; where they do not say so, under the root that fits them."""
    parts = {**msgspec.structs.asdict(bank), **fields}
    if "root" not in fields:
        parts.pop("root")
        parts["root"] = _root(_Parts(**parts))  # pyright: ignore[reportArgumentType] - wrong on purpose
    return Bank(**parts)  # pyright: ignore[reportArgumentType] - as above


def test_a_key_opens_its_bank(opened: OpenBank) -> None:
    again = open_bank(parse_bank(canonical(opened.bank) + b"\n"), KEY)
    assert [item.id for item in again.items] == [item.id for item in opened.items]
    assert [item.spec for item in again.items] == [item.spec for item in opened.items]
    assert again.item(opened.items[0].id).spec == opened.items[0].spec
    with pytest.raises(BankError, match="has no item 'nothing'"):
        again.item("nothing")


def test_the_public_part_tells_neither_family_nor_level_of_an_item(opened: OpenBank) -> None:
    sealed = msgspec.to_builtins(opened.bank.items)
    assert all(set(item) == {"id", "commitment"} for item in sealed)
    assert [item["id"] for item in sealed] == sorted(item["id"] for item in sealed)
    assert KEY.hex().encode() not in canonical(opened.bank)


def test_another_key_opens_nothing(opened: OpenBank) -> None:
    with pytest.raises(BankError, match="not that of the bank toy"):
        open_bank(opened.bank, bytes(32))
    with pytest.raises(BankError, match="has 32 bytes, not 3"):
        open_bank(opened.bank, b"abc")


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_a_bank_can_be_changed(opened: OpenBank, place: int, bit: int) -> None:
    data = bytearray(canonical(opened.bank))
    data[place % len(data)] ^= 1 << bit
    with pytest.raises((BankError, FamilyError)):
        open_bank(parse_bank(bytes(data)), KEY)


def test_a_changed_part_is_named(opened: OpenBank) -> None:
    bank = opened.bank
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: changed(bank, format="trialplate-bank/9"), "no bank of format"),
        (lambda: changed(bank, name="A b"), "no name of a bank"),
        (lambda: changed(bank, items=()), "missing, repeated or out of order"),
        (lambda: changed(bank, items=bank.items[::-1]), "missing, repeated or out of order"),
        (lambda: changed(bank, root="0" * 64), "root does not fit"),
        (lambda: changed(bank, items=(msgspec.structs.replace(bank.items[0], commitment="x"),)), "96 lower-case"),
        (lambda: open_bank(changed(bank, primitives="1999.1"), KEY), "rests on primitives 1999.1"),
        (lambda: parse_bank(b"{}"), "This is no bank"),
        (lambda: parse_bank(b"\xff"), "This is no bank"),
    ]
    for make, said in cases:
        with pytest.raises(BankError, match=said):
            make()


def test_a_bank_of_another_version_of_a_family_is_refused(opened: OpenBank) -> None:
    family = msgspec.structs.replace(opened.bank.families[0], sources="ab" * 48, version=7)
    with pytest.raises(FamilyError, match="version 7 of toy/backwards with other sources than the installed version 1"):
        open_bank(changed(opened.bank, families=(family,)), KEY)
    unknown = msgspec.structs.replace(family, name="toy/none")
    with pytest.raises(FamilyError, match="no family called 'toy/none'"):
        open_bank(changed(opened.bank, families=(unknown,)), KEY)


def test_a_reveal_is_checked_without_the_key(opened: OpenBank) -> None:
    check_reveal(opened.bank, parse_reveal(canonical(revealed(opened))))


@given(place=st.integers(0, 100_000), bit=st.integers(0, 7))
def test_no_bit_of_a_reveal_can_be_changed(opened: OpenBank, place: int, bit: int) -> None:
    data = bytearray(canonical(revealed(opened)))
    data[place % len(data)] ^= 1 << bit
    try:
        found = parse_reveal(bytes(data))
    except BankError:
        return
    with pytest.raises((BankError, FamilyError)):
        check_reveal(opened.bank, found)


def test_a_changed_reveal_is_named(opened: OpenBank) -> None:
    whole = revealed(opened)
    first = whole.items[0]
    spec = json.loads(first.spec)
    spec["words"][0] = "other"
    changes: list[tuple[dict[str, Any], str]] = [
        ({"spec": canonical(spec).decode()}, "is not what its seed draws"),
        ({"seed": "00" * 32}, "is not what its seed draws"),
        ({"nonce": "00" * 32}, "does not open its commitment"),
        ({"nonce": "zz"}, "is not 64 lower-case hex"),
        ({"family": "web/none"}, "no family of this bank"),
        ({"id": "000000000000"}, "leaves items out or adds some"),
    ]
    for fields, said in changes:
        items = (msgspec.structs.replace(first, **fields), *whole.items[1:])
        with pytest.raises(BankError, match=said):
            check_reveal(opened.bank, msgspec.structs.replace(whole, items=items))
    with pytest.raises(BankError, match="of another bank"):
        check_reveal(opened.bank, msgspec.structs.replace(whole, root="0" * 64))


def test_an_admission_says_what_the_bank_holds(opened: OpenBank) -> None:
    worst = max(opened.items, key=lambda item: item.time.minutes)
    found = admission_of(opened, "aa", quick=False, reasons={worst.id: "it is too hard"})
    assert parse_admission(canonical(found)) == found
    summary = summary_of(opened, found)
    assert (summary.mechanisms, summary.items, summary.admitted) == (1, 4, 3)
    assert [(each.item, each.reason) for each in summary.refused] == [(worst.id, "it is too hard")]
    assert summary.levels == {"L1": 2, "L2": 1}
    assert summary.domains == {"D6": 3}
    assert summary.in_band == {"2h": 3, "8h": 0}
    assert summary.information_share_L4 == {"2h": 0.0, "8h": 0.0, "24h": 0.0}
    assert worst not in admitted_items(opened, found)
    uses = {use.primitive: (use.items, use.times) for use in primitive_uses(opened)}
    assert uses == {"orient-host": (4, 4), "lead": (4, 114)}


def test_an_admission_of_another_bank_is_refused(opened: OpenBank) -> None:
    found = msgspec.structs.replace(admission_of(opened, "aa", quick=True, reasons={}), root="00")
    with pytest.raises(BankError, match="of another bank"):
        admitted_items(opened, found)
    with pytest.raises(BankError, match="This is no admission"):
        parse_admission(b"[]")
    with pytest.raises(BankError, match="no admission of format"):
        parse_admission(canonical({**msgspec.to_builtins(found), "format": "x"}))


def test_files_are_made_once_and_the_key_is_closed(toy_family: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "toy.bank.json"
    opened = banks.draw(path, families=[toy_family])
    assert key_path(path).stat().st_mode & 0o777 == 0o600
    assert read_open_bank(path).bank == opened.bank
    with pytest.raises(BankError, match="is there already"):
        banks.draw(path, families=[toy_family])
    out = tmp_path / "reveal.json"
    assert banks.reveal(path, out) == 4
    key_path(path).unlink()
    assert banks.checked_reveal(path, out) == 4
    assert read_reveal(out).root == read_bank(path).root


@pytest.mark.parametrize("content", [b"", b"xyz\n", b"00" * 31, b"\xff" * 64])
def test_a_key_that_is_none_is_refused(toy_family: str, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "toy.bank.json"
    banks.draw(path, families=[toy_family])
    key_path(path).write_bytes(content)
    with pytest.raises(BankError, match="is no key of a bank"):
        read_open_bank(path)
    key_path(path).unlink()
    with pytest.raises(BankError, match="cannot be read"):
        read_open_bank(path)


def test_a_file_that_cannot_be_written_is_named(opened: OpenBank, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BankError, match="cannot be made"):
        write_public(tmp_path / "file" / "toy.bank.json", opened.bank)


def test_sources_decide_the_digest_of_a_family(toy_family: str) -> None:
    digest = source_digest(load_family(toy_family))
    assert len(digest) == 96
    assert digest == source_digest(load_family(toy_family))
    assert toy_family in family_names()


def test_what_tools_leave_beside_a_family_is_none_of_its_sources(toy_family: str, toy_folder: Path) -> None:
    digest = source_digest(load_family(toy_family))
    left = toy_folder / "toy_backwards" / ".cache"
    left.mkdir()
    (left / "CACHEDIR.TAG").write_text("of a tool")
    (toy_folder / "toy_backwards" / ".swap").write_text("of an editor")
    assert source_digest(load_family(toy_family)) == digest
    source = toy_folder / "toy_backwards" / "more.txt"
    source.write_text("of the family")
    assert source_digest(load_family(toy_family)) != digest
    source.unlink()


def test_secrets_hang_on_key_item_attempt_and_name() -> None:
    one = Secrets(KEY, "item", 1)
    others = (Secrets(KEY, "item", 2), Secrets(KEY, "item2", 1), Secrets(bytes(32), "item", 1))
    assert one.answer == Secrets(KEY, "item", 1).answer
    assert one.answer not in {other.answer for other in others}
    assert one.token("a") != one.token("b")
    assert len(one.octets("x", 77)) == 77
    assert one.below("n", 7) < 7
    assert one.accepts(f" `{one.answer}`\n")
    assert not one.accepts(one.answer.lower())
    assert not one.accepts("é")
    assert "answer" not in repr(one)
    with pytest.raises(ValueError, match="32 bytes"):
        Secrets(b"short", "item", 1)
