"""Assembles the C of a reader: the layers, the records, and one file for each part."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.families.discovery.reader.measures import measure_in_c
from trialplate.benchmark.families.discovery.reader.parts import ELSEWHERE, chosen, code, header
from trialplate.benchmark.families.discovery.reader.parts_in_c import handler, part_in_c
from trialplate.benchmark.families.discovery.reader.spec import Part, ReaderSpec, Sum
from trialplate.benchmark.family import Recipe

MARK: Final = 113
"""The exit status by which the judge's build says that the planted site was reached with broken bounds or lifetime."""

_FLAGS: Final = "-std=gnu11 -O1 -w -fstack-protector-strong -Wl,--build-id=none"
_MEMBER: Final[Mapping[str, str]] = {
    "version": "take_u8",
    "flags": "take_u16",
    "seed": "take_u32",
    "length": "take_u32",
}


@dataclass(frozen=True)
class Build:
    """Which of the item's programs: the twin's has the check, the judge's has the mark."""

    patched: bool = False
    judge: bool = False


@functools.lru_cache(maxsize=64)
def sources(spec: ReaderSpec, build: Build) -> tuple[tuple[str, bytes], ...]:
    """Return the C of a reader, file by file."""
    files = {
        "reader.h": _core("reader.h", _reader_values(spec, build)),
        "cursor.c": _core("cursor.c", {}),
        "layers.c": _layers(spec),
        "records.c": _records(spec),
        "main.c": _core("main.c", {"name": spec.name, "subject": spec.subject}),
    }
    for number, part in enumerate(spec.parts):
        files[f"{part.noun}.c"] = part_in_c(
            spec, part, choices_of(spec, number, build), judge=build.judge and number == spec.planted
        )
    return tuple((name, text.encode()) for name, text in sorted(files.items()))


def choices_of(spec: ReaderSpec, number: int, build: Build) -> dict[str, str]:
    """Return the choices that hold for a part in a build: in the twin the planted hazard has a safe form."""
    part = spec.parts[number]
    choices = dict(part.choices)
    if build.patched and number == spec.planted:
        choices[spec.hazard] = header(part.template).hazard(spec.hazard).forms[spec.seed % 2]
    return choices


def lines(spec: ReaderSpec) -> int:
    """Return how many lines of C an item has."""
    return sum(text.count(b"\n") for _, text in sources(spec, Build()))


def lines_to_read(spec: ReaderSpec) -> int:
    """Return how many lines must be read for memory errors: measures are dropped at a glance, since they only read."""
    measures = [
        measure_in_c(
            measure, part.noun, code(part.template, part.noun, choices_of(spec, at, Build()), judge=False).view
        )
        for at, part in enumerate(spec.parts)
        for measure in part.measures
    ]
    return lines(spec) - sum(text.count("\n") + 2 for text in measures)


def recipe(spec: ReaderSpec, build: Build) -> Recipe:
    """Return how a reader is compiled."""
    files = sources(spec, build)
    units = " ".join(name for name, _ in files if name.endswith(".c"))
    return Recipe(sources=files, command=f"gcc {_FLAGS} -o {spec.name} {units}", output=spec.name)


def decoys(spec: ReaderSpec) -> tuple[tuple[int, str], ...]:
    """Return the hazards, as part and name, that look unsafe where they stand and are safe."""
    return tuple(
        (number, name) for number, part in enumerate(spec.parts) for name, value in part.choices if value == ELSEWHERE
    )


# --------------------------------------------------------------------------------------------------------------- pieces


@functools.cache
def _text(name: str) -> str:
    return (
        resources.files("trialplate.benchmark.families.discovery.reader").joinpath(f"data/core/{name}.tmpl").read_text()
    )


def _core(name: str, values: Mapping[str, str | int], choices: Mapping[str, str] | None = None) -> str:
    kept = "\n".join(chosen(_text(name).splitlines(), choices or {}))
    return re.sub(r"\n{3,}", "\n\n", Template(kept).substitute(values)) + "\n"


