"""What is drawn for one reader: layers, phases, parts with their operations, the weakness, and wording."""

from __future__ import annotations

from msgspec import Struct

from trialplate.benchmark.family import Spec


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a record, in the order of the payload: its type in the template and how it is encoded."""

    name: str
    kind: str
    encoding: str


class Relation(Struct, frozen=True, forbid_unknown_fields=True):
    """A seal of `width` octets at `place` among the fields: `plus` and each named field times its factor."""

    place: int
    width: int
    plus: int
    factors: tuple[tuple[str, int], ...]


class Op(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of record: where it may stand (bits of phases, mode of its part, nesting) and what it consists of.

    `mode` is -1 where any will do; `nesting` is "any", "top" or "bundle".
    """

    role: str
    verb: str
    code: int
    phases: int
    mode: int
    nesting: str
    fields: tuple[Field, ...]
    relations: tuple[Relation, ...]


class Measure(Struct, frozen=True, forbid_unknown_fields=True):
    """A number that a part computes over its values: steps of one or two passes, and how it ends."""

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    end: str


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """One data structure: its template, name, numbers, choices (forms of hazards among them) and kinds of records."""

    template: str
    noun: str
    params: tuple[tuple[str, int], ...]
    choices: tuple[tuple[str, str], ...]
    modes: int
    checks: str
    ops: tuple[Op, ...]
    measures: tuple[Measure, ...]


class Edge(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of phase: how many records it takes before, and what the notes' octets must leave modulo `modulus`."""

    source: int
    to: int
    count: int
    modulus: int
    residue: int


class Sum(Struct, frozen=True, forbid_unknown_fields=True):
    """A checksum and the value that it is begun at."""

    name: str
    start: int


class Transform(Struct, frozen=True, forbid_unknown_fields=True):
    """A transform of a section and its parameter; the writer applies them in order."""

    name: str
    parameter: int


class Container(Struct, frozen=True, forbid_unknown_fields=True):
    """The layers of a file around its records.

    `page` is 0 where the body is not cut into pages. `lengths` is how sections say theirs.
    """

    magic: str
    order: str
    header: tuple[str, ...]
    version: int
    mask: int
    flags: int
    header_sum: Sum
    section_sum: Sum
    salted: bool
    framing: str
    lengths: str
    page: int
    records_type: int
    notes_type: int
    transforms: tuple[Transform, ...]


class Framing(Struct, frozen=True, forbid_unknown_fields=True):
    """How records stand in a section and what the reader counts over them; `tag` is 0, 1 or 2 octets."""

    lengths: str
    tag: int
    tag_start: int
    tag_factor: int
    turn: int
    tally_factor: int
    proof_turn: int
    proof_mix: int
    bundle_key: int
    bundle_step: int
    note: int
    stash: int
    stage: int
    bundle: int
    end: int


class ReaderSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """One reader; `planted` is the number of the part with the weakness and `hazard` its name there.

    `judge` is the host that takes files at `port`, by "http" or as a "stream".
    """

    name: str
    subject: str
    dispatch: str
    container: Container
    framing: Framing
    phases: int
    edges: tuple[Edge, ...]
    parts: tuple[Part, ...]
    planted: int
    hazard: str
    judge: str
    protocol: str
    port: int
    seed: int
    wording: int

    @property
    def weak(self) -> Part:
        """The part with the weakness."""
        return self.parts[self.planted]
