"""The crash state: what stays the same when one fault is met twice, in another build or by another input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from trialplate.formats.traces.model import Frame, Tool, Trace
from trialplate.formats.traces.names import bare_name, base_name
from trialplate.formats.traces.reports import OUT_OF_MEMORY, TIMEOUT

STATE_FRAMES: Final = 3
"""How many frames a crash state has at most."""

_HARNESS: Final = "LLVMFuzzerTestOneInput"
"""The entry of every fuzz target, by one name; the name of its source tells one from another."""

_SCRIPT: Final = "<module>"
"""What Python calls the lines of a module outside functions, whichever module it is."""

_MAINS: Final = frozenset("main wmain WinMain wWinMain".split())
"""Where the program itself begins; its source stands for it where nothing of the project was called from there."""

_ENTRIES: Final = frozenset(
    "_start __libc_start_main __libc_start_call_main __libc_init __pthread_start __start_thread _pthread_start __clone"
    " asan_thread_start BaseThreadInitThunk RtlUserThreadStart".split()
)
"""Where a stack ends: whatever is below started the program or the thread."""

_PLAIN_ENTRIES: Final = frozenset({"start", "start_main", "start_thread", "thread_start", "clone"})
"""The same by names that a project gives too; its own have a source."""

_RUNTIME_FUNCTIONS: Final = re.compile(
    r"_{2,3}(?:asan|ubsan|sanitizer|sancov|interceptor|wrap|hwasan|lsan|msan|tsan|libc|GI|assert|cxa|gnu_cxx|scrt"
    r"|pthread|kernel|futex|restore_rt|stpcpy|memcpy|memset|memmove|str\w{2,4}_)\w*(?:::.*)?"
    r"|(?:std|fuzzer|fuzztest|centipede|testing)::.*|core::panicking::.*|_Unwind_\w+|HF_\w+|Honggfuzz\w+"
    r"|abort|raise|gsignal|exit|_exit|syscall|WTFCrash\w*|rust_panic|rust_begin_unwind"
    r"|(?:m|c|re|v)alloc|c?free|posix_memalign|aligned_alloc|memalign|reallocarray|operator (?:new|delete)(?:\[\])?"
    r"|mem(?:cpy|ccpy|move|set|cmp|chr|rchr|mem)|bcmp|bcopy|bzero|stp?n?cpy|strn?(?:len|cpy|cat|cmp|casecmp|dup)"
    r"|str(?:chr|rchr|str|casestr|tol|toul|toll|toull|tod|tok|tok_r|pbrk|spn|cspn|coll|xfrm)|wcs(?:len|cpy|cmp)"
    r"|v?s?n?printf|v?f?printf|f?puts|qsort|bsearch|operator\(\)"
)
"""Functions of a runtime, a sanitizer, an allocator, a fuzzer or a test framework, by their bare names.

