"""The source of a machine's interpreter, in C."""

from __future__ import annotations

from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.families.reversing.bytecode.machine import (
    ARITHMETIC,
    CALLS,
    CONTEXTS,
    JUMP_BYTES,
    REGISTERS,
    STACK,
    STEPS,
    UNARY,
    Machine,
    operands,
)
from trialplate.benchmark.families.reversing.bytecode.spec import Texts

_TEMPLATE: Final = resources.files(__package__ or "").joinpath("data/interpreter.c.tmpl")
_FIRST_OPERAND: Final = {"register": "t->r[g0]", "accumulator": "t->acc", "stack": "POP"}
_PUSH, _POP = f"t->s[t->sp++ & {STACK - 1}]", f"t->s[--t->sp & {STACK - 1}]"

_VALUES: Final = {
    "add": "l + r",
    "sub": "l - r",
    "mul": "l * r",
    "and": "l & r",
    "or": "l | r",
    "xor": "l ^ r",
    "shl": "(uint32_t)((uint64_t)l << (r & 31))",
    "shr": "l >> (r & 31)",
    "rol": "(l << (r % WIDTH)) | (uint32_t)((uint64_t)l >> (WIDTH - r % WIDTH))",
}

_MOVES: Final = {
    ("register", "ldi"): "t->r[g0] = g1;",
    ("register", "mov"): "t->r[g0] = t->r[g1];",
    ("register", "ld"): "t->r[g0] = CELL(t->r[g1] + g2);",
    ("register", "st"): "CELL(t->r[g1] + g2) = t->r[g0];",
    ("register", "in"): "t->r[g0] = take(g1);",
    ("accumulator", "ldi"): "t->acc = g0;",
    ("accumulator", "lda"): "t->acc = CELL(g0);",
    ("accumulator", "sta"): "CELL(g0) = t->acc;",
    ("accumulator", "lax"): "t->acc = CELL(g0 + t->acc);",
    ("accumulator", "ldx"): "t->idx = CELL(g0);",
    ("accumulator", "sax"): "CELL(g0 + t->idx) = t->acc;",
    ("accumulator", "in"): "t->acc = take(g0);",
    ("stack", "push"): "PUSH = g0;",
    ("stack", "ldv"): "{ uint32_t v = CELL(g0); PUSH = v; }",
    ("stack", "stv"): "CELL(g0) = POP;",
    ("stack", "ldx"): "{ uint32_t a = POP; PUSH = CELL(a + g0); }",
    ("stack", "stx"): "{ uint32_t a = POP; CELL(a + g0) = POP; }",
    ("stack", "in"): "{ uint32_t v = take(g0); PUSH = v; }",
}

_JUMPS: Final = {
    "jmp": "t->pc = g0;",
    "jz": "if (!(VALUE)) t->pc = TO;",
    "jnz": "if (VALUE) t->pc = TO;",
    "skz": f"if (!(VALUE)) t->pc += {JUMP_BYTES};",
    "skn": f"if (VALUE) t->pc += {JUMP_BYTES};",
    "tst": "t->flag = VALUE != 0;",
    "jt": "if (t->flag) t->pc = g0;",
    "jf": "if (!t->flag) t->pc = g0;",
    "call": f"t->c[t->cp++ & {CALLS - 1}] = t->pc; t->pc = g0;",
    "ret": f"t->pc = t->c[--t->cp & {CALLS - 1}];",
    "out": 'printf("%0DIGITSx\\n", VALUE);',
    "halt": "status = VALUE; stopped = 1;",
    "seal": "seal(g0, g1, g2);",
    "spawn": "spawn(g0);",
    "pause": "turn();",
    "join": "if (others()) { t->pc = at; turn(); }",
    "end": "t->live = 0; turn();",
}

_SEAL: Final = """static void seal(uint32_t from, uint32_t to, uint32_t key) {
    for (; from < to; from++) {
        key = (key * FACTORu + STEPu) & 0xffff;
        code[from] ^= key >> 8;
    }
}
"""
_SPAWN: Final = """static void spawn(uint32_t pc) {
    for (ctx *n = ctxs; n < ctxs + CONTEXTS; n++)
        if (!n->live) {
            memset(n, 0, sizeof *n);
            n->pc = pc;
            n->live = 1;
            return;
        }
    die("unit: full");
}

static int others(void) {
    int n = 0;
    for (ctx *c = ctxs; c < ctxs + CONTEXTS; c++) n += c->live;
    return n > 1;
}
"""


