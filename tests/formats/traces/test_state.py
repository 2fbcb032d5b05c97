"""The crash state: what two reports of one fault share."""

from __future__ import annotations

import pytest

from trialplate.formats.traces import Access, CrashState, Frame, Tool, Trace, crash_state


def trace(*frames: Frame, crash_type: str = "Abrt", **more: object) -> Trace:
    return Trace(Tool.ASAN, crash_type, frames=frames, **more)  # type: ignore[arg-type]  # Only fields of a trace.


def calls(*names: str) -> tuple[Frame, ...]:
    return tuple(Frame(name, "/src/a.c", 1) for name in names)


@pytest.mark.parametrize(
    "skipped",
    [
        *(
            Frame(name)
            for name in (
                "__asan_memset __interceptor_strlen ___interceptor_malloc __sanitizer_print_stack_trace __ubsan_handle"
                " __wrap_strcmp HF_strcmp HonggfuzzMain abort raise gsignal __assert_fail malloc calloc free memcpy"
                " strlen strcpy stpcpy strncmp strtol vsnprintf qsort WTFCrash rust_panic __libc_message _Unwind_Resume"
                " __cxa_throw __GI_raise __asan::Allocator::Free(int)"
            ).split()
        ),
        Frame("operator new(unsigned long)"),
        Frame("operator delete[](void*)"),
        Frame("operator()(int) const", "/src/a.c", 1),
        Frame("std::__1::vector<int>::at(int)"),
        Frame("fuzzer::Fuzzer::RunOne(int)"),
        Frame("testing::Test::Run()"),
        Frame("core::panicking::panic"),
        Frame("Print()", "/x/compiler-rt/lib/asan/a.cc", 1),
        Frame("Drive", "/src/libfuzzer/Driver.cpp", 1),
        Frame("Drive", "third_party\\libFuzzer\\Driver.cpp", 1),
        Frame("reset", "/llvm/include/c++/v1/memory", 1),
        Frame("reset", "/usr/include/c++/12/bits/unique_ptr.h", 1),
        Frame("wait", "/build/glibc-2.31/nptl/wait.c", 1),
        Frame("copy", "/b/sysdeps/x86_64/copy.S", 1),
        Frame("helper", module="/lib/x86_64-linux-gnu/libc.so.6"),
        Frame("helper", module="/lib/libc-2.15.so"),
        Frame("helper", module="C:\\Windows\\System32\\KERNEL32.DLL"),
        Frame("helper", module="linux-gate.so.1"),
        Frame("helper", module="/lib/ld-linux-x86-64.so.2"),
        Frame(module="/src/program"),
        Frame(),
    ],
    ids=str,
)
def test_frames_of_a_runtime_are_passed_over(skipped: Frame) -> None:
    assert crash_state(trace(skipped, *calls("f", "g"))).frames == ("f", "g")


@pytest.mark.parametrize(
    "name", ["stream", "strategy", "member", "memo", "freeze", "raise_alarm", "exit_loop", "stdlib", "testing", "_asan"]
)
def test_names_that_only_begin_like_a_runtime_are_kept(name: str) -> None:
    assert crash_state(trace(*calls(name))).frames == (name,)


def test_three_bare_names_and_the_kind_make_the_key() -> None:
    found = crash_state(
        trace(*calls("f(int)", "A<int>::g() const", "h.isra.0", "i"), crash_type="Segv", access=Access("READ", 4))
    )
    assert found == CrashState("Segv\nREAD 4", ("f", "A::g", "h"))
    assert found.key == "Segv\nREAD 4\nf\nA::g\nh"


@pytest.mark.parametrize(
    "frames,expected",
    [
        ((*calls("f"), Frame("LLVMFuzzerTestOneInput", "/s/png_fuzzer.cc", 9), *calls("g")), ("f", "png_fuzzer.cc")),
        ((*calls("f"), Frame("LLVMFuzzerTestOneInput"), *calls("g")), ("f", "LLVMFuzzerTestOneInput")),
        ((*calls("f"), Frame("main", "/s/tool.c", 1), *calls("g")), ("f",)),
        ((Frame("main", "/s/tool.c", 1), *calls("g")), ("tool.c",)),
        ((Frame("main"), *calls("g")), ("main",)),
        ((Frame("abort"), Frame("main", "/x/compiler-rt/lib/fuzzer/FuzzerMain.cpp", 1)), ()),
        ((*calls("f"), Frame("start_thread"), *calls("g")), ("f",)),
        ((*calls("f"), Frame("_start", "/src/start.S", 1), *calls("g")), ("f",)),
        ((*calls("f"), Frame("clone", "/b/glibc-2.31/clone.S", 1), *calls("g")), ("f",)),
        (calls("f", "start", "clone"), ("f", "start", "clone")),
    ],
)
def test_an_entry_of_the_program_ends_the_state(frames: tuple[Frame, ...], expected: tuple[str, ...]) -> None:
    assert crash_state(trace(*frames, related=(calls("other"),))).frames == expected


@pytest.mark.parametrize(
    "frames,expected",
    [
        ((Frame("read", "a.py", 1), Frame("<module>", "/s/run.py", 1), Frame("exec", "b.py", 1)), ("read", "run.py")),
        ((Frame("free", "a.py", 1), Frame("main", "a.py", 2), Frame("start", "a.py", 3)), ("free", "main", "start")),
        ((Frame("<lambda>", "a.py", 1), Frame("_call", "<frozen importlib._bootstrap>", 1)), ()),
    ],
)
def test_names_of_c_mean_nothing_in_python(frames: tuple[Frame, ...], expected: tuple[str, ...]) -> None:
    assert crash_state(Trace(Tool.PYTHON, "Uncaught exception", frames=frames)).frames == expected


def test_a_stack_that_was_cut_short_is_filled_from_the_next_ones() -> None:
    related = (calls("free", "drop"), calls("make", "late"))
    assert crash_state(trace(*calls("f"), related=related)).frames == ("f", "drop", "make")


def test_what_the_report_names_stands_first() -> None:
    found = crash_state(trace(*calls("f", "g", "h"), crash_type="Bad-cast", subject="Bad-cast to B from A"))
    assert found.frames == ("Bad-cast to B from A", "f", "g")


@pytest.mark.parametrize(
    "found,expected",
    [
        (trace(Frame(module="/lib/libc.so.6"), Frame(module="/b/1/tool"), Frame(module="/b/1/tool")), ("tool", "tool")),
        (trace(*[Frame(module=f"/b/{name}") for name in "abcd"]), ("a", "b", "c")),
        (trace(Frame("abort", module="/b/tool")), ()),
        (trace(location="/src/../src/deep/a.c"), ("a.c",)),
        (trace(Frame(module="/b/tool"), location="a.c"), ("tool",)),
        (trace(), ()),
    ],
)
def test_what_stands_in_where_no_frame_has_a_name(found: Trace, expected: tuple[str, ...]) -> None:
    assert crash_state(found).frames == expected


def test_a_state_without_frames_has_no_key() -> None:
    assert crash_state(trace()).key == ""


@pytest.mark.parametrize(
    "crash_type,expected", [("Timeout", ("png",)), ("Out-of-memory", ("png",)), ("Abrt", ("f",)), ("Ill", ("f",))]
)
def test_the_fuzz_target_stands_for_what_ran_out(crash_type: str, expected: tuple[str, ...]) -> None:
    assert crash_state(trace(*calls("f"), crash_type=crash_type), "png").frames == expected
    assert crash_state(trace(*calls("f"), crash_type=crash_type)).frames == ("f",)
