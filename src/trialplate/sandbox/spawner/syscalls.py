"""The few system calls that Python 3.11 lacks, each raising OSError as `os` does.

Numbers and structures are those of Linux; `openat2`, `open_tree`, `move_mount`, `mount_setattr` and `pidfd` calls
have the same number on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import struct

_LIBC = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36

RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_IN_ROOT = 0x10

_OPEN_TREE = 428
_MOVE_MOUNT = 429
_OPENAT2 = 437
_MOUNT_SETATTR = 442

_AT_EMPTY_PATH = 0x1000
_OPEN_TREE_CLONE = 1
_OPEN_TREE_CLOEXEC = os.O_CLOEXEC
_MOVE_MOUNT_F_EMPTY_PATH = 0x04
_MOUNT_ATTR_IDMAP = 0x00100000
_AT_FDCWD = -100


def _checked(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Move the calling process into new namespaces (unshare(2))."""
    _checked(_LIBC.unshare(flags), "unshare")


def setns(fd: int, flags: int) -> None:
    """Join the namespaces `flags` of a pidfd, or the one namespace that `fd` names (setns(2))."""
    _checked(_LIBC.setns(fd, flags), "setns")


def mount(source: str, target: str, kind: str, flags: int, data: str) -> None:
    """Mount (mount(2)); empty `kind` and `data` mean none."""
    result = _LIBC.mount(
        source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), data.encode() or None
    )
    _checked(result, f"mount {target}")


def prctl(option: int, value: int) -> None:
    """Set a property of the calling process (prctl(2))."""
    _checked(_LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0), "prctl")


def clone_tree(path: str) -> int:
    """Return a detached copy of the mount that shows `path` (open_tree(2)), as a file descriptor."""
    return _checked(
        _LIBC.syscall(_OPEN_TREE, _AT_FDCWD, path.encode(), _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC), f"open_tree {path}"
    )


def map_tree_ids(tree: int, user_namespace: int) -> None:
    """Show a detached mount with its owners mapped through a user namespace (mount_setattr(2))."""
    attributes = struct.pack("=QQQQ", _MOUNT_ATTR_IDMAP, 0, 0, user_namespace)
    result = _LIBC.syscall(_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, attributes, len(attributes))
    _checked(result, "mount_setattr")


def attach_tree(tree: int, target: str) -> None:
    """Attach a detached mount at `target` (move_mount(2))."""
    result = _LIBC.syscall(_MOVE_MOUNT, tree, b"", _AT_FDCWD, target.encode(), _MOVE_MOUNT_F_EMPTY_PATH)
    _checked(result, f"move_mount {target}")


def open_inside(root: int, path: str, flags: int, mode: int = 0) -> int:
    """Open `path` as a process whose root is the folder `root` would, never through a /proc magic link (openat2(2))."""
    how = struct.pack("=QQQ", flags | os.O_CLOEXEC, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
    return _checked(_LIBC.syscall(_OPENAT2, root, path.encode(), how, len(how)), f"open {path}")
