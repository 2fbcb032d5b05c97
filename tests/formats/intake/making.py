"""Small documents for the tests of intake, and what their findings say."""

from __future__ import annotations

import json
from typing import Any

from trialplate.formats.intake import Finding, Intake, Refusal, Why, parse_osv, parse_plain, parse_sarif

COMMIT = "a" * 40
OTHER = "b" * 40


def sarif(*results: object, **run: object) -> bytes:
    """Return a SARIF document of one run."""
    whole = {"tool": {"driver": {"name": "Tool"}}, "results": list(results), **run}
    return json.dumps({"version": "2.1.0", "runs": [whole]}).encode()


def result(text: str = "It overflows.", **fields: object) -> dict[str, Any]:
    """Return a SARIF result."""
    return {"message": {"text": text}, **fields}


def spot(uri: str, line: int = 0, **fields: object) -> dict[str, Any]:
    """Return a SARIF location."""
    artifact = {"uri": uri, **fields}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line}}}


def only(intake: Intake) -> Finding:
    """Return the one finding of an intake that has nothing else."""
    assert intake.refusals == ()
    (finding,) = intake.findings
    return finding


def refusal(intake: Intake) -> Refusal:
    """Return the one refusal of an intake that has nothing else."""
    assert intake.findings == ()
    (refused,) = intake.refusals
    return refused


def taken(*results: object, **run: object) -> Finding:
    """Return the one finding of a SARIF document."""
    return only(parse_sarif(sarif(*results, **run)))


def why(*results: object, **run: object) -> Why:
    """Return why the one result of a SARIF document is refused."""
    return refusal(parse_sarif(sarif(*results, **run))).why


def record(**fields: object) -> dict[str, Any]:
    """Return an OSV record."""
    return {"id": "x_DRAFT-1", "modified": "2026-11-01T00:00:00Z", "summary": "It overflows.", **fields}


def ranged(*events: dict[str, str], kind: str = "SEMVER", **fields: object) -> dict[str, Any]:
    """Return an OSV record with one range."""
    return record(affected=[{"ranges": [{"type": kind, "events": list(events), **fields}]}])


def osv(*records: object) -> Intake:
    """Return what becomes of OSV records."""
    return parse_osv(json.dumps(records[0] if len(records) == 1 else list(records)).encode())


def report(*findings: object, **fields: object) -> bytes:
    """Return a plain report."""
    return json.dumps({"format": "trialplate.report/1", "findings": list(findings), **fields}).encode()


def weakness(**fields: object) -> dict[str, Any]:
    """Return a finding of a plain report."""
    return {"title": "It overflows", "description": "At once.", "target": {"purl": "pkg:pypi/a"}, **fields}


def plain(**fields: object) -> Intake:
    """Return what becomes of a plain report with one finding."""
    return parse_plain(report(weakness(**fields)))
