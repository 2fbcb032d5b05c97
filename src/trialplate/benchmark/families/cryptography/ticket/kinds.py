"""The misuses as they are drawn: variants and parameters by level, and what each asks of a ticket's layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.cryptography.ticket.spec import Kind, Value
from trialplate.benchmark.primitives import Level

Values = Mapping[str, Value]

L1_KINDS: Final = (
    Kind.PASTE, Kind.FLIP, Kind.PADDING, Kind.STREAM, Kind.EXTENSION, Kind.CONCAT, Kind.BLIND, Kind.CUBE, Kind.NONCE,
    Kind.GENERATOR, Kind.CLOCK,
)  # fmt: skip
L3_KINDS: Final = (
    Kind.SUFFIX, Kind.FLIP, Kind.PADDING, Kind.STREAM, Kind.EXTENSION, Kind.CUBE, Kind.NONCE, Kind.SUBGROUP,
    Kind.GENERATOR, Kind.COMPRESS, Kind.POLYMAC,
)  # fmt: skip
STATEFUL: Final = frozenset({Kind.GENERATOR})
"""Kinds whose tickets are known only to the machine that issued them."""

_DIGESTS: Final = ("sha256", "sha1", "blake2s", "sha3_256", "sha512")
_MERSENNE: Final = ((61, 6), (89, 10), (107, 12), (127, 14))
_DAY: Final = 21_991
"""A day in March 2030, in days of the epoch; the days on which desks opened are counted from it."""
_DAY_SECONDS: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a kind needs: the longest memo, whether it may hold any character, the quota, and the fields' order.

    `order` lists meanings that must stand in this order side by side; `first`, whether they open the ticket.
    """

    memo: int = 40
    any_memo: bool = False
    limit: int = 400
    order: tuple[str, ...] = ()
    first: bool = False
    extra: tuple[str, ...] = ()


def _cipher(rng: Rng, sizes: tuple[int, ...] = (8, 16)) -> Values:
    return {"block": rng.pick(sizes), "rounds": rng.pick((6, 8, 10)), "digest": rng.pick(_DIGESTS)}


def _paste(rng: Rng, level: Level) -> tuple[Values, Room]:
    del level
    return _cipher(rng), Room(memo=48, order=("memo", "grade") if rng.chance(50) else ())


def _suffix(rng: Rng, level: Level) -> tuple[Values, Room]:
    hard = level >= Level.L3
    room = Room(memo=640 if hard else 160, any_memo=True, limit=9000 if hard else 3000, order=("memo", "code"))
    return {**_cipher(rng), "drift": int(hard)}, room


def _flip(rng: Rng, level: Level) -> tuple[Values, Room]:
    polynomials = {width: (rng.below(1 << width) | 1) % (1 << width) for width in (16, 24, 32)}
    mode = "cbc" if level >= Level.L3 else rng.pick(("cbc", "cfb", "ctr"))
    summed = level >= Level.L3 or (mode == "ctr" and level is Level.L2)
    width = rng.pick((24, 32) if level >= Level.L3 else (16, 24, 32)) if summed else 0
    values: Values = {
        **_cipher(rng, (32,) if level >= Level.L3 or mode == "cfb" else (16,)),
        "mode": mode,
        "iv_last": int(rng.chance(50)),
        "crc_width": width,
        "crc_polynomial": polynomials[width] if width else 0,
    }
    extra = ("mark",) if mode == "ctr" and width else ()
    if mode == "cbc" and not width:
        # Where the grade opens the ticket, any change of the initial vector is harmless, and no thought is needed.
        opens = level is Level.L1 and rng.chance(50)
        return values, Room(memo=96, order=("grade",) if opens else ("memo", "grade"), first=opens)
    if mode == "ctr":
        return values, Room(memo=96, extra=extra)
    return values, Room(memo=96, order=("grade", "memo"), first=True)


def _padding(rng: Rng, level: Level) -> tuple[Values, Room]:
    styles = ("count", "zeros-count", "mark-zeros")
    hard = level >= Level.L3
    values: Values = {
        **_cipher(rng),
        "style": rng.pick(styles[1:] if hard else styles if level is Level.L2 else styles[:1]),
        "reversed": int(hard or (level is Level.L2 and rng.chance(50))),
        "lies": rng.between(14, 26) if hard else 0,
    }
    return values, Room(limit=150_000 if hard else 70_000)


