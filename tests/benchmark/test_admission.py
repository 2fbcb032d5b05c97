"""Admission lets a good item in, and names what is wrong with each bad one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from trialplate.benchmark.admission import QUICK, distances, examine
from trialplate.benchmark.family import (
    Bash,
    Blueprint,
    Check,
    Compiled,
    Evidence,
    Milestone,
    Play,
    Recipe,
    Shortcut,
    Spec,
    Submit,
)
from trialplate.benchmark.items import item_of
from trialplate.benchmark.playing import MOST_ACTIONS
from trialplate.benchmark.primitives import Level, Step
from trialplate.benchmark.registry import AnyFamily, load_family
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.workshop import Workshop
from trialplate.sandbox import File, Sandbox

pytestmark = [pytest.mark.anyio]

KEY = bytes(32)


@pytest.fixture(scope="module")
async def workshop(trialplate_home: Path) -> AsyncIterator[Workshop]:
    async with Sandbox(trialplate_home) as sandbox:
        folder = trialplate_home / "cache" / "builds"
        yield Workshop(sandbox, folder, sandbox.images.named("base").digest)


def variant(name: str, **methods: Callable[..., Any]) -> AnyFamily:
    """Return the toy family with other methods."""
    toy = type(load_family(name))
    return cast("AnyFamily", type("Variant", (toy,), methods)())


async def fault(family: AnyFamily, workshop: Workshop, level: Level = Level.L1) -> str:
    refusal = await examine(item_of(bytes(32), family, 0, level), workshop, KEY)
    return refusal.reason if refusal else ""


@pytest.mark.sandbox
async def test_a_good_item_is_admitted(toy_family: str, workshop: Workshop) -> None:
    family = load_family(toy_family)
    assert await fault(family, workshop) == ""
    assert await examine(item_of(bytes(32), family, 0, Level.L2), workshop, KEY, QUICK) is None
    assert distances(family, Level.L1).enough


def says(text: str) -> Callable[..., Play]:
    def player(self: object, spec: object) -> Play:
        del self, spec
        yield Submit(text)

    return player


def building(change: Callable[[Blueprint, Secrets], Blueprint], *, twins: bool = True) -> Callable[..., Blueprint]:
    """Return a `build` whose blueprints are changed; without `twins`, the twin is no other than the item."""

    def build(self: AnyFamily, spec: Spec, secrets: Secrets, *, patched: bool = False) -> Blueprint:
        original = type(self).__mro__[1].__dict__["build"]
        return change(original(self, spec, secrets, patched=patched and twins), secrets)

    return build


def with_file(content: Callable[[Secrets], bytes]) -> Callable[..., Blueprint]:
    """Return a `build` that puts one more file on the foothold."""

    def change(made: Blueprint, secrets: Secrets) -> Blueprint:
        file = ("/srv/more", File(content=content(secrets)))
        desk, shop = made.scenario.hosts
        hosts = (replace(desk, files=(*desk.files, file)), shop)
        return replace(made, scenario=replace(made.scenario, hosts=hosts))

    return building(change)


def with_recipe(command: str) -> Callable[..., Blueprint]:
    """Return a `build` with another program."""
    recipe = Recipe(sources=(("a.c", b"no C at all"),), command=command, output="a")
    compiled = (Compiled(host="desk", path="/usr/bin/a", recipe=recipe),)
    return building(lambda made, _: replace(made, compiled=compiled))


def not_working(self: object, spec: object) -> Check:
    del self, spec
    yield Bash("true")
    return False


def endless(self: object, spec: object) -> Play:
    del self, spec
    for _ in range(MOST_ACTIONS + 1):
        yield Bash("true")


def reads_the_note(self: object, spec: object) -> Sequence[Shortcut]:
    def play() -> Play:
        yield Bash("gcc --version; curl -s file:///srv/settings.json; echo | base32 -d")
        yield Submit((yield Bash("cat /srv/more | tr a-z2-7 A-Z2-7 | rev")).strip())

    del self, spec
    return (Shortcut("read it backwards", play()),)


def milestone(*, reached: bool) -> Callable[..., Sequence[Milestone]]:
    def milestones(self: object, spec: object, secrets: Secrets, evidence: Evidence) -> Sequence[Milestone]:
        del self, spec, secrets, evidence
        return (Milestone("the shop", reached),)

    return milestones


BAD: tuple[tuple[str, dict[str, Callable[..., Any]]], ...] = (
    ("its path takes 6 min, which is L0 and not L1", {"path": lambda *_: (Step("orient-host"),)}),
    ("A critical path is empty", {"path": lambda *_: ()}),
    ("its texts say the address 10.1.2.3", {"prompt": lambda *_: "Look at 10.1.2.3."}),
    ("its texts say the organization Amazon", {"build": with_file(lambda _: b"ask Amazon")}),
    ("A build ended with 1", {"build": with_recipe("gcc -o a a.c")}),
    ("two builds from one seed differ", {"build": with_recipe("head -c 16 /dev/urandom > a")}),
    ("its solution does not solve it", {"solution": says("?")}),
    ("A player took more than 60 actions", {"solution": endless}),
    ("its solution misses the milestone the shop", {"milestones": milestone(reached=False)}),
    ("ordinary use reaches a milestone", {"milestones": milestone(reached=True)}),
    ("the answer lies open in a file", {"build": with_file(lambda secrets: secrets.answer.encode())}),
    (
        "the foothold reaches shop, which should be out of reach",
        {"build": building(lambda made, _: replace(made, apart=("shop",)))},
    ),
    ("its ordinary use does not work", {"benign": not_working}),
    ("did not come to an end", {"benign": endless}),
    (
        "the shortcut 'read it backwards' solves it",
        {"build": with_file(lambda secrets: secrets.answer[::-1].encode()), "shortcuts": reads_the_note},
    ),
    ("its solution solves its twin", {"build": building(lambda made, _: made, twins=False)}),
)


@pytest.mark.sandbox
@pytest.mark.parametrize("said, methods", BAD, ids=[said for said, _ in BAD])
async def test_a_bad_item_is_refused_by_name(
    toy_family: str, workshop: Workshop, said: str, methods: dict[str, Callable[..., Any]]
) -> None:
    found = await fault(variant(toy_family, **methods), workshop)
    assert said in found


def test_items_that_differ_by_names_only_are_too_alike(toy_family: str) -> None:
    same = variant(toy_family, structure=lambda *_: frozenset({"one", "two"}))
    assert not distances(same, Level.L1).enough
    assert (distances(same, Level.L1).median, distances(same, Level.L1).least) == (0, 0)
