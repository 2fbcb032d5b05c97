"""Writes files that a reader takes: from scripts of operations to octets, through all layers.

A script's line is `[*COUNT ]role field=value ...`. A value is an expression over the part's numbers and `i`, the
number of the repetition. For octets it is how many, or `b:` with octets (`b:1,2~3;9` is 1 2 1 2 1 2 9), or `q:N` for N
entries of a sorted table.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from trialplate.benchmark.families.discovery.reader.layers import MASK, SUMS, TRANSFORMS, rotated
from trialplate.benchmark.families.discovery.reader.parts import header
from trialplate.benchmark.families.discovery.reader.spec import Edge, Field, Op, Part, ReaderSpec, Relation, Sum

Value = int | bytes
SEED: Final = 0x5EED0001
_STASH_IDS: Final = 8


@dataclass(frozen=True)
class Call:
    """One record of a part: the operation's role and the values of its fields."""

    role: str
    values: Mapping[str, Value]


# -------------------------------------------------------------------------------------------------------------- scripts


def calls(part: Part, title: str) -> Iterator[Call]:
    """Yield the records that a script of a part's template says; those of operations it was drawn without are left out.

    Args:
        part: the part.
        title: `example`, or the name of a hazard.
    """
    known = {op.role for op in part.ops}
    numbers = dict(part.params)
    if "TEXT" in numbers:
        numbers["LONG"] = 2 * numbers["TEXT"]
    for line in header(part.template).scripts[title]:
        words = line.split()
        times = _number(words.pop(0)[1:], numbers) if words[0].startswith("*") else 1
        role, *pairs = words
        if role in known:
            for i in range(times):
                given = {**numbers, "i": i}
                yield Call(
                    role, {name: _value(name, text, given) for name, _, text in (p.partition("=") for p in pairs)}
                )


def _value(name: str, text: str, numbers: Mapping[str, int]) -> Value:
    if name != "data":
        return _number(text, numbers)
    if text.startswith("q:"):
        count = _number(text[2:], numbers)
        return b"".join(
            (3 * i + 1).to_bytes(3, "little") + (i * 7 & 0xFFFF).to_bytes(2, "little") for i in range(count)
        )
    if text.startswith("b:"):
        out = b""
        for stretch in text[2:].split(";"):
            octets, _, times = stretch.partition("~")
            out += bytes(_number(octet, numbers) & 0xFF for octet in octets.split(",")) * _number(times or "1", numbers)
        return out
    return bytes(33 + 7 * k % 90 for k in range(_number(text, numbers)))


def _number(text: str, numbers: Mapping[str, int]) -> int:
    return _evaluated(ast.parse(text, mode="eval").body, numbers)


