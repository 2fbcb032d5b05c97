"""One part of a reader as a file of C: its records' structures, readers, checks and handlers, and its report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from trialplate.benchmark.families.discovery.reader.measures import measure_in_c
from trialplate.benchmark.families.discovery.reader.parts import Operation, code
from trialplate.benchmark.families.discovery.reader.spec import Field, Op, Part, ReaderSpec, Relation

_MOST: Final[Mapping[str, str]] = {"slot": "0xffu", "n8": "0xffu", "n16": "0xffffu", "n24": "0xffffffu"}
_SHOWN: Final = 4


def handler(part: Part, op: Op) -> str:
    """Return the name of the function that takes a kind of record."""
    return f"{part.noun}_on_{op.verb}"


def part_in_c(spec: ReaderSpec, part: Part, choices: Mapping[str, str], *, judge: bool) -> str:
    """Return the file of a part for its choices; `judge` where it is the planted one in the judge's build."""
    made = code(part.template, part.noun, choices, judge=judge)
    operations = {operation.role: operation for operation in made.operations}
    operations |= {operation.role: operation for operation in _generic(part)}
    macros = [f"#define {part.noun.upper()}_{name} {value}" for name, value in part.params]
    pieces = ["\n".join([f"/* The {part.noun}s of a file. */", '#include "reader.h"', "", *macros]), made.state]
    pieces += [measure_in_c(measure, part.noun, made.view) for measure in part.measures]
    for op in part.ops:
        pieces += _record(spec, part, op, operations[op.role])
    pieces += [*_ways_in(spec, part), _ends(part, 1 if "(void)slot" in made.view else _SHOWN)]
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(piece.strip("\n") for piece in pieces)) + "\n"


def _generic(part: Part) -> Sequence[Operation]:
    """Return the operations that every part can have: to change its mode, and to keep one of its measures."""
    cases = [
        line
        for number, measure in enumerate(part.measures)
        for line in (
            f"    case {number}:",
            f"        s->score = turned(s->score, {number + 3}) + {part.noun}_{measure.name}(s, q->slot);",
            "        return OK;",
        )
    ]
    tune = f"    if (q->to >= {part.modes})\n        return E_RANGE;\n    s->mode = q->to;\n    return OK;\n"
    assay = "\n".join(["    switch (q->which) {", *cases, "    default:", "        return E_RANGE;", "    }"])
    return (
        Operation("tune", ("tune",), False, (), "", tune),  # noqa: FBT003 the field's place says it
        Operation("assay", ("assay",), False, (), "", assay),  # noqa: FBT003 the field's place says it
    )


def _record(spec: ReaderSpec, part: Part, op: Op, operation: Operation) -> list[str]:
    """Return the pieces for one kind of record."""
    noun, record = part.noun, f"struct {part.noun}_{op.verb}"
    pieces = [f"{record} {{\n" + "\n".join(_members(op)) + "\n};"]
    checked = bool(operation.check.strip())
    state = f"struct {noun}_state *s, const {record} *q"
    if checked:
        head = f"static int {noun}_check_{op.verb}({state})"
        pieces.append(f"{head}\n{{\n    (void)s;\n{operation.check.rstrip()}\n    return OK;\n}}")
    within = part.checks == "read" and checked
    pieces.append(_read(part, op, checked=within))
    pieces.append(f"static int {noun}_apply_{op.verb}({state})\n{{\n{operation.apply.rstrip()}\n}}")
    pieces.append(_handler(spec, part, op, within=within, checked=checked))
    return pieces


def _members(op: Op) -> list[str]:
    members = list[str]()
    for field in op.fields:
        if field.kind == "bytes":
            members += [f"    const uint8_t *{field.name};", "    uint32_t size;"]
        else:
            members.append(f"    {'int32_t' if field.kind == 's16' else 'uint32_t'} {field.name};")
    return members


def _read(part: Part, op: Op, *, checked: bool) -> str:
    noun = part.noun
    given = f"struct {noun}_state *s, " if checked else ""
    body = [
        f"static int {noun}_read_{op.verb}({given}struct reader *r, struct cursor *c, struct {noun}_{op.verb} *q)",
        "{",
        "    (void)r;",
    ]
    for place, field in enumerate((*op.fields, None)):
        body += [line for relation in op.relations if relation.place == place for line in _seal_taken(relation)]
        if field:
            body += _taken(part, field)
    body += ["    if (c->at != c->end)", "        return E_RANGE;"]
    for relation in op.relations:
        body += _seal_checked(op, relation)
    body.append(f"    return {noun}_check_{op.verb}(s, q);" if checked else "    return OK;")
    return "\n".join([*body, "}"])


def _seal_taken(relation: Relation) -> list[str]:
    take = "take_u8" if relation.width == 1 else "take_u16le"
    return ["    uint32_t seal;", f"    if ({take}(c, &seal))", "        return E_SHORT;"]


