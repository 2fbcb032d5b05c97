"""Sending reports: sealed first, taken once, taken up again after a kill, and told to nobody but their finders."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from bench.bench_intake import sarif_document
from tests.app.clearing.parties import appointed
from tests.formats.intake.making import report, result, sarif, weakness
from trialplate.app.clearing.finders import claiming, reporting
from trialplate.app.clearing.finders.reporting import BATCH, MOST_KEPT, Sent, listed, shown, status, submit
from trialplate.app.clearing.house import HOUSE, Act, ClearingError, House, opened_house
from trialplate.app.clearing.roles import RoleError
from trialplate.app.keyring import PartyError
from trialplate.app.settings import Settings
from trialplate.clearinghouse.finders.claims import OpeningError
from trialplate.clearinghouse.finders.intake import NoReportError
from trialplate.clearinghouse.triage.recipe import RecipeError
from trialplate.clearinghouse.vault import MOST_BYTES, VaultError
from trialplate.flows.remediation import REMEDIATION
from trialplate.records import Correction, RecordId, SubjectId
from trialplate.records.claim import ClaimTarget
from trialplate.records.finding import Basis, Report
from trialplate.store.faults import Point

ROOT = Path(__file__).parents[4]
NOW = "2026-12-07T00:00:00Z"
ONE = report(weakness(proofs=[{"name": "p", "base64": "QUJD"}]))
"""One finding."""
RECIPE = b'format = "trialplate.recipe/1"\nname = "a"\nlanguage = "c"\nrun = ["./a", "{proof}"]\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    with opened_house(Settings(home=home)) as opened:
        yield opened


def sent(document: bytes, **more: object) -> Sent:
    return Sent(document=document, **more)  # pyright: ignore[reportArgumentType] - each test gives what fits


def bodies(house: House, party: str = "mill") -> dict[str, Report]:
    """Return what stands of a party's reports, by id."""
    found = {each.report: house.history(SubjectId(each.report)).last(Report) for each in listed(house, party)}
    return {name: body for name, body in found.items() if body is not None}


class TestSubmit:
    def test_a_document_is_sealed_and_its_finding_is_reported(self, house: House) -> None:
        receipt = submit(house, "mill", sent(ONE, recipe=RECIPE, source=b"tar", fixed_source=b"tar 2"))
        assert receipt.good
        assert receipt.document == hashlib.sha256(ONE).hexdigest()
        assert house.vault.get(receipt.document) == ONE
        (taken,) = receipt.taken
        (stored,) = house.history(SubjectId(taken.report)).records
        assert (taken.receipt, taken.received_at, taken.again) == (stored.id, stored.received_at, False)
        body = bodies(house)[taken.report]
        assert (body.finder, body.title, body.basis) == ("mill", "It overflows", Basis.RECEIPT)
        files = [each.digest for each in body.proofs] + [body.recipe, body.source, body.fixed_source]
        assert [house.vault.get(each) for each in files] == [b"ABC", RECIPE, b"tar", b"tar 2"]

    def test_the_same_document_changes_nothing_and_another_party_has_its_own(self, house: House) -> None:
        first = submit(house, "mill", sent(ONE))
        again = submit(house, "mill", sent(ONE, recipe=RECIPE))
        assert [each.again for each in again.taken] == [True]
        assert [(each.report, each.receipt, each.received_at) for each in again.taken] == [
            (each.report, each.receipt, each.received_at) for each in first.taken
        ]
        assert bodies(house)[first.taken[0].report].recipe == ""
        other = submit(house, "quarry", sent(ONE))
        assert not other.taken[0].again
        assert other.taken[0].report != first.taken[0].report

    def test_good_results_are_taken_and_bad_ones_are_told(self, house: House) -> None:
        document = sarif(result(), result(kind="pass"), result(ruleId="a"))
        receipt = submit(house, "mill", sent(document, format="sarif"))
        assert receipt.good
        assert [each.index for each in receipt.taken] == [0, 2]
        assert [(each.index, each.why) for each in receipt.refused] == [(1, "no weakness")]

    def test_many_findings_are_told_as_they_are_kept(self, house: House) -> None:
        told: list[tuple[int, int]] = []
        most = BATCH + 3
        document = sarif_document(random.Random(1), most)
        receipt = submit(house, "mill", sent(document), lambda done, every: told.append((done, every)))
        assert told == [(BATCH, most), (most, most)]
        assert len({each.report for each in receipt.taken}) == most
        assert [each.index for each in receipt.taken] == list(range(most))

    def test_results_that_share_long_names_come_to_no_more_than_a_document_may(self, house: House) -> None:
        places = [{"physicalLocation": {"artifactLocation": {"index": 0}}}] * 64
        shared = {"artifacts": [{"location": {"uri": "\u4e00" * 2_000}}]}
        document = sarif(*[result(locations=places)] * 1_000, **shared)
        receipt = submit(house, "mill", sent(document))
        kept = MOST_KEPT // (64 * 3 * 2_000)
        assert kept < len(receipt.taken) <= kept + BATCH < 1_000
        assert {each.why for each in receipt.refused} == {"too long"}
        assert len(receipt.taken) + len(receipt.refused) == 1_000
        assert submit(house, "mill", sent(document)).refused == receipt.refused

    def test_nothing_to_take_is_good(self, house: House) -> None:
        assert submit(house, "mill", sent(sarif())).good
        assert listed(house, "mill") == ()

    @pytest.mark.parametrize(
        "more, error",
        [
            ({"recipe": b"no"}, RecipeError),
            ({"opening": b"no"}, OpeningError),
            ({"source": bytes(MOST_BYTES + 1)}, VaultError),
            ({"claim": "ab" * 16}, ClearingError),
        ],
    )
    def test_what_does_not_fit_beside_it_is_a_failure_and_nothing_is_reported(
        self, more: dict[str, object], error: type[Exception], house: House
    ) -> None:
        with pytest.raises(error):
            submit(house, "mill", sent(ONE, **more))
        assert listed(house, "mill") == ()

    def test_a_party_must_have_a_name(self, house: House) -> None:
        with pytest.raises(PartyError):
            submit(house, "../mill", sent(ONE))

    def test_another_who_takes_in_the_same_at_the_same_time_is_told(self, house: House) -> None:
        class Late(House):
            """A house in which somebody else is faster, once it has looked."""

            def entry(self, *arguments: object) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
                submit(house, "mill", sent(ONE))
                return super().entry(*arguments)  # pyright: ignore[reportArgumentType, reportCallIssue]

        late = Late(house.store, house._keys, house.vault, house.clock)
        with pytest.raises(ClearingError, match="being taken in at this moment"):
            submit(late, "mill", sent(ONE))
        assert len(listed(house, "mill")) == 1


