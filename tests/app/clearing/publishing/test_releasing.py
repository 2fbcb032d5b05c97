"""Standing releases: two releasers sign one, in one home or in two, and nothing less lets anything out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.clearing.publications import PUBLISHER, Clock, drafted, house_in, release, staff
from trialplate.app.clearing.files import FileError
from trialplate.app.clearing.house import HOUSE_SUBJECT, ClearingError, House
from trialplate.app.clearing.publishing import releasing
from trialplate.app.clearing.publishing.releasing import ReleaseError
from trialplate.app.clearing.roles import Role, RoleError, appoint
from trialplate.clearinghouse.publishing.publish import FIELDS
from trialplate.records import UpkeepError
from trialplate.records.project import Publisher, StandingRelease
from trialplate.trust import public_uri


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with house_in(tmp_path / "home", clock) as opened:
        staff(opened)
        yield opened


def test_a_release_holds_once_two_have_signed_it(house: House, tmp_path: Path) -> None:
    path = tmp_path / "release.json"
    first = drafted(house, path)
    assert (first.recorded, first.lacking) == ("", "grace has not signed it.")
    assert house.history(HOUSE_SUBJECT).last(StandingRelease) is None
    second = releasing.sign(house, "grace", path)
    (standing,) = releasing.standing(house)
    assert second.recorded == standing.record
    assert standing.lapsed == ""
    assert standing.release.signers == ("ada", "grace")
    assert standing.release.ends_at == "2027-03-07T10:00:00Z"
    assert standing.release.fields == FIELDS


def test_what_was_recorded_can_be_signed_and_recorded_again_to_no_effect(house: House, tmp_path: Path) -> None:
    path = tmp_path / "release.json"
    release(house, path)
    before = house.history(HOUSE_SUBJECT)
    assert releasing.record(house, path).recorded
    assert releasing.sign(house, "ada", path).recorded
    assert releasing.shown(house, path).recorded
    assert house.history(HOUSE_SUBJECT) == before
    assert len(json.loads(path.read_text())["envelope"]["signatures"]) == 2


def test_the_other_releaser_may_have_a_home_of_its_own(house: House, tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "release.json"
    with house_in(tmp_path / "other", clock) as other:
        appoint(house, "cora", "emmy", Role.RELEASER, key=public_uri(other.signer("emmy")))
        releasing.new(house, "ada", path, other="emmy", publisher=PUBLISHER, fields=FIELDS, days=30)
        there = releasing.sign(other, "emmy", path)
        assert (there.recorded, there.lacking) == ("", "ada is no releaser.")
        with pytest.raises(ReleaseError, match="ada is no releaser"):
            releasing.record(other, path)
        assert releasing.standing(other) == ()
    assert releasing.record(house, path).recorded
    assert [each.lapsed for each in releasing.standing(house)] == [""]


def test_a_name_alone_signs_nothing(house: House, tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "release.json"
    drafted(house, path)
    with house_in(tmp_path / "other", clock) as other:
        releasing.sign(other, "grace", path)
    with pytest.raises(ReleaseError, match="grace has not signed it"):
        releasing.record(house, path)


def test_who_is_not_named_cannot_sign(house: House, tmp_path: Path) -> None:
    drafted(house, tmp_path / "release.json")
    with pytest.raises(ReleaseError, match="signed by ada and grace"):
        releasing.sign(house, "cora", tmp_path / "release.json")


def test_only_a_releaser_drafts_one(house: House, tmp_path: Path) -> None:
    with pytest.raises(RoleError, match="no releaser"):
        drafted(house, tmp_path / "release.json", party="cora")
    assert not (tmp_path / "release.json").exists()


@pytest.mark.parametrize(
    "asked, reason",
    [
        (("ada", PUBLISHER, FIELDS), "takes two"),
        (("grace", PUBLISHER, ("proof",)), "No advisory has a field 'proof'"),
        (("grace", Publisher(name="x", namespace="example"), FIELDS), "'example' is no web address"),
    ],
)
def test_what_could_let_nothing_out_is_not_drafted(
    house: House, tmp_path: Path, asked: tuple[str, Publisher, tuple[str, ...]], reason: str
) -> None:
    other, publisher, fields = asked
    with pytest.raises(ReleaseError, match=reason):
        releasing.new(house, "ada", tmp_path / "r", other=other, publisher=publisher, fields=fields, days=1)
    assert not (tmp_path / "r").exists()


def test_no_file_is_overwritten_by_a_draft(house: House, tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text("mine")
    with pytest.raises(ReleaseError, match="there already"):
        drafted(house, tmp_path / "release.json")
    assert (tmp_path / "release.json").read_text() == "mine"


def test_a_release_that_ended_is_not_recorded(house: House, tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "release.json"
    drafted(house, path, days=1)
    clock.go(days=1)
    assert releasing.sign(house, "grace", path).lacking == "It ended at 2026-12-08T10:00:00Z."
    with pytest.raises(ReleaseError, match="ended"):
        releasing.record(house, path)


def test_of_two_drafts_at_once_one_is_recorded(house: House, tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    drafted(house, one)
    drafted(house, two)
    releasing.sign(house, "grace", one)
    with pytest.raises(ClearingError, match="moved on"):
        releasing.sign(house, "grace", two)
    assert len(releasing.standing(house)) == 1


def test_one_releaser_ends_it(house: House, tmp_path: Path) -> None:
    record = release(house, tmp_path / "release.json").recorded
    with pytest.raises(RoleError):
        releasing.end(house, "cora", record[:8], "x")
    with pytest.raises(ReleaseError, match="0 standing releases"):
        releasing.end(house, "ada", "0" * 64, "x")
    with pytest.raises(UpkeepError):
        releasing.end(house, "ada", record, " ")
    assert releasing.end(house, "grace", record[:8].upper(), "It named too much.") == record
    assert releasing.standing(house) == ()


def test_it_lapses_by_time_and_with_its_signers(house: House, tmp_path: Path, clock: Clock) -> None:
    release(house, tmp_path / "release.json", days=2)
    clock.go(days=2)
    assert [each.lapsed for each in releasing.standing(house)] == ["It ended at 2026-12-09T10:00:00Z."]


def _body(found: dict[str, Any]) -> None:
    found["release"]["fields"] = ["id"]


def _salt(found: dict[str, Any]) -> None:
    found["salt"] = "0" * 64


def _payload(found: dict[str, Any]) -> None:
    found["envelope"]["payload"] = "%%%"


def _type(found: dict[str, Any]) -> None:
    found["envelope"]["payloadType"] = "text/plain"


def _more(found: dict[str, Any]) -> None:
    found["more"] = 1


@pytest.mark.parametrize("change", [_body, _salt, _payload, _type, _more])
def test_a_file_that_was_changed_is_refused(
    house: House, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    path = tmp_path / "release.json"
    drafted(house, path)
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found))
    for act in (
        lambda: releasing.sign(house, "grace", path),
        lambda: releasing.record(house, path),
        lambda: releasing.shown(house, path),
    ):
        with pytest.raises(ReleaseError):
            act()


@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 9999, b"{}", b"null"])
def test_what_is_no_release_is_refused(house: House, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ReleaseError, match="no standing release"):
        releasing.shown(house, tmp_path / "x")
    with pytest.raises(FileError):
        releasing.shown(house, tmp_path / "nothing")
