"""Projects and calendars as files: read strictly, with packages and repositories in normal form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from trialplate.clearinghouse.coordination.projects import (
    MOST_FILE_BYTES,
    ProjectError,
    parse_calendar,
    parse_project,
    policy_of,
    targets_of,
)
from trialplate.records import RELEASED, encode_body
from trialplate.records.claim import ClaimTarget
from trialplate.records.project import Busy, Calendar, Clock, ProjectSource

KEY = "ed25519:" + "ab" * 32
SMALL = """
format = "trialplate.project/1"
name = "tiny"
contact = "security@tiny.example"
purls = ["pkg:generic/tiny"]
"""
FULL = """
format = "trialplate.project/1"
name = "tiny"
contact = "security@tiny.example"
purls = ["pkg:PyPI/Tiny_Kit", "pkg:pypi/tiny-kit"]
repositories = ["https://GitHub.com/Tiny/Kit.git"]
open_limit = 1
pace_days = 7
public_by_policy = true
takes_ai_reports = false
excluded = ["tests/**"]
recipe = "recipe.toml"
clock = {zone = "Europe/Berlin", embargo = 60}
sources = [{version = "1.0", commit = "abc", archive = "tiny-1.0.tar.gz"}]
"""


def test_a_file_states_a_policy() -> None:
    file = parse_project(FULL.encode())
    source = ProjectSource(version="1.0", commit="abc", archive="cd" * 32)
    policy = policy_of(file, maintainer="mill", key=KEY, recipe="ef" * 32, sources=(source,))
    assert encode_body(RELEASED, policy)[0] == "project.policy/1"
    assert (policy.name, policy.maintainer, policy.key, policy.contact) == (
        "tiny",
        "mill",
        KEY,
        "security@tiny.example",
    )
    assert policy.purls == ("pkg:pypi/tiny-kit",)
    assert policy.repositories == ("https://github.com/tiny/kit",)
    assert (policy.open_limit, policy.pace_days, policy.excluded) == (1, 7, ("tests/**",))
    assert (policy.public_by_policy, policy.takes_ai_reports) == (True, False)
    assert policy.clock == Clock(zone="Europe/Berlin", embargo=60)
    assert (policy.recipe, policy.sources) == ("ef" * 32, (source,))
    assert targets_of(policy) == (
        ClaimTarget(purl="pkg:pypi/tiny-kit"),
        ClaimTarget(repository="https://github.com/tiny/kit"),
    )


def test_what_is_not_said_is_as_the_record_has_it() -> None:
    policy = policy_of(parse_project(SMALL.encode()), maintainer="mill", key=KEY, recipe="", sources=())
    assert (policy.open_limit, policy.pace_days, policy.clock) == (3, 0, Clock())
    assert policy.takes_ai_reports
    assert not policy.public_by_policy


def test_a_handover_names_who_speaks_from_now_on() -> None:
    other = "ed25519:" + "cd" * 32
    file = parse_project(f'{SMALL}handover = {{party = "lane", key = "{other}"}}'.encode())
    policy = policy_of(file, maintainer="mill", key=KEY, recipe="", sources=())
    assert (policy.maintainer, policy.key) == ("lane", other)


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "missing required field"),
        ("format = [", "cannot be read"),
        ("\ud800", "cannot be read"),
        (SMALL.replace("project/1", "project/2"), "Invalid enum value"),
        (SMALL + "limit = 3", "unknown field `limit`"),
        (SMALL + "open_limit = 0", ">= 1"),
        (SMALL.replace('"tiny"', '"ti\\nny"'), "matching regex"),
        (SMALL.replace("purls", "excluded"), "no package and no repository"),
        (SMALL.replace("pkg:", "http:"), "no package URL"),
        (SMALL.replace("/tiny", "/tiny@1.0"), "one version or part"),
        (SMALL.replace("/tiny", "/tiny#src"), "one version or part"),
        (SMALL + 'repositories = ["tiny"]', "no repository"),
        (SMALL + 'sources = [{version = "1", archive = "a"}, {version = "1", archive = "b"}]', "two sources"),
        ("#" * (MOST_FILE_BYTES + 1), "more than"),
    ],
)
def test_a_file_that_says_anything_else_is_refused(text: str, why: str) -> None:
    with pytest.raises(ProjectError, match=why):
        parse_project(text.encode(errors="surrogatepass"))


def calendar(*times: tuple[str, str]) -> bytes:
    """Return a calendar of busy times, each from a begin to an end."""
    busy = (f'[[busy]]\nbegins_at = "{begins}"\nends_at = "{ends}"\nreason = "Release."\n' for begins, ends in times)
    return "\n".join(('format = "trialplate.calendar/1"', *busy)).encode()


def test_the_page_shows_files_that_are_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "formats" / "project.md").read_text()
    project, times = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    file = parse_project(project.encode())
    # What the page says of values that are not given is what its example gives.
    bare = parse_project(SMALL.encode())
    assert (file.open_limit, file.pace_days, file.takes_ai_reports) == (bare.open_limit, bare.pace_days, True)
    assert replace(file.clock, zone="UTC") == bare.clock
    assert len(parse_calendar(times.encode()).busy) == 1


FIRST, SECOND, THIRD = "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z"


def test_a_calendar_is_in_the_order_of_time() -> None:
    assert parse_calendar(calendar((SECOND, THIRD), (FIRST, SECOND))) == Calendar(
        (
            Busy(begins_at=FIRST, ends_at=SECOND, reason="Release."),
            Busy(begins_at=SECOND, ends_at=THIRD, reason="Release."),
        )
    )
    assert parse_calendar(calendar()) == Calendar(())


@pytest.mark.parametrize(
    "times, why",
    [
        ((SECOND, SECOND), "is not after"),
        ((SECOND, FIRST), "is not after"),
        ((FIRST, "2026-13-01T00:00:00Z"), "is not a moment"),
        ((FIRST, "tomorrow"), "matching regex"),
    ],
)
def test_a_time_that_is_none_is_refused(times: tuple[str, str], why: str) -> None:
    with pytest.raises(ProjectError, match=why):
        parse_calendar(calendar(times))
