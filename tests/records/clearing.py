"""One body of every kind of the clearinghouse, with every field filled that can be."""

from __future__ import annotations

from msgspec import Struct

from trialplate.records.case import (
    Accepted,
    Advisory,
    Affected,
    Bypass,
    Case,
    Check,
    Closed,
    Credit,
    Embargo,
    EmbargoEnded,
    Fact,
    FixAccepted,
    Known,
    NoAnswer,
    NoContact,
    NoPatch,
    NotABug,
    Notice,
    PartyAdded,
    PatchOffered,
    PatchPassed,
    PatchRefused,
    Priority,
    Ranked,
    Revision,
    Shelved,
    WontFix,
)
from trialplate.records.claim import ClaimExpired, ClaimReleased, ClaimTarget, ScanClaim
from trialplate.records.finding import (
    Attached,
    Basis,
    Candidates,
    Claimed,
    Declared,
    Declined,
    Distinct,
    DuplicateOf,
    Ground,
    Held,
    HeldReleased,
    Lapsed,
    Likeness,
    NotReproduced,
    Replayed,
    Report,
    ReportedFix,
    ReportedPlace,
    ReportedTarget,
    Reproduced,
    Said,
    Screened,
    SeenFrame,
    Unmatched,
    Unruled,
    Verdict,
)
from trialplate.records.project import (
    Appointed,
    Busy,
    Calendar,
    Clock,
    Confirmed,
    Policy,
    ProjectSource,
    Publisher,
    StandingRelease,
    StopLifted,
    StopOrder,
)

AT = "2026-12-07T00:00:00Z"
LATER = "2027-03-08T05:00:00Z"
DIGEST, OTHER = "d" * 64, "e" * 64
CASE, PROJECT = "c" * 32, "b" * 32
KEY = f"ed25519:{'a' * 64}"
PURL = "pkg:generic/cards@1.2"
REPOSITORY = "https://example.com/cards"

