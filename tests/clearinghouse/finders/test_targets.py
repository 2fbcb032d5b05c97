"""Targets: equal ones have one form, and whatever may meet is said to meet."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.clearinghouse.finders.targets import TargetError, keys_of, normalized, overlaps, reported, repository
from trialplate.records.claim import ClaimTarget
from trialplate.records.finding import ReportedTarget

TINY = "https://git.example.org/tiny"


def at(first: str = "", last: str | None = None, component: str = "", **named: str) -> ClaimTarget:
    """Return a target in normal form: of a repository unless a purl is named; one bound stands for both."""
    named = named or {"repository": TINY}
    return normalized(ClaimTarget(first=first, last=first if last is None else last, component=component, **named))


@pytest.mark.parametrize(
    "url, written",
    [
        ("https://GitHub.com/Some/Thing.git", "https://github.com/some/thing"),
        ("https://finder:secret@git.example.org:443/A/b/?x=1#y", "https://git.example.org/A/b"),
        ("git@github.com:Some/Thing.git", "ssh://github.com/some/thing"),
        ("git+https://git.example.org/a//./b.git/", "https://git.example.org/a/b"),
        ("ssh://git@git.example.org:2222/a", "ssh://git.example.org:2222/a"),
        ("https://git.example.org/%7Ea/b%20c", "https://git.example.org/~a/b%20c"),
        ("https://git.example.org/a.git/.git.git/", "https://git.example.org/a"),
        ("https://GitHub.com/Tiny/Kit.Git", "https://github.com/tiny/kit"),
    ],
)
def test_a_repository_has_one_form(url: str, written: str) -> None:
    assert repository(url) == written
    assert repository(written) == written


@pytest.mark.parametrize(
    "url",
    """https://git.example.org/ file:///etc/passwd javascript:alert(1) https:///a https://[::1/a
    https://git.example.org:99999/a https://git.example.org/a/../b https://g%69t.example.org/a https://gît.example/a
    https://git.example.org/%ff https://git.example.org/%00 https://[::1]/a tiny
    https://git.example.org/a/...git https://git.example.org/a%2F../b https://git.example.org/.git""".split(),
)
def test_anything_else_is_no_repository(url: str) -> None:
    with pytest.raises(TargetError, match="is no repository"):
        repository(url)


def test_a_refused_repository_shows_no_password() -> None:
    with pytest.raises(TargetError) as refused:
        repository("ftp://finder:secret@git.example.org/a")
    assert "secret" not in str(refused.value)
    assert "git.example.org/a" in str(refused.value)


@pytest.mark.parametrize(
    "target, why",
    [
        (ClaimTarget(component="a"), "no package and no repository"),
        (ClaimTarget(purl="tiny"), "is no package URL"),
        (ClaimTarget(purl="pkg:generic/tiny@1", last="2"), "bounds its versions twice"),
        (ClaimTarget(purl="pkg:generic/tiny", first="1.10", last="1.9"), r"1\.10 comes after 1\.9"),
    ],
)
def test_a_target_that_cannot_be_compared_is_refused(target: ClaimTarget, why: str) -> None:
    with pytest.raises(TargetError, match=why):
        normalized(target)


def test_what_a_purl_says_of_version_and_subpath_becomes_bounds_and_component() -> None:
    assert normalized(ClaimTarget(purl="pkg:PyPI/Tiny_Kit@1.0?file_name=x#./src/")) == ClaimTarget(
        purl="pkg:pypi/tiny-kit", component="src", first="1.0", last="1.0"
    )


@pytest.mark.parametrize(
    "purl, place",
    [
        ("pkg:github/Some/Thing@ABCDEF01", "https://github.com/some/thing"),
        ("pkg:bitbucket/some/thing", "https://bitbucket.org/some/thing"),
        ("pkg:git/Git.Example.org/A/b.git", "https://git.example.org/A/b"),
        ("pkg:git/GitLab.com/A/b", "https://gitlab.com/a/b"),
    ],
)
def test_a_purl_of_a_repository_is_the_repository(purl: str, place: str) -> None:
    found = normalized(ClaimTarget(purl=purl))
    assert found.repository == place
    assert overlaps(found, normalized(ClaimTarget(repository=place.replace("https", "ssh"))))
    # A project names packages and repositories apart.
    assert set(keys_of(ClaimTarget(purl=purl))) & set(keys_of(ClaimTarget(repository=place)))


