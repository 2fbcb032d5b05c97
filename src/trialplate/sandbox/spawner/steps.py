"""The set-up steps of a supervisor: a list of plain tuples that the driver computed and a child carries out.

| step | arguments | does |
|---|---|---|
| `dir` | path, mode | makes a folder and its parents |
| `mount` | source, target, kind, flags, data | mounts |
| `try-mount` | the same | mounts where that is possible |
| `image` | index, target | attaches image `index` of the request |
| `put` | root, path, mode, uid, gid, base64 | writes a file inside the tree `root`, never following a link out of it |
| `copy` | source, target, mode | copies a file of the machine's |
| `append` | root, path, text | adds text to the end of a file inside the tree `root` |
| `folder` | root, path, mode, uid, gid | makes a folder inside the tree `root`, and its parents |
| `write` | path, text | writes to a file of the kernel's |
| `netns` | name | makes a named network namespace |
| `switch` | name | makes a switch in the supervisor's own network namespace |
| `cable` | name, switch, device, host | plugs `device` of a host's namespace into a switch |
| `address` | host, device, address | gives a device an address |
| `up` | host, device | puts a device up |
| `route` | host, network, gateway | adds a route |
| `begin` | argv | starts a command |
| `await` | | waits for all commands that were started |
| `delete` | path | removes a file if it is there |
"""

from __future__ import annotations

import base64
import contextlib
import os
import stat
from typing import Any

from . import syscalls
from .netlink import Links

Step = list[Any]

_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
_LOG_LIMIT = 4096
_COPY_CHUNK = 1 << 20


class StepError(OSError):
    """A command of a step failed; the message holds the end of what it printed."""


class Steps:
    """Carries out steps with the images that the request brought: descriptors of detached mounts, by index."""

    def __init__(self, images: list[int]) -> None:
        self._images = images
        self._begun: list[tuple[list[str], int, int]] = []
        self._links: dict[str, Links] = {}

    def carry_out(self, steps: list[Step]) -> None:
        """Do all steps in order; the first that fails raises OSError."""
        verbs = {
            "dir": self._dir,
            "mount": syscalls.mount,
            "try-mount": self._try_mount,
            "image": self._image,
            "put": self._put,
            "copy": self._copy,
            "append": self._append,
            "folder": self._folder,
            "write": self._write,
            "netns": self._netns,
            "switch": self._switch,
            "cable": self._cable,
            "address": self._address,
            "up": self._up,
            "route": self._route,
            "begin": self._begin,
            "await": self._await,
            "delete": self._delete,
        }
        for name, *arguments in steps:
            verbs[name](*arguments)

    def _dir(self, path: str, mode: int) -> None:
        os.makedirs(path, mode=mode, exist_ok=True)

    def _try_mount(self, source: str, target: str, kind: str, flags: int, data: str) -> None:
        with contextlib.suppress(OSError):
            syscalls.mount(source, target, kind, flags, data)

    def _image(self, index: int, target: str) -> None:
        syscalls.attach_tree(self._images[index], target)

    def _put(self, root: str, path: str, mode: int, uid: int, gid: int, content: str) -> None:
        top = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            put_file(top, path, base64.b64decode(content), mode=mode, owner=(uid, gid))
        finally:
            os.close(top)

    def _copy(self, source: str, target: str, mode: int) -> None:
        fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        origin = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        while part := os.read(origin, _COPY_CHUNK):
            os.write(fd, part)
        os.close(origin)
        os.close(fd)

    def _append(self, root: str, path: str, text: str) -> None:
        top = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        fd = syscalls.open_inside(top, path, os.O_WRONLY | os.O_APPEND)
        os.write(fd, text.encode())
        os.close(fd)
        os.close(top)

    def _folder(self, root: str, path: str, mode: int, uid: int, gid: int) -> None:
        top = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            make_folders(top, path, (uid, gid))
            fd = syscalls.open_inside(top, path, os.O_RDONLY | os.O_DIRECTORY)
            os.fchmod(fd, mode)
            os.close(fd)
        finally:
            os.close(top)

    def _write(self, path: str, text: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def _delete(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)

    def _netns(self, name: str) -> None:
        """Make a network namespace and pin it at /run/netns/NAME, as `ip netns add` does but without a process."""
        path = _namespace(name)
        os.makedirs("/run/netns", exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_CLOEXEC, 0o400))
        home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        syscalls.unshare(syscalls.CLONE_NEWNET)
        try:
            syscalls.mount("/proc/self/ns/net", path, "", syscalls.MS_BIND, "")
            # An address that is being checked for duplicates neither answers nor asks for a second.
            for scope in ("all", "default"):
                self._write(f"/proc/sys/net/ipv6/conf/{scope}/accept_dad", "0")
            self._links[name] = Links()
        finally:
            syscalls.setns(home, syscalls.CLONE_NEWNET)
            os.close(home)

    def _switch(self, name: str) -> None:
        self._own_links().add_switch(name)

    def _cable(self, name: str, switch: str, device: str, host: str) -> None:
        self._own_links().add_cable(name, switch, device, _namespace(host))

    def _address(self, host: str, device: str, address: str) -> None:
        self._links[host].add_address(device, address)

    def _up(self, host: str, device: str) -> None:
        self._links[host].put_up(device)

    def _route(self, host: str, network: str, gateway: str) -> None:
        self._links[host].add_route(network, gateway)

    def _own_links(self) -> Links:
        """Return the links of the supervisor's own namespace, where the switches are."""
        if "" not in self._links:
            self._links[""] = Links()
        return self._links[""]

    def _begin(self, argv: list[str]) -> None:
        self._begun.append(_spawn(argv))

    def _await(self) -> None:
        begun, self._begun = self._begun, []
        for argv, pid, log in begun:
            _, status = os.waitpid(pid, 0)
            said = os.pread(log, _LOG_LIMIT, max(0, os.fstat(log).st_size - _LOG_LIMIT)).decode(errors="replace")
            os.close(log)
            if status != 0:
                code = os.waitstatus_to_exitcode(status)
                raise StepError(0, f"{' '.join(argv[:6])} ended with {code}: {said.strip()}")