def _stream(rng: Rng, level: Level) -> tuple[Values, Room]:
    variant = {Level.L1: "fixed", Level.L2: rng.pick(("short", "length"))}.get(level, "overlap")
    bits = rng.pick((8, 10)) if variant == "short" else rng.pick((10, 11, 12))
    values: Values = {
        "variant": variant,
        "ring_bits": bits,
        "step": rng.pick((2, 4)),
        "width": rng.pick((16, 20)),
        "digest": rng.pick(_DIGESTS),
    }
    return values, Room(memo=160, limit={"fixed": 300, "length": 300}.get(variant, 9000))


def _extension(rng: Rng, level: Level) -> tuple[Values, Room]:
    low = rng.between(8, 24)
    known = level is Level.L1
    secret: Values = {"secret_low": low, "secret_high": low} if known else {"secret_low": 8, "secret_high": 40}
    if level < Level.L3:
        kind = rng.pick(("sha1", "sha256", "sha512"))
        return {**secret, "digest_kind": kind, "shown": {"sha1": 20, "sha256": 32, "sha512": 64}[kind]}, Room()
    state = rng.pick((16, 20, 24))
    values: Values = {
        **secret,
        "digest_kind": "house",
        "digest": rng.pick(_DIGESTS[:1] + _DIGESTS[2:]),
        "state": state,
        "shown": state - 1,
        "block": rng.pick((16, 24, 32, 48)),
        "bits": int(rng.chance(50)),
        "length": rng.pick((4, 6, 8)),
        "endian": rng.pick(("big", "little")),
        "start": rng.octets(state).hex(),
    }
    return values, Room(limit=22_000)


def _concat(rng: Rng, level: Level) -> tuple[Values, Room]:
    variant = "values" if level is Level.L1 else rng.pick(("values", "names"))
    values: Values = {"variant": variant, "digest": rng.pick(("sha1", "sha256", "sha512")), "shown": rng.pick((16, 20))}
    return values, Room(memo=80, order=("memo", "grade", rng.pick(("serial", "until", "site"))))


def _blind(rng: Rng, level: Level) -> tuple[Values, Room]:
    variant = rng.pick(("raw", "factor"))
    values: Values = {
        "variant": variant,
        "bits": rng.pick((1024, 1152)),
        "e": rng.pick((5, 17, 257, 65537)),
        "factors": rng.between(4, 9) if variant == "factor" else 0,
        "lead": f"{rng.between(0x41, 0x5A):02x}" if level is Level.L2 and variant == "raw" else "",
    }
    return values, Room(memo=20)


def _cube(rng: Rng, level: Level) -> tuple[Values, Room]:
    variant = rng.pick(("after", "end")) if level < Level.L3 else "both"
    values: Values = {
        "variant": variant,
        "bits": 1536,
        "digest": rng.pick(("sha1", "sha256")),
        "filler": 0xFF if level is Level.L1 else rng.pick((0xFF, 0xAA, 0x5A, 0x33)),
        "least": rng.between(4, 8),
    }
    return values, Room()


def _nonce(rng: Rng, level: Level) -> tuple[Values, Room]:
    variant = rng.pick(
        {Level.L1: ("table", "counter"), Level.L2: ("table", "counter", "lcg")}.get(level, ("short", "lcg"))
    )
    public = variant == "lcg" and level is Level.L2
    values: Values = {
        "variant": variant,
        "salt": rng.octets(8).hex(),
        "equation": rng.pick(("dsa", "schnorr")),
        "table": (8 if level is Level.L1 else rng.pick((32, 64))) if variant == "table" else 0,
        "k_bytes": rng.pick((13, 14)) if variant == "short" else 0,
        "a": str(int.from_bytes(rng.octets(19), "big")) if public else "0",
        "c": str(int.from_bytes(rng.octets(19), "big")) if public else "0",
    }
    return values, Room(limit=600)


def _subgroup(rng: Rng, level: Level) -> tuple[Values, Room]:
    hard = level >= Level.L3
    low, high, count = (512, 2048, 11) if hard else (1024, 4096, 13)
    primes = [n for n in range(low, high) if all(n % d for d in range(2, int(n**0.5) + 1))]
    values: Values = {
        "salt": rng.octets(8).hex(),
        "small": tuple(sorted(rng.sample(primes, count))),
        "x_bits": 132 if hard else 120,
        "shown": 1 if hard else 16,
    }
    return values, Room(limit=1500)


