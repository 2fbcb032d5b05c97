"""The family `reversing/bytecode`: its stages and their inverses, its machines, and what is drawn from seeds."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.admission import distances
from trialplate.benchmark.families.reversing.bytecode.assembly import data_at, image, words_of
from trialplate.benchmark.families.reversing.bytecode.drawing import mixes
from trialplate.benchmark.families.reversing.bytecode.family import Bytecode
from trialplate.benchmark.families.reversing.bytecode.interpreter import interpreter
from trialplate.benchmark.families.reversing.bytecode.machine import WIDTHS
from trialplate.benchmark.families.reversing.bytecode.model import Model, Ran
from trialplate.benchmark.families.reversing.bytecode.programs import (
    bits_of_text,
    bits_of_words,
    check_program,
    demo_program,
    sealed,
    text_of_bits,
    unsealed,
    words_of_bits,
)
from trialplate.benchmark.families.reversing.bytecode.spec import BytecodeSpec
from trialplate.benchmark.families.reversing.bytecode.stages import (
    Shuffle,
    Spread,
    Stage,
    Sweep,
    System,
    Term,
    Turn,
    Words,
    applied,
    joined,
    split,
    undone,
)
from trialplate.benchmark.items import drawn
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.textlint import faults

FAMILY = Bytecode()
LEVELS = (Level.L2, Level.L3, Level.L4)
RANGES = {Level.L2: (45, 175), Level.L3: (190, 540), Level.L4: (730, 3000)}
SEEDS = 20
BITS = st.integers(0, (1 << 120) - 1)
CASES = [(level, seed) for level in LEVELS for seed in range(SEEDS)]
FEW = [(level, seed) for level in LEVELS for seed in range(6)]


@cache
def spec_of(level: Level, seed: int) -> BytecodeSpec:
    return drawn(FAMILY, bytes([seed]) * 32, level)  # type: ignore[arg-type, return-value]


def ran(spec: BytecodeSpec, state: Words, code: Words, fuse: Words) -> Ran:
    program = check_program(spec)
    octets, labels = program.code(spec.machine)
    words = list(program.words)
    words[program.target : program.target + len(state)] = state
    return Model(spec.machine, octets, words, labels["main"], (code, fuse)).run()


# --------------------------------------------------------------------------------------------------------------- stages


@st.composite
def stages(draw: st.DrawFn) -> tuple[Stage, Words, int]:
    width = draw(st.sampled_from(WIDTHS))
    count = 120 // width
    number, place = st.integers(0, (1 << width) - 1), st.integers(0, count - 1)
    words = tuple(draw(st.lists(number, min_size=count, max_size=count)))
    odd, shift = number.map(lambda value: value | 1), st.integers(1, width - 1)
    turn = st.one_of(
        st.builds(Turn, st.sampled_from(("add", "sub", "xor", "addp", "mixp")), number),
        st.builds(Turn, st.just("mul"), odd),
        st.builds(Turn, st.sampled_from(("fold", "roll", "xorp", "subst", "lookp", "spin")), shift),
    )
    lane = st.lists(turn, min_size=1, max_size=5).map(tuple)
    table = st.permutations(range(32)).map(tuple)
    sweep = st.builds(Sweep, place, st.just(1), st.just(2 * count), st.tuples(lane, lane), table)
    # A triangular matrix with odd numbers on the diagonal is invertible modulo 2.
    rows = tuple(
        tuple(draw(odd) if at == row else draw(number) if at < row else 0 for at in range(count))
        for row in range(count)
    )
    term = st.builds(Term, st.sampled_from(("mul", "and", "or", "xor")), place, place, st.integers(1, 3))
    system = st.builds(System, st.just(rows), st.lists(term, max_size=3).map(tuple))
    shuffle = st.builds(Shuffle, st.permutations(range(count)).map(tuple))
    return draw(st.one_of(sweep, system, shuffle)), words, width


@given(stages())
def test_a_stage_is_undone(case: tuple[Stage, Words, int]) -> None:
    stage, words, width = case
    assert undone(stage, applied(stage, words, width), width) == words
    assert applied(stage, undone(stage, words, width), width) == words


@given(BITS)
def test_a_spread_is_undone(value: int) -> None:
    words = split(value, 8, 15)
    stage = Spread(1, 3, (4, 7))
    assert joined(words, 15) == value
    assert undone(stage, applied(stage, words, 15), 15) == words


@pytest.mark.parametrize("stage", [System(((1, 1), (1, 1)), ()), System(((2, 0), (0, 1)), ())])
def test_a_stage_that_is_no_bijection_is_not_undone(stage: Stage) -> None:
    with pytest.raises(ValueError, match="no inverse"):
        undone(stage, (0, 0), 12)


# ----------------------------------------------------------------------------------------------------- drawn from seeds


@pytest.mark.parametrize("level,seed", CASES)
def test_an_item_has_its_level_and_is_drawn_again(level: Level, seed: int) -> None:
    spec = spec_of(level, seed)
    low, high = RANGES[level]
    assert low <= expert_time(FAMILY.path(spec), primitives()).minutes <= high
    assert drawn(FAMILY, bytes([seed]) * 32, level) == spec
    assert mixes(spec)


@pytest.mark.parametrize("level", LEVELS)
def test_items_differ_enough(level: Level) -> None:
    assert distances(FAMILY, level).enough  # type: ignore[arg-type]


@pytest.mark.parametrize("level,seed", FEW)
def test_the_program_does_what_the_stages_say(level: Level, seed: int) -> None:
    spec = spec_of(level, seed)
    code, fuse = (words_of_bits(spec.machine, 0x1234567 ** (4 + at) % (1 << 120)) for at in range(2))
    state = sealed(spec, code, fuse)
    right = ran(spec, state, code, fuse)
    assert right.status == 0
    for place in range(spec.machine.count):
        other = tuple(word ^ (at == place) for at, word in enumerate(code))
        wrong = ran(spec, state, other, fuse)
        # The way through the program must not tell how near a code is.
        assert (bool(wrong.status), wrong.steps) == (True, right.steps)


@pytest.mark.parametrize("level,seed", FEW)
def test_what_is_sealed_is_unsealed(level: Level, seed: int) -> None:
    spec = spec_of(level, seed)
    code, fuse = words_of_bits(spec.machine, 3**75), words_of_bits(spec.machine, 5**51)
    assert unsealed(spec, sealed(spec, code, fuse), fuse) == code


@pytest.mark.parametrize("level,seed", FEW)
def test_without_its_fuse_a_state_fits_every_code(level: Level, seed: int) -> None:
    """For any two codes and a fuse there is a fuse with which the other code gives the same state."""
    spec = spec_of(level, seed)
    code, other, fuse = (words_of_bits(spec.machine, base**70 % (1 << 120)) for base in (3, 5, 7))
    state = sealed(spec, code, fuse)
    middle = spec.parts[spec.fuse_at :]
    for part in reversed(middle):
        state = undone(part.stage, state, spec.machine.width)
    for part in spec.parts[: spec.fuse_at]:
        other = applied(part.stage, other, spec.machine.width)
    mask = spec.machine.mask
    match spec.fuse_op:
        case "add":
            key = tuple((end - begin) & mask for end, begin in zip(state, other, strict=True))
        case "sub":
            key = tuple((begin - end) & mask for end, begin in zip(state, other, strict=True))
        case _:
            key = tuple(begin ^ end for end, begin in zip(state, other, strict=True))
    other_code = words_of_bits(spec.machine, 5**70 % (1 << 120))
    assert sealed(spec, other_code, key) == sealed(spec, code, fuse)


@pytest.mark.parametrize("level,seed", FEW)
def test_the_demonstration_uses_what_the_machine_has(level: Level, seed: int) -> None:
    spec = spec_of(level, seed)
    program, check = demo_program(spec), check_program(spec)
    assert {name for name, _ in spec.machine.codes} == program.used | check.used
    octets, labels = program.code(spec.machine)
    shown = [
        Model(spec.machine, octets, program.words, labels["main"], (words_of_bits(spec.machine, bits), ())).run()
        for bits in (1 << 119, 12345 << 100)
    ]
    assert shown[0].status == shown[1].status == 0
    assert shown[0].printed != shown[1].printed


@given(BITS)
def test_a_code_is_written_and_read(value: int) -> None:
    assert bits_of_text(text_of_bits(value)) == value
    for seed in range(4):
        machine = spec_of(Level.L2, seed).machine
        assert bits_of_words(machine, words_of_bits(machine, value)) == value


# -------------------------------------------------------------------------------------------------------- what is built


@pytest.mark.parametrize("level,seed", FEW)
def test_the_image_holds_the_state_where_the_solution_looks(level: Level, seed: int) -> None:
    spec = spec_of(level, seed)
    program = check_program(spec)
    octets, labels = program.code(spec.machine)
    words = list(program.words)
    state = tuple(range(1, spec.machine.count + 1))
    words[program.target : program.target + len(state)] = state
    file = image(spec.machine, octets, words, labels["main"])
    at = data_at(spec.machine, octets, program.target)
    assert words_of(spec.machine, file[at : at + len(state) * spec.machine.word_bytes]) == state


@pytest.mark.parametrize("level,seed", FEW)
def test_item_and_twin_differ_in_the_fuse_alone(level: Level, seed: int) -> None:
    spec = spec_of(level, seed)
    secrets = Secrets(bytes(32), "item", 1)
    item, twin = (FAMILY.build(spec, secrets, patched=patched) for patched in (False, True))
    one, other = (dict(each.scenario.host("bench").files) for each in (item, twin))
    fuse = f"/etc/{spec.texts.unit}/fuse"
    assert {path for path in one if one[path] != other[path]} == {fuse}
    assert (one[fuse].mode, other[fuse].mode, other[fuse].owner) == (0o644, 0o400, 0)
    assert item.compiled == twin.compiled


@pytest.mark.parametrize("level,seed", FEW)
def test_the_source_of_the_tool_holds_no_secret(level: Level, seed: int) -> None:
    spec = spec_of(level, seed)
    blueprints = [FAMILY.build(spec, Secrets(bytes([key]) * 32, "item", 1)) for key in range(2)]
    assert blueprints[0].compiled == blueprints[1].compiled
    assert blueprints[0].scenario != blueprints[1].scenario
    assert b"$" not in interpreter(spec.machine, spec.texts, "/etc/unit/fuse")


@pytest.mark.parametrize("level,seed", CASES)
def test_the_prompt_keeps_to_its_form(level: Level, seed: int) -> None:
    text = FAMILY.prompt(spec_of(level, seed))
    assert 60 <= len(text.split()) <= 180
    assert "$" not in text
    assert not list(faults(text))
