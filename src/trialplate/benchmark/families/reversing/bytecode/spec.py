"""What is drawn for an item of this family."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from trialplate.benchmark.families.reversing.bytecode.machine import Machine
from trialplate.benchmark.families.reversing.bytecode.stages import Stage, Words
from trialplate.benchmark.family import Spec

INNER_CODES: Final = 20
"""How many numbers are drawn for the operations of an inner machine."""


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A stage and how the program does it.

    `home` is `inline` (in the main routine), `routine`, `coroutines` (one a lane) or `nested` (in the inner machine);
    `helper` puts a lane's turns into a routine of their own; `wrap` is `sign` or `table`, how an index stays in
    range; `key` seals the routine, 0 does not.
    """

    stage: Stage
    home: str
    helper: bool
    wrap: str
    key: int


class Decoy(Struct, frozen=True, forbid_unknown_fields=True):
    """A part that works on words which nothing reads; `before` is the part before which it runs, or -1 for never."""

    part: Part
    before: int


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """Names and words that are only there to be read."""

    unit: str
    tool: str
    check: str
    demo: str
    granted: str
    refused: str
    prompt: int
    retired: str


class BytecodeSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """A machine, the parts of its program in order, and what stands beside them.

    The words of the fuse enter before part `fuse_at` by the operation `fuse_op`. `inner` are the numbers of the inner
    machine's operations, `scratch` the words that decoys work on, `main_first` says where the main routine lies.
    """

    machine: Machine
    parts: tuple[Part, ...]
    fuse_at: int
    fuse_op: str
    decoys: tuple[Decoy, ...]
    inner: tuple[int, ...]
    scratch: Words
    main_first: bool
    texts: Texts
