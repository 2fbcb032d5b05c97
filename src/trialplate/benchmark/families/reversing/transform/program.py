"""The sealing program in C: the pieces of a spec put together, and how they are compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.families.reversing.transform.armor import ODD_BASES
from trialplate.benchmark.families.reversing.transform.kinds import listing
from trialplate.benchmark.families.reversing.transform.model import KINDS
from trialplate.benchmark.families.reversing.transform.schedule import wide_numbers
from trialplate.benchmark.families.reversing.transform.spec import MOST, Armor, Part, Shape, Transform, TransformSpec
from trialplate.benchmark.family import Recipe

_SKIP: Final = 0x40
_STATUS: Final = "status"
_CODE: Final = "code"
_WATCHES: Final = {"status": "traced", "trap": "swallowed", "code": "patched"}
_NEVER: Final = {
    "product": "g * (g + 1) & 1",
    "square": "(g | 1) * (g | 1) % 8 != 1",
    "curve": "7 * g * g - 1 == h * h",
    "key": "sum == {wrong}u",
}
"""Conditions that never hold, for every value of `g` and `h` or for this master key's `sum`."""
GUARDS: Final = tuple(_NEVER)


@cache
def _template(path: str) -> Template:
    folder = resources.files("trialplate.benchmark.families.reversing.transform").joinpath("data")
    return Template(folder.joinpath(f"{path}.tmpl").read_text())


def _filled(path: str, holes: Mapping[str, object]) -> str:
    return _template(path).substitute(holes)


def recipe(spec: TransformSpec) -> Recipe:
    """Return how the program is made: compiled, stripped, and given the checksum of its code where it checks that."""
    flags = f"-O{spec.shape.optimize} -w -fno-strict-aliasing -fno-stack-protector -fcf-protection=none -fno-ident"
    command = f"gcc {flags} -s -Wl,--build-id=none -o out main.c"
    sources = [("main.c", source(spec).encode())]
    if _CODE in spec.shape.watches:
        sources.append(("patch.py", _filled("patch.py", _code_holes(spec)).encode()))
        command += " && python3 patch.py"
    return Recipe(sources=tuple(sources), command=command, output="out")


def source(spec: TransformSpec) -> str:
    """Return the program's source."""
    transform, shape = spec.transform, spec.shape
    hidden: list[str] = []

    def words(text: str) -> str:
        return _hidden(text, shape, hidden) if shape.hidden else '"' + text + '"'

    hold = f"static __attribute__((noinline{_section(spec)}))"
    master = bytes.fromhex(transform.master)
    factor, offset = shape.veil
    masked = bytes(value ^ (at * factor + offset & 255) for at, value in enumerate(master))
    wrong = (sum(master) + shape.bait % 251 + 1) & 0xFFFF
    order = "be" if transform.header.big else "le"
    magic = bytes.fromhex(transform.header.magic)
    holes = {
        "most": MOST,
        "gate": shape.bait,
        "other": shape.bait ^ 0x5A5A_1234,
        "size": len(master),
        "stored": listing(masked if shape.hidden else master),
        "unmasked": f"stored[i] ^ (uint8_t)(i * {factor} + {offset})" if shape.hidden else "stored[i]",
        "shuffle0": transform.shuffle[0],
        "shuffle1": transform.shuffle[1],
        "random": _random(shape, words),
        "schedule": _filled(
            f"schedules/{transform.schedule.kind}.c",
            {**wide_numbers(transform.schedule), "hold": hold, "result": _result(transform.schedule)},
        ),
        "tag": _filled(f"tags/{transform.tag.kind}.c", {**dict(transform.tag.numbers), "hold": hold}),
        "stages": "".join(_stage(part, f"stage_{at}", hold) for at, part in enumerate(_parts(spec))),
        "watches": _watches(spec, words),
        "dispatch": _dispatch(spec, wrong),
        "armor": _armor(transform.armor, hold),
        "magic": listing(magic),
        "magic_size": len(magic),
        "filler": transform.filler,
        "nonce": transform.header.nonce,
        "absorbs": _absorbs(transform),
        "fields": "\n".join(_field(name, transform, order) for name in transform.header.fields),
        "usage": words(f"usage: {spec.tool} INPUT OUTPUT"),
        "unreadable": words("cannot read the input"),
        "unwritable": words("cannot write the output"),
        "large": words("the input is too large"),
    }
    # Whoever asks for words adds to the hidden ones, so they come last.
    return _filled("main.c", {**holes, "hidden": "\n".join(hidden)})