SAME, APART = True, False


@pytest.mark.parametrize(
    "one, other, meet",
    [
        (at(), at(), SAME),
        (at(), at(repository="https://git.example.org/other"), APART),
        (at(), at(purl="pkg:generic/tiny"), APART),
        (at(purl="pkg:generic/tiny"), at(purl="pkg:generic/tiny", repository=TINY), SAME),
        (at(purl="pkg:deb/debian/tiny?arch=arm64"), at(purl="pkg:deb/Debian/tiny"), SAME),
        (at(component="src"), at(component=""), SAME),
        (at(component="src"), at(component="./src/parse.c"), SAME),
        (at(component="src"), at(component="srcs"), APART),
        (at(component="src/a.c"), at(component="src/b.c"), APART),
        (at("a" * 40), at("a" * 40), SAME),
        (at("a" * 40), at("A" * 7), SAME),
        (at("a" * 40), at("b" * 40), APART),
        (at("a" * 40), at("b" * 40, "c" * 40), SAME),
        (at("1" * 40), at("2" * 40, "3" * 40), SAME),
        (at("a" * 40), at("1.0"), SAME),
        (at("1.0"), at("v1.0.0"), SAME),
        (at("1.0"), at("1.0rc1"), APART),
        (at("1.9"), at("1.10", ""), APART),
        (at("1.10", ""), at("", "1.9"), APART),
        (at("1.2", "1.4"), at("1.4", "2"), SAME),
        (at("1.2", "1.4"), at("1.4rc1", "2"), SAME),
        (at(purl="pkg:generic/tiny@20240101"), at(purl="pkg:generic/tiny@20240102"), APART),
    ],
)
def test_what_may_meet_meets(one: ClaimTarget, other: ClaimTarget, meet: bool) -> None:  # noqa: FBT001 - of a table
    assert overlaps(one, other) is meet
    assert overlaps(other, one) is meet


BOUNDS = st.sampled_from(["", "1", "1.0", "1.2", "2.0.1", "v2", "rc", "a" * 40, "aaaaaaa", "b" * 40, "1" * 40])
TARGETS = st.builds(
    ClaimTarget,
    purl=st.sampled_from(["", "pkg:generic/tiny", "pkg:github/a/b", "pkg:pypi/tiny", "nonsense"]),
    repository=st.sampled_from(["", TINY, "https://github.com/a/b", "git@github.com:A/B", "nonsense"]),
    component=st.sampled_from(["", "src", "src/a.c", "src/b.c", "docs"]),
    first=BOUNDS,
    last=BOUNDS,
)


@given(TARGETS, TARGETS)
def test_overlap_is_the_same_both_ways_round_and_needs_a_key_in_common(one: ClaimTarget, other: ClaimTarget) -> None:
    assert overlaps(one, other) == overlaps(other, one)
    if overlaps(one, other):
        assert set(keys_of(one)) & set(keys_of(other))


@given(TARGETS)
def test_a_normal_form_stays_and_meets_itself(target: ClaimTarget) -> None:
    with suppress(TargetError):
        found = normalized(target)
        assert normalized(found) == found
        assert overlaps(found, found)


@given(st.builds(ClaimTarget, purl=st.text(), repository=st.text(), component=st.text()))
def test_keys_are_made_of_anything(target: ClaimTarget) -> None:
    assert bool(keys_of(target)) == bool(target.purl or target.repository)


@given(st.text())
def test_a_repository_is_refused_or_has_a_form_that_stays(url: str) -> None:
    with suppress(TargetError):
        assert repository(repository(url)) == repository(url)


@pytest.mark.parametrize(
    "said, target",
    [
        (ReportedTarget(repository=f"{TINY}.git", seen_at="abcdef0"), at("abcdef0")),
        (ReportedTarget(purl="pkg:generic/tiny@1.0", seen_at="abcdef0"), at("1.0", purl="pkg:generic/tiny")),
        (ReportedTarget(purl="nonsense", component="a"), ClaimTarget(purl="nonsense", component="a")),
    ],
)
def test_what_a_report_is_about_is_a_target(said: ReportedTarget, target: ClaimTarget) -> None:
    assert reported(said) == target
