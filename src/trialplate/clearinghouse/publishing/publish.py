"""What the public is told of a case, made from what was validated, and whether a standing release lets it out. Pure.

Nothing that a finder wrote is in it but well-formed ids: titles and texts say what our replay saw, where, and what the
maintainer answered. What two releasers did not name is left out, and where it cannot be, nothing leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from trialplate.clearinghouse.coordination.case import Merged, credits_of
from trialplate.clearinghouse.finders.targets import TargetError, repository
from trialplate.clearinghouse.history import History
from trialplate.clearinghouse.plain_text import ascii_safe
from trialplate.errors import TrialplateError
from trialplate.formats.cvss import CvssError, base_scores
from trialplate.formats.purl import PurlError, parse_purl
from trialplate.records import RELEASED, Correction, decode_body
from trialplate.records.case import (
    MOST_REVISIONS,
    Advisory,
    Affected,
    Alias,
    Credit,
    EmbargoEnded,
    FixAccepted,
    Known,
    MaybeCommit,
    MaybePurl,
    MaybeUrl,
    MaybeVersion,
    Priority,
    Revision,
    WontFix,
)
from trialplate.records.finding import Replayed, Report, ReportedTarget, Reproduced
from trialplate.records.project import Appointed, Policy, Publisher, StandingRelease
from trialplate.trust import Entry, Granted, Refused, Verifier, open_verifier, verify_entry

KIND: Final = "case.advisory/1"
CONDITION: Final = "embargo ended or fix accepted"
FIELDS: Final = Advisory.__struct_fields__
"""What of an advisory a standing release can name."""
RELEASER: Final = "releaser"

_FIRST: Final = "First published."
_UNNAMED: Final = "the software"
_MOST_KIND: Final = 60
_MOST_NAME: Final = 80
_MOST_PLACE: Final = 100
_MOST_CREDITS: Final = 256
_MOST_ALIASES: Final = 16
_DATABASES: Final = ("CVE-", "GHSA-")
"""The beginnings of the ids that are taken from reports as aliases."""

_EMPTY: Final[dict[str, object]] = {
    "details": "",
    "weakness": (),
    "vector": "",
    "aliases": (),
    "references": (),
    "credits": (),
    "contact": "",
}
"""What a field holds that is left out; no other can be."""

_WEAKNESSES: Final = (
    ("Heap-use-after-free", "", "CWE-416"),
    ("Use-after-poison", "", "CWE-416"),
    ("Stack-use-after", "", "CWE-562"),
    ("Heap-double-free", "", "CWE-415"),
    ("Invalid-free", "", "CWE-763"),
    ("Null-dereference", "", "CWE-476"),
    ("Stack-overflow", "", "CWE-674"),
    ("RecursionError", "", "CWE-674"),
    ("Divide-by-zero", "", "CWE-369"),
    ("Integer-overflow", "", "CWE-190"),
    ("Bad-cast", "", "CWE-843"),
    ("Index-out-of-bounds", "", "CWE-129"),
    ("Out-of-memory", "", "CWE-770"),
    ("Timeout", "", "CWE-400"),
    ("buffer-overflow", "WRITE", "CWE-787"),
    ("buffer-overflow", "READ", "CWE-125"),
    ("Container-overflow", "WRITE", "CWE-787"),
    ("Container-overflow", "READ", "CWE-125"),
)
"""What a kind of crash says of the weakness, by a part of its name and its access; other kinds say nothing."""


class PublishError(TrialplateError):
    """There is nothing that could be published."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What an advisory is made from.

    Attributes:
        subject: the id of the case.
        history: what stands on it.
        duplicates: the reports that were merged into it.
        policy: that of its project; None where nobody knows whose it is.
        publisher: who publishes.
        now: the moment of the question.
    """

    subject: str
    history: History
    duplicates: tuple[Merged, ...]
    policy: Policy | None
    publisher: Publisher
    now: str


def compose(facts: Facts) -> Advisory:
    """Return the advisory on a case as it stands: the first, or the next revision of the last one that there was.

    Raises:
        PublishError: where the history has no report that was reproduced, or as many revisions as there can be.
    """
    report, reproduced = facts.history.last(Report), facts.history.last(Reproduced)
    if report is None or reproduced is None:
        raise PublishError("Nothing on this case was reproduced.", "Publish what a replay has shown.")
    replayed, priority = reproduced.replayed, facts.history.last(Priority)
    affected = _affected(facts, report.target, replayed)
    earlier = last_advisory(facts.history)
    revisions = (*(earlier.revisions if earlier else ()), _revision(facts, earlier))
    if len(revisions) > MOST_REVISIONS:
        raise PublishError(f"It has {MOST_REVISIONS} revisions already.", "Leave the last one as it is.")
    where = _place(replayed)
    return Advisory(
        id=earlier.id if earlier else f"TRIALPLATE-{facts.now[:4]}-{facts.subject[:8].upper()}",
        title=f"{_crash(replayed)}{where and f' in {where}'} of {_words(affected.name, _MOST_NAME)}",
        summary=_summary(affected.name, replayed),
        details=_details(facts, replayed, priority),
        remedy=_remedy(facts.history, affected),
        affected=(affected,),
        weakness=_weakness(replayed.kind),
        vector=priority.vector if priority and _is_vector(priority.vector) else "",
        aliases=_aliases(facts),
        credits=_credits(facts),
        publisher=facts.publisher.name,
        namespace=facts.publisher.namespace,
        contact=facts.publisher.contact,
        published_at=revisions[0].at,
        revisions=revisions,
    )


def released(release: StandingRelease, facts: Facts) -> Advisory | Refused:
    """Return the advisory as a standing release lets it out, or why it does not.

    Raises:
        PublishError: see `compose`.
    """
    advisory = withheld(release, compose(facts))
    if isinstance(advisory, Refused):
        return advisory
    verdict = permitted(release, advisory, facts.history, facts.now)
    return verdict if isinstance(verdict, Refused) else advisory


def withheld(release: StandingRelease, advisory: Advisory) -> Advisory | Refused:
    """Return an advisory without the fields that a release does not name, or why one of them cannot be left out."""
    hidden = [name for name in _filled(advisory) if name not in release.fields]
    fixed = [name for name in hidden if name not in _EMPTY]
    if fixed:
        return Refused(f"The standing release does not name `{fixed[0]}`, and no advisory is without it.")
    return replace(advisory, **{name: _EMPTY[name] for name in hidden})


def permitted(release: StandingRelease, advisory: Advisory, history: History, now: str) -> Granted | Refused:
    """Say whether a standing release lets an advisory on what stands in `history` become public at `now`."""
    if release.kind != KIND or release.condition != CONDITION:
        return Refused(f"The standing release is for {release.kind}, {release.condition}.")
    if release.ends_at <= now:
        return Refused(f"The standing release ended at {release.ends_at}.")
    if history.record(FixAccepted, EmbargoEnded) is None:
        return Refused("The embargo has not ended, and no fix was accepted.")
    unnamed = [name for name in _filled(advisory) if name not in release.fields]
    if unnamed:
        return Refused(f"The standing release does not name `{unnamed[0]}`.")
    publisher = Publisher(name=advisory.publisher, namespace=advisory.namespace, contact=advisory.contact)
    if publisher not in {release.publisher, replace(release.publisher, contact="")}:
        return Refused("The standing release names another publisher.")
    return Granted()


def countersigned(entry: Entry, release: StandingRelease, appointed: Sequence[Appointed]) -> Granted | Refused:
    """Say whether both signers of a release are releasers, with keys that differ, and both signed its record."""
    keys: set[str] = set()
    verifiers: list[Verifier] = []
    for signer in release.signers:
        offices = [each for each in appointed if (each.party, each.role) == (signer, RELEASER)]
        if not offices:
            return Refused(f"{signer} is no releaser.")
        keys.add(offices[-1].key)
        verifiers.append(open_verifier(offices[-1].key))
    if len(set(release.signers)) < len(release.signers) or len(keys) < len(release.signers):
        return Refused("A standing release needs two releasers with keys of their own.")
    verified = verify_entry(entry, verifiers)
    if isinstance(verified, Refused):
        return verified
    lacking = [name for name, key in zip(release.signers, verifiers, strict=True) if key.key_id not in verified.key_ids]
    return Refused(f"{lacking[0]} has not signed it.") if lacking else Granted()


def last_advisory(history: History) -> Advisory | None:
    """Return the newest advisory that was ever on a case, whether it stands or fell."""
    for stored in reversed(history.records):
        header, body = stored.entry.header, stored.entry.body
        if header.kind == KIND and body:
            found = decode_body(RELEASED, header.kind, body)
            return found if isinstance(found, Advisory) else None
    return None


def _filled(advisory: Advisory) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(advisory, name))


def _revision(facts: Facts, earlier: Advisory | None) -> Revision:
    if earlier is None:
        return Revision(number=1, at=facts.now, summary=_FIRST)
    last = earlier.revisions[-1]
    published = {stored.id for stored in facts.history.records if stored.entry.header.kind == KIND}
    corrections = [said.body for said in facts.history.standing if isinstance(said.body, Correction)]
    reasons = [each.reason for each in corrections if each.of in published]
    # A clock that was set back must not put a revision before the one that it follows.
    return Revision(number=last.number + 1, at=max(facts.now, last.at), summary=reasons[-1] if reasons else "Revised.")


def _affected(facts: Facts, reported: ReportedTarget, replayed: Replayed) -> Affected:
    policy, fix = facts.policy, facts.history.last(FixAccepted) or FixAccepted()
    purl = _chosen(map(_package, policy.purls if policy else ()), _package(reported.purl))
    url = _chosen(map(_url, policy.repositories if policy else ()), _url(reported.repository))
    fixed = _if(fix.version, MaybeVersion) or _version(policy, replayed.fixed_source)
    seen = _version(policy, replayed.source)
    found = parse_purl(purl).name if purl else url.rpartition("/")[2]
    return Affected(
        purl=purl,
        name=_words(policy.name if policy else found, _MOST_NAME) or _UNNAMED,
        repository=url,
        fixed=fixed,
        fix_commit=_if(fix.commit, MaybeCommit),
        versions=(seen,) if seen and seen != fixed else (),
    )


def _chosen(owned: Iterable[str], reported: str) -> str:
    """Return what a report is about where the project owns that, else the first thing that the project owns.

    Where nobody knows what the project owns, the report's own word is left.
    """
    names = tuple(filter(None, owned))
    return reported if reported in names or not names else names[0]


def _package(text: str) -> str:
    try:
        return _if(str(parse_purl(text).package), MaybePurl)
    except PurlError:
        return ""


def _url(text: str) -> str:
    try:
        return _if(repository(text), MaybeUrl)
    except TargetError:
        return ""


def _if(text: str, shape: object) -> str:
    """Return a text that has a shape of the record, and nothing for another."""
    try:
        return msgspec.convert(text, shape)
    except msgspec.ValidationError:
        return ""


def _version(policy: Policy | None, archive: str) -> str:
    """Return the version that the project says an archive of its sources is."""
    sources = policy.sources if policy and archive else ()
    return next(
        (found for each in sources if each.archive == archive and (found := _if(each.version, MaybeVersion))), ""
    )


def _crash(replayed: Replayed) -> str:
    return _words(replayed.kind.partition("\n")[0], _MOST_KIND) or "Crash"


def _place(replayed: Replayed) -> str:
    """Return the function in which it was seen; of a project's frames the innermost."""
    names = (*(frame.function for frame in replayed.frames[:1]), *replayed.state[:1])
    return _words(next(filter(None, names), ""), _MOST_PLACE)


