"""How an item is drawn: candidates, until one has the difficulty of its level and mixes its words well enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.bytecode.effort import path
from trialplate.benchmark.families.reversing.bytecode.machine import REGISTERS, WIDTHS, Machine, Roll, Stream
from trialplate.benchmark.families.reversing.bytecode.programs import check_program, demo_program, sealed
from trialplate.benchmark.families.reversing.bytecode.spec import INNER_CODES, BytecodeSpec, Decoy, Part
from trialplate.benchmark.families.reversing.bytecode.stages import (
    Shuffle,
    Spread,
    Stage,
    Sweep,
    System,
    Term,
    Turn,
    Words,
    inverted,
    undone,
)
from trialplate.benchmark.families.reversing.bytecode.texts import texts
from trialplate.benchmark.primitives import Level, expert_time, primitives

_TRIES: Final = 300
_RANGES: Final = {Level.L2: (45, 175), Level.L3: (190, 540), Level.L4: (730, 3000)}
_L2_OPERATIONS: Final = range(10, 15)
_IMMEDIATES: Final = ("addi", "subi", "muli", "andi", "ori", "xori", "shli", "shri")
_MOST_IMMEDIATES: Final = {Level.L2: (0, 1), Level.L3: (2, 5), Level.L4: (4, 8)}


def drawn_spec(rng: Rng, level: Level) -> BytecodeSpec:
    """Return an item of a level.

    What is drawn before the candidates stays, so that a level's narrow range does not favor the tersest machines.

    Raises:
        ValueError: where no candidate fits, which no seed has shown yet.
    """
    kind = rng.pick(("register", "register", "accumulator", "stack"))
    # On L2 the operations of a call are too many beside those that the two other kinds need anyway.
    home = rng.pick(("inline", "routine")) if kind == "register" else "inline"
    for number in range(_TRIES):
        drawn = _candidate(rng.fork(f"candidate {number}"), level, kind, home)
        candidate = _numbered(drawn, rng.fork(f"codes {number}"))
        if _fits(candidate):
            return candidate
    raise ValueError("no candidate fits")


def _fits(spec: BytecodeSpec) -> bool:
    check, demo = check_program(spec), demo_program(spec)
    low, high = _RANGES[spec.level]
    if not low <= expert_time(path(spec), primitives()).minutes <= high:
        return False
    if spec.level == Level.L2 and len(check.used) not in _L2_OPERATIONS:
        return False
    return max(len(check.words), len(demo.words)) <= spec.machine.cells and mixes(spec)


def _candidate(rng: Rng, level: Level, kind: str, home: str) -> BytecodeSpec:
    machine = _machine(rng.fork("machine"), level, kind)
    parts = _parts(rng.fork("parts"), level, machine, home)
    count = machine.count
    return BytecodeSpec(
        level=level,
        machine=machine,
        parts=parts,
        fuse_at=rng.below(len(parts)) if level > Level.L2 else 0,
        fuse_op=rng.pick(("add", "xor", "sub") if level > Level.L2 else ("add", "xor")),
        decoys=_decoys(rng.fork("decoys"), level, machine, len(parts)),
        inner=rng.fork("inner").sample(range(256), INNER_CODES),
        scratch=tuple(rng.below(1 << machine.width) for _ in range(count)),
        main_first=rng.chance(50),
        texts=texts(rng.fork("texts")),
    )


def _numbered(spec: BytecodeSpec, rng: Rng) -> BytecodeSpec:
    """Return an item whose operations are those that its programs use, numbered; on L2, no others are features."""
    used = check_program(spec).used
    if spec.level == Level.L2:
        kept = tuple(feature for feature in spec.machine.features if feature in used)
        spec = replace(spec, machine=replace(spec.machine, features=kept))
    names = sorted(used | demo_program(spec).used)
    codes = tuple(zip(names, rng.sample(range(256), len(names)), strict=True))
    return replace(spec, machine=replace(spec.machine, codes=codes))


# ------------------------------------------------------------------------------------------------------------- machines


def _machine(rng: Rng, level: Level, kind: str) -> Machine:
    dropped = rng.pick(("xor", "sub", "")) if level > Level.L2 else "sub"
    arithmetic = [op for op in ("add", "sub", "mul", "and", "or", "xor", "shl", "shr") if op != dropped]
    arithmetic += ["rol"] if rng.chance(50) else []
    arithmetic += ["ldi"] if level > Level.L2 or rng.chance(15) else []
    immediates = rng.sample(_IMMEDIATES, rng.between(*_MOST_IMMEDIATES[level]))
    chosen = [op for op in immediates if op[:-1] != dropped]
    chosen += [op for op in ("inc", "dec", "not", "djnz") if rng.chance(50 if level > Level.L2 else 25)]
    scope = {Level.L2: "none", Level.L3: rng.pick(("none", "opcode", "opcode", "all"))}.get(
        level, rng.pick(("opcode", "all"))
    )
    return Machine(
        kind=kind,
        width=rng.pick(WIDTHS),
        addresses=rng.between(2, 3),
        features=(*arithmetic, *chosen),
        branch=rng.pick(("zero", "flag", "skip") if level > Level.L2 else ("zero", "zero", "flag", "skip")),
        packing=rng.pick(("bytes", "high", "low")),
        words=rng.pick(("little", "big", "leb")),
        targets=rng.pick(("absolute", "after", "start")),
        roll=Roll(scope=scope, factor=rng.below(128) * 2 + 1, offset=rng.below(256), shift=rng.between(2, 6)),
        stream=Stream(factor=rng.below(8192) * 4 + 1, step=rng.below(32768) * 2 + 1),
        order=rng.pick(("msb", "lsb")),
        first=rng.pick(("code", "data")),
        registers=rng.shuffled(range(REGISTERS)),
        magic=rng.octets(4).hex(),
        dispatch=rng.pick(("switch", "table", "goto")),
    )


# --------------------------------------------------------------------------------------------------------------- stages


def _parts(rng: Rng, level: Level, machine: Machine, home: str) -> tuple[Part, ...]:
    kinds = _kinds(rng.fork("kinds"), level)
    homes = [home] * len(kinds) if level == Level.L2 else _homes(rng.fork("homes"), level, kinds)
    return tuple(
        _part(rng.fork(f"part {at}"), level, machine, kind, home)
        for at, (kind, home) in enumerate(zip(kinds, homes, strict=True))
    )


def _kinds(rng: Rng, level: Level) -> tuple[str, ...]:
    match level:
        case Level.L2:
            return rng.pick((("sweep",), ("sweep", "sweep")))
        case Level.L3:
            middle = ("system", rng.pick(("spread", "shuffle", "sweep", "system")))
            return ("sweep", *rng.shuffled((*middle, "sweep")), *(("sweep",) if rng.chance(30) else ()))
        case _:
            fixed = ("system", "system", "spread", "sweep", "sweep", "sweep")
            more = tuple(rng.pick(("system", "spread", "shuffle", "sweep")) for _ in range(rng.between(2, 4)))
            return ("sweep", *rng.shuffled((*fixed, *more)), "sweep")


def _homes(rng: Rng, level: Level, kinds: Sequence[str]) -> list[str]:
    """Return how each stage is done; on L4 at least one sweep runs in another way than the code around it."""
    homes = ["inline" if level == Level.L3 and rng.chance(20) else "routine" for _ in kinds]
    if level == Level.L4:
        sweeps = rng.shuffled([at for at, kind in enumerate(kinds) if kind == "sweep"])
        special = rng.pick((("nested",), ("coroutines", "coroutines"), ("nested", "coroutines")))
        for at, home in zip(sweeps, special, strict=False):
            homes[at] = home
    return homes


def _part(rng: Rng, level: Level, machine: Machine, kind: str, home: str) -> Part:
    lanes = rng.between(2, 3) if home == "coroutines" else 1 + rng.chance(40)
    makers = {
        "sweep": lambda: _sweep(rng, level, machine, lanes),
        "system": lambda: _system(rng, level, machine),
        "spread": lambda: _spread(rng, machine),
        "shuffle": lambda: Shuffle(rng.shuffled(range(machine.count))),
    }
    stage: Stage = makers[kind]()
    sealed_home = level == Level.L4 and home != "inline" and rng.chance(55)
    return Part(
        stage=stage,
        home=home,
        helper=level > Level.L2 and home != "nested" and rng.chance(40),
        wrap=rng.pick(("sign", "table")) if level > Level.L2 else "table",
        key=rng.between(1, 0xFFFF) if sealed_home else 0,
    )


def _sweep(rng: Rng, level: Level, machine: Machine, lanes: int) -> Sweep:
    count = machine.count
    strides = [each for each in range(1, count) if _coprime(each, count)]
    rounds = rng.between(count, 2 * count) + (count if level == Level.L2 else 0)
    return Sweep(
        first=rng.below(count),
        stride=rng.pick(strides),
        rounds=rounds + -rounds % lanes,
        lanes=tuple(_lane(rng, level, machine) for _ in range(lanes)),
        table=rng.shuffled(range(32)),
    )


def _lane(rng: Rng, level: Level, machine: Machine) -> tuple[Turn, ...]:
    width = machine.width
    odd = rng.below(1 << (width - 3)) * 2 + (1 << (width - 2)) + 1
    neighbor = {"addp": odd, "mixp": odd + 2, "xorp": rng.between(1, width // 3), "lookp": 0}
    inside = {"fold": rng.between(width // 4, width // 2 + 1), "roll": rng.between(2, width - 2), "subst": 0, "spin": 0}
    plain = {act: rng.below(1 << (width - 2)) * 4 + 3 for act in ("mul", "add", "xor", "sub")}
    if level == Level.L2:
        neighbor.pop("lookp")
        inside = {act: inside[act] for act in ("fold", "roll") if act == "fold" or "rol" in machine.features}
        plain.pop("sub")
    chosen = [rng.pick(tuple(group.items())) for group in (neighbor, inside, plain)]
    every = [*neighbor.items(), *inside.items(), *plain.items()]
    if level > Level.L2:
        more = rng.between(0, 1) if level == Level.L3 else rng.between(1, 2)
        chosen += rng.sample([each for each in every if each not in chosen], more)
    return tuple(Turn(act, by) for act, by in rng.shuffled(chosen))


def _system(rng: Rng, level: Level, machine: Machine) -> System:
    count = machine.count
    rows: tuple[Words, ...] = ()
    while not rows or not _invertible(rows):
        rows = tuple(tuple(rng.below(1 << machine.width) for _ in range(count)) for _ in range(count))
    terms = tuple(
        Term(rng.pick(("mul", "and", "or")), one, other, rng.between(1, 2))
        for one, other in (rng.sample(range(count), 2) for _ in range(rng.between(2, 3) if level == Level.L4 else 0))
    )
    return System(rows, terms)


def _invertible(rows: Sequence[Words]) -> bool:
    try:
        return bool(inverted([sum((factor & 1) << at for at, factor in enumerate(row)) for row in rows]))
    except ValueError:
        return False


def _spread(rng: Rng, machine: Machine) -> Spread:
    while True:
        one, other = rng.sample(range(1, machine.count), 2)
        spread = Spread(one, other, (rng.between(1, machine.width - 1), rng.between(1, machine.width - 1)))
        try:
            undone(spread, (0,) * machine.count, machine.width)
        except ValueError:
            continue
        return spread


def _coprime(one: int, other: int) -> bool:
    while other:
        one, other = other, one % other
    return one == 1


def _decoys(rng: Rng, level: Level, machine: Machine, parts: int) -> tuple[Decoy, ...]:
    if level == Level.L2:
        return ()
    count = 2 if level == Level.L3 else rng.between(3, 4)
    found: list[Decoy] = []
    for number in range(count):
        own = rng.fork(f"decoy {number}")
        # A decoy works where it stands: only a sweep leaves its words in their place.
        part = _part(own, level, machine, "sweep", "routine")
        found.append(Decoy(part, own.below(parts) if number % 2 == 0 else -1))
    return tuple(found)


# --------------------------------------------------------------------------------------------------------------- mixing


def mixes(spec: BytecodeSpec) -> bool:
    """Say whether all words of the result hang on all bits that were tried, and neither by addition nor by bits alone.

    So the words before the last comparison tell nobody who watches them how one word or bit of a code goes on.
    """
    machine = spec.machine
    count, mask = machine.count, machine.mask
    base = tuple((0x2545F491 * (at + 3) >> 3) & mask for at in range(count))
    zero = (0,) * count

    def through(words: Words) -> Words:
        return sealed(spec, words, zero)

    start = through(base)
    for place in range(count):
        reached = [0] * count
        for bit in range(machine.width):
            changed = tuple(word ^ (1 << bit if at == place else 0) for at, word in enumerate(base))
            for at, (one, other) in enumerate(zip(start, through(changed), strict=True)):
                reached[at] |= one ^ other
        # Also the lowest bits must follow from others than themselves: more than half of all bits must have changed.
        if any(word.bit_count() * 2 < machine.width for word in reached):
            return False
    other = tuple(word * 7 + 1 & mask for word in base)
    by_bits = tuple(one ^ two for one, two in zip(base, other, strict=True))
    by_sums = tuple(one + two & mask for one, two in zip(base, other, strict=True))
    ends = [through(words) for words in (other, by_bits, by_sums, zero)]
    linear = tuple(one ^ two ^ four for one, two, four in zip(start, ends[0], ends[3], strict=True))
    additive = tuple(one + two - four & mask for one, two, four in zip(start, ends[0], ends[3], strict=True))
    return linear != ends[1] and additive != ends[2] and _lowest_hang_on_higher(spec, base)


def _lowest_hang_on_higher(spec: BytecodeSpec, base: Words) -> bool:
    """Say whether flipping upper halves changes lowest bits: otherwise a code could be found from its low bits up."""
    width = spec.machine.width
    zero = (0,) * len(base)
    start = sealed(spec, base, zero)
    changed = sealed(spec, tuple(word ^ 1 << (width - 1) for word in base), zero)
    return any((one ^ other) & 3 for one, other in zip(start, changed, strict=True))
