"""What an advisory says of a case, and what a standing release lets out of it."""

from __future__ import annotations

import pytest
from msgspec import Struct
from msgspec.structs import replace

from tests.clearinghouse.histories import history
from tests.records.clearing import ADVISORY, AT, DIGEST, OTHER, POLICY, PRIORITY, REPLAYED, REPORT
from tests.trust.making import signer
from trialplate.clearinghouse.coordination.case import Merged
from trialplate.clearinghouse.history import COORDINATION, History
from trialplate.clearinghouse.publishing.advisory_text import text_of
from trialplate.clearinghouse.publishing.publish import (
    CONDITION,
    FIELDS,
    KIND,
    Facts,
    PublishError,
    compose,
    countersigned,
    last_advisory,
    permitted,
    released,
    withheld,
)
from trialplate.records import RELEASED, Correction, Slot, SubjectId, draft
from trialplate.records.case import (
    MOST_REVISIONS,
    Advisory,
    Case,
    Credit,
    EmbargoEnded,
    FixAccepted,
    Known,
    Revision,
    WontFix,
)
from trialplate.records.finding import Report, ReportedTarget, Reproduced
from trialplate.records.project import Appointed, Policy, ProjectSource, Publisher, StandingRelease
from trialplate.trust import Entry, Granted, Refused, public_uri, sign_draft

SUBJECT = SubjectId(f"0a1b2c3d{'0' * 24}")
PUBLISHER = Publisher(name="Example Clearinghouse", namespace="https://example.com", contact="desk@example.com")
RELEASE = StandingRelease(
    kind=KIND,
    condition=CONDITION,
    fields=FIELDS,
    publisher=PUBLISHER,
    signers=("ada", "grace"),
    ends_at="2027-03-07T10:00:00Z",
)
OWNED = replace(
    POLICY,
    sources=(
        ProjectSource(version="1.2", archive=DIGEST),
        ProjectSource(version="1.3", archive=OTHER),
    ),
)
FIRST = history(
    REPORT, Reproduced(replayed=REPLAYED, reasons=("Every run crashed alike.",)), Case(project="", title="t")
)
FIXED = history(PRIORITY, FixAccepted(version="1.3", commit="3" * 40), author="maintainer-one", earlier=FIRST)


def facts(of: History = FIXED, policy: Policy | None = OWNED, *duplicates: Report, now: str = AT) -> Facts:
    merged = tuple(Merged(f"{number:032x}", history(report)) for number, report in enumerate(duplicates))
    return Facts(subject=SUBJECT, history=of, duplicates=merged, policy=policy, publisher=PUBLISHER, now=now)


def again(earlier: History, advisory: Advisory, reason: str) -> History:
    """Return a history in which an advisory was published and taken back."""
    published = history(advisory, earlier=earlier)
    return history(Correction(of=published.records[-1].id, reason=reason), earlier=published)


