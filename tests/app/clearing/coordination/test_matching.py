"""A finding matched in a house: what the index finds, whose case it is, and how few questions that takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import Struct
from sqlalchemy import event

from tests.clearinghouse.merging.test_dedupe import COMMIT, replayed, report
from trialplate.app.clearing.coordination.matching import (
    MOST_BEARERS,
    MOST_COMPARED,
    MatchingError,
    match_body,
    seen_of,
)
from trialplate.app.clearing.house import Act, House
from trialplate.app.keyring import Keyring
from trialplate.clearinghouse.vault import Vault
from trialplate.flows.remediation import REMEDIATION
from trialplate.records import Correction, SubjectId
from trialplate.records.case import Case
from trialplate.records.finding import (
    Candidates,
    DuplicateOf,
    Ground,
    Replayed,
    Reproduced,
    Screened,
    Unmatched,
)
from trialplate.store import SqliteStore

NOW = "2026-08-01T00:00:00Z"
MINE, OTHERS = "a" * 32, "b" * 32


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "keys").mkdir(mode=0o700)
    with closing(SqliteStore(tmp_path / "store.db")) as store:
        yield House(store, Keyring(tmp_path / "keys"), Vault(tmp_path / "vault", tmp_path / "vault.key"), lambda: NOW)


def tell(house: House, subject: SubjectId, *bodies: tuple[str, Struct]) -> None:
    """Append what was said of a report."""
    acts = [Act(body=body, step=step) for step, body in bodies]
    house.tell("house", subject, REMEDIATION, house.history(subject), *acts)


def finding(house: House, seen: Replayed, project: str = MINE, fixed: str = "") -> SubjectId:
    """Append a report that was reproduced, and return its subject."""
    subject = house.new_subject()
    tell(
        house,
        subject,
        ("finding.report", report(fixed=fixed)),
        ("finding.screened", Screened(project)),
        ("finding.reproduced", Reproduced(replayed=seen, reasons=("It crashed.",))),
    )
    return subject


def case(house: House, seen: Replayed, project: str = MINE, **said: str) -> SubjectId:
    """Append a report that opened a case."""
    subject = finding(house, seen, project, **said)
    tell(house, subject, ("finding.unmatched", Unmatched(0)), ("case.case", Case(project=project, title="crash")))
    return subject


def duplicate(house: House, of: SubjectId, seen: Replayed) -> SubjectId:
    """Append a report that a coordinator found to be of another's case."""
    subject = finding(house, seen)
    body = DuplicateOf(of=of, ground=Ground.COORDINATOR, evidence="They look alike.")
    tell(house, subject, ("finding.unmatched", body))
    return subject


def matched(house: House, subject: SubjectId) -> Unmatched | DuplicateOf | Candidates:
    return match_body(house, house.history(subject))


SAME = replayed("copy", "text", "value")
NEAR = replayed("copy", "text", "object", line=99)
ELSE = replayed("other", "main", line=50)


def test_what_nobody_reported_is_unmatched(house: House) -> None:
    case(house, ELSE)
    assert matched(house, finding(house, SAME)) == Unmatched(0)


def test_a_report_is_never_its_own_duplicate(house: House) -> None:
    assert matched(house, case(house, SAME)) == Unmatched(0)


def test_the_same_state_is_a_duplicate_of_its_case(house: House) -> None:
    of = case(house, SAME)
    found = matched(house, finding(house, replayed("copy", "text", "value", "list", line=99)))
    assert isinstance(found, DuplicateOf)
    assert (found.of, found.ground) == (of, Ground.CRASH_STATE)


def test_what_waits_for_a_judgment_is_not_yet_known(house: House) -> None:
    finding(house, SAME)
    assert matched(house, finding(house, SAME)) == Unmatched(0)


def test_a_near_state_is_a_candidate(house: House) -> None:
    of = case(house, NEAR)
    found = matched(house, finding(house, SAME))
    assert isinstance(found, Candidates)
    assert [like.of for like in found.found] == [of]


def test_what_is_like_a_duplicate_leads_to_its_case(house: House) -> None:
    of = case(house, ELSE)
    duplicate(house, of, SAME)
    found = matched(house, finding(house, SAME))
    assert isinstance(found, DuplicateOf)
    assert found.of == of


def test_a_case_that_became_a_duplicate_leads_on(house: House) -> None:
    of, fallen = case(house, ELSE), case(house, SAME)
    duplicate(house, fallen, NEAR)
    take_back(house, fallen, Case, DuplicateOf(of=of, ground=Ground.COORDINATOR, evidence="They are one."))
    found = matched(house, finding(house, SAME))
    assert isinstance(found, DuplicateOf)
    assert found.of == of


def take_back(house: House, subject: SubjectId, kind: type[Struct], instead: Struct | None = None) -> None:
    """Correct the newest record with a body of that kind, and put another into its step."""
    said = house.history(subject).record(kind)
    assert said is not None
    tell(
        house,
        subject,
        ("upkeep.correction", Correction(of=said.id, reason="It was wrong.")),
        *(((said.stored.entry.header.slot.step, instead),) if instead else ()),
    )


def test_what_was_taken_back_is_not_known(house: House) -> None:
    take_back(house, case(house, SAME), Case)
    assert matched(house, finding(house, SAME)) == Unmatched(0)


def test_duplicates_that_lead_round_lead_nowhere(house: House) -> None:
    one = finding(house, SAME)
    other = duplicate(house, one, ELSE)
    body = DuplicateOf(of=other, ground=Ground.COORDINATOR, evidence="They look alike.")
    tell(house, one, ("finding.unmatched", body))
    assert matched(house, finding(house, SAME)) == Unmatched(0)


def test_two_cases_of_one_state_are_left_to_a_person(house: House) -> None:
    both = {case(house, SAME), case(house, SAME)}
    found = matched(house, finding(house, SAME))
    assert isinstance(found, Candidates)
    assert {like.of for like in found.found} == both


def test_another_project_is_no_duplicate(house: House) -> None:
    case(house, SAME, OTHERS)
    assert isinstance(matched(house, finding(house, SAME)), Candidates)


def test_a_fix_that_both_name_is_no_match_by_itself(house: House) -> None:
    case(house, ELSE, fixed=COMMIT)
    assert isinstance(matched(house, finding(house, SAME, fixed=COMMIT)), Candidates)


def test_the_case_is_found_among_many_that_have_less_in_common(house: House) -> None:
    for number in range(MOST_BEARERS // 2):
        case(house, replayed("copy", f"text{number}", line=100 + number))
    of = case(house, SAME)
    found = matched(house, finding(house, replayed("copy", "text", "value", line=99)))
    assert isinstance(found, DuplicateOf)
    assert found.of == of


def test_a_match_asks_few_questions_however_many_are_alike(house: House) -> None:
    for number in range(2 * MOST_COMPARED):
        case(house, replayed("copy", f"text{number}", line=100 + number))
    history = house.history(finding(house, SAME))
    statements: list[str] = []
    assert isinstance(house.store, SqliteStore)
    event.listen(house.store.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    found = match_body(house, history)
    assert isinstance(found, Candidates)
    assert len(statements) <= 3 * (1 + 2 * MOST_COMPARED)


def test_what_was_not_reproduced_cannot_be_matched(house: House) -> None:
    subject = house.new_subject()
    tell(house, subject, ("finding.report", report()))
    with pytest.raises(MatchingError):
        matched(house, subject)
    assert seen_of(house.history(subject)) is None
