"""SARIF results taken in per minute, beside the standard `json.loads` of the same bytes, which checks nothing.

The documents have the shape that analyzers write: rules with tags and scores, messages with arguments, regions, logical
locations, fingerprints, and a code flow in every fifth result. What the issue asks of the whole intake is 10,000
results a minute, so reading them may take a small part of that. Two more rows time OSV records and what the screen
alone costs: limits are checked before anything is decoded. The last two are the whole intake, on the disk that holds
the home: documents sealed, each finding signed, indexed and made durable, beside that figure and beside reading alone.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from bench.measure import Better, Row, against, interleaved, stopwatch
from trialplate.app.clearing.finders.reporting import Sent, submit
from trialplate.app.clearing.house import opened_house
from trialplate.app.settings import Settings
from trialplate.formats.intake import LIMITS, Intake, parse_osv, parse_sarif
from trialplate.formats.intake.screen import screened
from trialplate.home import home_folder

RESULTS: Final = 10_000
DOCUMENTS: Final = 5
RULES: Final = 120
RECORDS: Final = 2_000
ROUNDS: Final = 7
WHOLE_ROUNDS: Final = 2
ASKED: Final = 10_000.0
"""Results a minute that the whole intake has to take in."""
SARIF_FLOOR: Final = 0.35
OSV_FLOOR: Final = 0.2
"""Least ratios to bare `json.loads`, which builds dicts, checks no limit and makes no findings."""

_WORDS: Final = tuple(
    "value buffer length index request header user input query path file name copy write read free open lock size "
    "token session array pointer string format parser frame packet cache object field".split()
)

Parse = Callable[[bytes], Intake]


def run() -> list[Row]:
    """Return the rows."""
    rng = random.Random(5)
    documents = [sarif_document(rng, RESULTS // DOCUMENTS) for _ in range(DOCUMENTS)]
    records = [json.dumps([osv_record(rng, number) for number in range(RECORDS)]).encode()]
    size = sum(map(len, documents)) / 1e6
    return [
        _compared(f"SARIF results taken in, {size:.0f} MB", documents, parse_sarif, RESULTS, SARIF_FLOOR),
        _compared("OSV records taken in", records, parse_osv, RECORDS, OSV_FLOOR),
        _screening(f"the screen alone, {size:.0f} MB", documents),
        *_whole(documents),
    ]


def sarif_document(rng: random.Random, results: int) -> bytes:
    """Return a SARIF document of one run, indented as tools write it."""
    run = {
        "tool": {"driver": {"name": "Analyzer", "semanticVersion": "4.2.1", "rules": [_rule(n) for n in range(RULES)]}},
        "originalUriBaseIds": {"SRCROOT": {"uri": "file:///builds/project/"}},
        "versionControlProvenance": [
            {"repositoryUri": "https://git.example/project", "revisionId": f"{rng.getrandbits(160):040x}"}
        ],
        "results": [_result(rng, number) for number in range(results)],
    }
    return json.dumps({"version": "2.1.0", "runs": [run]}, indent=1).encode()


def osv_record(rng: random.Random, number: int) -> dict[str, Any]:
    """Return an OSV record."""
    return {
        "id": f"x_DRAFT-{number}",
        "modified": "2026-11-01T00:00:00Z",
        "summary": _sentence(rng, 8),
        "details": _sentence(rng, 80),
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": f"package{number}", "purl": f"pkg:pypi/package{number}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": f"1.{number}"}]}],
                "versions": [f"1.{part}" for part in range(rng.randrange(30))],
            }
        ],
        "references": [{"type": "WEB", "url": f"https://advisories.example/{number}/{part}"} for part in range(5)],
        "database_specific": {"cwe_ids": [f"CWE-{rng.randrange(1, 1400)}"]},
    }


def _rule(number: int) -> dict[str, Any]:
    return {
        "id": f"cpp/rule-{number}",
        "name": f"rule-{number}",
        "shortDescription": {"text": f"Weakness of kind {number}"},
        "messageStrings": {"default": {"text": "The {0} of '{1}' reaches a {2} without a check."}},
        "defaultConfiguration": {"level": "error"},
        "helpUri": f"https://rules.example/{number}",
        "properties": {
            "tags": ["security", f"external/cwe/cwe-{number + 20:03d}"],
            "security-severity": f"{number % 100 / 10}",
        },
    }


def _result(rng: random.Random, number: int) -> dict[str, Any]:
    rule = rng.randrange(RULES)
    result: dict[str, Any] = {
        "ruleId": f"cpp/rule-{rule}",
        "ruleIndex": rule,
        "message": {"id": "default", "arguments": rng.sample(_WORDS, 3)},
        "locations": [_spot(rng)],
        "partialFingerprints": {"primaryLocationLineHash": f"{rng.getrandbits(64):016x}:1"},
    }
    if number % 2:
        result["message"] = {"text": _sentence(rng, 20)}
    if number % 5 == 0:
        steps = [
            {"location": _spot(rng) | {"message": {"text": _sentence(rng, 3)}}} for _ in range(rng.randrange(2, 9))
        ]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return result


def _spot(rng: random.Random) -> dict[str, Any]:
    line = rng.randrange(1, 5000)
    uri = f"src/{rng.choice(_WORDS)}/{rng.choice(_WORDS)}_{rng.randrange(40)}.cc"
    region = {"startLine": line, "startColumn": rng.randrange(1, 90), "endLine": line, "endColumn": 100}
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}, "region": region},
        "logicalLocations": [{"fullyQualifiedName": f"{rng.choice(_WORDS)}::{rng.choice(_WORDS)}", "kind": "function"}],
    }


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize() + "."


def _compared(name: str, documents: Sequence[bytes], parse: Parse, results: int, floor: float) -> Row:
    """Return the row of taking in all `documents`, which hold `results` results together."""

    def take() -> None:
        taken = sum(len(parse(document).findings) for document in documents)
        if taken != results:
            raise ValueError(f"{taken} of {results} good results were taken.")

    mine, bare = stopwatch(take), stopwatch(lambda: [json.loads(document) for document in documents])
    return against(
        name,
        "results/min",
        *interleaved(lambda: results * 60 / mine(), lambda: results * 60 / bare(), rounds=ROUNDS),
        peer_name="bare json.loads",
        better=Better.HIGHER,
        floor=floor,
    )


def _screening(name: str, documents: Sequence[bytes]) -> Row:
    mine = stopwatch(lambda: [screened(document, LIMITS) for document in documents])
    bare = stopwatch(lambda: [json.loads(document) for document in documents])
    return against(
        name,
        "s",
        *interleaved(mine, bare, rounds=ROUNDS),
        peer_name="bare json.loads",
        better=Better.LOWER,
        floor=1.0,
    )


def _whole(documents: Sequence[bytes]) -> list[Row]:
    """Return the rows of taking in all `documents` through the whole intake, each time in a fresh home."""
    folder = home_folder(os.environ)
    folder.mkdir(parents=True, exist_ok=True)

    def take() -> None:
        # Where the store will be, on the disk that it will use.
        with (
            tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as home,
            opened_house(Settings(home=Path(home))) as house,
        ):
            taken = sum(len(submit(house, "finder", Sent(document=document)).taken) for document in documents)
        if taken != RESULTS:
            raise ValueError(f"{taken} of {RESULTS} good results were taken.")

    mine, alone = stopwatch(take), stopwatch(lambda: [parse_sarif(document) for document in documents])
    ours, reading = interleaved(
        lambda: RESULTS * 60 / mine(), lambda: RESULTS * 60 / alone(), rounds=WHOLE_ROUNDS, warmups=0
    )
    name, better = "SARIF results through the whole intake", Better.HIGHER
    return [
        against(name, "results/min", ours, [ASKED], peer_name="what is asked for", better=better, floor=1.0),
        against(name, "results/min", ours, reading, peer_name="reading them alone", better=better),
    ]
