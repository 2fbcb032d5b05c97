"""Items of `web/fetcher`: what is drawn fits together, and every way in is drawn."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from trialplate.benchmark.admission import distances
from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.web.fetcher.family import Fetcher
from trialplate.benchmark.families.web.fetcher.spec import FetcherSpec, Guard, Proof
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.records import canonical

FAMILY = Fetcher()
LEVELS = sorted(set(FAMILY.ladder))
SECRETS = Secrets(bytes(32), "item", 1)


def drawn(level: Level, seeds: int = 60) -> list[FetcherSpec]:
    return [FAMILY.draw(Rng(bytes([seed])), level) for seed in range(seeds)]


@pytest.mark.parametrize("level", LEVELS)
def test_a_draw_means_its_level_and_is_the_same_again(level: Level) -> None:
    for spec, again in zip(drawn(level), drawn(level), strict=True):
        assert canonical(spec) == canonical(again)
        assert expert_time(FAMILY.path(spec), primitives()).level is level


@pytest.mark.parametrize("level", LEVELS)
def test_whoever_must_show_a_proof_can(level: Level) -> None:
    for spec in drawn(level):
        assert spec.proof is Proof.NOTHING or spec.headers or spec.raw
        assert not (spec.headers and spec.raw)
        assert spec.level is Level.L1 or spec.proof is not Proof.NOTHING or spec.signed


@pytest.mark.parametrize("level", LEVELS)
def test_items_differ(level: Level) -> None:
    assert distances(FAMILY, level).enough


def test_every_check_of_the_service_is_drawn() -> None:
    seen = Counter(spec.guard for level in LEVELS for spec in drawn(level))
    assert set(seen) == set(Guard)
    assert min(seen.values()) >= 10


@pytest.mark.parametrize("level", LEVELS)
def test_the_twin_differs_in_the_service_alone(level: Level) -> None:
    for spec in drawn(level, 5):
        item, twin = (FAMILY.build(spec, SECRETS, patched=patched).scenario for patched in (False, True))
        changed = [one.name for one, other in zip(item.hosts, twin.hosts, strict=True) if one != other]
        assert changed == [spec.words.front]


@pytest.mark.parametrize("level", LEVELS)
def test_only_the_store_has_the_answer(level: Level) -> None:
    for spec in drawn(level, 5):
        blueprint = FAMILY.build(spec, SECRETS)
        holders = [
            (host.name, path)
            for host in blueprint.scenario.hosts
            for path, file in host.files
            if SECRETS.answer.encode() in file.content
        ]
        assert holders == [(spec.words.store, "/srv/settings.json")]
        assert blueprint.apart == (spec.words.meta,)
        assert spec.words.bucket in FAMILY.prompt(spec)


def test_a_role_opens_no_more_than_it_should() -> None:
    for spec in drawn(Level.L3, 10):
        scenario = FAMILY.build(spec, SECRETS).scenario
        (settings,) = (
            json.loads(file.content)
            for path, file in scenario.host(spec.words.store).files
            if path == "/srv/settings.json"
        )
        assert spec.words.bucket not in settings["roles"][spec.words.role]["buckets"]
        assert spec.words.bucket in settings["roles"][spec.words.second_role]["buckets"]
        assert settings["roles"][spec.words.second_role]["may_take"] == []
