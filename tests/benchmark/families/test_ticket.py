"""`cryptography/ticket`: draws, what the notes say, and every attack against the real desks in this process."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.admission import distances
from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.cryptography.ticket import solution as players
from trialplate.benchmark.families.cryptography.ticket.draw import EXTRAS, OPS, WORDS
from trialplate.benchmark.families.cryptography.ticket.family import Ticket
from trialplate.benchmark.families.cryptography.ticket.kinds import L1_KINDS, L3_KINDS
from trialplate.benchmark.families.cryptography.ticket.note import note_of
from trialplate.benchmark.families.cryptography.ticket.service import Keys, service_source, source
from trialplate.benchmark.families.cryptography.ticket.spec import Kind, TicketSpec
from trialplate.benchmark.family import Bash, Check, Evidence, NotSolved, Play, Python, Solved, Submit
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.textlint import faults
from trialplate.benchmark.workshop import scenario_digest
from trialplate.records import canonical

FAMILY: Final = Ticket()
LEVELS: Final = sorted(set(FAMILY.ladder))
SECRETS: Final = Secrets(bytes(range(32)), "ticket", 1)
GUESS: Final = "AAAAAA-AAAAAA-AAAAAA-AAAAAA"
BY_LEVEL: Final = ((Level.L1, L1_KINDS), (Level.L2, tuple(Kind)), (Level.L3, L3_KINDS))
# Kinds of both other levels are attacked at L2 in each of their variants, by a test of their own, or as they are at L3.
DRAWN: Final = [
    (level, kind)
    for level, kinds in BY_LEVEL
    for kind in kinds
    if level is not Level.L2 or not {kind} <= {*L1_KINDS} & {*L3_KINDS}
]
PROBES: Final = (
    "naive",
    "replay",
    "inject",
    "odd",
    "tamper",
    "bare",
    "numbers",
    "guessed",
    "preferences",
    "unadmitted",
)


@functools.cache
def spec_of(seed: int, level: Level) -> TicketSpec:
    return FAMILY.draw(Rng(bytes([seed]) * 32, FAMILY.name), level)


@functools.cache
def drawn_with(level: Level, kind: Kind) -> tuple[TicketSpec, int]:
    """Return the first item of a level with a kind, and which of its desks has it."""
    specs = (spec_of(seed, level) for seed in range(256))
    found = ((spec, at) for spec in specs for at, each in enumerate(spec.stations) if each.stage.kind is kind)
    return next(found)


@functools.cache
def compiled(text: str) -> Any:  # noqa: ANN401 - code objects have no public type
    return compile(text, "program", "exec")


def loaded(text: str) -> dict[str, Any]:
    """Run a program of ours and return its names; its main part does not run."""
    names: dict[str, Any] = {"__name__": "program"}
    exec(compiled(text), names)  # noqa: S102 - our own program
    return names


class Desks:
    """The machines of one desk in this process; programs ask them by the same requests without a network."""

    def __init__(self, spec: TicketSpec, at: int, *, patched: bool = False) -> None:
        self.spec, self.at, self.keys = spec, at, Keys(spec, SECRETS)
        station = spec.stations[at]
        self._names = loaded(service_source(station))
        self._desks = []
        for place in station.places:
            config = json.loads(json.dumps(self.keys.config(at, place, patched=patched)))
            self._desks.append((place.offers, self._names["Desk"](config)))
        self.said = ""

    @property
    def prize(self) -> str:
        return self.keys.prize(self.at)

    @property
    def access(self) -> str:
        return self.keys.prize(self.at - 1) if self.at else ""

    def send(self, op: str, wire: str, request: object) -> dict[str, Any]:
        desk = next(desk for offers, desk in self._desks if op in offers)
        reply = self._names["answered"](desk, wire, json.dumps(request).encode())
        self.said += reply.decode()
        return json.loads(reply)

    def run(self, body: str, name: str, *, access: str | None = None) -> str:
        """Run a function of a player's program against the desks and return what it gives, or how it fails."""
        access = self.access if access is None else access
        program = loaded("\n\n".join((source("kit"), source("talk"), source(body))))
        who = {"account": self.spec.account, "key": self.keys.account_key, **({"access": access} if access else {})}
        plan = json.loads(json.dumps(players.plan_of(self.spec, self.at, access)))
        try:
            return str(program[name](program["Talk"](plan, self.send, who)))
        except (ValueError, LookupError, ArithmeticError, TypeError, SystemExit) as failure:
            return f"failed: {failure}"

    def attacked(self) -> str:
        return self.run(f"attacks/{self.spec.stations[self.at].stage.kind}", "attack")


