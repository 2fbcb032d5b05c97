"""Rows that look around in a box, change what is not theirs, reach out of it, or use it up."""

from __future__ import annotations

from tests.sandbox.attacks.row import (
    EACCES,
    EADDRNOTAVAIL,
    EAGAIN,
    ECONNREFUSED,
    EMFILE,
    ENETUNREACH,
    ENOENT,
    ENOSPC,
    EROFS,
    NO,
    NOTHING,
    SHM,
    SIGKILL,
    TMP,
    Accepted,
    Killed,
    Kind,
    Refused,
    Row,
    both,
    call,
)

_CHARACTER, _BLOCK = 0o020000, 0o060000
_READS_FIRST = Accepted(why="pid 1 is a bare init with an empty environment; the box's root may look into it")
PROCESSES = (
    both("processes that are shown", Kind.PROCESSES, "strangers", expected=NOTHING),
    both("pids that are not shown", Kind.PROCESSES, "kill_all_pids", expected=NOTHING),
    Row(name="ptrace of pid 1", kind=Kind.PROCESSES, attempt="ptrace", args=(1,), agent=NO, root=_READS_FIRST),
    Row(
        name="environment of pid 1",
        kind=Kind.PROCESSES,
        attempt="environment",
        args=("PATH", "LANG", "HOME"),
        agent=Refused(errno=(EACCES,)),
        root=NOTHING,
    ),
    Row(
        name="memory of pid 1",
        kind=Kind.PROCESSES,
        attempt="open_read",
        args=("/proc/1/mem",),
        agent=Refused(errno=(EACCES,)),
        root=_READS_FIRST,
    ),
    Row(
        name="root of pid 1", kind=Kind.PROCESSES, attempt="root_of_first", agent=Refused(errno=(EACCES,)), root=NOTHING
    ),
    Row(name="pid 1 killed", kind=Kind.PROCESSES, attempt="kill_first", args=(9,), agent=NO, root=NOTHING),
    Row(name="pid 1 stopped", kind=Kind.PROCESSES, attempt="kill_first", args=(19,), agent=NO, root=NOTHING),
    call(Kind.PROCESSES, "pidfd_getfd", -1, 0, 0),
)

_MASKED = Refused(errno=(0, ENOENT))
PROC_WRITES = (
    both("anything below /proc/sys", Kind.PROC_WRITES, "writable_below", "/proc/sys", expected=NOTHING),
    both("anything of the machine's in /proc", Kind.PROC_WRITES, "writable_in_proc", expected=NOTHING),
    both("anything below /sys", Kind.PROC_WRITES, "writable_below", "/sys", expected=NOTHING),
    Row(
        name="core_pattern",
        kind=Kind.PROC_WRITES,
        attempt="open_write",
        args=("/proc/sys/kernel/core_pattern",),
        agent=Refused(errno=(EACCES, EROFS)),
        root=Refused(errno=(EROFS, EACCES)),
    ),
    both(
        "ip_forward",
        Kind.PROC_WRITES,
        "open_write",
        "/proc/sys/net/ipv4/ip_forward",
        expected=Refused(errno=(EACCES, EROFS)),
    ),
    both("sysrq-trigger", Kind.PROC_WRITES, "read", "/proc/sysrq-trigger", expected=_MASKED),
)

_SECRET = "cmdline config.gz diskstats interrupts kallsyms kcore key-users keys kmsg modules vmallocinfo pagetypeinfo"
LEAKS = (
    *(both(f"/proc/{name}", Kind.LEAKS, "read", f"/proc/{name}", expected=_MASKED) for name in _SECRET.split()),
    both("/proc/pressure", Kind.LEAKS, "entries", "/proc/pressure", expected=_MASKED),
    both("/dev/kmsg", Kind.LEAKS, "open_read", "/dev/kmsg", expected=Refused(errno=(ENOENT,))),
    both(
        "the machine's words in mounts",
        Kind.LEAKS,
        "words",
        "/proc/self/mountinfo",
        "/proc/self/mounts",
        expected=NOTHING,
    ),
    both(
        "the machine's words in files",
        Kind.LEAKS,
        "words",
        "/etc/hostname",
        "/etc/hosts",
        "/etc/resolv.conf",
        "/proc/sys/kernel/hostname",
        "/proc/self/environ",
        "/proc/self/cgroup",
        "/proc/sys/kernel/domainname",
        expected=NOTHING,
    ),
    both("mounts from the machine's disks", Kind.LEAKS, "devices", expected=NOTHING),
    both("the machine's cgroups", Kind.LEAKS, "groups", expected=NOTHING),
    both("/proc/meminfo", Kind.LEAKS, "read", "/proc/meminfo", expected=Accepted(why="the kernel is shared")),
    both("/proc/version", Kind.LEAKS, "read", "/proc/version", expected=Accepted(why="the kernel is shared")),
)


