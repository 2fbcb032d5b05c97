"""Crash reports read and keyed per second, against a plain search of the same text, and the slowest hostile log.

The peer looks at each line of the report with one regular expression, which is the least that any reader of frames
does. ClusterFuzz's own reader, which would be the peer by name, is no package that can be installed beside ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bench.measure import Better, Row, against, alone, interleaved, stopwatch
from trialplate.formats.traces import CrashState, Trace, compare, crash_state, parse_trace

ROUNDS: Final = 21
REPORTS: Final = 20
"""Reports in one turn."""
FLOOR: Final = 0.1

HOSTILE_BYTES: Final = 5 * 1024 * 1024
_HEAD: Final = b"==1==ERROR: AddressSanitizer: ABRT on unknown address 0x1 (pc 0x1)\n"
_HOSTILE: Final = (
    b"#",
    b"noted\n",
    b"    #0 0x4f13bb in f<g<h>>(int) /a/b.c:1:2\n",
    b"    #1 0x4f13bb in std::f<g>(int) /a/b.c:1:2\n",
    b"  #1 0x1 in " + b"<" * 16000 + b"\n",
    b"  #1 0x1 in std::" + b"a<b>" * 1000 + b"\n",
    b"  #1 0x1 in f (" + b"+0xa" * 4000 + b")\n",
)
"""Lines that cost the most, each repeated up to `HOSTILE_BYTES`."""

_LINE: Final = re.compile(rb"\s*#(\d+)\s+(0x[0-9a-f]+) in (.*?) (\S+?)(?::(\d+))*$")


def run() -> list[Row]:
    """Return the rows of reading, of the slowest hostile log, and of comparing two states."""
    return [_reading(), _hostile(), _comparing()]


def report(depth: int = 60) -> bytes:
    """Return a report of AddressSanitizer with a stack of `depth` calls under 60 lines of a log."""
    log = b"INFO: Loaded 1 modules (42935 guards), 42935 inline counters, seed 1671544109\n" * 60
    calls = b"".join(
        f"    #{call} 0x4f13bb in store::Map<int, Box<char>>::walk{call}(int const&) /src/map.h:{call + 1}:5\n".encode()
        for call in range(depth)
    )
    return log + _HEAD.replace(b"ABRT on unknown", b"heap-use-after-free on") + b"READ of size 8 at 0x1\n" + calls


def _reading() -> Row:
    output = report()
    lines = output.splitlines()
    mine, bare = stopwatch(lambda: _repeat(lambda: _state(output))), stopwatch(lambda: _repeat(lambda: _search(lines)))
    return against(
        "crash reports of 60 frames read and keyed",
        "reports/s",
        *interleaved(lambda: REPORTS / mine(), lambda: REPORTS / bare(), rounds=ROUNDS),
        peer_name="one regular expression on each line",
        better=Better.HIGHER,
        floor=FLOOR,
    )


def _hostile() -> Row:
    logs = [_HEAD + unit * (HOSTILE_BYTES // len(unit)) for unit in _HOSTILE]
    slowest = max(stopwatch(lambda log=log: _state(log))() for log in logs)
    return alone("slowest of 7 hostile logs of 5 MiB", "ms", [slowest * 1000])


def _comparing() -> Row:
    one = CrashState("Abrt", ("store::Map::walk", "store::Reader::next", "store::Reader::open"))
    other = CrashState("Abrt", ("store::Map::step", "store::Writer::next", "store::Writer::open"))
    timed = stopwatch(lambda: _repeat(lambda: compare(one, other)))
    return alone("two crash states compared", "ms", [timed() * 1000 / REPORTS for _ in range(ROUNDS)])


def _repeat(act: Callable[[], object]) -> None:
    for _ in range(REPORTS):
        act()


def _state(output: bytes) -> CrashState:
    trace = parse_trace(output)
    if not isinstance(trace, Trace):
        raise ValueError(f"A report was not read: {trace.reason}")  # noqa: TRY004 - the value is wrong, not its type
    return crash_state(trace)


def _search(lines: list[bytes]) -> list[re.Match[bytes] | None]:
    return [_LINE.match(line) for line in lines]
