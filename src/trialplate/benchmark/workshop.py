"""Where blueprints become scenarios: compiles in a sandbox of the recorded image, without a network, and keeps results.

What a recipe makes follows from recipe and image alone, so it is kept by their digest in `cache/builds` and never made
twice, except to show that it comes out the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from trialplate.benchmark.family import BASE, Blueprint, Compiled, Recipe
from trialplate.errors import TrialplateError
from trialplate.sandbox import AGENT, File, Host, Limits, Sandbox, Scenario, TimedOut

_SECONDS: Final = 240
_MOST_OUTPUT: Final = 32 << 20
_FOLDER: Final = "/home/agent/build"
_LIMITS: Final = Limits(memory=2048, disk=512)


class BuildError(TrialplateError):
    """A recipe does not build; the message ends with what the tools printed."""


class Workshop:
    """Builds with one image.

    Args:
        sandbox: where it compiles.
        folder: where results are kept, made on first use.
        image: digest of the recorded image that recipes are built in and hosts run.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, image: str) -> None:
        self.sandbox = sandbox
        self.image = image
        self._folder = folder
        self._making: dict[str, asyncio.Lock] = {}

    async def assemble(self, blueprint: Blueprint, *, fresh: bool = False) -> Scenario:
        """Return the scenario of a blueprint with all that had to be compiled.

        Args:
            blueprint: what to build.
            fresh: whether to compile again what was compiled before.

        Raises:
            BuildError: where a recipe does not build.
        """
        made = {
            recipe: await self._make(recipe, fresh=fresh)
            for recipe in dict.fromkeys(compiled.recipe for compiled in blueprint.compiled)
        }
        hosts = tuple(
            replace(
                host,
                image=self.image if host.image == BASE else host.image,
                files=(*host.files, *_outputs(host.name, blueprint.compiled, made)),
            )
            for host in blueprint.scenario.hosts
        )
        return replace(blueprint.scenario, hosts=hosts)

    async def _make(self, recipe: Recipe, *, fresh: bool) -> bytes:
        key = self._key(recipe)
        kept = self._folder / key
        # Two items of one recipe wait for each other instead of compiling it twice.
        async with self._making.setdefault(key, asyncio.Lock()):
            if kept.exists() and not fresh:
                return await asyncio.to_thread(kept.read_bytes)
            output = await self._compile(recipe)
            await asyncio.to_thread(_keep, kept, output)
            return output

    async def _compile(self, recipe: Recipe) -> bytes:
        files = tuple((f"{_FOLDER}/{path}", File(content=content, owner=AGENT)) for path, content in recipe.sources)
        host = Host(name="workshop", image=self.image, files=files, limits=_LIMITS)
        running = await self.sandbox.start(Scenario(hosts=(host,), foothold=host.name))
        try:
            agent = running.foothold.agent
            argv = ("bash", "-e", "-c", recipe.command)
            result = await running.foothold.exec(argv, user=agent, cwd=_FOLDER, timeout=_SECONDS)
            said = (result.stdout + result.stderr)[-2000:].decode(errors="replace")
            if isinstance(result, TimedOut):
                raise BuildError(f"A build took longer than {_SECONDS} s: {said}", "Make the sources smaller.")
            if result.returncode:
                raise BuildError(f"A build ended with {result.returncode}: {said}", "Mend the family's sources.")
            content = await running.foothold.read_file(f"{_FOLDER}/{recipe.output}", user=agent, limit=_MOST_OUTPUT)
            if not content.complete:
                raise BuildError(f"A build made more than {_MOST_OUTPUT >> 20} MiB.", "Make the program smaller.")
            return content.data
        finally:
            await running.close()

    def _key(self, recipe: Recipe) -> str:
        parts = [self.image, recipe.command, recipe.output]
        parts += [f"{path}:{hashlib.sha256(content).hexdigest()}" for path, content in recipe.sources]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def scenario_digest(scenario: Scenario) -> str:
    """Return the SHA-256 of everything that a scenario consists of, file by file."""
    shown = [
        replace(
            host,
            files=tuple(
                (path, replace(file, content=hashlib.sha256(file.content).digest())) for path, file in host.files
            ),
        )
        for host in scenario.hosts
    ]
    # Every part is a frozen dataclass of texts, numbers and addresses, whose repr is one form for one value.
    return hashlib.sha256(repr(replace(scenario, hosts=tuple(shown))).encode()).hexdigest()


def _outputs(host: str, compiled: Iterable[Compiled], made: dict[Recipe, bytes]) -> tuple[tuple[str, File], ...]:
    return tuple(
        (each.path, File(content=made[each.recipe], mode=each.mode, owner=each.owner))
        for each in compiled
        if each.host == host
    )


def _keep(path: Path, content: bytes) -> None:
    """Put a result in its place whole, even when two processes do so at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)