def _piece(name: str, title: str, values: Mapping[str, str | int]) -> str:
    for piece in re.split(r"^== ", _text(name), flags=re.MULTILINE)[1:]:
        head, _, body = piece.partition("\n")
        if head == title:
            return Template(body).substitute(values).rstrip("\n")
    raise LookupError(f"{name} has no {title}")


def _reader_values(spec: ReaderSpec, build: Build) -> dict[str, str]:
    extra = f"#define MARKED {MARK}\n" if build.judge else ""
    if spec.dispatch == "table":
        extra += (
            "\nstruct reader;\nstruct cursor;\n\n"
            "struct kind {\n    int (*take)(struct reader *r, struct cursor *c);\n    uint32_t phases;\n};\n"
        )
    externs = list[str]()
    for part in spec.parts:
        externs += [f"/* {part.noun}.c */", f"void *{part.noun}_open(void);"]
        externs.append(f"uint32_t {part.noun}_report(struct reader *r);")
        if spec.dispatch == "table":
            externs.append(f"void {part.noun}_kinds(struct kind *kinds);")
        elif spec.dispatch == "routes":
            externs.append(f"int {part.noun}_route(struct reader *r, uint32_t code, struct cursor *c);")
        else:
            externs += [f"int {handler(part, op)}(struct reader *r, struct cursor *c);" for op in part.ops]
        externs.append("")
    return {
        "name": spec.name,
        "subject": spec.subject,
        "extra": extra,
        "part_ids": ", ".join([*(identity(part) for part in spec.parts), "PART_COUNT"]),
        "externs": "\n".join(externs),
    }


def identity(part: Part) -> str:
    """Return the constant by which a part is found."""
    return f"PART_{part.noun.upper()}"


def _sum_in_c(role: str, sum_: Sum) -> str:
    body = _piece("sums.c", sum_.name, {"start": sum_.start})
    return f"static uint32_t sum_{role}(const uint8_t *data, size_t size)\n{{\n{body}\n}}\n"


def _layers(spec: ReaderSpec) -> str:
    box = spec.container
    words = [*(["pages"] if box.page else []), box.framing, *(transform.name for transform in reversed(box.transforms))]
    sums = [_sum_in_c("header", box.header_sum), _sum_in_c("section", box.section_sum)]
    if box.page:
        sums.append(_sum_in_c("page", box.header_sum))
    undo, calls = list[str](), list[str]()
    for at, transform in enumerate(reversed(box.transforms)):
        body = _piece("undo.c", transform.name, {"n": transform.parameter})
        head = f"static int undo_{transform.name}(struct reader *r, uint32_t number, struct block *b)"
        undo.append(f"{head}\n{{\n    (void)r;\n    (void)number;\n{body}\n}}\n")
        call = f"undo_{transform.name}(r, number, &b)"
        calls.append(f"    e = {call};" if at == 0 else f"    if (e == OK)\n        e = {call};")
    section_sum = f"sum_section(data, size){' ^ r->seed' if box.salted else ''}"
    values: dict[str, str | int] = {
        "layer_words": ", ".join(words),
        "sums": "\n".join(sums),
        "undo": "\n".join(undo),
        "undo_calls": "\n".join(calls),
        "records_type": box.records_type,
        "notes_type": box.notes_type,
        "take_length": f"take_u32{box.order}" if box.lengths == "u32" else "take_varint",
        "section_sum": section_sum,
        "e": box.order,
        "magic": ", ".join(f"0x{octet:02x}" for octet in bytes.fromhex(box.magic)),
        "header_fields": "\n".join(_header_field(name, box.order) for name in box.header),
        "version": box.version,
        "mask": box.mask,
        "flags": box.flags,
        "page": box.page,
    }
    return _core("layers.c", values, {"framing": box.framing, "paged": "yes" if box.page else "no"})


def _header_field(name: str, order: str) -> str:
    take = _MEMBER[name] if name == "version" else _MEMBER[name] + order
    return f"    if ({take}(&c, &{name if name == 'length' else f'r->{name}'}))\n        return E_SHORT;"