class TestClaims:
    TARGET = ClaimTarget(purl="pkg:pypi/a")

    def claim(self, house: House, party: str, *commitments: str) -> str:
        asked = claiming.Asked(
            target=self.TARGET, method="by hand", contact="m@a.example", days=3, commitments=commitments
        )
        opened = claiming.open_claim(house, party, asked)
        assert isinstance(opened, claiming.Opened)
        return opened.claim

    def test_a_report_rests_on_the_finders_claim(self, house: House) -> None:
        claim = self.claim(house, "mill")
        submit(house, "mill", sent(ONE, claim=claim[:8]))
        (body,) = bodies(house).values()
        assert (body.claim, body.basis) == (claim, Basis.CLAIM)

    def test_a_report_opens_a_commitment_of_the_claim(self, house: House, tmp_path: Path) -> None:
        file = tmp_path / "one.json"
        file.write_bytes(ONE)
        (made,) = claiming.commit_files([file])
        claim = self.claim(house, "mill", made.commitment)
        submit(house, "mill", sent(ONE, claim=claim, opening=Path(made.opening).read_bytes()))
        (body,) = bodies(house).values()
        assert body.basis is Basis.COMMITMENT

    def test_anothers_claim_is_told_as_one_that_is_not_there(self, house: House) -> None:
        claim = self.claim(house, "quarry")
        with pytest.raises(ClearingError) as there:
            submit(house, "mill", sent(ONE, claim=claim))
        with pytest.raises(ClearingError) as nowhere:
            submit(house, "mill", sent(ONE, claim="0" * 32))
        assert str(there.value).replace(claim, "") == str(nowhere.value).replace("0" * 32, "")


class TestRefused:
    @pytest.mark.parametrize(
        "document, more, why",
        [
            (b"<html>", {}, "is no SARIF log"),
            (b"[" * 200_000, {}, "do not match"),
            (b"[" * 200 + b"]" * 200, {}, "deeper than"),
            (b'{"runs": [' + b"0," * 3_000_001 + b"0]}", {}, "more than 3000000 values"),
            (bytes((32 << 20) + 1), {}, "33554433 bytes are more"),
            (ONE, {"format": "sarif"}, "cannot be read"),
            (sarif(result(kind="pass"), result(kind="pass")), {}, "It is of kind 'pass'."),
        ],
        ids=["none", "open", "deep", "values", "size", "format", "results"],
    )
    def test_it_is_kept_and_noted_once_and_coordinators_see_why(
        self, document: bytes, more: dict[str, object], why: str, house: House
    ) -> None:
        appointed(house, "ann")
        first = submit(house, "mill", sent(document, **more))
        assert not first.good
        assert submit(house, "mill", sent(document, **more)) == first
        (noted,) = reporting.refused(house, "ann")
        assert (noted.finder, noted.document) == ("mill", hashlib.sha256(document).hexdigest())
        assert why in noted.problem
        assert house.vault.get(noted.document) == document
        assert listed(house, "mill") == ()

    def test_nobody_else_sees_what_was_refused(self, house: House) -> None:
        appointed(house, "ann")
        for ask in (reporting.refused, reporting.every):
            with pytest.raises(RoleError):
                ask(house, "mill")


