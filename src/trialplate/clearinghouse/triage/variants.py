"""Variants of a proof: inputs near it, so that a patch that knows the proof alone is told from one that mends. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from trialplate.errors import TrialplateError

MOST_VARIANTS: Final = 1000
_MOST_PIECE: Final = 64
_FRONTS: Final = (4, 16, 64)
_EDGES: Final = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)
"""Bytes at which lengths and signs change what they mean."""


class VariantError(TrialplateError):
    """More variants were asked for than are made."""


_Change = Callable[[bytearray, random.Random], None]


def variants(proof: bytes, seed: int, count: int) -> tuple[bytes, ...]:
    """Return `count` distinct inputs near `proof`, none of them the proof itself; the same for the same arguments.

    Each is the proof after one to three changes: of a bit, a byte or a piece of up to 64 bytes, in place,
    put in, taken out or repeated.

    Raises:
        VariantError: where `count` is out of range.
    """
    if not 0 <= count <= MOST_VARIANTS:
        raise VariantError(f"{count} variants cannot be made.", f"Ask for 0 to {MOST_VARIANTS}.")
    found: dict[bytes, None] = {}
    rng = random.Random(seed)  # noqa: S311 the same variants for everybody who checks
    while len(found) < count:
        variant = bytearray(proof)
        for _ in range(rng.randint(1, 3)):
            rng.choice(_CHANGES if variant else (_insert,))(variant, rng)
        found[bytes(variant)] = None
        found.pop(proof, None)
    return tuple(found)


def _place(data: bytearray, rng: random.Random) -> int:
    """Return a place in `data`, most often near its start: there stand the lengths and kinds of most formats."""
    return rng.randrange(min(len(data), rng.choice((*_FRONTS, len(data)))))


def _flip(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] ^= 1 << rng.randrange(8)


def _replace(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] = rng.randrange(256)


def _edge(data: bytearray, rng: random.Random) -> None:
    data[_place(data, rng)] = rng.choice(_EDGES)


def _step(data: bytearray, rng: random.Random) -> None:
    place = _place(data, rng)
    data[place] = (data[place] + rng.choice((-1, 1))) % 256


def _insert(data: bytearray, rng: random.Random) -> None:
    place = rng.randint(0, len(data))
    data[place:place] = rng.randbytes(rng.randint(1, 8))


def _remove(data: bytearray, rng: random.Random) -> None:
    place, size = _piece(data, rng)
    del data[place : place + size]


def _repeat(data: bytearray, rng: random.Random) -> None:
    place, size = _piece(data, rng)
    data[place:place] = data[place : place + size] * rng.randint(1, 4)


def _piece(data: bytearray, rng: random.Random) -> tuple[int, int]:
    size = rng.randint(1, min(_MOST_PIECE, len(data)))
    return rng.randint(0, len(data) - size), size


_CHANGES: Final[tuple[_Change, ...]] = (_flip, _replace, _edge, _step, _insert, _remove, _repeat)
