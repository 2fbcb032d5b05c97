"""Banks of items: drawn from one key, committed to in public, opened by the key, revealed when they are spent. Pure.

A bank's public part says which families at which version its items come from, and one commitment an item, under one
Merkle root. It does not say which item is of which family or level: that would tell how hard each is. Whoever holds the
key draws all items again and finds them by their commitments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from trialplate.benchmark.items import Item, commitment, drawn, item_of
from trialplate.benchmark.primitives import Level, primitives
from trialplate.benchmark.registry import AnyFamily, FamilyError, load_family, source_digest
from trialplate.errors import TrialplateError
from trialplate.records import canonical, decode
from trialplate.trust import Tree, leaf_hash

KEY_BYTES: Final = 32
FORMAT: Final = "trialplate-bank/1"
REVEAL_FORMAT: Final = "trialplate-reveal/1"
_MOST_BYTES: Final = 16 << 20
_MOST_ITEMS: Final = 4096
_DIGEST: Final = re.compile(r"[0-9a-f]{96}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class BankError(TrialplateError):
    """A bank, its key or its reveal is not what it should be."""


class FamilyVersion(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A family of a bank: its name, version and the SHA-384 of its generator's and oracle's source."""

    name: str
    version: int
    sources: str


class SealedItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item as the public sees it: an id that says nothing, and its commitment."""

    id: str
    commitment: str


class _Parts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a bank's root is over."""

    format: str
    name: str
    primitives: str
    families: tuple[FamilyVersion, ...]
    items: tuple[SealedItem, ...]


