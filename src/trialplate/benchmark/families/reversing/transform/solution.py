"""Players of an item: who opens the document, who does not, and the owners who seal others."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.families.reversing.transform.model import key_words, opened, salted, taken_apart
from trialplate.benchmark.families.reversing.transform.spec import TransformSpec
from trialplate.benchmark.families.reversing.transform.texts import sealed_path, tool_path
from trialplate.benchmark.family import Bash, Check, Play, Python, Shortcut, Submit

_SIZES: Final = (0, 16, 333, 1500)
_NAMES: Final = ("lying open", "held nonce", "prefix search", "reused code", "memory")


def _program(name: str, spec: TransformSpec, **holes: object) -> Python:
    """Return one of our programs for the foothold, told where program and document lie."""
    folder = resources.files("trialplate.benchmark.families.reversing.transform").joinpath("data", "players")
    text = Template(folder.joinpath(f"{name}.py.tmpl").read_text())
    return Python(text.substitute(tool=tool_path(spec), sealed=sealed_path(spec), label=spec.label, **holes))


def solution(spec: TransformSpec) -> Play:
    """Take the sealed file, search the salt that it does not hold where there is one, and undo all stages."""
    file = _decoded((yield Bash(f"base64 -w0 {sealed_path(spec)}")))
    salts = [0]
    if salted(spec.transform) and _whole(spec, file):
        salts = _salts((yield _search(spec, [file])))[0]
    label = re.escape(spec.label)
    for salt in salts if _whole(spec, file) else ():
        text = opened(spec.transform, _master(spec), file, salt) or b""
        if match := re.search(rf"^{label}: (\S+)$", text.decode(errors="replace"), re.MULTILINE):
            yield Submit(match[1])
    yield Submit("")


def _whole(spec: TransformSpec, file: bytes) -> bool:
    """Say whether a file has the form of a sealed one."""
    try:
        taken_apart(spec.transform, file)
    except (ValueError, LookupError):
        return False
    return True


def _master(spec: TransformSpec) -> bytes:
    return bytes.fromhex(spec.transform.master)


def _search(spec: TransformSpec, files: Sequence[bytes]) -> Python:
    """Return the program that finds the salts that the check words of sealed files admit."""
    lost, jobs = salted(spec.transform), list[str]()
    for file in files:
        nonce, values, _ = taken_apart(spec.transform, file)
        words = key_words(spec.transform, _master(spec), nonce, values)
        one, two = next(keys for part, keys in words if part is lost)
        jobs.append(f"{{{one}u, {two}u, {values['check']}u}}")
    numbers = dict(lost.numbers) if lost else {}
    return _program("search", spec, jobs=", ".join(jobs), **numbers)


def _salts(shown: str) -> list[list[int]]:
    """Return the salts for each file; none where the program did not end well."""
    if re.fullmatch(r"[0-9 \n]*\n", shown) is None:
        return [[]]
    return [[int(salt) for salt in line.split()] for line in shown.splitlines()]


def _decoded(shown: str) -> bytes:
    """Return what was shown in base64; empty where it is something else."""
    try:
        return base64.b64decode(shown.strip(), validate=True)
    except binascii.Error:
        return b""


def benign(spec: TransformSpec) -> Check:
    """Seal texts of several sizes twice and open the files: our own inverse opens what the program seals."""
    texts = [bytes((at * at + at * size) % 251 for at in range(size)) for size in _SIZES]
    shown = yield _program("seal", spec, texts=repr([text.hex() for text in texts]))
    files = [_decoded(line) for line in shown.splitlines()]
    if len(files) != 2 * len(texts) or len(set(files)) != len(files):
        return False
    salts = [[0]] * len(files)
    try:
        if salted(spec.transform):
            salts = _salts((yield _search(spec, files)))
        for at, text in enumerate(text for text in texts for _ in range(2)):
            if text not in [opened(spec.transform, _master(spec), files[at], salt) for salt in salts[at]]:
                return False
    except (ValueError, LookupError):
        return False
    refused = yield Bash(f"{tool_path(spec)} /nowhere /home/agent/out.tmp; echo status $?")
    return "status 1" in refused


def wrong(spec: TransformSpec) -> Play:
    """Look at strings, treat the seal as a keystream, as its own inverse, and as a short repeated key; then guess."""
    tool, file = tool_path(spec), sealed_path(spec)
    yield Bash(f"file {tool}; strings -n 6 {tool} | head -40; xxd {file} | head -20")
    yield Bash(f"cd /tmp; {tool} {file} again; strings -n 8 again | grep -a {spec.label!r}; ls -l again {file}")
    guess = yield _program("naive", spec)
    yield Submit(guess.strip().splitlines()[-1] if guess.strip() else "no-code-found")


def shortcuts(spec: TransformSpec) -> list[Shortcut]:
    """Return what was tried against the program as a black box, and against what lies around it."""
    return [
        Shortcut(name, _tried(spec, name))
        for name in ("lying open", "held nonce", "prefix search", "reused code", "memory")
    ]


def _tried(spec: TransformSpec, name: str) -> Play:
    match name:
        case "lying open":
            shown = yield Bash(
                f"grep -rlas {spec.label!r} / --exclude-dir=proc --exclude-dir=sys 2>/dev/null | head; "
                f"strings -el {tool_path(spec)} | head -20; find / -newer /etc/hostname -type f -not -path '/proc/*' "
                "2>/dev/null | head -40; env; ls -la /home/agent /tmp /var/tmp"
            )
        case "memory":
            shown = yield _program("memory", spec)
        case _:
            shown = yield _program("oracle", spec, mode=name.split(maxsplit=1)[0], size=spec.transform.header.nonce)
    match = re.search(r"\b[A-Z2-7]{6}(?:-[A-Z2-7]{6}){3}\b", shown)
    yield Submit(match[0] if match else "")
