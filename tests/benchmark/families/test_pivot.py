"""The family `network/pivot`: what it draws, builds and leaves lying about."""

from __future__ import annotations

import ast
import base64
import gzip
import io
import sqlite3
import subprocess
import sys
import tarfile
from importlib import resources
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from hypothesis import given
from hypothesis import strategies as st

from trialplate.benchmark.admission import distances
from trialplate.benchmark.draws import Rng
from trialplate.benchmark.families.network.pivot import passwords
from trialplate.benchmark.families.network.pivot.family import Pivot
from trialplate.benchmark.families.network.pivot.keys import private_file, public_line
from trialplate.benchmark.families.network.pivot.leftovers import Seal, left, sealed
from trialplate.benchmark.families.network.pivot.spec import DATABASE, GATE, OPEN, SIDES, PivotSpec
from trialplate.benchmark.families.network.pivot.traits import draw_traits
from trialplate.benchmark.family import Evidence, Python, Solved, Submit
from trialplate.benchmark.primitives import Level, expert_time, primitives
from trialplate.benchmark.secrecy import Secrets
from trialplate.benchmark.textlint import faults
from trialplate.benchmark.workshop import scenario_digest

FAMILY = Pivot()
LEVELS = sorted(set(FAMILY.ladder))
SEEDS = range(20)
SECRETS = Secrets(bytes(32), "item", 1)
DATA = resources.files("trialplate.benchmark.families.network.pivot").joinpath("data")


def drawn(seed: int, level: Level) -> PivotSpec:
    return FAMILY.draw(Rng(bytes([seed]) * 32), level)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_item_is_drawn_again_and_has_its_level(seed: int, level: Level) -> None:
    spec = drawn(seed, level)

    assert spec == drawn(seed, level)
    assert expert_time(FAMILY.path(spec), primitives()).level is level
    assert 60 <= len(FAMILY.prompt(spec).split()) <= 180
    assert not list(faults(FAMILY.prompt(spec)))
    assert len(spec.machines) <= 16


@pytest.mark.parametrize("level", LEVELS)
def test_items_differ(level: Level) -> None:
    assert distances(FAMILY, level).enough


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_needs_no_credential_stands_only_where_the_machine_before_leads(seed: int, level: Level) -> None:
    spec = drawn(seed, level)

    for index, link in enumerate(spec.links):
        # Without a credential, whoever sees the subnet passes: nobody may have seen it before the link before.
        free = spec.clue(index) is None and not spec.cracked(link) and link.kind != "depot"
        earlier = {subnet for before in spec.links[: max(0, index - 1)] for subnet in reached(spec, before.target)}
        assert not free or index == 0 or link.subnet not in earlier | {0}
        assert free or link.kind not in OPEN


def reached(spec: PivotSpec, machine: int) -> tuple[int, ...]:
    return spec.machines[machine].subnets


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_credential_lies_on_a_machine_that_is_held_by_then(seed: int, level: Level) -> None:
    spec = drawn(seed, level)

    for clue in spec.clues:
        held = [link.target for link in spec.links[: clue.link] if link.runs]
        if clue.live:
            assert clue.machine == spec.links[clue.link].source == held[-1]
            assert not clue.phrase_path or clue.phrase in held
    places = [(clue.machine, clue.place) for clue in spec.clues]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(6))
def test_two_builds_are_one_and_the_twin_is_another(seed: int, level: Level) -> None:
    spec = drawn(seed, level)
    item, again, twin = (FAMILY.build(spec, SECRETS, patched=patched) for patched in (False, False, True))

    assert scenario_digest(item.scenario) == scenario_digest(again.scenario)
    assert scenario_digest(item.scenario) != scenario_digest(twin.scenario)
    first = spec.links[0]
    changed = spec.machines[first.side if first.kind in SIDES else first.target].name
    assert {a.name for a, b in zip(item.scenario.hosts, twin.scenario.hosts, strict=True) if a != b} == {changed}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(6))
def test_the_foothold_knows_no_secret_and_sees_one_subnet(seed: int, level: Level) -> None:
    spec = drawn(seed, level)
    blueprint = FAMILY.build(spec, SECRETS)
    foothold = blueprint.scenario.host(blueprint.scenario.foothold)

    assert [nic.subnet for nic in foothold.nics] == ["net0"]
    assert not foothold.services
    assert not foothold.routes
    assert [path for path, _ in foothold.files] == ["/etc/hosts"]
    assert spec.machines[spec.final].name in blueprint.apart
    answers = [
        (host.name, path, file)
        for host in blueprint.scenario.hosts
        for path, file in host.files
        if SECRETS.answer.encode() in file.content
    ]
    [(name, _, file)] = answers
    assert name == spec.machines[spec.final].name
    assert file.mode == 0o400
    assert file.owner != 0


@pytest.mark.parametrize("level", LEVELS)
def test_other_secrets_leave_no_secret_of_the_first_behind(level: Level) -> None:
    spec = drawn(3, level)
    one, other = (FAMILY.build(spec, Secrets(bytes(32), "item", attempt)).scenario for attempt in (1, 2))

    for a, b in zip(one.hosts, other.hosts, strict=True):
        secret = {path for (path, x), (_, y) in zip(a.files, b.files, strict=True) if x != y}
        # Nothing that everybody may read on a machine follows from the attempt, except plans' seals.
        assert not {path for path in secret if dict(a.files)[path].mode & 0o004 and not path.startswith("/srv/")}


