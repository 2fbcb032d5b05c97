"""Intake: foreign reports of weaknesses as findings of one form. Pure.

Purpose: to read what finders send (SARIF 2.1.0, OSV records, the project's own reports) into one frozen form.
In: the bytes of one document, limits, and a way to ask whether its time is over. Out: an `Intake`: findings, and a
refusal with its reason for every result that is none.
Rules: one bad result spoils no other; a document that passes a limit, or is none, raises `IntakeError` with a typed
problem; nothing is fetched, opened, run or trusted; what a finder does not declare is `Undeclared`, and never assumed.
"""

from trialplate.formats.intake.declared import Declarations
from trialplate.formats.intake.finding import (
    Declaration,
    Declared,
    DeclaredNone,
    Event,
    EventKind,
    Finding,
    Fingerprint,
    Fix,
    InlineProof,
    Intake,
    Location,
    Proof,
    ProofReference,
    Range,
    RangeKind,
    Reference,
    Refusal,
    SeverityClaim,
    Source,
    Target,
    Undeclared,
    Why,
)
from trialplate.formats.intake.osv import parse_osv
from trialplate.formats.intake.plain import Report, parse_plain
from trialplate.formats.intake.sarif import parse_sarif
from trialplate.formats.intake.screen import LIMITS, Expired, IntakeError, Limits, Problem

__all__ = [
    "LIMITS",
    "Declaration",
    "Declarations",
    "Declared",
    "DeclaredNone",
    "Event",
    "EventKind",
    "Expired",
    "Finding",
    "Fingerprint",
    "Fix",
    "InlineProof",
    "Intake",
    "IntakeError",
    "Limits",
    "Location",
    "Problem",
    "Proof",
    "ProofReference",
    "Range",
    "RangeKind",
    "Reference",
    "Refusal",
    "Report",
    "SeverityClaim",
    "Source",
    "Target",
    "Undeclared",
    "Why",
    "parse_osv",
    "parse_plain",
    "parse_sarif",
]