class TestCompose:
    def test_a_fixed_case_is_told_by_what_was_validated(self) -> None:
        made = compose(facts())
        assert made.id == "TRIALPLATE-2026-0A1B2C3D"
        assert made.title == "Heap-buffer-overflow in card_copy of cards"
        assert (
            made.summary
            == "cards crashes with Heap-buffer-overflow (write) in card_copy (src/cards.c) on a crafted input."
        )
        assert made.remedy == f"Update to version 1.3. The fix is commit {'3' * 40}."
        (affected,) = made.affected
        assert (affected.purl, affected.repository) == ("pkg:generic/cards", "https://example.com/cards")
        assert (affected.fixed, affected.fix_commit, affected.versions) == ("1.3", "3" * 40, ("1.2",))
        assert (made.weakness, made.aliases, made.vector) == (("CWE-787",), ("CVE-2026-0001",), PRIORITY.vector)
        assert made.credits == (
            Credit(name="finder-one", role="finder"),
            Credit(name="maintainer-one", role="remediation developer"),
        )
        assert made.revisions == (Revision(number=1, at=AT, summary="First published."),)
        assert made.published_at == AT
        assert (made.publisher, made.namespace, made.contact) == (
            PUBLISHER.name,
            PUBLISHER.namespace,
            PUBLISHER.contact,
        )

    def test_nothing_that_a_finder_wrote_is_in_it(self) -> None:
        secret = "s3cret"
        told = replace(
            REPORT,
            title=f"{secret} title",
            description=secret,
            target=ReportedTarget(purl=secret, repository=secret, component=secret, seen_at=secret, fixed=secret),
            tool=secret,
            weakness=(secret,),
            aliases=(secret, f"CVE-{secret} x", "CVE-2026-0002"),
            stack=secret,
        )
        made = compose(facts(history(told, *(said.body for said in FIXED.standing[1:])), None, told))
        assert secret not in repr(made)
        assert made.aliases == ("CVE-2026-0002",)
        assert made.affected[0].name == "the software"

    def test_finders_are_thanked_by_their_claims_and_each_once(self) -> None:
        earlier = replace(REPORT, finder="finder-two", claimed_at="2026-01-01T00:00:00Z")
        assert [each.name for each in compose(facts(FIXED, OWNED, earlier, REPORT, earlier)).credits] == [
            "finder-two",
            "finder-one",
            "maintainer-one",
        ]

    def test_as_many_are_thanked_as_there_is_room_for(self) -> None:
        many = tuple(replace(REPORT, finder=f"f{number}") for number in range(300))
        thanked = compose(facts(FIXED, OWNED, *many)).credits
        assert len(thanked) == 256
        assert thanked[-1].name == "maintainer-one"

    @pytest.mark.parametrize(
        "ends, remedy",
        [
            ((EmbargoEnded(),), "No fix is known yet. Keep input that others made from it."),
            (
                (WontFix("No."), EmbargoEnded()),
                "The maintainer will not fix it. Keep input that others made from it, or use something else.",
            ),
            ((FixAccepted(),), "Update to version 1.3."),
            ((FixAccepted(version="the next one", commit="abc"),), "Update to version 1.3."),
        ],
    )
    def test_what_to_do_is_what_the_maintainer_left(self, ends: tuple[Struct, ...], remedy: str) -> None:
        made = compose(facts(history(*ends, earlier=FIRST)))
        assert made.remedy == remedy

    def test_a_fix_that_nothing_names_is_said_to_be_there(self) -> None:
        made = compose(facts(history(FixAccepted(), earlier=FIRST), POLICY_WITHOUT_SOURCES))
        assert made.remedy == "The maintainer has accepted a fix: update to a version that has it."
        assert made.affected[0].versions == ()
        assert "A build of the fixed source does not crash." in made.details

    @pytest.mark.parametrize(
        "target, policy, purl, repository, name",
        [
            ("pkg:pypi/b@2", ("pkg:pypi/a", "pkg:pypi/b"), "pkg:pypi/b", "https://example.com/cards", "cards"),
            ("pkg:pypi/z", ("pkg:pypi/a", "no purl"), "pkg:pypi/a", "https://example.com/cards", "cards"),
            ("pkg:pypi/z@1", None, "pkg:pypi/z", "https://example.com/reported", "z"),
            ("", None, "", "https://example.com/reported", "reported"),
        ],
    )
    def test_what_is_affected_is_what_the_project_owns(
        self, target: str, policy: tuple[str, ...] | None, purl: str, repository: str, name: str
    ) -> None:
        told = replace(REPORT, target=ReportedTarget(purl=target, repository="https://Example.com/reported.git/"))
        case = history(told, *(said.body for said in FIXED.standing[1:]))
        owned = None if policy is None else replace(OWNED, purls=policy)
        (affected,) = compose(facts(case, owned)).affected
        assert (affected.purl, affected.repository, affected.name) == (purl, repository, name)

    @pytest.mark.parametrize(
        "kind, title, weakness",
        [
            ("Heap-use-after-free\nREAD 8", "Heap-use-after-free in card_copy of cards", ("CWE-416",)),
            ("Stack-buffer-overflow\nREAD 1", "Stack-buffer-overflow in card_copy of cards", ("CWE-125",)),
            ("Segv on unknown address", "Segv on unknown address in card_copy of cards", ()),
            ("", "Crash in card_copy of cards", ()),
            ("\x1b[2J" + "x" * 99, f"\\x1b[2J{'x' * 50}... in card_copy of cards", ()),
        ],
    )
    def test_the_kind_of_crash_says_what_it_is(self, kind: str, title: str, weakness: tuple[str, ...]) -> None:
        seen = Reproduced(replayed=replace(REPLAYED, kind=kind), reasons=())
        made = compose(facts(history(REPORT, seen, EmbargoEnded())))
        assert (made.title, made.weakness) == (title, weakness)

    def test_a_crash_without_frames_names_no_place(self) -> None:
        bare = replace(REPLAYED, kind="Timeout\nREAD 4", frames=(), state=(), tool="", fixed_source="")
        made = compose(facts(history(REPORT, Reproduced(replayed=bare, reasons=()), EmbargoEnded())))
        assert made.title == "Timeout of cards"
        assert made.summary == "cards crashes with Timeout (read of 4 bytes) on a crafted input."
        assert made.details == "In 5 of 5 runs of a build of version 1.2 it crashed."

    def test_that_it_is_exploited_is_told_and_a_vector_that_is_none_is_not(self) -> None:
        urgent = replace(PRIORITY, exploited=Known.YES, vector="CVSS:3.1/none")
        made = compose(facts(history(urgent, EmbargoEnded(), earlier=FIRST)))
        assert "It is known to be exploited." in made.details
        assert made.vector == ""

    def test_what_was_not_reproduced_is_not_published(self) -> None:
        with pytest.raises(PublishError, match="reproduced"):
            compose(facts(history(REPORT, EmbargoEnded())))


