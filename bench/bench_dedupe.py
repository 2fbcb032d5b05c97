"""Reports matched against 100,000 findings of an index, in a real store, against the bound of 2 s for 1,000 of them.

The findings are of 1,000 projects with 60 functions each; their crash states are random walks through one project.
Of the reports, three in ten are of a known state, four in ten share a part of one, and three in ten are of none.
"""

from __future__ import annotations

import os
import random
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from bench.measure import Better, Row, against, alone, median
from trialplate.app.clearing.coordination.matching import match_body
from trialplate.app.clearing.house import HOUSE, House
from trialplate.app.keyring import Keyring
from trialplate.clearinghouse.history import COORDINATION, insider
from trialplate.clearinghouse.merging.dedupe import fingerprints
from trialplate.clearinghouse.vault import Vault
from trialplate.flows import summarize
from trialplate.flows.remediation import REMEDIATION
from trialplate.home import home_folder
from trialplate.records import RELEASED, Header, Slot, SubjectId, commit_body, encode_body, new_subject, record_id
from trialplate.records.case import Case
from trialplate.records.finding import (
    Basis,
    Candidates,
    DuplicateOf,
    Replayed,
    Report,
    ReportedTarget,
    Reproduced,
    Screened,
    SeenFrame,
    Unmatched,
)
from trialplate.store import Durability, SqliteStore
from trialplate.trust.ports import Appended, Entry, Mark, Stored, Summary

INDEXED: Final = 100_000
REPORTS: Final = 1_000
BOUND_SECONDS: Final = 2.0
ROUNDS: Final = 3

_PROJECTS: Final = 1_000
_FUNCTIONS: Final = 60
_BATCH: Final = 500
_NOW: Final = "2026-06-02T00:00:00Z"
_TYPES: Final = (
    "Heap-buffer-overflow\nREAD 1",
    "Heap-use-after-free\nREAD 8",
    "Null-dereference READ",
    "Integer-overflow",
)
_REPORT: Final = Report(
    document="0" * 64, format="plain", index=0, finder="finder", claimed_at=_NOW, basis=Basis.RECEIPT, title="A crash",
    description="It crashes on a long name. " * 20, target=ReportedTarget(repository="https://git.example.org/a"),
    weakness=("CWE-125",),
)  # fmt: skip
_REPORT_BODY: Final = encode_body(RELEASED, _REPORT)


def run() -> list[Row]:
    """Return the rows of 1,000 reports beside the bound, and of one report."""
    # Beside the real store, because a folder for temporary files may lie in memory.
    home = home_folder(os.environ)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=home) as folder, _house(Path(folder)) as house:
        rng = random.Random(5)
        states = [_state(rng) for _ in range(INDEXED)]
        _append(house, states, known=True)
        subjects = _append(house, [_new(rng, states) for _ in range(REPORTS)], known=False)
        rounds = [_timed(house, subjects) for _ in range(ROUNDS)]
    return [
        against(
            f"{REPORTS:,} reports matched against {INDEXED:,} findings",
            "s",
            [sum(times) for times in rounds],
            [BOUND_SECONDS],
            peer_name="the bound",
            better=Better.LOWER,
            floor=1.0,
        ),
        alone("one of them", "ms", [median(times) * 1000 for times in rounds]),
    ]


def _timed(house: House, subjects: Sequence[SubjectId]) -> list[float]:
    """Return the seconds of each report, which the worker has read: to ask the index and compare what that finds."""
    times: list[float] = []
    met: set[type] = set()
    for subject in subjects:
        history = house.history(subject)
        began = time.perf_counter()
        met.add(type(match_body(house, history)))
        times.append(time.perf_counter() - began)
    if met != {Unmatched, DuplicateOf, Candidates}:
        raise ValueError(f"Only {met} came of the reports.")
    return times


class _State(Struct, frozen=True):
    """A crash in a project: its kind, and the numbers of the functions on the stack, innermost first."""

    project: int
    kind: str
    functions: tuple[int, ...]
    line: int


def _state(rng: random.Random) -> _State:
    functions = tuple(rng.sample(range(_FUNCTIONS), rng.randint(3, 10)))
    return _State(rng.randrange(_PROJECTS), rng.choice(_TYPES), functions, rng.randint(1, 2_000))


