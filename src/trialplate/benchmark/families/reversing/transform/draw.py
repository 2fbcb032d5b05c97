"""Draws an item: which stages in which order, how the program does them, and what is around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform import texts
from trialplate.benchmark.families.reversing.transform.armor import NO_ARMOR, draw_armor
from trialplate.benchmark.families.reversing.transform.kinds import odd
from trialplate.benchmark.families.reversing.transform.model import KINDS, LOST
from trialplate.benchmark.families.reversing.transform.program import GUARDS
from trialplate.benchmark.families.reversing.transform.schedule import draw_schedule, draw_tag
from trialplate.benchmark.families.reversing.transform.spec import (
    Header,
    Part,
    Shape,
    Transform,
    TransformSpec,
)
from trialplate.benchmark.primitives import Level

_SPREADING: Final = tuple(name for name, kind in KINDS.items() if kind.spreads and not kind.known)
_KNOWN: Final = tuple(name for name, kind in KINDS.items() if kind.known)
_SOLVED: Final = tuple(name for name, kind in KINDS.items() if kind.solved)
_LOCAL: Final = tuple(name for name, kind in KINDS.items() if not (kind.spreads or kind.known or kind.solved))
_FOLDERS: Final = (
    "/home/agent/work",
    "/home/agent/case",
    "/home/agent",
    "/srv/incoming",
    "/srv/archive",
    "/var/lib/depot",
)


def draw_spec(rng: Rng, level: Level) -> TransformSpec:
    """Draw an item of level 1 to 3."""
    transform = _draw_transform(rng.fork("transform"), level)
    around = rng.fork("around")
    lines = texts.draw_lines(around)
    return TransformSpec(
        level=level,
        transform=transform,
        shape=_draw_shape(rng.fork("shape"), level, transform.stages),
        tool=around.word(),
        folder=around.pick(_FOLDERS),
        document=around.pick(texts.DOCUMENTS),
        label=around.pick(texts.LABELS),
        lines=lines,
        place=around.between(1, len(lines)),
        asker=around.pick(texts.ASKERS),
        phrasing=around.below(texts.PHRASINGS),
    )


def _draw_kinds(rng: Rng, level: Level) -> tuple[tuple[str, ...], bool]:
    """Draw the kinds of stages in order, and whether the result is written in an alphabet."""
    if level is Level.L1:
        return (rng.pick(_SPREADING),), False
    armor = rng.chance(60)
    if level is Level.L2:
        count, known, solved = rng.between(3, 4) - armor, 1, 0
    else:
        count, known, solved = rng.between(6, 8) - armor, 2, 1
    kinds = [rng.pick(_SPREADING), *rng.sample(_KNOWN, known), *rng.sample(_SOLVED, solved)]
    rest = rng.sample(_LOCAL, max(0, min(count - len(kinds), len(_LOCAL))))
    return rng.shuffled((*kinds, *rest)), armor


def _draw_part(rng: Rng, kind: str, *, inline: bool) -> Part:
    part = KINDS[kind].draw(rng)
    return Part(part.kind, part.numbers, part.table, inline)


def _draw_transform(rng: Rng, level: Level) -> Transform:
    kinds, armor = _draw_kinds(rng.fork("kinds"), level)
    fields = ("nonce", "length", "tag", *(("check",) if LOST in kinds else ()))
    constants = rng.fork("constants")
    return Transform(
        master=rng.fork("master").octets(constants.pick((16, 20, 24, 32))).hex(),
        schedule=draw_schedule(rng.fork("schedule")),
        order=constants.shuffled(("master", "nonce", "length", "tag")),
        tag=draw_tag(rng.fork("tag")),
        filler=constants.below(256),
        header=Header(
            magic=constants.octets(4).hex(),
            nonce=constants.pick((8, 12, 16)),
            fields=constants.shuffled(fields),
            big=constants.chance(50),
        ),
        shuffle=(odd(constants) | 5, constants.below(1 << 31) * 2 + 1),
        stages=tuple(
            _draw_part(rng.fork(f"stage {at}"), kind, inline=constants.chance(40)) for at, kind in enumerate(kinds)
        ),
        armor=draw_armor(rng.fork("armor")) if armor else NO_ARMOR,
    )


def _draw_shape(rng: Rng, level: Level, stages: Sequence[Part]) -> Shape:
    used = {stage.kind for stage in stages}
    decoys: tuple[Part, ...] = ()
    watches: tuple[str, ...] = ()
    if level > Level.L1:
        spare = [kind for kind in KINDS if kind not in used and kind != LOST]
        count = rng.between(2, 3) if level is Level.L2 else rng.between(3, 5)
        decoys = tuple(
            _draw_part(rng.fork(f"decoy {at}"), kind, inline=rng.chance(30))
            for at, kind in enumerate(rng.sample(spare, count))
        )
    if level > Level.L2:
        watches = rng.sample(("status", "trap", "code"), rng.between(2, 3))
    dispatch = rng.pick(("direct", "nested", "pointers", "switch"))
    return Shape(
        dispatch=dispatch,
        optimize=rng.between(1, 2),
        source=rng.pick(("call", "device")),
        decoys=decoys,
        slots=rng.shuffled(range(len(stages) + len(decoys))),
        guards=tuple(rng.pick(GUARDS) for _ in decoys) if dispatch in {"direct", "nested"} else (),
        hidden=level > Level.L1,
        veil=(rng.below(128) * 2 + 1, rng.below(128) * 2 + 1),
        watches=watches,
        bait=rng.below(1 << 31) | 1 << 30,
    )
