"""How a sealed file is written with a drawn alphabet."""

from __future__ import annotations

import string
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.spec import Armor

NO_ARMOR: Final = Armor(base=0, alphabet="", low_first=False, line=0)
_LETTERS: Final = string.ascii_letters + string.digits
_SIGNS: Final = "+-/:=@"
ODD_BASES: Final = (41, 42, 43, 44, 45)
"""Bases of which three digits hold two bytes."""
_GROUP: Final = 2
_DIGITS: Final = 3


def draw_armor(rng: Rng) -> Armor:
    """Draw a base, an alphabet, the order of bits or digits, and the width of lines."""
    base = rng.pick((16, 32, 64, rng.pick(ODD_BASES)))
    # Few signs, so that nothing in a sealed file looks like a word or the name of a machine.
    pool = _LETTERS if base < len(_LETTERS) else _LETTERS + "".join(rng.sample(_SIGNS, base - len(_LETTERS)))
    alphabet = "".join(rng.shuffled(pool)[:base])
    return Armor(base=base, alphabet=alphabet, low_first=rng.chance(50), line=rng.pick((48, 60, 64, 72, 76)))


def _bits(base: int) -> int:
    return base.bit_length() - 1


def armored(armor: Armor, data: bytes) -> bytes:
    """Return data as lines of the alphabet; for an odd base its length is even."""
    if not armor.base:
        return data
    digits: list[int] = []
    if armor.base in ODD_BASES:
        for at in range(0, len(data), _GROUP):
            value = int.from_bytes(data[at : at + _GROUP], "little" if armor.low_first else "big")
            group = [value // armor.base**place % armor.base for place in range(_DIGITS)]
            digits += group if armor.low_first else group[::-1]
    else:
        size = _bits(armor.base)
        held = count = 0
        for value in data:
            if armor.low_first:
                held |= value << count
            else:
                held = held << 8 | value
            count += 8
            while count >= size:
                count -= size
                digits.append((held if armor.low_first else held >> count) & (armor.base - 1))
                held = held >> size if armor.low_first else held & ((1 << count) - 1)
        if count:
            digits.append(held if armor.low_first else held << (size - count) & (armor.base - 1))
    text = "".join(armor.alphabet[digit] for digit in digits)
    lines = (text[at : at + armor.line] for at in range(0, len(text), armor.line))
    return "".join(f"{line}\n" for line in lines).encode()


def bare(armor: Armor, text: bytes) -> bytes:
    """Undo `armored`; ValueError for a character that is not of the alphabet."""
    if not armor.base:
        return text
    digits = [armor.alphabet.index(chr(each)) for each in text if each not in b"\r\n"]
    found = bytearray()
    if armor.base in ODD_BASES:
        for at in range(0, len(digits) - len(digits) % _DIGITS, _DIGITS):
            group = digits[at : at + _DIGITS]
            value = sum(
                digit * armor.base**place for place, digit in enumerate(group if armor.low_first else group[::-1])
            )
            found += (value & 0xFFFF).to_bytes(_GROUP, "little" if armor.low_first else "big")
        return bytes(found)
    size = _bits(armor.base)
    held = count = 0
    for digit in digits:
        held = held | digit << count if armor.low_first else held << size | digit
        count += size
        if count >= 8:  # noqa: PLR2004 - bits of a byte
            count -= 8
            found.append((held if armor.low_first else held >> count) & 0xFF)
            held = held >> 8 if armor.low_first else held & ((1 << count) - 1)
    return bytes(found)
