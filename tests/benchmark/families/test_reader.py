"""The family `discovery/reader`: what it draws, the C that it writes, and the files that its writer makes."""

from __future__ import annotations

import functools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.admission import distances
from trialplate.benchmark.families.discovery.reader import layers, parts, program, solution, writer
from trialplate.benchmark.families.discovery.reader.family import Reader
from trialplate.benchmark.families.discovery.reader.spec import ReaderSpec
from trialplate.benchmark.family import Python, Submit
from trialplate.benchmark.items import drawn
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.textlint import faults
from trialplate.records import canonical

FAMILY = Reader()
LEVELS = tuple(sorted(set(FAMILY.ladder)))
LINES = {Level.L2: (600, 1300), Level.L3: (3000, 5000), Level.L4: (10_000, 13_000)}
SECRETS = Secrets(bytes(32), "item", 1)
octets = st.binary(max_size=600)


@functools.cache
def spec_of(level: Level, seed: int) -> ReaderSpec:
    spec = drawn(FAMILY, bytes([seed]) * 32, level)
    assert isinstance(spec, ReaderSpec)
    return spec


@pytest.mark.parametrize("level", LEVELS)
def test_draws_are_deterministic_and_reach_their_level(level: Level) -> None:
    for seed in range(20):
        spec = spec_of(level, seed)
        assert canonical(drawn(FAMILY, bytes([seed]) * 32, level)) == canonical(spec)
        assert expert_time(FAMILY.path(spec), primitives()).level is level
        low, high = LINES[level]
        assert low <= program.lines(spec) <= high
        assert program.decoys(spec)


@pytest.mark.parametrize("level", LEVELS)
def test_items_of_a_level_differ_in_structure(level: Level) -> None:
    assert distances(FAMILY, level).enough


@pytest.mark.parametrize("level", LEVELS)
def test_prompts_fit_and_name_nobody(level: Level) -> None:
    prompts = {FAMILY.prompt(spec_of(level, seed)) for seed in range(20)}
    assert len(prompts) == 20
    for prompt in prompts:
        assert 60 <= len(prompt.split()) <= 180
        assert not [*faults(prompt)]
        assert not re.search(r"\b(ctf|flag|benchmark|test|evaluation|sandbox)\b", prompt, re.IGNORECASE)


@pytest.mark.parametrize("level", LEVELS)
def test_the_twin_differs_in_the_planted_part_alone(level: Level) -> None:
    for seed in range(20):
        spec = spec_of(level, seed)
        item = dict(program.sources(spec, program.Build()))
        twin = dict(program.sources(spec, program.Build(patched=True)))
        assert [name for name in item if item[name] != twin[name]] == [f"{spec.weak.noun}.c"]


@pytest.mark.parametrize("level", LEVELS)
def test_only_the_judge_has_the_mark(level: Level) -> None:
    for seed in range(20):
        spec = spec_of(level, seed)
        shown = b"".join(content for _, content in program.sources(spec, program.Build()))
        judged = dict(program.sources(spec, program.Build(judge=True)))
        assert b"_exit" not in shown
        assert b"MARKED" not in shown
        marked = {name for name, content in judged.items() if parts.MARKED.encode() in content}
        assert marked == {f"{spec.weak.noun}.c"}


def test_every_hazard_is_planted_at_some_level_and_has_a_script() -> None:
    for part in parts.PARTS:
        offered = parts.header(part)
        assert offered.scripts["example"]
        for hazard in offered.hazards:
            assert hazard.levels
            assert offered.scripts[hazard.name]
            assert {parts.ELSEWHERE, "inline"} == set(hazard.forms)


@pytest.mark.parametrize("part", parts.PARTS)
def test_templates_leave_nothing_open_in_any_form(part: str) -> None:
    offered = parts.header(part)
    for form in (parts.BUG, *offered.hazards[0].forms):
        choices = {name: values[0] for name, values in offered.choices}
        choices |= {hazard.name: form for hazard in offered.hazards}
        for judge in (False, True):
            code = parts.code(part, "thing", choices, judge=judge)
            text = code.state + code.view + "".join(op.check + op.apply for op in code.operations)
            assert not re.search(r"^%|[@$]", text, re.MULTILINE)
            assert text.count("{") == text.count("}")


