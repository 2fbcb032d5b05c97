"""Which ids of the machine a scenario's users become, and which scenario holds them.

Root of a scenario must never be root of the machine: bubblewrap's known trap is that an inner id maps to the outer
0 and the machine's core_pattern is writable. So a scenario's ids start far above every other, in a range that is its
own while it lives (as root), or in the range that the machine has set aside for an ordinary user (/etc/subuid).
"""

from __future__ import annotations

import fcntl
import os
import pwd
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trialplate.sandbox.errors import NotReadyError

FIRST: Final = 1_900_000_000
COUNT: Final = 65_536
_WHOLE: Final = 4_294_967_295
_SLOTS: Final = 30_000


@dataclass(frozen=True, kw_only=True)
class IdSource:
    """Where scenarios get their ids from.

    Attributes:
        first: the lowest outer id of slot 0.
        step: how far the next slot's ids are; 0 where all scenarios share one range.
        mapper: who writes the map: this process ("direct") or the set-user-id tools ("newuidmap").
        shift: whether images are stored with the machine's own ids and shown through each scenario's map.
        slots: the folder of the slots' lock files.
    """

    first: int
    step: int
    mapper: str
    shift: bool
    slots: Path

    def outer(self, slot: int) -> int:
        """Return the outer id that root of the scenario in `slot` is."""
        return self.first + slot * self.step


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A claimed slot: its number, and the descriptor of its locked file, which keeps it."""

    number: int
    lock: int


@dataclass(frozen=True)
class _Range:
    first: int
    count: int


def find_ids(home: Path, *, root: Path = Path("/"), uid: int | None = None) -> IdSource:
    """Return where this process gets scenarios' ids from.

    `home` is Trialplate's own folder; `root` is the machine's file system and `uid` who asks, others only in tests.

    Raises:
        NotReadyError: where no safe range of 65,536 ids can be had; `fix` is the line to type.
    """
    own = [_Range(first, count) for first, _, count in _rows(root / "proc/self/uid_map")]
    asking = os.geteuid() if uid is None else uid
    if asking != 0:
        return _for_user(home, root, asking)
    if own == [_Range(0, _WHOLE)]:
        _refuse_overlap(root)
        return IdSource(first=FIRST, step=COUNT, mapper="direct", shift=True, slots=Path("/run/trialplate/slots"))
    return _for_nested_root(own, home)


def _for_user(home: Path, root: Path, uid: int) -> IdSource:
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    found = [
        {(first, count) for owner, first, count in _named_rows(root / f"etc/sub{kind}") if owner in {name, str(uid)}}
        for kind in ("uid", "gid")
    ]
    usable = sorted(first for first, count in found[0] & found[1] if count >= COUNT and first > 0)
    if not usable:
        raise NotReadyError(
            "This user has no range of 65,536 subordinate ids.",
            f"Run as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name}",
        )
    return IdSource(first=usable[0], step=0, mapper="newuidmap", shift=False, slots=home / "slots")


def _for_nested_root(own: list[_Range], home: Path) -> IdSource:
    """Root of a user namespace: its ids are what it was given, and 0 and 1 are left out."""
    for given in own:
        first = max(given.first, 1)
        if given.first + given.count - first >= COUNT:
            return IdSource(first=first, step=0, mapper="direct", shift=False, slots=home / "slots")
    raise NotReadyError(
        "This user namespace has no 65,536 ids beside root's.",
        "Start it with a subordinate range: unshare --user --map-root-user --map-auto",
    )


def _refuse_overlap(root: Path) -> None:
    """Raise where the machine has given ids of our range to a user."""
    for kind in ("uid", "gid"):
        for name, first, count in _named_rows(root / f"etc/sub{kind}"):
            if first + count > FIRST and first < FIRST + _SLOTS * COUNT:
                raise NotReadyError(
                    f"/etc/sub{kind} gives {name} the ids from {first}, which scenarios use.",
                    f"Give {name} a range below {FIRST}.",
                )


def _named_rows(path: Path) -> Iterator[tuple[str, int, int]]:
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        name, *numbers = line.split(":")
        if len(numbers) == 2 and all(number.isdigit() for number in numbers):  # noqa: PLR2004 name:first:count
            yield name, int(numbers[0]), int(numbers[1])


def _rows(path: Path) -> Iterable[tuple[int, ...]]:
    return [tuple(int(part) for part in line.split()) for line in path.read_text().splitlines()]


def claim_slot(source: IdSource, *, most: int = _SLOTS) -> Slot:
    """Claim the first free slot; it is free again when every copy of the lock's descriptor is closed."""
    source.slots.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(most):
        lock = try_slot(source, number)
        if lock is not None:
            return lock
    raise NotReadyError(f"All {most} slots of scenarios are taken.", "Close some scenarios first.")


def try_slot(source: IdSource, number: int) -> Slot | None:
    """Claim the slot `number`, or return None when it is taken."""
    lock = os.open(source.slots / str(number), os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return Slot(number=number, lock=lock)
