"""From a host to its OCI bundle: the `config.json` that crun and, later, runsc read. Pure.

The file names no cgroup and no user namespace: both are the supervisor's. Everything a guest may not do is said
here once: capabilities, privileges, masked and read-only paths, limits and the seccomp profile.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

from trialplate.sandbox.network import sysctls
from trialplate.sandbox.scenario import Host

CAPABILITIES = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
)
"""What root of a host may do: run the services and the set-user-id programs of an ordinary machine."""

MASKED = tuple(
    f"/proc/{name}"
    for name in (
        "acpi asound cmdline config.gz diskstats interrupts kallsyms kcore key-users keys kmsg latency_stats modules "
        "pagetypeinfo pressure sched_debug scsi sysrq-trigger timer_list timer_stats vmallocinfo"
    ).split()
)
READ_ONLY = tuple(f"/proc/{name}" for name in ("bus", "driver", "fs", "irq", "sys", "tty"))

INIT = "/dev/.init"
"""Where the static init of the machine is shown, read-only, in every host: the guest's own could be changed."""

MACHINE_INIT = "/usr/bin/tini-static"
INIT_COPY = "/run/init"
"""Where the supervisor keeps a copy of it: a mount of the machine's own file would name the machine's disk."""

ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


@dataclass(frozen=True, kw_only=True)
class Command:
    """What runs in a host: as whom, where, and with what environment beside the standard one."""

    argv: tuple[str, ...]
    uid: int = 0
    gid: int = 0
    cwd: str = "/"
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What every host of a scenario is held to. The default is the only policy that the product uses.

    The tests weaken one field at a time and show that the attack battery notices.
    """

    seccomp: str
    capabilities: tuple[str, ...] = CAPABILITIES
    no_new_privileges: bool = True
    masked: tuple[str, ...] = MASKED
    read_only: tuple[str, ...] = READ_ONLY
    limited: bool = True


def standard_policy() -> Policy:
    """Return the policy of the product, with the seccomp profile that ships with it."""
    return Policy(seccomp=resources.files("trialplate.sandbox").joinpath("seccomp.json").read_text())


def config(host: Host, policy: Policy, *, root: str, processes: int) -> bytes:
    """Return the `config.json` of `host`, whose root file system the supervisor has mounted at `root`.

    `processes` is as in `process`.
    """
    limits = host.limits
    value: dict[str, Any] = {
        "ociVersion": "1.0.2",
        "process": process(host, policy, Command(argv=(INIT, "--", "/usr/bin/sleep", "infinity")), processes=processes),
        "root": {"path": root, "readonly": False},
        "hostname": host.name,
        "mounts": [
            _mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            _mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=64k"),
            _mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
            _mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=16m", "nr_inodes=4k"),  # noqa: S108 the guest's
            _mount("/tmp", "tmpfs", "tmp", "nosuid", "nodev", "mode=1777", f"size={limits.tmp}m", "nr_inodes=16k"),  # noqa: S108 the guest's
            _mount("/sys", "tmpfs", "none", "nosuid", "noexec", "nodev", "ro", "size=0k"),
            _mount(INIT, "bind", INIT_COPY, "bind", "ro", "nosuid", "nodev"),
        ],
        "linux": {
            "namespaces": [
                *({"type": kind} for kind in ("pid", "ipc", "uts", "mount", "cgroup")),
                {"type": "network", "path": f"/run/netns/{host.name}"},
            ],
            "sysctl": sysctls(host),
            "maskedPaths": list(policy.masked),
            "readonlyPaths": list(policy.read_only),
        },
    }
    if policy.seccomp:
        value["linux"]["seccomp"] = _parsed(policy.seccomp)
    return json.dumps(value, separators=(",", ":")).encode()


@functools.cache
def _parsed(seccomp: str) -> dict[str, Any]:
    return json.loads(seccomp)


def _mount(target: str, kind: str, source: str, *options: str) -> dict[str, Any]:
    return {"destination": target, "type": kind, "source": source, "options": list(options)}


def process(host: Host, policy: Policy, command: Command, *, processes: int) -> dict[str, Any]:
    """Return the `process` of a command in `host`.

    Every field is written out, because the runtime drops silently what an exec leaves unsaid.

    `processes` is how many a user may have in the whole scenario. The kernel counts them by user across all hosts, and
    root of a host can be any user, so a host's own limit is not said here: whoever is full on one host could not
    start anything on another. `caps` holds each host to its own.
    """
    capabilities = [*policy.capabilities, *(["CAP_NET_RAW"] if host.raw_sockets else [])]
    held = capabilities if command.uid == 0 else []
    value: dict[str, Any] = {
        "terminal": False,
        "user": {"uid": command.uid, "gid": command.gid, "additionalGids": []},
        "args": list(command.argv),
        "cwd": command.cwd,
        "env": [f"{name}={text}" for name, text in {**ENVIRONMENT, **dict(command.env)}.items()],
        "noNewPrivileges": policy.no_new_privileges and not host.setuid,
        "capabilities": {
            "bounding": capabilities,
            "effective": held,
            "permitted": held,
            "inheritable": [],
            "ambient": [],
        },
    }
    if policy.limited:
        value["rlimits"] = _rlimits(host, processes)
    return value


def _rlimits(host: Host, processes: int) -> list[dict[str, Any]]:
    limits = host.limits
    rows = (
        ("RLIMIT_NOFILE", limits.open_files, limits.open_files * 4),
        ("RLIMIT_CORE", 0, 0),
        ("RLIMIT_NPROC", processes, processes),
    )
    return [{"type": name, "soft": soft, "hard": hard} for name, soft, hard in rows]
