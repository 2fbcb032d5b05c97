"""Names of functions, without what differs between two builds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats.traces import MAX_NAME, bare_name


@pytest.mark.parametrize(
    "function,expected",
    [
        ("parse_header", "parse_header"),
        ("parse_header(char const*, unsigned long)", "parse_header"),
        ("Reader::next() const", "Reader::next"),
        ("Map<int, Box<char>>::at(int const&)", "Map::at"),
        ("void call<int (*)(char)>(int (*)(char))", "call"),
        ("std::map<int, int> const& make<int>(int)", "make"),
        ("Tree::~Tree()", "Tree::~Tree"),
        ("(anonymous namespace)::helper(int)", "helper"),
        ("a::(anonymous namespace)::helper(int)", "a::helper"),
        ("a::`anonymous namespace'::helper", "a::helper"),
        ("a::{anonymous}::helper()", "a::helper"),
        ("non-virtual thunk to Window::close(Key*)", "Window::close"),
        ("run(int)::{lambda(int)#1}::operator()(int) const", "run"),
        ("run(int)::$_0::operator()() const", "run"),
        ("operator()", "operator()"),
        ("Less::operator()(int, int) const", "Less::operator()"),
        ("Point::operator<<(int)", "Point::operator<<"),
        ("Point::operator<(Point const&)", "Point::operator<"),
        ("Point::operator+=(Point const&)", "Point::operator+="),
        ("Box<int>::operator->() const", "Box::operator->"),
        ("Rows<int>::operator[](unsigned long)", "Rows::operator[]"),
        ("operator new(unsigned long)", "operator new"),
        ("operator new[](unsigned long)", "operator new[]"),
        ("operator delete[](void*)", "operator delete[]"),
        ("Text::operator std::string() const", "Text::operator std::string"),
        ("int my_operator_table(int)", "my_operator_table"),
        ("int operators(int)", "operators"),
        ("copy.isra.0", "copy"),
        ("copy.part.3.constprop.1", "copy"),
        ("copy.cold", "copy"),
        ("copy.llvm.1234567890", "copy"),
        ("copy(int) [clone .isra.0]", "copy"),
        ("copy [clone .cold]", "copy"),
        ("memcpy-fast.S", "memcpy-fast.S"),
        (".cold", ".cold"),
        ("GetHandle+0x15a519c", "GetHandle"),
        ("store::reader::read::h0123456789abcdef", "store::reader::read"),
        ("[inlined] read_all", "read_all"),
        ("/build/x86/decoder", "decoder"),
        ("C:\\build\\decoder.exe", "decoder.exe"),
        ("cut<int, Box<", "cut"),
        ("a)b>c]", "abc"),
        ("", ""),
    ],
)
def test_bare_names(function: str, expected: str) -> None:
    assert bare_name(function) == expected


def test_a_name_is_read_up_to_a_limit() -> None:
    assert bare_name("a" * (MAX_NAME + 5)) == "a" * MAX_NAME


@given(st.text(alphabet="ab_:<>()[]{}~.+-0x $`'# operatnwdl\\/", max_size=200) | st.text(max_size=100))
def test_no_name_breaks_it_and_none_grows(function: str) -> None:
    assert len(bare_name(function)) <= len(function)


@given(
    name=st.from_regex(r"[a-z]\w{0,8}(?:::[a-z]\w{0,8}){0,3}", fullmatch=True).filter(
        lambda name: "operator" not in name
    ),
    arguments=st.sampled_from(["", "<int>", "<A<B>, C<(D)1>>"]),
    parameters=st.sampled_from(["", "()", "(int (*)(char), A<B> const&) const"]),
    suffix=st.sampled_from(["", ".isra.0", " [clone .cold]"]),
)
def test_what_a_build_adds_is_taken_out(name: str, arguments: str, parameters: str, suffix: str) -> None:
    suffix = suffix if suffix.startswith(" ") or not parameters else ""
    assert bare_name(f"{name}{arguments}{parameters}{suffix}") == bare_name(name)
