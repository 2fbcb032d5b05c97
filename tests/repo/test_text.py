"""What holds of every text of the project: it names no machine, no registry, and uses the words of the order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.repo.tree import ROOT, Source, paths, texts, within

# Names are put together here, so that this file may itself be checked.
REGISTRIES = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|rubygems|crates|conda|anaconda|jfrog|artifactory|nexus|sonatype|docker|quay|ghcr)"
    r"\.(?:org|com|io|dev)\b|--(?:extra-)?index-url|/simple[/]",
    re.IGNORECASE,
)
"""Hosts of package registries: which one a machine uses is the machine's affair."""

MACHINE = re.compile(r"(?<![\w.}])/(?:(?:work|farm|Users)/\w|home/(?!agent\b)\w|root/\.)")
"""Folders of one machine or one person. `/home/agent` lies inside a scenario."""

_ACT = r"(?:pre)?(?:review|approv|clear(?:ed|ance|ing)|licen[sc]|permi(?:t|ssion))\w*"
_NOUN = r"(?:pre)?(?:reviews?|approvals?|clearances?|licen[cs]es?|licen[cs]ing|permits?(?!\s+\w)|permission)"
_VERB = r"(?:pre)?(?:review|approve|clear|licen[cs]e|permit)s?"
_THE = r"(?:(?:an?|the|any|each|every|this|that|its|no)\s+)?(?:[\w-]+\s+)?"
_THING = r"(?:models?|releases?)"
LICENSING = re.compile(
    rf"\b{_ACT}\s+(?:of|for|to)\s+{_THE}{_THING}\b"
    rf"|\b{_THING}(?:'s)?\s+(?:version\s+)?{_NOUN}\b"
    rf"|\b{_THING}\s+(?:(?:is|are|was|were|has|have|must|may|can|will|be|been|being|gets?|not)\s+)+{_ACT}"
    rf"|\b{_VERB}\s+{_THE}{_THING}\b"
    r"|\bpre-?clear\w*|\bsubmi\w+ for approval",
    re.IGNORECASE,
)
"""Words that the order does not use of a model, because nothing here licenses, permits or stops a release."""


def hits(sources: Iterable[Source], wrong: re.Pattern[str]) -> list[str]:
    """Return every place where a text matches."""
    return [
        f"{source.path}:{number}: {found.group()}"
        for source in sources
        for number, line in enumerate(source.text.splitlines(), 1)
        for found in wrong.finditer(line)
    ]


def licensing(source: Source) -> list[str]:
    """Return the phrases of a text that speak of licensing a model; names such as `approve_model` are read as words."""
    joined = re.sub(r"\s*\n[\s#]*", " ", source.text)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", joined)
    return [f"{source.path}: {found.group()}" for found in LICENSING.finditer(words)]


def badly_executable(path: str, *, executable: bool, first_line: str) -> list[str]:
    """Return what is wrong with a script: what is run by its path has an interpreter line and the right to be run."""
    interpreted = first_line.startswith("#!")
    if executable != interpreted:
        return [f"{path}: {'executable without' if executable else 'not executable with'} an interpreter line"]
    if not interpreted and not path.endswith(".py"):
        return [f"{path}: has no interpreter line, so nobody can run it"]
    return []


def test_no_text_names_a_registry() -> None:
    assert hits(texts(), REGISTRIES) == []


@pytest.mark.parametrize("host", ["pypi {}", "files.pythonhosted {}", "registry.npmjs {}"])
def test_a_registry_is_found(host: str) -> None:
    address = host.replace(" ", ".").format("org")
    assert hits([Source("a", f"x\nget https://{address}/x")], REGISTRIES) == [
        f"a:2: {'.'.join(address.split('.')[-2:])}"
    ]
    assert hits([Source("a", "--" + "index-url x")], REGISTRIES)
    assert hits([Source("a", "a simple index.org of crates")], REGISTRIES) == []


def test_no_text_names_a_folder_of_one_machine() -> None:
    assert hits(texts(), MACHINE) == []


@pytest.mark.parametrize("folder", ["work", "home", "farm", "Users"])
def test_a_folder_of_one_machine_is_found(folder: str) -> None:
    for before in ("", " ", '"', "file://", "="):
        assert hits([Source("a", f"{before}/{folder}/someone/x")], MACHINE)
    assert hits([Source("a", f"a/{folder}/b, ../{folder}/b, ${{HOME}}/{folder}/b, /home/agent/x")], MACHINE) == []


def test_the_words_are_those_of_the_order() -> None:
    spoken = within(texts(), "src", "docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
    assert [phrase for source in spoken for phrase in licensing(source)] == []


@pytest.mark.parametrize(
    "phrase",
    [
        "the {review} of a model",
        "an {approval} for the new model",
        "{clearance} of this release",
        "a model {review}",
        "the model is {approved}",
        "the release was not\n    # {cleared}",
        "the model has been {licensed}",
        "a {permit} for its release",
        "{permits} the release",
        "def {approve}_model():",
        "class Model{Approval}:",
        "{pre}clearance",
        "submitted for {approval}",
    ],
)
def test_a_word_of_licensing_is_found(phrase: str) -> None:
    text = re.sub(r"[{}]", "", phrase)
    assert licensing(Source("a", text)), text


@pytest.mark.parametrize(
    "phrase",
    [
        "An empty clearance reads only what is public.",
        "whoever grants a clearance decides that",
        "Licensed under the Apache License, Version 2.0. The model is scripted.",
        "the one permitted late import",
        "A review of the code comes first.",
        "the model permits no floats",
        "The model is assessed, and a determination is signed.",
        "this user lacks permission; the release is announced",
    ],
)
def test_other_uses_of_the_words_are_left_alone(phrase: str) -> None:
    assert licensing(Source("a", phrase)) == []


def test_scripts_can_be_run() -> None:
    scripts = [path for path in paths() if path.startswith(("scripts/", ".ci/"))]
    assert "scripts/netless" in scripts
    wrong: list[str] = []
    for path in scripts:
        mode, text = (ROOT / path).stat().st_mode, Path(ROOT / path).read_text(encoding="utf-8")
        wrong += badly_executable(path, executable=bool(mode & 0o111), first_line=text.partition("\n")[0])
    assert wrong == []


@pytest.mark.parametrize(
    "path, executable, first_line, wrong",
    [
        ("scripts/a", True, "#!/bin/sh", False),
        ("scripts/a.py", False, '"""Doc."""', False),
        ("scripts/a", False, "#!/bin/sh", True),
        ("scripts/a", True, "echo", True),
        ("scripts/a", False, "echo", True),
    ],
)
def test_a_script_that_cannot_be_run_is_found(path: str, *, executable: bool, first_line: str, wrong: bool) -> None:
    assert bool(badly_executable(path, executable=executable, first_line=first_line)) == wrong
