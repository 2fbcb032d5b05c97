"""The set-up steps of a supervisor: a list of plain tuples that the driver computed and a child carries out.

| step | arguments | does |
|---|---|---|
| `dir` | path, mode | makes a folder and its parents |
| `mount` | source, target, kind, flags, data | mounts |
| `try-mount` | the same | mounts where that is possible |
| `image` | index, target | attaches image `index` of the request |
| `put` | root, path, mode, uid, gid, base64 | writes a file inside the tree `root`, never following a link out of it |
| `append` | root, path, text | adds text to the end of a file inside the tree `root` |
| `folder` | root, path, mode, uid, gid | makes a folder inside the tree `root`, and its parents |
| `write` | path, text | writes to a file of the kernel's |
| `netns` | name | makes a named network namespace |
| `run` | commands | runs commands at the same time: each (argv, stdin text, host whose cgroups it joins or "") |
| `delete` | path | removes a file if it is there |
"""

from __future__ import annotations

import base64
import contextlib
import os
import stat
import subprocess
from typing import Any

from trialplate.sandbox.spawner import syscalls

Step = list[Any]

_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
_LOG_LIMIT = 4096
COMMAND_SECONDS = 30


class StepError(OSError):
    """A command of a step failed; the message holds the end of what it printed."""


class Steps:
    """Carries out steps with the images and cgroup files that the request brought.

    Args:
        images: descriptors of detached mounts, by index.
        joins: by host, open cgroup.procs files; writing 0 moves the writer.
    """

    def __init__(self, images: list[int], joins: dict[str, list[int]]) -> None:
        self._images = images
        self._joins = joins

    def carry_out(self, steps: list[Step]) -> None:
        """Do all steps in order; the first that fails raises OSError."""
        verbs = {
            "dir": self._dir,
            "mount": syscalls.mount,
            "try-mount": self._try_mount,
            "image": self._image,
            "put": self._put,
            "append": self._append,
            "folder": self._folder,
            "write": self._write,
            "netns": self._netns,
            "run": self._run,
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
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 pathlib would be the only import of its kind here
            file.write(text)

    def _delete(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)

    def _netns(self, name: str) -> None:
        """Make a network namespace and pin it at /run/netns/NAME, as `ip netns add` does but without a process."""
        path = f"/run/netns/{name}"
        os.makedirs("/run/netns", exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_CLOEXEC, 0o400))
        home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        syscalls.unshare(syscalls.CLONE_NEWNET)
        try:
            syscalls.mount("/proc/self/ns/net", path, "", syscalls.MS_BIND, "")
        finally:
            syscalls.setns(home, syscalls.CLONE_NEWNET)
            os.close(home)

    def _run(self, commands: list[tuple[list[str], str, str]]) -> None:
        running = [self._begin(*command) for command in commands]
        for (argv, stdin, _), (process, log) in zip(commands, running, strict=True):
            process.communicate(stdin.encode(), timeout=COMMAND_SECONDS)
            said = os.pread(log, _LOG_LIMIT, max(0, os.fstat(log).st_size - _LOG_LIMIT)).decode(errors="replace")
            os.close(log)
            if process.returncode != 0:
                raise StepError(0, f"{' '.join(argv[:6])} ended with {process.returncode}: {said.strip()}")

    def _begin(self, argv: list[str], stdin: str, host: str) -> tuple[subprocess.Popen[bytes], int]:
        """Start a command; its output goes to a memory file, because a detached container would hold a pipe open."""
        log = os.memfd_create("log", os.MFD_CLOEXEC)
        joins = self._joins.get(host, [])
        process = subprocess.Popen(  # noqa: S603 argv comes from the driver, never from a guest
            argv,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_ENVIRONMENT,
            preexec_fn=(lambda: [os.write(fd, b"0") for fd in joins]) if joins else None,  # noqa: PLW1509 one thread only
        )
        return process, log


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
