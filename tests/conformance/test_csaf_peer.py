"""What we publish is valid for csaf-validator-lib as well, where `python -m bench.bench_csaf` has installed it."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from bench.bench_csaf import BenchmarkError, _peer
from tests.formats.advisories import PLAIN
from tests.records.clearing import ADVISORY
from trialplate.formats.csaf import write_csaf
from trialplate.records.case import Affected, Revision

LATER = "2027-01-01T00:00:00Z"
PURLS = """pkg:pypi/png pkg:npm/%40scope/png pkg:cran/png pkg:swift/example.com/png pkg:conan/user/png pkg:pub/png
    pkg:conan/png pkg:golang/example.com/png pkg:deb/debian/png?arch=source pkg:maven/org.example/png pkg:generic/png
    pkg:oci/png no-purl""".split()
VECTORS = (
    "AV:N/AC:L/Au:N/C:N/I:N/A:C",
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
    "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L/E:U/RL:O/RC:U/CR:H/MAV:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N",
    "",
)

ADVISORIES = (
    PLAIN,
    ADVISORY,
    *(replace(PLAIN, affected=(Affected(name="png", purl=purl, fixed="1.3", versions=("1.2",)),)) for purl in PURLS),
    *(replace(PLAIN, vector=vector) for vector in VECTORS),
    replace(PLAIN, weakness=("CWE-999999", "CWE-787")),
    replace(PLAIN, aliases=("CVE-2026-0001", "CVE-2026-0002"), references=(), credits=(), contact="", details=""),
    replace(PLAIN, revisions=(*PLAIN.revisions, Revision(number=2, at=LATER, summary="x"))),
    replace(PLAIN, affected=(Affected(name="all", repository="https://example.com/png", fix_commit="b" * 40),)),
)


def test_another_validator_finds_nothing_wrong_with_our_documents() -> None:
    # The last one is not valid, so that a peer that takes anything is noticed.
    wrong = json.loads(write_csaf(PLAIN))
    wrong["document"]["tracking"]["version"] = "2"
    documents = [json.dumps(json.loads(write_csaf(each))).encode() for each in ADVISORIES]
    try:
        with _peer([*documents, json.dumps(wrong).encode()]) as peer:
            peer.rate()
    except BenchmarkError as missing:
        pytest.skip(str(missing))
    assert peer.invalid == 1
