"""Key schedules and checksums: what turns the master key, the nonce, the length and the text into key words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.kinds import odd
from trialplate.benchmark.families.reversing.transform.spec import Part
from trialplate.benchmark.families.reversing.transform.words import MASK, left

SCHEDULES: Final = ("four", "wide", "shift", "pair")
TAGS: Final = ("crc", "hash", "sums")
_WIDE: Final = (1 << 64) - 1
_FINAL: Final = 8
"""Rounds after the last byte, so that every key word hangs on every byte."""


def _odd64(rng: Rng) -> int:
    return rng.below(1 << 60) << 3 | rng.pick((3, 5)) | 1 << 63


def _halves(name: str, value: int) -> dict[str, int]:
    """Return a number of 64 bits in two parts: a record holds none of more than 53."""
    return {f"{name}_high": value >> 32, f"{name}_low": value & MASK}


def wide_numbers(part: Part) -> dict[str, int]:
    """Return a schedule's parameters with such parts put together."""
    found = dict(part.numbers)
    for name in [name.removesuffix("_high") for name in found if name.endswith("_high")]:
        found[name] = found.pop(f"{name}_high") << 32 | found.pop(f"{name}_low")
    return found


def draw_schedule(rng: Rng) -> Part:
    """Draw a key schedule."""
    kind = rng.pick(SCHEDULES)
    match kind:
        case "four":
            numbers = {f"start{at}": rng.below(1 << 32) for at in range(4)}
            numbers |= {name: rng.between(3, 29) for name in ("a", "b", "c")}
            numbers |= {"factor": odd(rng), "extra": rng.between(1, 3), "out": rng.below(3)}
        case "wide":
            numbers = {
                **_halves("start", rng.below(1 << 64)),
                **_halves("factor", _odd64(rng)),
                "fold": rng.between(23, 37),
            }
            numbers |= {**_halves("other", _odd64(rng)), **_halves("step", rng.below(1 << 63) * 2 + 1)}
            numbers |= {"out": rng.between(15, 29)}
        case "shift":
            numbers = {**_halves("start", rng.below(1 << 64)), **_halves("factor", _odd64(rng))}
            numbers |= {"out": rng.between(16, 32)}
            numbers |= dict(
                zip(("a", "b", "c"), rng.pick(((13, 7, 17), (21, 35, 4), (17, 31, 8), (23, 17, 26))), strict=True)
            )
        case _:
            numbers = {"start0": rng.below(1 << 32), "start1": rng.below(1 << 32), "factor": odd(rng)}
            numbers |= {name: rng.between(3, 29) for name in ("a", "b", "c")}
    return Part(kind, tuple(numbers.items()))


def draw_tag(rng: Rng) -> Part:
    """Draw a checksum of 32 bits."""
    kind = rng.pick(TAGS)
    match kind:
        case "crc":
            numbers = {"start": rng.below(1 << 32), "poly": rng.below(1 << 31) | 1 << 31, "end": rng.below(1 << 32)}
        case "hash":
            numbers = {"start": rng.below(1 << 32), "factor": odd(rng), "fold": rng.between(9, 17)}
        case _:
            numbers = {"mod": rng.pick((65_521, 65_519, 65_497, 64_901)), "start": rng.between(1, 60_000)}
    return Part(kind, tuple(numbers.items()))


class Keys:
    """Key words in order, from everything that the schedule starts with."""

    def __init__(self, part: Part, material: Iterable[int]) -> None:
        self._part = part
        self._numbers = wide_numbers(part)
        self._state = [value for name, value in self._numbers.items() if name.startswith("start")]
        for value in (*material, *[0] * _FINAL):
            self._absorb(value)

    def take(self, count: int) -> list[int]:
        """Return the next key words."""
        return [self._next() for _ in range(count)]

    def _absorb(self, value: int) -> None:
        n, state = self._numbers, self._state
        match self._part.kind:
            case "four":
                one, two, three, four = state
                one = left(one ^ value, n["a"]) + two & MASK
                two = left(two, n["b"]) ^ three
                three = left(three + four & MASK, n["c"])
                state[:] = one, two, three, (four ^ one) * n["factor"] & MASK
            case "wide":
                one = (state[0] ^ value) * n["factor"] & _WIDE
                state[0] = one ^ one >> n["fold"]
            case "shift":
                one = state[0] ^ value
                one ^= one << n["a"] & _WIDE
                one ^= one >> n["b"]
                one ^= one << n["c"] & _WIDE
                state[0] = one * n["factor"] + value & _WIDE
            case _:
                one = left(state[0] + value & MASK, n["a"]) * n["factor"] & MASK
                state[:] = one, (state[1] ^ one) + left(state[1], n["b"]) & MASK

    def _next(self) -> int:
        n, state = self._numbers, self._state
        match self._part.kind:
            case "four":
                for at in range(n["extra"]):
                    self._absorb(at + 1)
                return (state[0] ^ state[2], state[1] + state[3] & MASK, state[0] + left(state[3], 16) & MASK)[n["out"]]
            case "wide":
                state[0] = state[0] * n["other"] + n["step"] & _WIDE
                return (state[0] >> 32 ^ state[0] >> n["out"]) & MASK
            case "shift":
                self._absorb(1)
                return state[0] >> n["out"] & MASK
            case _:
                self._absorb(1)
                return state[0] ^ left(state[1], n["c"])


def tag_of(part: Part, data: bytes | bytearray) -> int:
    """Return the checksum of a filled text."""
    match part.kind:
        case "crc":
            found = part["start"]
            for value in data:
                found ^= value
                for _ in range(8):
                    found = found >> 1 ^ (part["poly"] if found & 1 else 0)
            return found ^ part["end"]
        case "hash":
            found = part["start"]
            for value in data:
                found = (found ^ value) * part["factor"] & MASK
                found ^= found >> part["fold"]
            return found
        case _:
            one, two = part["start"], 0
            for value in data:
                one = (one + value) % part["mod"]
                two = (two + one) % part["mod"]
            return two << 16 | one
