"""Intake: what finders send becomes reports, one a finding, and they learn what was taken and what became of it. Pure.

A report says no more than the document does: what is too long for a record is cut with a note, what has no place in one
stands below its description, and the sealed document has all of it. No finder is told anything that another's report
could change: whether a finding was known already shows only once an advisory is public.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeGuard

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from trialplate.clearinghouse.finders.claims import Arrival, Credit, Hold, Opening, credited
from trialplate.clearinghouse.history import History
from trialplate.errors import TrialplateError
from trialplate.formats.intake import (
    LIMITS,
    Declaration,
    Declared,
    DeclaredNone,
    EventKind,
    Finding,
    Fix,
    InlineProof,
    IntakeError,
    Problem,
    Proof,
    ProofReference,
    RangeKind,
    Refusal,
    Source,
    Target,
)
from trialplate.formats.intake.screen import screened
from trialplate.formats.purl import Purl
from trialplate.records.case import Advisory
from trialplate.records.finding import (
    Attached,
    Claimed,
    Declined,
    Lapsed,
    NotReproduced,
    Report,
    ReportedFix,
    ReportedPlace,
    ReportedTarget,
    Reproduced,
    Said,
)
from trialplate.records.finding import Declared as Declares

MOST_SHORT: Final = 2_048
MOST_TEXT: Final = 1 << 16
MOST_ITEMS: Final = 64
MOST_FEW: Final = 16
"""Limits of the fields of a report; see `trialplate.records.shapes`."""

MOST_PROOFS: Final = 1_000
"""Proofs of one document that are kept in files of their own."""

_CUT: Final = " [cut; the sealed document has all of it]"
_LAST_LINE: Final = 2**31 - 1

_PURL_TYPES: Final = {
    "crates": "cargo",
    "Go": "golang",
    "Hex": "hex",
    "Maven": "maven",
    "npm": "npm",
    "NuGet": "nuget",
    "Packagist": "composer",
    "Pub": "pub",
    "PyPI": "pypi",
    "RubyGems": "gem",
}
"""Types of purl by the ecosystems that OSV records name (OSV schema, defined ecosystems), up to a point or colon."""


class NoReportError(TrialplateError):
    """There is no such report, or none that this party may know of."""


class Taken(Struct, frozen=True, kw_only=True):
    """A finding that was taken: its place in the document, the id of its report, and of the record that is its receipt.

    `received_at` is when the house received it; `again` says that it did so earlier, and nothing was changed.
    """

    index: int
    title: str
    report: str
    receipt: str
    received_at: str
    again: bool


class TurnedAway(Struct, frozen=True):
    """A result of the document that was not taken, and why."""

    index: int
    why: str
    detail: str


class Receipt(Struct, frozen=True, kw_only=True):
    """What a finder gets for a document: its digest, and what became of each of its results.

    `problem` says why the document was refused as a whole, and what to do; it is empty where it was not.
    """

    document: str
    format: str
    finder: str
    taken: tuple[Taken, ...] = ()
    refused: tuple[TurnedAway, ...] = ()
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether the document was taken, and something of it, where there is anything in it."""
        return not self.problem and (bool(self.taken) or not self.refused)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """What holds for every finding of a document: who sent it, when it was received, and what came with it.

    `claim` is the subject of the finder's claim, `claimed` what it holds, and `opening` opens a commitment of it.
    """

    document: str
    finder: str
    received_at: str
    claim: str = ""
    claimed: Hold | None = None
    opening: Opening | None = None
    recipe: str = ""
    source: str = ""
    fixed_source: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """What a finder may know of its report: the state in a word, in a sentence, and since when."""

    state: str
    meaning: str
    since: str


class _Shape(Struct, frozen=True):
    """What tells the formats apart."""

    runs: Raw | UnsetType = UNSET
    format: str | UnsetType = UNSET
    findings: Raw | UnsetType = UNSET
    modified: Raw | UnsetType = UNSET
    id: Raw | UnsetType = UNSET


_Shapes = _Shape | Annotated[tuple[_Shape, ...], Meta(min_length=1)]


