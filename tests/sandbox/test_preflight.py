"""Whatever a machine lacks is named, with what to type; fake and real machine answer the same questions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fakes.machine import FakeMachine
from trialplate.sandbox.caps import WatchingCaps
from trialplate.sandbox.preflight import DISK_BYTES, Missing, Ready, ThisMachine, check_machine


def missing(home: Path, machine: FakeMachine, *, uid: int = 0, platform: str = "Linux x86_64") -> dict[str, Missing]:
    findings = check_machine(machine, home, WatchingCaps(), uid=uid, platform=platform)
    return {finding.name: finding for finding in findings if isinstance(finding, Missing) and finding.name != "image"}


@pytest.mark.parametrize("uid", [0, 1000])
def test_a_good_machine_lacks_nothing(tmp_path: Path, uid: int) -> None:
    assert set(missing(tmp_path, FakeMachine(), uid=uid)) <= {"ids"}


@pytest.mark.parametrize(
    "program, package",
    [("crun", "crun"), ("tini-static", "tini"), ("nsenter", "util-linux")],
)
def test_a_missing_program_is_named_with_its_package(tmp_path: Path, program: str, package: str) -> None:
    found = missing(tmp_path, FakeMachine(without=frozenset({program})))
    assert found[program].fix == f"apt-get install {package}"
    assert found[program].detail.endswith(f"/{program} is not there")


def test_only_an_ordinary_user_needs_the_tools_that_write_its_map(tmp_path: Path) -> None:
    machine = FakeMachine(without=frozenset({"newuidmap"}))
    assert "newuidmap" not in missing(tmp_path, machine, uid=0)
    assert missing(tmp_path, machine, uid=1000)["newuidmap"].fix == "apt-get install uidmap"


@pytest.mark.parametrize(
    "files, fix",
    [
        ({"/proc/sys/user/max_user_namespaces": "0"}, "Run as root: sysctl -w user.max_user_namespaces=10000"),
        (
            {"/proc/sys/kernel/unprivileged_userns_clone": "0"},
            "Run as root: sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (
            {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1"},
            "Run as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ({}, "Allow user namespaces; inside a container, start it privileged."),
    ],
)
def test_each_switch_that_forbids_user_namespaces_is_told_apart(
    tmp_path: Path, files: dict[str, str], fix: str
) -> None:
    found = missing(tmp_path, FakeMachine(files=files, refusal="unshare failed"))["user namespaces"]
    assert (found.detail, found.fix) == ("unshare failed", fix)


@pytest.mark.parametrize(
    "files, uid, fix",
    [
        ({"/proc/filesystems": "nodev\tsysfs"}, 0, "Run as root: modprobe overlay"),
        ({"/proc/sys/kernel/osrelease": "5.15.0"}, 0, "Use a kernel from 5.19, or run as an ordinary user."),
        ({"/proc/sys/kernel/osrelease": "5.15.0"}, 1000, ""),
    ],
)
def test_a_kernel_that_cannot_do_it_is_named(tmp_path: Path, files: dict[str, str], uid: int, fix: str) -> None:
    found = missing(tmp_path, FakeMachine(files=files), uid=uid)
    assert (found["kernel"].fix if "kernel" in found else "") == fix


def test_a_full_disk_is_told_with_what_to_free(tmp_path: Path) -> None:
    found = missing(tmp_path, FakeMachine(free_bytes=DISK_BYTES - (5 << 20)))["disk"]
    assert found.fix == "Free 6 MiB, or set TRIALPLATE_HOME."


def test_another_platform_is_refused(tmp_path: Path) -> None:
    found = missing(tmp_path, FakeMachine(), platform="Linux aarch64")["platform"]
    assert found.fix == "Use Linux on x86_64, which the seccomp profile is for."


def test_a_missing_image_is_one_command_away(tmp_path: Path) -> None:
    findings = check_machine(FakeMachine(), tmp_path, WatchingCaps())
    image = next(finding for finding in findings if finding.name == "image")
    assert isinstance(image, Missing)
    assert image.fix == "Run `make setup` to build it."


def test_how_limits_are_held_is_said(tmp_path: Path) -> None:
    assert check_machine(FakeMachine(), tmp_path, WatchingCaps())[-1] == Ready(
        name="memory and process limits", detail="watched"
    )


def test_this_machine_answers(tmp_path: Path) -> None:
    machine = ThisMachine()
    assert machine.has("/bin/sh")
    assert not machine.has("/bin/no-such-program")
    assert machine.read("/proc/sys/kernel/osrelease") == os.uname().release
    assert machine.read(str(tmp_path / "missing")) == ""
    assert machine.free(tmp_path / "not" / "yet" / "there") > 0


@pytest.mark.sandbox
def test_this_machine_allows_user_namespaces() -> None:
    assert ThisMachine().refuses_user_namespace() == ""
    assert "No such file" in ThisMachine(unshare="/bin/no-such-program").refuses_user_namespace()
