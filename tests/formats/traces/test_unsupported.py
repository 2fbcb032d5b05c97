"""Outputs of other reporters end as a value that says whose they are."""

from __future__ import annotations

import pytest

from trialplate.formats.traces import Trace, UnsupportedFormat, parse_trace

ABORT = "\n==1==ERROR: AddressSanitizer: ABRT on unknown address 0x1 (pc 0x1)\n    #0 0x1 in f a.c:1\n"


@pytest.mark.parametrize(
    "first,who",
    [
        ("==1==WARNING: MemorySanitizer: use-of-uninitialized-value", "another sanitizer"),
        ("WARNING: ThreadSanitizer: data race", "another sanitizer"),
        ("==1==ERROR: LeakSanitizer: detected memory leaks", "another sanitizer"),
        ("==1==ERROR: HWAddressSanitizer: tag-mismatch", "another sanitizer"),
        ("[1:2:FATAL:a.cc(1)] no", "a failed check of the program"),
        ("F0813 00:29:27 a.cc:130] no", "a failed check of the program"),
        ("a.cc: Check failed: x", "a failed check of the program"),
        ("a: a.c:1: f: Assertion `x' failed.", "a failed assertion of the program"),
        ("ASSERTION FAILED: x", "a failed assertion of the program"),
        ("a: assertion 'x' failed", "a failed assertion of the program"),
        ("Assertion failed: (x)", "a failed assertion of the program"),
        ("panic: runtime error: index out of range", "Go"),
        ("fatal error: stack overflow", "Go"),
        ("goroutine 17 [running]:", "Go"),
        ("a/b.go:161 (0x5b3a)", "Go"),
        ("thread 'main' panicked at 'no', a.rs:1", "Rust"),
        ("memory allocation of 9 bytes failed", "Rust"),
        ("# Fatal error in a.cc, line 1", "V8"),
        ("## V8 sandbox violation detected!", "V8"),
        ("Fatal error: no: file a.swift", "Swift"),
        ("Received signal 11 SEGV_MAPERR", "a signal handler of the program"),
        ("[ 0.1] Kernel panic - not syncing", "a kernel"),
        ("BUG: KASAN: use-after-free", "a kernel"),
        ("[ 0.1] KernelAddressSanitizer initialized", "a kernel"),
        ("===BUG DETECTED: Shell injection===", "another bug detector"),
        ("========= Per-input timeout exceeded", "Centipede"),
        ("libc++abi: terminating with uncaught exception", "an uncaught C++ exception"),
        ("terminate called after throwing an instance of 'A'", "an uncaught C++ exception"),
        ("== Java Exception: a.B", "Java"),
        ('Exception in thread "main" a.B', "Java"),
        ("*** *** *** *** ***", "Android's crash dumper"),
    ],
)
def test_another_reporter_that_spoke_first(first: str, who: str) -> None:
    for line, before in enumerate(("", "a line before\n"), 1):
        found = parse_trace((before + first + ABORT).encode())
        assert isinstance(found, UnsupportedFormat)
        assert found.reason == f"The first report, in line {line}, is of {who}, which is not read."
        assert not found
    assert isinstance(parse_trace((ABORT + first).encode()), Trace)


@pytest.mark.parametrize(
    "harmless",
    [
        "==1==WARNING: AddressSanitizer failed to allocate 0x9 bytes",
        "DEBUG: starts",
        "dispanic: none",
        "compile: fatal error: no",
        "see a.go:1",
        "a goroutine 17 [x",
        "F12 is a key",
        "=========",
        "memory allocation of a few bytes failed",
        "Received signal from afar",
        "Exception in thread Thread-1 (run):",
        "no runtime error: here",
        "ERROR: no sanitizer",
    ],
)
def test_a_line_that_only_looks_like_another_reporter(harmless: str) -> None:
    assert isinstance(parse_trace((harmless + ABORT).encode()), Trace)


@pytest.mark.parametrize("output", [b"", b"\n", b"all is well", b"a runtime error: no", b"\xff\x00"])
def test_no_report_at_all_says_what_was_looked_for(output: bytes) -> None:
    found = parse_trace(output)
    assert isinstance(found, UnsupportedFormat)
    assert "No line begins a report of AddressSanitizer, " in found.reason
