"""A store in memory and one on a file go through the same random life and agree after every step.

Parties append, repeat and correct; two workers tick with leases; decisions are stale, rows outdated, slots taken;
any transaction may crash at any seam; the file is closed and opened again. Beside agreeing with each other, both are
held against what must be true of any store: nothing acknowledged is lost, nothing changes, nothing half happens.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.flows.toy import HANDLERS, KINDS, TOY, Reply, Request, said, unsafe_unsigned
from tests.store.making import HIGH, SIDE, at, high, low, subject, system
from trialplate.app.upkeep import rebuild
from trialplate.app.worker import Bench, tick
from trialplate.flows import seen as seen_by
from trialplate.flows import summarize
from trialplate.records import PUBLIC, Correction, RecordId, SubjectId, record_id
from trialplate.store import Durability, MemoryStore, Point, SqliteStore
from trialplate.trust.ports import Appended, Entry, Lease, Mark, Reader, Stored, Summary

AnyStore = MemoryStore | SqliteStore


def marks_of(history: Sequence[Stored]) -> tuple[Mark, ...]:
    """Return marks that stay, that move on, and that come and go, as records are added."""
    kinds = [stored.entry.header.kind for stored in history]
    held = [Mark("holds", kind) for kind in kinds]
    return (*held, Mark("last", kinds[-1]), Mark("even", str(len(kinds) % 2 == 0)))


FLOW = msgspec.structs.replace(TOY, marks=marks_of)
FLOWS = {FLOW.name: FLOW}
MARKS = (
    *(Mark(name, kind) for name in ("last", "holds") for kind in KINDS.by_name),
    *(Mark("even", text) for text in ("True", "False", "neither")),
)

SUBJECTS = tuple(subject(name) for name in "abc")
READERS = (low, high, Reader(party="side", clearance=SIDE), system)

subjects = st.sampled_from(SUBJECTS)
readers = st.sampled_from(READERS)
labels = st.sampled_from((PUBLIC, PUBLIC, HIGH, SIDE))
owners = st.sampled_from(("one", "two"))
ordinals = st.integers(min_value=1, max_value=4)
chances = st.integers(min_value=0, max_value=1)
# Mostly no crash; a number says at which seam of what follows the process ends.
crashes = st.one_of(st.none(), st.none(), st.integers(min_value=0, max_value=9))
seen = st.sampled_from(("nothing", "all", "less", "more"))
folded = st.sampled_from(("none", "all", "all", "less"))
spoken = st.builds(
    said,
    subjects,
    st.sampled_from((Request(), Reply())),
    st.sampled_from(("toy.request", "toy.reply")),
    ordinals,
    label=labels,
    chance=chances,
)


class CrashError(BaseException):
    """The process ends here; nothing may catch it."""


class Bomb:
    """A fault that ends the process at the nth seam after it was armed."""

    def __init__(self) -> None:
        self.left: int | None = None

    def __call__(self, _: Point) -> None:
        if self.left == 0:
            self.left = None
            raise CrashError
        if self.left is not None:
            self.left -= 1


class TwoStores(RuleBasedStateMachine):
    """One life, told to two stores."""

    steps = 0

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trialplate-stateful-"))
        self.bombs = (Bomb(), Bomb())
        self.memory = MemoryStore(fault=self.bombs[0])
        self.sqlite = self.opened()
        self.seconds = 0
        self.leases: list[Lease] = []
        self.batches: list[tuple[Entry, ...]] = []
        self.before: dict[SubjectId, tuple[Stored, ...]] = {}
        self.acknowledged: dict[RecordId, Entry] = {}
        self.struck: set[RecordId] = set()

    def opened(self) -> SqliteStore:
        # The power is never cut here, and waiting for the disk would only make the life shorter.
        return SqliteStore(self.folder / "store.db", durability=Durability.UNSAFE_OFF, fault=self.bombs[1])

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.sqlite.close()
            shutil.rmtree(self.folder)

    def both(self, act: Callable[[AnyStore], object], crash: int | None = None) -> object:
        """Let both stores do the same, crash at the same seam or not at all, and say the same."""
        said_by: list[object] = []
        for store, bomb in zip((self.memory, self.sqlite), self.bombs, strict=True):
            bomb.left = crash
            try:
                said_by.append(act(store))
            except CrashError:
                said_by.append(CrashError)
            bomb.left = None
        assert said_by[0] == said_by[1]
        return said_by[0]

    @property
    def now(self) -> str:
        return at(self.seconds)

    def held(self, answer: object) -> None:
        """Remember what was acknowledged."""
        if isinstance(answer, Appended):
            self.acknowledged |= {stored.id: stored.entry for stored in answer.stored}

    def rows(self, batch: Sequence[Entry], which: str) -> tuple[Summary, ...]:
        """Return the rows of every subject of a batch, folded from all that there will be, or from less."""
        rows: list[Summary] = []
        for about in dict.fromkeys(entry.header.subject for entry in batch):
            before = self.memory.history(system, about)
            known = {stored.id for stored in before}
            new = {record_id(entry.header): entry for entry in batch if entry.header.subject == about}
            coming = [(found, entry) for found, entry in new.items() if found not in known]
            if which == "less":
                coming = coming[:-1]
            after = (
                *before,
                *(
                    Stored(seq=seq, id=found, entry=entry, received_at=self.now)
                    for seq, (found, entry) in enumerate(coming, start=len(before) + 1)
                ),
            )
            rows += summarize(FLOW, after) if which != "none" else ()
        return tuple(rows)

    def view(self, writer: Reader, about: SubjectId, what: str) -> dict[SubjectId, int]:
        """Return what a writer claims to have seen of a subject."""
        count = len(self.memory.history(writer, about))
        return {"nothing": {}, "all": {about: count}, "less": {about: count - 1}, "more": {about: count + 1}}[what]

    @rule(
        batch=st.lists(spoken, min_size=1, max_size=3),
        writer=readers,
        what=seen,
        which=folded,
        lease=st.one_of(st.none(), st.integers(min_value=0, max_value=9)),
        crash=crashes,
    )
    def append(  # noqa: PLR0913 - what an append may be given
        self, *, batch: list[Entry], writer: Reader, what: str, which: str, lease: int | None, crash: int | None
    ) -> None:
        after = self.view(writer, batch[0].header.subject, what)
        under = self.leases[lease % len(self.leases)] if lease is not None and self.leases else None
        rows = self.rows(batch, which)
        self.batches.append(tuple(batch))
        answer = self.both(
            lambda store: store.append(writer, batch, now=self.now, summaries=rows, after=after, lease=under), crash
        )
        self.held(answer)
        if what in {"less", "more"} and isinstance(answer, Appended):
            # Only who repeats what is stored already is past being stale.
            assert all(record_id(entry.header) in self.ids(self.before) for entry in batch)

    @precondition(lambda self: self.batches)
    @rule(which=st.integers(min_value=0, max_value=99), writer=readers)
    def repeat(self, which: int, writer: Reader) -> None:
        batch = self.batches[which % len(self.batches)]
        self.held(self.both(lambda store: store.append(writer, batch, now=self.now)))

    @precondition(lambda self: self.acknowledged)
    @rule(which=st.integers(min_value=0, max_value=99), ordinal=ordinals, crash=crashes, replaced=st.booleans())
    def correct(self, *, which: int, ordinal: int, crash: int | None, replaced: bool) -> None:
        ids = sorted(self.acknowledged)
        of = ids[which % len(ids)]
        header = self.acknowledged[of].header
        replacement = ids[(which + 1) % len(ids)] if replaced and len(ids) > 1 else RecordId("")
        body = Correction(of=of, reason="a reason", replacement=replacement)
        entry = said(header.subject, body, "upkeep.correction", ordinal, label=header.label, chance=which)
        rows = self.rows([entry], "all")
        self.held(self.both(lambda store: store.append(system, [entry], now=self.now, summaries=rows), crash))

    @rule(owner=owners, crash=crashes)
    def work(self, owner: str, crash: int | None) -> None:
        def ticked(store: AnyStore) -> object:
            told = Bench(
                store=store,
                flows=FLOWS,
                handlers=HANDLERS,
                sign=unsafe_unsigned,
                reader=system,
                owner=owner,
                clock=lambda: self.now,
                lease_s=60,
                page_rows=2,
            )
            return list(tick(told))

        self.both(ticked, crash)

    @rule(about=subjects, owner=owners)
    def acquire(self, about: SubjectId, owner: str) -> None:
        answer = self.both(lambda store: store.acquire(about, owner, now=self.now, seconds=60))
        if isinstance(answer, Lease):
            older = [lease.fence for lease in self.leases if lease.subject == about]
            assert answer.fence > max(older, default=0)
            self.leases.append(answer)

    @precondition(lambda self: self.leases)
    @rule(which=st.integers(min_value=0, max_value=9))
    def renew(self, which: int) -> None:
        lease = self.leases[which % len(self.leases)]
        self.both(lambda store: store.renew(lease, now=self.now, seconds=60))

    @precondition(lambda self: self.leases)
    @rule(which=st.integers(min_value=0, max_value=9))
    def release(self, which: int) -> None:
        lease = self.leases[which % len(self.leases)]
        self.both(lambda store: store.release(lease))

    @rule(seconds=st.sampled_from((1, 59, 61, 86_400, 4 * 86_400)))
    def wait(self, seconds: int) -> None:
        self.seconds += seconds

    @rule(limit=st.integers(min_value=1, max_value=5))
    def publish(self, limit: int) -> None:
        leaves = self.memory.queued(limit)
        self.struck |= set(leaves)
        self.both(lambda store: store.published(leaves))

    @rule(crash=crashes)
    def refold(self, crash: int | None) -> None:
        self.both(lambda store: rebuild(store, FLOWS, lambda _: None), crash)

    @rule()
    def reopen(self) -> None:
        self.sqlite.close()
        self.sqlite = self.opened()

    def ids(self, histories: dict[SubjectId, tuple[Stored, ...]]) -> set[RecordId]:
        return {stored.id for history in histories.values() for stored in history}

    @invariant()
    def both_say_the_same_to_everybody(self) -> None:
        if not hasattr(self, "folder"):
            return
        type(self).steps += 1
        for reader in READERS:
            for about in SUBJECTS:
                history = self.memory.history(reader, about)
                assert history == self.sqlite.history(reader, about)
                assert [stored.seq for stored in history] == list(range(1, len(history) + 1))
            for due_by in ("", self.now):
                shown = self.memory.summaries(reader, due_by=due_by)
                assert shown == self.sqlite.summaries(reader, due_by=due_by)
                assert len({row.subject for row in shown}) == len(shown)
        assert self.memory.queued(999) == self.sqlite.queued(999)
        told = self.sqlite.info(now=self.now)
        assert self.memory.info(now=self.now) == msgspec.structs.replace(told, path="")

    @invariant()
    def who_is_found_is_who_is_shown(self) -> None:
        if not hasattr(self, "folder"):
            return
        for reader in READERS:
            hits = self.memory.marked(reader, MARKS)
            assert hits == self.sqlite.marked(reader, MARKS)
            shown = {row.subject: row for row in self.memory.summaries(reader)}
            assert all(hit.state == shown[hit.subject].state for hit in hits)
            for about, row in shown.items():
                # A row that is behind its records has the marks of what it folded in.
                folded_in = seen_by(self.memory.history(reader, about), row.label)[: row.last_seq]
                assert {hit.mark for hit in hits if hit.subject == about} == set(marks_of(folded_in))

    @invariant()
    def nothing_is_lost_or_changed_or_there_twice(self) -> None:
        if not hasattr(self, "folder"):
            return
        now = {about: self.sqlite.history(system, about) for about in SUBJECTS}
        for about, before in self.before.items():
            assert now[about][: len(before)] == before
        kept = {stored.id: stored.entry for history in now.values() for stored in history}
        assert self.acknowledged.items() <= kept.items()
        slots = Counter(
            (stored.entry.header.subject, stored.entry.header.slot.step, stored.entry.header.slot.ordinal)
            for history in now.values()
            for stored in history
        )
        assert max(slots.values(), default=1) == 1
        assert set(self.sqlite.queued(999)) == kept.keys() - self.struck
        self.before = now


def live(examples: int, steps: int) -> None:
    TwoStores.steps = 0
    run_state_machine_as_test(
        TwoStores,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
        ),
    )


def test_two_stores_agree_after_every_step() -> None:
    live(examples=20, steps=35)


@pytest.mark.battery
def test_two_stores_agree_after_every_one_of_10_000_steps() -> None:
    live(examples=220, steps=65)
    assert TwoStores.steps >= 10_000
