"""The output of a program, read down to its first crash report, and that report read into a `Trace`."""

from __future__ import annotations

import re
from collections import deque
from typing import Final, assert_never

from trialplate.formats.traces.detect import Foreign, Found, first_report, report_end
from trialplate.formats.traces.frames import Stacks, lines_of, numbered, python_frame
from trialplate.formats.traces.model import (
    MAX_BYTES,
    MAX_FRAMES,
    MAX_LINE,
    Frame,
    Tool,
    Trace,
    TraceError,
    UnsupportedFormat,
)
from trialplate.formats.traces.reports import Verdict, asan_verdict, libfuzzer_verdict, ubsan_verdict

_MAX_NOTES: Final = 64
"""The lines between the first line of a report and its first frame that are looked at."""

_COLORS: Final = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)|[@-Z\\^_])")
"""Escape sequences of terminals: colors and cursor, titles and links, and the two-character ones."""

_GROUP: Final = "+ Exception Group "
"""What stands before the first words of a traceback of several exceptions, whose lines then begin with a bar."""

_ERROR: Final = re.compile(r"([^\W\d][\w.]{0,200})(?::|\s*$)")


def parse_trace(output: bytes) -> Trace | UnsupportedFormat:
    """Return the first crash report in what a program printed.

    The text is UTF-8; what is not stands as U+FFFD. Escape sequences of terminals and NUL are taken out, and a line
    ends by LF, CR LF or CR. Where several reports follow one another, the first one counts: it is the cause, and the
    later ones are what it led to. Time and memory grow in proportion to the output.

    Returns:
        The report; or `UnsupportedFormat` where there is none that can be read, or another reporter spoke first.

    Raises:
        TraceError: where the output has more than `MAX_BYTES`.
    """
    if len(output) > MAX_BYTES:
        raise TraceError(
            f"The output has {len(output)} bytes, and at most {MAX_BYTES} are read.",
            "Send the part that begins with the first report.",
        )
    text = _plain(output)
    found = first_report(text)
    match found:
        case None:
            return UnsupportedFormat(f"No line begins a report of {', '.join(tool.value for tool in Tool)}.")
        case Foreign():
            return UnsupportedFormat(f"The first report, in line {found.line}, is of {found.who}, which is not read.")
        case Found(tool=Tool.PYTHON):
            return _python(text, found)
        case Found():
            return _native(text, found)
        case _:
            assert_never(found)


def _plain(output: bytes) -> str:
    """Return the text with a line feed before its first line too, so that every line begins after one."""
    text = output.decode("utf-8", errors="replace").replace("\x00", "")
    if "\x1b" in text:
        text = _COLORS.sub("", text)
    return "\n" + text.replace("\r\n", "\n").replace("\r", "\n")


def _native(text: str, found: Found) -> Trace:
    """Read a report of a sanitizer or of libFuzzer: its first line, notes, and stacks up to its summary."""
    lines = lines_of(text, found.words, report_end(text, found.words))
    words = next(lines)
    notes: list[str] = []
    stacks = Stacks()
    for line in lines:
        if not stacks.add(line) and stacks.empty and len(notes) < _MAX_NOTES:
            notes.append(line)
    verdict = _verdict(found.tool, words, notes)
    crashed, *related = stacks.done()
    return Trace(
        found.tool,
        verdict.crash_type,
        verdict.access,
        verdict.address,
        crashed,
        tuple(related),
        stacks.left_out,
        subject=verdict.subject,
        location=_location(text, found) if words.startswith(":") else "",
    )


def _verdict(tool: Tool, words: str, notes: list[str]) -> Verdict:
    if tool is Tool.LIBFUZZER:
        return libfuzzer_verdict(words)
    if tool is Tool.UBSAN and words.startswith(":"):
        return ubsan_verdict(words, notes)
    return asan_verdict(words, notes)


def _location(text: str, found: Found) -> str:
    """Return the path that stands before `:LINE:COLUMN: runtime error:`."""
    return numbered(text[max(found.line, found.words - MAX_LINE) : found.words])[0].strip()


def _python(text: str, found: Found) -> Trace:
    """Read a Python traceback, whose innermost call stands last, up to the line that names the exception.

    Of a group of exceptions, that is the traceback of the group itself.
    """
    kept: deque[Frame] = deque(maxlen=MAX_FRAMES)
    count = 0
    error = ""
    grouped = text[found.line : found.words].endswith(_GROUP)
    lines = lines_of(text, found.words, len(text))
    next(lines)
    for printed in lines:
        line = printed.partition("| ")[2] if grouped else printed
        if frame := python_frame(line):
            kept.append(frame)
            count += 1
        elif not line.startswith((" ", "\t")):
            error = named[1] if (named := _ERROR.match(line)) else ""
            break
    return Trace(
        Tool.PYTHON, "Uncaught exception", frames=tuple(reversed(kept)), left_out=count - len(kept), error=error
    )