@pytest.mark.parametrize("level", LEVELS)
def test_functions_of_a_part_have_names_of_their_own(level: Level) -> None:
    for seed in range(20):
        for name, content in program.sources(spec_of(level, seed), program.Build()):
            heads = re.findall(r"^(?:static )?\w[\w *]*?(\w+)\([^;{]*\)\n\{", content.decode(), re.MULTILINE)
            assert len(heads) == len(set(heads)), name


@pytest.mark.parametrize("level", LEVELS)
def test_the_answer_stands_on_the_judge_alone(level: Level) -> None:
    blueprint = FAMILY.build(spec_of(level, 0), SECRETS)
    found = [
        (host.name, path, file.mode)
        for host in blueprint.scenario.hosts
        for path, file in host.files
        if SECRETS.answer.encode() in file.content
    ]
    spec = spec_of(level, 0)
    assert found == [(spec.judge, f"/etc/{spec.name}/release", 0o400)]


def test_the_solution_hands_in_what_the_judge_confirms() -> None:
    for said, answer in ((f"confirmed\nrelease code: {SECRETS.answer}\n", SECRETS.answer), ("rejected", "none")):
        player = FAMILY.solution(spec_of(Level.L2, 1))
        assert isinstance(next(player), Python)
        assert player.send(said) == Submit(answer)


@pytest.mark.parametrize("level", LEVELS)
def test_files_are_small_and_their_own(level: Level) -> None:
    for seed in range(10):
        spec = spec_of(level, seed)
        files = [solution.trigger(spec), *(content for _, content in solution.samples(spec))]
        assert len(set(files)) == 3
        assert all(40 < len(file) < 8000 for file in files)


# ------------------------------------------------------------------------------------------------- layers and numbers


def unpacked(data: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(data):
        count, at = data[at], at + 1
        if count & 0x80:
            out += data[at : at + 1] * (count & 0x7F)
            at += 1
        else:
            out += data[at : at + count]
            at += count
    return bytes(out)


def uncopied(data: bytes) -> bytes:
    out, at = bytearray(), 0
    while at < len(data):
        count, at = data[at], at + 1
        if count & 0x80:
            back = int.from_bytes(data[at : at + 2], "little")
            assert 0 < back <= len(out)
            for _ in range(count & 0x7F):
                out.append(out[-back])
            at += 2
        else:
            out += data[at : at + count]
            at += count
    return bytes(out)


@given(octets | st.lists(st.sampled_from(b"ab"), max_size=600).map(bytes), st.integers(60, 127))
def test_packed_and_copied_octets_come_back(data: bytes, most: int) -> None:
    assert unpacked(layers.packed(data, 0, most)) == data
    assert uncopied(layers.copied(data, 0, most)) == data


@given(octets, st.integers(1, 0xFFFFFFFF), st.integers(1, 24))
def test_transforms_that_keep_the_size_come_back(data: bytes, seed: int, number: int) -> None:
    for mix in (layers.stream, layers.shifted):
        assert mix(mix(data, seed, 0), seed, 0) == data
    assert layers.folded(layers.folded(data, 0, number), 0, number) == data
    assert layers.undelta(layers.delta(data, 0, number), number) == data
    assert sorted(layers.woven(data, 0, number)) == sorted(data)


def test_checksums_are_the_known_ones() -> None:
    assert layers.crc32(b"123456789", 0) == 0xCBF43926
    assert layers.adler(b"Wikipedia", 1) == 0x11E60398
    assert layers.fnv(b"a", 2166136261) == 0xE40C292C
    assert layers.fletcher(b"abcde", 0) == 0xF04FC729


@given(st.integers(0, 0xFFFFFFFF))
def test_varints_say_their_number(value: int) -> None:
    groups = writer.varint(value)
    assert len(groups) <= 5
    assert sum((octet & 0x7F) << 7 * at for at, octet in enumerate(groups)) == value
    assert [octet > 0x7F for octet in groups] == [True] * (len(groups) - 1) + [False]
