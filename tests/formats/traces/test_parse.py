"""One report, out of whatever a program printed around it."""

from __future__ import annotations

import pytest

from trialplate.formats.traces import (
    MAX_BYTES,
    MAX_FRAMES,
    MAX_LINE,
    MAX_NAME,
    MAX_STACKS,
    Access,
    Frame,
    Tool,
    Trace,
    TraceError,
    UnsupportedFormat,
    parse_trace,
)

HEAP = """\
INFO: Seed: 1
==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x6020 at pc 0x4f1 bp 0x7ffc sp 0x7ffb
READ of size 4 at 0x6020 thread T0
    #0 0x4f13bb in Box<int>::get() const /src/box/box.h:23:5
    #1 0x4f13bc in main /src/box/main.cc:7
    #2 0x7f4b in __libc_start_main (/lib/libc.so.6+0x2082f) (BuildId: 0123)

0x6020 is located 0 bytes inside of 4-byte region [0x6020,0x6024)
freed by thread T0 here:
    #0 0x4f0 in free
    #1 0x4f2 in Box<int>::drop() /src/box/box.h:30
SUMMARY: AddressSanitizer: heap-use-after-free /src/box/box.h:23:5 in Box<int>::get() const
    #0 0x4f0 in after_the_summary
"""


def parsed(text: str) -> Trace:
    trace = parse_trace(text.encode())
    assert isinstance(trace, Trace)
    return trace


def asan(words: str, *notes: str) -> Trace:
    return parsed("\n".join((f"==1==ERROR: AddressSanitizer: {words}", *notes, "    #0 0x1 in f a.c:1")))


def ubsan(words: str, *notes: str) -> Trace:
    return parsed("\n".join((f"src/a.c:12:3: runtime error: {words}", *notes)))


def frame(said: str) -> Frame:
    (found,) = parsed(f"==1==ERROR: AddressSanitizer: ABRT\n    #0 0x1 {said}").frames
    return found


def test_a_report_with_two_stacks() -> None:
    assert parsed(HEAP) == Trace(
        Tool.ASAN,
        "Heap-use-after-free",
        Access("READ", 4),
        "0x6020",
        (
            Frame("Box<int>::get() const", "/src/box/box.h", 23),
            Frame("main", "/src/box/main.cc", 7),
            Frame("__libc_start_main", module="/lib/libc.so.6"),
        ),
        ((Frame("free"), Frame("Box<int>::drop()", "/src/box/box.h", 30)),),
    )


@pytest.mark.parametrize(
    "dirty",
    [
        HEAP.replace("\n", "\r\n"),
        HEAP.replace("\n", "\r"),
        HEAP.replace("ERROR", "\x1b[1m\x1b[31mERROR").replace("#", "\x1b[1;34m#").replace("in ", "in \x1b]8;;x\x07"),
        HEAP.replace("a", "\x00a"),
        HEAP.removeprefix("INFO: Seed: 1\n"),
    ],
    ids=["CR LF", "CR", "colors", "NUL", "first line"],
)
def test_what_a_terminal_adds_changes_nothing(dirty: str) -> None:
    assert parsed(dirty) == parsed(HEAP)


def test_bytes_that_are_no_text_stay_visible() -> None:
    trace = parse_trace(HEAP.encode().replace(b"drop", b"dr\xffp"))
    assert isinstance(trace, Trace)
    assert trace.related[0][1].function == "Box<int>::dr\ufffdp()"


@pytest.mark.parametrize(
    "second",
    [
        "==8==ERROR: AddressSanitizer: ABRT on unknown address 0x1 (pc 0x2)\n    #0 0x1 in g b.c:1\n",
        "b.c:1:1: runtime error: division by zero\n    #0 0x1 in g b.c:1\n",
        "==8== ERROR: libFuzzer: deadly signal\n    #0 0x1 in g b.c:1\n",
        "thread 'main' panicked at 'no'\n",
    ],
)
def test_the_first_of_several_reports_counts(second: str) -> None:
    first = HEAP.partition("SUMMARY")[0]
    assert parsed(first + second) == parsed(HEAP)


CAUSED_READ = "==1==The signal is caused by a READ memory access."
CAUSED_WRITE = "==1==The signal is caused by a WRITE memory access."
CAUSED_UNKNOWN = "==1==The signal is caused by a UNKNOWN memory access."


