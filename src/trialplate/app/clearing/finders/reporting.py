"""Reports: a document of findings is sealed, read inside its limits, and becomes one report a finding.

Nothing of a document runs or is unpacked here: it is read by parsers that are bounded in size, depth, count and time,
so that it needs no process of its own. A batch of reports is one transaction, and each report has a subject that
follows from who sent which document: sending it again takes up what a kill cut short, and changes nothing else.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec import Struct

from trialplate.app.clearing.cases import case_of
from trialplate.app.clearing.finders import claiming
from trialplate.app.clearing.house import HOUSE, Act, ClearingError, House
from trialplate.app.clearing.roles import Role, require
from trialplate.clearinghouse.finders.claims import hold_of, read_opening
from trialplate.clearinghouse.finders.intake import (
    NoReportError,
    Receipt,
    Sender,
    Taken,
    Told,
    TurnedAway,
    detect,
    proofs_of,
    report_of,
    told,
    turned_away,
)
from trialplate.clearinghouse.history import History, insider
from trialplate.clearinghouse.triage.recipe import parse_recipe
from trialplate.flows import summarize
from trialplate.flows.remediation import REMEDIATION
from trialplate.formats.intake import Expired, Finding, IntakeError, Source, Why, parse_osv, parse_plain, parse_sarif
from trialplate.records import PUBLIC, SubjectId, canonical, record_id
from trialplate.records.case import Advisory
from trialplate.records.finding import Report, Reproduced
from trialplate.trust import Reader
from trialplate.trust.ports import Appended, Entry, Mark, Stored, Summary

AUTO: Final = "auto"
FORMATS: Final = (AUTO, *(source.value for source in Source))
"""What a document may be said to be; by `AUTO` what is in it decides."""

MOST_SECONDS: Final = 60
"""How long a document may take to be read."""

BATCH: Final = 250
"""Reports a transaction: enough to share what making one durable costs, few enough to let others write between."""

MOST_KEPT: Final = 128 << 20
"""Bytes that the reports of one document come to. Results may share long names, which each report writes out."""

_MOST_DETAILS: Final = 3
_LEAST_DIGITS: Final = 4

_PARSERS: Final = {Source.SARIF: parse_sarif, Source.OSV: parse_osv, Source.PLAIN: parse_plain}

Tell = Callable[[int, int], None]
"""Called with how many findings of a document are kept so far, and how many it has."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a finder sends: a document, and what holds for each of its findings.

    `recipe`, `source` and `fixed_source` are the files to build by, empty where they are not given. `claim` is the
    subject of a claim that the findings rest on, and `opening` the file that opens one of its commitments.
    """

    document: bytes = field(repr=False)
    format: str = AUTO
    recipe: bytes = field(default=b"", repr=False)
    source: bytes = field(default=b"", repr=False)
    fixed_source: bytes = field(default=b"", repr=False)
    claim: str = ""
    opening: bytes = field(default=b"", repr=False)


class Refused(Struct, frozen=True, kw_only=True):
    """A document of which nothing was taken; it is kept sealed under its digest."""

    document: str
    finder: str
    at: str
    problem: str


class Listed(Struct, frozen=True, kw_only=True):
    """A report in a list."""

    report: str
    title: str
    finder: str
    received_at: str
    told: Told


class Shown(Struct, frozen=True, kw_only=True):
    """A report, and what became of it as far as its finder may know."""

    report: str
    body: Report
    told: Told


@dataclass(frozen=True)
class _Found:
    """A report that stands: when it was received, what it says, and what became of it."""

    subject: SubjectId
    history: History
    at: str
    body: Report


def untold(done: int, findings: int) -> None:
    """Tell nobody: see `Tell`."""
    del done, findings


def submit(house: House, party: str, sent: Sent, tell: Tell = untold) -> Receipt:
    """Keep a document and take in its findings, and return what its finder gets.

    A document of which nothing can be taken is kept and noted, and its receipt says why.

    Args:
        house: the clearinghouse.
        party: who sends it.
        sent: what is sent.
        tell: is told how far it is.

    Raises:
        RecipeError, OpeningError: where the recipe or the opening is none; nothing was kept.
        VaultError: where a file is too large to be kept.
        ClearingError: where the same document is being taken in at this moment, or the claim is not the finder's.
    """
    house.signer(party)
    if sent.recipe:
        parse_recipe(sent.recipe)
    if sent.opening:
        read_opening(sent.opening)
    document = house.vault.put(sent.document)
    try:
        source = detect(sent.document) if sent.format == AUTO else Source(sent.format)
        intake = _PARSERS[source](sent.document, expired=_deadline())
    except IntakeError as problem:
        return _refused(house, Receipt(document=document, format=sent.format, finder=party, problem=str(problem)))
    taken = tuple(_kept(house, party, sent, intake.findings, tell))
    over = tuple(
        TurnedAway(each.index, Why.TOO_LONG.value, "The reports of this document grow too long; send it in parts.")
        for each in intake.findings[len(taken) :]
    )
    receipt = Receipt(
        document=document,
        format=source.value,
        finder=party,
        taken=taken,
        refused=(*turned_away(intake.refusals), *over),
    )
    return receipt if receipt.good else _refused(house, receipt)


def listed(house: House, party: str) -> tuple[Listed, ...]:
    """Return a party's own reports, newest first."""
    return _newest_first(_listed(house, found) for found in _own(house, party))


