"""Rows that ask the kernel for what no guest may have: mounts, namespaces, interfaces, socket families, terminals.

The wrong error is a failure, because it shows that another layer than the one that should have said no was reached.
EPERM alone is what the seccomp profile and missing capabilities say.
"""

from __future__ import annotations

from tests.sandbox.attacks.row import (
    EACCES,
    EAFNOSUPPORT,
    EINVAL,
    ENOSYS,
    NO,
    SIGSEGV,
    SIGSYS,
    TMP,
    Accepted,
    Killed,
    Kind,
    Refused,
    Row,
    both,
    call,
)

NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
NAMESPACES = {
    "user": NEWUSER,
    "mnt": NEWNS,
    "net": NEWNET,
    "pid": NEWPID,
    "ipc": NEWIPC,
    "uts": NEWUTS,
    "cgroup": NEWCGROUP,
    "time": NEWTIME,
}
_SIGCHLD = 17
_HIGH = 1 << 32
_BIND = 1 << 12

MOUNTS = (
    call(Kind.MOUNTS, "mount", "none", "/mnt", "tmpfs", 0, None),
    call(Kind.MOUNTS, "mount", "/", "/mnt", None, _BIND, None, words="mount, binding the root"),
    call(Kind.MOUNTS, "mount", None, "/proc/sys", None, 0x1020, None, words="mount, making /proc/sys writable"),
    call(Kind.MOUNTS, "umount2", "/proc/sys", 2),
    call(Kind.MOUNTS, "pivot_root", TMP, TMP),
    call(Kind.MOUNTS, "fsopen", "tmpfs", 0),
    call(Kind.MOUNTS, "fsconfig", -1, 6, None, None, 0),
    call(Kind.MOUNTS, "fsmount", -1, 0, 0),
    call(Kind.MOUNTS, "fspick", -100, "/", 0),
    call(Kind.MOUNTS, "open_tree", -100, "/", 1),
    call(Kind.MOUNTS, "move_mount", -100, TMP, -100, "/mnt", 0),
    call(Kind.MOUNTS, "mount_setattr", -100, "/", 0, ["packed", "=QQQQ", 1, 0, 0, 0], 32),
    Row(
        name="chroot",
        kind=Kind.MOUNTS,
        attempt="call",
        args=("chroot", TMP),
        agent=NO,
        root=Accepted(why="an ordinary machine's root may; `chroot and out again` shows where it leads"),
    ),
    Row(
        name="chroot and out again",
        kind=Kind.MOUNTS,
        attempt="breakout",
        agent=NO,
        root=Accepted(why="it leads to the box's own root, which the row after this one asks of /proc/1/root"),
    ),
    both("open_by_handle_at", Kind.MOUNTS, "by_handle"),
    call(Kind.MOUNTS, "name_to_handle_at", -100, "/", ["packed", "=Ii128x", 128, 0], ["zeros", 8], 0),
)

SPACES = (
    *(call(Kind.NAMESPACES, "unshare", flag, words=f"unshare, {name}") for name, flag in NAMESPACES.items()),
    *(
        both(f"clone, {name}", Kind.NAMESPACES, "fork_call", "clone", flag | _SIGCHLD, 0, 0, 0, 0)
        for name, flag in NAMESPACES.items()
        if name != "time"  # Its bit means a signal number to clone.
    ),
    *(
        both(
            f"clone3, {name}",
            Kind.NAMESPACES,
            "fork_call",
            "clone3",
            ["packed", "=8Q", flag, 0, 0, 0, 17, 0, 0, 0],
            64,
            expected=Refused(errno=(ENOSYS,)),
        )
        for name, flag in {**NAMESPACES, "none": 0}.items()
    ),
    *(
        both(f"setns, own {name}", Kind.NAMESPACES, "own_namespace", f"/proc/self/ns/{name}", flag)
        for name, flag in NAMESPACES.items()
    ),
    Row(
        name="setns, user of pid 1",
        kind=Kind.NAMESPACES,
        attempt="own_namespace",
        args=("/proc/1/ns/user", NEWUSER),
        agent=Refused(errno=(EACCES,)),
        root=NO,
    ),
)

