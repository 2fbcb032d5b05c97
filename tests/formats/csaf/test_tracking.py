"""Versions, moments and revision histories."""

from __future__ import annotations

import pytest

from tests.formats.csaf.making import Json, advisory, found, history
from trialplate.formats.csaf.versions import moment, version

DAYS = tuple(f"2026-06-{day:02}T10:00:00Z" for day in range(1, 32))
NUMBER = "/document/tracking/revision_history/{}/number"
VERSION = "/document/tracking/version"


def tracked(*numbers: str, status: str = "final", latest: str = "") -> list[tuple[str, str]]:
    """Return what is found in a document with one revision a day, whose version is the last one or `latest`."""
    tracking: Json = {"status": status, "version": latest or numbers[-1]}
    return found(advisory(tracking=tracking | {"revision_history": history(*zip(DAYS, numbers, strict=False))}))


def test_semantic_versions_are_ordered_as_their_standard_says() -> None:
    # The example of section 11 of Semantic Versioning 2.0.0, and numbers of any length.
    ascending = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0"
    versions = [version(text) for text in (*ascending.split(), "1.9.0", "1.10.0", f"{'9' * 500}.0.0")]
    assert versions == sorted(versions)
    assert len(set(versions)) == len(versions)
    assert version("1.0.0+x") == version("1.0.0+y")
    assert version("9" * 1001) == version("1" * 5000) > version("9" * 999)
    assert version("no version") == version("0")


@pytest.mark.parametrize(
    "earlier, later",
    [
        ("2026-06-02T10:00:00Z", "2026-06-02T10:00:01Z"),
        ("2026-06-02T10:00:00.1Z", "2026-06-02T10:00:00.10001Z"),
        ("2026-06-02T10:00:00+02:00", "2026-06-02t09:00:00z"),
        ("2026-06-02T10:00:00Z", "2026-06-02T09:00:00-01:30"),
        ("2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z"),
        ("0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0399-12-31T23:59:59Z", "0400-01-01T00:00:00Z"),
        ("no date", "0000-01-01T00:00:00Z"),
    ],
)
def test_moments_are_ordered(earlier: str, later: str) -> None:
    assert moment(earlier) < moment(later)


def test_moments_are_equal_however_they_are_written() -> None:
    assert moment("2026-06-02T10:00:00.000Z") == moment("2026-06-02T12:00:00+02:00") == moment("2026-06-02T10:00:00Z")


@pytest.mark.parametrize(
    "numbers", [("1",), ("0", "1"), ("1", "2", "3"), ("0.9.0", "1.0.0"), ("1.0.0", "1.9.0", "1.10.0")]
)
def test_a_draft_may_have_any_whole_history(numbers: tuple[str, ...]) -> None:
    assert tracked(*numbers, status="draft") == []


@pytest.mark.parametrize(
    "numbers, expected",
    [
        (("2", "1"), [("6.1.14", NUMBER.format(1)), ("6.1.21", NUMBER.format(0))]),
        (("1.0.0", "1.10.0", "1.9.0"), [("6.1.14", NUMBER.format(2))]),
        (("0", "1"), [("6.1.18", NUMBER.format(0))]),
        (("1.0.0-rc", "1.0.0"), [("6.1.19", NUMBER.format(0))]),
        (("1", "3"), [("6.1.21", NUMBER.format(1))]),
        (("2", "3"), [("6.1.21", NUMBER.format(0))]),
        (("1.0.0", "3.0.0"), [("6.1.21", NUMBER.format(1))]),
        (("1", "1"), [("6.1.22", NUMBER.format(1))]),
        (("1", "2.0.0"), [("6.1.30", NUMBER.format(0))]),
    ],
)
def test_a_history_is_sorted_and_whole(numbers: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert tracked(*numbers) == expected


def test_entries_of_one_moment_count_by_their_numbers() -> None:
    entries = history((DAYS[0], "2"), (DAYS[0], "1"))
    assert found(advisory(tracking={"version": "2", "revision_history": entries})) == []
    assert found(advisory(tracking={"version": "1", "revision_history": entries})) == [("6.1.16", VERSION)]


@pytest.mark.parametrize(
    "latest, status, fits",
    [
        ("2.0.0+build", "final", True),
        ("1.0.0", "final", False),
        ("2.0.0-rc", "draft", True),
        ("2.1.0-rc", "draft", False),
    ],
)
def test_the_version_is_the_newest_of_the_history(latest: str, status: str, *, fits: bool) -> None:
    assert tracked("1.0.0", "2.0.0", status=status, latest=latest) == ([] if fits else [("6.1.16", VERSION)])


@pytest.mark.parametrize("status", ["final", "interim"])
def test_only_a_draft_has_a_version_of_one(status: str) -> None:
    stated = ("6.1.17", "/document/tracking/status")
    zero = ("6.1.18", NUMBER.format(0))
    assert tracked("0", status=status) == [stated, zero]
    assert tracked("0.1.0", status=status) == [stated, zero]
    early = tracked("1.0.0-rc", status=status)
    assert early == [stated, ("6.1.19", NUMBER.format(0)), ("6.1.20", VERSION)]
