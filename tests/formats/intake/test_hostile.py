"""Whatever is sent: a parser answers within its limits, or raises its own error and no other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.intake.making import record, report, result, sarif, spot, weakness
from trialplate.formats.intake import LIMITS, Intake, IntakeError, parse_osv, parse_plain, parse_sarif

Parse = Callable[..., Intake]

PARSERS: dict[str, Parse] = {"sarif": parse_sarif, "osv": parse_osv, "plain": parse_plain}
LOW = replace(LIMITS, size=1 << 14, depth=16, results=8, text=64, short=32, items=6, proof=32, grown=500)

WORDS = """version runs tool driver name rules results message text id arguments ruleId ruleIndex rule index locations
physicalLocation artifactLocation uri uriBaseId region startLine logicalLocations fullyQualifiedName kind codeFlows
threadFlows stacks frames module fixes artifactChanges replacements deletedRegion insertedContent attachments artifacts
contents binary suppressions status properties tags cwe trialplate ai_tool verifier taxonomies taxa toolComponent
originalUriBaseIds messageStrings globalMessageStrings relationships target modified summary details affected package
ecosystem purl ranges type events introduced fixed last_affected limit repo versions severity score references url
database_specific cwe_ids ecosystem_specific imports symbols withdrawn format findings title description repository
seen_at weakness file line function scheme value proofs base64 sha256 declared stack aliases""".split()

TEXTS = """2.1.0 trialplate.report/1 2026-11-01T00:00:00Z GIT SEMVER CWE-79 external/cwe/cwe-79 {0} {1} {{ CWE %2e%2e/
file:///C:/a ../../a pass open accepted AAAA pkg:a/b 0 \x00 \u202e""".split(" ")

scalars = st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.sampled_from(TEXTS) | st.text(max_size=40)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=20,
)

GOOD: dict[str, bytes] = {
    "sarif": sarif(
        result(
            locations=[spot("a.c", 3, uriBaseId="B")],
            ruleIndex=0,
            codeFlows=[{"threadFlows": [{"locations": [{"index": 0}, {"location": spot("b.c")}]}]}],
            stacks=[{"frames": [{"module": "m"}]}],
            fixes=[{"artifactChanges": [{"artifactLocation": {"uri": "a"}, "replacements": [{}]}]}],
            attachments=[{"artifactLocation": {"index": 0}}],
            properties={"tags": ["cwe-79"], "trialplate": {"ai_tool": None}},
        ),
        {
            "message": {"id": "m", "arguments": ["x"]},
            "ruleId": "r/1",
            "taxa": [{"index": 0, "toolComponent": {"index": 0}}],
        },
        tool={"driver": {"name": "T", "rules": [{"id": "r", "messageStrings": {"m": {"text": "{0}"}}}]}},
        taxonomies=[{"name": "CWE", "taxa": [{"id": "22"}]}],
        artifacts=[{"location": {"uri": "a"}, "contents": {"binary": "AAAA"}}],
        originalUriBaseIds={"B": {"uri": "b/"}},
        threadFlowLocations=[{"location": {"message": {"text": "x"}}}],
    ),
    "osv": json.dumps(
        [
            record(
                affected=[{"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}], "versions": ["1"]}],
                database_specific={"cwe_ids": ["CWE-79"], "trialplate": {"verifier": "A"}},
            )
        ]
    ).encode(),
    "plain": report(weakness(proofs=[{"base64": "AAAA"}], declared={"ai_tool": "A"}, locations=[{"file": "a"}])),
}


def answer(parse: Parse, data: bytes) -> Intake | None:
    """Return what becomes of a document under low limits, or None where it is refused as a whole."""
    came = taken_or_refused(parse, data)
    if isinstance(came, IntakeError):
        assert came.fix
        assert len(str(came)) < 500
        return None
    check_bounded(came)
    return came


def taken_or_refused(parse: Parse, data: bytes) -> Intake | IntakeError:
    """Return what a parser returns, or its own error; any other goes through."""
    try:
        return parse(data, limits=LOW)
    except IntakeError as refused:
        return refused


def check_bounded(intake: Intake) -> None:
    """Check that an intake keeps to `LOW` in every text and list, and counts every result once."""
    indexes = [*(finding.index for finding in intake.findings), *(refused.index for refused in intake.refusals)]
    assert sorted(indexes) == list(range(len(indexes)))
    assert len(intake.findings) <= LOW.results
    assert all(len(refused.detail) < 400 for refused in intake.refusals)
    for finding in intake.findings:
        assert finding.title
        assert all(len(text) <= 300 for text in texts(msgspec.to_builtins(finding)))
    # What can be written can be read: no lone surrogate and no odd type got through.
    assert msgspec.json.decode(msgspec.json.encode(intake), type=Intake) == intake


def texts(value: object) -> Iterator[str]:
    """Yield every text of a built-in value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        assert len(value) <= 64
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.binary(max_size=60))
def test_any_bytes(name: str, data: bytes) -> None:
    answer(PARSERS[name], data)


@pytest.mark.parametrize("name", PARSERS)
@given(value=values)
def test_any_json(name: str, value: object) -> None:
    answer(PARSERS[name], json.dumps(value).encode())


@given(results=st.lists(values, max_size=6), run=st.dictionaries(st.sampled_from(WORDS), values, max_size=4))
def test_any_sarif_results(results: list[object], run: dict[str, object]) -> None:
    answer(
        parse_sarif, json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": results}]}).encode()
    )
    answer(parse_sarif, sarif(*results, **{**run, "results": results}))


@given(fields=st.dictionaries(st.sampled_from(WORDS), values, max_size=6))
def test_any_fields_of_good_results(fields: dict[str, object]) -> None:
    answer(parse_sarif, sarif(result() | fields))
    answer(parse_osv, json.dumps(record() | fields).encode())
    answer(parse_plain, report(weakness() | fields))


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_good_documents_with_another_value_somewhere(name: str, data: st.DataObject) -> None:
    document = json.loads(GOOD[name])
    places = list(inner_places(document))
    container, key = data.draw(st.sampled_from(places))
    container[key] = data.draw(values)
    answer(PARSERS[name], json.dumps(document).encode())


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_good_documents_with_other_bytes_somewhere(name: str, data: st.DataObject) -> None:
    good = GOOD[name]
    at = data.draw(st.integers(0, len(good)))
    end = at + data.draw(st.integers(0, 3))
    answer(PARSERS[name], good[:at] + data.draw(st.binary(max_size=3)) + good[end:])


@pytest.mark.parametrize("name", PARSERS)
def test_good_documents_are_taken(name: str) -> None:
    intake = answer(PARSERS[name], GOOD[name])
    assert intake is not None
    assert intake.findings
    assert not intake.refusals


def shared_by(results: int, one: object, **run: object) -> bytes:
    """Return a document of equal results, which all use the same large part of their run."""
    return sarif(*[one] * results, **run)


BOMBS: dict[str, bytes] = {
    "a title of megabytes": shared_by(
        5_000,
        result(ruleIndex=0),
        tool={"driver": {"rules": [{"shortDescription": {"text": "x\n" * 2_000_000}}]}},
    ),
    "a help URI that must be cleaned": shared_by(
        5_000, result(ruleIndex=0), tool={"driver": {"rules": [{"helpUri": "\x01" * 2_000}]}}
    ),
    "a message of many places": shared_by(
        5_000,
        {"message": {"id": "m", "arguments": [""]}},
        tool={"driver": {"globalMessageStrings": {"m": {"text": "{0}" * 20_000}}}},
    ),
    "a taxon of megabytes": shared_by(
        5_000,
        result(taxa=[{"index": 0, "toolComponent": {"index": 0}}] * 20),
        taxonomies=[{"name": "CWE", "taxa": [{"id": "22", "x": "y" * 5_000_000}]}],
    ),
    "a base of many parts": shared_by(
        1,
        result(locations=[spot(f"{number}", uriBaseId="B") for number in range(5_000)]),
        originalUriBaseIds={"B": {"uri": "a/" * 1000}},
    ),
    "components that are looked for by name": shared_by(
        5_000,
        result(rule={"index": 0, "toolComponent": {"name": "none"}}),
        tool={"driver": {"rules": [{}]}, "extensions": [{}] * 100_000},
    ),
    "names of many parts": shared_by(5_000, result(ruleId="/x" * 1000)),
    "steps that are long and shared": shared_by(
        2_000,
        result(codeFlows=[{"threadFlows": [{"locations": [{"index": 0}] * 100}]}]),
        threadFlowLocations=[{"location": {"message": {"text": "x" * 60_000}}}],
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_results_share_does_not_multiply_their_cost(name: str) -> None:
    began = time.process_time()
    intake = parse_sarif(BOMBS[name])
    # Each takes less than 2 s of the machine that it was written on, and minutes where a cost multiplies.
    assert time.process_time() - began < 20
    assert intake.findings or intake.refusals


def inner_places(value: Any) -> Iterator[tuple[Any, object]]:  # noqa: ANN401 - what a JSON document may be
    """Yield every container in a value with each of its keys."""
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from inner_places(inner)
