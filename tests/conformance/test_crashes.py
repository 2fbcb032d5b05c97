"""The stack traces of ClusterFuzz's tests: 136 rows, of which the listed ones are of tools that are read.

`crashes_supported.json` holds the list and the rule that made it. An expected name is compared by its bare name, as
ours is: without template arguments and folders of a build. ClusterFuzz keeps silent where time or memory ran out,
unless its options ask for such reports, and for memory where a large red zone (`REDZONE`) is what fills it; then the
expected type is empty, and ours must be one of the two.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from trialplate.formats.traces import CrashState, Trace, UnsupportedFormat, bare_name, crash_state, parse_trace

LARGEST_RED_ZONE = 128
"""The bytes between allocations beyond which memory that ran out says nothing of the program."""

DISAGREEMENTS = {
    "crash_signal_and_timeout_stacktrace": "names the frames of another process, from a log that follows the report",
}


class Settings(Struct):
    report: str = msgspec.field(name="REPORT_OOMS_AND_HANGS", default="")
    target: str = msgspec.field(name="FUZZ_TARGET", default="")
    red_zone: str = msgspec.field(name="REDZONE", default="0")


class Row(Struct):
    case: str
    file: str | None
    inline_input: str = ""
    type: str | None = None
    state: str | None = None
    address: str | None = None
    settings: Settings = msgspec.field(default_factory=Settings)


class Supported(Struct):
    rule: str
    cases: list[str]


@pytest.fixture(scope="module")
def listed() -> frozenset[str]:
    return frozenset(
        msgspec.json.decode(Path(__file__).with_name("crashes_supported.json").read_bytes(), type=Supported).cases
    )


@pytest.fixture(scope="module")
def rows(reference: Path) -> list[tuple[Row, bytes]]:
    """Return every row with its trace."""
    folder = reference / "crashes"
    with tarfile.open(folder / "traces.tar.gz") as tar:
        traces = {member.name: read.read() for member in tar if (read := tar.extractfile(member))}
    return [
        (row, row.inline_input.encode() if row.file is None else traces[row.file])
        for row in msgspec.json.decode((folder / "expected.json").read_bytes(), type=list[Row])
    ]


def agrees(row: Row, found: CrashState) -> bool:
    if not row.type and row.type is not None:
        asked = row.settings.report == "True" and int(row.settings.red_zone) <= LARGEST_RED_ZONE
        return found.kind in {"Out-of-memory", "Timeout"} and not asked
    names = () if row.state is None else tuple(map(plain, row.state.splitlines()))
    return row.type in {None, found.kind} and (row.state is None or names == found.frames)


def plain(frame: str) -> str:
    return frame if frame.startswith("Bad-cast to ") else bare_name(frame)


def test_every_row_is_there(rows: list[tuple[Row, bytes]], listed: frozenset[str]) -> None:
    assert len(rows) == 136
    assert sum(row.case in listed for row, _ in rows) == 48
    assert listed <= {row.case for row, _ in rows}


def test_type_and_state_agree_for_the_listed_rows(rows: list[tuple[Row, bytes]], listed: frozenset[str]) -> None:
    wrong: set[str] = set()
    for row, output in rows:
        if row.case not in listed:
            continue
        trace = parse_trace(output)
        assert isinstance(trace, Trace), row.case
        if not agrees(row, crash_state(trace, row.settings.target)):
            wrong.add(row.case)
    assert wrong == set(DISAGREEMENTS)


def test_addresses_agree_where_both_have_one(rows: list[tuple[Row, bytes]], listed: frozenset[str]) -> None:
    pairs = {
        row.case: (row.address, trace.address)
        for row, output in rows
        if row.case in listed and row.address and isinstance(trace := parse_trace(output), Trace)
    }
    assert len(pairs) == 23
    assert not {case: pair for case, pair in pairs.items() if pair[0] != pair[1]}


def test_every_other_row_is_unsupported(rows: list[tuple[Row, bytes]], listed: frozenset[str]) -> None:
    others = [(row.case, parse_trace(output)) for row, output in rows if row.case not in listed]
    assert len(others) == 88
    assert not [case for case, found in others if not isinstance(found, UnsupportedFormat)]


def test_every_file_ends_as_a_value(reference: Path) -> None:
    with tarfile.open(reference / "crashes" / "traces.tar.gz") as tar:
        found = [parse_trace(read.read()) for member in tar if (read := tar.extractfile(member))]
    assert len(found) == 130
    assert {type(one) for one in found} == {Trace, UnsupportedFormat}
