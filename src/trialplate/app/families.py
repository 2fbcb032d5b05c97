"""Try a family as its author or a reviewer would: draw, build, solve, attack and twin some seeds of each level."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trialplate.app.settings import Settings
from trialplate.benchmark.admission import distances, examine
from trialplate.benchmark.family_files import write_family
from trialplate.benchmark.items import item_of
from trialplate.benchmark.primitives import Level
from trialplate.benchmark.registry import load_family
from trialplate.benchmark.secrecy import KEY_BYTES
from trialplate.benchmark.workshop import Workshop
from trialplate.sandbox import Sandbox

IMAGE = "base"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One seed of a level: expert minutes, how long the whole examination took, and the fault, empty for none."""

    level: str
    seed: int
    minutes: int
    seconds: float
    fault: str


@dataclass(frozen=True, kw_only=True)
class LevelTried:
    """A level of a family: the distances over ten seeds, and the seeds that were tried for real."""

    level: str
    median_distance: float
    least_distance: float
    enough: bool
    seeds: tuple[Tried, ...]

    @property
    def good(self) -> bool:
        """Say whether nothing is wrong with it."""
        return self.enough and not any(tried.fault for tried in self.seeds)


def try_family(
    settings: Settings,
    name: str,
    *,
    levels: Sequence[int] = (),
    seeds: int = 1,
    tell: Callable[[Tried], None],
) -> tuple[LevelTried, ...]:
    """Examine the first `seeds` public seeds of each level of a family's ladder, or of `levels` alone.

    Raises:
        FamilyError: where the family is unknown.
        NotReadyError, SandboxError, OSError: where the machine does not let us.
    """
    return asyncio.run(_try(settings, name, levels=levels, seeds=seeds, tell=tell))


async def _try(
    settings: Settings,
    name: str,
    *,
    levels: Sequence[int],
    seeds: int,
    tell: Callable[[Tried], None],
) -> tuple[LevelTried, ...]:
    family = load_family(name)
    wanted = [level for level in sorted(set(family.ladder)) if not levels or level in levels]
    key = secrets.token_bytes(KEY_BYTES)
    results: list[LevelTried] = []
    async with Sandbox(settings.home) as sandbox:
        workshop = Workshop(sandbox, settings.builds_dir, sandbox.images.named(IMAGE).digest)
        for level in wanted:
            apart = distances(family, level)
            tried: list[Tried] = []
            for seed in range(seeds):
                began = time.perf_counter()
                item = item_of(bytes([seed]) * KEY_BYTES, family, 0, level)
                refusal = await examine(item, workshop, key)
                row = Tried(
                    level=Level(level).name,
                    seed=seed,
                    minutes=item.time.minutes,
                    seconds=round(time.perf_counter() - began, 1),
                    fault=refusal.reason if refusal else "",
                )
                tell(row)
                tried.append(row)
            results.append(
                LevelTried(
                    level=Level(level).name,
                    median_distance=round(apart.median, 2),
                    least_distance=round(apart.least, 2),
                    enough=apart.enough,
                    seeds=tuple(tried),
                )
            )
    return tuple(results)


def new_family(name: str, out: Path) -> tuple[Path, ...]:
    """Write a small whole family to the new folder `out`, and return its files.

    Raises:
        NewFamilyError: where the name is malformed or the folder cannot be made.
    """
    return write_family(name, out)
