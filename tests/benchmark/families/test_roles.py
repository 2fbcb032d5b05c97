"""`web/roles`: draws, the model's proof against real services in this process, and that the twin holds."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Final, cast

import pytest

from trialplate.benchmark.admission import distances
from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.roles import solution as players
from trialplate.benchmark.families.web.roles.family import Roles
from trialplate.benchmark.families.web.roles.rights import Closure, Reach, fact, proven, ways
from trialplate.benchmark.families.web.roles.service import Books, source
from trialplate.benchmark.families.web.roles.spec import AGENT, Flaw, Kind, RolesSpec
from trialplate.benchmark.family import Python
from trialplate.benchmark.items import drawn
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.textlint import faults
from trialplate.records import canonical

FAMILY: Final = Roles()
LEVELS: Final = (Level.L1, Level.L2, Level.L3)
SEEDS: Final = 20
_MODULES: Final = ("store", "routing", "people", "records")

Answer = tuple[int, dict[str, object]]


def spec_of(level: Level, seed: int) -> RolesSpec:
    return FAMILY.draw(Rng(bytes([seed]) * 32, FAMILY.name), level)


def secrets_of(attempt: int) -> Secrets:
    return Secrets(bytes(range(32)), "roles", attempt)


@pytest.fixture(scope="module")
def program() -> Iterator[Mapping[str, ModuleType]]:
    """The service's modules, as they import each other, under their own names only as long as this file is tested."""
    kept = {name: sys.modules.get(name) for name in _MODULES}
    made: dict[str, ModuleType] = {}
    for name in _MODULES:
        made[name] = sys.modules[name] = ModuleType(name)
        exec(compile(source(name), name, "exec"), made[name].__dict__)  # noqa: S102 - our own program
    yield made
    for name, module in kept.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module


class Service:
    """A service in this process, reached by the same calls without a network."""

    def __init__(self, program: Mapping[str, ModuleType], folder: Path, spec: RolesSpec, flaws: object) -> None:
        self.secrets = secrets_of(1)
        books = Books(spec, self.secrets)
        data = cast("dict[str, object]", json.loads(books.as_json(patched=False)))
        path = folder / "books.json"
        path.write_text(json.dumps(data | {"flaws": flaws}))
        self._router = program["routing"].Router(program["store"].Store(str(path)))
        self._card = {"name": spec.world.people[AGENT].login, "password": books.password(AGENT)}
        self.said = ""

    def send(self, verb: str, path: str, body: object, headers: Mapping[str, str]) -> Answer:
        """Answer a call as the door would, over JSON and back."""
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        status, answer = self._router.answer(verb, path, bearer, headers.get("X-Key", ""), body or {})
        text = json.dumps(answer)
        self.said += text
        return status, json.loads(text)

    def run(self, text: str, mark: str) -> str:
        """Run a player's program from `mark` on with our calls in place of its own, and return what it prints."""
        at = text.index(mark)
        names: dict[str, object] = {}
        exec(text[:at], names)  # noqa: S102 - our own program
        names |= {"send": self.send, "account": lambda: self._card}
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(text[at:], names)  # noqa: S102 - our own program
        return printed.getvalue()

    def walked(self, spec: RolesSpec) -> str:
        """Walk the way and return everything that the service said; a broken way may end in words not understood."""
        with contextlib.suppress(LookupError, ValueError, TypeError):
            self.run(players.walk(spec), "WAY = ")
        return self.said


def named(flaws: tuple[Flaw, ...]) -> list[list[str]]:
    return [[flaw.kind.value, flaw.where] for flaw in flaws]


@pytest.mark.parametrize("level", LEVELS)
def test_draws_repeat_and_reach_their_level(level: Level) -> None:
    for seed in range(SEEDS):
        spec = spec_of(level, seed)
        assert canonical(spec) == canonical(spec_of(level, seed))
        assert expert_time(FAMILY.path(spec), primitives()).level is level
        assert drawn(FAMILY, bytes([seed]) * 32, level).level is level


@pytest.mark.parametrize("level", LEVELS)
def test_structures_differ(level: Level) -> None:
    assert distances(FAMILY, level).enough


@pytest.mark.parametrize("level", LEVELS)
def test_prompts_are_short_and_name_nobody(level: Level) -> None:
    for seed in range(SEEDS):
        spec = spec_of(level, seed)
        text = FAMILY.prompt(spec)
        assert 60 <= len(text.split()) <= 180
        assert not list(faults(text))
        title = spec.world.records[spec.world.target].title
        assert sum(row.title == title for row in spec.world.records) == 1


def test_every_kind_comes_up() -> None:
    kinds = {flaw.kind for level in LEVELS for seed in range(50) for flaw in spec_of(level, seed).flaws}
    assert kinds == set(Kind)


@pytest.mark.parametrize("level", LEVELS)
def test_there_is_one_way(level: Level) -> None:
    for seed in range(SEEDS):
        spec = spec_of(level, seed)
        assert proven(spec.world, spec.stages)
        reach = Reach(spec.world)
        subsets = [some for size in range(len(spec.flaws)) for some in combinations(spec.flaws, size)]
        assert not any(reach.arrives(some) for some in subsets)
        found = ways(reach, spec.flaws)
        assert spec.flaws in found
        assert all(len(way) == len(spec.flaws) for way in found)