def _records(spec: ReaderSpec) -> str:
    frame, order = spec.framing, spec.container.order
    edges = list[str]()
    for edge in spec.edges:
        edges.append(f"    case {edge.source} << 8 | {edge.to}:")
        conditions = [f"r->since < {edge.count}"] if edge.count > 1 else []
        if edge.modulus > 1:
            conditions.append(f"r->weight % {edge.modulus} != {edge.residue}")
        if conditions:
            edges += [f"        if ({' || '.join(conditions)})", "            return E_STATE;"]
        edges.append("        break;")
    values: dict[str, str | int] = {
        "tables": _tables(spec),
        "e": order,
        "edges": "\n".join(edges),
        "proof_turn": frame.proof_turn,
        "proof_mix": frame.proof_mix,
        "bundle_key": frame.bundle_key,
        "bundle_step": frame.bundle_step,
        "dispatch": _dispatch(spec),
        "tag_start": frame.tag_start,
        "tag_factor": frame.tag_factor,
        "turn": frame.turn,
        "tally_factor": frame.tally_factor,
        "take_length": f"take_u16{order}" if frame.lengths == "u16" else "take_varint",
        "opens": "\n".join(
            f"    if (!(r->part[{identity(part)}] = {part.noun}_open()))\n        return E_MEMORY;"
            for part in spec.parts
        ),
        "reports": "\n".join(f"    digest = turned(digest, 5) ^ {part.noun}_report(r);" for part in spec.parts),
    }
    return _core("records.c", values, {"tag": str(frame.tag), "bundles": "yes" if bundles(spec) else "no"})


def bundles(spec: ReaderSpec) -> bool:
    """Say whether records can stand in bundles."""
    return any(op.nesting != "any" for part in spec.parts for op in part.ops)


def _tables(spec: ReaderSpec) -> str:
    if spec.dispatch == "table":
        return "static struct kind kinds[256];\n"
    if spec.dispatch == "routes":
        routes = "\n".join(f"    {part.noun}_route," for part in spec.parts)
        kind = "static int (*const routes[])(struct reader *r, uint32_t code, struct cursor *c)"
        return f"{kind} = {{\n{routes}\n}};\n"
    return ""


def _dispatch(spec: ReaderSpec) -> str:
    frame = spec.framing
    fixed = [(frame.note, "note"), (frame.stash, "stash"), (frame.stage, "stage"), (frame.end, "end")]
    if bundles(spec):
        fixed.append((frame.bundle, "bundle"))
    body = ["    switch (code) {"]
    for number, name in sorted(fixed):
        body += [f"    case 0x{number:02x}:", f"        return {name}(r, c);"]
    if spec.dispatch == "switch":
        for part in spec.parts:
            for op in part.ops:
                body += [f"    case 0x{op.code:02x}:", f"        return {handler(part, op)}(r, c);"]
        body += ["    default:", "        return E_KIND;", "    }"]
    else:
        body += ["    default:", "        break;", "    }", *_fallback(spec)]
    head = "static int dispatch(struct reader *r, uint32_t code, struct cursor *c)"
    return "\n".join([head, "{", *body, "}"])


def _fallback(spec: ReaderSpec) -> Sequence[str]:
    if spec.dispatch == "routes":
        return (
            "    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {",
            "        int e = routes[i](r, code, c);",
            "        if (e >= 0)",
            "            return e;",
            "    }",
            "    return E_KIND;",
        )
    fill = [f"        {part.noun}_kinds(kinds);" for part in spec.parts]
    return (
        "    static int filled;",
        "    if (!filled) {",
        *fill,
        "        filled = 1;",
        "    }",
        "    if (!kinds[code].take)",
        "        return E_KIND;",
        "    if (!(kinds[code].phases >> r->phase & 1u))",
        "        return E_STATE;",
        "    return kinds[code].take(r, c);",
    )
