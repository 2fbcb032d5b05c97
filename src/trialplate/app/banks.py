"""What can be done with banks of items: draw one, list it, admit its items, reveal it and check a reveal."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.app.kept import keep
from trialplate.app.settings import Settings
from trialplate.benchmark.admission import FULL, QUICK, distances, examine
from trialplate.benchmark.admitted import (
    Admission,
    PrimitiveUse,
    Summary,
    admission_of,
    parse_admission,
    primitive_uses,
    summary_of,
)
from trialplate.benchmark.bank import KEY_BYTES, OpenBank, check_reveal, new_bank, revealed
from trialplate.benchmark.bank_files import (
    key_path,
    read_bank,
    read_open_bank,
    read_reveal,
    write_key,
    write_public,
)
from trialplate.benchmark.items import Item
from trialplate.benchmark.registry import family_names, load_family
from trialplate.benchmark.secrecy import KEY_BYTES as CAMPAIGN_KEY_BYTES
from trialplate.benchmark.workshop import Workshop
from trialplate.sandbox import Sandbox
from trialplate.sandbox.ids import find_ids
from trialplate.sandbox.image import ImageStore

IMAGE: Final = "base"
SUFFIX: Final = ".bank.json"


class Listed(Struct, frozen=True, kw_only=True):
    """One item of a bank, for its holder."""

    item: str
    family: str
    domain: str
    level: str
    minutes: int
    admitted: bool | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What an admission found; `known` where it was found earlier and only read again.

    `otherwise` are the items that are judged otherwise on this image than on the one that the bank ships with.
    """

    summary: Summary
    admission: Admission
    primitives: tuple[PrimitiveUse, ...]
    known: bool
    otherwise: tuple[str, ...]


def public_bank() -> Path:
    """Return the public development bank's file, whose key lies beside it for everyone to see."""
    return Path(str(resources.files("trialplate.benchmark").joinpath("public", f"development{SUFFIX}")))


def draw(out: Path, *, families: Sequence[str] = (), key: bytes = b"") -> OpenBank:
    """Draw a new bank and write its public part to `out`, its key beside it.

    Args:
        out: a file that does not exist, `NAME.bank.json`.
        families: names; by default all that are installed.
        key: 32 bytes, for a bank whose key is meant to be known; by default random.

    Raises:
        BankError: where a file exists or cannot be written, or the name is malformed.
        FamilyError: where a family is unknown.
    """
    chosen = key or secrets.token_bytes(KEY_BYTES)
    loaded = [load_family(name) for name in families or family_names()]
    opened = new_bank(out.name.removesuffix(SUFFIX), chosen, loaded)
    # The key first: a bank without its key would be of no use to anyone.
    write_key(key_path(out), chosen)
    write_public(out, opened.bank)
    return opened


def listed(settings: Settings, path: Path) -> tuple[Listed, ...]:
    """Return a bank's items with what is known about their admission, by family and level."""
    opened = read_open_bank(path)
    found = known_admission(settings, path, opened)
    reasons = {result.item: result.reason for result in found.results} if found else {}
    rows = [
        Listed(
            item=item.id,
            family=item.family.name,
            domain=item.family.domain.value,
            level=item.level.name,
            minutes=item.time.minutes,
            admitted=not reasons[item.id] if item.id in reasons else None,
            reason=reasons.get(item.id, ""),
        )
        for item in opened.items
    ]
    return tuple(sorted(rows, key=lambda row: (row.family, row.minutes)))


