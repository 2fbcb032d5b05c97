"""Stages that change bytes or words in their places, or move them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.kinds import Kind, Setting, listing, odd
from trialplate.benchmark.families.reversing.transform.spec import BLOCK, Part
from trialplate.benchmark.families.reversing.transform.spreading import (
    TRIPLES,
    drawn_table,
    stepped,
    table_holes,
    table_of,
)
from trialplate.benchmark.families.reversing.transform.words import (
    MASK,
    OPERATORS,
    combine,
    inverted,
    left,
    load,
    right,
    separate,
    shifted,
    shuffled,
    store,
    unshifted,
)

GENERATORS: Final = ("lfsr", "xorshift", "congruence")
MOVES: Final = ("affine", "shuffle", "columns")


class Substitute(Kind):
    """A table for bytes, whose index also hangs on a key and on the place."""

    name: ClassVar[str] = "substitute"

    def draw(self, rng: Rng) -> Part:
        """Draw table, operator and how the place counts."""
        numbers = {"op": rng.below(3), "place": rng.below(128) * 2 + 1, "after": rng.below(2)}
        return Part(self.name, tuple(numbers.items()), drawn_table(rng))

    def words(self, part: Part) -> int:
        """Take one, and one for the table."""
        return 1 + (not part.table)

    def _mask(self, part: Part, key: int, at: int) -> int:
        return at * part["place"] + (key >> 8 * (at & 3)) & 255

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Look every byte up."""
        table = table_of(part, keys[0], setting)
        for at, value in enumerate(data):
            mask = self._mask(part, keys[-1], at)
            if part["after"]:
                data[at] = combine(part["op"], table[value], mask) & 255
            else:
                data[at] = table[combine(part["op"], value, mask) & 255]

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Look every byte up in the inverse."""
        table = inverted(table_of(part, keys[0], setting))
        for at, value in enumerate(data):
            mask = self._mask(part, keys[-1], at)
            if part["after"]:
                data[at] = table[separate(part["op"], value, mask) & 255]
            else:
                data[at] = separate(part["op"], table[value], mask) & 255

    def holes(self, part: Part) -> dict[str, str]:
        """Return table and step."""
        op = OPERATORS[part["op"]]
        return {**table_holes(part), "step": f"t[b[i]] {op} m" if part["after"] else f"t[(uint8_t)(b[i] {op} m)]"}


class Stream(Kind):
    """A keystream of a shift register, a xorshift generator or a linear congruence."""

    name: ClassVar[str] = "stream"

    def draw(self, rng: Rng) -> Part:
        """Draw the generator."""
        numbers = {
            "generator": rng.below(len(GENERATORS)),
            "op": rng.below(3),
            "tap": rng.between(0, 23),
            "clocks": rng.between(5, 13),
            "poly": rng.below(1 << 31) | 1 << 31,
            "factor": odd(rng) | 5,
            "step": rng.below(1 << 31) * 2 + 1,
            **dict(zip(("a", "b", "c"), rng.pick(TRIPLES), strict=True)),
        }
        used = {"lfsr": ("clocks", "poly"), "xorshift": ("a", "b", "c"), "congruence": ("factor", "step")}
        wanted = ("generator", "op", "tap", *used[GENERATORS[numbers["generator"]]])
        return Part(self.name, tuple((name, numbers[name]) for name in wanted))

    def _stream(self, part: Part, key: int) -> Iterator[int]:
        state = key | 1
        while True:
            match GENERATORS[part["generator"]]:
                case "lfsr":
                    for _ in range(part["clocks"]):
                        state = state >> 1 ^ (part["poly"] if state & 1 else 0)
                case "xorshift":
                    state = stepped(state, part)
                case _:
                    state = state * part["factor"] + part["step"] & MASK
            yield state >> part["tap"]

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Combine with the keystream."""
        del setting
        for at, mask in zip(range(len(data)), self._stream(part, keys[0]), strict=False):
            data[at] = combine(part["op"], data[at], mask) & 255

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Separate from the keystream."""
        del setting
        for at, mask in zip(range(len(data)), self._stream(part, keys[0]), strict=False):
            data[at] = separate(part["op"], data[at], mask) & 255

    def holes(self, part: Part) -> dict[str, str]:
        """Return operator and generator."""
        match GENERATORS[part["generator"]]:
            case "lfsr":
                step = f"for (int c = 0; c < {part['clocks']}; c++) s = s >> 1 ^ (-(s & 1) & {part['poly']}u);"
            case "xorshift":
                step = f"s ^= s << {part['a']}; s ^= s >> {part['b']}; s ^= s << {part['c']};"
            case _:
                step = f"s = s * {part['factor']}u + {part['step']}u;"
        return {"op": OPERATORS[part["op"]], "step": step}


class Rotate(Kind):
    """Words rotated by amounts that hang on a key, the place and the length."""

    name: ClassVar[str] = "rotate"

    def draw(self, rng: Rng) -> Part:
        """Draw how place and length count."""
        numbers = {
            "place": rng.between(1, 31),
            "length": rng.between(1, 31),
            "op": rng.below(3),
            "spread": odd(rng),
            "big": rng.below(2),
        }
        return Part(self.name, tuple(numbers.items()))

    def words(self, part: Part) -> int:
        """Take two."""
        del part
        return 2

    def _words(self, part: Part, data: bytearray, keys: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
        """Yield place, word, turn and mask."""
        for number, at in enumerate(range(0, len(data), 4)):
            turn = keys[0] + number * part["place"] + (len(data) >> 4) * part["length"]
            mask = keys[1] + number * part["spread"] & MASK
            yield at, load(data, at, big=bool(part["big"])), turn, mask

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Rotate, then combine."""
        del setting
        for at, word, turn, mask in self._words(part, data, keys):
            store(data, at, combine(part["op"], left(word, turn), mask), big=bool(part["big"]))

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Separate, then rotate back."""
        del setting
        for at, word, turn, mask in self._words(part, data, keys):
            store(data, at, right(separate(part["op"], word, mask) & MASK, turn), big=bool(part["big"]))

    def holes(self, part: Part) -> dict[str, str]:
        """Return operator and order of bytes."""
        return {"op": OPERATORS[part["op"]], "end": "be" if part["big"] else "le"}


class Permute(Kind):
    """Pieces moved: by a linear map of their numbers, by a keyed shuffle, or from rows into columns."""

    name: ClassVar[str] = "permute"

    def draw(self, rng: Rng) -> Part:
        """Draw the size of pieces and the way they move."""
        move, unit = rng.below(len(MOVES)), rng.pick((1, 2, 4))
        numbers = {"move": move, "unit": unit}
        table = ""
        match MOVES[move]:
            case "affine":
                # Primes above every number of pieces.
                numbers["factor"] = rng.pick((65_537, 70_001, 81_001, 92_003, 104_729, 611_953, 746_773, 821_641))
            case "shuffle":
                pass
            case _:
                width = rng.pick([width for width in (4, 8, 16) if width * unit <= BLOCK])
                numbers["width"] = width
                table = bytes(rng.shuffled(range(width))).hex()
        return Part(self.name, tuple(numbers.items()), table)

    def _order(self, part: Part, size: int, key: int, setting: Setting) -> list[int]:
        """Return where each piece goes."""
        count = size // part["unit"]
        match MOVES[part["move"]]:
            case "affine":
                return [(at * part["factor"] + key) % count for at in range(count)]
            case "shuffle":
                return shuffled(count, key, setting.shuffle)
            case _:
                width = part["width"]
                rows = count // width
                turned = [part.octets[(at + key) % width] for at in range(width)]
                return [turned[at % width] * rows + at // width for at in range(count)]

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Move the pieces."""
        old, unit = bytes(data), part["unit"]
        for at, to in enumerate(self._order(part, len(data), keys[0], setting)):
            data[unit * to : unit * to + unit] = old[unit * at : unit * at + unit]

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Move them back."""
        old, unit = bytes(data), part["unit"]
        for at, to in enumerate(self._order(part, len(data), keys[0], setting)):
            data[unit * at : unit * at + unit] = old[unit * to : unit * to + unit]

    def holes(self, part: Part) -> dict[str, str]:
        """Return where a piece goes, and what is prepared for that."""
        match MOVES[part["move"]]:
            case "affine":
                return {"before": "", "to": f"(i * {part['factor']}ull + k) % m"}
            case "shuffle":
                return {"before": "shuffle_words(words, m, k);", "to": "words[i]"}
            case _:
                width = part["width"]
                table = f"static const uint8_t t[{width}] = {{{listing(part.octets)}}};"
                to = f"t[(i % {width} + k % {width}) % {width}] * (m / {width}) + i / {width}"
                return {"before": table, "to": to}


class Bits(Kind):
    """Blocks of eight bytes read as columns of bits, or words shifted over themselves and multiplied."""

    name: ClassVar[str] = "bits"

    def draw(self, rng: Rng) -> Part:
        """Draw the form."""
        if rng.chance(40):
            numbers = {"square": 1, "flip": rng.below(2), "place": rng.below(128) * 2 + 1}
        else:
            numbers = {
                "square": 0,
                "a": rng.between(3, 19),
                "b": rng.between(3, 19),
                "factor": odd(rng),
                "big": rng.below(2),
            }
        return Part(self.name, tuple(numbers.items()))

    @staticmethod
    def _turned(block: bytearray, *, flip: bool) -> bytearray:
        found = bytearray(8)
        for row, value in enumerate(block):
            for column in range(8):
                found[7 - column if flip else column] |= (value >> column & 1) << (7 - row if flip else row)
        return found

    def seal(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Change every block or word."""
        del setting
        if part["square"]:
            for at in range(0, len(data), 8):
                data[at : at + 8] = self._turned(data[at : at + 8], flip=bool(part["flip"]))
            for at in range(len(data)):
                data[at] = data[at] + (keys[0] >> 24 ^ at * part["place"]) & 255
            return
        for at in range(0, len(data), 4):
            word = shifted(shifted(load(data, at, big=bool(part["big"])), part["a"]), -part["b"])
            store(data, at, (word ^ keys[0]) * part["factor"], big=bool(part["big"]))

    def open(self, part: Part, data: bytearray, keys: Sequence[int], setting: Setting) -> None:
        """Change every block or word back."""
        del setting
        if part["square"]:
            for at in range(len(data)):
                data[at] = data[at] - (keys[0] >> 24 ^ at * part["place"]) & 255
            for at in range(0, len(data), 8):
                data[at : at + 8] = self._turned(data[at : at + 8], flip=bool(part["flip"]))
            return
        back = pow(part["factor"], -1, 1 << 32)
        for at in range(0, len(data), 4):
            word = load(data, at, big=bool(part["big"])) * back & MASK ^ keys[0]
            store(data, at, unshifted(unshifted(word, -part["b"]), part["a"]), big=bool(part["big"]))

    def holes(self, part: Part) -> dict[str, str]:
        """Return the steps as statements."""
        if part["square"]:
            to, row = ("7 - c", "7 - r") if part["flip"] else ("c", "r")
            body = (
                f"for (uint32_t i = 0; i < n; i += 8) {{ uint8_t x[8] = {{0}}; for (int r = 0; r < 8; r++) "
                f"for (int c = 0; c < 8; c++) x[{to}] |= (b[i + r] >> c & 1) << ({row}); memcpy(b + i, x, 8); }}\n"
                f"    for (uint32_t i = 0; i < n; i++) b[i] += (uint8_t)(k >> 24 ^ i * {part['place']});"
            )
        else:
            end = "be" if part["big"] else "le"
            body = (
                f"for (uint32_t i = 0; i < n; i += 4) {{ uint32_t x = load_{end}(b + i); x ^= x << {part['a']}; "
                f"x ^= x >> {part['b']}; store_{end}(b + i, (x ^ k) * {part['factor']}u); }}"
            )
        return {"body": body}
