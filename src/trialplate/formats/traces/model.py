"""What a crash report says, as values, and the limits within which one is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from trialplate.errors import TrialplateError

MAX_BYTES: Final = 8 * 1024 * 1024
"""The largest output that is read, in bytes; a larger one is refused whole, since its first report may lie anywhere."""

MAX_LINE: Final = 16 * 1024
"""The characters of a line that are read; what follows them is passed over."""

MAX_FRAMES: Final = 512
"""The frames of one stack that are kept; a recursion that goes deeper repeats them."""

MAX_STACKS: Final = 8
"""The stacks of one report that are kept: where it crashed, then where memory was freed, allocated, and so on."""

MAX_NAME: Final = 4096
"""The characters of a function's name that are kept, with its parameters and template arguments."""


class TraceError(TrialplateError):
    """An output is beyond the limits within which it can be read."""


class Tool(Enum):
    """Who wrote a report."""

    ASAN = "AddressSanitizer"
    UBSAN = "UndefinedBehaviorSanitizer"
    LIBFUZZER = "libFuzzer"
    PYTHON = "Python"


@dataclass(frozen=True)
class UnsupportedFormat:
    """No report that can be read: `reason` says, in one sentence, what was found in its place."""

    reason: str

    def __bool__(self) -> Literal[False]:
        return False


@dataclass(frozen=True)
class Access:
    """The access to memory that failed.

    Attributes:
        kind: what it did.
        size: how many bytes; 0 where that depends on data, as of a copy, and None where the report does not say.
    """

    kind: Literal["READ", "WRITE"]
    size: int | None = None


@dataclass(frozen=True)
class Frame:
    """One call on a stack, as it was printed; what was not printed is empty, and a line number is then 0.

    Attributes:
        function: the name, with parameters and template arguments where the report has them.
        file: the path of its source.
        line: the line in `file`, from 1.
        module: the path of the program or library that holds it.
    """

    function: str = ""
    file: str = ""
    line: int = 0
    module: str = ""


@dataclass(frozen=True)
class Trace:
    """The first crash report in an output.

    Attributes:
        tool: who wrote it.
        crash_type: the kind of crash, in the words of ClusterFuzz's glossary (`Heap-buffer-overflow`).
        access: the access that failed; None where the report names none.
        address: the address that the report is about, as printed; empty where there is none.
        frames: the stack of the crash, innermost call first, at most `MAX_FRAMES`.
        related: the other stacks of the same report, in its order, at most `MAX_STACKS` - 1.
        left_out: how many frames of `frames` and `related` were beyond `MAX_FRAMES` and are not kept.
        subject: what the report itself names, where that tells crashes apart better than their innermost call does
            (`Bad-cast to B from A`); empty otherwise.
        location: the path of the source that the report itself points at, beside its frames; empty where none.
        error: the class of an uncaught Python exception, with its module; empty for every other tool.
    """

    tool: Tool
    crash_type: str
    access: Access | None = None
    address: str = ""
    frames: tuple[Frame, ...] = ()
    related: tuple[tuple[Frame, ...], ...] = ()
    left_out: int = 0
    subject: str = ""
    location: str = ""
    error: str = ""

    @property
    def kind(self) -> str:
        """The kind of crash with its access, as ClusterFuzz writes it: a known size stands on a line of its own."""
        if self.access is None:
            return self.crash_type
        if self.access.size is None:
            return f"{self.crash_type} {self.access.kind}"
        return f"{self.crash_type}\n{self.access.kind} {self.access.size or '{*}'}"