@pytest.mark.parametrize(
    "words,notes,kind,address",
    [
        (
            "heap-buffer-overflow on address 0x60 at pc 0x1",
            ["WRITE of size 8 at 0x60"],
            "Heap-buffer-overflow\nWRITE 8",
            "0x60",
        ),
        (
            "stack-buffer-overflow on address 0x60",
            ["READ of size 3 at 0x60"],
            "Stack-buffer-overflow\nREAD {*}",
            "0x60",
        ),
        ("global-buffer-overflow on address 0x60", ["READ of size 0 at"], "Global-buffer-overflow\nREAD {*}", "0x60"),
        ("use-after-poison on address 0x60", ["WRITE of size 128 at 0x60"], "Use-after-poison\nWRITE {*}", "0x60"),
        ("use-after-poison on address 0x60", ["READ of size 64 at 0x60"], "Use-after-poison\nREAD 64", "0x60"),
        ("container-overflow on address 0x60", [], "Container-overflow", "0x60"),
        ("attempting double-free on 0x61 in thread T0:", [], "Heap-double-free", "0x61"),
        ("attempting free on address which was not malloc()-ed: 0x55 in thread T0", [], "Invalid-free", "0x55"),
        ("alloc-dealloc-mismatch (malloc vs operator delete) on 0x60", [], "Alloc-dealloc-mismatch", "0x60"),
        ("requested allocation size 0x9 (0x9 after) exceeds", [], "Out-of-memory", ""),
        ("allocator is out of memory trying to allocate 0x9 bytes", [], "Out-of-memory", ""),
        ("SEGV on unknown address 0x000000000008 (pc 0x1", [CAUSED_READ], "Null-dereference READ", "0x000000000008"),
        ("SEGV on unknown address 0x0000ffff (pc 0x1", [CAUSED_UNKNOWN], "Null-dereference", "0x0000ffff"),
        ("SEGV on unknown address 0x00010000 (pc 0x1", [CAUSED_WRITE], "UNKNOWN WRITE", "0x00010000"),
        ("BUS on unknown address 0x00010000 (pc 0x1", [], "UNKNOWN", "0x00010000"),
        ("SEGV on unknown address (pc 0x55)", [CAUSED_READ], "Segv on unknown address", ""),
        ("access-violation on unknown address 0x8 (pc 0x1", [CAUSED_WRITE], "Null-dereference WRITE", "0x8"),
        ("ABRT on unknown address 0x03e9 (pc 0x1)", [], "Abrt", "0x03e9"),
        ("ABRT (pc 0x7f86 sp 0x7f bp 0x7f T0)", [], "Abrt", ""),
        ("ILL on unknown address 0x1 (pc 0x1)", [], "Ill", "0x1"),
        ("int-divide-by-zero on unknown address 0x0 (pc 0x1)", [], "Divide-by-zero", "0x0"),
        ("stack-overflow on address 0x7f (pc 0x1)", [], "Stack-overflow", "0x7f"),
        ("", [], "UNKNOWN", ""),
    ],
)
def test_kinds_of_address_sanitizer(words: str, notes: list[str], kind: str, address: str) -> None:
    trace = asan(words, *notes)
    assert (trace.tool, trace.kind, trace.address) == (Tool.ASAN, kind, address)