class TestRevisions:
    def test_the_next_one_keeps_id_and_first_moment_and_says_what_changed(self) -> None:
        first = compose(facts())
        later = "2027-02-01T00:00:00Z"
        second = compose(facts(again(FIXED, first, "The fixed version was wrong."), now=later))
        assert (second.id, second.published_at) == (first.id, AT)
        assert second.revisions == (
            *first.revisions,
            Revision(number=2, at=later, summary="The fixed version was wrong."),
        )

    def test_a_clock_that_was_set_back_breaks_no_order(self) -> None:
        first = compose(facts())
        second = compose(facts(again(FIXED, first, "x"), now="2020-01-01T00:00:00Z"))
        assert [each.at for each in second.revisions] == [AT, AT]

    def test_one_without_a_correction_is_revised(self) -> None:
        second = compose(facts(history(compose(facts()), earlier=FIXED)))
        assert second.revisions[-1].summary == "Revised."

    def test_there_is_an_end_of_revisions(self) -> None:
        full = tuple(Revision(number=number, at=AT, summary="x") for number in range(1, MOST_REVISIONS + 1))
        with pytest.raises(PublishError, match="100 revisions"):
            compose(facts(again(FIXED, replace(compose(facts()), revisions=full), "x")))

    def test_the_last_one_is_found_whether_it_fell_or_not(self) -> None:
        first = compose(facts())
        assert last_advisory(FIXED) is None
        assert last_advisory(history(first, earlier=FIXED)) == first
        assert last_advisory(again(FIXED, first, "x")) == first


class TestRelease:
    def test_what_is_named_is_let_out(self) -> None:
        assert released(RELEASE, facts()) == compose(facts())

    def test_what_is_not_named_is_left_out(self) -> None:
        few = tuple(field for field in FIELDS if field not in {"credits", "vector", "contact"})
        found = released(replace(RELEASE, fields=few), facts())
        assert isinstance(found, Advisory)
        assert (found.credits, found.vector, found.contact) == ((), "", "")
        assert found.details == compose(facts()).details

    def test_where_it_cannot_be_left_out_nothing_leaves(self) -> None:
        few = tuple(field for field in FIELDS if field != "remedy")
        found = released(replace(RELEASE, fields=few), facts())
        assert found == Refused("The standing release does not name `remedy`, and no advisory is without it.")

    @pytest.mark.parametrize(
        "release, case, now, reason",
        [
            (replace(RELEASE, kind="case.notice/1"), FIXED, AT, "is for case.notice/1"),
            (RELEASE, FIXED, RELEASE.ends_at, "ended at 2027-03-07T10:00:00Z"),
            (RELEASE, FIRST, AT, "The embargo has not ended"),
            (RELEASE, history(WontFix("No."), earlier=FIRST), AT, "The embargo has not ended"),
            (replace(RELEASE, fields=FIELDS[1:]), FIXED, AT, "does not name `id`"),
            (replace(RELEASE, publisher=replace(PUBLISHER, name="x")), FIXED, AT, "another publisher"),
        ],
    )
    def test_what_does_not_hold_is_refused(
        self, release: StandingRelease, case: History, now: str, reason: str
    ) -> None:
        found = permitted(release, ADVISORY_OF, case, now)
        assert isinstance(found, Refused)
        assert reason in found.reason

    def test_what_holds_is_granted(self) -> None:
        assert isinstance(permitted(RELEASE, ADVISORY_OF, FIXED, AT), Granted)
        assert isinstance(permitted(RELEASE, replace(ADVISORY_OF, contact=""), FIXED, AT), Granted)
        assert isinstance(released(RELEASE, facts(FIRST)), Refused)

    @pytest.mark.parametrize("field", FIELDS)
    def test_every_field_is_named_left_out_or_a_reason_to_refuse(self, field: str) -> None:
        release = replace(RELEASE, fields=tuple(name for name in FIELDS if name != field))
        found = withheld(release, ADVISORY)
        assert isinstance(found, Refused) or not getattr(found, field)
        assert isinstance(permitted(release, ADVISORY, FIXED, AT), Refused)