REPORT = Report(
    document=DIGEST,
    format="plain",
    index=1,
    finder="finder-one",
    claim=CASE,
    claimed_at=AT,
    basis=Basis.COMMITMENT,
    title="Reading a card writes past its buffer",
    description="A length is taken from the card and never checked.",
    target=ReportedTarget(
        purl=PURL, repository=REPOSITORY, component="reader", seen_at="1" * 40, introduced="2" * 40, fixed="3" * 40
    ),
    tool="prober 3",
    weakness=("CWE-787",),
    aliases=("CVE-2026-0001",),
    places=(ReportedPlace(file="src/cards.c", line=41, function="card_copy"),),
    severity=(Claimed("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),),
    stack="#0 card_copy",
    fixes=(ReportedFix(repository=REPOSITORY, commit="3" * 40, patch="--- a/x\n+++ b/x\n"),),
    proofs=(Attached("long.card", OTHER),),
    recipe=DIGEST,
    source=OTHER,
    fixed_source=DIGEST,
    ai_tool=Declared(Said.NAMED, "prober"),
    ai_model=Declared(Said.NONE),
    verifier=Declared(Said.UNDECLARED),
)
REPLAYED = Replayed(
    image=DIGEST,
    recipe=OTHER,
    source=DIGEST,
    fixed_source=OTHER,
    proof=DIGEST,
    runs=5,
    crashes=5,
    tool="AddressSanitizer",
    kind="Heap-buffer-overflow\nWRITE {*}",
    state=("card_copy", "card_read", "main.c"),
    frames=(SeenFrame("card_copy", "src/cards.c", 41), SeenFrame("card_read", "src/cards.c", 60)),
    stack="==1==ERROR: AddressSanitizer: heap-buffer-overflow",
)
POLICY = Policy(
    name="cards",
    maintainer="maintainer-one",
    key=KEY,
    contact="security@example.com",
    purls=(PURL,),
    repositories=(REPOSITORY,),
    open_limit=1,
    pace_days=2,
    public_by_policy=True,
    takes_ai_reports=False,
    excluded=("examples/*",),
    clock=Clock(zone="Europe/Vienna", embargo=60, engaged=10, exploited=5, exploited_engaged=3, silence=20),
    recipe=DIGEST,
    sources=(ProjectSource(version="1.2", commit="1" * 40, archive=OTHER),),
)
PRIORITY = Priority(
    order=1,
    tables=(
        Ranked(
            table="CISA Coordinator",
            version="1.0",
            outcomes=("Attend", "Act"),
            inputs=(Fact("E", "N", "No catalog lists it."),),
            missing=("A",),
        ),
    ),
    exploited=Known.NO,
    epss="0.00042",
    vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    score="9.8",
    severity="Critical",
    reasons=("No catalog lists it as exploited.",),
)
ADVISORY = Advisory(
    id="TRIALPLATE-2026-CCCCCCCC",
    title="cards: write past a buffer in card_copy",
    summary="A crafted card makes card_copy write past its buffer.",
    details="Seen with AddressSanitizer in our own build.",
    remedy="Update to 1.3.",
    affected=(
        Affected(
            purl=PURL,
            name="cards",
            repository=REPOSITORY,
            introduced="1.0",
            fixed="1.3",
            first_commit="2" * 40,
            fix_commit="3" * 40,
            versions=("1.2",),
        ),
    ),
    weakness=("CWE-787",),
    vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    aliases=("CVE-2026-0001",),
    references=("https://example.com/cards/fix",),
    credits=(Credit(name="finder-one", role="finder"),),
    publisher="Example Clearinghouse",
    namespace="https://example.com",
    contact="desk@example.com",
    published_at=LATER,
    revisions=(Revision(number=1, at=LATER, summary="First published."),),
)
_CHECKS = (Check("builds", ok=True, said="ok"), Check("the proof", ok=False, said="It crashes as before."))

BODIES: dict[str, Struct] = {
    "claim.scan/1": ScanClaim(
        target=ClaimTarget(purl=PURL, repository=REPOSITORY, component="reader", first="1" * 40, last="2" * 40),
        method="fuzzing",
        contact="finder@example.com",
        commitments=(DIGEST,),
        ends_at=LATER,
    ),
    "claim.released/1": ClaimReleased("Done."),
    "claim.expired/1": ClaimExpired(),
    "finding.report/1": REPORT,
    "finding.screened/1": Screened(PROJECT),
    "finding.held/1": Held(20, 11, 4, "Too many were not reproduced."),
    "finding.released/1": HeldReleased("Looks sound."),
    "finding.lapsed/1": Lapsed(),
    "finding.declined/1": Declined(PROJECT, "The project takes no reports made by AI."),
    "finding.reproduced/1": Reproduced(replayed=REPLAYED, reasons=("Every run crashed alike.",)),
    "finding.not_reproduced/1": NotReproduced(
        verdict=Verdict.FLAKY, replayed=REPLAYED, reasons=("2 of 5 runs crashed.",)
    ),
    "finding.unmatched/1": Unmatched(3),
    "finding.duplicate_of/1": DuplicateOf(of=CASE, ground=Ground.CRASH_STATE, evidence="Both crash in card_copy."),
    "finding.candidates/1": Candidates(
        (Likeness(of=CASE, ground=Ground.PLACE, evidence="Both name card_copy.", score="0.5"),)
    ),
    "finding.distinct/1": Distinct("Another length."),
    "finding.unruled/1": Unruled(),
    "project.policy/1": POLICY,
    "project.confirmed/1": Confirmed(key=KEY, reason="Its key is on its website."),
    "project.calendar/1": Calendar((Busy(begins_at=AT, ends_at=LATER, reason="Release."),)),
    "project.stop/1": StopOrder(reason="Servers are down.", ends_at=LATER),
    "project.stop_lifted/1": StopLifted("They are up."),
    "upkeep.appointed/1": Appointed(party="coordinator-one", key=KEY, role="coordinator", office="Treasury"),
    "upkeep.standing_release/1": StandingRelease(
        kind="case.advisory/1",
        condition="embargo ended or fix accepted",
        fields=("title", "summary"),
        publisher=Publisher(name="Example", namespace="https://example.com", contact="desk@example.com"),
        signers=("releaser-one", "releaser-two"),
        ends_at=LATER,
    ),
    "case.case/1": Case(project=PROJECT, title="Heap-buffer-overflow in card_copy"),
    "case.priority/1": PRIORITY,
    "case.party_added/1": PartyAdded(
        party="maintainer-one", role="maintainer", key=KEY, contact="security@example.com"
    ),
    "case.no_contact/1": NoContact("No project is known for it."),
    "case.closed/1": Closed("Nobody keeps it any more."),
    "case.bypass/1": Bypass("It is exploited."),
    "case.notice/1": Notice(
        project=PROJECT,
        party="maintainer-one",
        text="A weakness in cards.\n",
        signature="a" * 88,
        ends_at=LATER,
        reports=2,
        open_before=1,
        open_limit=1,
        bypass="It is exploited.",
    ),
    "case.shelved/1": Shelved(),
    "case.embargo/1": Embargo(
        begins_at=AT, ends_at=LATER, zone="Europe/Vienna", basis="policy", reason="60 days by the project's policy."
    ),
    "case.accepted/1": Accepted(fix_by=LATER, note="Thanks."),
    "case.not_a_bug/1": NotABug("The caller must check."),
    "case.wont_fix/1": WontFix("It is no longer kept."),
    "case.no_answer/1": NoAnswer(),
    "case.patch/1": PatchOffered(patch=DIGEST, base="1.2", note="Checks the length."),
    "case.no_patch/1": NoPatch(),
    "case.patch_passed/1": PatchPassed(patch=DIGEST, image=OTHER, checks=_CHECKS[:1]),
    "case.patch_refused/1": PatchRefused(patch=DIGEST, image=OTHER, checks=_CHECKS),
    "case.fix_accepted/1": FixAccepted(version="1.3", commit="3" * 40, note="Released."),
    "case.embargo_ended/1": EmbargoEnded(),
    "case.advisory/1": ADVISORY,
}
