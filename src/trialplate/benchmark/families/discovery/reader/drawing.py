"""Draws a reader: everything that its C, its files and its work order hang on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.discovery.reader.layers import SUMS, TRANSFORMS
from trialplate.benchmark.families.discovery.reader.measures import draw_measure
from trialplate.benchmark.families.discovery.reader.parts import BUG, ELSEWHERE, PARTS, header
from trialplate.benchmark.families.discovery.reader.spec import (
    Container,
    Edge,
    Field,
    Framing,
    Op,
    Part,
    ReaderSpec,
    Relation,
    Sum,
    Transform,
)
from trialplate.benchmark.primitives import Level

SUBJECTS: Final = (
    "survey archives",
    "print jobs",
    "flight recorders",
    "store inventories",
    "score sheets",
    "sensor logs",
    "map updates",
    "layout exchanges",
    "shift reports",
    "exhibit catalogs",
)
ENCODINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "slot": ("u8", "varint"),
    "n8": ("u8", "varint"),
    "n16": ("u16le", "u16be", "varint"),
    "n24": ("u24le", "u24be", "varint"),
    "n32": ("u32le", "u32be", "varint"),
    "s16": ("i16le", "i16be", "zigzag"),
    "flag": ("u8", "letter"),
}
BYTES: Final = ("rest", "len16le", "len16be", "lenvar")
STASHED: Final = (*BYTES, "stash")
_GENERIC: Final = (("tune", (("to", "n8"),)), ("assay", (("slot", "n8"), ("which", "n8"))))


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """How much there is of everything at a level, each as (fewest, most)."""

    parts: tuple[int, int]
    phases: tuple[int, int]
    transforms: tuple[int, int]
    tags: tuple[int, ...]
    modes: tuple[int, int]
    measures: tuple[int, int]
    paged: int
    bundles: int
    relations: int
    stashes: bool


_SCALES: Final[Mapping[int, _Scale]] = {
    Level.L2: _Scale(
        parts=(1, 1),
        phases=(1, 1),
        transforms=(0, 1),
        tags=(1, 2),
        modes=(1, 2),
        measures=(1, 2),
        paged=0,
        bundles=0,
        relations=0,
        stashes=False,
    ),
    Level.L3: _Scale(
        parts=(5, 6),
        phases=(3, 4),
        transforms=(1, 2),
        tags=(1, 2),
        modes=(1, 3),
        measures=(3, 4),
        paged=25,
        bundles=50,
        relations=30,
        stashes=True,
    ),
    Level.L4: _Scale(
        parts=(15, 16),
        phases=(5, 6),
        transforms=(2, 3),
        tags=(2,),
        modes=(2, 4),
        measures=(4, 6),
        paged=100,
        bundles=100,
        relations=55,
        stashes=True,
    ),
}


def draw_reader(rng: Rng, level: Level) -> ReaderSpec:
    """Draw a reader of a level."""
    scale = _SCALES[level]
    phases = rng.fork("phases").between(*scale.phases)
    edges = _edges(rng.fork("edges"), phases)
    drawn = rng.fork("templates")
    templates, planted, hazard = _templates(drawn, level, drawn.between(*scale.parts))
    bundled = rng.fork("bundled").chance(scale.bundles)
    codes = iter(rng.fork("codes").shuffled(range(1, 255)))
    container = _container(rng.fork("container"), scale)
    # A small reader has a transform or a tag, not both.
    tags = (0,) if level == Level.L2 and container.transforms else scale.tags
    framing = _framing(rng.fork("framing"), tags, codes)
    nouns = iter(_nouns(rng.fork("nouns"), templates))
    parts = tuple(
        _part(
            rng.fork(f"part/{number}"),
            template,
            next(nouns),
            scale,
            codes,
            phases=phases,
            hazard=hazard if number == planted else "",
            far=_farthest(edges),
            bundled=bundled,
        )
        for number, template in enumerate(templates)
    )
    wording = rng.fork("wording")
    return ReaderSpec(
        level=level,
        name=wording.word(2),
        subject=wording.pick(SUBJECTS),
        dispatch=rng.fork("dispatch").pick(("table", "switch", "routes")),
        container=container,
        framing=framing,
        phases=phases,
        edges=edges,
        parts=parts,
        planted=planted,
        hazard=hazard,
        judge=wording.pick(("intake", "hopper", "receiving", "counter")),
        protocol=rng.fork("protocol").pick(("http", "stream")),
        port=wording.between(8100, 8900),
        seed=wording.between(1, 0xFFFFFFFF),
        wording=wording.below(1 << 16),
    )


def _nouns(rng: Rng, templates: Sequence[str]) -> list[str]:
    return [rng.pick(header(template).nouns) for template in templates]


def _templates(rng: Rng, level: Level, count: int) -> tuple[tuple[str, ...], int, str]:
    """Draw which parts there are, which of them has the weakness, and which of its hazards is the one."""
    offered = [(part, hazard.name) for part in PARTS for hazard in header(part).hazards if level in hazard.levels]
    weak, hazard = rng.pick(offered)
    others = rng.sample([part for part in PARTS if part != weak], count - 1)
    templates = rng.shuffled((weak, *others))
    return templates, templates.index(weak), hazard


def _edges(rng: Rng, phases: int) -> tuple[Edge, ...]:
    """Draw a ring through all phases, and shortcuts across it."""
    ring = (0, *rng.shuffled(range(1, phases)))
    pairs = [(ring[at], ring[(at + 1) % phases]) for at in range(phases)]
    others = [(a, b) for a in range(phases) for b in range(phases) if a != b and (a, b) not in pairs]
    if others and phases > 1:
        pairs += rng.sample(others, min(len(others), phases - 2))
    edges = list[Edge]()
    for source, to in pairs:
        modulus = rng.between(5, 61) if rng.chance(50) else 1
        edges.append(Edge(source, to, rng.between(1, 5), modulus, rng.below(modulus)))
    return tuple(edges)


def distances(edges: Iterable[Edge]) -> dict[int, int]:
    """Return how many changes each phase is away from the first."""
    steps, waiting = {0: 0}, deque([0])
    known = list(edges)
    while waiting:
        here = waiting.popleft()
        for edge in known:
            if edge.source == here and edge.to not in steps:
                steps[edge.to] = steps[here] + 1
                waiting.append(edge.to)
    return steps


def _farthest(edges: Sequence[Edge]) -> int:
    steps = distances(edges)
    return max(steps, key=lambda phase: (steps[phase], phase))


def _part(  # noqa: PLR0913 what a part consists of
    rng: Rng,
    template: str,
    noun: str,
    scale: _Scale,
    codes: Iterator[int],
    *,
    phases: int,
    hazard: str,
    far: int,
    bundled: bool,
) -> Part:
    offered = header(template)
    choices = {name: rng.pick(values) for name, values in offered.choices}
    for each in offered.hazards:
        choices[each.name] = ELSEWHERE if ELSEWHERE in each.forms and rng.chance(65) else rng.pick(each.forms)
    if hazard and all(choices[each.name] != ELSEWHERE for each in offered.hazards if each.name != hazard):
        choices |= {each.name: ELSEWHERE for each in offered.hazards}
    if hazard:
        choices |= {hazard: BUG, **dict(offered.hazard(hazard).needs)}
    modes = rng.between(*scale.modes)
    mask = sum(1 << phase for phase in rng.sample(range(phases), max(1, phases - rng.below(3))))
    last = offered.scripts[hazard][-1].split() if hazard else []
    final = next((word for word in last if word in {role for role, *_ in offered.operations}), "")
    ops = list[Op]()
    signatures = [(role, verbs, fields) for role, verbs, optional, fields in offered.operations if _kept(rng, optional)]
    generic = [(role, (role,), fields) for role, fields in _GENERIC if role != "tune" or modes > 1]
    for role, verbs, fields in (*signatures, *generic):
        deep = role == final
        ops.append(
            Op(
                role=role,
                verb=rng.pick(verbs),
                code=next(codes),
                phases=1 << far if deep else mask | (1 << rng.below(phases)),
                mode=rng.below(modes) if modes > 1 and role != "tune" and (deep or rng.chance(30)) else -1,
                nesting=_nesting(rng, bundled=bundled, deep=deep),
                fields=(drawn := _fields(rng, fields, scale)),
                relations=_relations(rng, drawn, scale, sure=deep),
            )
        )
    return Part(
        template=template,
        noun=noun,
        params=tuple((param.name, rng.between(param.low, param.high)) for param in offered.params),
        choices=tuple(sorted(choices.items())),
        modes=modes,
        checks=rng.pick(("handler", "read")),
        ops=_distinct(ops),
        measures=tuple(draw_measure(rng, number) for number in range(rng.between(*scale.measures))),
    )


def _distinct(ops: Sequence[Op]) -> tuple[Op, ...]:
    """Return operations whose verbs are all different: where two share one, both are called by their roles."""
    verbs = [op.verb for op in ops]
    return tuple(replace(op, verb=op.role) if verbs.count(op.verb) > 1 else op for op in ops)


def _kept(rng: Rng, optional: bool) -> bool:  # noqa: FBT001 the one thing it is about
    return not optional or rng.chance(75)


def _nesting(rng: Rng, *, bundled: bool, deep: bool) -> str:
    if not bundled:
        return "any"
    return "bundle" if deep else rng.pick(("any", "any", "any", "top", "bundle"))


def _fields(rng: Rng, fields: Sequence[tuple[str, str]], scale: _Scale) -> tuple[Field, ...]:
    drawn = [
        Field(
            name, kind, rng.pick(STASHED if scale.stashes else BYTES) if kind == "bytes" else rng.pick(ENCODINGS[kind])
        )
        for name, kind in rng.shuffled(fields)
    ]
    return tuple(sorted(drawn, key=lambda field: field.encoding == "rest"))


def _relations(rng: Rng, fields: Sequence[Field], scale: _Scale, *, sure: bool) -> tuple[Relation, ...]:
    if not sure and not rng.chance(scale.relations):
        return ()
    width = rng.pick((1, 2))
    names = ["size" if field.kind == "bytes" else field.name for field in fields]
    most = len(fields) - 1 if fields[-1].encoding == "rest" else len(fields)
    factors = tuple((name, rng.between(1, 61)) for name in rng.sample(names, rng.between(1, len(names))))
    return (Relation(rng.between(0, most), width, rng.below(1 << 8 * width), factors),)


def _container(rng: Rng, scale: _Scale) -> Container:
    count = rng.between(*scale.transforms)
    # One algorithm is enough where there is little time.
    sums = [rng.pick(tuple(SUMS)), rng.pick(tuple(SUMS))] if scale.stashes else [rng.pick(tuple(SUMS))] * 2
    transforms = [Transform(name, rng.between(*TRANSFORMS[name][1])) for name in rng.sample(tuple(TRANSFORMS), count)]
    mask = rng.between(1, 0xFFFF)
    records, notes = rng.sample(range(1, 250), 2)
    return Container(
        magic=rng.octets(4).hex(),
        order=rng.pick(("le", "be")),
        header=rng.shuffled(("version", "flags", "seed", "length")),
        version=rng.between(1, 9),
        mask=mask,
        flags=mask & rng.below(1 << 16),
        header_sum=Sum(sums[0], rng.between(1, 0xFFFF)),
        section_sum=Sum(sums[1], rng.between(1, 0xFFFF)),
        salted=rng.chance(50),
        framing=rng.pick(("chunks", "directory")),
        lengths=rng.pick(("u32", "varint")),
        page=rng.pick((128, 192, 256, 320)) if rng.chance(scale.paged) else 0,
        records_type=records,
        notes_type=notes,
        transforms=tuple(transforms),
    )


def _framing(rng: Rng, tags: Sequence[int], codes: Iterator[int]) -> Framing:
    note, stash, stage, bundle, end = (next(codes) for _ in range(5))
    return Framing(
        lengths=rng.pick(("u16", "varint")),
        tag=rng.pick(tags),
        tag_start=rng.between(1, 0xFFFFFFFF),
        tag_factor=2 * rng.between(10, 40000) + 1,
        turn=rng.between(3, 29),
        tally_factor=2 * rng.between(10, 40000) + 1,
        proof_turn=rng.between(3, 29),
        proof_mix=rng.between(1, 0xFFFFFFFF),
        bundle_key=rng.between(1, 255),
        bundle_step=2 * rng.between(0, 40) + 1,
        note=note,
        stash=stash,
        stage=stage,
        bundle=bundle,
        end=end,
    )
