"""Which ids a scenario gets: never root's, never somebody else's, never two scenarios' at once."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from trialplate.sandbox.errors import NotReadyError
from trialplate.sandbox.ids import COUNT, FIRST, IdSource, claim_slot, find_ids, try_slot

WHOLE = "         0          0 4294967295\n"
ME = 4242


@pytest.fixture
def machine(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of a machine's file system, as far as ids are concerned."""

    def make(*, uid_map: str = WHOLE, subuid: str = "", subgid: str | None = None) -> Path:
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "etc").mkdir()
        (tmp_path / "proc/self/uid_map").write_text(uid_map)
        (tmp_path / "etc/subuid").write_text(subuid)
        (tmp_path / "etc/subgid").write_text(subuid if subgid is None else subgid)
        return tmp_path

    return make


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def test_root_takes_a_range_of_its_own_for_each_scenario(machine: Callable[..., Path], tmp_path: Path) -> None:
    found = find_ids(tmp_path, root=machine(), uid=0)
    assert (found.mapper, found.shift) == ("direct", True)
    assert [found.outer(slot) for slot in range(3)] == [FIRST, FIRST + COUNT, FIRST + 2 * COUNT]


@pytest.mark.parametrize("row", [f"eve:{FIRST}:65536\n", f"eve:{FIRST - 10}:20\n", f"eve:{FIRST + 5 * COUNT}:1\n"])
def test_a_users_range_inside_ours_is_refused_with_its_name(
    machine: Callable[..., Path], tmp_path: Path, row: str
) -> None:
    with pytest.raises(NotReadyError, match="/etc/subuid gives eve the ids") as refused:
        find_ids(tmp_path, root=machine(subuid=row), uid=0)
    assert refused.value.fix == f"Give eve a range below {FIRST}."


def test_ranges_elsewhere_and_lines_without_sense_are_no_hindrance(
    machine: Callable[..., Path], tmp_path: Path
) -> None:
    rows = f"eve:100000:65536\n# no row\nbroken:1\nodd:x:y\nlow:{FIRST - 65536}:65536\n"
    assert find_ids(tmp_path, root=machine(subuid=rows), uid=0).first == FIRST


def test_a_machine_without_the_files_is_fine_for_root(machine: Callable[..., Path], tmp_path: Path) -> None:
    root = machine()
    (root / "etc/subuid").unlink()
    (root / "etc/subgid").unlink()
    assert find_ids(tmp_path, root=root, uid=0).first == FIRST


def test_a_user_takes_the_range_that_it_was_given(machine: Callable[..., Path], tmp_path: Path) -> None:
    found = find_ids(tmp_path, root=machine(subuid=f"{name_of(ME)}:300000:65536\n"), uid=ME)
    assert found == IdSource(first=300_000, step=0, mapper="newuidmap", shift=False, slots=tmp_path / "slots")


@pytest.mark.parametrize(
    "subuid, subgid",
    [
        ("", ""),
        (f"{ME}:300000:65535\n", f"{ME}:300000:65535\n"),
        (f"{ME}:300000:65536\n", f"{ME}:400000:65536\n"),
        (f"{ME}:0:65536\n", f"{ME}:0:65536\n"),
        ("other:300000:65536\n", "other:300000:65536\n"),
    ],
)
def test_a_user_without_a_whole_range_is_told_what_to_type(
    machine: Callable[..., Path], tmp_path: Path, subuid: str, subgid: str
) -> None:
    with pytest.raises(NotReadyError, match="no range of 65,536 subordinate ids") as refused:
        find_ids(tmp_path, root=machine(subuid=subuid, subgid=subgid), uid=ME)
    assert refused.value.fix.startswith("Run as root: usermod --add-subuids 100000-165535")
    assert refused.value.fix.endswith(f" {name_of(ME)}")


@pytest.mark.parametrize(
    "uid_map, first",
    [("0 1000 1\n1 100000 65536\n", 1), ("0 100000 65537\n", 1), ("0 1 1\n70000 5 65536\n", 70000)],
)
def test_root_of_a_namespace_never_gives_away_its_own_id(
    machine: Callable[..., Path], tmp_path: Path, uid_map: str, first: int
) -> None:
    found = find_ids(tmp_path, root=machine(uid_map=uid_map), uid=0)
    assert (found.first, found.mapper, found.shift) == (first, "direct", False)


def test_root_of_a_small_namespace_is_told_how_to_start_a_larger_one(
    machine: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(NotReadyError, match="has no 65,536 ids beside root's"):
        find_ids(tmp_path, root=machine(uid_map="0 1000 1\n"), uid=0)


def test_a_slot_is_held_until_every_copy_of_its_lock_is_closed(tmp_path: Path) -> None:
    source = IdSource(first=FIRST, step=COUNT, mapper="direct", shift=True, slots=tmp_path / "slots")
    first, second = claim_slot(source), claim_slot(source)
    assert (first.number, second.number) == (0, 1)
    copy = os.dup(first.lock)
    os.close(first.lock)
    assert try_slot(source, 0) is None
    os.close(copy)
    again = try_slot(source, 0)
    assert again is not None
    assert source.outer(again.number) == FIRST
    os.close(again.lock)
    os.close(second.lock)


def test_when_all_slots_are_taken_that_is_said(tmp_path: Path) -> None:
    source = IdSource(first=FIRST, step=COUNT, mapper="direct", shift=True, slots=tmp_path / "slots")
    held = [claim_slot(source, most=2) for _ in range(2)]
    with pytest.raises(NotReadyError, match="All 2 slots of scenarios are taken"):
        claim_slot(source, most=2)
    for slot in held:
        os.close(slot.lock)