KERNEL = (
    call(Kind.KERNEL, "bpf", 0, ["packed", "=IIII112x", 2, 4, 4, 1], 128),
    call(Kind.KERNEL, "perf_event_open", ["packed", "=IIQ112x", 1, 128, 0], 0, -1, -1, 0),
    call(Kind.KERNEL, "io_uring_setup", 1, ["zeros", 256]),
    call(Kind.KERNEL, "io_uring_enter", -1, 0, 0, 0, None, 0),
    call(Kind.KERNEL, "io_uring_register", -1, 0, None, 0),
    call(Kind.KERNEL, "userfaultfd", 1),
    call(Kind.KERNEL, "init_module", None, 0, ""),
    call(Kind.KERNEL, "finit_module", -1, "", 0),
    call(Kind.KERNEL, "delete_module", "no-such-module", 0),
    call(Kind.KERNEL, "kexec_load", 0, 0, None, 0),
    call(Kind.KERNEL, "kexec_file_load", -1, -1, 0, None, 0),
    call(Kind.KERNEL, "reboot", 0, 0, 0, None, words="reboot, with a wrong magic"),
    call(Kind.KERNEL, "clock_settime", 1, ["zeros", 16], words="clock_settime, of the monotonic clock"),
    call(Kind.KERNEL, "settimeofday", None, None, words="settimeofday, of nothing"),
    call(Kind.KERNEL, "clock_adjtime", 1, ["zeros", 208]),
    call(Kind.KERNEL, "adjtimex", ["packed", "=I204x", 0x8000]),
    call(Kind.KERNEL, "keyctl", 0, -3, 0, words="keyctl, own session"),
    call(Kind.KERNEL, "keyctl", 0, -4, 1, words="keyctl, keyring of the uid"),
    call(Kind.KERNEL, "add_key", "user", "battery", "x", 1, -3),
    call(Kind.KERNEL, "request_key", "user", "battery", None, -3),
    call(Kind.KERNEL, "memfd_secret", 0),
    call(Kind.KERNEL, "syslog", 3, ["zeros", 4096], 4096, words="syslog, reading all"),
    call(Kind.KERNEL, "syslog", 10, None, 0, words="syslog, asking its size"),
    call(Kind.KERNEL, "acct", "/no-such-file"),
    call(Kind.KERNEL, "swapon", "/no-such-file", 0),
    call(Kind.KERNEL, "swapoff", "/no-such-file"),
    call(Kind.KERNEL, "iopl", 3),
    call(Kind.KERNEL, "ioperm", 0x80, 1, 1),
    call(Kind.KERNEL, "fanotify_init", 0, 0),
    call(Kind.KERNEL, "kcmp", 1, 1, 0, 0, 0),
    call(Kind.KERNEL, "lookup_dcookie", 0, ["zeros", 64], 64),
    call(Kind.KERNEL, "quotactl", 0x80000700, "/dev/null", 0, ["zeros", 128]),
    call(Kind.KERNEL, "quotactl_fd", -1, 0x80000700, 0, ["zeros", 128]),
    call(Kind.KERNEL, "vhangup"),
    call(Kind.KERNEL, "sethostname", "box", 3),
    call(Kind.KERNEL, "setdomainname", "box", 3),
    call(Kind.KERNEL, "migrate_pages", 1, 64, ["zeros", 8], ["zeros", 8]),
    call(Kind.KERNEL, "move_pages", 1, 0, None, None, None, 0),
    call(Kind.KERNEL, "mbind", 0, 0, 0, None, 0, 0),
    call(Kind.KERNEL, "set_mempolicy", 0, None, 0),
    call(Kind.KERNEL, "get_mempolicy", None, None, 0, 0, 0),
    call(Kind.KERNEL, "set_mempolicy_home_node", 0, 0, 0, 0),
    call(Kind.KERNEL, "personality", 0x0400000, words="personality, READ_IMPLIES_EXEC"),
    call(Kind.KERNEL, "personality", 0x0100000, words="personality, MMAP_PAGE_ZERO"),
    both("a call of the x32 table", Kind.KERNEL, "x32", "getpid", expected=Killed(signals=(SIGSYS,))),
    both("a call of the 32-bit gate", Kind.KERNEL, "i386", expected=Killed(signals=(SIGSYS, SIGSEGV))),
)


