"""Attempts that are one system call, made by number so that no library stands in between. Linux on x86_64 only."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import signal
import struct

from tests.sandbox.attacks.box.outcome import TMP, Facts

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long

NUMBERS = {
    "accept": 43, "acct": 163, "add_key": 248, "adjtimex": 159, "bpf": 321, "chroot": 161, "clock_adjtime": 305,
    "clock_settime": 227, "clone": 56, "clone3": 435, "delete_module": 176, "fanotify_init": 300, "finit_module": 313,
    "fsconfig": 431, "fsmount": 432, "fsopen": 430, "fspick": 433, "get_mempolicy": 239, "getpid": 39,
    "init_module": 175, "io_uring_enter": 426, "io_uring_register": 427, "io_uring_setup": 425, "ioctl": 16,
    "ioperm": 173, "iopl": 172, "kcmp": 312, "kexec_file_load": 320, "kexec_load": 246, "keyctl": 250,
    "lookup_dcookie": 212, "mbind": 237, "memfd_secret": 447, "migrate_pages": 256, "mount": 165,
    "mount_setattr": 442, "move_mount": 429, "move_pages": 279, "name_to_handle_at": 303, "open_by_handle_at": 304,
    "open_tree": 428, "perf_event_open": 298, "personality": 135, "pidfd_getfd": 438, "pivot_root": 155,
    "quotactl": 179, "quotactl_fd": 443, "reboot": 169, "request_key": 249, "set_mempolicy": 238,
    "set_mempolicy_home_node": 450, "setdomainname": 171, "sethostname": 170, "setns": 308, "settimeofday": 164,
    "socket": 41, "socketpair": 53, "swapoff": 168, "swapon": 167, "syslog": 103, "umount2": 166, "unshare": 272,
    "userfaultfd": 323, "vhangup": 153,
}  # fmt: skip

_X32 = 0x40000000
_SIGCHLD = 17
_TIOCSCTTY = 0x540E


def raw(number: int, *arguments: object) -> int:
    """Make a system call; text becomes a pointer to it, ["zeros", N] and ["packed", FORMAT, ...] one to a buffer."""
    held = [_argument(argument) for argument in arguments]
    result = _LIBC.syscall(ctypes.c_long(number), *held)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def _argument(value: object) -> object:
    match value:
        case None:
            return ctypes.c_void_p(None)
        case int():
            return ctypes.c_long(value if value < 1 << 63 else value - (1 << 64))
        case str():
            return ctypes.c_char_p(value.encode())
        case ["zeros", size]:
            return ctypes.create_string_buffer(size)
        case ["packed", form, *values]:
            content = struct.pack(form, *values)
            return ctypes.create_string_buffer(content, len(content))
        case _:
            raise TypeError(repr(value))


def call(_: Facts, name: str, *arguments: object) -> str:
    """Make the call `name`."""
    return f"{name} returned {raw(NUMBERS[name], *arguments)}"


def fork_call(_: Facts, name: str, *arguments: object) -> str:
    """Make a call that may return twice; the second one to return ends at once."""
    result = raw(NUMBERS[name], *arguments)
    if result == 0:
        os._exit(0)
    os.waitpid(result, 0)
    return f"{name} made process {result}"


def own_namespace(_: Facts, path: str, kind: int) -> str:
    """Join a namespace by its file in /proc."""
    fd = os.open(path, os.O_RDONLY)
    return f"setns returned {raw(NUMBERS['setns'], fd, kind)}"


def x32(_: Facts, name: str) -> str:
    """Make a call through the x32 table of the kernel."""
    return f"the x32 {name} returned {raw(NUMBERS[name] | _X32)}"


def i386(_: Facts) -> str:
    """Make getpid through the 32-bit gate of the kernel: mov eax, 20; int 0x80; ret."""
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    entry = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return f"the 32-bit getpid returned {ctypes.CFUNCTYPE(ctypes.c_int)(entry)()}"


def terminal(_: Facts, request: int) -> str:
    """Make an ioctl of a terminal that is our own and controls our session, with a request of 64 bits."""
    # Closing a terminal hangs up on the session that it controls.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    master, slave = os.openpty()
    fcntl.ioctl(slave, _TIOCSCTTY, 0)
    try:
        return f"the ioctl returned {raw(NUMBERS['ioctl'], slave, request, 'x')}"
    finally:
        os.close(master)
        os.close(slave)


def by_handle(_: Facts) -> str:
    """Open the root folder of the box's file system by a handle: inode 2, as most file systems number it."""
    top = os.open("/", os.O_RDONLY)
    fd = raw(NUMBERS["open_by_handle_at"], top, ["packed", "=IiQ", 8, 1, 2], os.O_RDONLY)
    return f"a handle opened {os.readlink(f'/proc/self/fd/{fd}')}"


def breakout(_: Facts) -> str:
    """Leave a chroot by the classic way: keep a folder outside, enter an inner one, climb. Say where that leads."""
    start = os.stat("/")
    inner = f"{TMP}/inner-{os.getpid()}"
    os.mkdir(inner)
    try:
        outside = os.open("/", os.O_RDONLY)
        os.chroot(inner)
        os.fchdir(outside)
        for _step in range(64):
            os.chdir("..")
        os.chroot(".")
        reached = os.stat("/")
    finally:
        with contextlib.suppress(OSError):
            os.rmdir(inner)
    same = (start.st_dev, start.st_ino) == (reached.st_dev, reached.st_ino)
    return "the box's own root" if same else f"another root: {os.listdir('/')[:20]}"


def ptrace(_: Facts, pid: int) -> str:
    """Attach to a process and let it go again."""
    attach, detach = 16, 17
    if _LIBC.ptrace(attach, pid, None, None) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    os.waitpid(pid, 0)
    _LIBC.ptrace(detach, pid, None, None)
    return f"attached to {pid}"


ATTEMPTS = {
    "call": call,
    "fork_call": fork_call,
    "own_namespace": own_namespace,
    "x32": x32,
    "i386": i386,
    "terminal": terminal,
    "by_handle": by_handle,
    "breakout": breakout,
    "ptrace": ptrace,
}