def interpreter(machine: Machine, texts: Texts, fuse: str) -> bytes:
    """Return the source of the program that runs images of a machine."""
    order = machine.words == "big"
    extras = _SEAL.replace("FACTOR", str(machine.stream.factor)).replace("STEP", str(machine.stream.step))
    names = dict(machine.codes)
    return (
        Template(_TEMPLATE.read_text())
        .substitute(
            mask=machine.mask,
            width=machine.width,
            cells=machine.cells,
            cell_mask=machine.cells - 1,
            registers=REGISTERS,
            stack=STACK,
            calls=CALLS,
            contexts=CONTEXTS,
            fetch=_fetches(machine),
            half="(uint32_t)(a << 8 | b)" if order else "(uint32_t)(b << 8 | a)",
            magic="".join(f"\\x{byte:02x}" for byte in bytes.fromhex(machine.magic)),
            sections=_sections(machine),
            fuse=fuse,
            gather="= v << 1 | bit" if machine.order == "msb" else "|= bit << i",
            extras=(extras if "seal" in names else "")
            + (_SPAWN.replace("CONTEXTS", str(CONTEXTS)) if "spawn" in names else ""),
            machine=_run(machine),
            tool=texts.tool,
            granted=texts.granted,
            refused=texts.refused,
        )
        .encode()
    )


def _sections(machine: Machine) -> str:
    places = range(machine.word_bytes)
    shifts = (8 * (machine.word_bytes - 1 - at if machine.words == "big" else at) for at in places)
    word = " | ".join(f"(uint32_t)raw[{at}] << {shift}" for at, shift in zip(places, shifts, strict=True))
    code = '    if (fread(code, 1, codes, f) != codes) die("image: short");'
    data = f"""    for (uint32_t i = 0; i < words; i++) {{
        unsigned char raw[{machine.word_bytes}];
        if (fread(raw, 1, sizeof raw, f) != sizeof raw) die("image: short");
        ram[i] = ({word}) & MASK;
    }}"""
    return f"{code}\n{data}" if machine.first == "code" else f"{data}\n{code}"


def _fetches(machine: Machine) -> str:
    roll = machine.roll
    key = f" ^ ((p * {roll.factor}u + {roll.offset}u) ^ (p >> {roll.shift}))"
    plain, keyed = "code[p]", f"(code[p]{key}) & 0xff"
    count = machine.word_bytes
    if machine.words == "leb":
        word = "uint32_t v = 0, n = 0, b; do { b = fb(); v |= (b & 127) << (n & 31); n += 7; } while (b & 128); "
    elif machine.words == "big":
        word = f"uint32_t v = 0; for (int i = 0; i < {count}; i++) v = v << 8 | fb(); "
    else:
        word = f"uint32_t v = 0; for (int i = 0; i < {count}; i++) v |= fb() << 8 * i; "
    half = "a << 8 | b" if machine.words == "big" else "b << 8 | a"
    target = {"absolute": "fh()", "after": "fh(); v += t->pc", "start": "fh() + at"}[machine.targets]
    functions = (
        ("fo(void)", f"uint32_t p = t->pc++ & 0xffff; return {plain if roll.scope == 'none' else keyed};"),
        ("fb(void)", f"uint32_t p = t->pc++ & 0xffff; return {keyed if roll.scope == 'all' else plain};"),
        ("fh(void)", f"uint32_t a = fb(), b = fb(); return {half};"),
        ("fw(void)", f"{word}return v & MASK;"),
        ("fa(uint32_t at)", f"uint32_t v = {target}; (void)at; return v & 0xffff;"),
    )
    # Some machines have no word or no packed operand; `inline` keeps gcc from speaking of unused functions.
    lines = (f"static inline uint32_t {head} {{ {body} }}" for head, body in functions)
    # `fh(), fb()` in one declaration are evaluated from left to right (C11 6.8p4: each is a full declarator).
    return "\n".join(lines)