def turns(play: Play, answers: Callable[[Bash | Python], str]) -> tuple[list[Bash | Python], str]:
    """Play to the end and return all actions and what was handed in."""
    done, action = [], next(play)
    while not isinstance(action, Submit):
        done.append(action)
        action = play.send(answers(action))
    return done, action.text


# --------------------------------------------------------------------------------------------------------------- draws
@pytest.mark.parametrize("level", LEVELS)
def test_draws_repeat_reach_their_level_and_are_apart(level: Level) -> None:
    for seed in range(30):
        spec = spec_of(seed, level)
        assert canonical(spec) == canonical(FAMILY.draw(Rng(bytes([seed]) * 32, FAMILY.name), level))
        assert expert_time(FAMILY.path(spec), primitives()).level is level
        prompt = FAMILY.prompt(spec)
        assert 60 <= len(prompt.split()) <= 180
        assert not list(faults(prompt))
        assert all(f"{place.host}:{place.port}" in prompt for station in spec.stations for place in station.places)
        assert len(spec.stations) == (2 if level is Level.L3 else 1)
        assert all(bool(station.extras) is (level is not Level.L1) for station in spec.stations)
    assert distances(FAMILY, level).enough  # type: ignore[arg-type] - its spec is of a narrower type


def test_every_kind_and_every_part_beside_it_is_drawn() -> None:
    stations = {level: [each for seed in range(150) for each in spec_of(seed, level).stations] for level in LEVELS}
    for level, kinds in BY_LEVEL:
        assert {station.stage.kind for station in stations[level]} == set(kinds)
    assert {extra for station in stations[Level.L2] for extra in station.extras} == set(EXTRAS)
    assert {station.transport for station in stations[Level.L1]} == {"http", "line", "frame"}
    assert {len(station.places) for station in stations[Level.L2]} == {1, 2}


@pytest.mark.parametrize("table", [OPS, WORDS])
def test_no_name_on_the_wire_stands_for_two_things(table: dict[str, tuple[str, ...]]) -> None:
    names = [name for options in table.values() for name in options]
    assert len(set(names)) == len(names)
    assert not any(name in table for word, options in table.items() for name in options if name != word)


def test_a_parameter_is_asked_for_by_its_type() -> None:
    stage = drawn_with(Level.L2, Kind.SUBGROUP)[0].stations[0].stage
    assert len(stage.numbers("small")) == 13
    for ask in (stage.number, stage.text):
        with pytest.raises(KeyError, match="small"):
            ask("small")
    with pytest.raises(KeyError, match="salt"):
        stage.numbers("salt")


# --------------------------------------------------------------------------------------------------------------- notes
@pytest.mark.parametrize("level", LEVELS)
def test_a_note_names_all_that_stands_on_the_wire(level: Level) -> None:
    for seed in range(40):
        spec = spec_of(seed, level)
        for at, station in enumerate(spec.stations):
            note = note_of(spec, station)
            assert not list(faults(note))
            assert not set("{}") & set(note)
            assert max(map(len, note.splitlines())) <= 140
            assert all(f"\n- {wire}: " in note for _, wire in station.ops)
            assert all(f"{place.host}:{place.port}" in note for place in station.places)
            assert ("6. Beside it" in note) is bool(station.extras)
            assert (f'"{dict(station.words)["access"]}"' in note) is bool(at)
            assert ("counts for itself" in note) is (len(station.places) > 1)


@pytest.mark.parametrize(
    "kind, told",
    [
        (Kind.PASTE, "on its own (ECB)"),
        (Kind.FLIP, "There is no further tag"),
        (Kind.CONCAT, "one right after the other"),
        (Kind.BLIND, "neither hashed nor filled up"),
        (Kind.CUBE, "It looks at nothing else"),
        (Kind.PADDING, "takes the padding off"),
    ],
)
def test_only_the_first_level_is_told_what_gives_it_away(kind: Kind, told: str) -> None:
    notes = [note_of(spec, spec.stations[at]) for spec, at in (drawn_with(each, kind) for each in (Level.L1, Level.L2))]
    assert [told in " ".join(note.split()) for note in notes] == [True, False]


# ------------------------------------------------------------------------------------------------- attacks and twins
@pytest.mark.parametrize("level, kind", DRAWN)
def test_customers_are_served_and_the_attack_gets_what_the_twin_keeps(level: Level, kind: Kind) -> None:
    spec, at = drawn_with(level, kind)
    for patched in (False, True):
        desks = Desks(spec, at, patched=patched)
        assert desks.run("probes", "customer") == f"fine {spec.stations[at].stage.low}"
        assert desks.prize not in desks.said
        assert (desks.attacked() == desks.prize) is not patched
        assert desks.prize not in desks.said or not patched


