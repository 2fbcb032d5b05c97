"""From operations to the bytes of code, and to the image that an interpreter loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from trialplate.benchmark.families.reversing.bytecode.lowering import Label, Line, Op
from trialplate.benchmark.families.reversing.bytecode.machine import Machine, operands


@dataclass(frozen=True)
class Sealing:
    """A part of code that lies encrypted in the image, from one label to another."""

    first: str
    last: str
    key: int


def assembled(
    machine: Machine, lines: Sequence[Line], sealings: Sequence[Sealing] = ()
) -> tuple[bytes, Mapping[str, int]]:
    """Return the code, as it lies in an image, and where its labels are."""
    labels: dict[str, int] = {}
    at = 0
    for line in lines:
        if isinstance(line, Label):
            labels[line.name] = at
        else:
            at += len(_encoded(machine, line, at, {}))
    code = bytearray()
    for line in lines:
        if isinstance(line, Op):
            code += _encoded(machine, line, len(code), labels)
    for sealing in sealings:
        start, stop = labels[sealing.first], labels[f"{sealing.last}.end"]
        code[start:stop] = _combined(code[start:stop], machine.stream.octets(sealing.key, stop - start))
    return bytes(code), labels


def image(machine: Machine, code: bytes, data: Sequence[int], entry: int) -> bytes:
    """Return the file of a program: magic, three lengths of 16 bits, and the two sections."""
    order = _order(machine)
    words = b"".join(word.to_bytes(machine.word_bytes, order) for word in data)
    head = b"".join(value.to_bytes(2, order) for value in (len(code), len(data), entry))
    sections = (code, words) if machine.first == "code" else (words, code)
    return bytes.fromhex(machine.magic) + head + b"".join(sections)


def data_at(machine: Machine, code: bytes, word: int) -> int:
    """Return where in an image a word of data lies."""
    return 10 + (len(code) if machine.first == "code" else 0) + word * machine.word_bytes


def words_of(machine: Machine, octets: bytes) -> tuple[int, ...]:
    """Return the words that lie in a part of an image's data."""
    size = machine.word_bytes
    return tuple(int.from_bytes(octets[at : at + size], _order(machine)) for at in range(0, len(octets), size))


def _order(machine: Machine) -> Literal["little", "big"]:
    return "big" if machine.words == "big" else "little"


def _combined(one: bytes | bytearray, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _encoded(machine: Machine, line: Op, at: int, labels: Mapping[str, int]) -> bytes:
    """Return an operation's bytes at an address; labels that are not known yet count as zero."""
    found = bytearray([dict(machine.codes)[line.name]])
    kinds = operands(machine, line.name)
    registers = kinds.count("r")
    found += _registers(machine, [int(each) for each in line.given[:registers]])
    for kind, given in zip(kinds[registers:], line.given[registers:], strict=True):
        value = labels.get(given, 0) if isinstance(given, str) else given
        match kind:
            case "w":
                found += _word(machine, value)
            case "b":
                found.append(value)
            case "a":
                base = {"absolute": 0, "after": at + len(found) + 2, "start": at}[machine.targets]
                found += ((value - base) & 0xFFFF).to_bytes(2, _order(machine))
            case _:
                found += value.to_bytes(2, _order(machine))
    if machine.roll.scope == "all":
        return bytes(byte ^ machine.roll.key(at + offset) for offset, byte in enumerate(found))
    if machine.roll.scope == "opcode":
        found[0] ^= machine.roll.key(at)
    return bytes(found)


def _registers(machine: Machine, numbers: Sequence[int]) -> bytes:
    if machine.packing == "bytes" or len(numbers) < 2:  # noqa: PLR2004 - nothing to pair
        return bytes(numbers)
    one, other = numbers[:2] if machine.packing == "high" else (numbers[1], numbers[0])
    return bytes([one << 4 | other, *numbers[2:]])


def _word(machine: Machine, value: int) -> bytes:
    if machine.words != "leb":
        return value.to_bytes(machine.word_bytes, _order(machine))
    found = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        found.append(low | (0x80 if value else 0))
        if not value:
            return bytes(found)
