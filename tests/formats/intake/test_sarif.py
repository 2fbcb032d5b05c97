"""SARIF results as findings: what is taken from a result itself, and what is refused."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from tests.formats.intake.making import only, refusal, result, sarif, spot, taken, why
from trialplate.formats.intake import (
    LIMITS,
    Declared,
    DeclaredNone,
    Fingerprint,
    Fix,
    InlineProof,
    IntakeError,
    Location,
    Problem,
    ProofReference,
    Reference,
    SeverityClaim,
    Source,
    Target,
    Undeclared,
    Why,
    parse_sarif,
)

SHA256 = "0a" * 32


def test_a_result_becomes_a_finding() -> None:
    finding = taken(
        result(
            "It overflows.\nAt once.",
            ruleId="r-1",
            guid="g-1",
            level="error",
            rank=12.5,
            locations=[spot("src/a.c", 3)],
            fingerprints={"one/v1": "1"},
            partialFingerprints={"two/v1": "2"},
            workItemUris=["https://a.example/7"],
            properties={"tags": ["CWE-787: Out-of-bounds Write"], "security-severity": 9.8},
        ),
        tool={"driver": {"name": "Tool", "version": "1", "semanticVersion": "1.0.0"}},
        versionControlProvenance=[{"repositoryUri": "https://git.example/a", "revisionId": "c0ffee", "branch": "main"}],
    )
    assert (finding.source, finding.index, finding.id) == (Source.SARIF, 0, "g-1")
    assert (finding.title, finding.description) == ("It overflows.", "It overflows.\nAt once.")
    assert (finding.tool, finding.rule, finding.weakness) == ("Tool 1.0.0", "r-1", ("CWE-787",))
    assert finding.locations == (Location(file="src/a.c", line=3),)
    assert finding.targets == (Target(repository="https://git.example/a", seen_at="c0ffee"),)
    assert finding.severity == (
        SeverityClaim("sarif.level", "error"),
        SeverityClaim("security-severity", "9.8"),
        SeverityClaim("sarif.rank", "12.5"),
    )
    assert finding.references == (Reference("work item", "https://a.example/7"),)
    assert finding.fingerprints == (Fingerprint("one/v1", "1"), Fingerprint("two/v1", "2"))
    assert finding.ai_tool == finding.ai_model == finding.verifier == Undeclared()


def test_results_are_counted_through_all_runs() -> None:
    one = {"tool": {"driver": {"name": "A"}}, "results": [result(), result(kind="pass")]}
    two = {"tool": {"driver": {"name": "B", "version": "2"}}, "results": [result()]}
    none = {"tool": {"driver": {"name": "C"}}, "results": None}
    intake = parse_sarif(json.dumps({"version": "2.1.0", "runs": [one, none, two]}).encode())
    assert [(finding.index, finding.tool) for finding in intake.findings] == [(0, "A"), (2, "B 2")]
    assert [refused.index for refused in intake.refusals] == [1]
    assert parse_sarif(b'{"version":"2.1.0","runs":null}').findings == ()


@pytest.mark.parametrize(
    "suppressions, held",
    [
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": "underReview"}], False),
        ([{"kind": "external", "status": "accepted"}, {"kind": "external", "status": "rejected"}], False),
    ],
)
def test_a_suppressed_result_is_refused(suppressions: list[object], *, held: bool) -> None:
    intake = parse_sarif(sarif(result(suppressions=suppressions)))
    assert [refused.why for refused in intake.refusals] == [Why.SUPPRESSED] * held
    assert len(intake.findings) == (not held)


def test_the_reason_of_a_suppression_is_told() -> None:
    given = [{"kind": "inSource"}, {"kind": "external", "justification": "Only in tests"}]
    assert "Only in tests" in refusal(parse_sarif(sarif(result(suppressions=given)))).detail


@pytest.mark.parametrize("kind", ["pass", "notApplicable", "informational", "other"])
def test_a_result_that_is_no_weakness_is_refused(kind: str) -> None:
    assert why(result(kind=kind)) is Why.NO_WEAKNESS


@pytest.mark.parametrize("fields", [{"kind": "fail"}, {"kind": "open"}, {"kind": "review"}, {"baselineState": "new"}])
def test_other_results_are_taken(fields: dict[str, str]) -> None:
    assert taken(result(**fields)).title == "It overflows."


def test_a_result_that_is_gone_or_says_nothing_is_refused() -> None:
    assert why(result(baselineState="absent")) is Why.GONE
    assert why(result("")) is Why.EMPTY
    assert why({}) is Why.EMPTY


@pytest.mark.parametrize(
    "bad",
    [
        None,
        3,
        [],
        {"message": "text"},
        result(ruleId=3),
        result(locations={}),
        result(rank="high"),
        result(ruleIndex=10**30),
        result(fingerprints={"a": 1}),
        result(properties={"trialplate": []}),
        result(attachments=[{}]),
        result(message={"id": "unknown"}),
        result(ruleIndex=0),
    ],
)
def test_a_malformed_result_spoils_no_other(bad: object) -> None:
    intake = parse_sarif(sarif(bad, result()))
    assert [(refused.index, refused.why) for refused in intake.refusals] == [(0, Why.MALFORMED)]
    assert [finding.index for finding in intake.findings] == [1]


def test_results_in_other_files_are_not_fetched() -> None:
    external = {"results": [{"location": {"uri": "https://a.example/results"}, "itemCount": 3}]}
    intake = parse_sarif(sarif(result(), externalPropertyFileReferences=external))
    assert len(intake.findings) == 1
    assert [(refused.index, refused.why) for refused in intake.refusals] == [(1, Why.ELSEWHERE)]


def test_declarations_of_a_result_go_before_those_of_its_run() -> None:
    shared = {"trialplate": {"ai_tool": "Finder", "ai_model": "model-1"}}
    intake = parse_sarif(
        sarif(result(), result(properties={"trialplate": {"ai_model": None, "verifier": "A. B."}}), properties=shared)
    )
    one, two = intake.findings
    assert (one.ai_tool, one.ai_model, one.verifier) == (Declared("Finder"), Declared("model-1"), Undeclared())
    assert (two.ai_tool, two.ai_model, two.verifier) == (Declared("Finder"), DeclaredNone(), Declared("A. B."))


def test_fixes_are_kept_as_text() -> None:
    finding = taken(
        result(
            fixes=[
                {
                    "description": {"text": "Leaves room."},
                    "artifactChanges": [
                        {
                            "artifactLocation": {"uri": "src/a.c"},
                            "replacements": [
                                {
                                    "deletedRegion": {"startLine": 3, "endLine": 4},
                                    "insertedContent": {"text": "n = 63;"},
                                },
                                {"deletedRegion": {"startLine": 9}},
                            ],
                        }
                    ],
                }
            ]
        )
    )
    assert finding.fixes == (Fix(description="Leaves room.", patch="src/a.c:3-4\nn = 63;\nsrc/a.c:9-9\n"),)


def test_attachments_are_proofs() -> None:
    finding = taken(
        result(attachments=[{"artifactLocation": {"index": number}} for number in range(4)] + [ATTACHED]),
        artifacts=[
            {"location": {"uri": "a.txt"}, "mimeType": "text/plain", "contents": {"text": "\u00e9\x00"}},
            {"location": {"uri": "b.bin"}, "contents": {"binary": base64.b64encode(b"\x00\x01").decode()}},
            {"location": {"uri": "c.bin"}, "hashes": {"sha-256": SHA256.upper()}},
            {"location": {"uri": "d.bin"}, "hashes": {"sha-256": "0a"}},
        ],
    )
    assert finding.proofs == (
        InlineProof(name="a.txt", media_type="text/plain", data="\u00e9\x00".encode()),
        InlineProof(name="b.bin", data=b"\x00\x01"),
        ProofReference(name="c.bin", uri="c.bin", sha256=SHA256),
        ProofReference(name="d.bin", uri="d.bin"),
        ProofReference(name="e.bin", uri="e.bin"),
    )


def test_nulls_of_what_was_not_given_are_passed_over() -> None:
    finding = taken(
        result(
            guid=None,
            ruleIndex=0,
            locations=[spot("a.c") | {"logicalLocations": None}],
            properties={"tags": None, "trialplate": {"ai_tool": None}},
        ),
        tool={"driver": {"name": "Tool", "rules": [{"id": "r", "name": "Rule", "helpUri": None}]}},
    )
    assert (finding.title, finding.ai_tool, finding.ai_model) == ("Rule", DeclaredNone(), Undeclared())
    assert finding.locations == (Location(file="a.c"),)
    run = {"tool": {"driver": {"name": "Tool", "version": None}}, "artifacts": None}
    both = result(guid=None, properties={"trialplate": {"ai_tool": None}})
    assert taken(both, **run).ai_tool == DeclaredNone()


def test_nulls_in_lists_and_in_place_of_what_is_wanted_are_refused() -> None:
    assert why(result(locations=[None])) is Why.MALFORMED
    assert why(result("null", level=3)) is Why.MALFORMED
    assert why(None) is Why.MALFORMED
    with pytest.raises(IntakeError, match="missing required field `driver`"):
        parse_sarif(b'{"version":"2.1.0","runs":[{"tool":{"driver":null}}]}')
    with pytest.raises(IntakeError, match="cannot be read"):
        parse_sarif(b'{"version":null,"runs":[1 2]}')


def test_a_message_may_be_given_as_markdown_alone() -> None:
    assert taken({"message": {"markdown": "*It* overflows."}}).title == "*It* overflows."


ATTACHED = {"description": {"text": "The input."}, "artifactLocation": {"uri": "e.bin"}}


def test_hashes_may_be_anything() -> None:
    found = taken(
        result(attachments=[{"artifactLocation": {"index": 0}}]), artifacts=[{"location": {"uri": "a"}, "hashes": [3]}]
    )
    assert found.proofs == (ProofReference(name="a", uri="a"),)


def test_contents_that_results_share_are_decoded_once() -> None:
    attached = [{"artifactLocation": {"index": 0}}]
    data = sarif(*[result(attachments=attached)] * 2, artifacts=[{"contents": {"binary": "AAAA"}}])
    one, two = parse_sarif(data).findings
    assert one.proofs[0] is two.proofs[0]


def test_contents_that_are_too_long_or_no_base64_are_refused() -> None:
    attached = result(attachments=[{"artifactLocation": {"index": 0}}])
    for binary in ("AAA", "A" * 3 + "\u00e9", "AA A="):
        assert why(attached, artifacts=[{"contents": {"binary": binary}}]) is Why.MALFORMED
    data = sarif(attached, artifacts=[{"contents": {"text": "12345"}}])
    assert only(parse_sarif(data, limits=replace(LIMITS, proof=5))).proofs
    assert refusal(parse_sarif(data, limits=replace(LIMITS, proof=4))).why is Why.TOO_LONG


RUN = {"tool": {"driver": {"name": "A"}}, "results": []}


@pytest.mark.parametrize(
    "document, problem",
    [
        ({"version": "2.0.0", "runs": []}, Problem.FORMAT),
        ({"runs": []}, Problem.MALFORMED),
        ({"version": "2.1.0", "runs": {}}, Problem.MALFORMED),
        ({"version": "2.1.0", "runs": [{"results": []}]}, Problem.MALFORMED),
        ({"version": "2.1.0", "runs": [RUN] * 5001}, Problem.RESULTS),
        ({"version": "2.1.0", "runs": [RUN | {"tool": {"driver": {"name": "A" * 2049}}}]}, Problem.TEXT),
        ({"version": "2.1.0", "runs": [RUN | {"properties": {"trialplate": 3}}]}, Problem.TEXT),
        ({"version": "2.1.0", "runs": [RUN | {"versionControlProvenance": [{}] * 5001}]}, Problem.TEXT),
        ({"version": "2.1.0", "runs": [RUN | {"tool": {"driver": {"rules": [{}] * 25_001}}}]}, Problem.VALUES),
        (
            {"version": "2.1.0", "runs": [RUN | {"originalUriBaseIds": {str(n): {} for n in range(5001)}}]},
            Problem.VALUES,
        ),
    ],
)
def test_a_document_that_is_none_is_refused_as_a_whole(document: object, problem: Problem) -> None:
    with pytest.raises(IntakeError) as refused:
        parse_sarif(json.dumps(document).encode())
    assert refused.value.problem is problem
    assert refused.value.fix