@pytest.mark.parametrize("kind", [Kind.STREAM, Kind.FLIP, Kind.EXTENSION, Kind.NONCE, Kind.GENERATOR])
def test_every_variant_of_a_misuse_is_attacked(kind: Kind) -> None:
    tried = set()
    for seed in range(150):
        station = spec_of(seed, Level.L2).stations[0]
        variant = [param.value for param in station.stage.params if param.name in {"variant", "mode", "digest_kind"}]
        if station.stage.kind is kind and tuple(variant) not in tried:
            tried.add(tuple(variant))
            desks = Desks(spec_of(seed, Level.L2), 0)
            assert desks.attacked() == desks.prize
            assert not set("{}") & set(note_of(desks.spec, station))
    assert len(tried) >= 2


@pytest.mark.parametrize("kind", list(Kind))
def test_no_probe_gets_what_the_desk_keeps(kind: Kind) -> None:
    spec, at = drawn_with(Level.L2, kind)
    desks = Desks(spec, at)
    for name in (*PROBES, *(["blindly"] if kind is not Kind.FLIP else [])):
        assert not desks.run("probes", name).startswith("failed")
    assert desks.prize not in desks.said
    assert "Traceback" not in desks.said


def test_the_second_desk_is_closed_without_admission() -> None:
    spec = spec_of(0, Level.L3)
    desks = Desks(spec, 1)
    assert desks.run("probes", "newcomer", access=GUESS) == "fine closed"
    assert f"wrong {dict(spec.stations[1].words)['access']}" in desks.said
    assert desks.run("probes", "newcomer") == "open"
    assert desks.prize not in desks.said


def test_a_quota_ends() -> None:
    spec, at = drawn_with(Level.L1, Kind.CONCAT)
    desks = Desks(spec, at)
    station = spec.stations[at]
    words, ops = dict(station.words), dict(station.ops)
    request = {words["account"]: spec.account, words["key"]: desks.keys.account_key, words["memos"]: ["a"] * 50}
    replies = [desks.send("issue", ops["issue"], request) for _ in range(9)]
    assert [reply[words["ok"]] for reply in replies] == [True] * 8 + [False]
    assert replies[-1][words["why"]] == words["exhausted"]


# --------------------------------------------------------------------------------------------------------------- build
@pytest.mark.parametrize("level", LEVELS)
def test_a_build_repeats_and_holds_the_answer_at_the_last_desk_alone(level: Level) -> None:
    for seed in range(12):
        spec = spec_of(seed, level)
        item, again, twin = (FAMILY.build(spec, SECRETS, patched=patched).scenario for patched in (False, False, True))
        assert scenario_digest(item) == scenario_digest(again) != scenario_digest(twin)
        held = {
            (host.name, path, file.mode, file.owner)
            for host in item.hosts
            for path, file in host.files
            if SECRETS.answer.encode() in file.content
        }
        assert held == {(place.host, "/srv/desk/desk.json", 0o400, 940) for place in spec.stations[-1].places}
        changed = {
            path
            for one, other in zip(item.hosts, twin.hosts, strict=True)
            for path, file in one.files
            if dict(other.files)[path] != file
        }
        assert changed == {"/srv/desk/desk.json"}
        papers = {path.rpartition("/")[2] for path, _ in item.host(spec.foothold).files}
        notes = {"design.txt"} if level is not Level.L3 else {"design-1.txt", "design-2.txt"}
        assert papers == {"account.json", *notes, *({"client.py"} if spec.client else ())}


def test_attempts_share_no_secret() -> None:
    spec = spec_of(0, Level.L3)
    one, other = (Keys(spec, Secrets(bytes(32), "ticket", attempt)) for attempt in (1, 2))
    assert one.account_key != other.account_key
    assert one.prize(0) not in {one.prize(1), other.prize(0)}
    configs: list[Any] = [
        keys.config(at, spec.stations[at].places[0], patched=False)["keys"] for keys in (one, other) for at in (0, 1)
    ]
    values = [value for config in configs for value in dict(config).values()]
    assert len(set(values)) == len(values)


