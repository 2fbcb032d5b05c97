"""What the body of an advisory takes: nothing that a published format could not say."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.formats.advisories import AT, PLAIN, checked
from trialplate.errors import TrialplateError
from trialplate.records import CanonicalError, MomentError
from trialplate.records.case import MOST_VERSIONS, Affected, CaseError, Revision

EARLIER = "2026-01-01T00:00:00Z"


def test_a_plain_one_comes_back_as_it_was() -> None:
    assert checked(PLAIN) == PLAIN


@pytest.mark.parametrize(
    "revisions",
    [
        ((2, AT),),
        ((1, AT), (1, AT)),
        ((1, AT), (3, AT)),
        ((1, AT), (2, EARLIER)),
        ((1, EARLIER),),
    ],
)
def test_revisions_count_from_1_in_the_order_of_time(revisions: tuple[tuple[int, str], ...]) -> None:
    made = tuple(Revision(number=number, at=at, summary="x") for number, at in revisions)
    with pytest.raises(CaseError, match="revision"):
        replace(PLAIN, revisions=made)


def test_moments_are_of_the_calendar() -> None:
    with pytest.raises(MomentError):
        replace(PLAIN, published_at="2026-02-30T00:00:00Z")
    with pytest.raises(MomentError):
        replace(PLAIN, revisions=(Revision(number=1, at="2026-02-30T00:00:00Z", summary="x"),))


def test_versions_are_counted_over_all_that_is_affected() -> None:
    half = Affected(name="a", versions=tuple(str(number) for number in range(MOST_VERSIONS // 2)))
    assert len(replace(PLAIN, affected=(half, half)).affected) == 2
    with pytest.raises(CaseError, match="1001 versions"):
        replace(PLAIN, affected=(half, half, Affected(name="a", versions=("1",))))


@pytest.mark.parametrize(
    "field, text",
    [
        *(("fixed", text) for text in ("all", "<1", "before 2", "1 2", "1\n", "1,2", "main", f"1{'0' * 128}")),
        *(("introduced", text) for text in ("", "*", "v")),
        *(("fix_commit", text) for text in ("abc", "A" * 40, "a" * 41, f"{'a' * 40}\n")),
        *(("repository", text) for text in ("git@example.com:a", "https://example.com/a b", "https://", "http://a/\n")),
        *(("purl", text) for text in ("pkg:pypi/ä", "pkg:pypi/a\n", "pkg:pypi/a b", "x" * 513)),
    ],
)
def test_what_no_format_can_say_of_what_is_affected_is_refused(field: str, text: str) -> None:
    with pytest.raises(CanonicalError):
        checked(replace(PLAIN, affected=(replace(Affected(name="a"), **{field: text}),)))


@pytest.mark.parametrize(
    "field, value",
    [
        ("id", "TRIALPLATE-2026-0A1B2C3D\n"),
        ("id", "TRIALPLATE-2026-0a1b2c3d"),
        ("namespace", "example.com"),
        ("references", ("ftp://example.com",)),
        ("references", ("https://example.com/#a b",)),
        ("aliases", ("",)),
        ("aliases", ("CVE-2026-0001 ",)),
        ("weakness", ("CWE-0",)),
        ("weakness", ("787",)),
        ("affected", ()),
        ("revisions", ()),
    ],
)
def test_what_no_format_can_say_is_refused(field: str, value: object) -> None:
    with pytest.raises(TrialplateError):
        checked(replace(PLAIN, **{field: value}))


@pytest.mark.parametrize("version", ["0", "v1.2.3", "1!2.0+local", "2:1.0~rc1-1+b1", "release/1", "r5^3"])
def test_versions_are_those_of_any_ecosystem(version: str) -> None:
    made = replace(PLAIN, affected=(Affected(name="a", introduced=version, fixed=version, versions=(version,)),))
    assert checked(made) == made
