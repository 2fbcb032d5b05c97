"""What holds of the package as a whole: what is locked, what the check runs, and what a light command loads."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.repo.tree import ROOT

HEAVY = ("inspect_ai", "scipy", "django", "sqlalchemy")
"""What takes long to import and only some commands need."""

LISTING = """
import sys
from trialplate.faces.cli.main import main
main({arguments!r})
print("loaded", *sorted(name for name in sys.modules if "." not in name))
"""


def direct(project: Mapping[str, Any]) -> tuple[Requirement, ...]:
    """Return every dependency that a `pyproject.toml` names: of the program, of its extras, and of its build."""
    named = project["project"]
    extras = [line for lines in named.get("optional-dependencies", {}).values() for line in lines]
    return tuple(Requirement(line) for line in (*named["dependencies"], *extras, *project["build-system"]["requires"]))


def locked(text: str) -> Mapping[str, tuple[Version, ...]]:
    """Return the versions that a lock file pins, by name; one a marker."""
    pins: dict[str, tuple[Version, ...]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.MULTILINE):
        pins[canonicalize_name(name)] = (*pins.get(canonicalize_name(name), ()), Version(version))
    return pins


def bad_lock(text: str, wanted: Sequence[Requirement]) -> list[str]:
    """Return what is wrong with a lock file: a dependency it lacks or pins otherwise, a pin without a hash, a host."""
    pins = locked(text)
    found: list[str] = []
    for requirement in wanted:
        versions = pins.get(canonicalize_name(requirement.name), ())
        if not versions:
            found.append(f"{requirement.name} is not locked")
        found += [
            f"{requirement} is locked at {version}" for version in versions if version not in requirement.specifier
        ]
    for entry in re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)):
        if entry.strip() and "--hash=sha256:" not in entry:
            found.append(f"no hash: {entry.splitlines()[0]}")
    found += [f"names a place: {place}" for place in re.findall(r"^-.*$|\S+://\S*", text, re.MULTILINE)]
    return found


def runs_tests(script: str) -> bool:
    """Say whether a shell script calls `make test`, and neither in a comment nor so that a failure is lost."""
    called = re.search(
        r"^\s*(?:exec )?make (?:[\w=-]+ )*test(?: 2>&1)?(?P<piped> \| tee \S+)?\s*$", script, re.MULTILINE
    )
    return called is not None and (not called["piped"] or "pipefail" in script)


def loaded(arguments: Sequence[str]) -> frozenset[str]:
    """Return the top-level modules that a fresh interpreter has loaded after a command of the program."""
    asked = LISTING.format(arguments=list(arguments))
    ended = subprocess.run((sys.executable, "-c", asked), cwd=ROOT, capture_output=True, text=True, check=True)
    return frozenset(ended.stdout.splitlines()[-1].split()[1:])


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert bad_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"), direct(project)) == []


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("a-b==1.2 \\\n    --hash=sha256:00\n    # via c\n", []),
        ("A_b[x]==1.2 ; python_version > '3' \\\n    --hash=sha256:00\n", []),
        (
            "a-b==1.2 ; x \\\n    --hash=sha256:00\na-b==1.0 ; y \\\n    --hash=sha256:00\n",
            ["a-b>=1.1 is locked at 1.0"],
        ),
        ("b==1.2 \\\n    --hash=sha256:00\n", ["a-b is not locked"]),
        ("a-b==1.2\n", ["no hash: a-b==1.2"]),
        ("-i here\na-b==1.2 --hash=sha256:00\n", ["no hash: -i here", "names a place: -i here"]),
        ("a-b==1.2 --hash=sha256:00 # x://y\n", ["names a place: x://y"]),
    ],
)
def test_a_bad_lock_is_found(text: str, wrong: list[str]) -> None:
    assert bad_lock(text, [Requirement("a-b>=1.1")]) == wrong


def test_dependencies_of_every_kind_are_read() -> None:
    project = {
        "build-system": {"requires": ["a"]},
        "project": {"dependencies": ["b>1"], "optional-dependencies": {"x": ["c"]}},
    }
    assert [requirement.name for requirement in direct(project)] == ["b", "c", "a"]


def test_the_check_runs_the_tests() -> None:
    assert runs_tests((ROOT / ".ci" / "run").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "script, runs",
    [
        ("#!/bin/sh\nset -eu\nmake test\n", True),
        ("exec make -j2 test", True),
        ("set -o pipefail\nmake test 2>&1 | tee said\n", True),
        ("make test 2>&1 | tee said\n", False),
        ("# make test\n", False),
        ("make test || true\n", False),
        ("make tests\n", False),
    ],
)
def test_a_check_that_runs_no_tests_is_found(script: str, *, runs: bool) -> None:
    assert runs_tests(script) == runs


def test_the_help_loads_nothing_heavy() -> None:
    names = loaded(["--help"])
    assert {"trialplate", "click"} <= names
    assert not names & set(HEAVY)


def test_a_command_that_loads_something_heavy_is_found() -> None:
    assert loaded(["store", "--help"]) & set(HEAVY) == {"sqlalchemy"}
