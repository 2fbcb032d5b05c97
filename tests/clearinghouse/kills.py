"""Kill the worker at every moment of a story, and go on: `python -m tests.clearinghouse.kills FOLDER`.

The story has four acts, and in each of them `work` is killed with SIGKILL at every seam of every transaction and
around every trial, one moment after the other, each time from the same beginning. Then it goes on to its end. Prints a
JSON line a moment: whether what stands is what stands where nothing was killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tests.fakes.clearing import World
from tests.fakes.lab import ScriptedLab
from trialplate.app.clearing.house import House
from trialplate.app.clearing.work.working import work
from trialplate.clearinghouse.triage.patching import PatchTrial
from trialplate.clearinghouse.triage.recipe import Recipe
from trialplate.clearinghouse.triage.replay import Replay
from trialplate.clearinghouse.triage.stage import Source
from trialplate.records import SubjectId
from trialplate.records.case import Case
from trialplate.store import Durability, SqliteStore
from trialplate.store.faults import Point

Fold = list[tuple[str, str, int, str, str]]
"""What stands, record by record: subject, step, ordinal, kind and body."""


class Moments:
    """Counts the moments of a run, and ends the process at one of them; at 0 at none."""

    def __init__(self, last: int = 0) -> None:
        self.count = 0
        self._last = last

    def __call__(self, point: Point | None = None) -> None:
        """Let a moment pass, or be the last; which seam it is does not matter."""
        del point
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalLab(ScriptedLab):
    """A laboratory in which a worker can die, before a trial and after it."""

    def __init__(self, moments: Moments) -> None:
        super().__init__()
        self._moments = moments

    def replay(self, recipe: Recipe, source: Source, proof: bytes, fixed: Source | None) -> Replay:
        """See `Lab.replay`."""
        self._moments()
        seen = super().replay(recipe, source, proof, fixed)
        self._moments()
        return seen

    def check(self, recipe: Recipe, source: Source, proofs: Sequence[bytes], patch: bytes) -> PatchTrial:
        """See `Lab.check`."""
        self._moments()
        seen = super().check(recipe, source, proofs, patch)
        self._moments()
        return seen


def play(folder: Path) -> None:
    """Play all acts, and every death in each."""
    world = World()
    for number, act in enumerate((_reports, _wrong_patch, _right_patch, _accept)):
        beginning, end = folder / f"{number}.db", folder / f"{number}-end.db"
        if number:
            shutil.copy(folder / f"{number - 1}-end.db", beginning)
        _at(world, beginning, act)
        shutil.copy(beginning, end)
        counted = Moments()
        _at(world, end, _work(counted), counted)
        expected = _fold(world, end)
        for moment in range(1, counted.count + 1):
            store = folder / f"{number}-{moment}.db"
            shutil.copy(beginning, store)
            killed = _killed(world, store, moment)
            _at(world, store, _work(Moments()))
            found = _fold(world, store)
            said = {"act": number, "moment": moment, "killed": killed, "same": found == expected}
            sys.stdout.write(json.dumps(said) + "\n")


def _reports(world: World) -> None:
    world.staff()
    world.project("cards", "mill", open_limit=1)
    world.report("cards", "ada", b"crash card_copy card_read main")
    world.report("cards", "bo", b"crash  card_copy card_read main")
    world.report("cards", "cy", b"nothing")


def _wrong_patch(world: World) -> None:
    world.answer("mill", _case(world), answer="accept")
    world.answer("mill", _case(world), answer="patch", patch="wrong.patch", base="1.0")


def _right_patch(world: World) -> None:
    world.answer("mill", _case(world), answer="patch", patch="right.patch", base="1.0")


def _accept(world: World) -> None:
    world.answer("mill", _case(world), answer="accept fix", version="1.1")


def _case(world: World) -> SubjectId:
    return next(subject for subject in world.reports if world.house.history(subject).last(Case))


def _work(moments: Moments) -> Callable[[World], None]:
    def do(world: World) -> None:
        for _ in work(world.house, MortalLab(moments), world.feeds):
            pass

    return do


def _at(world: World, path: Path, do: Callable[[World], None], fault: Moments | None = None) -> None:
    """Do something with the house at a store, and close it."""
    store = SqliteStore(path, durability=Durability.UNSAFE_OFF, fault=fault or Moments())
    world.house = House(store, world.keys, world.vault, lambda: world.now)
    try:
        do(world)
    finally:
        store.close()


def _killed(world: World, path: Path, moment: int) -> bool:
    """Work in a process of its own that dies at a moment, and say whether it was killed."""
    pid = os.fork()
    if not pid:
        moments = Moments(moment)
        _at(world, path, _work(moments), moments)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _fold(world: World, path: Path) -> Fold:
    found: Fold = []

    def look(world: World) -> None:
        for subject in world.reports:
            for said in world.house.history(subject).standing:
                header = said.stored.entry.header
                body = msgspec.json.encode(said.body, order="sorted").decode()
                found.append((subject, header.slot.step, header.slot.ordinal, header.kind, body))

    _at(world, path, look)
    return found


if __name__ == "__main__":
    play(Path(sys.argv[1]))
