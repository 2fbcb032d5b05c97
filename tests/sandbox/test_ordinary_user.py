"""The doctor, and all that it makes, as an ordinary user with subordinate ids; and without any."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.ordinary import OrdinaryUser, ordinary_user
from trialplate.sandbox.ids import IdSource
from trialplate.sandbox.image import BASE
from trialplate.sandbox.leftovers import processes_of

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(
        os.geteuid() != 0, reason="only root can make a user; as a user, every other test shows the same"
    ),
]

DOCTOR = "import sys; from trialplate.faces.cli.main import main; sys.exit(main(['doctor', '--json']))"


def image_of(home: Path) -> Path:
    """Return the folder of the base image; the other one takes a minute to unpack, and is not given to the user."""
    records = home.glob("cache/images/*/record.json")
    return next(path.parent for path in records if json.loads(path.read_text())["name"] == BASE)


@pytest.fixture(scope="module")
def user(trialplate_home: Path) -> Iterator[OrdinaryUser]:
    with ordinary_user(image_of(trialplate_home)) as made:
        yield made


def test_the_doctor_finds_everything_and_leaves_nothing(user: OrdinaryUser) -> None:
    done = user.run("-c", DOCTOR)
    said = json.loads(done.stdout)
    assert [finding["name"] for finding in said["findings"] if not finding["ready"]] == ["triage image"], done.stdout
    details = {finding["name"]: finding["detail"] for finding in said["findings"]}
    assert details["ids"].endswith("newuidmap")
    assert details["memory and process limits"] == "watched"
    assert details["evaluation"] == "solved by the scripted model"
    assert all(probe["closed"] for probe in said["egress"])
    first = int(details["ids"].split()[1].rstrip(","))
    shared = IdSource(first=first, step=0, mapper="newuidmap", shift=False, slots=user.home)
    assert processes_of(shared, range(1)) == ()


def test_without_subordinate_ids_the_doctor_says_what_to_type(trialplate_home: Path) -> None:
    with ordinary_user(image_of(trialplate_home), subordinate=False) as poor:
        done = poor.run("-c", DOCTOR)
        assert done.returncode == 3
        missing = {each["name"]: each for each in json.loads(done.stdout)["findings"] if not each["ready"]}
        assert "no range of 65,536 subordinate ids" in missing["ids"]["detail"]
        assert missing["ids"]["fix"].startswith("Run as root: usermod --add-subuids")
        assert missing["ids"]["fix"].endswith(poor.name)
