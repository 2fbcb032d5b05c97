"""Advisories of a house: let out, read by anybody, exported, revised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.clearing.publications import Clock, fixed_case, house_in, publish, release, staff, told
from tests.records.clearing import ADVISORY, REPORT
from trialplate.app.clearing.house import ClearingError, House
from trialplate.app.clearing.publishing import advisories
from trialplate.app.clearing.publishing.advisories import ExportError, NoAdvisoryError, NotReleasedError, advisory_body
from trialplate.app.clearing.roles import RoleError
from trialplate.clearinghouse.publishing.publish import FIELDS
from trialplate.flows.remediation import CLAIM, REMEDIATION
from trialplate.formats.csaf import check
from trialplate.records import UpkeepError


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with house_in(tmp_path / "home", clock) as opened:
        staff(opened)
        yield opened


@pytest.fixture
def released(house: House, tmp_path: Path) -> House:
    release(house, tmp_path / "release.json")
    return house


class TestBody:
    def test_without_a_standing_release_nothing_is_let_out(self, house: House) -> None:
        with pytest.raises(NotReleasedError, match=r"No standing release lets.*release new"):
            publish(house, fixed_case(house))

    def test_with_one_everybody_who_found_it_is_thanked(self, released: House) -> None:
        made = publish(released, fixed_case(released, duplicates=("finder-two",)))
        assert [each.name for each in made.credits] == ["finder-one", "finder-two", "maintainer-one"]
        assert made.affected[0].name == "cards"
        assert made.publisher == "Example Clearinghouse"

    def test_a_case_that_nobody_made_a_case_has_no_project(self, released: House) -> None:
        case = fixed_case(released)
        history = released.history(case)
        bare = type(history)(
            tuple(said for said in history.standing if said.body.__class__.__name__ != "Case"), history.records
        )
        assert advisory_body(released, bare).affected[0].purl == "pkg:generic/cards"

    def test_one_that_ended_says_so(self, released: House, clock: Clock) -> None:
        clock.go(days=90)
        with pytest.raises(NotReleasedError, match="ended at 2027-03-07"):
            publish(released, fixed_case(released))

    def test_one_that_names_too_little_says_what(self, house: House, tmp_path: Path) -> None:
        release(house, tmp_path / "few.json", fields=("id", "title"))
        with pytest.raises(NotReleasedError, match="does not name `summary`"):
            publish(house, fixed_case(house))

    def test_an_older_one_lets_out_what_the_newest_does_not(self, released: House, tmp_path: Path) -> None:
        release(released, tmp_path / "few.json", fields=("id", "title"))
        assert publish(released, fixed_case(released)).summary

    def test_what_it_does_not_name_stays(self, house: House, tmp_path: Path) -> None:
        release(house, tmp_path / "few.json", fields=tuple(name for name in FIELDS if name != "aliases"))
        assert publish(house, fixed_case(house)).aliases == ()


class TestReading:
    def test_anybody_reads_what_is_public_and_nothing_else(self, released: House) -> None:
        open_case = fixed_case(released)
        assert advisories.listed(released) == ()
        made = publish(released, fixed_case(released))
        (row,) = advisories.listed(released)
        assert (row.id, row.title, row.revision) == (made.id, made.title, 1)
        assert row.affected == ("pkg:generic/cards",)
        with pytest.raises(NoAdvisoryError):
            advisories.show(released, f"TRIALPLATE-2026-{open_case[:8]}")

    def test_a_list_has_every_page(self, released: House) -> None:
        for _ in range(3):
            publish(released, fixed_case(released))
        ids = [row.id for row in advisories.listed(released)]
        assert len(ids) == 3
        assert ids == sorted(ids)

    def test_other_public_subjects_are_no_advisories(self, released: House) -> None:
        told(released, released.new_subject(), ("case.advisory", ADVISORY), flow=CLAIM)
        assert advisories.listed(released) == ()

    def test_an_id_is_read_in_either_form_and_case(self, released: House) -> None:
        made = publish(released, fixed_case(released))
        for text in (made.id, made.id.lower(), f"x_{made.id}"):
            assert advisories.show(released, text) == made

    @pytest.mark.parametrize("text", ["", "x", "TRIALPLATE-2026-00000000", "TRIALPLATE-2026-0000000g"])
    def test_what_is_not_there_is_not_found(self, released: House, text: str) -> None:
        with pytest.raises(NoAdvisoryError, match="is public"):
            advisories.show(released, text)

    def test_the_year_of_an_id_counts(self, released: House) -> None:
        made = publish(released, fixed_case(released))
        with pytest.raises(NoAdvisoryError):
            advisories.show(released, made.id.replace("2026", "2025"))

    def test_it_is_written_in_every_form(self, released: House) -> None:
        made = publish(released, fixed_case(released))
        text, osv, csaf = (advisories.written(made, form) for form in advisories.FORMS)
        assert made.title.encode() in text
        assert json.loads(osv)["id"] == f"x_{made.id}"
        assert check(csaf).valid


class TestRevising:
    def test_a_coordinator_has_the_next_revision_written(self, released: House, clock: Clock) -> None:
        case = fixed_case(released)
        first = publish(released, case)
        clock.go(days=1)
        advisories.revise(released, "cora", first.id, "The fixed version was wrong.")
        # Until the next one is there, the public has the last.
        assert advisories.show(released, first.id) == first
        (due,) = [due for due in released.due(REMEDIATION, released.history(case)) if due.step == "case.advisory"]
        assert due.slot.ordinal == 2
        with pytest.raises(ClearingError, match="being revised"):
            advisories.revise(released, "cora", first.id, "Again.")
        second = publish(released, case)
        assert second.revisions[-1].summary == "The fixed version was wrong."
        assert advisories.show(released, first.id) == second
        assert [row.revision for row in advisories.listed(released)] == [2]

    def test_nobody_else_does(self, released: House) -> None:
        made = publish(released, fixed_case(released))
        with pytest.raises(RoleError):
            advisories.revise(released, "ada", made.id, "x")
        with pytest.raises(UpkeepError):
            advisories.revise(released, "cora", made.id, "")
        with pytest.raises(NoAdvisoryError):
            advisories.revise(released, "cora", "TRIALPLATE-2026-00000000", "x")


class TestExport:
    def test_a_folder_has_both_formats_with_hashes_and_indexes(self, released: House, tmp_path: Path) -> None:
        made = publish(released, fixed_case(released))
        target = tmp_path / "out" / "advisories"
        index = advisories.export(released, target)
        name = f"{made.id.lower()}.json"
        files = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
        documents = {f"osv/x_{made.id}.json", f"csaf/2026/{name}"}
        sums = {f"{path}.sha256" for path in documents}
        assert files == documents | sums | {"csaf/index.txt", "csaf/changes.csv", "index.json"}
        for path in documents:
            digest = hashlib.sha256((target / path).read_bytes()).hexdigest()
            assert (target / f"{path}.sha256").read_text() == f"{digest}  {path.rpartition('/')[2]}\n"
        assert check((target / "csaf" / "2026" / name).read_bytes()).valid
        assert (target / "csaf/index.txt").read_text() == f"2026/{name}\n"
        assert (target / "csaf/changes.csv").read_text() == f'"2026/{name}","{made.published_at}"\n'
        assert json.loads((target / "index.json").read_text())["advisories"][0]["osv"] == index.advisories[0].osv
        assert REPORT.description not in "".join(path.read_text() for path in target.rglob("*") if path.is_file())

    def test_an_earlier_export_goes_as_a_whole(self, released: House, tmp_path: Path) -> None:
        target = tmp_path / "advisories"
        assert advisories.export(released, target).advisories == ()
        (target / "osv").mkdir()
        (target / "osv" / "left.json").write_text("{}")
        publish(released, fixed_case(released))
        assert len(advisories.export(released, target).advisories) == 1
        assert not (target / "osv" / "left.json").exists()
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

    def test_an_empty_folder_may_be_there(self, released: House, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        advisories.export(released, tmp_path / "empty")
        assert (tmp_path / "empty" / "index.json").is_file()

    @pytest.mark.parametrize("name", ["mine.txt", "index.json"])
    def test_what_somebody_else_put_there_stays(self, released: House, tmp_path: Path, name: str) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / name).write_text("{}")
        with pytest.raises(ExportError, match="something else"):
            advisories.export(released, tmp_path / "mine")
        assert (tmp_path / "mine" / name).read_text() == "{}"

    def test_a_file_is_no_folder(self, released: House, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(ExportError):
            advisories.export(released, tmp_path / "file")