def detect(document: bytes) -> Source:
    """Return the format of a document, by what is in it.

    Raises:
        IntakeError: where it passes the limits of every format, or is of none.
    """
    try:
        shapes = msgspec.json.decode(screened(document, LIMITS), type=_Shapes)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        shapes = ()
    first, *others = (shapes,) if isinstance(shapes, _Shape) else shapes or (_Shape(),)
    if not others and first.runs is not UNSET:
        return Source.SARIF
    if not others and first.format is not UNSET and first.findings is not UNSET:
        return Source.PLAIN
    if first.id is not UNSET and first.modified is not UNSET:
        return Source.OSV
    raise IntakeError(
        Problem.FORMAT,
        "The document is no SARIF log, no OSV record and no report of ours.",
        "Send one of these, or write one by `trialplate report form`.",
    )


def proofs_of(findings: Sequence[Finding]) -> tuple[bytes, ...]:
    """Return the distinct proofs in these findings that are kept in files of their own, `MOST_PROOFS` at most."""
    proofs = (proof for finding in findings for proof in finding.proofs[:MOST_FEW])
    kept = dict.fromkeys(proof.data for proof in proofs if isinstance(proof, InlineProof))
    return tuple(kept)[:MOST_PROOFS]


def report_of(finding: Finding, sender: Sender, kept: Mapping[bytes, str]) -> Report:
    """Return the report of a finding.

    Args:
        finding: what was read.
        sender: who sent it, in which document, and with what.
        kept: the digests of the proofs that are kept.
    """
    target = _target(finding.targets[0]) if finding.targets else ReportedTarget()
    credit = _credit(sender, target)
    proofs = [(each.name, kept[each.data]) for each in finding.proofs if _is_kept(each, kept)][:MOST_FEW]
    return Report(
        document=sender.document,
        format=finding.source.value,
        index=finding.index,
        finder=sender.finder,
        claim=sender.claim,
        claimed_at=credit.claimed_at,
        basis=credit.basis,
        title=_cut(finding.title, MOST_SHORT) or "(without a title)",
        description=_cut("\n\n".join(_paragraphs(finding, len(proofs))), MOST_TEXT),
        target=target,
        tool=_cut(finding.tool, MOST_SHORT),
        weakness=_shorts(finding.weakness),
        aliases=_shorts(_aliases(finding)),
        places=tuple(
            ReportedPlace(
                file=_cut(each.file, MOST_SHORT),
                line=min(each.line, _LAST_LINE),
                function=_cut(each.function, MOST_SHORT),
            )
            for each in finding.locations[:MOST_ITEMS]
        ),
        severity=tuple(
            Claimed(_cut(each.scheme, MOST_SHORT), _cut(each.value, MOST_SHORT)) for each in finding.severity[:MOST_FEW]
        ),
        stack=_cut(finding.stack, MOST_TEXT),
        fixes=tuple(
            ReportedFix(
                repository=_cut(each.repository, MOST_SHORT),
                commit=_cut(each.commit, MOST_SHORT),
                patch=_cut(each.patch, MOST_TEXT),
            )
            for each in _fixes(finding)[:MOST_FEW]
        ),
        proofs=tuple(Attached(_cut(name, MOST_SHORT), digest) for name, digest in proofs),
        recipe=sender.recipe,
        source=sender.source,
        fixed_source=sender.fixed_source,
        ai_tool=_declared(finding.ai_tool),
        ai_model=_declared(finding.ai_model),
        verifier=_declared(finding.verifier),
    )


def turned_away(refusals: Sequence[Refusal]) -> tuple[TurnedAway, ...]:
    """Return refusals as a receipt says them."""
    return tuple(TurnedAway(each.index, each.why.value, each.detail) for each in refusals)


def told(history: History, public: Advisory | None) -> Told:
    """Return what its finder may know of a report.

    Args:
        history: the report's.
        public: the advisory on its case, where it is public.

    Raises:
        NoReportError: where there is no report in it.
    """
    said = history.record(Report, Declined, Lapsed, NotReproduced, Reproduced)
    if said is None:
        raise NoReportError("There is no report in this history.", "Ask for a report by its id.")
    if public is not None:
        return Told(
            state="published", meaning=f"The advisory {public.id} is public and credits you.", since=public.published_at
        )
    state, meaning = _meaning(said.body)
    return Told(state=state, meaning=meaning, since=said.at)


