"""The layers around the records of a file, as a writer makes them; `data/core` has each one's reader in C."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Final

MASK: Final = 0xFFFFFFFF


def rotated(word: int, by: int) -> int:
    """Return a 32-bit word rotated left by 1 to 31."""
    return (word << by | word >> (32 - by)) & MASK


# ----------------------------------------------------------------------------------------------------------- checksums


def crc32(data: bytes, start: int) -> int:
    """Return the CRC-32 of IEEE 802.3, begun at a value."""
    return zlib.crc32(data, start)


def adler(data: bytes, start: int) -> int:
    """Return two sums modulo 65521, the first begun at a value."""
    low, high = start & 0xFFFF, 0
    for octet in data:
        low = (low + octet) % 65521
        high = (high + low) % 65521
    return high << 16 | low


def fnv(data: bytes, start: int) -> int:
    """Return the FNV-1a hash, begun at a value."""
    word = start
    for octet in data:
        word = (word ^ octet) * 16777619 & MASK
    return word


def turning(data: bytes, start: int) -> int:
    """Return a sum that turns by seven bits for each octet."""
    word = start
    for octet in data:
        word = (rotated(word, 7) + octet) & MASK
    return word


def fletcher(data: bytes, start: int) -> int:
    """Return two sums modulo 65535 over pairs of octets, low octet first."""
    low, high = start & 0xFFFF, start >> 16
    for at in range(0, len(data), 2):
        low = (low + int.from_bytes(data[at : at + 2], "little")) % 65535
        high = (high + low) % 65535
    return high << 16 | low


SUMS: Final[Mapping[str, Callable[[bytes, int], int]]] = {
    "crc32": crc32,
    "adler": adler,
    "fnv": fnv,
    "turning": turning,
    "fletcher": fletcher,
}

# ---------------------------------------------------------------------------------------------------------- transforms


def stream(data: bytes, seed: int, _: int) -> bytes:
    """Mix octets with the high octets of a linear congruential sequence."""
    word, out = seed, bytearray()
    for octet in data:
        word = (word * 1664525 + 1013904223) & MASK
        out.append(octet ^ word >> 24)
    return bytes(out)


def shifted(data: bytes, seed: int, _: int) -> bytes:
    """Mix octets with a sequence of Marsaglia's xorshift."""
    word, out = seed | 1, bytearray()
    for octet in data:
        word ^= word << 13 & MASK
        word ^= word >> 17
        word ^= word << 5 & MASK
        out.append(octet ^ word & 0xFF)
    return bytes(out)


def delta(data: bytes, _: int, step: int) -> bytes:
    """Give each octet as its difference from the one `step` before."""
    return bytes((octet - (data[at - step] if at >= step else 0)) & 0xFF for at, octet in enumerate(data))


def undelta(data: bytes, step: int) -> bytes:
    """Undo `delta`."""
    out = bytearray()
    for at, octet in enumerate(data):
        out.append((octet + (out[at - step] if at >= step else 0)) & 0xFF)
    return bytes(out)


def packed(data: bytes, _: int, most: int) -> bytes:
    """Give runs as a count above 128 and an octet, and everything else as counted literals of at most `most`."""
    out, at = bytearray(), 0
    while at < len(data):
        run = 1
        while run < most and at + run < len(data) and data[at + run] == data[at]:
            run += 1
        if run > 2:  # noqa: PLR2004 - a shorter run costs as much as the literals
            out += bytes((0x80 | run, data[at]))
            at += run
            continue
        end = at + 1
        while end < len(data) and end - at < most and len(set(data[end : end + 3])) > 1:
            end += 1
        out += bytes((end - at,)) + data[at:end]
        at = end
    return bytes(out)


def copied(data: bytes, _: int, most: int) -> bytes:
    """Give repeated stretches as a marker, distance and count, and other octets as counted literals."""
    out, at, literal = bytearray(), 0, bytearray()

    def flush() -> None:
        if literal:
            out.extend((len(literal),))
            out.extend(literal)
            literal.clear()

    while at < len(data):
        size, back = _longest(data, at, most)
        if size > 4:  # noqa: PLR2004 - a shorter stretch costs as much as its literals
            flush()
            out += bytes((0x80 | size, back & 0xFF, back >> 8))
            at += size
        else:
            literal.append(data[at])
            at += 1
            if len(literal) == most:
                flush()
    flush()
    return bytes(out)


def _longest(data: bytes, at: int, most: int) -> tuple[int, int]:
    found = (0, 0)
    back = data.rfind(data[at : at + 5], max(0, at - 600), at + 4) if at + 5 <= len(data) else -1
    if 0 <= back < at:
        size = 5
        while size < most and at + size < len(data) and data[back + size] == data[at + size]:
            size += 1
        found = (size, at - back)
    return found


def woven(data: bytes, _: int, step: int) -> bytes:
    """Give the octets whose place leaves 0 divided by `step`, then those that leave 1, and so on."""
    return b"".join(data[start::step] for start in range(step))


def turned(data: bytes, _: int, by: int) -> bytes:
    """Rotate the bits of each octet left by `by` and its place."""
    return bytes(
        (octet << k | octet >> (8 - k)) & 0xFF for octet, k in ((o, (by + at) % 8) for at, o in enumerate(data))
    )


def folded(data: bytes, _: int, size: int) -> bytes:
    """Reverse each block of `size` octets, the last one as it is."""
    return b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))


TRANSFORMS: Final[Mapping[str, tuple[Callable[[bytes, int, int], bytes], tuple[int, int]]]] = {
    "stream": (stream, (0, 0)),
    "shifted": (shifted, (0, 0)),
    "delta": (delta, (1, 4)),
    "packed": (packed, (60, 127)),
    "copied": (copied, (60, 127)),
    "woven": (woven, (2, 5)),
    "turned": (turned, (1, 7)),
    "folded": (folded, (5, 24)),
}
"""Each transform with the range that its parameter is drawn from; the writer's direction."""
