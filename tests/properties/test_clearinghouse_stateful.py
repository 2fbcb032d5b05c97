"""Cases, embargoes and the desk go through a random life at a clock that is set, and keep what was promised.

Finders report, maintainers answer by file, coordinators rule, merge, split, extend and let pass, days go by, the worker
works. Rules, flows, keys, labels and the store are the real ones; a script stands for the sandbox. What holds is
checked against the records alone, by an oracle that shares no rule with the desk.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.fakes.clearing import CORA, DAY, EXPLOITED, World
from trialplate.app.clearing.cases import case_of, merged_into
from trialplate.app.clearing.coordination import casework, replies
from trialplate.app.clearing.house import ClearingError
from trialplate.app.clearing.work.working import Sent
from trialplate.app.worker import Done
from trialplate.clearinghouse.coordination.case import Merged, credits_of
from trialplate.clearinghouse.history import COORDINATION, History
from trialplate.flows import WORKER, stem
from trialplate.flows.remediation import REMEDIATION
from trialplate.records import PUBLIC, SubjectId, later, moment
from trialplate.records.case import (
    Accepted,
    Advisory,
    Bypass,
    Case,
    Embargo,
    EmbargoEnded,
    FixAccepted,
    Known,
    NoAnswer,
    NoContact,
    NoPatch,
    NotABug,
    Notice,
    PartyAdded,
    Priority,
    WontFix,
)
from trialplate.records.finding import Candidates, DuplicateOf, Held, Report, ReportedTarget
from trialplate.records.project import Policy
from trialplate.trust import Reader

OUTSIDER = Reader(party="", clearance=PUBLIC)
MAINTAINERS = {"cards": "mia", "dice": "dov", "lots": "lea"}
"""Of cards one report at a time; of dice two, days apart; lots works in public."""

CRASHES = (b"crash a b c", b"crash q a b", b"crash p q r", b"crash x y z", b"crash k l m")
PROOFS = (*CRASHES, *CRASHES, b"flaky a b c", b"nothing")
"""What a proof shows: one of five crashes, of which two are much alike; a crash now and then; nothing."""

ANSWERS: tuple[dict[str, str], ...] = (
    {"answer": "accept"},
    {"answer": "accept", "fix_by": "2026-12-01T00:00:00Z"},
    {"answer": "not a bug", "reason": "The caller must check."},
    {"answer": "wont fix", "reason": "It is kept no longer."},
    {"answer": "patch", "patch": "right.patch", "base": "1.0"},
    {"answer": "patch", "patch": "wrong.patch", "base": "1.0"},
    {"answer": "accept fix", "version": "1.1"},
    {"answer": "more time", "reason": "The fix is being tried."},
)

Decision = Callable[..., casework.Ruled]
DECISIONS: tuple[tuple[Decision, Callable[[History], bool]], ...] = (
    (casework.split, lambda history: history.record(DuplicateOf) is not None),
    (casework.release, lambda history: history.record(Held) is not None),
    (casework.close, lambda history: history.record(NoContact) is not None),
    (casework.extend, lambda history: history.record(Accepted) is not None and not history.record(EmbargoEnded)),
    (casework.bypass, lambda history: is_exploited(history) and not history.record(Notice)),
    (casework.rule, lambda history: history.record(Candidates) is not None),
    (casework.merge, lambda history: history.record(Case) is not None),
    (casework.assign, lambda history: history.record(NoContact) is not None),
)
"""What a coordinator decides, and where that may be right."""

DEEDS = frozenset(("notice", "merge", "split", "bypass", "patch", "accept", "accept fix"))
"""What happens often in these lives; what is rarer may be missing from one run."""

picks = st.integers(min_value=0, max_value=99)
# Most are of one project, so that more than one waits for its desk.
names = st.sampled_from(("cards", "cards", "cards", "dice", "lots"))
finders = st.sampled_from(("ann", "bob", "cas"))
reports = st.tuples(names, finders, st.sampled_from(PROOFS), st.sampled_from((True, True, False)))

LEAST_STEPS = 10_000
MOST_REPORTS, MOST_WOLVES = 10, 6
"""A life of so many is long enough."""


def is_open(history: History) -> bool:
    """Say whether a maintainer has a report on its desk: told, not answered to the end, and not published since."""
    standing = {type(said.body) for said in history.standing}
    if not {Case, Notice} <= standing or standing & {NotABug, WontFix, FixAccepted}:
        return False
    embargo = history.last(Embargo)
    if embargo is not None and embargo.basis == "public by policy":
        return not standing & {NoAnswer, NoPatch}
    return EmbargoEnded not in standing


def is_exploited(history: History) -> bool:
    """Say whether a case is known to be exploited."""
    priority = history.last(Priority)
    return priority is not None and priority.exploited is Known.YES


days = st.sampled_from((0, 0, 1, 2, 5, 11, 25))
work = st.tuples(st.just("work"), days, st.integers(min_value=0, max_value=DAY))
anything = st.integers(min_value=0, max_value=9)
known = st.sampled_from(("known", "known", "known", "stray", "wolf"))
acts = st.one_of(
    work,
    work,
    st.tuples(st.just("sleep"), st.sampled_from((1, 5, 15, 200))),
    st.tuples(st.just("report"), reports, known, st.sampled_from(("", "1.1"))),
    st.tuples(st.just("coordinate"), picks, picks, names, anything),
    st.tuples(st.just("coordinate"), picks, picks, names, anything),
    st.tuples(st.just("answer"), picks, st.sampled_from(ANSWERS), names, anything),
)
"""What somebody does: the method, and what it is given. One rule has them all, so that every life has of each."""


class Clearinghouse(RuleBasedStateMachine):
    """One life of a clearinghouse."""

    steps = 0
    did: ClassVar[Counter[str]] = Counter()

    @initialize(
        first=st.lists(
            st.tuples(names, finders, st.sampled_from(PROOFS), st.sampled_from((True, True, False))),
            min_size=2,
            max_size=5,
        )
    )
    def begin(self, first: list[tuple[str, str, bytes, bool]]) -> None:
        self.world = World()
        self.house = self.world.house
        self.world.staff()
        clock = {"embargo": 20, "engaged": 5, "silence": 10}
        more: dict[str, dict[str, object]] = {
            "cards": {"open_limit": 1, "clock": {"zone": "America/New_York", **clock}},
            "dice": {"open_limit": 2, "pace_days": 3, "clock": {"zone": "Pacific/Auckland", **clock}},
            "lots": {"open_limit": 1, "public_by_policy": True, "clock": {"zone": "Nowhere/None", **clock}},
        }
        self.projects = {name: self.world.project(name, party, **more[name]) for name, party in MAINTAINERS.items()}
        self.credited: set[SubjectId] = set()
        self.seen: dict[SubjectId, History] = {}
        self.moved: set[SubjectId] = set()
        self.wolves = 0
        for what in first:
            self.report(what, "known", "")
        self.work()

    def histories(self) -> dict[SubjectId, History]:
        """Return what stands on every report; only what has moved on is read again."""
        for subject in self.world.reports:
            count = len(self.house.store.history(Reader(party="test", clearance=COORDINATION), subject))
            if subject not in self.seen or len(self.seen[subject].records) != count:
                self.seen[subject] = self.house.history(subject)
                self.moved.add(subject)
        return self.seen

    def tried(self, decide: Decision, *arguments: object, **fields: object) -> None:
        """Let somebody decide; where the rules refuse it, nothing has changed."""
        before = {subject: len(history.records) for subject, history in self.histories().items()}
        try:
            decide(*arguments, **fields)
        except ClearingError:
            assert before == {subject: len(history.records) for subject, history in self.histories().items()}
        else:
            self.did[str(fields.get("answer", decide.__name__))] += 1

    @rule(act=acts)
    def somebody_acts(self, act: tuple[str, ...]) -> None:
        getattr(self, act[0])(*act[1:])

    def report(self, what: tuple[str, str, bytes, bool], kind: str, fixed: str) -> None:
        project, finder, proof, exploited = what
        if kind == "wolf":
            # Nothing, again and again.
            for _ in range(1 if self.wolves else 5):
                if self.wolves < MOST_WOLVES:
                    self.wolves += 1
                    self.world.report("cards", "max", b"nothing")
        elif len(self.world.reports) < MOST_REPORTS:
            aliases = (EXPLOITED,) if exploited else ()
            if kind == "known":
                target = ReportedTarget(purl=f"pkg:generic/{project}@1.0", fixed=fixed)
                self.world.report(project, finder, proof, aliases=aliases, target=target)
            else:
                self.world.astray(proof, finder)

    def work(self, days: int = 0, seconds: int = 0) -> None:
        self.world.wait(days * DAY + seconds)
        for event in self.world.work():
            assert isinstance(event, Done | Sent), event
            if isinstance(event, Sent):
                self.was_let_through(event.subject)

    def sleep(self, days: int) -> None:
        """Let time go by without a worker."""
        self.world.wait(days * DAY)

    def coordinate(self, which: int, of: int, project: str, anything: int) -> None:
        """Decide something where that may be right; now and then anything anywhere."""
        likely = {
            decision: [subject for subject, history in self.histories().items() if where(history) or not anything]
            for decision, where in DECISIONS
        }
        decisions = [decision for decision, subjects in likely.items() if subjects]
        if not decisions:
            return
        decision = decisions[which % len(decisions)]
        subject = likely[decision][of % len(likely[decision])]
        other = self.world.reports[which % len(self.world.reports)]
        if decision is casework.rule:
            self.tried(decision, self.house, CORA, subject, reason="I looked.", same_as=other if of % 2 else "")
        elif decision is casework.merge:
            self.tried(decision, self.house, CORA, subject, other, reason="One cause.")
        elif decision is casework.assign:
            self.tried(decision, self.house, CORA, subject, self.projects[project], reason="It is theirs.")
        else:
            self.tried(decision, self.house, CORA, subject, reason="I looked.")

    def answer(self, which: int, answer: dict[str, str], project: str, anything: int) -> None:
        """Answer something that is open; now and then what is another's, or nobody's, or over."""
        told = [(party, row.case) for party in MAINTAINERS.values() for row in replies.inbox(self.house, party)]
        if anything and told:
            party, case = told[which % len(told)]
        else:
            party, case = MAINTAINERS[project], self.world.reports[which % len(self.world.reports)]
        self.tried(self.world.answer, party, case, **answer)

    def was_let_through(self, case: SubjectId) -> None:
        """See that a notice that has just been sent was within limit and pace, or passed them on a signature."""
        self.did["notice"] += 1
        history = self.house.history(case)
        said, policy = history.record(Notice), Policy
        assert said is not None
        notice = said.body
        assert isinstance(notice, Notice)
        policy = self.house.history(SubjectId(notice.project)).last(Policy)
        assert policy is not None
        others = [
            other
            for subject, other in self.histories().items()
            if subject != case and (opened := other.last(Case)) and opened.project == notice.project
        ]
        before = sum(is_open(other) for other in others)
        assert notice.open_before == before
        earlier = [other.at for each in others if (other := each.record(Notice))]
        paced = any(self.world.now < later(at, policy.pace_days * DAY) for at in earlier if policy.pace_days)
        if notice.bypass:
            self.did["notice past the limit"] += 1
            bypass, priority = history.record(Bypass), history.last(Priority)
            assert bypass is not None
            assert bypass.author == CORA
            assert priority is not None
            assert priority.exploited is Known.YES
            assert before >= policy.open_limit or paced
        else:
            assert before < policy.open_limit
            assert not paced

    @invariant()
    def what_was_promised_holds(self) -> None:
        if not hasattr(self, "world"):
            return
        type(self).steps += 1
        self.histories()
        moved, self.moved = self.moved, set()
        for subject in moved:
            self.nothing_became_public_before_it_may(subject)
            self.every_wait_ends(subject)
        if moved:
            self.nobody_is_told_what_another_is()
            self.no_credit_is_lost()

    def nothing_became_public_before_it_may(self, subject: SubjectId) -> None:
        history = self.seen[subject]
        kinds = [stem(stored.entry.header.kind) for stored in history.records]
        if "case.notice" in kinds:
            before = kinds[: kinds.index("case.notice")]
            assert {"finding.reproduced", "case.case", "case.priority", "case.party_added"} <= set(before)
        public = self.house.store.history(OUTSIDER, subject)
        assert {stem(stored.entry.header.kind) for stored in public} <= {"case.advisory"}
        if public:
            earlier = history.records[: kinds.index("case.advisory")]
            assert {"case.fix_accepted", "case.embargo_ended"} & {stem(each.entry.header.kind) for each in earlier}
        ended, embargo = history.record(EmbargoEnded), history.last(Embargo)
        assert not ended or (embargo and embargo.ends_at <= ended.at)

    def every_wait_ends(self, subject: SubjectId) -> None:
        for each in self.house.due(REMEDIATION, self.seen[subject]):
            assert (each.by == WORKER) == (not each.deadline_at)
            if each.by != WORKER:
                assert each.default
                assert moment(each.deadline_at) > moment(self.world.now)

    def nobody_is_told_what_another_is(self) -> None:
        for party in MAINTAINERS.values():
            for told in replies.inbox(self.house, party, every=True):
                history = self.seen[SubjectId(told.case)]
                added, notice = history.last(PartyAdded), history.last(Notice)
                assert added is not None
                assert notice is not None
                assert added.party == party
        assert not replies.inbox(self.house, "ann", every=True)

    def no_credit_is_lost(self) -> None:
        self.credited |= {subject for subject, history in self.seen.items() if history.record(Case, DuplicateOf)}
        for subject in self.credited:
            history = self.seen[subject]
            if not history.record(Case, DuplicateOf):
                # It was split off, and becomes a case when the worker works.
                assert [each.makes for each in self.house.due(REMEDIATION, history)][:1] == ["case.case/1"]
                continue
            case, report = case_of(self.house, subject), history.last(Report)
            assert case is not None
            assert report is not None
            merged = (Merged(case, self.house.history(case)), *merged_into(self.house, case))
            assert subject in {each.subject for each in merged}
            assert report.finder in {each.name for each in credits_of(merged)}

    def teardown(self) -> None:
        """Let nobody but the worker and the clock do anything more: every state ends."""
        if not hasattr(self, "world"):
            return
        reader = Reader(party="test", clearance=COORDINATION)
        for _ in itertools.repeat(None, 200):
            self.work()
            rows = self.house.store.summaries(reader, limit=1000)
            due = [row.next_due_at for row in rows if row.next_due_at]
            if not due:
                break
            self.world.now = max(self.world.now, min(due))
        rows = self.house.store.summaries(reader, limit=1000)
        assert {row.state for row in rows} == {"ended"}
        for history in self.histories().values():
            told, answered = history.record(Notice), history.record(NotABug)
            if told and history.record(Case) and not answered:
                assert history.record(Advisory)
        self.no_credit_is_lost()


def live(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Clearinghouse,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
        ),
    )


def test_what_was_promised_holds_in_every_one_of_10_000_steps() -> None:
    Clearinghouse.steps = 0
    Clearinghouse.did.clear()
    live(examples=72, steps=140)
    while Clearinghouse.steps < LEAST_STEPS:
        # Some lives are shorter.
        live(examples=4, steps=140)
    # A life in which something never happens shows nothing of it.
    assert Clearinghouse.did.keys() >= DEEDS, Clearinghouse.did
