"""Start a scenario: three generations of processes, each with less power than the one before.

*M* has the spawner's own rights: it writes the id map and lends the images. Its child
*A* makes the user namespace and takes its root id; from there on nothing holds an id of the machine's. A's child *B*
is pid 1 of the scenario: it carries out the set-up steps and then becomes a small init that waits for the driver.

M ends when B is under way; A ends at once, and B belongs to the spawner, which reaps it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from typing import Any

from . import protocol, syscalls
from .steps import Steps

SETUP_SECONDS = 60
_INSIDE = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWCGROUP
)


def serve(answer: socket.socket, body: protocol.Body, fds: dict[str, int]) -> None:
    """Start a scenario.

    Body: `map` (outer id, count), `mapper` ("direct" or "newuidmap"), `images` (folders), `shift` (whether the images
    are owned by the machine's own ids and must be shown through the map), `steps`, `hosts` (host to the pid file that
    its `run` step writes), `init` (what B becomes).

    Events: `born` with B's pidfd; `ready` with one pidfd a host, in the order of `hosts`; or `failed`.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        ours.close()
        _become_root_inside(answer, body, fds, theirs)
    theirs.close()
    if not ours.recv(1):
        return  # A failed and has said why.
    _write_maps(child, body)
    images = [_lend(path, child) for path in body["images"]] if body["shift"] else []
    socket.send_fds(ours, [b"m"], images)
    os.waitpid(child, 0)


def _become_root_inside(answer: socket.socket, body: protocol.Body, fds: dict[str, int], parent: socket.socket) -> None:
    """Be A: make the user namespace, take root's id in it, make the other namespaces, fork B and end."""
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    images: list[int] = []
    if not body["shift"]:
        # Only the owner may pass through its own home, so the images are taken before the owner's id is given up.
        syscalls.unshare(syscalls.CLONE_NEWNS)
        images = [syscalls.clone_tree(path) for path in body["images"]]
    parent.send(b"u")
    mapped, lent, _, _ = socket.recv_fds(parent, 1, protocol.MOST_FDS)
    if not mapped:
        os._exit(1)  # M failed and has said why.
    take_root()
    syscalls.unshare(_INSIDE)
    child = os.fork()
    if child == 0:
        parent.close()
        _be_init(answer, body, fds, Steps(images or lent))
    protocol.send(answer, {"event": "born"}, (os.pidfd_open(child),))
    os._exit(0)


def take_root() -> None:
    """Become root of the user namespace that the caller is in, in all three ids, with no other group."""
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _be_init(answer: socket.socket, body: protocol.Body, fds: dict[str, int], steps: Steps) -> None:
    """Be B: carry out the steps, say so, and wait as a small init for the driver's end of file."""
    # A pid 1 gets no default actions, so without a handler the alarm would do nothing.
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(SETUP_SECONDS)
    syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE, "")
    steps.carry_out(body["steps"])
    report_hosts(answer, body["hosts"])
    signal.alarm(0)
    os.dup2(fds["life"], 0)
    nothing = os.open("/dev/null", os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.set_inheritable(fds["slot"], True)  # noqa: FBT003 the lock must live as long as this process
    os.chdir("/")
    os.execve(body["init"][0], body["init"], {})


def _give_up(*_: Any) -> None:
    os._exit(1)


def report_hosts(answer: socket.socket, hosts: dict[str, str]) -> None:
    """Send `ready` with a pidfd of each host's pid 1, read from the pid files that the runtime wrote."""
    pidfds: list[int] = []
    for path in hosts.values():
        with open(path, encoding="utf-8") as file:
            pidfds.append(os.pidfd_open(int(file.read())))
    protocol.send(answer, {"event": "ready", "hosts": list(hosts)}, tuple(pidfds))


def _write_maps(child: int, body: protocol.Body) -> None:
    """Give A's user namespace its ids."""
    outer, count = body["map"]
    if outer <= 0:
        raise PermissionError(1, "refused: root inside would be root of the machine")
    for kind in ("uid", "gid"):
        if body["mapper"] == "direct":
            write(f"/proc/{child}/{kind}_map", f"0 {outer} {count}\n")
        else:
            argv = [f"/usr/bin/new{kind}map", str(child), "0", str(outer), str(count)]
            done = subprocess.run(argv, check=False, capture_output=True, text=True)  # noqa: S603 our own numbers
            if done.returncode != 0:
                raise PermissionError(1, done.stderr.strip())


def _lend(path: str, child: int) -> int:
    """Return a detached mount of the folder `path` with its owners shown through A's id map."""
    tree = syscalls.clone_tree(path)
    namespace = os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    try:
        syscalls.map_tree_ids(tree, namespace)
    finally:
        os.close(namespace)
    return tree


def write(path: str, text: str) -> None:
    """Write a short text to a file of the kernel's, in one call."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
