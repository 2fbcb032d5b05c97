"""Bodies of a case: rank, parties, embargo, what was sent and answered, the patch, the advisory."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

from trialplate.errors import TrialplateError
from trialplate.records.body import Kind
from trialplate.records.shapes import (
    Count,
    Digest,
    MaybeMoment,
    MaybeSubject,
    Moment,
    Name,
    PublicKey,
    Reason,
    Short,
    Subject,
    Text,
)
from trialplate.records.times import moment


class Case(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A root cause that nobody reported before; `project` is whom it belongs to, empty where that is unknown."""

    project: MaybeSubject
    title: Name


class Fact(Struct, frozen=True, forbid_unknown_fields=True):
    """An input of a decision table: point, value, and where it is known from."""

    point: Name
    value: Name
    because: Reason


class Ranked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one table says. `outcomes` has one outcome where it is decided, else all that are possible, by urgency."""

    table: Name
    version: Name
    outcomes: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=16)]
    inputs: Annotated[tuple[Fact, ...], Meta(max_length=16)]
    missing: Annotated[tuple[Name, ...], Meta(max_length=16)]


class Known(StrEnum):
    """What a feed says; a feed that is absent says nothing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Priority(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How urgent a case is: `order` sorts cases, 0 first, and follows from the tables alone.

    `exploited` is what the KEV catalog says, `epss` a probability, empty where unknown; `vector` a CVSS vector that
    somebody claimed, with its score computed anew.
    """

    order: Count
    tables: Annotated[tuple[Ranked, ...], Meta(min_length=1, max_length=8)]
    exploited: Known
    epss: Annotated[str, Meta(pattern=r"^(?:0|1|0\.[0-9]{1,9})?\Z")] = ""
    vector: Short = ""
    score: Annotated[str, Meta(pattern=r"^(?:[0-9]|10)?(?:\.[0-9])?\Z")] = ""
    severity: Short = ""
    reasons: Annotated[tuple[Reason, ...], Meta(min_length=1, max_length=64)]


class PartyAdded(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A party that needs to know in order to fix; it may read the case from now on."""

    party: Name
    role: Annotated[str, Meta(pattern=r"^(?:maintainer|vendor|finder)\Z")]
    key: PublicKey
    contact: Short


class NoContact(Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody is known who could fix it: a coordinator finds somebody, or the case rests."""

    reason: Reason


class Closed(Struct, frozen=True, forbid_unknown_fields=True):
    """A coordinator ends a case that nobody can be told of; nothing is published."""

    reason: Reason


class Notice(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The one report that a maintainer gets of a root cause, as it was sent; an answer is awaited until `ends_at`.

    `open_before` counts the project's open reports when it was sent, of `open_limit`. `bypass` is why it passed the
    limit, on a coordinator's signature; empty where it did not.
    """

    project: Subject
    party: Name
    text: Annotated[str, Meta(min_length=1, max_length=1 << 20)]
    signature: Name
    ends_at: Moment
    reports: Count
    open_before: Count
    open_limit: Count
    bypass: Annotated[str, Meta(max_length=4_000)] = ""


class Bypass(Struct, frozen=True, forbid_unknown_fields=True):
    """A coordinator lets the notice of a known exploited weakness pass the project's limit."""

    reason: Reason


class Shelved(Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody could be told in time: no contact was found, or the project had no room. Nothing is published."""


class Embargo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Until when details go only to those who need them to fix; `zone` is the project's, for showing."""

    begins_at: Moment
    ends_at: Moment
    zone: Name
    basis: Annotated[str, Meta(pattern=r"^(?:policy|default|public by policy|known exploited|extension)\Z")]
    reason: Reason


class Accepted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The maintainer takes it on; `fix_by` is when a fix is meant to be there."""

    fix_by: MaybeMoment = ""
    note: Text = ""


class NotABug(Struct, frozen=True, forbid_unknown_fields=True):
    """The maintainer says that this is no weakness: the case ends here, and nothing is published."""

    reason: Reason


class WontFix(Struct, frozen=True, forbid_unknown_fields=True):
    """The maintainer will not fix it: users are told when the embargo ends."""

    reason: Reason


class NoAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """The maintainer was silent for as long as its policy says; a coordinator is asked. Silence is no consent."""


class PatchOffered(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A candidate for a fix, kept sealed under its digest."""

    patch: Digest
    base: Name
    note: Text = ""


class NoPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """No candidate came before the embargo ended."""


class Check(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that was tried on a candidate."""

    name: Name
    ok: bool
    said: Annotated[str, Meta(max_length=8_000)]


Checks = Annotated[tuple[Check, ...], Meta(min_length=1, max_length=64)]


class PatchPassed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every check holds. It is a candidate all the same, until a person accepts it."""

    patch: Digest
    image: Digest
    checks: Checks


class PatchRefused(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A check does not hold."""

    patch: Digest
    image: Digest
    checks: Checks


class FixAccepted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The maintainer accepts the fix and says where users get it."""

    version: Short = ""
    commit: Short = ""
    note: Text = ""


class EmbargoEnded(Struct, frozen=True, forbid_unknown_fields=True):
    """The time is over without an accepted fix."""


class Credit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody who is thanked; finders in the order of their claims."""

    name: Name
    role: Annotated[str, Meta(pattern=r"^(?:finder|remediation developer|coordinator)\Z")]


_COMMIT = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
# One word with a digit: words such as `all` and signs such as `<` would say a range.
_VERSION = r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._+~:!^/-]{0,127}"

MaybeCommit = Annotated[str, Meta(pattern=rf"^(?:{_COMMIT})?\Z")]
"""A commit by all of its 40 or 64 lower-case hex digits, or nothing."""
PublishedVersion = Annotated[str, Meta(pattern=rf"^{_VERSION}\Z")]
"""A version that can be published: one word of at most 128 characters with a digit in it."""
MaybeVersion = Annotated[str, Meta(pattern=rf"^(?:{_VERSION})?\Z")]
"""The same, or nothing."""
_URL = r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
Url = Annotated[str, Meta(max_length=2_048, pattern=rf"^{_URL}\Z")]
"""A web address in the characters that a URI may have, without a fragment."""
MaybeUrl = Annotated[str, Meta(max_length=2_048, pattern=rf"^(?:{_URL})?\Z")]
"""The same, or nothing."""

MaybePurl = Annotated[str, Meta(max_length=512, pattern=r"^[!-~]*\Z")]
"""A package URL in printable ASCII, or nothing."""
Alias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\Z")]
"""The id that another database has for a weakness."""

MOST_REVISIONS: Final = 100
MOST_VERSIONS: Final = 1000
"""Versions that an advisory lists one by one, of all that it says is affected: each is a product in CSAF."""


class CaseError(TrialplateError):
    """The body of a case's record breaks a rule of more than one of its fields."""


class Affected(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What has the weakness. Versions run from `introduced` (`0`: from the first) to before `fixed` (empty: none yet).

    Likewise `first_commit` and `fix_commit` of `repository`. `versions` are listed one by one.
    """

    purl: MaybePurl = ""
    name: Name
    repository: MaybeUrl = ""
    introduced: PublishedVersion = "0"
    fixed: MaybeVersion = ""
    first_commit: MaybeCommit = ""
    fix_commit: MaybeCommit = ""
    versions: Annotated[tuple[PublishedVersion, ...], Meta(max_length=MOST_VERSIONS)] = ()


class Revision(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One state of an advisory and what changed with it; numbers count from 1."""

    number: Annotated[int, Meta(ge=1, le=10_000)]
    at: Moment
    summary: Reason


class Advisory(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the public is told: every published format is written from this one value.

    `id` is `TRIALPLATE-YEAR-` and 8 hex digits of the case. `weakness` holds ids as `CWE-787`, `aliases` those of other
    databases, as `CVE-2026-0001`. `remedy` says in words what to do. It holds no proof and nothing that a finder wrote.

    Raises:
        CaseError: where the revisions are not numbered 1, 2, 3 in the order of their moments, the first at
            `published_at`, or more than `MOST_VERSIONS` versions are listed in all.
        MomentError: where a moment is none of the calendar.
    """

    id: Annotated[str, Meta(pattern=r"^TRIALPLATE-[0-9]{4}-[0-9A-F]{8}\Z")]
    title: Name
    summary: Reason
    details: Text
    remedy: Reason
    affected: Annotated[tuple[Affected, ...], Meta(min_length=1, max_length=64)]
    weakness: Annotated[tuple[Annotated[str, Meta(pattern=r"^CWE-[1-9][0-9]{0,5}\Z")], ...], Meta(max_length=16)] = ()
    vector: Short = ""
    aliases: Annotated[tuple[Alias, ...], Meta(max_length=16)] = ()
    references: Annotated[tuple[Url, ...], Meta(max_length=64)] = ()
    credits: Annotated[tuple[Credit, ...], Meta(max_length=256)] = ()
    publisher: Name
    namespace: Url
    contact: Short = ""
    published_at: Moment
    revisions: Annotated[tuple[Revision, ...], Meta(min_length=1, max_length=MOST_REVISIONS)]

    def __post_init__(self) -> None:
        moments = [moment(each.at) for each in self.revisions]
        numbers = [each.number for each in self.revisions]
        if numbers != list(range(1, len(numbers) + 1)) or moments != sorted(moments):
            raise CaseError("The revisions of an advisory are out of order.", "Number them 1, 2, 3 by their moments.")
        if moments[:1] != [moment(self.published_at)]:
            raise CaseError("An advisory's first revision is of another moment than it.", "Let both be the same.")
        listed = sum(len(each.versions) for each in self.affected)
        if listed > MOST_VERSIONS:
            raise CaseError(f"An advisory lists {listed} versions.", f"List at most {MOST_VERSIONS}.")


CASE: Final = (
    Kind("case.case/1", Case),
    Kind("case.priority/1", Priority),
    Kind("case.party_added/1", PartyAdded),
    Kind("case.no_contact/1", NoContact),
    Kind("case.closed/1", Closed),
    Kind("case.bypass/1", Bypass),
    Kind("case.notice/1", Notice),
    Kind("case.shelved/1", Shelved),
    Kind("case.embargo/1", Embargo),
    Kind("case.accepted/1", Accepted),
    Kind("case.not_a_bug/1", NotABug),
    Kind("case.wont_fix/1", WontFix),
    Kind("case.no_answer/1", NoAnswer),
    Kind("case.patch/1", PatchOffered),
    Kind("case.no_patch/1", NoPatch),
    Kind("case.patch_passed/1", PatchPassed),
    Kind("case.patch_refused/1", PatchRefused),
    Kind("case.fix_accepted/1", FixAccepted),
    Kind("case.embargo_ended/1", EmbargoEnded),
    Kind("case.advisory/1", Advisory),
)