def _words(text: str, most: int) -> str:
    """Return a text as one line of printable ASCII, cut: names come from the sources that were built."""
    words = " ".join(ascii_safe(text).split())
    return words if len(words) <= most else f"{words[: most - 3]}..."


def _access(replayed: Replayed) -> str:
    """Return the access to memory that failed, as in `write of 4 bytes`."""
    does, _, size = replayed.kind.partition("\n")[2].partition(" ")
    return f"{does.lower()} of {size} bytes" if size.isdecimal() else _words(does.lower(), _MOST_KIND)


def _summary(name: str, replayed: Replayed) -> str:
    where, access = _place(replayed), _access(replayed)
    file = _words(replayed.frames[0].file, _MOST_PLACE) if replayed.frames else ""
    crash = f"{_crash(replayed)}{access and f' ({access})'}"
    return f"{name} crashes with {crash}{where and f' in {where}'}{file and f' ({file})'} on a crafted input."


def _details(facts: Facts, replayed: Replayed, priority: Priority | None) -> str:
    seen, fixed = _version(facts.policy, replayed.source), _version(facts.policy, replayed.fixed_source)
    tool = _words(replayed.tool, _MOST_KIND)
    runs = f"In {replayed.crashes} of {replayed.runs} runs of a build{seen and f' of version {seen}'} it crashed"
    calls = ", ".join(_words(frame.function, _MOST_PLACE) for frame in replayed.frames if frame.function)
    built = f"A build of {f'version {fixed}' if fixed else 'the fixed source'} does not crash."
    return "\n".join(
        (
            f"{runs}{tool and f', as {tool} reports'}.",
            *((built,) if replayed.fixed_source else ()),
            *((f"Calls of the project, innermost first: {calls}.",) if calls else ()),
            *(("It is known to be exploited.",) if priority and priority.exploited is Known.YES else ()),
        )
    )


