"""What is drawn for an item: the transform, and how the program that does it is built."""

from __future__ import annotations

from msgspec import Struct

from trialplate.benchmark.family import Spec

BLOCK = 16
"""Bytes that every stage's text is a multiple of."""
MOST = 1 << 16
"""Bytes of the largest file that is sealed."""


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A piece with drawn parameters: a stage, a key schedule or a checksum.

    `table` is a drawn table in hex, empty where the kind has none; `inline` whether the compiler is told to put the
    piece into its caller.
    """

    kind: str
    numbers: tuple[tuple[str, int], ...]
    table: str = ""
    inline: bool = False

    def __getitem__(self, name: str) -> int:
        """Return a parameter; KeyError where the kind has none of that name."""
        return dict(self.numbers)[name]

    @property
    def octets(self) -> bytes:
        """Return the drawn table."""
        return bytes.fromhex(self.table)


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands before the text: `fields` in order after `magic` (hex); `big` for numbers of big-endian order."""

    magic: str
    nonce: int
    fields: tuple[str, ...]
    big: bool


class Armor(Struct, frozen=True, forbid_unknown_fields=True):
    """How a sealed file is written as text: `base` 16, 32, 64 or 41 to 45 (0 for none); lines have `line` characters.

    `low_first` says that low bits or digits come first.
    """

    base: int
    alphabet: str
    low_first: bool
    line: int


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """How the program is built.

    Args:
        dispatch: `direct`, `nested`, `pointers` or `switch`.
        optimize: level of the compiler.
        source: where randomness comes from, `call` or `device`.
        decoys: stages that never run.
        slots: numbers of the real stages and then the decoys in the table of a dispatch.
        guards: the never true condition before each decoy; none where a plan leaves the decoys out.
        hidden: whether strings and master key are encoded.
        veil: constants of that encoding.
        watches: checks that change the key without a word: `status`, `trap`, `code`.
        bait: the constant that a failed watch adds.
    """

    dispatch: str
    optimize: int
    source: str
    decoys: tuple[Part, ...]
    slots: tuple[int, ...]
    guards: tuple[str, ...]
    hidden: bool
    veil: tuple[int, int]
    watches: tuple[str, ...]
    bait: int


class Transform(Struct, frozen=True, forbid_unknown_fields=True):
    """What the program does to a text; `shuffle` are the two constants of keyed tables and permutations."""

    master: str
    schedule: Part
    order: tuple[str, ...]
    tag: Part
    filler: int
    header: Header
    shuffle: tuple[int, int]
    stages: tuple[Part, ...]
    armor: Armor


class TransformSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """An item: transform, program, and the texts around them."""

    transform: Transform
    shape: Shape
    tool: str
    folder: str
    document: str
    label: str
    lines: tuple[str, ...]
    place: int
    asker: str
    phrasing: int