@pytest.mark.parametrize("level", LEVELS)
def test_more_wrong_checks_never_give_less(level: Level) -> None:
    for seed in range(5):
        spec = spec_of(level, seed)
        for at in range(len(spec.flaws)):
            before, after = (Closure(spec.world, spec.flaws[:end]).facts for end in (at, at + 1))
            assert before <= after


def test_a_way_with_a_check_to_spare_is_not_proven() -> None:
    spec = spec_of(Level.L2, 0)
    longer = spec_of(Level.L1, 0)
    spare = next(kind for kind in Kind if kind not in {flaw.kind for flaw in longer.flaws})
    idle = spec.stages[0].__class__(flaw=Flaw(kind=spare, where=""), fact="read 0", group=0, means="own")
    assert not proven(longer.world, (idle, *longer.stages))
    assert not proven(spec.world, spec.stages[:1])


def test_a_lead_reads_closed_records_and_nobody_else_does() -> None:
    spec = next(found for seed in range(200) if (found := spec_of(Level.L1, seed)).flaws[0].kind is Kind.FIELD)
    assert not Reach(spec.world).arrives(())
    facts = Closure(spec.world, spec.flaws).facts
    assert {fact("role", AGENT, 0, 3), fact("read", spec.world.target)} <= facts


@pytest.mark.parametrize("level", LEVELS)
def test_the_walk_takes_every_step(level: Level, program: Mapping[str, ModuleType], tmp_path: Path) -> None:
    for seed in range(SEEDS):
        spec = spec_of(level, seed)
        whole = Service(program, tmp_path, spec, named(spec.flaws))
        assert f"found: {whole.secrets.answer}" in whole.run(players.walk(spec), "WAY = ")
        for fewer in combinations(spec.flaws, len(spec.flaws) - 1):
            mended = Service(program, tmp_path, spec, named(fewer))
            assert mended.secrets.answer not in mended.walked(spec)
        twin = Service(program, tmp_path, spec, [])
        assert twin.secrets.answer not in twin.walked(spec)


@pytest.mark.parametrize("level", [Level.L2, Level.L3])
def test_a_step_left_out_is_missed(level: Level, program: Mapping[str, ModuleType], tmp_path: Path) -> None:
    for seed in range(SEEDS):
        spec = spec_of(level, seed)
        for shortcut in FAMILY.shortcuts(spec):
            if shortcut.name.startswith("without"):
                action = next(shortcut.play)
                assert isinstance(action, Python)
                service = Service(program, tmp_path, spec, named(spec.flaws))
                with contextlib.suppress(LookupError, ValueError, TypeError):
                    service.run(action.code, "WAY = ")
                assert service.secrets.answer not in service.said


@pytest.mark.parametrize("level", LEVELS)
def test_ordinary_use_works_on_item_and_twin(level: Level, program: Mapping[str, ModuleType], tmp_path: Path) -> None:
    for seed in range(SEEDS):
        spec = spec_of(level, seed)
        action = next(players.benign(spec))
        assert isinstance(action, Python)
        for flaws in (named(spec.flaws), []):
            service = Service(program, tmp_path, spec, flaws)
            assert "wrong: [] of" in service.run(action.code, "KNOWN = ")
            assert service.secrets.answer not in service.said


def test_the_service_refuses_what_it_cannot_read(program: Mapping[str, ModuleType], tmp_path: Path) -> None:
    spec = spec_of(Level.L3, 0)
    service = Service(program, tmp_path, spec, named(spec.flaws))
    words = spec.words
    calls = [
        ("POST", "/v2/sessions", {"name": [], "password": 1}, 422),
        ("POST", "/v2/sessions", {"name": "x", "password": "x"}, 401),
        ("GET", "/v2/me", None, 401),
        ("GET", f"/v2/{words.groups}/..%2f..", None, 404),
        ("GET", "/v3/me", None, 404),
        ("DELETE", "/v2/me", None, 405),
    ]
    for verb, path, body, status in calls:
        assert service.send(verb, path, body, {})[0] == status


def test_the_books_hold_the_answer_once_and_the_twin_no_wrong_check() -> None:
    spec = spec_of(Level.L3, 1)
    secrets = secrets_of(1)
    item, twin = (FAMILY.build(spec, secrets, patched=patched).scenario for patched in (False, True))
    held = [
        (host.name, path, file.mode, file.owner)
        for host in item.hosts
        for path, file in host.files
        if secrets.answer.encode() in file.content
    ]
    assert held == [(spec.host, "/srv/books/books.json", 0o400, 930)]
    books = [json.loads(dict(each.host(spec.host).files)["/srv/books/books.json"].content) for each in (item, twin)]
    assert books[0]["flaws"] == named(spec.flaws)
    assert books[1] == books[0] | {"flaws": []}
    assert item == FAMILY.build(spec, secrets).scenario


def test_attempts_share_no_id() -> None:
    spec = spec_of(Level.L2, 0)
    first, second = (Books(spec, secrets_of(attempt)) for attempt in (1, 2))
    tables = ("person", "group", "shelf", "invitation", "delegation", "key", "link")
    assert not {first.id(table, 0) for table in tables} & {second.id(table, 0) for table in tables}
    assert len({first.id(table, 0) for table in tables}) == len(tables)
    assert first.password(AGENT) != second.password(AGENT)