def _remedy(history: History, affected: Affected) -> str:
    if history.record(FixAccepted):
        ways = (
            affected.fixed and f"Update to version {affected.fixed}.",
            affected.fix_commit and affected.repository and f"The fix is commit {affected.fix_commit}.",
        )
        return " ".join(filter(None, ways)) or "The maintainer has accepted a fix: update to a version that has it."
    if history.record(WontFix):
        return "The maintainer will not fix it. Keep input that others made from it, or use something else."
    return "No fix is known yet. Keep input that others made from it."


def _weakness(kind: str) -> tuple[str, ...]:
    found = (cwe for part, access, cwe in _WEAKNESSES if part.lower() in kind.lower() and access in kind)
    return tuple(islice(found, 1))


def _is_vector(text: str) -> bool:
    try:
        base_scores(text)
    except CvssError:
        return False
    return True


def _aliases(facts: Facts) -> tuple[str, ...]:
    histories = (facts.history, *(each.history for each in facts.duplicates))
    reports = (report for history in histories if (report := history.last(Report)))
    named = (alias for report in reports for alias in report.aliases if alias.startswith(_DATABASES))
    return tuple(islice(dict.fromkeys(alias for alias in named if _if(alias, Alias)), _MOST_ALIASES))


def _credits(facts: Facts) -> tuple[Credit, ...]:
    """Return who is thanked: finders by their claims, then who accepted the fix; the last of too many are left out."""
    finders = credits_of((Merged(facts.subject, facts.history), *facts.duplicates))
    fixed = facts.history.record(FixAccepted)
    thanked = (Credit(name=fixed.author, role="remediation developer"),) if fixed else ()
    return (*finders[: _MOST_CREDITS - len(thanked)], *thanked)