def status(house: House, party: str, report: str) -> Listed:
    """Return what a party may know of its own report.

    Args:
        house: the clearinghouse.
        party: who asks.
        report: the report's id, or how it begins.

    Raises:
        NoReportError: where that is none of the party's own, whether or not there is one.
    """
    return _listed(house, _only(house, party, report))


def shown(house: House, party: str, report: str) -> Shown:
    """Return a party's own report as the house keeps it; see `status`."""
    found = _only(house, party, report)
    return Shown(report=found.subject, body=found.body, told=_told(house, found.subject, found.history))


def every(house: House, party: str) -> tuple[Listed, ...]:
    """Return all reports, newest first, as their finders may know them.

    Raises:
        RoleError: where the party is no coordinator.
    """
    require(house, party, Role.COORDINATOR)
    return _newest_first(_listed(house, found) for found in _found(house, house.subjects(REMEDIATION)))


def refused(house: House, party: str) -> tuple[Refused, ...]:
    """Return the documents of which nothing was taken, in the order in which they came.

    Raises:
        RoleError: where the party is no coordinator.
    """
    require(house, party, Role.COORDINATOR)
    return _noted(house)


def _deadline() -> Expired:
    end = time.monotonic() + MOST_SECONDS
    return lambda: time.monotonic() > end


def _refused(house: House, receipt: Receipt) -> Receipt:
    """Note a document of which nothing was taken, once, and return its receipt."""
    # Results that were turned away may be many, and each says why in its own words.
    problem = receipt.problem or " ".join(sorted({each.detail for each in receipt.refused})[:_MOST_DETAILS])
    note = Refused(document=receipt.document, finder=receipt.finder, at=house.clock(), problem=problem)
    known = ((each.document, each.finder) for each in _noted(house))
    if (note.document, note.finder) not in known:
        house.vault.note(canonical(note))
    return receipt


def _kept(house: House, party: str, sent: Sent, findings: Sequence[Finding], tell: Tell) -> Iterator[Taken]:
    """Keep the findings of a document, a batch a transaction, up to `MOST_KEPT`, and yield what became of each."""
    if not findings:
        return
    document = hashlib.sha256(sent.document).hexdigest()
    subjects = _subjects(house, party, document, [each.index for each in findings])
    sender = _sender(house, party, sent, document, house.history(subjects[0]))
    size = 0
    proofs = {proof: house.vault.put(proof) for proof in proofs_of(findings)}
    for start in range(0, len(findings), BATCH):
        batch = tuple(zip(subjects[start : start + BATCH], findings[start : start + BATCH], strict=True))
        for taken, stored in _batch(house, batch, sender, proofs):
            size += len(stored.entry.body)
            yield taken
        tell(start + len(batch), len(findings))
        if size > MOST_KEPT:
            return


def _subjects(house: House, party: str, document: str, indices: Sequence[int]) -> list[SubjectId]:
    """Return the subjects of a document's findings, which only the key of the index can tell."""
    secret = house.keyed(f"report\n{party}\n{document}")
    return [SubjectId(hashlib.sha256(f"{secret}\n{index}".encode()).hexdigest()[:32]) for index in indices]


