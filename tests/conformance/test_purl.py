"""The test cases and type definitions of the purl specification, all of them."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from trialplate.formats.purl import (
    LOWER_NAME,
    LOWER_NAMESPACE,
    LOWER_VERSION,
    NEEDS_NAMESPACE,
    NO_NAMESPACE,
    Purl,
    PurlError,
    parse_purl,
)

GIT = "pkg:git/codeberg.org/forgejo/forgejo@a72d2c07cfca03b55371089de6aa230d8c951fa0"
OTHERWISE = {
    ("parse", "pkg:gem/jruby-launcher@1.1.2?Platform=java"): "another case takes the same text and lowers the key",
    ("parse", "pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25"): "as for gem",
    ("validate", "pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c"): "its definition says case sensitive",
    ("parse", GIT): "the specification ends a name at a slash; written, it is the same text",
    ("parse", f"{GIT}#options/locale_readme.md"): "as above",
}
"""Cases that contradict the specification or another part of the same folder, and what we hold to."""


@pytest.fixture(scope="module")
def folder(reference: Path) -> Mapping[str, Any]:
    with tarfile.open(reference / "purl" / "purl-spec-data.tar.gz") as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        return {name: json.loads(file.read()) for name, file in files.items() if file}


def cases(folder: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, content in folder.items():
        if name.startswith("tests/"):
            yield from content["tests"]


def parts(purl: Purl) -> dict[str, Any]:
    """Return the components as the cases write them."""
    names = ("type", "namespace", "name", "version", "subpath")
    return {name: getattr(purl, name) or None for name in names} | {"qualifiers": dict(purl.qualifiers) or None}


def answer(case: Mapping[str, Any]) -> object:
    """Return what we make of a case; None where we refuse it."""
    try:
        if case["test_type"] == "build":
            return str(parse_purl(case["expected_output"]))
        purl = parse_purl(case["input"])
    except PurlError:
        return None
    return parts(purl) if case["test_type"] == "parse" else str(purl)


def expected(case: Mapping[str, Any]) -> object:
    return None if case["expected_failure"] else case["expected_output"]


def test_every_case_is_answered_as_expected(folder: Mapping[str, Any]) -> None:
    # What cannot be built from parts has no text that could be read.
    read = [case for case in cases(folder) if not (case["test_type"] == "build" and case["expected_failure"])]
    assert len(read) == 567
    differing = {(case["test_type"], case["input"]) for case in read if answer(case) != expected(case)}
    assert differing == OTHERWISE.keys()


def insensitive(folder: Mapping[str, Any], part: str) -> Callable[[str], bool]:
    return lambda kind: folder[f"types/{kind}-definition.json"].get(part, {}).get("case_sensitive") is False


def test_the_tables_are_those_of_the_definitions(folder: Mapping[str, Any]) -> None:
    kinds = [folder[name]["type"] for name in folder if name.startswith("types/")]
    assert len(kinds) == 42
    for part, table in (
        ("namespace_definition", LOWER_NAMESPACE),
        ("name_definition", LOWER_NAME),
        ("version_definition", LOWER_VERSION),
    ):
        assert set(filter(insensitive(folder, part), kinds)) == table
    for requirement, table in (("prohibited", NO_NAMESPACE), ("required", NEEDS_NAMESPACE)):
        found = {
            kind
            for kind in kinds
            if folder[f"types/{kind}-definition.json"]["namespace_definition"]["requirement"] == requirement
        }
        assert found == table
