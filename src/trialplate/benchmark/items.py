"""Items: drawn from a bank's key, and committed to before anyone is asked.

The seed of an item is HKDF-SHA256(bank key, family, index, level), and so is the nonce of its commitment. Whoever is
given seed and nonce later draws the item again and compares: nothing else of a bank has to be kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.family import Spec
from trialplate.benchmark.primitives import ExpertTime, Level, expert_time, primitives
from trialplate.benchmark.registry import AnyFamily
from trialplate.records import canonical

SEED_BYTES: Final = 32
_TAG: Final = b"trialplate/item/1\0"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One task, drawn. `id` says nothing about it; seed and nonce are not shown."""

    id: str
    family: AnyFamily
    spec: Spec
    seed: bytes = field(repr=False)
    nonce: bytes = field(repr=False)

    @property
    def level(self) -> Level:
        """The step of the ladder that it was drawn for."""
        return self.spec.level

    @property
    def time(self) -> ExpertTime:
        """What an expert needs for it."""
        return expert_time(self.family.path(self.spec), primitives())


def _derived(key: bytes, what: str, family: str, index: int, level: Level) -> bytes:
    """Return what a bank's key gives for one end of one item."""
    info = f"trialplate/bank/1|{what}|{family}|{index}|{int(level)}".encode()
    return HKDF(algorithm=SHA256(), length=SEED_BYTES, salt=None, info=info).derive(key)


def item_of(key: bytes, family: AnyFamily, index: int, level: Level) -> Item:
    """Draw the item that a bank's key means by a family, an index and a level."""
    seed = _derived(key, "seed", family.name, index, level)
    return Item(
        id=_derived(key, "id", family.name, index, level)[:6].hex(),
        family=family,
        spec=drawn(family, seed, level),
        seed=seed,
        nonce=_derived(key, "nonce", family.name, index, level),
    )


def drawn(family: AnyFamily, seed: bytes, level: Level) -> Spec:
    """Return what a family draws from a seed."""
    return family.draw(Rng(seed, family.name), level)


def commitment(nonce: bytes, spec: Spec, sources: str) -> str:
    """Return the SHA-384 of nonce, canonical spec and digest of the generator's and oracle's source, in hex.

    Built bytes are no part of it: a compiler of another day makes others from the same item.
    """
    body = canonical(spec)
    digest = hashlib.sha384(_TAG + nonce + len(body).to_bytes(8, "big") + body + bytes.fromhex(sources))
    return digest.hexdigest()
