"""Whole campaigns, from a plan to a bundle that comes out the same again, or is said not to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.stories import told
from trialplate.app.bundles.replaying import ReplayError, replayed
from trialplate.records import Answer, AssessmentDraft, Estimate, Outcome, PlanState, Reason, canonical


def solved(_: str) -> Outcome:
    return Outcome.SOLVED


def failed(_: str) -> Outcome:
    return Outcome.NOT_SOLVED


def void(_: str) -> Outcome:
    return Outcome.VOID_PROVIDER


def at_limit(_: str) -> Outcome:
    return Outcome.LIMIT


def half(item: str) -> Outcome:
    return Outcome.SOLVED if int(item, 16) % 2 else Outcome.NOT_SOLVED


@pytest.mark.parametrize(
    "outcome, answer, reason",
    [
        (solved, Answer.ABOVE, Reason.NONE),
        (failed, Answer.BELOW, Reason.NONE),
        (half, Answer.INCONCLUSIVE, Reason.HORIZON),
        (void, Answer.INCONCLUSIVE, Reason.VOID),
        (at_limit, Answer.INCONCLUSIVE, Reason.LIMITS),
    ],
)
def test_a_campaign_says_what_its_outcomes_say(
    outcome: Callable[[str], Outcome], answer: Answer, reason: Reason
) -> None:
    story = told(outcome)
    estimate = story.ledger.course.the(Estimate)
    assert (estimate.outcome, estimate.reason) == (answer, reason)
    assert not estimate.escalate
    draft = story.ledger.course.the(AssessmentDraft)
    assert draft.says[0].startswith(answer)
    assert float(estimate.horizon.low) <= float(estimate.horizon.estimate) <= float(estimate.horizon.high)
    assert "None" not in " ".join((*draft.says, *draft.does_not_say))
    assert not story.ledger.next_step()


def test_an_answer_above_leaves_the_horizon_open_at_the_top_and_one_below_does_not() -> None:
    above, below = (told(outcome).ledger.course.the(Estimate).horizon for outcome in (solved, failed))
    assert (above.bounded, below.bounded) == (False, True)
    assert float(above.estimate) > 2 > float(below.estimate)


def test_a_bundle_comes_out_the_same_again(tmp_path: Path) -> None:
    again = replayed(told(solved).bundle(tmp_path))
    assert (again.outcome, again.reason, again.same) == ("ABOVE", None, True)
    assert {part.part for part in again.parts} >= {"order", "scores", "bounds", "outcome", "horizon", "cross-check"}


def test_the_newest_campaign_of_a_subject_is_the_one_that_is_computed(tmp_path: Path) -> None:
    first = told(failed)
    second = told(solved, first.store)
    assert replayed(second.bundle(tmp_path)).outcome == "ABOVE"
    (earlier,) = second.ledger.course.the(AssessmentDraft).earlier
    assert (earlier.number, earlier.state, earlier.outcome) == (1, PlanState.FINISHED, "BELOW")


def test_what_comes_out_otherwise_is_named(tmp_path: Path) -> None:
    folder = told(solved).bundle(tmp_path)
    path = folder / "table.json"
    table = json.loads(path.read_text())
    table["rows"][0]["b"] = "0.9"
    path.write_bytes(canonical(table) + b"\n")
    again = replayed(folder)
    assert not again.same
    other = {part.part: part for part in again.parts if not part.same}
    assert "table" in other
    assert other["table"].recorded != other["table"].computed


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("records.jsonl", b"{}\n", "cannot be computed again"),
        ("records.jsonl", b"", "holds no campaign"),
        ("criteria.json", b"{}", "These are no criteria"),
        ("characteristics.json", b"{}", "These are no characteristics"),
    ],
)
def test_a_bundle_that_cannot_be_read_is_said_to_be(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    folder = told(failed).bundle(tmp_path)
    (folder / name).write_bytes(content)
    with pytest.raises(Exception, match=said):
        replayed(folder)


def test_a_body_that_was_exchanged_is_refused(tmp_path: Path) -> None:
    folder = told(failed).bundle(tmp_path)
    lines = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
    lines[0]["salt"] = "00" * 32
    (folder / "records.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(ReplayError, match="not the one that it commits to"):
        replayed(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = told(failed).bundle(tmp_path)
    (folder / "table.json").unlink()
    with pytest.raises(ReplayError, match=r"table\.json"):
        replayed(folder)
