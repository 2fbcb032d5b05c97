"""The words of each tool, read into a kind of crash: tables of patterns, in their order, the first match counts.

The kinds are the names of ClusterFuzz's glossary and test data where these have one, since triage knows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from trialplate.formats.traces.model import Access

Row = tuple[str, str]

UNKNOWN: Final = "UNKNOWN"
NULL: Final = "Null-dereference"
OUT_OF_MEMORY: Final = "Out-of-memory"
TIMEOUT: Final = "Timeout"

_NULL_PAGES: Final = 0x10000
"""Below this address no memory is mapped, so an access there went by way of a null pointer."""

_MOST_SIZE: Final = 64
"""The largest access in bytes that one instruction makes; a larger one is a copy, whose size comes from data."""

_SEGMENTATION: Final = frozenset({"SEGV", "BUS", "access-violation"})

_ASAN_SIGNALS: Final = {
    "ABRT": "Abrt",
    "ILL": "Ill",
    "TRAP": "Trap",
    "FPE": "Floating-point-exception",
    "int-divide-by-zero": "Divide-by-zero",
    "flt-divide-by-zero": "Divide-by-zero",
}

_ASAN_WORDS: Final[Sequence[Row]] = (
    (r"attempting double-free", "Heap-double-free"),
    (r"attempting free on address", "Invalid-free"),
    (r"out of memory|requested allocation size|rss limit|allocation-size-too-big|calloc-overflow", OUT_OF_MEMORY),
)

_UBSAN_WORDS: Final[Sequence[Row]] = (
    (r"unsigned integer overflow", "Unsigned-integer-overflow"),
    (r"signed integer overflow|cannot be represented in type|negation of ", "Integer-overflow"),
    (r"out of bounds", "Index-out-of-bounds"),
    (r"division by zero", "Divide-by-zero"),
    (r"shift exponent|left shift of", "Undefined-shift"),
    (r"misaligned", "Misaligned-address"),
    (r"null pointer passed as argument", "Invalid-null-argument"),
    (r"null pointer returned from", "Invalid-null-return"),
    (r"(?:offset|index) .{0,200}to null pointer|pointer index expression|addition of unsigned", "Pointer-overflow"),
    (r"null pointer", NULL),
    (r"does not point to an object of type|control flow integrity", "Bad-cast"),
    (r"through pointer to incorrect function type", "Incorrect-function-pointer-type"),
    (r"insufficient space for an object", "Object-size"),
    (r"outside the range of representable", "Float-cast-overflow"),
    (r"not a valid value for type '?bool", "Invalid-bool-value"),
    (r"not a valid value for type", "Invalid-enum-value"),
    (r"assumption is violated", "Assumption-violation"),
    (r"reached an unreachable", "Unreachable code"),
    (r"without returning a value", "No-return-value"),
    (r"variable length array bound", "Non-positive-vla-bound-value"),
    (r"passing zero to", "Invalid-builtin-use"),
    (r"implicit conversion", "Implicit-conversion"),
)

_LIBFUZZER_WORDS: Final[Sequence[Row]] = (
    (r"timeout", TIMEOUT),
    (r"out-of-memory", OUT_OF_MEMORY),
    (r"fuzz target exited", "Unexpected-exit"),
    (r"overwrites its const input", "Overwrites-const-input"),
    (r"deadly signal", "Fatal-signal"),
)

_ADDRESS: Final = re.compile(r"(?:address|on|:) (0x[0-9a-fA-F]{1,16})\b")
_OBJECT: Final = re.compile(r"address (0x[0-9a-fA-F]{1,16})\b")
_SIZED: Final = re.compile(r"(READ|WRITE) of size (\d{1,12})\b")
_CAUSED: Final = re.compile(r"The signal is caused by a (READ|WRITE) memory access")
_CAST_TO: Final = re.compile(r"does not point to an object of type '?([^']{1,1000})")
_CAST_FROM: Final = re.compile(r"object is of type '?([^']{1,1000})")
_INTEGRITY: Final = re.compile(r"control flow integrity check for type '([^']{1,1000})'")
_KIND: Final = re.compile(r" *([A-Za-z][\w-]{0,60})")


@dataclass(frozen=True)
class Verdict:
    """What the first lines of a report say, without its stacks; the fields are those of `Trace`."""

    crash_type: str
    access: Access | None = None
    address: str = ""
    subject: str = ""


def asan_verdict(words: str, notes: Sequence[str]) -> Verdict:
    """Return what a report of AddressSanitizer, or a signal that UBSan has caught, says.

    Args:
        words: its first line, from the name of the tool on.
        notes: the lines after it, up to its first frame.
    """
    said = words.partition("Sanitizer")[2].removeprefix(":")
    address = found[1] if (found := _ADDRESS.search(said.partition("(pc ")[0])) else ""
    for pattern, crash_type in _ASAN_WORDS:
        if re.search(pattern, said):
            return Verdict(crash_type, address=address)
    kind = found[1] if (found := _KIND.match(said)) else UNKNOWN
    if kind in _SEGMENTATION:
        return _segmentation(address, notes)
    if kind in _ASAN_SIGNALS:
        return Verdict(_ASAN_SIGNALS[kind], address=address)
    return Verdict(kind[:1].upper() + kind[1:], _sized_access(notes), address)


def _segmentation(address: str, notes: Iterable[str]) -> Verdict:
    if not address:
        return Verdict("Segv on unknown address")
    access = next((_access(found[1]) for note in notes if (found := _CAUSED.search(note))), None)
    return Verdict(NULL if int(address, 16) < _NULL_PAGES else UNKNOWN, access, address)


def _sized_access(notes: Iterable[str]) -> Access | None:
    found = next((found for note in notes if (found := _SIZED.search(note))), None)
    if found is None:
        return None
    size = int(found[2])
    return _access(found[1], size if size <= _MOST_SIZE and size.bit_count() == 1 else 0)


def _access(kind: str, size: int | None = None) -> Access:
    literal: Literal["READ", "WRITE"] = "READ" if kind == "READ" else "WRITE"
    return Access(literal, size)


def ubsan_verdict(words: str, notes: Sequence[str]) -> Verdict:
    """Return what a `runtime error:` of UndefinedBehaviorSanitizer says; arguments as of `asan_verdict`."""
    crash_type = _first(_UBSAN_WORDS, words)
    address = found[1] if (found := _OBJECT.search(words)) else ""
    if crash_type == "Bad-cast":
        return Verdict(crash_type, address=address, subject=_bad_cast(words, notes))
    if crash_type == NULL and "load of" in words:
        return Verdict(crash_type, Access("READ"), address)
    if crash_type == NULL and "store to" in words:
        return Verdict(crash_type, Access("WRITE"), address)
    return Verdict(crash_type, address=address)


def _bad_cast(words: str, notes: Iterable[str]) -> str:
    if found := _INTEGRITY.search(words):
        return f"Bad-cast to {found[1]} from invalid vptr"
    target = found[1].strip() if (found := _CAST_TO.search(words)) else UNKNOWN
    source = next((found[1].strip() for note in notes if (found := _CAST_FROM.search(note))), "invalid vptr")
    return f"Bad-cast to {target} from {source}"


def libfuzzer_verdict(words: str) -> Verdict:
    """Return what a report of libFuzzer says in its first line."""
    return Verdict(_first(_LIBFUZZER_WORDS, words))


def _first(rows: Sequence[Row], words: str) -> str:
    return next((crash_type for pattern, crash_type in rows if re.search(pattern, words)), UNKNOWN)
