"""Stages that carry every byte of the text into every byte of the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.kinds import Kind, Setting, listing, odd
from trialplate.benchmark.families.reversing.transform.spec import Part
from trialplate.benchmark.families.reversing.transform.words import (
    MASK,
    OPERATORS,
    combine,
    left,
    load,
    separate,
    shifted,
    shuffled,
    store,
)


def table_of(part: Part, key: int, setting: Setting) -> list[int]:
    """Return a stage's table of 256 bytes: the drawn one, or the one that a key shuffles."""
    return list(part.octets) if part.table else shuffled(256, key, setting.shuffle)


def table_holes(part: Part) -> dict[str, str]:
    """Return what declares that table `t` in C."""
    if part.table:
        return {"table": f"static const uint8_t t[256] = {{{listing(part.octets)}}};"}
    return {"table": "uint8_t t[256];\n    shuffle(t, 256, next_key());"}


def drawn_table(rng: Rng) -> str:
    """Draw a table of 256 bytes in hex, or none, so that it is made from a key."""
    return bytes(rng.shuffled(range(256))).hex() if rng.chance(50) else ""


class Sweep(Kind):
    """Rounds over a ring of bytes, each combined with a table entry that its neighbors choose."""

    name: ClassVar[str] = "sweep"
    spreads: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw rounds, direction, neighbors, operators, rotation and table."""
        numbers = {
            "rounds": rng.between(3, 6),
            "down": rng.below(2),
            "far": rng.between(2, 13),
            "op": rng.below(3),
            "mix": rng.below(3),
            "turn": rng.between(1, 7),
            "bytes": rng.pick((1, 3)),
        }
        return Part(self.name, tuple(numbers.items()), drawn_table(rng))

    def words(self, part: Part) -> int:
        """Take one a round, and one for the table."""
        return part["rounds"] + (not part.table)

    def _walk(self, part: Part, size: int) -> list[tuple[int, int, int, int]]:
        """Return step, place, near and far neighbor in order."""
        steps = range(size)
        if part["down"]:
            return [(j, i := size - 1 - j, (i + 1) % size, (i + part["far"]) % size) for j in steps]
        return [(i, i, (i - 1) % size, (i - part["far"]) % size) for i in steps]

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do the rounds."""
        table, turn = table_of(part, keys[0], setting), part["turn"]
        for key in keys[not part.table :]:
            for step, at, near, far in self._walk(part, len(data)):
                pick = (combine(part["mix"], data[near], key >> 8 * (step & part["bytes"]))) & 255
                value = combine(part["op"], data[at], table[pick]) + data[far] & 255
                data[at] = (value << turn | value >> (8 - turn)) & 255

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do them backward."""
        table, turn = table_of(part, keys[0], setting), part["turn"]
        for key in reversed(keys[not part.table :]):
            for step, at, near, far in reversed(self._walk(part, len(data))):
                pick = (combine(part["mix"], data[near], key >> 8 * (step & part["bytes"]))) & 255
                value = (data[at] >> turn | data[at] << (8 - turn)) - data[far] & 255
                data[at] = separate(part["op"], value, table[pick]) & 255

    def holes(self, part: Part) -> dict[str, str]:
        """Return the walk and the operators."""
        down = part["down"]
        return {
            **table_holes(part),
            "at": "n - 1 - j" if down else "j",
            "near": "(i + 1) % n" if down else "(i + n - 1) % n",
            "distant": f"(i + {part['far']}) % n" if down else f"(i + n - {part['far']}) % n",
            "op": OPERATORS[part["op"]],
            "mix": OPERATORS[part["mix"]],
        }


class Feedback(Kind):
    """Passes in turning directions, each with a state that the text feeds and that is combined with it."""

    name: ClassVar[str] = "feedback"
    spreads: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw the passes."""
        passes, first = rng.between(2, 3), rng.below(2)
        numbers = {"passes": passes, "first": first}
        for at in range(passes):
            numbers |= {
                f"shift{at}": rng.between(3, 23),
                f"turn{at}": rng.between(3, 29),
                f"factor{at}": odd(rng),
                f"step{at}": rng.below(1 << 32),
                f"op{at}": rng.below(3),
                f"plain{at}": rng.below(2),
            }
        return Part(self.name, tuple(numbers.items()))

    def words(self, part: Part) -> int:
        """Take one a pass."""
        return part["passes"]

    def _places(self, part: Part, at: int, size: int) -> range:
        return range(size - 1, -1, -1) if (at + part["first"]) % 2 else range(size)

    def _fed(self, part: Part, at: int, state: int, fed: int) -> int:
        return (left(state ^ fed, part[f"turn{at}"]) * part[f"factor{at}"] + part[f"step{at}"]) & MASK

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do the passes."""
        del setting
        for at, state in enumerate(keys):
            now = state
            for place in self._places(part, at, len(data)):
                plain = data[place]
                data[place] = combine(part[f"op{at}"], plain, now >> part[f"shift{at}"]) & 255
                now = self._fed(part, at, now, plain if part[f"plain{at}"] else data[place])

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Undo them, the last one first, each in its own direction."""
        del setting
        for at, state in reversed(list(enumerate(keys))):
            now = state
            for place in self._places(part, at, len(data)):
                sealed = data[place]
                data[place] = separate(part[f"op{at}"], sealed, now >> part[f"shift{at}"]) & 255
                now = self._fed(part, at, now, data[place] if part[f"plain{at}"] else sealed)

    def holes(self, part: Part) -> dict[str, str]:
        """Return the passes as statements."""
        lines: list[str] = []
        for at in range(part["passes"]):
            down = (at + part["first"]) % 2
            loop = "for (uint32_t i = n; i-- > 0;)" if down else "for (uint32_t i = 0; i < n; i++)"
            fed = "p" if part[f"plain{at}"] else "b[i]"
            mixed = f"b[i] = p {OPERATORS[part[f'op{at}']]} (uint8_t)(s >> {part[f'shift{at}']});"
            state = f"s = ROTL(s ^ {fed}, {part[f'turn{at}']}) * {part[f'factor{at}']}u + {part[f'step{at}']}u;"
            lines += ["s = next_key();", f"{loop} {{ uint8_t p = b[i]; {mixed} {state} }}"]
        return {"body": "\n    ".join(lines)}