class Bank(_Parts, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The public part of a bank.

    `items` are in the order of their ids. `root` is the RFC 6962 root whose first leaf is everything but the items, and
    whose further leaves are the items, so that nothing of a bank can be changed under its root.

    Raises:
        BankError: where the parts contradict each other.
    """

    root: str

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise BankError(f"This is no bank of format {FORMAT}, but {self.format[:40]!r}.", "Give a bank's file.")
        if not _NAME.fullmatch(self.name):
            raise BankError(f"{self.name[:40]!r} is no name of a bank.", "Use 1 to 64 of a-z, 0-9 and '-'.")
        ids = [item.id for item in self.items]
        if not 0 < len(ids) <= _MOST_ITEMS or ids != sorted(set(ids)):
            raise BankError("The bank's items are missing, repeated or out of order.", "Get the bank's file again.")
        if self.root != _root(self):
            raise BankError("The bank's root does not fit its items: it was changed.", "Get the bank's file again.")


class RevealedItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that an item was made from. `spec` is what was drawn, in its canonical form; the rest is hex."""

    id: str
    family: str
    level: Level
    seed: str
    nonce: str
    spec: str


class Reveal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is published when a bank is spent."""

    format: str
    root: str
    items: tuple[RevealedItem, ...]


@dataclass(frozen=True, kw_only=True)
class OpenBank:
    """A bank and its items, in the order of their ids."""

    bank: Bank
    items: tuple[Item, ...]

    def item(self, wanted: str) -> Item:
        """Return an item by its id.

        Raises:
            BankError: where there is none.
        """
        found = {item.id: item for item in self.items}.get(wanted)
        if found is None:
            raise BankError(f"The bank {self.bank.name} has no item {wanted[:40]!r}.", "See `trialplate bank list`.")
        return found


def new_bank(name: str, key: bytes, families: Iterable[AnyFamily]) -> OpenBank:
    """Draw four items of each family from a key and commit to them.

    Raises:
        BankError: for a malformed name or key, or no family.
    """
    chosen = tuple(families)
    items = _draw(key, chosen)
    versions = tuple(
        FamilyVersion(name=family.name, version=family.version, sources=source_digest(family)) for family in chosen
    )
    sources = {version.name: version.sources for version in versions}
    sealed = tuple(
        SealedItem(id=item.id, commitment=commitment(item.nonce, item.spec, sources[item.family.name]))
        for item in items
    )
    parts = _Parts(format=FORMAT, name=name, primitives=primitives().version, families=versions, items=sealed)
    bank = Bank(**msgspec.structs.asdict(parts), root=_root(parts))
    return OpenBank(bank=bank, items=items)


def open_bank(bank: Bank, key: bytes) -> OpenBank:
    """Draw a bank's items again from its key and check each against its commitment.

    Raises:
        BankError: where the key is another's, or the bank was made by another version.
        FamilyError: where a family is not installed, or not at the bank's version.
    """
    families = installed(bank)
    items = _draw(key, families)
    if [item.id for item in items] != [sealed.id for sealed in bank.items]:
        raise BankError(f"The key is not that of the bank {bank.name}.", "Give the key file that was made with it.")
    for item, sealed in zip(items, bank.items, strict=True):
        _check(bank, sealed, item.nonce, item)
    return OpenBank(bank=bank, items=items)


def revealed(opened: OpenBank) -> Reveal:
    """Return what anyone needs to draw a bank's items again. Afterwards they are spent."""
    items = tuple(
        RevealedItem(
            id=item.id,
            family=item.family.name,
            level=item.level,
            seed=item.seed.hex(),
            nonce=item.nonce.hex(),
            spec=canonical(item.spec).decode(),
        )
        for item in opened.items
    )
    return Reveal(format=REVEAL_FORMAT, root=opened.bank.root, items=items)


def check_reveal(bank: Bank, reveal: Reveal) -> None:
    """Draw every item of a reveal again and compare it with what was published and with the bank's commitment.

    Raises:
        BankError: for the first item that differs, is missing or is left over.
        FamilyError: where a family is not installed, or not at the bank's version.
    """
    if reveal.format != REVEAL_FORMAT or reveal.root != bank.root:
        raise BankError("This reveal is of another bank.", f"Give the reveal of the bank with root {bank.root[:16]}.")
    if [item.id for item in reveal.items] != [item.id for item in bank.items]:
        raise BankError("The reveal leaves items out or adds some.", "Get the whole reveal.")
    families = {family.name: family for family in installed(bank)}
    for item, sealed in zip(reveal.items, bank.items, strict=True):
        family = families.get(item.family)
        if family is None:
            raise BankError(f"Item {item.id} is of {item.family[:60]!r}, no family of this bank.", "Refuse the reveal.")
        spec = drawn(family, _bytes(item, item.seed), item.level)
        if canonical(spec).decode() != item.spec:
            raise BankError(f"The spec of item {item.id} is not what its seed draws.", "Refuse the reveal.")
        again = Item(id=item.id, family=family, spec=spec, seed=b"", nonce=b"")
        _check(bank, sealed, _bytes(item, item.nonce), again)


def installed(bank: Bank) -> tuple[AnyFamily, ...]:
    """Return the families of a bank.

    Raises:
        BankError: where the table of primitives is another.
        FamilyError: where one is not installed, or is at another version than the bank's.
    """
    if bank.primitives != primitives().version:
        raise BankError(
            f"The bank {bank.name} rests on primitives {bank.primitives}; this is {primitives().version}.",
            "Use the version of Trialplate that made it, or draw a new bank.",
        )
    return tuple(_same_version(bank, version) for version in bank.families)


def parse_bank(data: bytes) -> Bank:
    """Return the bank in a file's bytes.

    Raises:
        BankError: where they are no bank, or one byte of it was changed.
    """
    return _parsed(data, Bank, "bank")


def parse_reveal(data: bytes) -> Reveal:
    """Return the reveal in a file's bytes.

    Raises:
        BankError: where they are none.
    """
    return _parsed(data, Reveal, "reveal")


def _parsed(data: bytes, kind: type[Any], what: str) -> Any:  # noqa: ANN401 - of the type that was given
    try:
        return decode(data.removesuffix(b"\n"), kind, most=_MOST_BYTES)
    except (TrialplateError, msgspec.ValidationError) as failure:
        if isinstance(failure, BankError):
            raise
        raise BankError(f"This is no {what}, or it was changed ({failure}).", f"Get the {what}'s file again.") from None


def _same_version(bank: Bank, version: FamilyVersion) -> AnyFamily:
    family = load_family(version.name)
    if source_digest(family) != version.sources:
        raise FamilyError(
            f"The bank {bank.name} was drawn by version {version.version} of {version.name} with other sources than "
            f"the installed version {family.version}.",
            "Use the version of Trialplate that made the bank, or draw a new one with `trialplate bank new`.",
        )
    return family


def _draw(key: bytes, families: Iterable[AnyFamily]) -> tuple[Item, ...]:
    if len(key) != KEY_BYTES:
        raise BankError(f"A bank's key has {KEY_BYTES} bytes, not {len(key)}.", "Give the file that `bank new` wrote.")
    items = [item_of(key, family, index, level) for family in families for index, level in enumerate(family.ladder)]
    return tuple(sorted(items, key=lambda item: item.id))


def _check(bank: Bank, sealed: SealedItem, nonce: bytes, item: Item) -> None:
    sources = cast("Mapping[str, str]", {version.name: version.sources for version in bank.families})
    if commitment(nonce, item.spec, sources[item.family.name]) != sealed.commitment:
        raise BankError(f"Item {item.id} does not open its commitment.", "Refuse it: item or bank was changed.")


def _root(parts: _Parts) -> str:
    if not all(_DIGEST.fullmatch(item.commitment) for item in parts.items):
        raise BankError("A commitment is not 96 lower-case hex digits.", "Get the bank's file again.")
    head = canonical([parts.format, parts.name, parts.primitives, parts.families])
    leaves = [head, *(f"{item.id}:{item.commitment}".encode() for item in parts.items)]
    return Tree(leaf_hash(leaf) for leaf in leaves).root().hex()


def _bytes(item: RevealedItem, text: str) -> bytes:
    # One value has one form: capitals and spaces, which Python would read as well, were put there by somebody.
    if not _HEX.fullmatch(text):
        raise BankError(f"Seed or nonce of item {item.id} is not 64 lower-case hex digits.", "Refuse the reveal.")
    return bytes.fromhex(text)