class TestAsking:
    def test_one_sees_ones_own_and_a_coordinator_sees_all(self, house: House) -> None:
        appointed(house, "ann")
        (mine,) = submit(house, "mill", sent(ONE)).taken
        (theirs,) = submit(house, "quarry", sent(ONE)).taken
        assert [each.report for each in listed(house, "mill")] == [mine.report]
        every = reporting.every(house, "ann")
        assert {(each.report, each.finder) for each in every} == {(mine.report, "mill"), (theirs.report, "quarry")}

    def test_the_newest_comes_first(self, house: House) -> None:
        now = iter(f"2026-12-07T00:00:{second:02}Z" for second in range(60))
        slow = House(house.store, house._keys, house.vault, lambda: next(now))
        for name in "abc":
            submit(slow, "mill", sent(report(weakness(title=name))))
        assert [each.title for each in listed(slow, "mill")] == ["c", "b", "a"]

    def test_it_is_found_by_how_its_id_begins(self, house: House) -> None:
        (taken,) = submit(house, "mill", sent(ONE)).taken
        row = status(house, "mill", taken.report[:8].upper())
        assert (row.report, row.told.state, row.told.since) == (taken.report, "received", taken.received_at)

    @pytest.mark.parametrize("text", ["", "abc", "zzzz", "%%%%", "0" * 32])
    def test_what_names_none_is_not_found(self, text: str, house: House) -> None:
        submit(house, "mill", sent(ONE))
        with pytest.raises(NoReportError, match="No report of yours"):
            status(house, "mill", text)

    def test_several_that_begin_alike_are_not_told_apart(self, house: House) -> None:
        begun: dict[str, bytes] = {}
        document, start = b"", ""
        for number in count():
            document = report(weakness(title=f"It overflows {number}"))
            (subject,) = reporting._subjects(house, "mill", hashlib.sha256(document).hexdigest(), [0])
            start = subject[:4]
            if start in begun:
                break
            begun[start] = document
        for each in (begun[start], document):
            assert submit(house, "mill", sent(each)).taken[0].report.startswith(start)
        with pytest.raises(NoReportError, match="Several reports of yours"):
            status(house, "mill", start)

    def test_a_report_that_fell_is_in_no_list(self, house: House) -> None:
        appointed(house, "ann")
        (taken,) = submit(house, "mill", sent(ONE)).taken
        subject = SubjectId(taken.report)
        undo = Correction(of=RecordId(taken.receipt), reason="Sent by mistake.")
        house.tell(HOUSE, subject, REMEDIATION, house.history(subject), Act(body=undo, step="upkeep.correction"))
        assert reporting.every(house, "ann") == listed(house, "mill") == ()

    def test_anothers_report_is_told_as_one_that_is_not_there(self, house: House) -> None:
        (taken,) = submit(house, "quarry", sent(ONE)).taken
        said: list[str] = []
        for ask in (status, shown):
            for name in (taken.report, "0" * 32):
                with pytest.raises(NoReportError) as error:
                    ask(house, "mill", name)
                said.append(str(error.value).replace(name, ""))
        assert len(set(said)) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from trialplate.app.clearing.house import opened_house
from trialplate.app.clearing.finders.reporting import Sent, submit
from trialplate.app.settings import Settings
from trialplate.records.project import Appointed
from trialplate.store.faults import Point
from trialplate.trust import public_uri

home, document, point, most = sys.argv[1:]
passed = 0

def fault(reached):
    global passed
    passed += reached.name == point
    if passed == int(most):
        os.kill(os.getpid(), signal.SIGKILL)

with opened_house(Settings(home=Path(home))) as house:
    house.store._fault = fault
    submit(house, "mill", Sent(document=Path(document).read_bytes()))
"""


@pytest.mark.parametrize("point, most", [(Point.RECORDS, 1), (Point.LEAVES, 2), (Point.COMMITTED, 1)])
def test_what_a_kill_cut_short_is_taken_up_by_sending_it_again(
    point: Point, most: int, house: House, home: Path, tmp_path: Path
) -> None:
    findings = BATCH + 5
    document = tmp_path / "document"
    document.write_bytes(sarif_document(random.Random(3), findings))
    command = (sys.executable, "-c", KILLED, str(home), str(document), point.name, str(most))
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    before = {each.report: each.received_at for each in listed(house, "mill")}
    assert len(before) == (most if point is Point.COMMITTED else most - 1) * BATCH
    receipt = submit(house, "mill", sent(document.read_bytes()))
    assert sum(each.again for each in receipt.taken) == len(before)
    found = bodies(house)
    assert sorted(body.index for body in found.values()) == list(range(findings))
    assert {each.report for each in receipt.taken} == found.keys() > before.keys()
    # The rest came with the first of it: its finder loses no place by a kill.
    assert len({body.claimed_at for body in found.values()}) == 1
    assert all(len(house.history(SubjectId(each)).records) == 1 for each in found)