NETWORK = tuple(
    both(name, Kind.NETWORK, attempt)
    for name, attempt in (
        ("another address, by ioctl", "change_address"),
        ("loopback down, by ioctl", "link_down"),
        ("another address, by netlink", "add_address"),
        ("a default route, by netlink", "add_default_route"),
        ("another interface, by netlink", "add_link"),
    )
)

_NOBODY = Refused(errno=(ECONNREFUSED,))
MACHINE = (
    both("the driver's port on loopback", Kind.MACHINE, "loopback", "127.0.0.1", expected=_NOBODY),
    both("the driver's port on loopback, IPv6", Kind.MACHINE, "loopback", "::1", expected=_NOBODY),
    both("the driver's abstract socket", Kind.MACHINE, "abstract", "driver", expected=_NOBODY),
    both("another host's abstract socket", Kind.MACHINE, "abstract", "peer", expected=_NOBODY),
    both("another host's port on its loopback", Kind.MACHINE, "neighbor", 7001, expected=_NOBODY),
    both("sockets in the machine's folders", Kind.MACHINE, "unix_paths", expected=NOTHING),
    both("sockets below /run", Kind.MACHINE, "sockets_in_run", expected=NOTHING),
)

_NO_ROUTE = Refused(errno=(ENETUNREACH, EADDRNOTAVAIL))
EGRESS = (
    both("a default route", Kind.EGRESS, "default_route", expected=NOTHING),
    both("a name server", Kind.EGRESS, "resolver", expected=NOTHING),
    *(
        both(f"a route to {words}", Kind.EGRESS, "route", address, expected=_NO_ROUTE)
        for words, address in (
            ("metadata", "169.254.169.254"),
            ("metadata, IPv6", "fd00:ec2::254"),
            ("a resolver", "8.8.8.8"),
            ("another resolver", "1.1.1.1"),
            ("a resolver, IPv6", "2001:4860:4860::8888"),
            ("a private network", "10.0.0.1"),
            ("a carrier's network", "100.64.0.1"),
            ("link-local addresses", "169.254.1.1"),
        )
    ),
    both("a connection out", Kind.EGRESS, "connect", "203.0.113.1", expected=_NO_ROUTE),
    both("a connection out, IPv6", Kind.EGRESS, "connect", "2001:db8:ffff::1", expected=_NO_ROUTE),
    both(
        "a connection out, from a host without IPv6",
        Kind.EGRESS,
        "connect",
        "2001:db8:ffff::1",
        host="raw",
        expected=_NO_ROUTE,
    ),
)

_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

_ABSENT = Refused(errno=(ENOENT,))
_DEVICES = "kvm mem kmem port vda sda nvme0n1 loop0 fuse net/tun vhost-vsock vhost-net vsock mapper/control rtc0"
_DEV = "full null ptmx pts random shm mqueue stderr stdin stdout tty urandom zero fd core console .init".split()
DEVICES = (
    *(both(f"/dev/{name}", Kind.DEVICES, "open_read", f"/dev/{name}", expected=_ABSENT) for name in _DEVICES.split()),
    both("entries of /dev", Kind.DEVICES, "entries", "/dev", *_DEV, expected=NOTHING),
    both("entries of /sys", Kind.DEVICES, "entries", "/sys", expected=NOTHING),
    both("block devices", Kind.DEVICES, "hidden_disks", expected=NOTHING),
    both("a node of a disk", Kind.DEVICES, "make_node", _BLOCK, 254, 0),
    both("a node of the machine's memory", Kind.DEVICES, "make_node", _CHARACTER, 1, 1),
    both("a node of kvm", Kind.DEVICES, "make_node", _CHARACTER, 10, 232),
    both(
        "the init that runs hosts",
        Kind.DEVICES,
        "open_write",
        "/dev/.init",
        expected=Refused(errno=(EACCES, EROFS, 26)),
    ),  # ETXTBSY
)

