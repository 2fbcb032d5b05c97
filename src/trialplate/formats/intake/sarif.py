"""SARIF 2.1.0, as analyzers write it: each result becomes a finding, or is refused for itself.

What is taken from rules, taxonomies, artifacts and bases of the run is looked up there by index, id or GUID. A result
that is suppressed, passed, or gone since an earlier run is refused. Files that a document refers to are never fetched.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Raw

from trialplate.formats.intake.declared import NOTHING, declaration, declared_in, merged
from trialplate.formats.intake.finding import (
    Finding,
    Fingerprint,
    Fix,
    InlineProof,
    Intake,
    Proof,
    ProofReference,
    Reference,
    Refusal,
    SeverityClaim,
    Source,
    Target,
    Why,
)
from trialplate.formats.intake.nulls import decoded_without_nulls, may_have_nulls, without_nulls
from trialplate.formats.intake.sarif_places import Places
from trialplate.formats.intake.sarif_rules import Rule, Rules, severity_of
from trialplate.formats.intake.sarif_shapes import (
    Artifact,
    Attachment,
    Component,
    Fixing,
    Log,
    Result,
    Run,
    Stored,
)
from trialplate.formats.intake.screen import (
    LIMITS,
    Budget,
    Expired,
    IntakeError,
    Limits,
    Problem,
    ResultError,
    bounded,
    decoded,
    few,
    gathered,
    headline,
    never,
    screened,
    shown,
)

VERSION: Final = "2.1.0"

_RESULTS: Final = msgspec.json.Decoder(Result)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

_WEAK: Final = frozenset({"fail", "open", "review"})
"""Kinds of result that speak of a weakness, found or possible; the others say that there is none to see to."""

_UNDECIDED: Final = frozenset({"underReview", "rejected"})
"""States of a suppression in which it holds nothing back (section 3.27.23)."""


def parse_sarif(data: bytes, *, limits: Limits = LIMITS, expired: Expired = never) -> Intake:
    """Return the findings and refusals of a SARIF document; results are counted through all of its runs.

    Args:
        data: the document, UTF-8, with or without a byte order mark.
        limits: what it may ask for.
        expired: whether its time is over.

    Raises:
        IntakeError: where the document is refused as a whole.
    """
    log = _log(screened(data, limits))
    if log.version != VERSION:
        raise IntakeError(
            Problem.FORMAT, f"The document is of SARIF version {shown(log.version)!r}.", f"Send version {VERSION}."
        )
    runs = log.runs or ()
    if len(runs) > limits.items:
        raise IntakeError(Problem.RESULTS, f"The document has more than {limits.items} runs.", "Send it in parts.")
    findings: list[Finding] = []
    refusals: list[Refusal] = []
    budget, start = Budget(limits), 0
    for run in runs:
        raws = run.results or ()
        made = gathered(raws, _Run(run, limits, budget).finding, limits=limits, expired=expired, start=start)
        findings += made.findings
        refusals += made.refusals
        start += len(raws)
        if run.external_property_file_references.results:
            refusals.append(Refusal(start, Why.ELSEWHERE, "Results of this run lie in other files; send these."))
            start += 1
    return Intake(tuple(findings), tuple(refusals))


def _log(data: bytes) -> Log:
    """Return a document, read again without its nulls where it cannot be read with them."""
    try:
        return decoded(data, Log)
    except IntakeError:
        if not may_have_nulls(data):
            raise
    return decoded(data, Log, read=without_nulls)


class _Run:
    """One run, which makes its results findings."""

    def __init__(self, run: Run, limits: Limits, budget: Budget) -> None:
        self._limits = limits
        self._artifacts = run.artifacts
        self._proofs: dict[int, Proof] = {}
        self._rules = Rules(run, limits, budget)
        try:
            self._places = Places(run, limits, budget)
            self._tool = _tool(run.tool.driver, limits)
            self._targets = tuple(_targets(run, limits))
            self._declared = declared_in(run.properties.trialplate, limits)
        except ResultError as refused:
            raise IntakeError(Problem.TEXT, f"A run cannot be taken. {refused.what}", "Correct it.") from None

    def finding(self, raw: Raw, index: int) -> Finding:
        """Return the finding of a result.

        Raises:
            ResultError: where it has none that can be taken.
            MsgspecError, UnicodeDecodeError: where it is no result.
        """
        result = decoded_without_nulls(_RESULTS, raw)
        _check_state(result)
        rules, places, limits = self._rules, self._places, self._limits
        rule = rules.of(result)
        message = rules.text(result.message, rule)
        title = (rule.title if rule else "") or headline(message)
        if not title:
            raise ResultError(Why.EMPTY, "It has neither a message nor a rule that says what is wrong.")
        declared = merged(self._declared, declared_in(result.properties.trialplate, limits))
        return Finding(
            source=Source.SARIF,
            index=index,
            id=bounded(result.guid or result.correlation_guid, limits.short, "GUID"),
            title=title,
            description=message,
            tool=self._tool,
            rule=bounded(_rule_name(result, rule), limits.short, "rule"),
            weakness=rules.weakness(result, rule),
            locations=tuple([places.location(spot) for spot in few(result.locations, limits, "locations")]),
            targets=self._targets,
            severity=_severity(result, rule, limits),
            proofs=tuple([self._proof(each) for each in few(result.attachments, limits, "attachments")]),
            references=tuple(_references(result, rule, limits)),
            fixes=tuple([self._fix(each) for each in few(result.fixes, limits, "fixes")]),
            fingerprints=tuple(_fingerprints(result, limits)),
            flow=places.flow(result.code_flows) if result.code_flows else "",
            stack=places.stack(result.stacks) if result.stacks else "",
            ai_tool=declaration(declared.ai_tool),
            ai_model=declaration(declared.ai_model),
            verifier=declaration(declared.verifier),
        )

    def _proof(self, attachment: Attachment) -> Proof:
        place = attachment.artifact_location
        known = self._proofs.get(place.index)
        if known is None:
            stored = self._artifacts[place.index] if 0 <= place.index < len(self._artifacts) else Stored()
            known = self._made_proof(place, stored)
            if place.index >= 0:
                self._proofs[place.index] = known
        return known

    def _made_proof(self, place: Artifact, stored: Stored) -> Proof:
        name = self._places.file(place)
        contents = stored.contents
        if contents.binary is None and contents.text is None:
            if not name:
                raise ResultError(Why.MALFORMED, "One of its attachments has neither a name nor contents.")
            return ProofReference(name=name, uri=name, sha256=_sha256(stored.hashes))
        try:
            data = (contents.text or "").encode() if contents.binary is None else _base64(contents.binary)
        except ValueError:
            raise ResultError(Why.MALFORMED, "The contents of one of its attachments are no base64.") from None
        if len(data) > self._limits.proof:
            raise ResultError(Why.TOO_LONG, f"An attachment has {len(data)} bytes, at most {self._limits.proof}.")
        return InlineProof(name=name, media_type=bounded(stored.mime_type, self._limits.short, "type"), data=data)

    def _fix(self, fixing: Fixing) -> Fix:
        lines: list[str] = []
        for change in few(fixing.artifact_changes, self._limits, "changes"):
            name = self._places.file(change.artifact_location)
            for replacement in few(change.replacements, self._limits, "replacements"):
                region = replacement.deleted_region
                lines.append(f"{name}:{region.start_line}-{max(region.end_line, region.start_line)}")
                lines.append(replacement.inserted_content.text)
        return Fix(
            description=bounded(fixing.description.text, self._limits.text, "fix"),
            patch=bounded("\n".join(lines), self._limits.text, "patch"),
        )


def _check_state(result: Result) -> None:
    if result.kind not in _WEAK:
        raise ResultError(Why.NO_WEAKNESS, f"It is of kind {shown(result.kind)!r}.")
    if result.suppressions and not any(each.status in _UNDECIDED for each in result.suppressions):
        reason = next((each.justification for each in result.suppressions if each.justification), "no reason given")
        raise ResultError(Why.SUPPRESSED, f"It is suppressed: {shown(reason)}.")
    if result.baseline_state == "absent":
        raise ResultError(Why.GONE, "An earlier run found it, and this one does not.")


def _rule_name(result: Result, rule: Rule | None) -> str:
    return result.rule_id or result.rule.id or (rule.descriptor.id if rule else "")


def _severity(result: Result, rule: Rule | None, limits: Limits) -> tuple[SeverityClaim, ...]:
    level = result.level or (rule.descriptor.default_configuration.level if rule else "")
    score = severity_of(result.properties) or (rule.severity if rule else "")
    rank = repr(result.rank) if result.rank >= 0 else ""
    claims = (("sarif.level", level), ("security-severity", score), ("sarif.rank", rank))
    return tuple([SeverityClaim(name, bounded(value, limits.short, name)) for name, value in claims if value])


def _references(result: Result, rule: Rule | None, limits: Limits) -> Iterator[Reference]:
    if rule and rule.help:
        yield Reference("help", bounded(rule.help, limits.short, "help URI"))
    for uri in few(result.work_item_uris, limits, "work items"):
        yield Reference("work item", bounded(uri, limits.short, "work item"))


def _fingerprints(result: Result, limits: Limits) -> Iterator[Fingerprint]:
    for values in (result.fingerprints, result.partial_fingerprints):
        for name in few(tuple(values), limits, "fingerprints"):
            yield Fingerprint(
                bounded(name, limits.short, "fingerprint"), bounded(values[name], limits.short, "fingerprint")
            )


def _tool(driver: Component, limits: Limits) -> str:
    name = f"{driver.name} {driver.semantic_version or driver.version}".strip()
    return bounded(name, limits.short, "tool")


def _targets(run: Run, limits: Limits) -> Iterator[Target]:
    for revision in few(run.version_control_provenance, limits, "repositories"):
        yield Target(
            repository=bounded(revision.repository_uri, limits.short, "repository"),
            seen_at=bounded(revision.revision_id, limits.short, "revision"),
        )


def _base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _sha256(raw: Raw) -> str:
    if raw is NOTHING:
        return ""
    try:
        hashes = msgspec.json.decode(raw, type=dict[str, str])
    except msgspec.MsgspecError:
        return ""
    value = hashes.get("sha-256", "").lower()
    return value if _SHA256.fullmatch(value) else ""