def _generator(rng: Rng, level: Level) -> tuple[Values, Room]:
    variant = {Level.L1: "low", Level.L2: rng.pick(("unknown", "xorshift"))}.get(level, "top")
    a, c = (int.from_bytes(rng.octets(12), "big") for _ in range(2))
    if variant == "low":
        hidden = rng.between(12, 16)
        values: Values = {"modulus": str(1 << 64), "a": str(a % (1 << 62) * 4 + 1), "c": str(c % (1 << 63) | 1)}
        return {**values, "variant": variant, "hidden": hidden, "bits": 64, "seen": 64 - hidden}, Room(limit=600)
    if variant == "unknown":
        bits = rng.pick((56, 64, 72))
        return {"variant": variant, "hidden": 0, "bits": bits, "seen": bits}, Room(limit=600)
    if variant == "xorshift":
        shifts = (rng.between(7, 27), -rng.between(5, 17), rng.between(9, 31))
        signs = 1 if rng.chance(50) else -1
        values = {"shifts": tuple(signs * each for each in shifts), "bits": rng.pick((64, 80, 96))}
        view = rng.pick(("high", "low"))
        return {**values, "variant": variant, "view": view, "seen": rng.between(32, 44)}, Room(limit=600)
    bits = rng.pick((88, 96))
    modulus = (1 << bits) - 1 - 2 * rng.below(1 << 40)
    hidden = bits - rng.between(34, 40)
    numbers: Values = {"modulus": str(modulus), "a": str(a % modulus), "c": str(c % modulus)}
    return {**numbers, "variant": variant, "hidden": hidden, "bits": bits, "seen": bits - hidden}, Room(limit=600)


def _compress(rng: Rng, level: Level) -> tuple[Values, Room]:
    hard = level >= Level.L3
    values: Values = {
        "shortest": rng.between(4, 6),
        "window_bits": rng.pick((9, 10)),
        "length_bits": 6,
        "round": rng.pick((8, 12, 16)) if hard else 1,
    }
    return values, Room(memo=160, any_memo=True, limit=14_000 if hard else 8000, order=("memo",) if hard else ())


def _clock(rng: Rng, level: Level) -> tuple[Values, Room]:
    day = _DAY + rng.below(300)
    variant = "digest" if level is Level.L1 else rng.pick(("digest", "stretch"))
    fine = variant == "digest" and level is Level.L2
    values: Values = {
        "variant": variant,
        "span": 216_000 if fine else _DAY_SECONDS,
        "from": day * _DAY_SECONDS * (10 if fine else 1),
        "day": date.fromordinal(_EPOCH + day).isoformat(),
        "fine": int(fine),
        "lead": rng.word() if variant == "digest" else "",
        "a": str(rng.below(1 << 29) * 8 + 5) if variant == "stretch" else "0",
        "c": str(rng.below(1 << 31) * 2 + 1) if variant == "stretch" else "0",
        "shown": rng.pick((12, 16, 20)),
    }
    return values, Room()


def _polymac(rng: Rng, level: Level) -> tuple[Values, Room]:
    exponent, chunk = rng.pick(_MERSENNE)
    hard = level >= Level.L3
    values: Values = {
        "variant": "random" if hard else "counter",
        "prime": str((1 << exponent) - 1),
        "chunk": chunk,
        "nonces": rng.pick((256, 400, 512)) if hard else rng.pick((16, 32, 48)),
    }
    return values, Room(limit=3000)


DRAWS: Final[Mapping[Kind, Callable[[Rng, Level], tuple[Values, Room]]]] = {
    Kind.PASTE: _paste, Kind.SUFFIX: _suffix, Kind.FLIP: _flip, Kind.PADDING: _padding, Kind.STREAM: _stream,
    Kind.EXTENSION: _extension, Kind.CONCAT: _concat, Kind.BLIND: _blind, Kind.CUBE: _cube, Kind.NONCE: _nonce,
    Kind.SUBGROUP: _subgroup, Kind.GENERATOR: _generator, Kind.COMPRESS: _compress, Kind.CLOCK: _clock,
    Kind.POLYMAC: _polymac,
}  # fmt: skip
