"""What SARIF results share with their run: rules, taxonomies, messages, artifacts, bases, flows and stacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.formats.intake.making import result, sarif, spot, taken, why
from trialplate.formats.intake import LIMITS, Location, Reference, SeverityClaim, Why, parse_sarif

RULES = [
    {
        "id": "overflow",
        "guid": "g-0",
        "shortDescription": {"text": "Overflow"},
        "defaultConfiguration": {"level": "error"},
        "helpUri": "https://rules.example/overflow",
        "messageStrings": {"default": {"text": "'{0}' of {1} {{braces}} {0}"}},
        "properties": {"tags": ["security", "external/cwe/cwe-0787"], "security-severity": "9.8"},
    },
    {"id": "a/b", "guid": "g-1", "name": "Nested"},
    {"id": 3},
]
EXTENSION = {"name": "Extra", "guid": "e-0", "rules": [{"id": "extra", "name": "Extra rule"}]}
TOOL = {
    "driver": {"name": "Tool", "rules": RULES, "globalMessageStrings": {"shared": {"text": "Of all: {0}"}}},
    "extensions": [EXTENSION],
}
CWE = {"name": "CWE", "guid": "t-0", "taxa": [{"id": "22"}, {"id": "CWE-79"}, {"id": 3}]}


def ruled(**fields: object) -> tuple[str, tuple[str, ...]]:
    """Return title and weaknesses of a result with rules."""
    finding = taken(result("Text.", **fields), tool=TOOL, taxonomies=[{"name": "Other", "taxa": [{"id": "9"}]}, CWE])
    return finding.title, finding.weakness


@pytest.mark.parametrize(
    "fields, title",
    [
        ({"ruleIndex": 0}, "Overflow"),
        ({"ruleId": "overflow"}, "Overflow"),
        ({"ruleId": "overflow/case/2"}, "Overflow"),
        ({"ruleId": "a/b/c"}, "Nested"),
        ({"rule": {"id": "a/b"}}, "Nested"),
        ({"rule": {"guid": "g-1"}}, "Nested"),
        ({"rule": {"guid": "unknown"}, "ruleId": "a/b"}, "Nested"),
        ({"rule": {"index": 1}, "ruleIndex": 0}, "Nested"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "Extra rule"),
        ({"rule": {"index": 0, "toolComponent": {"name": "Extra"}}}, "Extra rule"),
        ({"rule": {"index": 0, "toolComponent": {"guid": "e-0", "name": "Tool"}}}, "Extra rule"),
        ({"rule": {"index": 0, "toolComponent": {"index": 7}}}, "Overflow"),
        ({"ruleId": "extra"}, "Extra rule"),
        ({"ruleId": "unknown"}, "Text."),
        ({"ruleId": "/"}, "Text."),
        ({"ruleId": "overflow" + "/x" * 8}, "Overflow"),
        ({"ruleId": "overflow" + "/x" * 9}, "Text."),
        ({}, "Text."),
    ],
)
def test_a_rule_is_found_by_index_guid_or_id(fields: dict[str, Any], title: str) -> None:
    assert ruled(**fields)[0] == title


@pytest.mark.parametrize("fields", [{"ruleIndex": 3}, {"ruleIndex": 2}, {"rule": {"index": 9}}])
def test_an_index_that_leads_to_no_rule_is_refused(fields: dict[str, Any]) -> None:
    assert why(result(**fields), tool=TOOL) is Why.MALFORMED


def test_what_a_rule_says_holds_for_its_results() -> None:
    finding = taken(result(ruleIndex=0), tool=TOOL)
    assert finding.rule == "overflow"
    assert finding.severity == (SeverityClaim("sarif.level", "error"), SeverityClaim("security-severity", "9.8"))
    assert finding.references == (Reference("help", "https://rules.example/overflow"),)
    finding = taken(result(ruleIndex=0, level="note", properties={"security-severity": "1.0"}), tool=TOOL)
    assert finding.severity == (SeverityClaim("sarif.level", "note"), SeverityClaim("security-severity", "1.0"))


@pytest.mark.parametrize(
    "fields, weakness",
    [
        ({"ruleIndex": 0}, ("CWE-787",)),
        ({"properties": {"tags": ["CWE-22: Path", "x", 3, "owasp-a1"]}}, ("CWE-22",)),
        ({"properties": {"tags": "cwe:89"}}, ("CWE-89",)),
        ({"properties": {"cwe": ["CWE-1", "CWE-2"], "tags": {"a": 1}}}, ("CWE-1", "CWE-2")),
        ({"properties": {"cwe": True}}, ()),
        ({"properties": {"tags": [None, True, [], 7, "CWE-7"]}}, ("CWE-7",)),
        ({"ruleIndex": 0, "properties": {"cwe": "CWE-787, CWE-121"}}, ("CWE-787", "CWE-121")),
        ({"taxa": [{"id": "022", "toolComponent": {"name": "cwe"}}]}, ("CWE-22",)),
        ({"taxa": [{"id": "CWE-22", "toolComponent": {"guid": "t-0"}}]}, ("CWE-22",)),
        ({"taxa": [{"index": 0, "toolComponent": {"index": 1}}]}, ("CWE-22",)),
        ({"taxa": [{"index": 1, "toolComponent": {"name": "CWE"}}] * 2}, ("CWE-79",)),
        ({"taxa": [{"index": 2, "toolComponent": {"index": 1}}]}, ()),
        ({"taxa": [{"index": 3, "toolComponent": {"index": 1}}]}, ()),
        ({"taxa": [{"index": 0, "toolComponent": {"index": 0}}]}, ()),
        ({"taxa": [{"index": 0}]}, ()),
        ({"taxa": [{"id": "CWE-5"}, {"id": "5"}]}, ("CWE-5",)),
    ],
)
def test_weaknesses_are_read_as_tools_write_them(fields: dict[str, Any], weakness: tuple[str, ...]) -> None:
    assert ruled(**fields)[1] == weakness


def test_a_rule_may_name_its_weakness_by_relation() -> None:
    related = {"id": "r", "relationships": [{"target": {"id": "78", "toolComponent": {"name": "CWE"}}, "kinds": ["x"]}]}
    assert taken(result(ruleId="r"), tool={"driver": {"rules": [related]}}).weakness == ("CWE-78",)


def test_a_crowd_of_weaknesses_is_refused() -> None:
    crowd = {"cwe": [f"CWE-{number}" for number in range(1, 66)]}
    assert why(result(properties=crowd)) is Why.TOO_LONG
    assert why(result(ruleIndex=0), tool={"driver": {"rules": [{"id": "r", "properties": crowd}]}}) is Why.MALFORMED


@pytest.mark.parametrize(
    "message, text",
    [
        ({"id": "default", "arguments": ["n", "f"]}, "'n' of f {braces} n"),
        ({"id": "shared", "arguments": ["x", "more"]}, "Of all: x"),
        ({"text": "{0} is {1}", "arguments": ["{1}", "a\x07"]}, "{1} is a\ufffd"),
        ({"text": "{0} and {{", "markdown": "*x*"}, "{0} and {{"),
    ],
)
def test_messages_have_their_arguments_in_place(message: dict[str, Any], text: str) -> None:
    assert taken({"ruleIndex": 0, "message": message}, tool=TOOL).description == text


def test_a_message_of_an_extension_is_looked_up_there() -> None:
    extension = {"name": "E", "rules": [{"id": "e"}], "globalMessageStrings": {"m": {"text": "Of the extension"}}}
    tool = {
        "driver": {"name": "T", "globalMessageStrings": {"m": {"text": "Of the driver"}}},
        "extensions": [extension],
    }
    assert taken({"ruleId": "e", "message": {"id": "m"}}, tool=tool).description == "Of the extension"
    assert taken({"message": {"id": "m"}}, tool=tool).description == "Of the driver"


def test_a_message_without_its_words_or_arguments_is_refused() -> None:
    assert why({"message": {"id": "none"}}, tool=TOOL) is Why.MALFORMED
    assert why({"message": {"text": "{1}", "arguments": ["a"]}}) is Why.MALFORMED


def test_messages_cannot_be_made_to_grow() -> None:
    limits = replace(LIMITS, text=100, grown=1000)
    bombs = [
        {"message": {"text": "{0}" * 20, "arguments": ["x" * 99]}},
        {"message": {"text": "x" * 101, "arguments": [""]}},
        {"message": {"text": "x" * 60 + "{0}", "arguments": ["x" * 60]}},
    ]
    intake = parse_sarif(sarif(*bombs), limits=limits)
    assert [refused.why for refused in intake.refusals] == [Why.TOO_LONG] * 3
    many = [{"message": {"text": "{0}" * 9 + "x" * 60, "arguments": ["x"]}}] * 20
    intake = parse_sarif(sarif(*many), limits=limits)
    assert len(intake.findings) == 4
    assert {refused.why for refused in intake.refusals} == {Why.TOO_LONG}


BASES = {
    "ROOT": {"uri": "file:///C:/build/"},
    "SRC": {"uri": "src%20a/", "uriBaseId": "ROOT"},
    "LIB": {"uri": "lib/", "uriBaseId": "SRC"},
    "FREE": {"uri": "free"},
    "EMPTY": {},
    "LOOP": {"uri": "o", "uriBaseId": "LOOP"},
    "LONG": {"uri": "x" * 2049},
}


@pytest.mark.parametrize(
    "uri, base, file",
    [
        ("a.c", "", "a.c"),
        ("a.c", "UNKNOWN", "a.c"),
        ("a.c", "ROOT", "a.c"),
        ("a.c", "SRC", "src a/a.c"),
        ("sub%2Fa.c", "LIB", "src a/lib/sub/a.c"),
        ("..\\a.c", "LIB", "src a/a.c"),
        ("a.c", "FREE", "free/a.c"),
        ("a.c", "EMPTY", "a.c"),
        ("a.c", "LOOP", "o/" * 8 + "a.c"),
        ("file:///c:/build/x/a.c", "", "x/a.c"),
        ("C:\\build\\x\\a.c", "SRC", "x/a.c"),
        ("file:///C:/build", "", "C:/build"),
        ("/other/a.c", "SRC", "/other/a.c"),
        ("https://a.example/a.c", "SRC", "https://a.example/a.c"),
        ("", "SRC", ""),
    ],
)
def test_files_are_named_from_the_outermost_base(uri: str, base: str, file: str) -> None:
    finding = taken(result(locations=[spot(uri, uriBaseId=base)] * 2), originalUriBaseIds=BASES)
    assert finding.locations == (Location(file=file), Location(file=file))


def test_a_base_or_file_that_is_too_long_refuses_its_results_only() -> None:
    bad = result(locations=[spot("a.c", uriBaseId="LONG")])
    intake = parse_sarif(sarif(bad, result(locations=[spot("a.c")]), originalUriBaseIds=BASES))
    assert [refused.why for refused in intake.refusals] == [Why.TOO_LONG]
    assert len(intake.findings) == 1
    folder = {"B": {"uri": "x" * 2000}}
    assert why(result(locations=[spot("a" * 100, uriBaseId="B")]), originalUriBaseIds=folder) is Why.TOO_LONG


def test_files_cannot_be_made_to_grow() -> None:
    spots = [spot(f"{number}", uriBaseId="B") for number in range(10)]
    data = sarif(*(result(locations=[each]) for each in spots), originalUriBaseIds={"B": {"uri": "x" * 100}})
    intake = parse_sarif(data, limits=replace(LIMITS, grown=505))
    assert [len(intake.findings), len(intake.refusals)] == [5, 5]


def test_artifacts_and_functions_are_found_by_index() -> None:
    place = {
        "physicalLocation": {
            "artifactLocation": {"index": 0},
            "region": {"startLine": 3, "startColumn": 2, "endLine": 4},
        },
        "logicalLocations": [{"index": 0}, {"index": 1}],
    }
    finding = taken(
        result(locations=[place]),
        artifacts=[{"location": {"uri": "src/a.c"}}],
        logicalLocations=[{"name": "module", "kind": "module"}, {"fullyQualifiedName": "m::f", "kind": "function"}],
    )
    assert finding.locations == (Location(file="src/a.c", line=3, end_line=4, column=2, function="m::f"),)


@pytest.mark.parametrize(
    "logical, function",
    [
        ([{"name": "f"}], "f"),
        ([{"name": "f", "fullyQualifiedName": "a.f", "kind": "member"}], "a.f"),
        ([{"name": "C", "kind": "type"}, {"name": "m", "kind": "method"}], "m"),
        ([{"name": "C", "kind": "type"}], ""),
        ([{"kind": "function"}, {"index": 5}], ""),
    ],
)
def test_functions_are_told_from_other_places(logical: list[object], function: str) -> None:
    assert taken(result(locations=[{"logicalLocations": logical}])).locations == (Location(function=function),)


def test_lines_that_are_none_are_not_given() -> None:
    assert [place.line for place in taken(result(locations=[spot("a", -1), spot("a", 2**31)])).locations] == [0, 0]


def test_flows_become_lines() -> None:
    step = {"location": spot("a.c", 3) | {"message": {"text": "read"}, "logicalLocations": [{"name": "f"}]}}
    flows = [
        {"threadFlows": [{"locations": [step, {"index": 0}, {"index": 9}]}, {"locations": [{"location": spot("c.c")}]}]}
    ]
    finding = taken(result(codeFlows=flows), threadFlowLocations=[{"location": spot("b.c", 4)}])
    assert finding.flow == "f a.c:3 read\nb.c:4\n\n\nc.c"


def test_stacks_become_lines() -> None:
    frame = {"location": spot("a.c", 3) | {"logicalLocations": [{"name": "f"}]}, "module": "a.out"}
    stacks = [{"message": {"text": "Abort"}, "frames": [frame, {"module": "libc"}]}, {"frames": [{}]}]
    assert taken(result(stacks=stacks)).stack == "Abort\n#0 f a.c:3 a.out\n#1 libc\n\n#0"


def test_flows_and_stacks_are_bounded() -> None:
    frames = [{"module": "m"}] * 5001
    assert why(result(stacks=[{"frames": frames}])) is Why.TOO_LONG
    assert why(result(codeFlows=[{"threadFlows": [{"locations": [{}] * 5001}]}])) is Why.TOO_LONG
    shared = [{"location": {"message": {"text": "x" * 100}}}]
    flows = [{"threadFlows": [{"locations": [{"index": 0}] * 4}]}]
    data = sarif(*[result(codeFlows=flows)] * 5, threadFlowLocations=shared)
    assert len(parse_sarif(data, limits=replace(LIMITS, grown=1000)).findings) == 2
