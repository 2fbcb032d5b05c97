"""Paths of foreign documents: one form, no file system, and nothing decoded twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats.intake.paths import below, is_absolute, joined, normalized


@pytest.mark.parametrize(
    "given, path",
    [
        ("", ""),
        ("src/a.c", "src/a.c"),
        ("./src//b/../a.c", "src/a.c"),
        ("src\\lib\\a.c", "src/lib/a.c"),
        ("..\\..\\a.c", "../../a.c"),
        ("a/../../b", "../b"),
        ("my%20file.c", "my file.c"),
        ("%2e%2e/%2e%2e/etc/passwd", "../../etc/passwd"),
        ("a%252Fb", "a%2Fb"),
        ("a%2Fb%5Cc", "a/b/c"),
        ("100%/a%zz", "100%/a%zz"),
        ("%C3%A9.c", "\u00e9.c"),
        ("%FF.c", "\ufffd.c"),
        ("/usr/src/../a.c", "/usr/a.c"),
        ("/../../a", "/a"),
        ("c:\\src\\a.c", "C:/src/a.c"),
        ("c:/../a.c", "C:/a.c"),
        ("C:", "C:/"),
        ("file:///c:/src/a.c", "C:/src/a.c"),
        ("FILE:///C%3A/a.c", "C:/a.c"),
        ("file://localhost/usr/a.c", "/usr/a.c"),
        ("file:///usr/a.c", "/usr/a.c"),
        ("file:/usr/a.c", "/usr/a.c"),
        ("file:a.c", "a.c"),
        ("file://c:/a.c", "C:/a.c"),
        ("file://server/share/a.c", "//server/share/a.c"),
        ("\\\\server\\share\\a.c", "//server/share/a.c"),
        ("https://example.org/a%20b/../c", "https://example.org/a%20b/../c"),
        (".hidden/a", ".hidden/a"),
    ],
)
def test_paths_have_one_form(given: str, path: str) -> None:
    assert normalized(given) == path


@given(st.text(st.sampled_from("ab.%2e/\\:cC"), max_size=14))
def test_a_path_without_escapes_is_its_own_form(text: str) -> None:
    path = normalized(text)
    if "%" not in path and not is_absolute(path):
        assert normalized(path) == path
        parts = path.split("/")
        assert "." not in parts
        assert ".." not in parts[next((at for at, part in enumerate(parts) if part != ".."), len(parts)) :]


@pytest.mark.parametrize(
    "base, path, whole",
    [
        ("", "a", "a"),
        ("src", "", "src"),
        ("src/lib", "../a%20.c", "src/a%20.c"),
        ("src", "/a", "/a"),
        ("src", "C:/a", "C:/a"),
        ("C:/src", "../a", "C:/a"),
        ("https://example.org/x/", "a", "https://example.org/x/a"),
    ],
)
def test_joining(base: str, path: str, whole: str) -> None:
    assert joined(base, path) == whole


def test_what_lies_below_a_folder() -> None:
    assert below("/usr/src", "/usr/src/a.c") == "a.c"
    assert below("C:/", "C:/a.c") == "a.c"
    assert below("/usr/src", "/usr/srcs/a.c") is None