def _namespace(host: str) -> str:
    """Return where a host's network namespace is pinned."""
    return f"/run/netns/{host}"


def _spawn(argv: list[str]) -> tuple[list[str], int, int]:
    """Start a command; its output goes to a memory file, because a detached container would hold a pipe open."""
    log = os.memfd_create("log", os.MFD_CLOEXEC)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        *((os.POSIX_SPAWN_DUP2, log, number) for number in (1, 2)),
    ]
    pid = os.posix_spawn(argv[0], argv, _ENVIRONMENT, file_actions=actions)
    return argv, pid, log


def put_file(top: int, path: str, content: bytes, *, mode: int, owner: tuple[int, int] | None) -> None:
    """Write a file, with its missing parents, inside the tree whose root the descriptor `top` is.

    An existing regular file is replaced in place; anything else at `path` raises OSError. `owner` None keeps what
    the caller's ids give.
    """
    make_folders(top, path.rpartition("/")[0], owner)
    fd = syscalls.open_inside(top, path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY, mode)
    try:
        refuse_irregular(fd, path)
        os.ftruncate(fd, 0)
        view = memoryview(content)
        while view:
            view = view[os.write(fd, view) :]
        if owner is not None:
            os.fchown(fd, *owner)
            os.fchmod(fd, mode)
    finally:
        os.close(fd)


def make_folders(top: int, path: str, owner: tuple[int, int] | None) -> None:
    """Make the folder `path` and its missing parents inside the tree whose root the descriptor `top` is."""
    folder = ""
    for part in filter(None, path.split("/")):
        folder = f"{folder}/{part}"
        _ensure_folder(top, folder, owner)


def _ensure_folder(top: int, folder: str, owner: tuple[int, int] | None) -> None:
    """Make `folder` if it is missing; its parent exists."""
    try:
        os.close(syscalls.open_inside(top, folder, os.O_PATH | os.O_DIRECTORY))
    except FileNotFoundError:
        above, _, name = folder.rpartition("/")
        parent = syscalls.open_inside(top, above or "/", os.O_PATH | os.O_DIRECTORY)
        try:
            os.mkdir(name, 0o755, dir_fd=parent)
            if owner is not None:
                os.chown(name, *owner, dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(parent)


def refuse_irregular(fd: int, path: str) -> None:
    """Raise OSError unless `fd` is a regular file: a FIFO could block us, a device could have no end."""
    kind = os.fstat(fd).st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(21, f"Is a directory: {path}")
    if not stat.S_ISREG(kind):
        raise PermissionError(1, f"Not a regular file: {path}")
