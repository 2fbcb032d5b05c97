"""The OCI runtime's command lines, and the set-up steps of a supervisor around it. Pure.

Everything lies under /run of the supervisor, a small tmpfs of its own:

    /run/images/N            an image, attached read-only by use
    /run/hosts/NAME/disk     the host's disk: a tmpfs with a size and a count of inodes
    /run/hosts/NAME/root     the host's root: the image with the disk over it
    /run/hosts/NAME/config.json, pid
    /run/netns/NAME          the host's network namespace
    /run/crun                the runtime's own state
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from trialplate.sandbox.bundle import INIT_COPY, MACHINE_INIT, Policy, config
from trialplate.sandbox.network import hosts_file, network_steps
from trialplate.sandbox.scenario import AGENT, File, Host, Scenario

CRUN = "/usr/bin/crun"
INIT = ("/usr/bin/tini", "-s", "--", "/usr/bin/cat")
"""What the supervisor becomes: an init that reaps, and a program that ends with the driver."""

AGENT_NAME = "agent"
AGENT_HOME = "/home/agent"
_READ_ONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
Step = list[Any]

# Cgroups are the supervisor's business; --cgroup-manager=disabled alone still fails on a hybrid hierarchy, which is
# why `supervisor_steps` also hides it.
_RUNTIME = [CRUN, "--root", "/run/crun", "--cgroup-manager=disabled"]


def run_command(host: str) -> list[str]:
    """Return the command that starts a host from its bundle.

    Without --no-new-keyring every host costs a kernel keyring, and the kernel gives a user 200.
    """
    place = f"/run/hosts/{host}"
    return [*_RUNTIME, "run", "--no-new-keyring", "--detach", "--pid-file", f"{place}/pid", "--bundle", place, host]


def exec_command(host: str) -> list[str]:
    """Return the command that runs, in a host, the process that it finds at descriptor 3; it logs to descriptor 4.

    The process comes as a file with every field, because `crun exec --user` drops no_new_privs and the limits.
    """
    return [CRUN, "--log=/proc/self/fd/4", "--log-format=json", *_RUNTIME[1:], "exec", "-p", "/proc/self/fd/3", host]


def supervisor_steps(scenario: Scenario, policy: Policy, images: Sequence[str]) -> list[Step]:
    """Return the steps that make a scenario, up to its running hosts; `images` are digests in the request's order."""
    steps: list[Step] = [
        ["mount", "proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC, ""],
        ["mount", "run", "/run", "tmpfs", _NOSUID | _NODEV, "mode=755,size=32m,nr_inodes=16k"],
        ["try-mount", "none", "/sys/fs/cgroup/unified", "tmpfs", _READ_ONLY, "size=0k"],
        ["copy", MACHINE_INIT, INIT_COPY, 0o755],
    ]
    for index in range(len(images)):
        steps += [["dir", f"/run/images/{index}", 0o755], ["image", index, f"/run/images/{index}"]]
    steps += network_steps(scenario)
    for host in scenario.hosts:
        steps += _disk_steps(host, images.index(host.image))
        steps += _content_steps(scenario, host)
        steps.append(_bundle_step(host, policy, scenario.processes))
        steps.append(["begin", run_command(host.name)])
    return [*steps, ["await"]]


def restart_steps(host: Host) -> list[Step]:
    """Return the steps that end what is left of a host and start it again with its disk as it is."""
    return [
        ["begin", [*_RUNTIME, "delete", "--force", host.name]],
        ["await"],
        ["delete", pid_file(host.name)],
        ["begin", run_command(host.name)],
        ["await"],
    ]


def pid_file(host: str) -> str:
    """Return where the runtime writes the pid of a host's first process."""
    return f"/run/hosts/{host}/pid"


def _disk_steps(host: Host, image: int) -> list[Step]:
    place = f"/run/hosts/{host.name}"
    size = f"mode=755,size={host.limits.disk}m,nr_inodes={host.limits.inodes}"
    layers = f"lowerdir=/run/images/{image},upperdir={place}/disk/upper,workdir={place}/disk/work,userxattr"
    return [
        ["dir", f"{place}/disk", 0o755],
        ["dir", f"{place}/root", 0o755],
        ["mount", "disk", f"{place}/disk", "tmpfs", _NODEV, size],
        ["dir", f"{place}/disk/upper", 0o755],
        ["dir", f"{place}/disk/work", 0o755],
        ["mount", "root", f"{place}/root", "overlay", _NODEV, layers],
    ]


def _content_steps(scenario: Scenario, host: Host) -> list[Step]:
    root, uid = f"/run/hosts/{host.name}/root", scenario.agent_uid(host.name)
    accounts = (
        ("/etc/passwd", f"{AGENT_NAME}:x:{uid}:{uid}::{AGENT_HOME}:/bin/bash\n"),
        ("/etc/group", f"{AGENT_NAME}:x:{uid}:\n"),
        ("/etc/shadow", f"{AGENT_NAME}:*:20000:0:99999:7:::\n"),
    )
    own = (
        ("/etc/hosts", File(content=hosts_file(scenario, host.name).encode())),
        ("/etc/hostname", File(content=f"{host.name}\n".encode())),
    )
    return [
        *(["append", root, path, line] for path, line in accounts),
        ["folder", root, AGENT_HOME, 0o755, uid, uid],
        *(_put(root, path, file, uid) for path, file in (*own, *host.files)),
    ]


def _put(root: str, path: str, file: File, agent: int) -> Step:
    owner = agent if file.owner == AGENT else file.owner
    return ["put", root, path, file.mode, owner, owner, base64.b64encode(file.content).decode()]


def _bundle_step(host: Host, policy: Policy, processes: int) -> Step:
    place = f"/run/hosts/{host.name}"
    content = base64.b64encode(config(host, policy, root=f"{place}/root", processes=processes)).decode()
    return ["put", place, "/config.json", 0o644, 0, 0, content]
