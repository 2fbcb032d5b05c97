"""Ask the machine, before anything starts, whether it has what the sandbox needs; each missing thing with its fix.

A check looks; only making a scenario proves. `doctor` does both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from trialplate.errors import TrialplateError
from trialplate.sandbox.bundle import MACHINE_INIT
from trialplate.sandbox.caps import Caps
from trialplate.sandbox.ids import find_ids
from trialplate.sandbox.image import BASE, ImageStore
from trialplate.sandbox.runtime import CRUN, INIT

DISK_BYTES = 1 << 30
_SHIFTING_KERNEL = (5, 19)
_PACKAGES = {
    CRUN: "crun",
    INIT[0]: "tini",
    MACHINE_INIT: "tini",
    "/usr/bin/unshare": "util-linux",
    "/usr/bin/nsenter": "util-linux",
}
_USER_PACKAGES = {"/usr/bin/newuidmap": "uidmap", "/usr/bin/newgidmap": "uidmap"}


@dataclass(frozen=True, kw_only=True)
class Ready:
    """The machine has this."""

    name: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Missing:
    """The machine lacks this; `fix` is what to do about it."""

    name: str
    detail: str
    fix: str


Finding = Ready | Missing


class Machine(Protocol):
    """What the checks ask of a machine."""

    def has(self, program: str) -> bool:
        """Say whether a program is there, by absolute path."""
        ...

    def read(self, path: str) -> str:
        """Return a text file of the machine's, or "" where there is none."""
        ...

    def free(self, folder: Path) -> int:
        """Return the free bytes of the disk that `folder` is, or would be, on."""
        ...

    def refuses_user_namespace(self) -> str:
        """Return why a user namespace cannot be made, or ""."""
        ...


@dataclass(frozen=True, kw_only=True)
class ThisMachine:
    """The machine that this process runs on; `unshare` is the program that tries a user namespace."""

    unshare: str = "/usr/bin/unshare"

    def has(self, program: str) -> bool:
        """Say whether a program can be executed."""
        return os.access(program, os.X_OK)

    def read(self, path: str) -> str:
        """Return a text file's content, stripped."""
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def free(self, folder: Path) -> int:
        """Ask the nearest folder above that exists."""
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).free

    def refuses_user_namespace(self) -> str:
        """Try to make one."""
        try:
            command = [self.unshare, "--user", "/bin/true"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 our own words
        except OSError as error:
            return str(error)
        return done.stderr.strip() if done.returncode != 0 else ""


def check_machine(
    machine: Machine, home: Path, caps: Caps, *, uid: int | None = None, platform: str = ""
) -> tuple[Finding, ...]:
    """Return one finding for each thing that the sandbox needs; `uid` and `platform` are others' only in tests."""
    asking = os.geteuid() if uid is None else uid
    return (
        _platform(platform or f"{os.uname().sysname} {os.uname().machine}"),
        *_programs(machine, asking),
        _namespaces(machine),
        _kernel(machine, asking),
        _ids(home),
        _image(home),
        _disk(machine, home),
        Ready(name="memory and process limits", detail=caps.kind),
    )


def _platform(name: str) -> Finding:
    if name == "Linux x86_64":
        return Ready(name="platform", detail=name)
    return Missing(name="platform", detail=name, fix="Use Linux on x86_64, which the seccomp profile is for.")


def _programs(machine: Machine, uid: int) -> Iterator[Finding]:
    wanted = _PACKAGES if uid == 0 else _PACKAGES | _USER_PACKAGES
    for program, package in wanted.items():
        if machine.has(program):
            yield Ready(name=Path(program).name, detail=program)
        else:
            yield Missing(name=Path(program).name, detail=f"{program} is not there", fix=f"apt-get install {package}")


def _namespaces(machine: Machine) -> Finding:
    name = "user namespaces"
    refusal = machine.refuses_user_namespace()
    if not refusal:
        return Ready(name=name, detail="allowed")
    switches = (
        ("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=10000"),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    )
    for path, value, command in switches:
        if machine.read(path) == value:
            return Missing(name=name, detail=refusal, fix=f"Run as root: {command}")
    return Missing(name=name, detail=refusal, fix="Allow user namespaces; inside a container, start it privileged.")


def _kernel(machine: Machine, uid: int) -> Finding:
    release = machine.read("/proc/sys/kernel/osrelease")
    numbers = tuple(int(part) for part in release.split(".")[:2] if part.isdigit())
    if "\toverlay" not in machine.read("/proc/filesystems"):
        return Missing(name="kernel", detail=f"{release} lacks overlay", fix="Run as root: modprobe overlay")
    if uid == 0 and numbers < _SHIFTING_KERNEL:
        return Missing(
            name="kernel",
            detail=f"{release} cannot show an image through an id map",
            fix="Use a kernel from 5.19, or run as an ordinary user.",
        )
    return Ready(name="kernel", detail=release)


def _ids(home: Path) -> Finding:
    try:
        source = find_ids(home)
    except TrialplateError as error:
        return Missing(name="ids", detail=error.what, fix=error.fix)
    return Ready(name="ids", detail=f"from {source.first}, {source.mapper}")


def _image(home: Path) -> Finding:
    try:
        store = ImageStore(home / "cache" / "images", find_ids(home))
        record = store.named(BASE)
        store.open(record.digest)
    except TrialplateError as error:
        return Missing(name="image", detail=error.what, fix=error.fix)
    return Ready(name="image", detail=f"{BASE} {record.digest[:12]}, {record.suite}, {len(record.packages)} packages")


def _disk(machine: Machine, home: Path) -> Finding:
    free = machine.free(home)
    detail = f"{free >> 20} MiB free for {home}"
    if free >= DISK_BYTES:
        return Ready(name="disk", detail=detail)
    return Missing(name="disk", detail=detail, fix=f"Free {(DISK_BYTES - free >> 20) + 1} MiB, or set TRIALPLATE_HOME.")