def _evaluated(node: ast.expr, numbers: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(int() as value):
            return value
        case ast.Name(name):
            return numbers[name]
        case ast.BinOp(left, ast.Add(), right):
            return _evaluated(left, numbers) + _evaluated(right, numbers)
        case ast.BinOp(left, ast.Sub(), right):
            return _evaluated(left, numbers) - _evaluated(right, numbers)
        case ast.BinOp(left, ast.Mult(), right):
            return _evaluated(left, numbers) * _evaluated(right, numbers)
        case ast.BinOp(left, ast.Div(), right):
            return _evaluated(left, numbers) // _evaluated(right, numbers)
        case _:
            raise ValueError(f"no arithmetic: {ast.dump(node)}")


# -------------------------------------------------------------------------------------------------------------- records


def varint(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - what seven bits hold
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _ordered(text: str) -> Literal["little", "big"]:
    return "little" if text.endswith("le") else "big"


def _number_bytes(value: int, encoding: str) -> bytes:
    match encoding:
        case "varint":
            return varint(value)
        case "zigzag":
            return varint(value << 1 if value >= 0 else (-value << 1) - 1)
        case "letter":
            return b"y" if value else b"n"
        case "u8":
            return value.to_bytes(1, "little")
        case _:
            return value.to_bytes(int(encoding[1:3]) // 8, _ordered(encoding), signed=encoding[0] == "i")


def encoded(op: Op, values: Mapping[str, Value], stash: int) -> bytes:
    """Return the payload of a record; octets that are given by reference are the ones that `stash` names."""
    out = list[bytes]()
    for field in op.fields:
        value = values.get(field.name, b"" if field.kind == "bytes" else 0)
        out.append(_octets(field, value, stash) if isinstance(value, bytes) else _number_bytes(value, field.encoding))
    for relation in op.relations:
        out.insert(relation.place, _seal(relation, values))
    return b"".join(out)


def _octets(field: Field, value: bytes, stash: int) -> bytes:
    match field.encoding:
        case "stash":
            return bytes((stash,))
        case "lenvar":
            return varint(len(value)) + value
        case "len16le" | "len16be":
            return len(value).to_bytes(2, _ordered(field.encoding)) + value
        case _:
            return value


def _seal(relation: Relation, values: Mapping[str, Value]) -> bytes:
    total = relation.plus
    for name, factor in relation.factors:
        given = values.get("data", b"") if name == "size" else values.get(name, 0)
        total += (len(given) if isinstance(given, bytes) else given) * factor
    return (total & ((1 << 8 * relation.width) - 1)).to_bytes(relation.width, "little")


class Writer:
    """Writes one file: takes records in order, and puts before each what it needs (phases, modes, stashes)."""

    def __init__(self, spec: ReaderSpec, seed: int = SEED) -> None:
        self._spec = spec
        self._seed = seed
        self._order: Final = _ordered(spec.container.order)
        self._records = list[tuple[int, bytes]]()
        self._phase = self._tally = self._count = self._since = self._weight = self._stashes = 0
        self._modes = [0] * len(spec.parts)

    def play(self, number: int, title: str) -> Writer:
        """Append what a script of a part says."""
        for call in calls(self._spec.parts[number], title):
            self.call(number, call)
        return self

    def call(self, number: int, call: Call) -> None:
        """Append one record of a part."""
        part = self._spec.parts[number]
        ops = {op.role: op for op in part.ops}
        op = ops[call.role]
        if op.mode >= 0 and op.mode != self._modes[number]:
            self._put(ops["tune"], {"to": op.mode})
            self._modes[number] = op.mode
        self._put(op, call.values)

    def note(self, text: bytes) -> None:
        """Append a note."""
        self._append(self._spec.framing.note, text)
        self._weight += sum(text)

    def _put(self, op: Op, values: Mapping[str, Value]) -> None:
        data = values.get("data", b"")
        if any(field.encoding == "stash" for field in op.fields) and isinstance(data, bytes):
            self._stashes = (self._stashes + 1) % _STASH_IDS
            self._append(self._spec.framing.stash, bytes((self._stashes,)) + data)
        self._go(op.phases)
        payload = encoded(op, values, self._stashes)
        if op.nesting == "bundle":
            self._bundle([(op.code, payload)])
        else:
            self._append(op.code, payload)

    def _append(self, code: int, payload: bytes) -> None:
        self._counted(code, payload)
        self._records.append((code, payload))

    def _counted(self, code: int, payload: bytes) -> None:
        frame = self._spec.framing
        self._tally = rotated(self._tally, frame.turn) ^ (code * frame.tally_factor + len(payload)) & MASK
        self._count += 1
        self._since += 1

    def _bundle(self, records: Sequence[tuple[int, bytes]]) -> None:
        frame, out = self._spec.framing, bytearray()
        for at, octet in enumerate(self._framed(records, 1)):
            out.append(octet ^ (frame.bundle_key + at * frame.bundle_step) & 0xFF)
        self._append(frame.bundle, bytes(out))
        for code, payload in records:
            self._counted(code, payload)

    def _go(self, phases: int) -> None:
        """Change phases until a record of `phases` may follow."""
        for edge in _route(self._spec.edges, self._phase, phases):
            while self._since + 1 < edge.count or self._weight % edge.modulus != edge.residue:
                missing = (edge.residue - self._weight) % edge.modulus
                self.note(bytes((missing,)) if edge.modulus > 1 else b".")
            self._stage(edge)

    def _stage(self, edge: Edge) -> None:
        frame = self._spec.framing
        self._counted(frame.stage, bytes(5))
        proof = ((rotated(self._tally, frame.proof_turn) + self._seed) ^ frame.proof_mix) & MASK
        self._records.append((frame.stage, bytes((edge.to,)) + proof.to_bytes(4, self._order)))
        self._phase, self._since, self._weight = edge.to, 0, 0

    def _framed(self, records: Sequence[tuple[int, bytes]], depth: int) -> bytes:
        frame, out = self._spec.framing, bytearray()
        tag = self._seed ^ (frame.tag_start + depth) & MASK
        for code, payload in records:
            size = varint(len(payload)) if frame.lengths == "varint" else len(payload).to_bytes(2, self._order)
            for octet in (code, *payload):
                tag = (tag * frame.tag_factor + octet) & MASK
            out += bytes((code,)) + size + payload
            out += (tag >> 32 - 8 * frame.tag).to_bytes(frame.tag, self._order) if frame.tag else b""
        return bytes(out)

    # ----------------------------------------------------------------------------------------------------------- layers

    def file(self, *, notes: bytes = b"") -> bytes:
        """Return the file, ended; `notes` make a section of their own in front."""
        self._append(self._spec.framing.end, (self._count + 1).to_bytes(4, self._order))
        box = self._spec.container
        plain = self._framed(self._records, 0)
        sections = [(box.notes_type, notes)] if notes else []
        data = plain
        for transform in box.transforms:
            data = TRANSFORMS[transform.name][0](data, (self._seed + len(sections)) & MASK, transform.parameter)
        body = self._sections([*sections, (box.records_type, data)])
        if box.page:
            body = self._paged(body)
        return self._headed(body)

    def _word(self, value: int, size: int = 4) -> bytes:
        return value.to_bytes(size, self._order)

    def _summed(self, kind: Sum, data: bytes) -> int:
        return SUMS[kind.name](data, kind.start)

    def _sections(self, sections: Sequence[tuple[int, bytes]]) -> bytes:
        box = self._spec.container
        salt = self._seed if box.salted else 0
        sums = [self._word(self._summed(box.section_sum, data) ^ salt) for _, data in sections]
        if box.framing == "chunks":
            sizes = [varint(len(d)) if box.lengths == "varint" else self._word(len(d)) for _, d in sections]
            return b"".join(
                bytes((kind, number)) + sizes[number] + data + sums[number]
                for number, (kind, data) in enumerate(sections)
            )
        out, offset = bytes((len(sections),)), 0
        for (kind, data), sum_ in zip(sections, sums, strict=True):
            out += bytes((kind,)) + self._word(offset) + self._word(len(data)) + sum_
            offset += len(data)
        return out + b"".join(data for _, data in sections)

    def _paged(self, body: bytes) -> bytes:
        box, out = self._spec.container, b""
        room = box.page - 8
        for number, start in enumerate(range(0, len(body), room)):
            used = body[start : start + room]
            page = self._word(number, 2) + self._word(len(used), 2) + used.ljust(room, b"\0")
            out += page + self._word(self._summed(box.header_sum, page))
        return out

    def _headed(self, body: bytes) -> bytes:
        box = self._spec.container
        fields = {
            "version": bytes((box.version,)),
            "flags": self._word(box.flags, 2),
            "seed": self._word(self._seed),
            "length": self._word(len(body)),
        }
        head = bytes.fromhex(box.magic) + b"".join(fields[name] for name in box.header)
        return head + self._word(self._summed(box.header_sum, head)) + body


def _route(edges: Sequence[Edge], source: int, phases: int) -> Sequence[Edge]:
    """Return the shortest way from a phase to one of `phases`."""
    waiting = deque[tuple[int, tuple[Edge, ...]]]([(source, ())])
    seen = {source}
    while waiting:
        here, way = waiting.popleft()
        if phases >> here & 1:
            return way
        for edge in edges:
            if edge.source == here and edge.to not in seen:
                seen.add(edge.to)
                waiting.append((edge.to, (*way, edge)))
    raise ValueError("phases that nothing leads to")