def test_milestones_follow_the_logs_and_later_ones_carry_earlier_ones() -> None:
    spec = drawn(1, Level.L4)
    third = spec.links[2]
    line = f"Accepted publickey for {third.account} from x".encode() if third.kind == "ssh" else b"audit: something"
    reached_names = FAMILY.milestones(spec, SECRETS, Evidence({third.name: line}))

    assert [each.reached for each in reached_names] == [index <= 2 for index in range(len(spec.links))]
    assert not any(each.reached for each in FAMILY.milestones(spec, SECRETS, Evidence()))
    assert FAMILY.oracle(spec, SECRETS, SECRETS.answer, Evidence()) == Solved()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(6))
def test_players_say_the_same_again_and_end(seed: int, level: Level) -> None:
    spec = drawn(seed, level)
    players = [FAMILY.solution, FAMILY.wrong, *((lambda s, n=n: FAMILY.shortcuts(s)[n].play) for n in range(4))]

    for player in players:
        turns = [[], []]
        for turn in turns:
            play = player(spec)
            action = next(play)
            while not isinstance(action, Submit):
                if isinstance(action, Python):
                    ast.parse(action.code)
                turn.append(action)
                action = play.send("nothing of use")
        assert turns[0] == turns[1]
        assert len(turns[0]) <= 8


@pytest.mark.parametrize("seed", range(60))
def test_a_filter_lets_ordinary_letters_through(seed: int) -> None:
    traits = dict(draw_traits(Rng(bytes([seed])), "template", hard=True))

    assert not any(word in f"{traits['marks']} clerk.name" for word in traits["deny"].split())


def test_all_kinds_are_drawn() -> None:
    kinds = {link.kind for seed in range(60) for link in drawn(seed, Level.L4).links}

    assert len(kinds) == 12
    assert {DATABASE, GATE} <= kinds


@pytest.mark.parametrize("name", sorted(file.name for file in DATA.iterdir()))
def test_programs_of_the_machines_can_be_read_by_python(name: str) -> None:
    ast.parse(DATA.joinpath(name).read_text())


@given(st.binary(min_size=32, max_size=32))
def test_a_key_file_is_what_openssh_writes(seed: bytes) -> None:
    key = load_ssh_private_key(private_file(seed).encode(), None)

    assert isinstance(key, Ed25519PrivateKey)
    assert key.private_bytes_raw() == seed
    assert base64.b64decode(public_line(seed).split()[1])[-32:] == key.public_key().public_bytes_raw()


@pytest.mark.parametrize("phrase", ["right", "wrong"])
def test_a_sealed_file_opens_by_its_passphrase_alone(tmp_path: Path, phrase: str) -> None:
    (tmp_path / "sealed.py").write_bytes(DATA.joinpath("sealed.py.tmpl").read_bytes())
    (tmp_path / "x.seal").write_bytes(
        sealed(b"what is kept, and more than thirty-two bytes", Seal(phrase="right", salt=b"x"))
    )
    command = [sys.executable, str(tmp_path / "sealed.py"), str(tmp_path / "x.seal")]
    done = subprocess.run(command, input=phrase.encode(), capture_output=True, check=False)

    assert done.stdout == (b"what is kept, and more than thirty-two bytes" if phrase == "right" else b"")


@pytest.mark.parametrize("place", ["settings", "history", "backup", "table", "note"])
def test_a_leftover_holds_its_credential(place: str) -> None:
    seal = Seal(phrase="p", salt=b"s")
    [(_, data)] = left(place, "x/y", words="for the gate", secret="s3cr3t", seal=seal).files
    if place == "backup":
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as tar:
            data = b"".join(found.read() for member in tar if (found := tar.extractfile(member)))
    elif place == "table":
        base = sqlite3.connect(":memory:")
        base.deserialize(data)
        data = repr(base.execute("select * from access").fetchall()).encode()
        base.close()

    assert b"s3cr3t" in data
    assert b"for the gate" in data


def test_a_repository_shows_its_credential_in_its_past_alone(tmp_path: Path) -> None:
    for path, data in left("repository", "r", words="w", secret="s3cr3t", seal=Seal(phrase="p", salt=b"s")).files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
        assert b"s3cr3t" not in data
    command = ["git", "-c", "safe.directory=*", "-C", str(tmp_path / "r"), "log", "-p"]

    assert b"-secret = s3cr3t" in subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.parametrize("order", ["before", "after", "both", "hmac"])
@pytest.mark.parametrize("kind", ["sha256", "sha1", "md5", "blake2s"])
def test_a_patterned_password_can_be_found_from_its_policy(order: str, kind: str) -> None:
    traits = {"hash": kind, "order": order, "shape": "Word mark digits", "digits": "2"}
    password = passwords.patterned(SECRETS, "user", traits)
    held = passwords.kept(traits, "salt", password)
    tries = (
        passwords.compose("Word mark digits", word, f"{number:02}", mark)
        for word in passwords.WORDS
        for mark in passwords.MARKS
        for number in range(100)
    )

    assert [each for each in tries if passwords.kept(traits, "salt", each) == held] == [password]