def _seal_checked(op: Op, relation: Relation) -> list[str]:
    signed = {field.name for field in op.fields if field.kind == "s16"}
    terms = [f"{'(uint32_t)' if name in signed else ''}q->{name} * {factor}u" for name, factor in relation.factors]
    mask = "0xffu" if relation.width == 1 else "0xffffu"
    return [f"    if (seal != (({' + '.join(terms)} + {relation.plus}u) & {mask}))", "        return E_CHECK;"]


def _taken(part: Part, field: Field) -> list[str]:
    """Return the lines that read one field."""
    to = f"&q->{field.name}"
    match field.encoding:
        case "rest":
            return [
                "    q->size = (uint32_t)(c->end - c->at);",
                f"    if (take_bytes(c, q->size, {to}))",
                "        return E_SHORT;",
            ]
        case "stash":
            return [f"    if (take_stash(r, c, {to}, &q->size))", "        return E_STATE;"]
        case "lenvar" | "len16le" | "len16be":
            take = "take_varint" if field.encoding == "lenvar" else f"take_u16{field.encoding[-2:]}"
            return [f"    if ({take}(c, &q->size) || take_bytes(c, q->size, {to}))", "        return E_SHORT;"]
        case "letter":
            letters = f"    if (q->{field.name} != 'y' && q->{field.name} != 'n')"
            return [
                f"    if (take_u8(c, {to}))",
                "        return E_SHORT;",
                letters,
                "        return E_RANGE;",
                f"    q->{field.name} = q->{field.name} == 'y';",
            ]
        case _:
            body = [f"    if (take_{field.encoding}(c, {to}))", "        return E_SHORT;"]
    bound = _bound(part, field)
    return [*body, f"    if (q->{field.name} {bound})", "        return E_RANGE;"] if bound else body


def _bound(part: Part, field: Field) -> str:
    if field.kind == "slot":
        return f">= {part.noun.upper()}_SLOTS"
    if field.kind == "flag":
        return "> 1"
    return f"> {_MOST[field.kind]}" if field.encoding == "varint" and field.kind in _MOST else ""


def _handler(spec: ReaderSpec, part: Part, op: Op, *, within: bool, checked: bool) -> str:
    noun = part.noun
    linkage = "" if spec.dispatch == "switch" else "static "
    body = [
        f"{linkage}int {handler(part, op)}(struct reader *r, struct cursor *c)",
        "{",
        f"    struct {noun}_state *s = r->part[PART_{noun.upper()}];",
        f"    struct {noun}_{op.verb} q;",
        "    int e;",
    ]
    if spec.dispatch != "table":
        body += [f"    if (!(0x{op.phases:02x}u >> r->phase & 1u))", "        return E_STATE;"]
    guards = [f"s->mode != {op.mode}"] if op.mode >= 0 else []
    if op.nesting != "any":
        guards.append("r->depth" if op.nesting == "top" else "r->depth == 0")
    if guards:
        body += [f"    if ({' || '.join(guards)})", "        return E_STATE;"]
    body.append(f"    e = {noun}_read_{op.verb}({'s, ' if within else ''}r, c, &q);")
    if checked and not within:
        body += ["    if (e == OK)", f"        e = {noun}_check_{op.verb}(s, &q);"]
    body.append(f"    return e == OK ? {noun}_apply_{op.verb}(s, &q) : e;")
    return "\n".join([*body, "}"])


def _ways_in(spec: ReaderSpec, part: Part) -> list[str]:
    """Return how the records of a part are found, which hangs on the kind of dispatch."""
    if spec.dispatch == "table":
        rows = [
            f"    kinds[0x{op.code:02x}] = (struct kind){{{handler(part, op)}, 0x{op.phases:02x}}};" for op in part.ops
        ]
        return ["\n".join([f"void {part.noun}_kinds(struct kind *kinds)", "{", *rows, "}"])]
    if spec.dispatch == "routes":
        rows = [
            line
            for op in part.ops
            for line in (f"    case 0x{op.code:02x}:", f"        return {handler(part, op)}(r, c);")
        ]
        head = f"int {part.noun}_route(struct reader *r, uint32_t code, struct cursor *c)"
        return [
            "\n".join([head, "{", "    switch (code) {", *rows, "    default:", "        return -1;", "    }", "}"])
        ]
    return []


def _ends(part: Part, shown: int) -> str:
    noun, first = part.noun, part.measures[0].name
    last = part.measures[-1].name
    return "\n".join(
        [
            f"void *{noun}_open(void)",
            "{",
            f"    return calloc(1, sizeof(struct {noun}_state));",
            "}",
            "",
            f"uint32_t {noun}_report(struct reader *r)",
            "{",
            f"    const struct {noun}_state *s = r->part[PART_{noun.upper()}];",
            "    uint32_t digest = s->score;",
            f"    for (uint32_t slot = 0; slot < {shown}; slot++) {{",
            f"        uint32_t first = {noun}_{first}(s, slot), last = {noun}_{last}(s, slot);",
            "        if (first || last)",
            f'            printf("{noun} %u: {first} %u, {last} %u\\n", slot, first, last);',
            "        digest = turned(digest, 9) + (first ^ last);",
            "    }",
            "    if (s->live)",
            f'        printf("{noun}: %u kept\\n", s->live);',
            "    return digest;",
            "}",
        ]
    )