def _operands(machine: Machine, op: str) -> str:
    kinds = operands(machine, op)
    registers = kinds.count("r")
    found: list[str] = []
    if registers > 1 and machine.packing != "bytes":
        high, low = (0, 1) if machine.packing == "high" else (1, 0)
        found.append(f"{{ uint32_t b = fb(); g{high} = b >> 4 & 15; g{low} = b & 15; }}")
        found += [f"g{at} = fb() & 15;" for at in range(2, registers)]
    else:
        found += [f"g{at} = fb() & 15;" for at in range(registers)]
    reads = {"w": "fw()", "m": "fh()", "h": "fh()", "b": "fb()", "a": "fa(at)"}
    found += [f"g{at} = {reads[kind]};" for at, kind in enumerate(kinds[registers:], registers)]
    return " ".join(found)


def _body(machine: Machine, op: str) -> str:
    """Return what an operation does, in C."""
    kinds = operands(machine, op)
    if op in UNARY or op in ARITHMETIC or (op[-1] == "i" and op[:-1] in ARITHMETIC):
        text = _arithmetic(machine, op, kinds)
    elif (machine.kind, op) in _MOVES:
        text = _MOVES[machine.kind, op]
    elif op == "djnz":
        place = "t->r[g0]" if machine.kind == "register" else "CELL(g0)"
        text = f"{place} = ({place} - 1) & MASK; if ({place}) t->pc = g1;"
    else:
        text = _JUMPS[op].replace("VALUE", _FIRST_OPERAND[machine.kind])
        text = text.replace("TO", f"g{len(kinds) - 1}").replace("DIGITS", str((machine.width + 3) // 4))
    return text.replace("PUSH", _PUSH).replace("POP", _POP)


def _arithmetic(machine: Machine, op: str, kinds: str) -> str:
    right = ""
    if op in UNARY:
        op, constant = UNARY[op]
        right = f"{constant & machine.mask}u"
    elif op not in ARITHMETIC:
        op, right = op[:-1], f"g{len(kinds) - 1}"
    value = f"({_VALUES[op]}) & MASK"
    match machine.kind:
        case "register":
            source = 1 if len(kinds) == 3 else 0  # noqa: PLR2004 - three addresses
            right = right or f"t->r[g{len(kinds) - 1}]"
            return f"{{ uint32_t l = t->r[g{source}], r = {right}; t->r[g0] = {value}; }}"
        case "accumulator":
            return f"{{ uint32_t l = t->acc, r = {right or 'CELL(g0)'}; t->acc = {value}; }}"
        case _:
            return f"{{ uint32_t r = {right or 'POP'}, l = POP; PUSH = {value}; }}"


def _run(machine: Machine) -> str:
    """Return the handlers and the loop that dispatches to them."""
    head = "uint32_t g0 = 0, g1 = 0, g2 = 0; (void)g0; (void)g1; (void)g2; (void)at;"
    bodies = [(number, f"{_operands(machine, name)} {_body(machine, name)}") for name, number in machine.codes]
    if machine.dispatch == "table":
        handlers = "\n".join(f"static void h{number}(uint32_t at) {{ {head} {body} }}" for number, body in bodies)
        table = ", ".join(f"[{number}] = h{number}" for number, _ in bodies)
        loop = 'void (*h)(uint32_t) = table[fo()]; if (!h) die("unit: fault"); h(at);'
        return f"{handlers}\nstatic void (*const table[256])(uint32_t) = {{{table}}};\n{_loop(loop)}"
    if machine.dispatch == "goto":
        table = ", ".join(f"[{number}] = &&l{number}" for number, _ in bodies)
        cases = "\n".join(f"l{number}: {{ {body} }} continue;" for number, body in bodies)
        loop = f"""static void *const table[256] = {{{table}}};
        {head}
        void *l = table[fo()];
        if (!l) die("unit: fault");
        goto *l;
        {cases}"""
        return _loop(loop)
    cases = "\n".join(f"case {number}: {{ {body} break; }}" for number, body in bodies)
    return _loop(f'{head} switch (fo()) {{ {cases} default: die("unit: fault"); }}')


def _loop(step: str) -> str:
    return f"""static void run(void) {{
    for (uint32_t n = 0; !stopped; n++) {{
        uint32_t at = t->pc;
        if (n > {STEPS}u) die("unit: no end");
        {step}
    }}
}}"""
