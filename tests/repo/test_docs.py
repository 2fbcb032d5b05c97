"""What holds of the documents: a command that they show exists and answers so, and a decision says what it cost."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import click
import pytest
from click.testing import CliRunner

from tests.repo.tree import ROOT, Source, texts, within
from trialplate.faces.cli.main import cli

HEADINGS = ["Context", "Options", "Choice", "Cost"]

ASIDE = frozenset({"cd", "git"})
"""Commands that a reader has and that are not ours to check."""

FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<inside>.*?)^```$", re.MULTILINE | re.DOTALL)
HELP = re.compile(
    r"^<!-- help: (?P<command>trialplate[^>]*?) -->\n+```\w*\n(?P<shown>.*?)^```$", re.MULTILINE | re.DOTALL
)


@cache
def documents() -> tuple[Source, ...]:
    """Return every page of the project."""
    return tuple(source for source in texts() if source.path.endswith(".md"))


def page(path: str) -> Source:
    """Return one page."""
    return next(source for source in documents() if source.path == path)


def bad_decisions(pages: Iterable[Source], index: str) -> list[str]:
    """Return what is wrong with the pages of decisions: names, numbers, headings, and their place in the index."""
    found: list[str] = []
    for number, source in enumerate(sorted(pages, key=lambda each: each.path), 1):
        name = source.path.rpartition("/")[2]
        if not re.fullmatch(rf"{number:04d}-[a-z0-9-]+\.md", name):
            found.append(f"{source.path}: is not named {number:04d}-what-was-decided.md")
        headings = re.findall(r"^## (.*)$", source.text, re.MULTILINE)
        if headings != HEADINGS:
            found.append(f"{source.path}: its headings are {headings}")
        parts = re.split(r"^## .*$", source.text, flags=re.MULTILINE)[1:]
        if any(not part.strip() for part in parts):
            found.append(f"{source.path}: a part is empty")
        if f"(adr/{name})" not in index:
            found.append(f"{source.path}: is not in docs/README.md")
    return found


def bad_changelog(text: str) -> list[str]:
    """Return what is wrong with a changelog: it starts with what is not yet released, and says something of it."""
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    if headings[:1] != ["Unreleased"]:
        return ["CHANGELOG.md: the first heading is not `## Unreleased`"]
    unreleased = re.split(r"^## .*$", text, flags=re.MULTILINE)[1]
    return [] if re.search(r"^- \S", unreleased, re.MULTILINE) else ["CHANGELOG.md: `## Unreleased` says nothing"]


def shell_lines(text: str) -> list[str]:
    """Return the commands in the fenced shell blocks of a page, without prompts and comments."""
    blocks = (
        block["inside"] for block in FENCED.finditer(text) if block["language"] in {"sh", "bash", "shell", "console"}
    )
    lines = (line.removeprefix("$ ").partition(" #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def unknown_commands(source: Source, targets: Iterable[str], resolves: Callable[[list[str]], bool]) -> list[str]:
    """Return the commands of a page that are neither targets of the Makefile nor commands of the program."""
    found: list[str] = []
    for line in shell_lines(source.text):
        words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
        program, arguments = words[0], words[1:]
        known = program in ASIDE
        if program == "make":
            known = bool(arguments) and all(word in targets for word in arguments if "=" not in word)
        elif program.removeprefix(".venv/bin/") == "trialplate":
            known = resolves(arguments)
        elif program.startswith("scripts/"):
            known = (ROOT / program).exists()
        if not known:
            found.append(f"{source.path}: `{line}` is no command of ours")
    return found


def makefile_targets(text: str) -> frozenset[str]:
    """Return the targets of a Makefile."""
    rules = re.findall(r"^([\w./ -]+):(?![=])", text, re.MULTILINE)
    return frozenset(name for rule in rules for name in rule.split())


def is_command(arguments: list[str]) -> bool:
    """Say whether the program has such a command, by its leading words; options are left to the command's own help."""
    command: click.Command | None = cli
    for word in arguments:
        if word.startswith("-") or not isinstance(command, click.Group):
            break
        command = command.get_command(click.Context(command), word)
    return command is not None


def wrong_help(source: Source, answer: Callable[[str], str]) -> list[str]:
    """Return the marked blocks of a page that differ from what the command answers to `--help`."""
    blocks = list(HELP.finditer(source.text))
    found = [
        f"{source.path}: {block['command']} --help answers otherwise"
        for block in blocks
        if block["shown"].strip() != answer(block["command"]).strip()
    ]
    if source.text.count("<!-- help:") != len(blocks):
        found.append(f"{source.path}: a help mark is not followed by a fenced block")
    return found


@cache
def real_help(command: str) -> str:
    """Return what a command of the program answers to `--help` in a window of 80 columns."""
    arguments = [*shlex.split(command)[1:], "--help"]
    return CliRunner(env={"COLUMNS": "80"}).invoke(cli, arguments, prog_name="trialplate", terminal_width=80).output