class Halves(Kind):
    """Feistel rounds over the two halves of the whole text: a hash of one starts a keystream over the other."""

    name: ClassVar[str] = "halves"
    spreads: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw rounds, hash and keystream."""
        numbers = {
            "rounds": rng.between(4, 7),
            "first": rng.below(2),
            "factor": odd(rng),
            "fold": rng.between(11, 19),
            **dict(zip(("a", "b", "c"), rng.pick(TRIPLES), strict=True)),
            "tap": rng.between(0, 23),
            "op": rng.below(3),
            "down": rng.below(2),
        }
        return Part(self.name, tuple(numbers.items()))

    def words(self, part: Part) -> int:
        """Take one a round."""
        return part["rounds"]

    def _stream(self, part: Part, data: bytearray, turn: int, key: int) -> tuple[range, list[int]]:
        """Return a round's target and its keystream."""
        half = len(data) // 2
        one, other = range(half), range(half, 2 * half)
        source, target = (other, one) if (turn + part["first"]) % 2 else (one, other)
        state = key
        for at in reversed(source) if part["down"] else source:
            state = (state ^ data[at]) * part["factor"] & MASK
            state ^= state >> part["fold"]
        found: list[int] = []
        for _ in target:
            state = stepped(state, part)
            found.append(state >> part["tap"])
        return target, found

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do the rounds."""
        del setting
        for turn, key in enumerate(keys):
            for at, mask in zip(*self._stream(part, data, turn, key), strict=True):
                data[at] = combine(part["op"], data[at], mask) & 255

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do them in the other order, each undone."""
        del setting
        for turn, key in reversed(list(enumerate(keys))):
            for at, mask in zip(*self._stream(part, data, turn, key), strict=True):
                data[at] = separate(part["op"], data[at], mask) & 255

    def holes(self, part: Part) -> dict[str, str]:
        """Return the operator and the order of the hash."""
        return {"op": OPERATORS[part["op"]], "at": "h - 1 - i" if part["down"] else "i"}


TRIPLES = ((13, 17, 5), (7, 13, 3), (5, 19, 13), (9, 11, 19), (3, 25, 24), (6, 21, 7), (11, 7, 16), (2, 15, 25))
"""Shifts (left, right, left) of xorshift generators of 32 bits (Marsaglia 2003)."""


def stepped(state: int, part: Part) -> int:
    """Return the next state of a xorshift generator."""
    return shifted(shifted(shifted(state, part["a"]), -part["b"]), part["c"])


class Ring(Kind):
    """Corrected Block TEA over the whole text, with other shifts, constants and rounds."""

    name: ClassVar[str] = "ring"
    spreads: ClassVar[bool] = True
    known: ClassVar[bool] = True

    def draw(self, rng: Rng) -> Part:
        """Draw constants, shifts and rounds."""
        numbers = {
            "delta": odd(rng),
            "base": rng.between(4, 9),
            "span": rng.between(30, 90),
            "a": rng.between(3, 8),
            "b": rng.between(1, 5),
            "c": rng.between(2, 6),
            "d": rng.between(2, 7),
            "pick": rng.between(2, 5),
            "big": rng.below(2),
        }
        return Part(self.name, tuple(numbers.items()))

    def words(self, part: Part) -> int:
        """Take four."""
        del part
        return 4

    def _mixed(self, part: Part, keys: Sequence[int], total: int, at: int, around: tuple[int, int]) -> int:
        before, after = around
        one = (before >> part["a"] ^ after << part["b"]) & MASK
        two = (after >> part["c"] ^ before << part["d"]) & MASK
        key = keys[at & 3 ^ total >> part["pick"] & 3]
        return one + two ^ (total ^ after) + (key ^ before)

    def _run(self, part: Part, data: bytearray, keys: Sequence[int], *, back: bool) -> None:
        big = bool(part["big"])
        words = [load(data, at, big=big) for at in range(0, len(data), 4)]
        count = len(words)
        rounds = range(1, part["base"] + part["span"] // count + 1)
        for turn in reversed(rounds) if back else rounds:
            total = turn * part["delta"] & MASK
            for at in reversed(range(count)) if back else range(count):
                mixed = self._mixed(part, keys, total, at, (words[at - 1], words[(at + 1) % count]))
                words[at] = words[at] + (-mixed if back else mixed) & MASK
        for at, word in enumerate(words):
            store(data, 4 * at, word, big=big)

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do the rounds."""
        del setting
        self._run(part, data, keys, back=False)

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Do them backward."""
        del setting
        self._run(part, data, keys, back=True)

    def holes(self, part: Part) -> dict[str, str]:
        """Return the order of bytes."""
        return {"end": "be" if part["big"] else "le"}
