"""What a finder learns of its own report: where it stands, in words, and nothing that another's report could change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from tests.formats.intake.making import report, weakness
from tests.records.clearing import ADVISORY, BODIES
from trialplate.app.clearing.finders.reporting import Sent, listed, shown, status, submit
from trialplate.app.clearing.house import HOUSE, Act, House, opened_house
from trialplate.app.settings import Settings
from trialplate.clearinghouse.finders.intake import NoReportError
from trialplate.clearinghouse.history import COORDINATION
from trialplate.flows.remediation import REMEDIATION
from trialplate.records import PUBLIC, Correction, Label, SubjectId
from trialplate.records.finding import DuplicateOf

NOW = "2026-12-07T00:00:00Z"
ONE = report(weakness())
"""One finding."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened_house(Settings(home=tmp_path / "home")) as opened:
        yield opened


def tell(house: House, subject: str, *steps: str, of: str = "", label: Label = COORDINATION) -> None:
    """Let the house take the steps of a report, each with some body of its kind."""
    for step in steps:
        body = BODIES[f"{step}/1"]
        if isinstance(body, DuplicateOf):
            body = replace(body, of=of)
        name = "finding.unmatched" if isinstance(body, DuplicateOf) else _STEPS.get(step, step)
        known = SubjectId(subject)
        house.tell(HOUSE, known, REMEDIATION, house.history(known), Act(body=body, step=name, label=label))


_STEPS = {
    "finding.held": "finding.screened",
    "finding.declined": "finding.screened",
    "finding.lapsed": "finding.released",
    "finding.not_reproduced": "finding.reproduced",
}
"""The steps of answers that lead elsewhere."""


def answers(house: House, party: str) -> bytes:
    """Return every answer that a party can get about its reports, in bytes."""
    rows = listed(house, party)
    said: list[object] = [
        rows,
        [(status(house, party, each.report), shown(house, party, each.report)) for each in rows],
    ]
    for name in ("0" * 32, "ffff"):
        with pytest.raises(NoReportError) as error:
            status(house, party, name)
        said.append(str(error.value))
    return msgspec.json.encode(said)


class TestStatus:
    @pytest.mark.parametrize(
        "steps, state",
        [
            ((), "received"),
            (("finding.screened",), "received"),
            (("finding.held",), "received"),
            (("finding.held", "finding.released"), "received"),
            (("finding.held", "finding.lapsed"), "lapsed"),
            (("finding.declined",), "declined"),
            (("finding.screened", "finding.not_reproduced"), "flaky"),
            (("finding.screened", "finding.reproduced"), "reproduced"),
            (("finding.screened", "finding.reproduced", "finding.unmatched", "case.case"), "reproduced"),
        ],
    )
    def test_a_finder_learns_in_words_where_it_stands(self, steps: tuple[str, ...], state: str, house: House) -> None:
        (taken,) = submit(house, "mill", Sent(document=ONE)).taken
        tell(house, taken.report, *steps)
        told = status(house, "mill", taken.report).told
        assert told.state == state
        assert told.meaning.endswith(".")

    def test_a_correction_takes_an_answer_back(self, house: House) -> None:
        (taken,) = submit(house, "mill", Sent(document=ONE)).taken
        tell(house, taken.report, "finding.screened", "finding.not_reproduced")
        subject = SubjectId(taken.report)
        history = house.history(subject)
        undo = Correction(of=history.records[-1].id, reason="The recipe was wrong.")
        house.tell(HOUSE, subject, REMEDIATION, history, Act(body=undo, step="upkeep.correction"))
        assert status(house, "mill", taken.report).told.state == "received"

    def test_a_sealed_case_of_another_changes_no_answer(self, house: House, tmp_path: Path) -> None:
        """Noninterference: the same keys, the same clock, and the other finder's report there or not."""
        worlds: list[bytes] = []
        for party in ("mill", "quarry", "index"):
            house.signer(party)
        for name, other in (("with", True), ("without", False)):
            shutil.copytree(tmp_path / "home" / "keys", tmp_path / name / "keys")
            with opened_house(Settings(home=tmp_path / name), lambda: NOW) as world:
                theirs = ""
                if other:
                    theirs = submit(world, "quarry", Sent(document=ONE)).taken[0].report
                    tell(world, theirs, "finding.screened", "finding.reproduced", "finding.unmatched", "case.case")
                (mine,) = submit(world, "mill", Sent(document=ONE)).taken
                tell(world, mine.report, "finding.screened", "finding.reproduced")
                if other:
                    tell(world, mine.report, "finding.duplicate_of", of=theirs)
                else:
                    tell(world, mine.report, "finding.unmatched", "case.case", "case.priority")
                worlds.append(answers(world, "mill"))
        assert worlds[0] == worlds[1]

    def test_what_is_public_is_told_to_all_finders_of_it(self, house: House) -> None:
        (first,), (mine,), (merged,) = (
            submit(house, party, Sent(document=ONE)).taken for party in ("quarry", "mill", "pit")
        )
        for each in (first, mine, merged):
            tell(house, each.report, "finding.screened", "finding.reproduced")
        tell(house, first.report, "finding.unmatched", "case.case")
        tell(house, mine.report, "finding.duplicate_of", of=first.report)
        # Merged into a report that was merged itself.
        tell(house, merged.report, "finding.duplicate_of", of=mine.report)
        tell(house, first.report, "case.advisory", label=PUBLIC)
        for party, taken in (("quarry", first), ("mill", mine), ("pit", merged)):
            told = status(house, party, taken.report).told
            assert (told.state, told.since) == ("published", ADVISORY.published_at)
            assert ADVISORY.id in told.meaning

    def test_an_advisory_that_is_not_public_is_not_told(self, house: House) -> None:
        (taken,) = submit(house, "mill", Sent(document=ONE)).taken
        tell(house, taken.report, "finding.screened", "finding.reproduced", "finding.unmatched", "case.case")
        tell(house, taken.report, "case.advisory")
        assert status(house, "mill", taken.report).told.state == "reproduced"

    def test_reports_that_are_merged_into_each_other_still_have_an_answer(self, house: House) -> None:
        (first,), (mine,) = (submit(house, party, Sent(document=ONE)).taken for party in ("quarry", "mill"))
        for each, other in ((first, mine), (mine, first)):
            tell(house, each.report, "finding.screened", "finding.reproduced")
            tell(house, each.report, "finding.duplicate_of", of=other.report)
        assert status(house, "mill", mine.report).told.state == "reproduced"
