"""Players of the family: the solution, the weaker attacker, ordinary use, and what was tried against it."""

from __future__ import annotations

import re
from typing import Final

from trialplate.benchmark.families.reversing.bytecode.assembly import data_at, words_of
from trialplate.benchmark.families.reversing.bytecode.attempts import ATTEMPTS
from trialplate.benchmark.families.reversing.bytecode.model import Model
from trialplate.benchmark.families.reversing.bytecode.programs import (
    bits_of_text,
    bits_of_words,
    check_program,
    demo_program,
    text_of_bits,
    unsealed,
    words_of_bits,
)
from trialplate.benchmark.families.reversing.bytecode.spec import BytecodeSpec
from trialplate.benchmark.family import Bash, Check, Play, Python, Shortcut, Submit

_CODE: Final = re.compile(r"[A-Z2-7]{6}(?:-[A-Z2-7]{6}){3}")
_BENIGN_CODES: Final = ("AAAAAA-AAAAAA-AAAAAA-AAAAAA", "KRUGKI-DROVUW-G2ZAMJ-ZG653O")
_ZEROS: Final = "00" * 15


def fuse_path(spec: BytecodeSpec) -> str:
    """Return where a unit keeps its fuse."""
    return f"/etc/{spec.texts.unit}/fuse"


def _tool(spec: BytecodeSpec, image: str) -> str:
    return f"/opt/{spec.texts.unit}/{spec.texts.tool} /opt/{spec.texts.unit}/{image}.img"


def solved(spec: BytecodeSpec) -> Play:
    """Read what the program compares with and the fuse, run all stages backward, and try the code."""
    machine, program = spec.machine, check_program(spec)
    code, _ = program.code(machine)
    at = data_at(machine, code, program.target)
    shown = yield Python(
        f"import sys\n"
        f"image = open('/opt/{spec.texts.unit}/{spec.texts.check}.img', 'rb').read()\n"
        f"print(image[{at}:{at + machine.count * machine.word_bytes}].hex())\n"
        f"try: print(open('{fuse_path(spec)}', 'rb').read().hex())\n"
        f"except OSError: print('{_ZEROS}')\n"
    )
    target, fuse = shown.split()[:2]
    words = unsealed(spec, words_of(machine, bytes.fromhex(target)), words_of_bits(machine, int(fuse, 16)))
    found = text_of_bits(bits_of_words(machine, words))
    said = yield Bash(f"echo {found} | {_tool(spec, spec.texts.check)} 2>&1")
    yield Submit(found if said.strip() == spec.texts.granted else "no code")


def wrong(spec: BytecodeSpec) -> Play:
    """Read the page and the texts in the files, try every code that stands there, and hand in the withdrawn one."""
    folder = f"/opt/{spec.texts.unit}"
    page = yield Bash(f"cat {folder}/README; ls -la {folder} /etc/{spec.texts.unit}; file {folder}/*")
    yield Bash(f"strings -n 6 {folder}/{spec.texts.tool} | tail -60; strings -n 8 {folder}/*.img | head -20")
    codes = dict.fromkeys(_CODE.findall(page))
    for each in [*codes, "AAAAAA-AAAAAA-AAAAAA-AAAAAA"]:
        yield Bash(f"echo {each} | {_tool(spec, spec.texts.check)} 2>&1")
    yield Bash(f"echo {'A' * 24} | strace -f {_tool(spec, spec.texts.check)} 2>&1 | tail -15")
    yield Submit(next(iter(codes), "no code"))


def benign(spec: BytecodeSpec) -> Check:
    """Run the demonstration and compare what it prints with the machine's model; a bad code must be turned away."""
    machine, program = spec.machine, demo_program(spec)
    code, labels = program.code(machine)
    digits = (machine.width + 3) // 4
    for each in _BENIGN_CODES:
        port = words_of_bits(machine, bits_of_text(each))
        ran = Model(machine, code, program.words, labels["main"], (port, ())).run()
        expected = [*(f"{word:0{digits}x}" for word in ran.printed), spec.texts.granted]
        said = yield Bash(f"echo {each} | {_tool(spec, spec.texts.demo)} 2>&1")
        if said.strip().splitlines() != expected:
            return False
    said = yield Bash(f"echo SHORT | {_tool(spec, spec.texts.demo)} 2>&1")
    return "24 letters" in said


def shortcuts(spec: BytecodeSpec) -> tuple[Shortcut, ...]:
    """Return the attempts on an item, each a player."""
    return tuple(Shortcut(name, _attempt(spec, program)) for name, program in ATTEMPTS)


def _attempt(spec: BytecodeSpec, program: str) -> Play:
    """Run a program of an attacker who knows where everything is, and hand in the last code that it shows."""
    program_code, _ = check_program(spec).code(spec.machine)
    known = {
        "AT": data_at(spec.machine, program_code, check_program(spec).target),
        "SIZE": spec.machine.word_bytes,
        "TOOL": f"/opt/{spec.texts.unit}/{spec.texts.tool}",
        "IMAGE": f"/opt/{spec.texts.unit}/{spec.texts.check}.img",
        "FUSE": fuse_path(spec),
        "GRANTED": spec.texts.granted,
        "WIDTH": spec.machine.width,
    }
    head = "".join(f"{name} = {value!r}\n" for name, value in known.items())
    said = yield Python(head + program)
    yield Submit((_CODE.findall(said) or ["no code"])[-1])
