"""Every parser of what others write, as a table: what it is, how it is judged, and where its fuzzer begins."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, Final

from fuzz import clearing, oracles
from fuzz.row import Target
from tests.formats.csaf.making import A, B, Json, advisory, product
from tests.formats.csaf.test_products import relationship
from tests.formats.csaf.test_scores import v2, v3
from tests.formats.intake.test_hostile import GOOD, TEXTS, WORDS
from tests.formats.test_cvss import BASE_2, BASE_3, BASE_4
from tests.formats.test_epss import ROW, TOP
from tests.formats.test_kev import catalog, entry
from tests.formats.test_ssvc import SMALL
from tests.formats.traces.test_hostile import FRAGMENTS
from tests.formats.traces.test_parse import HEAP
from trialplate.formats import feeds
from trialplate.formats.csaf import check
from trialplate.formats.csaf.products import purl_fault
from trialplate.formats.cvss import base_scores
from trialplate.formats.epss import parse_epss
from trialplate.formats.intake import parse_osv, parse_plain, parse_sarif
from trialplate.formats.kev import parse_kev
from trialplate.formats.purl import parse_purl
from trialplate.formats.ssvc import parse_table
from trialplate.formats.traces import parse_trace


def _csaf_seeds() -> Iterator[bytes]:
    """Yield advisories that together have every part that a test looks at."""
    helper: Json = {"purl": "pkg:deb/debian/a@1?arch=amd64#x", "hashes": [{"filename": "a", "file_hashes": []}]}
    helper["hashes"][0]["file_hashes"] = [{"algorithm": "sha256", "value": "0" * 64}]
    branch: Json = {"category": "product_version", "name": "1", "product": product("C", **helper)}
    tree: Json = {
        "branches": [{"category": "vendor", "name": "V", "branches": [branch]}],
        "full_product_names": [product(A), product(B)],
        "relationships": [relationship("D", A, B)],
    }
    vulnerability: Json = {
        "cve": "CVE-2026-0001",
        "cwe": {"id": "CWE-79", "name": "Improper Neutralization of Input During Web Page Generation"},
        "notes": [{"category": "description", "text": "a"}],
        "product_status": {"known_affected": [A], "known_not_affected": [B], "fixed": ["C"]},
        "scores": [{"products": [A], **v2(), **v3()}],
        "flags": [{"label": "component_not_present", "product_ids": [B]}],
        "involvements": [{"party": "vendor", "status": "open", "date": "2026-06-02T10:00:00Z"}],
        "remediations": [{"category": "vendor_fix", "details": "d", "group_ids": ["AB"]}],
        "threats": [{"category": "impact", "details": "d", "product_ids": [B]}],
    }
    vulnerability["cwe"]["name"] += " ('Cross-site Scripting')"
    notes = [{"category": "general", "text": "a"}]
    references = [{"category": "external", "summary": "a", "url": "https://example.com"}]
    for category in ("csaf_base", "csaf_security_advisory", "csaf_vex", "csaf_informational_advisory"):
        told = category == "csaf_informational_advisory"
        head: Json = {"category": category, "lang": "en-US", "notes": notes, "references": references}
        parts: Json = {"product_tree": None} if told else {"vulnerabilities": [vulnerability]}
        yield json.dumps(advisory(head, tree=tree, **parts)).encode()


def _csaf_words() -> Iterator[str]:
    """Yield the names of properties and the fixed values in the schema of CSAF."""
    file = resources.files("trialplate.formats.csaf") / "data" / "csaf-2.0.json"
    schemas: list[Any] = [json.loads(file.read_bytes())]
    while schemas:
        part = schemas.pop()
        if isinstance(part, dict):
            yield from part.get("properties", ())
            yield from (word for word in part.get("enum", ()) if isinstance(word, str))
            schemas.extend(part.values())
        elif isinstance(part, list):
            schemas.extend(part)


_FEED: Final = (feeds.moment, feeds.plain)
_METRICS: Final = "AV AC Au AT PR UI S C I A VC VI VA SC SI SA E RL RC CDP TD CR IR AR MAV MAC MAT MPR MVC MSI U"
_VALUES: Final = "N A L P H R U C X ND"
_TRACES: Final = (
    HEAP,
    "src/a.c:12:3: runtime error: signed integer overflow: 1 + 2 cannot be\n    #0 0x1 in f a.c:1\n",
    "==8== ERROR: libFuzzer: timeout after 2 seconds\n    #0 0x1 in LLVMFuzzerTestOneInput /src/x_fuzzer.cc:7\n",
    'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\na.BrokenError: no\n',
)
_PURL_TYPES: Final = "deb github maven julia?uuid=1 swid?tag_id=1 mlflow chrome-extension cpan pub oci huggingface"
_PURLS: Final = ("pkg:pypi/a-b@1.0", "pkg:npm/%40a/b@1?c=d&e=f#g/h", "pkg:golang/x.org/y@v1")

_ROWS: Final = (
    Target("sarif", (parse_sarif,), oracles.intake(parse_sarif), (GOOD["sarif"],), (*WORDS, *TEXTS), json=True),
    Target("osv", (parse_osv,), oracles.intake(parse_osv), (GOOD["osv"],), (*WORDS, *TEXTS), json=True),
    Target("plain", (parse_plain,), oracles.intake(parse_plain), (GOOD["plain"],), (*WORDS, *TEXTS), json=True),
    Target(
        "traces",
        (parse_trace,),
        oracles.traces,
        tuple(text.encode() for text in _TRACES),
        FRAGMENTS,
    ),
    Target("csaf", (check, purl_fault), oracles.csaf, tuple(_csaf_seeds()), tuple(_csaf_words()), json=True),
    Target(
        "kev",
        (parse_kev, *_FEED),
        oracles.kev,
        (catalog(entry()), gzip.compress(catalog(entry(cveID="CVE-1999-12345")), mtime=0)),
        (*entry(), *json.loads(catalog()), "Known", "Unknown", "CVE-2026-0002", "2026-08-01", "+23:00"),
        json=True,
    ),
    Target(
        "epss",
        (parse_epss, *_FEED),
        oracles.epss,
        (f"{TOP}{ROW}CVE-1999-0001,7e-05,1.0\n".encode(), gzip.compress(f"{TOP}{ROW}".encode(), mtime=0)),
        (*TOP.splitlines(), "CVE-2026-0002", ",0.", ",1.0", "e-05", "\r\n", "+23:00", "#model_version:"),
    ),
    Target(
        "cvss",
        (base_scores,),
        oracles.cvss,
        tuple(
            vector.encode()
            for vector in (f"{BASE_2}/E:POC/CDP:LM", f"CVSS:3.1/{BASE_3}/E:F/MC:H", f"{BASE_4}/E:U/CR:L/U:Red")
        ),
        (
            *(f"{metric}:{value}" for metric in _METRICS.split() for value in _VALUES.split()),
            *("CVSS:2.0/", "CVSS:3.0/", "CVSS:3.1/", "CVSS:4.0/"),
        ),
        longest=600,
    ),
    Target(
        "ssvc",
        (parse_table,),
        oracles.ssvc,
        (SMALL.encode(),),
        (*SMALL.split(), "follows", '"""', "'''", "\\u0000", "\\ud800", "1979-05-27T07:32:00Z", "{", "inf", "0x"),
    ),
    Target(
        "purl",
        (parse_purl, purl_fault),
        oracles.purl,
        tuple(purl.encode() for purl in _PURLS),
        ("pkg:", "%2F", "%FF", "%C3%A9", "@", "?", "#", "&", "=", "//", "\u0660", "..", *_PURL_TYPES.split()),
        longest=600,
    ),
)

TARGETS: Final[Mapping[str, Target]] = {target.name: target for target in (*_ROWS, *clearing.ROWS)}
"""The rows by name."""