def dead_links(source: Source, exists: Callable[[str], bool]) -> list[str]:
    """Return the links of a page to files of the project that are not there."""
    folder = source.path.rpartition("/")[0]
    targets = (target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", source.text))
    return [
        f"{source.path}: links to {target}"
        for target in targets
        if target and "://" not in target and not exists(f"{folder}/{target}" if folder else target)
    ]


def test_decisions_say_what_they_cost() -> None:
    decisions = within(documents(), "docs/adr")
    assert decisions
    assert bad_decisions(decisions, page("docs/README.md").text) == []


def test_a_decision_that_leaves_something_out_is_found() -> None:
    good = "# 1\n" + "".join(f"\n## {heading}\n\nText.\n" for heading in HEADINGS)
    index = "[a](adr/0001-a.md)"
    assert bad_decisions([Source("docs/adr/0001-a.md", good)], index) == []
    assert bad_decisions([Source("docs/adr/0001-a.md", good)], "") == ["docs/adr/0001-a.md: is not in docs/README.md"]
    assert bad_decisions([Source("docs/adr/0002-a.md", good)], "(adr/0002-a.md)")
    assert bad_decisions([Source("docs/adr/0001-a.md", good.replace("## Cost", "## Price"))], index)
    assert bad_decisions([Source("docs/adr/0001-a.md", good.removesuffix("Text.\n"))], index)


def test_the_changelog_says_what_is_not_yet_released() -> None:
    assert bad_changelog(page("CHANGELOG.md").text) == []
    assert bad_changelog("# Changelog\n\n## Unreleased\n\n- It works.\n") == []
    assert bad_changelog("# Changelog\n\n## 0.1.0\n\n- It works.\n")
    assert bad_changelog("# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- It works.\n")


@pytest.mark.parametrize("path", ["README.md", "CONTRIBUTING.md", "docs/README.md"])
def test_commands_that_a_page_shows_exist(path: str) -> None:
    targets = makefile_targets((ROOT / "Makefile").read_text(encoding="utf-8"))
    assert unknown_commands(page(path), targets, is_command) == []


def test_the_readme_shows_its_two_commands() -> None:
    assert {"make assess", "make test"} <= set(shell_lines(page("README.md").text))


@pytest.mark.parametrize(
    "line, known",
    [
        ("make test", True),
        ("$ make test  # all of it", True),
        ("A_NAME=1 make test", True),
        ("make test doctor", True),
        ("make", False),
        ("make tests", False),
        ("trialplate store info --json", True),
        (".venv/bin/trialplate doctor", True),
        ("trialplate shop", False),
        ("trialplate store sell", False),
        ("scripts/netless true", True),
        ("scripts/nothing", False),
        ("curl x", False),
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, *, known: bool) -> None:
    shown = Source("a.md", f"Text.\n\n```sh\n# A comment.\n{line}\n```\n\n```text\nno command\n```\n")
    targets = makefile_targets("A := b\n.PHONY: test\ntest doctor: setup\n\tx: y\n")
    assert (unknown_commands(shown, targets, is_command) == []) == known


def test_shown_help_is_the_real_help() -> None:
    shown = [source for source in documents() if "<!-- help:" in source.text]
    assert shown
    assert [wrong for source in shown for wrong in wrong_help(source, real_help)] == []


@pytest.mark.parametrize(
    "text, right",
    [
        ("<!-- help: trialplate a -->\n```text\nUsage: a\n```\n", True),
        ("<!-- help: trialplate a -->\n\n```\nUsage: a\n```\n", True),
        ("<!-- help: trialplate a -->\n```text\nUsage: b\n```\n", False),
        ("<!-- help: trialplate b -->\n```text\nUsage: a\n```\n", False),
        ("<!-- help: trialplate a -->\nText.\n```text\nUsage: a\n```\n", False),
    ],
)
def test_help_that_is_no_longer_so_is_found(text: str, *, right: bool) -> None:
    answers: Mapping[str, str] = {"trialplate a": "Usage: a\n", "trialplate b": "Usage: b\n"}
    assert (wrong_help(Source("a.md", text), answers.__getitem__) == []) == right


def test_links_lead_somewhere() -> None:
    found = [link for source in documents() for link in dead_links(source, lambda path: (ROOT / path).exists())]
    assert found == []


def test_a_dead_link_is_found() -> None:
    text = Source("docs/a.md", "[a](b.md) [c](../d.md#part) [e](https://example.org/x) [f](#part)")
    assert dead_links(text, {"docs/b.md", "docs/../d.md"}.__contains__) == []
    assert dead_links(text, {"docs/b.md"}.__contains__) == ["docs/a.md: links to ../d.md"]
