"""Claims: what is granted, what an asker learns, what a commitment shows, and how a finder is credited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.clearinghouse.finders.claims import (
    TERMS,
    Arrival,
    BeyondTerms,
    Credit,
    Granted,
    HeldUntil,
    Hold,
    Opening,
    OpeningError,
    Owner,
    Terms,
    commit,
    credited,
    finding_digest,
    grant,
    opens,
    read_opening,
    within_terms,
    write_opening,
)
from trialplate.clearinghouse.finders.targets import normalized
from trialplate.records.claim import ClaimTarget
from trialplate.records.finding import Basis, ReportedTarget
from trialplate.records.project import Busy

PURL = "pkg:generic/tiny"
NOW = "2026-08-03T12:00:00Z"


def day(number: int) -> str:
    """Return noon of a day of August 2026; the third is now."""
    return f"2026-08-{number:02d}T12:00:00Z"


def hold(finder: str = "ada", component: str = "", ends: int = 10, *, begins: int = 1, purl: str = PURL) -> Hold:
    target = normalized(ClaimTarget(purl=purl, component=component))
    return Hold(finder=finder, target=target, begins_at=day(begins), ends_at=day(ends))


def busy(begins: int, ends: int) -> Busy:
    return Busy(begins_at=day(begins), ends_at=day(ends), reason="A release is made.")


class TestGrant:
    def test_what_nobody_holds_is_granted(self) -> None:
        others = [hold("bo", purl="pkg:generic/other"), hold("bo", ends=3), hold("bo", "docs")]
        assert grant(hold(component="src"), others, [Owner()], NOW) == Granted()

    def test_a_target_is_held_until_the_last_of_all_that_hold_it_ends(self) -> None:
        standing = [hold("bo", ends=9), hold("cy", "src", ends=20), hold("bo", ends=12)]
        assert grant(hold(), standing, [], NOW) == HeldUntil(day(20))

    def test_ones_own_claim_holds_as_well(self) -> None:
        assert grant(hold("ada"), [hold("ada", ends=9)], [], NOW) == HeldUntil(day(9))

    def test_a_stop_order_and_a_busy_time_hold(self) -> None:
        assert grant(hold(), [], [Owner(stopped_until=day(5))], NOW) == HeldUntil(day(5))
        assert grant(hold(), [], [Owner(stopped_until=day(2))], NOW) == Granted()
        assert grant(hold(), [], [Owner(busy=(busy(3, 5),))], NOW) == HeldUntil(day(5))

    def test_the_moment_is_one_at_which_nothing_holds(self) -> None:
        owner = Owner(busy=(busy(5, 7), busy(7, 8), busy(9, 11)), stopped_until=day(4))
        assert grant(hold(), [hold("bo", ends=6)], [owner], NOW) == HeldUntil(day(8))

    def test_a_busy_time_to_come_is_a_pause(self) -> None:
        coming = busy(5, 7)
        owner = Owner(busy=(busy(1, 2), coming, busy(10, 12)))
        assert grant(hold(ends=10), [], [owner], NOW) == Granted((coming,))

    @given(
        st.lists(st.tuples(st.integers(3, 28), st.integers(0, 9)), max_size=6),
        st.lists(st.tuples(st.integers(1, 27), st.integers(1, 9)), max_size=4),
        st.integers(0, 28),
    )
    def test_what_is_held_is_granted_at_the_moment_that_was_told(
        self, claims: list[tuple[int, int]], times: list[tuple[int, int]], stopped: int
    ) -> None:
        standing = [hold(f"finder-{who}", ends=ends) for ends, who in claims]
        calendar = tuple(busy(begins, min(28, begins + days)) for begins, days in times)
        owners = [Owner(busy=calendar, stopped_until=day(stopped) if stopped else "")]
        match grant(hold(ends=28), standing, owners, NOW):
            case HeldUntil(until=until):
                assert until > NOW
                assert isinstance(grant(hold(ends=28), standing, owners, until), Granted)
            case Granted():
                assert all(each.ends_at <= NOW for each in standing)

    @given(
        st.lists(st.integers(4, 28), min_size=1, max_size=5),
        st.data(),
    )
    def test_an_asker_learns_nothing_of_who_holds_what_part(self, ends: list[int], data: st.DataObject) -> None:
        parts = st.sampled_from(["", "src", "src/a.c", "src/a.c/b"])

        def world(label: str) -> list[Hold]:
            drawn = [
                hold(data.draw(st.sampled_from(["ada", "bo", "cy"])), data.draw(parts, label=label), ends=end)
                for end in ends
            ]
            # Many claims that end earlier are told as few are.
            drawn += [hold("dee", ends=4) for _ in range(data.draw(st.integers(0, 3)))]
            return data.draw(st.permutations(drawn))

        asked = hold("eve", "src/a.c/b", ends=28)
        assert grant(asked, world("one"), [], NOW) == grant(asked, world("other"), [], NOW) == HeldUntil(day(max(ends)))
        # An owner's word is not told apart from a claim.
        assert grant(asked, [], [Owner(stopped_until=day(max(ends)))], NOW) == HeldUntil(day(max(ends)))


class TestTerms:
    def test_within_them_nothing_is_said(self) -> None:
        assert within_terms(hold(ends=28), [hold(ends=3)] * 50, NOW) is None

    @pytest.mark.parametrize(
        "asked, own, why",
        [
            (hold(ends=3), [], "end before it begins"),
            (replace(hold(), ends_at="2026-11-01T12:00:01Z"), [], "at most 90 days"),
            (hold(), [hold(ends=4)] * TERMS.most_standing, "20 claims, the most"),
        ],
    )
    def test_beyond_them_the_reason_is_said(self, asked: Hold, own: list[Hold], why: str) -> None:
        answer = within_terms(asked, own, NOW)
        assert isinstance(answer, BeyondTerms)
        assert why in answer.reason

    def test_the_longest_claim_is_allowed(self) -> None:
        assert within_terms(replace(hold(), ends_at="2026-11-01T12:00:00Z"), [], NOW) is None

    def test_terms_are_data(self) -> None:
        assert within_terms(hold(), [hold()], NOW, Terms(most_standing=1)) is not None


SALT = bytes(range(32))
DOCUMENT = finding_digest(b"a report")
digests = st.binary(max_size=40).map(finding_digest)


class TestCommitments:
    def test_a_commitment_is_what_the_page_says(self) -> None:
        # SHA-256 of the tag, the salt and the digest, computed apart from this code.
        assert DOCUMENT == "90bd35df60f1e27d2236245a4a49f73e1dfb01936f2c2159c70a2bde93eb2977"
        assert commit(SALT, DOCUMENT) == "d7cefa4bd3117a25e695296daf357f0708d785c4ea79e142924a6891c12bd344"

    @given(st.binary(min_size=32, max_size=32), digests, digests)
    def test_it_is_opened_by_its_own_salt_and_document_alone(self, salt: bytes, one: str, other: str) -> None:
        opening = read_opening(write_opening(salt, one))
        assert opens(opening, one)
        assert opens(opening, other) == (one == other)
        assert not opens(Opening(commitment=commit(SALT, one), digest=one, salt=bytes(32).hex()), one)

    def test_a_salt_of_another_length_is_refused(self) -> None:
        with pytest.raises(OpeningError, match="32 bytes, not 3"):
            commit(b"abc", DOCUMENT)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"{}",
            write_opening(SALT, DOCUMENT) + b"\n",
            write_opening(SALT, DOCUMENT).replace(b"opening/1", b"opening/2"),
            write_opening(SALT, DOCUMENT).replace(b'"salt":"00', b'"salt":"'),
            b" " * 2000,
        ],
    )
    def test_anything_else_opens_nothing(self, data: bytes) -> None:
        with pytest.raises(OpeningError, match="opens no commitment"):
            read_opening(data)


class TestCredit:
    ARRIVAL = Arrival(
        finder="ada",
        target=ReportedTarget(purl=f"{PURL}@1.0"),
        received_at=NOW,
        document=DOCUMENT,
        opening=read_opening(write_opening(SALT, DOCUMENT)),
    )
    CLAIM = replace(hold(), commitments=(commit(SALT, DOCUMENT),))

    def test_a_commitment_that_is_opened_counts_since_the_claim(self) -> None:
        assert credited(self.ARRIVAL, self.CLAIM) == Credit(day(1), Basis.COMMITMENT)

    @pytest.mark.parametrize(
        "arrival, claim",
        [
            (ARRIVAL, replace(CLAIM, commitments=())),
            (replace(ARRIVAL, opening=None), CLAIM),
            (replace(ARRIVAL, document=finding_digest(b"another")), CLAIM),
            (
                replace(ARRIVAL, opening=Opening(commitment=commit(SALT, DOCUMENT), digest=DOCUMENT, salt="00" * 32)),
                CLAIM,
            ),
        ],
    )
    def test_a_claim_alone_counts_since_the_claim(self, arrival: Arrival, claim: Hold) -> None:
        assert credited(arrival, claim) == Credit(day(1), Basis.CLAIM)

    @pytest.mark.parametrize(
        "claim",
        [
            None,
            replace(CLAIM, finder="bo"),
            replace(CLAIM, begins_at=day(4)),
            replace(CLAIM, ends_at=NOW),
            replace(CLAIM, target=ClaimTarget(purl="pkg:generic/other")),
            replace(CLAIM, target=ClaimTarget(purl=PURL, first="2", last="3")),
        ],
    )
    def test_without_a_claim_that_counts_the_receipt_does(self, claim: Hold | None) -> None:
        assert credited(self.ARRIVAL, claim) == Credit(NOW, Basis.RECEIPT)