def _hidden(text: str, shape: Shape, hidden: list[str]) -> str:
    """Return the expression for a string that is kept encoded, and add what it needs."""
    factor, offset = shape.veil
    if not hidden:
        hidden.append(
            "static __attribute__((noinline)) char *shown(const uint8_t *s, uint32_t n)\n{\n"
            "    static char text[8][64];\n    static int turn;\n    char *to = text[turn++ & 7];\n"
            f"    for (uint32_t i = 0; i < n; i++)\n        to[i] = s[i] ^ (uint8_t)(i * {offset} + {factor});\n"
            "    to[n] = 0;\n    return to;\n}"
        )
    coded = bytes(value ^ (at * offset + factor & 255) for at, value in enumerate(text.encode()))
    name = f"h{len(hidden)}"
    hidden.append(f"static const uint8_t {name}[] = {{{listing(coded)}}};")
    return f"shown({name}, {len(coded)})"


def _section(spec: TransformSpec) -> str:
    return f', section("{spec.tool}_")' if _CODE in spec.shape.watches else ""


def _parts(spec: TransformSpec) -> tuple[Part, ...]:
    return (*spec.transform.stages, *spec.shape.decoys)


def _stage(part: Part, name: str, hold: str) -> str:
    inline = "static inline __attribute__((always_inline))" if part.inline else hold
    kind = KINDS[part.kind]
    return _filled(f"stages/{part.kind}.c", {**dict(part.numbers), **kind.holes(part), "name": name, "inline": inline})


def _result(schedule: Part) -> str:
    if schedule.kind != "four":
        return ""
    return ("q[0] ^ q[2]", "q[1] + q[3]", "q[0] + ROTL(q[3], 16)")[schedule["out"]]


def _random(shape: Shape, words: Callable[[str], str]) -> str:
    if shape.source == "call":
        return f"    if (getrandom(to, n, 0) != (ssize_t)n)\n        fail({words('no randomness')});"
    return (
        f"    int f = open({words('/dev/urandom')}, O_RDONLY);\n    if (f < 0 || read(f, to, n) != (ssize_t)n)\n"
        f"        fail({words('no randomness')});\n    close(f);"
    )


