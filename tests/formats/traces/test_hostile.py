"""Hostile outputs: whatever the bytes are, a value within the limits, in time that grows with their number."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.formats.traces import (
    MAX_FRAMES,
    MAX_NAME,
    MAX_STACKS,
    STATE_FRAMES,
    Trace,
    UnsupportedFormat,
    crash_state,
    parse_trace,
)

FRAGMENTS = (
    "==1==ERROR: AddressSanitizer: ",
    "==1==ERROR: UndefinedBehaviorSanitizer: ",
    "a.c:1:2: runtime error: ",
    "== ERROR: libFuzzer: ",
    "Traceback (most recent call last):\n",
    "WARNING: MemorySanitizer: ",
    "panic: ",
    "SEGV on unknown address 0x",
    "heap-use-after-free",
    "READ of size ",
    "99999999999999999999",
    "٣",
    "0x",
    "#0 0x1 in ",
    "\n    #1 0x2 in f(",
    "<",
    ">",
    "(",
    ")",
    "[",
    "operator",
    " (",
    "+0x1)",
    "<unknown module>",
    ":1:2",
    '  File "',
    '", line ',
    ", in ",
    "null pointer",
    "does not point to an object of type '",
    "SUMMARY: ",
    "\n",
    "\r",
    "\x1b[",
    "\x1b]",
    "\x00",
    " ",
    "LLVMFuzzerTestOneInput",
    "main",
    "out of memory",
    "(BuildId: ",
    "\u2028",
    "\x85",
    "x" * 50,
)
outputs = st.binary(max_size=300) | st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=40).map(
    lambda parts: "".join(parts).encode("utf-8", errors="surrogatepass")
)


def check(output: bytes) -> None:
    """Fail where the answer to `output` is beyond a limit; anything that is raised fails too."""
    found = parse_trace(output)
    if isinstance(found, UnsupportedFormat):
        assert found.reason.endswith(".")
        return
    stacks = (found.frames, *found.related)
    assert len(stacks) <= MAX_STACKS
    assert all(len(stack) <= MAX_FRAMES for stack in stacks)
    assert all(len(frame.function) <= MAX_NAME and frame.line >= 0 for stack in stacks for frame in stack)
    state = crash_state(found)
    assert len(state.frames) <= STATE_FRAMES
    assert all(state.frames) or found.subject
    assert found.kind
    assert crash_state(found, "target").kind == state.kind


@given(outputs)
def test_any_output_ends_as_a_value_within_the_limits(output: bytes) -> None:
    check(output)


@given(st.sampled_from(FRAGMENTS[:5]), outputs)
def test_so_does_any_report(begin: str, output: bytes) -> None:
    check(begin.encode() + output)
    assert isinstance(parse_trace(begin.encode() + b" x"), Trace)


HEAD = b"ERROR: AddressSanitizer: ABRT on unknown address 0x1 (pc 0x1)\n"
CASTS = b"a.c:1:1: runtime error: "
PYTHON = b"Traceback (most recent call last):\n"


@pytest.mark.parametrize(
    "head,unit",
    [
        (b"", b"\n"),
        (b"", b"ERROR: "),
        (b"", b"assertion "),
        (b"", b"\x1b["),
        (b"", b"\x1b]aa"),
        (b"", b"="),
        (b"", b"\xff"),
        (b"", b":1"),
        (HEAD, b"#"),
        (HEAD, b"notes\n"),
        (HEAD, b"  #0 0x1 in f<g>(int) /a/b.c:1:2\n"),
        (HEAD, b"  #1 0x1 in std::f(int)\n"),
        (HEAD, b"  #1 0x1 in " + b"<" * 16000 + b"\n"),
        (HEAD, b"  #1 0x1 in f " + b":1" * 8000 + b"\n"),
        (HEAD, b"  #1 0x1 in f (" + b"+0xa" * 4000 + b")\n"),
        (HEAD, b"  #1 0x1 in " + b"__asan" * 700 + b"-\n"),
        (CASTS, b"offset "),
        (CASTS, b"object of type '"),
        (PYTHON, b'  File "a", line 1, in f\n'),
        (PYTHON, b' File "' + b'", line 1' * 1700 + b"\n"),
    ],
    ids=str,
)
def test_time_grows_with_the_size_and_not_with_its_square(head: bytes, unit: bytes) -> None:
    # 512 KiB of the worst known take 0.1 s here; anything quadratic takes minutes.
    size = 512 * 1024
    begin = time.process_time()
    check(head + unit * (size // len(unit)))
    assert time.process_time() - begin < 5