_NO_FAMILY = Refused(errno=(EAFNOSUPPORT,))
_FAMILIES = {
    "AX25": 3,
    "IPX": 4,
    "KEY": 15,
    "RDS": 21,
    "LLC": 26,
    "CAN": 29,
    "TIPC": 30,
    "BLUETOOTH": 31,
    "ALG": 38,
    "NFC": 39,
    "VSOCK": 40,
    "KCM": 41,
    "QIPCRTR": 42,
    "SMC": 43,
    "XDP": 44,
    "MCTP": 45,
}
_STREAM, _DATAGRAM, _RAW, _SEQPACKET = 1, 2, 3, 5
SOCKETS = (
    *(
        call(
            Kind.SOCKETS,
            "socket",
            number,
            _SEQPACKET if name in {"ALG", "BLUETOOTH"} else _STREAM,
            0,
            words=f"AF_{name}",
            expected=_NO_FAMILY,
        )
        for name, number in _FAMILIES.items()
    ),
    call(Kind.SOCKETS, "socket", 40 + _HIGH, _STREAM, 0, words="AF_VSOCK with a high bit", expected=_NO_FAMILY),
    *(
        call(
            Kind.SOCKETS, "socketpair", number, kind, 0, ["zeros", 8], words=f"a pair of AF_{name}", expected=_NO_FAMILY
        )
        for name, number, kind in (("TIPC", 30, _STREAM), ("VSOCK", 40, _STREAM))
    ),
    *(
        call(
            Kind.SOCKETS,
            "socket",
            16,
            _RAW,
            number,
            words=f"netlink protocol {number}",
            expected=Refused(errno=(EINVAL,)) if number == 9 else _NO_FAMILY,
        )
        for number in (1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 18, 20, 21)
    ),
    call(
        Kind.SOCKETS,
        "socket",
        16,
        _RAW,
        9 + _HIGH,
        words="netlink audit with a high bit",
        expected=Refused(errno=(EINVAL, EAFNOSUPPORT)),
    ),
    both("a raw IPv4 socket", Kind.SOCKETS, "open_socket", 2, _RAW, 1),
    both("a raw IPv6 socket", Kind.SOCKETS, "open_socket", 10, _RAW, 58),
    both("a packet socket", Kind.SOCKETS, "open_socket", 17, _RAW, 0x300),
    both("a packet socket for datagrams", Kind.SOCKETS, "open_socket", 17, _DATAGRAM, 0x300),
    Row(
        name="a raw socket where it is granted",
        kind=Kind.SOCKETS,
        attempt="open_socket",
        args=(2, _RAW, 1),
        host="raw",
        agent=NO,
        root=Accepted(why="the scenario grants it to this host"),
    ),
)


_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
TERMINALS = tuple(
    both(words, Kind.TERMINALS, "terminal", request)
    for words, request in (
        ("TIOCSTI", _TIOCSTI),
        ("TIOCSTI with a high bit", _TIOCSTI + _HIGH),
        ("TIOCSTI with the highest bit", _TIOCSTI + (1 << 63)),
        ("TIOCLINUX", _TIOCLINUX),
        ("TIOCLINUX with a high bit", _TIOCLINUX + _HIGH),
    )
)


ROWS = (*MOUNTS, *SPACES, *KERNEL, *SOCKETS, *TERMINALS)