def _absorbs(transform: Transform) -> str:
    places = {
        "master": ("master", len(transform.master) // 2),
        "nonce": ("nonce", transform.header.nonce),
        "length": ("parts", 4),
        "tag": ("parts + 4", 4),
    }
    rows = (places[name] for name in transform.order)
    return "\n".join(f"    for (int i = 0; i < {size}; i++)\n        absorb(({at})[i]);" for at, size in rows)


def _field(name: str, transform: Transform, order: str) -> str:
    if name == "nonce":
        size = transform.header.nonce
        return f"    memcpy(head + at, nonce, {size}), at += {size};"
    value = {"length": "size", "tag": "tag", "check": "check"}[name]
    return f"    store_{order}(head + at, {value}), at += 4;"


def _code_holes(spec: TransformSpec) -> dict[str, object]:
    bait = spec.shape.bait
    return {
        "section": f"{spec.tool}_",
        "mark": bait ^ 0x1357_9BDF,
        "start": bait >> 3,
        "factor": bait | 0x0101_0003,
    }


def _watches(spec: TransformSpec, words: Callable[[str], str]) -> str:
    """Return the checks and `watch`, which notes that one of them struck."""
    holes: dict[str, object] = {**_code_holes(spec)}
    if _STATUS in spec.shape.watches:
        holes |= {"status": words("/proc/self/status"), "tracer": words("TracerPid:")}
    checks = "".join(_filled(f"watch_{watch}.c", holes) for watch in spec.shape.watches)
    calls = "".join(
        f"    if ({_WATCHES[watch]}())\n        taint ^= {spec.shape.bait >> at}u;\n"
        for at, watch in enumerate(spec.shape.watches)
    )
    return f"{checks}static void watch(void)\n{{\n{calls}}}\n"


def _guarded(spec: TransformSpec, decoy: int, wrong: int) -> str:
    """Return a decoy's call behind its condition."""
    condition = _NEVER[spec.shape.guards[decoy]].format(wrong=wrong)
    return f"    if ({condition})\n        stage_{len(spec.transform.stages) + decoy}(b, n);\n"


_LOCALS: Final = (
    "    uint32_t g = gate, h = other, sum = 0;\n"
    "    for (uint32_t i = 0; i < sizeof master; i++)\n        sum += master[i];\n"
)


def _dispatch(spec: TransformSpec, wrong: int) -> str:
    """Return `run`, which does the stages in order."""
    real, decoys = len(spec.transform.stages), len(spec.shape.decoys)
    match spec.shape.dispatch:
        case "direct":
            steps = "".join(
                f"    stage_{at}(b, n);\n" + (_guarded(spec, at, wrong) if at < decoys else "") for at in range(real)
            )
            return f"static __attribute__((noinline)) void run(uint8_t *b, uint32_t n)\n{{\n{_LOCALS}{steps}}}\n"
        case "nested":
            return _nested(spec, wrong)
        case _:
            return _planned(spec)


def _nested(spec: TransformSpec, wrong: int) -> str:
    real, decoys = len(spec.transform.stages), len(spec.shape.decoys)
    pieces: list[str] = []
    for at in reversed(range(real)):
        guard = _guarded(spec, at, wrong) if at < decoys else ""
        following = f"    step_{at + 1}(b, n);\n" if at + 1 < real else ""
        pieces.append(
            f"static __attribute__((noinline)) void step_{at}(uint8_t *b, uint32_t n)\n{{\n{_LOCALS if guard else ''}"
            f"    stage_{at}(b, n);\n{guard}{following}}}\n"
        )
    return "".join(pieces) + "static void run(uint8_t *b, uint32_t n)\n{\n    step_0(b, n);\n}\n"


def _planned(spec: TransformSpec) -> str:
    """Return `run` as a loop over a plan of numbers of stages, some marked to be left out, encoded by the key."""
    real, slots = len(spec.transform.stages), spec.shape.slots
    master = bytes.fromhex(spec.transform.master)
    plan: list[int] = []
    for at in range(real):
        plan.append(slots[at])
        plan += [slots[real + at] | _SKIP] if at < len(spec.shape.decoys) else []
    coded = [value ^ (master[at % len(master)] if spec.shape.hidden else 0) for at, value in enumerate(plan)]
    key = f" ^ (master[i % {len(master)}] ^ (uint8_t)(taint >> 8 * (i % {len(master)} & 3)))"
    table = f"static const uint8_t plan[] = {{{listing(coded)}}};\n"
    count = len(slots)
    placed = sorted(range(count), key=lambda stage: slots[stage])
    if spec.shape.dispatch == "pointers":
        acts = ", ".join(f"stage_{stage}" for stage in placed)
        table += f"static void (*const acts[])(uint8_t *, uint32_t) = {{{acts}}};\n"
        act = "acts[v](b, n);"
    else:
        cases = " ".join(f"case {slot}: stage_{stage}(b, n); break;" for slot, stage in enumerate(placed))
        act = f"switch (v) {{ {cases} }}"
    return (
        f"{table}static __attribute__((noinline)) void run(uint8_t *b, uint32_t n)\n{{\n"
        f"    for (uint32_t i = 0; i < sizeof plan; i++) {{\n"
        f"        uint8_t v = plan[i]{key if spec.shape.hidden else ''};\n"
        f"        if (v & {_SKIP})\n            continue;\n        {act}\n    }}\n}}\n"
    )


def _armor(armor: Armor, hold: str) -> str:
    holes: dict[str, object] = {"hold": hold, "line": armor.line, "signs": listing(armor.alphabet.encode())}
    if not armor.base:
        return _filled("armor_none.c", holes)
    if armor.base in ODD_BASES:
        low = armor.low_first
        return _filled("armor_wide.c", {**holes, "base": armor.base, "low": int(low)})
    bits = armor.base.bit_length() - 1
    if armor.low_first:
        take = "held |= (uint32_t)b[i] << count;"
        give = f"line[at++] = signs[held & {armor.base - 1}];\n            held >>= {bits};"
        rest = f"held & {armor.base - 1}"
    else:
        take = "held = held << 8 | b[i];"
        give = f"line[at++] = signs[held >> count & {armor.base - 1}];"
        rest = f"held << ({bits} - count) & {armor.base - 1}"
    return _filled("armor_bits.c", {**holes, "bits": bits, "take": take, "give": give, "rest": rest})