@pytest.mark.parametrize(
    "words,kind",
    [
        ("signed integer overflow: 1 + 2 cannot be represented in type int", "Integer-overflow"),
        ("negation of -2147483648 cannot be represented in type 'int'", "Integer-overflow"),
        ("unsigned integer overflow: 1 + 2 cannot be represented in type 'unsigned'", "Unsigned-integer-overflow"),
        ("index 256 out of bounds for type uint8_t [256]", "Index-out-of-bounds"),
        ("division by zero", "Divide-by-zero"),
        ("shift exponent 33 is too large", "Undefined-shift"),
        ("left shift of negative value -1", "Undefined-shift"),
        ("load of misaligned address 0x60 for type short", "Misaligned-address"),
        ("load of null pointer of type double", "Null-dereference READ"),
        ("store to null pointer of type double", "Null-dereference WRITE"),
        ("member access within null pointer of type A", "Null-dereference"),
        ("null pointer passed as argument 1, which is declared to never be null", "Invalid-null-argument"),
        ("null pointer returned from function declared to never return null", "Invalid-null-return"),
        ("applying non-zero offset 4 to null pointer", "Pointer-overflow"),
        ("pointer index expression with base 0x1 overflowed to 0x0", "Pointer-overflow"),
        ("call to function f through pointer to incorrect function type void", "Incorrect-function-pointer-type"),
        ("load of address 0x1 with insufficient space for an object of type A", "Object-size"),
        ("1e9 is outside the range of representable values of type 'int'", "Float-cast-overflow"),
        ("load of value 7, which is not a valid value for type 'bool'", "Invalid-bool-value"),
        ("load of value 7, which is not a valid value for type 'Color'", "Invalid-enum-value"),
        ("assumption is violated during execution", "Assumption-violation"),
        ("execution reached an unreachable program point", "Unreachable code"),
        ("execution reached the end of a value-returning function without returning a value", "No-return-value"),
        ("variable length array bound evaluates to non-positive value 0", "Non-positive-vla-bound-value"),
        ("passing zero to clz(), which is not a valid argument", "Invalid-builtin-use"),
        ("implicit conversion from type 'int' of value -1", "Implicit-conversion"),
        ("words that no version has had yet", "UNKNOWN"),
    ],
)
def test_kinds_of_undefined_behavior(words: str, kind: str) -> None:
    trace = ubsan(words)
    assert (trace.tool, trace.kind, trace.location) == (Tool.UBSAN, kind, "src/a.c")


@pytest.mark.parametrize(
    "words,notes,subject,address",
    [
        (
            "downcast of address 0x2a which does not point to an object of type 'B'",
            ["0x2a: note: object is of type 'A'"],
            "Bad-cast to B from A",
            "0x2a",
        ),
        (
            "member call on address 0x2a which does not point to an object of type B",
            ["0x2a: note: object has invalid vptr"],
            "Bad-cast to B from invalid vptr",
            "0x2a",
        ),
        (
            "control flow integrity check for type 'B' failed during cast (vtable address 0x42)",
            [],
            "Bad-cast to B from invalid vptr",
            "0x42",
        ),
        ("control flow integrity check failed", [], "Bad-cast to UNKNOWN from invalid vptr", ""),
    ],
)
def test_a_bad_cast_names_both_types(words: str, notes: list[str], subject: str, address: str) -> None:
    trace = ubsan(words, *notes)
    assert (trace.kind, trace.subject, trace.address) == ("Bad-cast", subject, address)


def test_a_signal_that_undefined_behavior_sanitizer_catches() -> None:
    trace = parsed("==1==ERROR: UndefinedBehaviorSanitizer: FPE on unknown address 0x7f (pc 0x7f)\n  #0 0x1 in f a.c:1")
    assert (trace.tool, trace.kind, trace.location) == (Tool.UBSAN, "Floating-point-exception", "")


def test_the_location_of_a_report_without_a_column() -> None:
    trace = parsed("log: /src/a b.c:7: runtime error: division by zero")
    assert trace.location == "log: /src/a b.c"


@pytest.mark.parametrize(
    "words,kind",
    [
        ("timeout after 25 seconds", "Timeout"),
        ("out-of-memory (used: 3183Mb; limit: 3000Mb)", "Out-of-memory"),
        ("fuzz target exited", "Unexpected-exit"),
        ("fuzz target overwrites its const input", "Overwrites-const-input"),
        ("deadly signal", "Fatal-signal"),
        ("something new", "UNKNOWN"),
    ],
)
def test_kinds_of_libfuzzer(words: str, kind: str) -> None:
    trace = parsed(f"==1== ERROR: libFuzzer: {words}\n    #0 0x1 in f a.c:1")
    assert (trace.tool, trace.kind, trace.frames) == (Tool.LIBFUZZER, kind, (Frame("f", "a.c", 1),))


PYTHON = """\
Traceback (most recent call last):
  File "run.py", line 9, in <module>
    main()
    ~~~~^^
  File "store/read.py", line 30, in read
    raise store.Broken("no")
  [Previous line repeated 3 more times]
store.Broken: no

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "later.py", line 1, in later
ValueError
"""


def test_a_python_traceback_has_its_innermost_call_first() -> None:
    assert parsed(PYTHON) == Trace(
        Tool.PYTHON,
        "Uncaught exception",
        frames=(Frame("read", "store/read.py", 30), Frame("<module>", "run.py", 9)),
        error="store.Broken",
    )