def _meaning(body: Struct) -> tuple[str, str]:
    match body:
        case Declined(reason=reason):
            return "declined", f"The project's own policy takes no such report: {reason}"
        case Lapsed():
            return "lapsed", "Nobody could take it up in time. Report it again, with what shows it."
        case NotReproduced(verdict=verdict, reasons=reasons):
            return verdict.value, " ".join((*reasons, "A coordinator may still correct this."))
        case Reproduced():
            return "reproduced", "It was shown to be real. You are told more when an advisory is public."
        case _:
            return "received", "It waits to be tried."


def _credit(sender: Sender, target: ReportedTarget) -> Credit:
    arrival = Arrival(
        finder=sender.finder,
        target=target,
        received_at=sender.received_at,
        document=sender.document,
        opening=sender.opening,
    )
    return credited(arrival, sender.claimed)


def _paragraphs(finding: Finding, proofs: int) -> Iterator[str]:
    """Yield the description, and what else the document says that has no field of its own."""
    yield finding.description
    if finding.rule:
        yield f"Rule: {finding.rule}"
    if finding.flow:
        yield f"Flow:\n{finding.flow}"
    if finding.targets[1:]:
        # All findings of a run share its targets: what each repeats of them is kept short.
        others = ", ".join(each.purl or each.name or each.repository for each in finding.targets[1:MOST_FEW])
        yield f"Other targets: {_cut(others, MOST_SHORT)}"
    elsewhere = [each for each in finding.proofs if isinstance(each, ProofReference)]
    if elsewhere:
        yield "\n".join(("Proofs that lie elsewhere, which nobody fetches:", *(each.uri for each in elsewhere)))
    if finding.references:
        yield "\n".join(("References:", *(each.url for each in finding.references)))
    lengths = (
        (len(finding.locations) - MOST_ITEMS, "places"),
        (len(finding.weakness) - MOST_ITEMS, "weaknesses"),
        (len(_aliases(finding)) - MOST_ITEMS, "aliases"),
        (len(finding.severity) - MOST_FEW, "severities"),
        (len(_fixes(finding)) - MOST_FEW, "fixes"),
        (len(finding.proofs) - len(elsewhere) - proofs, "proofs"),
    )
    over = ", ".join(f"{what} ({count})" for count, what in lengths if count > 0)
    if over:
        yield f"Left out here, and kept in the sealed document: {over}."


def _target(given: Target) -> ReportedTarget:
    ranges = sorted(given.ranges, key=lambda each: each.kind is not RangeKind.GIT)
    events = ranges[0].events if ranges else ()
    first = {each.kind: each.version for each in reversed(events)}
    return ReportedTarget(
        purl=_cut(given.purl or _purl(given), MOST_SHORT),
        repository=_cut(given.repository or next((each.repository for each in ranges), ""), MOST_SHORT),
        component=_cut(given.component, MOST_SHORT),
        seen_at=_cut(given.seen_at, MOST_SHORT),
        introduced=_cut(first.get(EventKind.INTRODUCED, ""), MOST_SHORT),
        fixed=_cut(first.get(EventKind.FIXED, ""), MOST_SHORT),
    )


def _purl(given: Target) -> str:
    """Return the purl of a package that is named by its ecosystem alone, or nothing."""
    kind = _PURL_TYPES.get(given.ecosystem.partition(":")[0].partition(".")[0])
    if kind is None or not given.name:
        return ""
    path = given.name.replace(":", "/") if kind == "maven" else given.name
    namespace, _, name = path.rpartition("/")
    return str(Purl(type=kind, namespace=namespace, name=name))


def _aliases(finding: Finding) -> tuple[str, ...]:
    """Return the aliases; the id of an OSV record is a name by which others know it, and other ids are not."""
    own = (finding.id,) if finding.source is Source.OSV and finding.id else ()
    return tuple(dict.fromkeys((*own, *finding.aliases)))


def _fixes(finding: Finding) -> tuple[Fix, ...]:
    return tuple(fix for fix in finding.fixes if fix.commit or fix.patch)


def _is_kept(proof: Proof, kept: Mapping[bytes, str]) -> TypeGuard[InlineProof]:
    return isinstance(proof, InlineProof) and proof.data in kept


def _declared(given: Declaration) -> Declares:
    if isinstance(given, Declared):
        return Declares(Said.NAMED, _cut(given.name, MOST_SHORT))
    return Declares(Said.NONE if isinstance(given, DeclaredNone) else Said.UNDECLARED)


def _shorts(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(_cut(each, MOST_SHORT) for each in texts[:MOST_ITEMS])


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT
