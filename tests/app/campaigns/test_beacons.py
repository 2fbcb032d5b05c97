"""A beacon is an operator's own draw, or the round that the plan names and no other."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from trialplate.app.campaigns.beacons import BeaconFileError, read_beacon, refuse_odd_beacon

CHAIN = "ab" * 32
SOURCE = f"drand:{CHAIN}:4000000"
SIGNATURE = "cd" * 48


def written(folder: Path, **changed: object) -> Path:
    value = hashlib.sha256(bytes.fromhex(SIGNATURE)).hexdigest()
    path = folder / "round.json"
    path.write_text(json.dumps({"round": 4000000, "randomness": value, "signature": SIGNATURE, "other": 1} | changed))
    return path


def test_the_round_that_was_named_is_read(tmp_path: Path) -> None:
    beacon = read_beacon(SOURCE, written(tmp_path))
    assert beacon.source == SOURCE
    assert beacon.signature == SIGNATURE
    assert beacon.value == hashlib.sha256(bytes.fromhex(SIGNATURE)).hexdigest()


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"round": 4000001}, "holds round 4000001, and the plan names 4000000"),
        ({"randomness": "00" * 32}, "not the hash of its signature"),
        ({"signature": "no"}, "holds no round of drand"),
        ({"round": "one"}, "holds no round of drand"),
    ],
)
def test_another_round_or_value_is_refused(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    with pytest.raises(BeaconFileError, match=said):
        read_beacon(SOURCE, written(tmp_path, **changed))


def test_a_file_for_an_operators_draw_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BeaconFileError, match="operator's own draw"):
        read_beacon("operator", written(tmp_path))
    with pytest.raises(BeaconFileError, match="No such file"):
        read_beacon(SOURCE, tmp_path / "none")


@pytest.mark.parametrize(
    "source, seed, said",
    [
        ("random", "", "'random' is no beacon"),
        (f"drand:{CHAIN}", "", "is no beacon"),
        (SOURCE, "aa" * 16, "--seed-beacon is an operator's draw"),
        ("operator", "aa", "--seed-beacon is no draw"),
        ("operator", "ZZ" * 16, "--seed-beacon is no draw"),
    ],
)
def test_odd_beacons_are_refused(source: str, seed: str, said: str) -> None:
    with pytest.raises(BeaconFileError, match=said):
        refuse_odd_beacon(source, seed)


def test_sound_beacons_pass() -> None:
    for source, seed in (("operator", ""), ("operator", "0f" * 16), (SOURCE, "")):
        refuse_odd_beacon(source, seed)
