"""Stack traces: what a sanitizer, a fuzzer or Python says of a crash, and the key that two crashes share.

Purpose: read the first crash report in the output of a program under AddressSanitizer, UndefinedBehaviorSanitizer,
libFuzzer or Python, and reduce it to a crash state: the kind of crash and its top frames, without what differs
between two builds of one fault.
In: bytes as a program printed them. Out: `Trace`, then `CrashState`; or `UnsupportedFormat`, which is false.
Rules: pure; linear in the size of its input; the first report in an output counts, and where another reporter spoke
first, the output is unsupported. `docs/formats/traces.md` says what is kept and what is left out.
"""

from trialplate.formats.traces.model import (
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
)
from trialplate.formats.traces.names import bare_name
from trialplate.formats.traces.parse import parse_trace
from trialplate.formats.traces.similarity import Comparison, compare, edit_similarity, shared_in_order
from trialplate.formats.traces.state import STATE_FRAMES, CrashState, crash_state

__all__ = [
    "MAX_BYTES",
    "MAX_FRAMES",
    "MAX_LINE",
    "MAX_NAME",
    "MAX_STACKS",
    "STATE_FRAMES",
    "Access",
    "Comparison",
    "CrashState",
    "Frame",
    "Tool",
    "Trace",
    "TraceError",
    "UnsupportedFormat",
    "bare_name",
    "compare",
    "crash_state",
    "edit_similarity",
    "parse_trace",
    "shared_in_order",
]
