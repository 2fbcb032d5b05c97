"""Package URLs: read leniently, written in one form, refused with a reason."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats.purl import Purl, PurlError, parse_purl


@pytest.mark.parametrize(
    "text, written",
    [
        ("pkg:PyPI/Django_Rest@1.0RC1", "pkg:pypi/django-rest@1.0rc1"),
        ("PKG://npm/@babel/core@7.0.0", "pkg:npm/%40babel/core@7.0.0"),
        ("pkg:pub/Flutter-Rx", "pkg:pub/flutter_rx"),
        ("pkg:generic/a%20b/", "pkg:generic/a%20b"),
        ("pkg:generic/a@1?b=&c=%26#/./x/../y/", "pkg:generic/a@1?c=%26#x/y"),
        ("pkg:generic/a?b", "pkg:generic/a"),
        ("pkg:generic/ä", "pkg:generic/%C3%A4"),
        ("pkg:generic/%2Fa%2F/b%2fc/d#%2F/e%2F..%2Ff", "pkg:generic/a/b/c/d#e/f"),
    ],
)
def test_one_package_has_one_form(text: str, written: str) -> None:
    assert str(parse_purl(text)) == written
    assert parse_purl(written) == parse_purl(text)


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "does not start with"),
        ("https://a/b", "does not start with"),
        ("pkg:3d/a", "does not start with"),
        ("pkg:generic/", "names no package"),
        ("pkg:generic/%zz", "escapes nothing"),
        ("pkg:generic/%ff", "is no UTF-8"),
        ("pkg:generic/\ud800", "is no UTF-8"),
        ("pkg:generic/a?1=2", "without a proper key"),
        ("pkg:generic/a?b=1&B=2", "one twice"),
        ("pkg:pypi/name/space", "pypi knows none"),
        ("pkg:maven/name", "maven needs one"),
        ("pkg:julia/Dates", "has no `uuid`"),
        ("pkg:cpan/A::B", "has 'A::B'"),
        ("pkg:chrome-extension/dogs", "has 'dogs'"),
    ],
)
def test_what_is_no_package_url_is_refused(text: str, why: str) -> None:
    with pytest.raises(PurlError, match=why):
        parse_purl(text)


def test_a_package_is_what_is_left_without_version_qualifiers_and_subpath() -> None:
    found = parse_purl("pkg:deb/debian/curl@7.50.3-1?arch=i386#src")
    assert found.package == Purl(type="deb", namespace="debian", name="curl")
    assert str(found.package) == "pkg:deb/debian/curl"


@given(st.text() | st.text(alphabet="abZ:/@%?#=&.4120~-_ ").map("pkg:generic/{}".format))
def test_whatever_can_be_read_is_written_so_that_it_is_read_again(text: str) -> None:
    with suppress(PurlError):
        found = parse_purl(text)
        assert parse_purl(str(found)) == found
        assert str(found).isascii()