PRIVILEGES = (
    Row(name="a set-user-id program", kind=Kind.PRIVILEGES, attempt="set_user_id", agent=NOTHING),
    both("a file capability", Kind.PRIVILEGES, "file_capability"),
    both("new privileges", Kind.PRIVILEGES, "status", "NoNewPrivs", "1", expected=NOTHING),
    both("a filter of calls", Kind.PRIVILEGES, "status", "Seccomp", "2", expected=NOTHING),
    both("capabilities at most", Kind.PRIVILEGES, "status", "CapBnd", "00000000000405fb", expected=NOTHING),
    Row(
        name="capabilities of the agent",
        kind=Kind.PRIVILEGES,
        attempt="status",
        args=("CapEff", "0" * 16),
        agent=NOTHING,
    ),
    both("ambient capabilities", Kind.PRIVILEGES, "status", "CapAmb", "0" * 16, expected=NOTHING),
    both("inherited capabilities", Kind.PRIVILEGES, "status", "CapInh", "0" * 16, expected=NOTHING),
    Row(
        name="the list of passwords",
        kind=Kind.PRIVILEGES,
        attempt="open_read",
        args=("/etc/shadow",),
        agent=Refused(errno=(EACCES,)),
    ),
    Row(
        name="the list of users",
        kind=Kind.PRIVILEGES,
        attempt="open_write",
        args=("/etc/passwd",),
        agent=Refused(errno=(EACCES,)),
    ),
)

_FULL = Refused(errno=(ENOSPC,))
_LIMITED = Killed(signals=(SIGKILL,), errno=(12, EAGAIN, ENOSPC))
FLOODS = (
    both("processes", Kind.FLOODS, "forks", expected=Killed(signals=(SIGKILL,), errno=(EAGAIN,))),
    Row(
        name="processes of another host's agent",
        kind=Kind.FLOODS,
        attempt="forks",
        args=(1001,),
        root=Killed(signals=(SIGKILL,), errno=(EAGAIN,)),
    ),
    both("memory", Kind.FLOODS, "memory", expected=_LIMITED),
    Row(
        name="memory files",
        kind=Kind.FLOODS,
        attempt="memory_files",
        agent=_LIMITED,
        root=_LIMITED,
        ordinary=Accepted(why="an ordinary user may not see what a guest holds open, so only a cgroup would hold it"),
    ),
    Row(
        name="shared memory segments",
        kind=Kind.FLOODS,
        attempt="shared_segments",
        agent=_LIMITED,
        root=_LIMITED,
        watched=Accepted(why="no process holds them, so only a cgroup sees them; `doctor` says which cap is in force"),
    ),
    Row(
        name="socket buffers",
        kind=Kind.FLOODS,
        attempt="sockets",
        agent=_LIMITED,
        root=_LIMITED,
        watched=Accepted(why="they are the kernel's, so only a cgroup sees them; `doctor` says which cap is in force"),
    ),
    Row(name="disk, at home", kind=Kind.FLOODS, attempt="disk", args=("/home/agent",), agent=_FULL, root=_FULL),
    Row(
        name="disk, at the root",
        kind=Kind.FLOODS,
        attempt="disk",
        args=("/",),
        agent=Refused(errno=(EACCES,)),
        root=_FULL,
    ),
    both("disk, in /tmp", Kind.FLOODS, "disk", TMP, expected=_FULL),
    both("disk, in /dev/shm", Kind.FLOODS, "disk", SHM, expected=_FULL),
    Row(
        name="disk, in /dev",
        kind=Kind.FLOODS,
        attempt="disk",
        args=("/dev",),
        agent=Refused(errno=(EACCES,)),
        root=_FULL,
    ),
    both("inodes, at home", Kind.FLOODS, "inodes", "/home/agent", expected=_FULL),
    both("inodes, in /tmp", Kind.FLOODS, "inodes", TMP, expected=_FULL),
    both("inodes, in /dev/shm", Kind.FLOODS, "inodes", SHM, expected=_FULL),
    both("descriptors", Kind.FLOODS, "descriptors", expected=Refused(errno=(EMFILE,))),
    *(
        both(f"a higher {name}", Kind.FLOODS, "raise_limit", name)
        for name in ("RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_CORE")
    ),
    both("a core", Kind.FLOODS, "core_dump", expected=NOTHING),
)


ROWS = (*PROCESSES, *PROC_WRITES, *LEAKS, *NETWORK, *MACHINE, *EGRESS, *DEVICES, *PRIVILEGES, *FLOODS)
"""Floods come last: what is tried after one is tried beside its wreckage."""