def _sender(house: House, party: str, sent: Sent, document: str, begun: History) -> Sender:
    """Return what holds for each finding: for one that a kill cut short, what held for its first ones."""
    first = begun.record(Report)
    if first is not None and isinstance(first.body, Report):
        body, received_at = first.body, first.at
        claim, recipe, source, fixed_source = body.claim, body.recipe, body.source, body.fixed_source
    else:
        received_at = house.clock()
        claim = claiming.shown(house, party, sent.claim).claim if sent.claim else ""
        files = (sent.recipe, sent.source, sent.fixed_source)
        recipe, source, fixed_source = (house.vault.put(file) if file else "" for file in files)
    return Sender(
        document=document,
        finder=party,
        received_at=received_at,
        claim=claim,
        claimed=hold_of(house.history(SubjectId(claim))) if claim else None,
        opening=read_opening(sent.opening) if sent.opening else None,
        recipe=recipe,
        source=source,
        fixed_source=fixed_source,
    )


def _batch(
    house: House, batch: Sequence[tuple[SubjectId, Finding]], sender: Sender, proofs: dict[bytes, str]
) -> Iterator[tuple[Taken, Stored]]:
    now, flow = house.clock(), house.flows[REMEDIATION]
    standing = {subject: house.store.history(insider(HOUSE), subject) for subject, _ in batch}
    entries: list[Entry] = []
    rows: list[Summary] = []
    new: dict[SubjectId, Stored] = {}
    for subject, finding in batch:
        if standing[subject]:
            continue
        act = Act(body=report_of(finding, sender, proofs), step="finding.report")
        entry = house.entry(sender.finder, subject, REMEDIATION, act, ())
        new[subject] = Stored(seq=1, id=record_id(entry.header), entry=entry, received_at=now)
        entries.append(entry)
        rows += summarize(flow, (new[subject],))
    answer = house.store.append(insider(HOUSE), entries, now=now, summaries=rows, after=dict.fromkeys(new, 0))
    if not isinstance(answer, Appended):
        raise ClearingError("The same document is being taken in at this moment.", "Send it again when that is done.")
    for subject, finding in batch:
        first = new.get(subject) or standing[subject][0]
        taken = Taken(
            index=finding.index,
            title=finding.title,
            report=subject,
            receipt=first.id,
            received_at=first.received_at,
            again=subject not in new,
        )
        yield taken, first


def _noted(house: House) -> tuple[Refused, ...]:
    return tuple(msgspec.json.decode(note, type=Refused) for note in house.vault.notes())


def _newest_first(reports: Iterable[Listed]) -> tuple[Listed, ...]:
    return tuple(sorted(reports, key=lambda each: (each.received_at, each.report), reverse=True))


def _found(house: House, subjects: Iterable[SubjectId]) -> Iterator[_Found]:
    """Yield the reports among these subjects: a finder's claims carry the same mark, and a report may have fallen."""
    for subject in subjects:
        history = house.history(subject)
        said = history.record(Report)
        if said is not None and isinstance(said.body, Report):
            yield _Found(subject, history, said.at, said.body)


def _own(house: House, party: str, begun: str = "") -> Iterator[_Found]:
    """Yield a party's own reports whose ids begin so."""
    marked = house.marked(Mark("finder", house.keyed(party)))
    return _found(house, (each.subject for each in marked if each.subject.startswith(begun)))


def _only(house: House, party: str, report: str) -> _Found:
    begun = report.lower()
    found = tuple(_own(house, party, begun)) if len(begun) >= _LEAST_DIGITS else ()
    if len(found) != 1:
        many = "Several reports of yours have" if found else "No report of yours has"
        raise NoReportError(f"{many} an id that begins with {begun[:40]!r}.", "Look it up: trialplate report list")
    return found[0]


def _listed(house: House, found: _Found) -> Listed:
    return Listed(
        report=found.subject,
        title=found.body.title,
        finder=found.body.finder,
        received_at=found.at,
        told=_told(house, found.subject, found.history),
    )


def _told(house: House, subject: SubjectId, history: History) -> Told:
    """Return what the finder may know: of the case that its report became part of, only what anybody may read."""
    if history.last(Reproduced) is None:
        return told(history, None)
    case = case_of(house, subject)
    public = house.history(case, Reader(party="anybody", clearance=PUBLIC)) if case else None
    return told(history, public.last(Advisory) if public else None)
