"""Claims in a house: what a finder is told, counted, and may see; and who comes first of many at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.records.clearing import REPORT
from trialplate.app.clearing.files import FileError
from trialplate.app.clearing.finders import claiming
from trialplate.app.clearing.finders.claiming import Asked, Opened
from trialplate.app.clearing.house import HOUSE_SUBJECT, Act, ClearingError, House
from trialplate.app.clearing.roles import RoleError
from trialplate.app.clearing.turns import turn
from trialplate.app.keyring import Keyring, PartyError
from trialplate.clearinghouse.finders.claims import BeyondTerms, HeldUntil, OpeningError, Terms, read_opening
from trialplate.clearinghouse.finders.targets import TargetError
from trialplate.clearinghouse.history import History
from trialplate.clearinghouse.vault import Vault
from trialplate.flows.remediation import HOUSE, PROJECT, REMEDIATION
from trialplate.records import CanonicalError, SubjectId, later
from trialplate.records.claim import ClaimTarget, ScanClaim
from trialplate.records.finding import Declined
from trialplate.records.project import Appointed, Busy, Calendar, Policy, StopOrder
from trialplate.store import SqliteStore
from trialplate.trust import public_uri

START = "2026-08-01T00:00:00Z"
DAY = 86_400
PURL = "pkg:generic/tiny"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> str:
        return self.now

    def go(self, days: int) -> None:
        self.now = later(self.now, days * DAY)


@contextmanager
def house_in(folder: Path, clock: Clock) -> Iterator[House]:
    (folder / "keys").mkdir(exist_ok=True, mode=0o700)
    with closing(SqliteStore(folder / "store.db")) as store:
        yield House(store, Keyring(folder / "keys"), Vault(folder / "vault", folder / "keys" / "vault.key"), clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with house_in(tmp_path, clock) as opened:
        yield opened


def asked(component: str = "", *, days: int = 10, purl: str = PURL, commitments: tuple[str, ...] = ()) -> Asked:
    target = ClaimTarget(purl=purl, component=component)
    return Asked(target=target, method="fuzzing", contact="ada@finder.example", days=days, commitments=commitments)


def opened(house: House, party: str, wish: Asked) -> Opened:
    answer = claiming.open_claim(house, party, wish)
    assert isinstance(answer, Opened)
    return answer


def own_project(house: House, *acts: Act) -> SubjectId:
    subject = house.new_subject()
    policy = Policy(name="tiny", maintainer="mill", key=public_uri(house.signer("mill")), contact="mill", purls=(PURL,))
    house.tell("mill", subject, PROJECT, History((), ()), Act(body=policy, step="project.policy"), *acts)
    return subject


class TestOpening:
    def test_a_claim_is_a_signed_record_on_a_subject_of_its_own(self, house: House) -> None:
        answer = opened(house, "ada", asked("src/", commitments=("ab" * 32,)))
        assert answer == Opened(claim=answer.claim, ends_at=later(START, 10 * DAY), pauses=())
        said = house.history(answer.claim).record(ScanClaim)
        assert said
        assert said.author == "ada"
        assert said.body == ScanClaim(
            target=ClaimTarget(purl=PURL, component="src"),
            method="fuzzing",
            contact="ada@finder.example",
            commitments=("ab" * 32,),
            ends_at=answer.ends_at,
        )
        assert house.due("claim", house.history(answer.claim))[0].deadline_at == answer.ends_at

    def test_another_is_told_until_when_and_nothing_is_written(self, house: House, clock: Clock) -> None:
        first = opened(house, "ada", asked())
        assert claiming.open_claim(house, "bo", asked("src")) == HeldUntil(first.ends_at)
        assert claiming.listed(house, "bo") == ()
        clock.go(10)
        opened(house, "bo", asked("src"))

    def test_other_packages_and_parts_are_free(self, house: House) -> None:
        opened(house, "ada", asked("src"))
        opened(house, "bo", asked("docs"))
        opened(house, "bo", asked(purl="pkg:generic/other"))

    @pytest.mark.parametrize(
        "wish, failure",
        [
            (msgspec.structs.replace(asked(), target=ClaimTarget()), TargetError),
            (asked(commitments=("zz",)), CanonicalError),
            (msgspec.structs.replace(asked(), method="x" * 3000), CanonicalError),
        ],
    )
    def test_what_cannot_be_a_claim_fails_and_counts_for_nothing(
        self, wish: Asked, failure: type[Exception], house: House
    ) -> None:
        with pytest.raises(failure):
            claiming.open_claim(house, "ada", wish, Terms(most_refusals=1))
        assert isinstance(claiming.open_claim(house, "ada", asked(), Terms(most_refusals=1)), Opened)

    def test_a_party_without_a_proper_name_is_refused(self, house: House) -> None:
        with pytest.raises(PartyError):
            claiming.open_claim(house, "../ada", asked())

    def test_more_than_the_terms_allow_is_told_as_such(self, house: House) -> None:
        terms = Terms(most_standing=1)
        assert isinstance(claiming.open_claim(house, "ada", asked(days=91), terms), BeyondTerms)
        first = claiming.open_claim(house, "ada", asked(), terms)
        assert isinstance(first, Opened)
        other = asked(purl="pkg:generic/other")
        assert isinstance(claiming.open_claim(house, "ada", other, terms), BeyondTerms)
        claiming.release(house, "ada", first.claim, "Done.")
        assert isinstance(claiming.open_claim(house, "ada", other, terms), Opened)

    def test_guessing_is_limited_and_the_limit_passes(self, house: House, clock: Clock) -> None:
        held = opened(house, "ada", asked(days=30))
        terms = Terms(most_refusals=3)
        for _ in range(3):
            # What is granted is counted for nothing.
            free = claiming.open_claim(house, "bo", asked(purl="pkg:generic/other"), terms)
            assert isinstance(free, Opened)
            claiming.release(house, "bo", free.claim, "Done.")
            assert claiming.open_claim(house, "bo", asked(), terms) == HeldUntil(held.ends_at)
        for wish in (asked(), asked(purl="pkg:generic/free")):
            answer = claiming.open_claim(house, "bo", wish, terms)
            assert isinstance(answer, BeyondTerms)
            assert answer.reason.endswith("ask again at 2026-08-02T00:00:00Z.")
        assert claiming.open_claim(house, "cy", asked(), terms) == HeldUntil(held.ends_at)
        clock.go(1)
        assert claiming.open_claim(house, "bo", asked(), terms) == HeldUntil(held.ends_at)


class TestOwners:
    def test_a_stop_order_is_told_as_a_claim_is(self, house: House, clock: Clock) -> None:
        end = later(START, 5 * DAY)
        own_project(house, Act(body=StopOrder(reason="Release.", ends_at=end), step="project.stop"))
        assert claiming.open_claim(house, "ada", asked()) == HeldUntil(end)
        clock.go(5)
        opened(house, "ada", asked())

    def test_a_busy_time_to_come_is_a_pause_and_shown_when_it_comes(self, house: House, clock: Clock) -> None:
        coming = Busy(begins_at=later(START, DAY), ends_at=later(START, 2 * DAY), reason="Release.")
        own_project(house, Act(body=Calendar((coming,)), step="project.calendar"))
        answer = opened(house, "ada", asked())
        assert answer.pauses == (coming,)
        assert claiming.shown(house, "ada", answer.claim).paused_until == ""
        clock.go(1)
        assert claiming.shown(house, "ada", answer.claim).paused_until == coming.ends_at


class TestLooking:
    def test_a_finder_sees_its_own_newest_first(self, house: House, clock: Clock) -> None:
        first = opened(house, "ada", asked("src", days=3))
        opened(house, "bo", asked(purl="pkg:generic/other"))
        clock.go(1)
        second = opened(house, "ada", asked("docs"))
        clock.go(2)
        assert [(each.claim, each.state) for each in claiming.listed(house, "ada")] == [
            (second.claim, "stands"),
            (first.claim, "over"),
        ]

    def test_a_finders_reports_are_no_claims(self, house: House) -> None:
        declined = Act(body=Declined(project="ab" * 16, reason="No."), step="finding.screened")
        sent = Act(body=msgspec.structs.replace(REPORT, finder="ada"), step="finding.report")
        house.tell("ada", house.new_subject(), REMEDIATION, History((), ()), sent, declined)
        claim = opened(house, "ada", asked()).claim
        assert [each.claim for each in claiming.listed(house, "ada")] == [claim]

    def test_a_claim_of_anothers_is_answered_like_none(self, house: House) -> None:
        mine = opened(house, "ada", asked())
        answers: list[str] = []
        for asker, claim in (("bo", mine.claim), ("bo", "0" * 32), ("bo", "")):
            with pytest.raises(ClearingError) as refused:
                claiming.shown(house, asker, claim)
            answers.append(str(refused.value).replace(repr(claim), "X"))
        assert len(set(answers)) == 1

    def test_a_prefix_must_name_one(self, house: House) -> None:
        claims = [opened(house, "ada", asked(purl=f"pkg:generic/n{number}")).claim for number in range(18)]
        first = next(a for n, a in enumerate(claims) if any(a[0] == b[0] for b in claims[n + 1 :]))
        with pytest.raises(ClearingError, match="Several claims of yours"):
            claiming.shown(house, "ada", first[0])
        assert claiming.shown(house, "ada", first[:20].upper()).claim == first

    def test_all_claims_are_a_coordinators_to_see(self, house: House) -> None:
        one, two = opened(house, "ada", asked()), opened(house, "bo", asked(purl="pkg:generic/other"))
        with pytest.raises(RoleError):
            claiming.every(house, "ada")
        cora = Appointed(party="cora", key=public_uri(house.signer("cora")), role="coordinator")
        act = Act(body=cora, step="upkeep.appointed")
        house.tell("cora", HOUSE_SUBJECT, HOUSE, History((), ()), act)
        assert {each.claim for each in claiming.every(house, "cora")} == {one.claim, two.claim}
        assert {each.finder for each in claiming.every(house, "cora")} == {"ada", "bo"}


class TestRelease:
    def test_what_is_released_is_free_at_once(self, house: House) -> None:
        claim = opened(house, "ada", asked()).claim
        shown = claiming.release(house, "ada", claim, "Done.")
        assert (shown.state, shown.ends_at) == ("released", START)
        opened(house, "bo", asked())
        with pytest.raises(ClearingError, match="over already"):
            claiming.release(house, "ada", claim, "Again.")

    def test_what_is_over_is_not_released_and_anothers_is_not_found(self, house: House, clock: Clock) -> None:
        claim = opened(house, "ada", asked()).claim
        with pytest.raises(ClearingError, match="You have no claim"):
            claiming.release(house, "bo", claim, "Done.")
        clock.go(10)
        with pytest.raises(ClearingError, match="over already"):
            claiming.release(house, "ada", claim, "Done.")


class TestAtOnce:
    def test_of_many_who_ask_at_once_one_is_granted(self, tmp_path: Path, clock: Clock) -> None:
        with house_in(tmp_path, clock) as first:
            first.keyed("made before others look")

        def ask(number: int) -> object:
            with house_in(tmp_path, clock) as own:
                return type(claiming.open_claim(own, f"finder-{number}", asked()))

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(8)))
        assert sorted(answers, key=str) == sorted([Opened, *[HeldUntil] * 7], key=str)

    def test_a_turn_that_another_has_is_refused_and_one_given_back_is_free(self, house: House) -> None:
        with (
            turn(house, "claims"),
            pytest.raises(ClearingError, match="at the moment"),
            turn(house, "claims", patience_s=0),
        ):
            pytest.fail("two had it")
        with turn(house, "claims", patience_s=0) as lease:
            assert lease.owner

    def test_the_turn_of_a_process_that_died_is_another_s_and_it_is_fenced(self, house: House, clock: Clock) -> None:
        wish = asked()
        with turn(house, "claims") as late:
            clock.go(1)
            opened(house, "bo", wish)
            scan = ScanClaim(target=wish.target, method="", contact="", ends_at=later(clock.now, DAY))
            with pytest.raises(ClearingError, match="took this over"):
                house.tell(
                    "ada", house.new_subject(), "claim", History((), ()), Act(body=scan, step="claim.scan"), lease=late
                )


class TestCommitments:
    def test_a_file_is_committed_to_and_opened(self, tmp_path: Path) -> None:
        file, other = tmp_path / "report.json", tmp_path / "other.json"
        file.write_text("a finding")
        other.write_text("another")
        (made,) = claiming.commit_files([file])
        opening = Path(made.opening)
        assert opening == tmp_path / "report.json.opening.json"
        assert opening.stat().st_mode & 0o777 == 0o600
        assert json.loads(opening.read_text())["format"] == "trialplate.opening/1"
        assert read_opening(opening.read_bytes()).commitment == made.commitment
        assert claiming.check(opening, file) == made.commitment
        assert claiming.check(opening, other) == ""
        with pytest.raises(OpeningError):
            claiming.check(file, file)

    def test_two_commitments_to_one_text_differ(self, tmp_path: Path) -> None:
        files = [tmp_path / "a", tmp_path / "b"]
        for file in files:
            file.write_text("a finding")
        one, other = claiming.commit_files(files)
        assert one.commitment != other.commitment

    def test_what_opens_a_commitment_is_never_overwritten(self, tmp_path: Path) -> None:
        file = tmp_path / "report.json"
        file.write_text("a finding")
        (made,) = claiming.commit_files([file])
        with pytest.raises(FileError, match="nothing was overwritten"):
            list(claiming.commit_files([file]))
        assert claiming.check(Path(made.opening), file) == made.commitment

    def test_files_that_cannot_be_used_are_told(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match="cannot be read"):
            list(claiming.commit_files([tmp_path / "nothing"]))
        file = tmp_path / ("a" * 250)
        file.write_text("a finding")
        with pytest.raises(FileError, match="cannot be written"):
            list(claiming.commit_files([file]))
        large = tmp_path / "large.opening.json"
        large.write_text(" " * 5000)
        with pytest.raises(FileError, match="more than the 1024 bytes"):
            claiming.check(large, file)