# ------------------------------------------------------------------------------------------------------------- players
@pytest.mark.parametrize("level", LEVELS)
def test_the_solution_hands_on_what_each_desk_gives(level: Level) -> None:
    spec = spec_of(2, level)
    codes = iter(["PPPPPP-PPPPPP-PPPPPP-PPPPPP", "QQQQQQ-QQQQQQ-QQQQQQ-QQQQQQ"])
    done, answer = turns(FAMILY.solution(spec), lambda _: next(codes))
    assert len(done) == len(spec.stations)
    assert answer[0] == "PQ"[len(spec.stations) - 1]
    assert FAMILY.oracle(spec, SECRETS, SECRETS.answer, Evidence()) == Solved()
    assert isinstance(FAMILY.oracle(spec, SECRETS, answer, Evidence()), NotSolved)
    if len(done) > 1:
        assert isinstance(done[1], Python)
        assert "PPPPPP-PPPPPP" in done[1].code
    assert turns(FAMILY.solution(spec), lambda _: "failed")[1] == GUESS


@pytest.mark.parametrize("level", LEVELS)
def test_players_end_and_their_programs_can_be_read(level: Level) -> None:
    for spec in (spec_of(0, level), spec_of(1, level), drawn_with(Level.L2, Kind.FLIP)[0]):
        names = [shortcut.name for shortcut in FAMILY.shortcuts(spec)]
        assert len(set(names)) == len(names)
        assert ("go to the second desk without admission" in names) is (len(spec.stations) > 1)
        assert ("change tickets without a thought" in names) is (spec.stations[0].stage.kind is not Kind.FLIP)
        for play in (FAMILY.wrong(spec), *(shortcut.play for shortcut in FAMILY.shortcuts(spec))):
            done, answer = turns(play, lambda _: "nothing of use")
            assert answer == GUESS
            for action in done:
                if isinstance(action, Python):
                    assert "PLAN" in loaded(action.code)


def test_who_gets_around_the_first_desk_goes_on_to_the_second() -> None:
    spec = spec_of(4, Level.L3)
    play = next(shortcut.play for shortcut in FAMILY.shortcuts(spec) if shortcut.name == "present a held ticket")
    codes = iter(["PPPPPP-PPPPPP-PPPPPP-PPPPPP", "QQQQQQ-QQQQQQ-QQQQQQ-QQQQQQ"])
    done, answer = turns(play, lambda _: next(codes))
    assert len(done) == 2
    assert answer.startswith("Q")


@pytest.mark.parametrize("level", LEVELS)
def test_ordinary_use_wants_the_last_word_of_each_desk(level: Level) -> None:
    spec = spec_of(3, level)
    words = [f"noise\nfine {spec.stations[0].stage.low}\n", "fine closed\n"][: len(spec.stations)]
    assert verdict(FAMILY.benign(spec), words)
    for at in range(len(words)):
        assert not verdict(FAMILY.benign(spec), [*words[:at], "out of order"])
        assert not verdict(FAMILY.benign(spec), [*words[:at], ""])


def verdict(check: Check, said: list[str]) -> bool:
    """Play a check to its end against what its tools say."""
    next(check)
    for line in said[:-1]:
        check.send(line)
    with pytest.raises(StopIteration) as end:
        check.send(said[-1])
    return bool(end.value.value)


# ----------------------------------------------------------------------------------------------------- the desk's tools
@pytest.fixture(scope="module")
def kit() -> dict[str, Any]:
    return loaded(source("kit"))


@given(data=st.binary(max_size=300), kind=st.sampled_from(["hex", "base64", "base64url", "base32", "decimal"]))
def test_what_is_encoded_is_decoded(data: bytes, kind: str, kit: dict[str, Any]) -> None:
    assert kit["decoded"](kind, kit["encoded"](kind, data)) == data


@given(
    data=st.binary(max_size=60),
    size=st.sampled_from([8, 16, 32]),
    style=st.sampled_from(["count", "zeros-count", "mark-zeros"]),
)
def test_padding_comes_off(data: bytes, size: int, style: str, kit: dict[str, Any]) -> None:
    assert kit["unpadded"](style, kit["padded"](style, data, size), size) == data


@given(block=st.binary(min_size=16, max_size=16), rounds=st.sampled_from([6, 8, 10]))
def test_the_cipher_turns_back(block: bytes, rounds: int, kit: dict[str, Any]) -> None:
    lace = kit["Lace"](b"key", 16, rounds, "sha256")
    assert lace.decrypt(lace.encrypt(block)) == block != lace.encrypt(block)


@given(data=st.text(alphabet="abc=;", max_size=200).map(str.encode), shortest=st.sampled_from([4, 5, 6]))
def test_what_is_packed_is_unpacked(data: bytes, shortest: int) -> None:
    packing = packers()
    p = {"shortest": shortest, "window_bits": 9, "length_bits": 6}
    assert packing["unpacked"](packing["packed"](data, p), p) == data


@functools.cache
def packers() -> dict[str, Any]:
    spec, at = drawn_with(Level.L2, Kind.COMPRESS)
    return loaded(service_source(spec.stations[at]))