@pytest.mark.parametrize(
    "last,error",
    [("KeyError", "KeyError"), ("KeyError: 'a'", "KeyError"), ("", ""), ("=====", ""), ("some words of a log", "")],
)
def test_the_line_that_names_the_exception(last: str, error: str) -> None:
    assert parsed(f'Traceback (most recent call last):\n  File "a.py", line 1, in f\n{last}\n').error == error


def test_a_python_traceback_may_end_early() -> None:
    assert parsed("Traceback (most recent call last):").frames == ()
    assert parsed('Traceback (most recent call last):\n  File "a.py", line 1, in f').error == ""


def test_the_innermost_calls_of_a_deep_recursion_are_kept() -> None:
    calls = "".join(f'  File "a.py", line {number}, in f\n' for number in range(1, MAX_FRAMES + 11))
    trace = parsed(f"Traceback (most recent call last):\n{calls}RecursionError: deep\n")
    assert (len(trace.frames), trace.frames[0].line, trace.left_out) == (MAX_FRAMES, MAX_FRAMES + 10, 10)


@pytest.mark.parametrize(
    "said,expected",
    [
        ("in f a.c:1:2", Frame("f", "a.c", 1)),
        ("in f(int, char const*) const /src/a b/c.cc:1", Frame("f(int, char const*) const /src/a", "b/c.cc", 1)),
        ("in f C:\\src\\a.cc:294:25", Frame("f", "C:\\src\\a.cc", 294)),
        ("in operator delete(void*)", Frame("operator delete(void*)")),
        ("in f ../../a.inc", Frame("f", "../../a.inc")),
        ("in f ??:0 ??", Frame("f ??:0")),
        ("in f ??:0", Frame("f")),
        ("in f (/lib/a.so+0x20)", Frame("f", module="/lib/a.so")),
        ("in f() (/lib/a.so+0x20) (BuildId: 01)", Frame("f()", module="/lib/a.so")),
        ("(/lib/a.so+0x20)", Frame(module="/lib/a.so")),
        ("in f(int)", Frame("f(int)")),
        (" (<unknown module>)", Frame(module="<unknown module>")),
        ("in f a.c:1 <liba.so>+0x9840", Frame("f", "a.c", 1, "liba.so")),
        ("in f a.c:1 <<application>>+0x9840", Frame("f", "a.c", 1, "application")),
        ("in f+0x12 (a.dll+0x1)", Frame("f+0x12", module="a.dll")),
        ("in", Frame()),
        ("", Frame()),
        ("in into a.c:99999999999", Frame("into a.c:99999999999")),
        (f"in {'f' * MAX_NAME}g a.c:1", Frame("f" * MAX_NAME, "a.c", 1)),
    ],
)
def test_frames(said: str, expected: Frame) -> None:
    assert frame(said) == expected


def test_what_only_looks_like_a_frame_is_none() -> None:
    trace = asan("ABRT", "  #1 no address", "# 2", f"{' ' * 80}#0 0x1 in far_right a.c:1", "  #x 0x1 in g a.c:1")
    assert trace.frames == (Frame("f", "a.c", 1),)


def test_the_limits_on_frames_stacks_and_lines() -> None:
    deep = "".join(f"  #{number} 0x1 in f{number}\n" for number in range(MAX_FRAMES + 5))
    trace = parsed("ERROR: AddressSanitizer: stack-overflow on address 0x1\n" + deep + "  #0 0x1 in g\n" * MAX_STACKS)
    assert (len(trace.frames), len(trace.related), trace.left_out) == (MAX_FRAMES, MAX_STACKS - 1, 5 + 1)
    long = parsed(f"ERROR: AddressSanitizer: ABRT\n  #0 0x1 in f {'x' * MAX_LINE} a.c:1\n  #1 0x1 in g a.c:1")
    assert long.frames[1] == Frame("g", "a.c", 1)
    assert "a.c" not in str(long.frames[0])


def test_an_output_beyond_the_limit_is_refused_with_the_way_out() -> None:
    assert isinstance(parse_trace(b"x" * MAX_BYTES), UnsupportedFormat)
    with pytest.raises(TraceError, match=r"Send the part that begins with the first report\.$"):
        parse_trace(b"x" * (MAX_BYTES + 1))