def _new(rng: random.Random, states: Sequence[_State]) -> _State:
    """Return the state of a new report: a known one, a part of one, or one of a project that is not known."""
    known, chance = rng.choice(states), rng.random()
    if chance < 0.3:
        return known
    if chance < 0.7:
        return _State(
            known.project, known.kind, (*known.functions[:2], rng.randrange(_FUNCTIONS)), rng.randint(1, 2_000)
        )
    return _State(_PROJECTS + rng.randrange(_PROJECTS), known.kind, known.functions, known.line)


def _append(house: House, states: Sequence[_State], *, known: bool) -> list[SubjectId]:
    """Append a finding for each state, in large transactions; those that are known are cases."""
    made: list[SubjectId] = []
    for start in range(0, len(states), _BATCH):
        found = [_finding(house, state, known=known) for state in states[start : start + _BATCH]]
        if not start:
            _refuse_other_rows(house, found[0])
        answer = house.store.append(
            insider(HOUSE),
            [stored.entry for records, _ in found for stored in records],
            now=_NOW,
            summaries=[row for _, row in found],
        )
        if not isinstance(answer, Appended):
            raise TypeError(answer)
        made += [row.subject for _, row in found]
    return made


_Finding = tuple[tuple[Stored, ...], Summary]


def _refuse_other_rows(house: House, finding: _Finding) -> None:
    """Raise ValueError where the rows that are made here in a quick way are not those that the house makes."""
    records, row = finding
    (real,) = summarize(house.flows[REMEDIATION], records)
    if set(real.marks) != set(row.marks) or real.label != row.label or real.last_seq != row.last_seq:
        raise ValueError(f"The house makes other rows: {real}")


def _finding(house: House, state: _State, *, known: bool) -> _Finding:
    """Return the records of a finding and its row."""
    project = f"{state.project:032x}"
    replayed = _replayed(state)
    bodies = [
        _REPORT_BODY,
        encode_body(RELEASED, Screened(project)),
        encode_body(RELEASED, Reproduced(replayed=replayed, reasons=("All 5 runs crashed alike.",))),
        *([encode_body(RELEASED, Case(project=project, title="crash"))] if known else []),
    ]
    subject = new_subject(secrets.token_bytes)
    entries = [_entry(subject, kind, body) for kind, body in bodies]
    records = tuple(Stored(seq=n, id=record_id(e.header), entry=e, received_at=_NOW) for n, e in enumerate(entries, 1))
    marks = [Mark("finder", house.keyed(_REPORT.finder))]
    if known:
        marks += [Mark("case", "case"), Mark("project", house.keyed(project))]
        prints = fingerprints(_REPORT, replayed)
        marks += [Mark(name, house.keyed(key)) for name, key in dict.fromkeys((p.mark, p.key) for p in prints)]
    row = Summary(
        subject=subject, flow=REMEDIATION, kind=entries[-1].header.kind, state="open", sort_key=_NOW, next_due_at="",
        label=COORDINATION, last_seq=len(records), marks=tuple(marks),
    )  # fmt: skip
    return records, row


def _replayed(state: _State) -> Replayed:
    frames = tuple(
        SeenFrame(f"p{state.project}_function_{number}", f"src/part{number // 8}.c", state.line + place)
        for place, number in enumerate(state.functions)
    )
    return Replayed(
        image="1" * 64, recipe="2" * 64, source=f"{state.project:064x}", proof="3" * 64, runs=5, crashes=5,
        tool="AddressSanitizer", kind=state.kind, state=tuple(frame.function for frame in frames[:3]), frames=frames,
        stack="    #0 0x4f13bb in function /src/part.c:1:2\n" * 20,
    )  # fmt: skip


def _entry(subject: SubjectId, kind: str, body: bytes) -> Entry:
    """Return a record with an envelope of the usual length; a store keeps it and does not look into it."""
    salt = secrets.token_bytes(32)
    header = Header(
        kind=kind, subject=subject, author=HOUSE, office="", at=_NOW, label=COORDINATION, parents=(),
        slot=Slot(flow=REMEDIATION, step=kind.partition("/")[0], ordinal=1), nonce=secrets.token_hex(16),
        body_commit=commit_body(body, salt),
    )  # fmt: skip
    return Entry(header=header, body=body, salt=salt, envelope=b"e" * 600)


@contextmanager
def _house(folder: Path) -> Iterator[House]:
    (folder / "keys").mkdir(mode=0o700)
    with closing(SqliteStore(folder / "store.db", durability=Durability.UNSAFE_OFF)) as store:
        yield House(store, Keyring(folder / "keys"), Vault(folder / "vault", folder / "vault.key"), lambda: _NOW)
