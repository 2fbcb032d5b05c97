"""Which reporter spoke first in an output: one whose reports are read, or another one, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from trialplate.formats.traces.model import Tool


@dataclass(frozen=True)
class _Sign:
    """A text that begins a report: `text` as it stands, and around it what `pattern` asks for where it is not empty."""

    by: Tool | str
    text: str
    pattern: str = ""
    shape: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", re.compile(self.pattern or re.escape(self.text), re.MULTILINE))

    def first(self, text: str, start: int, before: int) -> int:
        """Return where the sign first stands in `text` from `start` on and before `before`; -1 where it does not."""
        stop = before + len(self.text) - 1
        place = text.find(self.text, start, stop)
        while place >= 0 and not self.shape.match(text, place):
            place = text.find(self.text, place + 1, stop)
        return place


_OURS: Final = (
    _Sign(Tool.ASAN, "ERROR: AddressSanitizer"),
    _Sign(Tool.UBSAN, "ERROR: UndefinedBehaviorSanitizer"),
    _Sign(Tool.UBSAN, ": runtime error: ", r"(?<=\d): runtime error: "),
    _Sign(Tool.LIBFUZZER, "ERROR: libFuzzer: "),
    _Sign(Tool.PYTHON, "Traceback (most recent call last):"),
)
"""The beginning of a report of each tool."""

_ANOTHER: Final = "another sanitizer"
_CHECK: Final = "a failed check of the program"
_ASSERTION: Final = "a failed assertion of the program"

_OTHERS: Final = (
    _Sign(_ANOTHER, "ERROR: ", r"ERROR: (?!Address|UndefinedBehavior)\w{1,40}Sanitizer"),
    _Sign(_ANOTHER, "WARNING: ", r"WARNING: (?!Address|UndefinedBehavior)\w{1,40}Sanitizer"),
    _Sign(_CHECK, ":FATAL:"),
    _Sign(_CHECK, "Check failed"),
    _Sign(_CHECK, "\nF", r"\nF\d{4} \d\d:"),
    _Sign(_ASSERTION, "ssertion failed"),
    _Sign(_ASSERTION, "SSERTION FAILED"),
    _Sign(_ASSERTION, "ssertion `"),
    _Sign(_ASSERTION, "ssertion '"),
    _Sign("Go", "panic: ", r"(?<!\w)panic: "),
    _Sign("Go", "fatal error: ", r"^fatal error: "),
    _Sign("Go", "goroutine ", r"^goroutine \d{1,9} \["),
    _Sign("Go", ".go:", r"\.go:\d{1,9} \(0x"),
    _Sign("Rust", "panicked at "),
    _Sign("Rust", "memory allocation of ", r"memory allocation of \d{1,20} bytes failed"),
    _Sign("V8", "# Fatal "),
    _Sign("V8", "V8 sandbox violation"),
    _Sign("Swift", "Fatal error: "),
    _Sign("a signal handler of the program", "Received signal ", r"Received signal \d"),
    _Sign("a kernel", "Kernel panic"),
    _Sign("a kernel", "BUG: ", r"(?<!\w)BUG: "),
    _Sign("a kernel", "KernelAddressSanitizer"),
    _Sign("another bug detector", "===BUG DETECTED"),
    _Sign("Centipede", "========= ", r"={9} [A-Z]"),
    _Sign("an uncaught C++ exception", "terminating with uncaught"),
    _Sign("an uncaught C++ exception", "terminate called "),
    _Sign("Java", "== Java Exception"),
    _Sign("Java", 'Exception in thread "'),
    _Sign("Android's crash dumper", "*** *** ***"),
)
"""The words by which others tell of a crash. They come before the sanitizer's own, which then tells of the end only."""


_SUMMARY: Final = _Sign("the same tool", "SUMMARY: ", r"^SUMMARY: ")


@dataclass(frozen=True)
class Found:
    """The first words of a crash report: its `tool`, and where in the text its line begins and its words do."""

    tool: Tool
    line: int
    words: int


@dataclass(frozen=True)
class Foreign:
    """Another reporter spoke first: who, in words, and in which line of the output, from 1."""

    who: str
    line: int


def first_report(text: str) -> Found | Foreign | None:
    """Return which reporter spoke first in `text`, whose lines each begin after a line feed; None where nobody did."""
    first, place = None, len(text)
    for sign in (*_OURS, *_OTHERS):
        found = sign.first(text, 0, place)
        if found >= 0:
            first, place = sign, found
    if first is None:
        return None
    if isinstance(first.by, Tool):
        return Found(first.by, text.rfind("\n", 0, place) + 1, place)
    return Foreign(first.by, text.count("\n", 0, place + 1))


def report_end(text: str, start: int) -> int:
    """Return where the report that begins at `start` ends: at its summary, at the next report, or with the text.

    A report of a tool that is read counts as the next one. It ends this one at the beginning of its line, which is
    never the line of `start`.
    """
    end = len(text)
    second = text.find("\n", start)
    if second < 0:
        return end
    for sign in (_SUMMARY, *_OURS):
        found = sign.first(text, second, end)
        end = found if found >= 0 else end
    return text.rfind("\n", second, end) + 1 if end < len(text) else end