An `operator()` of no class is a lambda that was inlined, and its name tells nothing.
"""

_RUNTIME_FILES: Final = re.compile(
    r"compiler-rt/|lib[fF]uzzer/|lib/[fF]uzzer/|honggfuzz/|centipede/|googletest/|fuzztest/|/aflplusplus/"
    r"|c\+\+/v1/|/c\+\+/\d|libc\+\+|libcxx|libstdc\+\+|glibc-\d|glibc/|sysdeps/|/nptl/|bionic/libc|/musl/|vcstartup/"
    r"|/vctools/|libunwind|arm-optimized-routines/|/rustc/"
)
"""Folders of the same, in the path of a source."""

_RUNTIME_MODULES: Final = re.compile(
    r"(?:lib(?:c|m|pthread|rt|dl|gcc_s|stdc\+\+|c\+\+|c\+\+abi|asan|ubsan|clang_rt\..*|unwind|system_.*)|ld|ld-linux.*"
    r"|linux-(?:vdso|gate)|ntdll|kernel32|kernelbase|ucrtbase.*|vcruntime.*|msvcr.*)(?:[-.].*)?|<unknown module>",
    re.IGNORECASE,
)
"""Programs and libraries of the same, by the last part of their paths."""


class _Part(Enum):
    """What a frame is a part of."""

    PROJECT = auto()
    HARNESS = auto()
    MAIN = auto()
    ENTRY = auto()
    RUNTIME = auto()


@dataclass(frozen=True)
class CrashState:
    """What two reports of one fault share.

    Attributes:
        kind: the kind of crash with its access, as `Trace.kind`.
        frames: the bare names of up to `STATE_FRAMES` frames of the project itself, innermost first; empty where the
            report shows none, and then the state tells nothing apart.
    """

    kind: str
    frames: tuple[str, ...]

    @property
    def key(self) -> str:
        """The text by which equal states are found; empty where there are no frames, since it would match too much."""
        return "\n".join((self.kind, *self.frames)) if self.frames else ""


def crash_state(trace: Trace, target: str = "") -> CrashState:
    """Return the crash state of `trace`.

    Taken are the topmost frames that belong to no runtime, sanitizer, allocator, fuzzer or test framework, by
    `bare_name`; what the report itself names (`Trace.subject`) stands before them. The fuzz target's entry is named
    by its source, and ends the state; so is a `main` that called nothing of the project. Where the stack of the crash
    ends before an entry of the program, it was cut short, and the other stacks of the report fill the state. Where no
    frame has a name, the modules stand in; where there is no module either, the source that the report points at.

    Args:
        trace: the report.
        target: the name of the fuzz target, where it is known. Where time or memory ran out, it is the state: the
            call that happened to be running tells nothing of the cause.
    """
    if target and trace.crash_type in {OUT_OF_MEMORY, TIMEOUT}:
        return CrashState(trace.kind, (target,))
    part_of = _python_part if trace.tool is Tool.PYTHON else _native_part
    frames = [trace.subject] if trace.subject else []
    for stack in (trace.frames, *trace.related):
        ended = _fill(frames, stack, part_of)
        if ended or len(frames) == STATE_FRAMES:
            break
    return CrashState(trace.kind, tuple(frames or _without_names(trace)))


def _fill(frames: list[str], stack: Iterable[Frame], part_of: Callable[[str, Frame], _Part]) -> bool:
    """Add the names of `stack` to `frames` while there is room; say whether an entry of the program was reached."""
    for frame in stack:
        if len(frames) == STATE_FRAMES:
            break
        name = bare_name(frame.function)
        part = part_of(name, frame)
        if part is _Part.PROJECT:
            frames.append(name)
        elif part is _Part.HARNESS or (part is _Part.MAIN and not frames):
            frames.append(base_name(frame.file) or frame.function)
        if part in {_Part.HARNESS, _Part.MAIN, _Part.ENTRY}:
            return True
    return False


def _native_part(name: str, frame: Frame) -> _Part:
    if name == _HARNESS:
        return _Part.HARNESS
    runtime = not name or _is_runtime(name, frame)
    if name in _ENTRIES or (name in _PLAIN_ENTRIES and (runtime or not frame.file)) or (name in _MAINS and runtime):
        return _Part.ENTRY
    if name in _MAINS:
        return _Part.MAIN
    return _Part.RUNTIME if runtime else _Part.PROJECT


def _python_part(name: str, frame: Frame) -> _Part:
    if frame.function == _SCRIPT:
        return _Part.HARNESS
    return _Part.PROJECT if name and not frame.file.startswith("<frozen ") else _Part.RUNTIME


def _is_runtime(name: str, frame: Frame) -> bool:
    return (
        _RUNTIME_FUNCTIONS.fullmatch(name) is not None
        or _RUNTIME_FILES.search(frame.file.replace("\\", "/")) is not None
        or _RUNTIME_MODULES.fullmatch(base_name(frame.module)) is not None
    )


def _without_names(trace: Trace) -> Iterator[str]:
    """Yield what stands in where no frame of the project has a name."""
    modules = [module for frame in trace.frames if (module := _module(frame))]
    if modules:
        yield from modules[:STATE_FRAMES]
    elif trace.location:
        yield base_name(trace.location)


def _module(frame: Frame) -> str:
    module = "" if frame.function else base_name(frame.module)
    return "" if _RUNTIME_MODULES.fullmatch(module) else module
