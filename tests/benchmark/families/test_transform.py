"""Sealing programs: every stage against its inverse, whole files, the twin, and what is drawn."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialplate.benchmark.admission import distances
from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.reversing.transform.armor import armored, bare, draw_armor
from trialplate.benchmark.families.reversing.transform.family import Transform
from trialplate.benchmark.families.reversing.transform.kinds import Setting
from trialplate.benchmark.families.reversing.transform.model import KINDS, opened, salted, sealed, taken_apart
from trialplate.benchmark.families.reversing.transform.program import GUARDS, source
from trialplate.benchmark.families.reversing.transform.schedule import Keys, draw_schedule
from trialplate.benchmark.families.reversing.transform.solved import inverse_matrix, times
from trialplate.benchmark.families.reversing.transform.spec import TransformSpec
from trialplate.benchmark.families.reversing.transform.texts import document, sealed_path
from trialplate.benchmark.family import Submit
from trialplate.benchmark.items import drawn
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.textlint import faults
from trialplate.records import canonical

FAMILY = Transform()
LEVELS = (Level.L1, Level.L2, Level.L3)
SECRETS = Secrets(bytes(32), "item", 1)
SEEDS = st.integers(0, 2**32)


def spec_of(seed: int, level: Level) -> TransformSpec:
    """Draw from a small number."""
    return FAMILY.draw(Rng(seed.to_bytes(8, "big"), FAMILY.name), level)


@pytest.mark.parametrize("level", LEVELS)
def test_twenty_seeds_reach_their_level_and_draw_the_same_again(level: Level) -> None:
    for seed in range(20):
        spec = spec_of(seed, level)
        assert expert_time(FAMILY.path(spec), primitives()).level is level
        assert canonical(spec) == canonical(spec_of(seed, level))
        assert 60 <= len(FAMILY.prompt(spec).split()) <= 180
        assert not list(faults(FAMILY.prompt(spec)))
        assert not re.search(r"\b(?:ctf|flag|benchmark|test|evaluation|sandbox)\b", FAMILY.prompt(spec), re.IGNORECASE)


@pytest.mark.parametrize("level", LEVELS)
def test_items_of_a_level_differ_in_structure(level: Level) -> None:
    assert distances(FAMILY, level).enough


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40, deadline=None)
@given(
    seed=SEEDS,
    blocks=st.integers(1, 12),
    key=st.lists(st.integers(0, 2**32 - 1), min_size=8, max_size=8),
    text=st.data(),
)
def test_every_stage_is_undone_by_its_inverse(
    name: str, seed: int, blocks: int, key: list[int], text: st.DataObject
) -> None:
    kind = KINDS[name]
    part = kind.draw(Rng(seed.to_bytes(8, "big"), name))
    setting = Setting((5 + 8 * (seed % 1000), 2 * seed + 1 & 0xFFFFFFFF), salt=seed & 0xFFFFF)
    before = text.draw(st.binary(min_size=16 * blocks, max_size=16 * blocks))
    keys = key[: kind.words(part)]
    data = bytearray(before)
    kind.seal(part, data, keys, setting)
    assert len(data) == len(before)
    kind.open(part, data, keys, setting)
    assert bytes(data) == before


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.spreads])
def test_a_spreading_stage_carries_every_byte_into_all_of_the_result(name: str) -> None:
    kind, size = KINDS[name], 256
    for seed in range(6):
        part = kind.draw(Rng(bytes([seed]), name))
        keys = [at * 0x9E3779B1 & 0xFFFFFFFF for at in range(1, kind.words(part) + 1)]
        one, setting = bytearray(range(256)), Setting((69069, 1))
        kind.seal(part, one, keys, setting)
        for place in (0, 100, size - 1):
            other = bytearray(range(256))
            other[place] ^= 1
            kind.seal(part, other, keys, setting)
            assert sum(a != b for a, b in zip(one, other, strict=True)) > size // 2


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, level=st.sampled_from(LEVELS), text=st.binary(max_size=300), salt=st.integers(0, 2**22 - 1))
def test_a_sealed_file_is_opened_by_its_own_key_and_by_no_other(
    seed: int, level: Level, text: bytes, salt: int
) -> None:
    transform = spec_of(seed, level).transform
    master, nonce = bytes.fromhex(transform.master), bytes(transform.header.nonce)
    file = sealed(transform, master, text, nonce, salt)
    assert opened(transform, master, file, salt) == text
    assert opened(transform, master[::-1] + b"!", file, salt) is None
    if salted(transform):
        assert opened(transform, master, file, salt ^ 1) is None


def test_key_words_hang_on_every_byte_of_the_material() -> None:
    for seed in range(200):
        part = draw_schedule(Rng(seed.to_bytes(4, "big"), "schedule"))
        words = {tuple(Keys(part, bytes(at == place for at in range(40))).take(8)) for place in range(40)}
        assert len(words) == 40
        assert all(len(set(each)) == 8 for each in words)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, level=st.sampled_from(LEVELS))
def test_texts_sealed_with_one_nonce_share_nothing(seed: int, level: Level) -> None:
    transform = spec_of(seed, level).transform
    master, nonce = bytes.fromhex(transform.master), bytes(transform.header.nonce)
    bodies = [
        taken_apart(transform, sealed(transform, master, bytes(255) + bytes([last]), nonce, 7))[2] for last in (0, 1)
    ]
    assert sum(a == b for a, b in zip(*bodies, strict=True)) < 32


@given(seed=SEEDS, data=st.binary(max_size=200))
def test_an_alphabet_is_undone(seed: int, data: bytes) -> None:
    armor = draw_armor(Rng(seed.to_bytes(8, "big"), "armor"))
    even = data if len(data) % 2 == 0 else data[1:]
    text = armored(armor, even)
    assert bare(armor, text) == even
    assert max((len(line) for line in text.splitlines()), default=0) <= armor.line


@given(rows=st.lists(st.lists(st.integers(0, 255), min_size=4, max_size=4), min_size=4, max_size=4))
def test_a_matrix_times_its_inverse_is_one(rows: list[list[int]]) -> None:
    back = inverse_matrix(rows, 0x1B)
    if back is not None:
        for at, to in product(range(4), range(4)):
            total = 0
            for step in range(4):
                total ^= times(rows[at][step], back[step][to], 0x1B)
            assert total == (at == to)


@pytest.mark.parametrize("level", LEVELS)
def test_the_twin_is_sealed_by_a_key_that_the_program_does_not_hold(level: Level) -> None:
    for seed in range(5):
        spec = spec_of(seed, level)
        item, twin = (FAMILY.build(spec, SECRETS, patched=patched) for patched in (False, True))
        assert item.compiled == twin.compiled
        lost = salted(spec.transform)
        salt = SECRETS.below("salt", 1 << lost["bits"]) if lost else 0
        master = bytes.fromhex(spec.transform.master)
        files = [dict(each.scenario.hosts[0].files)[sealed_path(spec)].content for each in (item, twin)]
        assert opened(spec.transform, master, files[0], salt) == document(spec, SECRETS.answer)
        assert opened(spec.transform, master, files[1], salt) is None
        assert opened(spec.transform, SECRETS.octets("other master key", len(master)), files[1], salt) is not None


@pytest.mark.parametrize("level", LEVELS)
def test_no_secret_of_an_attempt_is_compiled_in(level: Level) -> None:
    spec = spec_of(1, level)
    others = Secrets(bytes([1]) * 32, "item", 1)
    assert FAMILY.build(spec, SECRETS).compiled == FAMILY.build(spec, others).compiled


def test_sources_are_whole_and_hide_what_they_should() -> None:
    for seed, level in product(range(8), LEVELS):
        spec = spec_of(seed, level)
        code = source(spec)
        assert "$" not in code
        assert (f"usage: {spec.tool}" in code) is not spec.shape.hidden
        assert set(spec.shape.guards) <= set(GUARDS)


def test_a_solution_without_a_sealed_file_ends() -> None:
    spec = drawn(FAMILY, bytes(32), Level.L1)
    assert isinstance(spec, TransformSpec)
    player = FAMILY.solution(spec)
    next(player)
    assert player.send("no such file") == Submit("")