def check(
    settings: Settings,
    path: Path,
    *,
    quick: bool = False,
    again: bool = False,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Checked:
    """Admit a bank's items on this machine's image, or read what an earlier admission on this image found.

    Args:
        settings: say where images, builds and admissions are kept.
        path: the bank's file; its key lies beside it.
        quick: whether a sample of the checks is enough.
        again: whether to admit again what was admitted before.
        tell: called with the number of items done and of all items.

    Raises:
        BankError, FamilyError: where the bank cannot be opened.
        NotReadyError, SandboxError, OSError: where the machine does not let us.
    """
    opened = read_open_bank(path)
    found = None if again else known_admission(settings, path, opened)
    known = found is not None and (quick or not found.quick)
    if found is None or not known:
        found = asyncio.run(_admit(settings, opened, quick=quick, tell=tell))
        keep(_kept(settings, opened, found.image), found)
    return Checked(
        summary=summary_of(opened, found),
        admission=found,
        primitives=primitive_uses(opened),
        known=known,
        otherwise=_otherwise(found, _shipped(path)),
    )


def known_admission(settings: Settings, path: Path, opened: OpenBank) -> Admission | None:
    """Return what an earlier admission on this machine's image found, or the one that ships beside the bank."""
    image = _image(settings)
    kept = _kept(settings, opened, image)
    found = parse_admission(kept.read_bytes()) if kept.exists() else _shipped(path)
    fits = found is not None and (found.root, found.image) == (opened.bank.root, image)
    return found if fits else None


def reveal(path: Path, out: Path) -> int:
    """Write what anyone needs to draw a bank's items again; return their number. The bank is spent then.

    Raises:
        BankError, FamilyError: where the bank cannot be opened or `out` cannot be written.
    """
    opened = read_open_bank(path)
    write_public(out, revealed(opened))
    return len(opened.items)


def checked_reveal(path: Path, revealed_path: Path) -> int:
    """Draw every item of a reveal again and compare it with the bank's commitments; return their number.

    Raises:
        BankError, FamilyError: for the first item that differs.
    """
    bank, found = read_bank(path), read_reveal(revealed_path)
    check_reveal(bank, found)
    return len(found.items)


async def _admit(settings: Settings, opened: OpenBank, *, quick: bool, tell: Callable[[int, int], None]) -> Admission:
    key = secrets.token_bytes(CAMPAIGN_KEY_BYTES)
    reasons = _alike(opened)
    done = 0
    async with Sandbox(settings.home) as sandbox:
        image = sandbox.images.named(IMAGE).digest
        workshop = Workshop(sandbox, settings.builds_dir, image)
        # Items wait for their services and for themselves as much as they compute.
        places = asyncio.Semaphore(2 * (os.cpu_count() or 1))

        async def one(item: Item) -> None:
            nonlocal done
            async with places:
                refusal = await examine(item, workshop, key, QUICK if quick else FULL)
            if refusal:
                reasons.setdefault(item.id, refusal.reason)
            done += 1
            tell(done, len(opened.items))

        async with asyncio.TaskGroup() as group:
            for item in opened.items:
                group.create_task(one(item))
    return admission_of(opened, image, quick=quick, reasons=reasons)


def _alike(opened: OpenBank) -> dict[str, str]:
    """Return the fault of every item whose family draws too much of the same at its level."""
    far = {pair: distances(*pair) for pair in {(item.family, item.level) for item in opened.items}}
    return {
        item.id: f"items of {item.family.name} at {item.level.name} differ too little (median {found.median:.2f}, "
        f"least {found.least:.2f})"
        for item in opened.items
        for found in (far[item.family, item.level],)
        if not found.enough
    }


def _shipped(path: Path) -> Admission | None:
    """Return the admission that lies beside a bank, by whoever made it and on its image."""
    beside = path.with_suffix(".admission.json")
    return parse_admission(beside.read_bytes()) if beside.exists() else None


def _otherwise(found: Admission, shipped: Admission | None) -> tuple[str, ...]:
    if shipped is None or shipped.root != found.root:
        return ()
    there = {result.item: not result.reason for result in shipped.results}
    return tuple(result.item for result in found.results if there.get(result.item) is not (not result.reason))


def _image(settings: Settings) -> str:
    return ImageStore(settings.images_dir, find_ids(settings.home)).named(IMAGE).digest


def _kept(settings: Settings, opened: OpenBank, image: str) -> Path:
    return settings.admissions_dir / f"{opened.bank.root[:32]}-{image[:32]}.json"