class TestSignatures:
    def test_two_releasers_with_keys_of_their_own_are_enough(self) -> None:
        assert isinstance(countersigned(signed("ada", "grace"), RELEASE, appointed("ada", "grace")), Granted)

    @pytest.mark.parametrize(
        "entry, release, names, reason",
        [
            (("ada", "grace"), RELEASE, ("ada",), "grace is no releaser."),
            (("ada",), RELEASE, ("ada", "grace"), "grace has not signed it."),
            (("grace",), RELEASE, ("ada", "grace"), "ada has not signed it."),
            (("eve",), RELEASE, ("ada", "grace"), "No signature is by a trusted key."),
            (("ada", "grace"), replace(RELEASE, signers=("ada", "ada")), ("ada", "grace"), "needs two releasers"),
        ],
    )
    def test_anything_less_is_refused(
        self, entry: tuple[str, ...], release: StandingRelease, names: tuple[str, ...], reason: str
    ) -> None:
        found = countersigned(signed(*entry), release, appointed(*names))
        assert isinstance(found, Refused)
        assert reason in found.reason

    def test_one_key_under_two_names_is_one_signer(self) -> None:
        twice = tuple(replace(each, key=public_uri(signer("ada"))) for each in appointed("ada", "grace"))
        found = countersigned(signed("ada"), RELEASE, twice)
        assert isinstance(found, Refused)
        assert "keys of their own" in found.reason

    def test_a_coordinator_is_no_releaser(self) -> None:
        others = tuple(replace(each, role="coordinator") for each in appointed("ada", "grace"))
        assert isinstance(countersigned(signed("ada", "grace"), RELEASE, others), Refused)


class TestText:
    def test_it_says_what_people_need_in_ascii(self) -> None:
        text = text_of(compose(facts()))
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= 72
        for part in (
            "TRIALPLATE-2026-0A1B2C3D",
            "Update to version 1.3.",
            "finder-one",
            "pkg:generic/cards",
            "1. First",
        ):
            assert part in text
        assert "From" not in text

    def test_what_is_not_there_has_no_line(self) -> None:
        bare = replace(ADVISORY, credits=(), references=(), aliases=(), details="")
        assert "Thanks" not in text_of(bare)
        assert "References" not in text_of(bare)
        assert "Thanks" in text_of(ADVISORY)
        assert "From          1.0\n" in text_of(ADVISORY)


def appointed(*names: str) -> tuple[Appointed, ...]:
    return tuple(Appointed(party=name, key=public_uri(signer(name)), role="releaser") for name in names)


def signed(*names: str) -> Entry:
    made = draft(
        RELEASE,
        kinds=RELEASED,
        subject=SUBJECT,
        author="ada",
        at=AT,
        label=COORDINATION,
        slot=Slot(flow="house", step="upkeep.standing_release", ordinal=1),
        random_bytes=bytes,
    )
    return sign_draft(made, tuple(map(signer, names)))


POLICY_WITHOUT_SOURCES = replace(OWNED, sources=())
ADVISORY_OF = compose(facts())
