"""Regenerate the sandbox's seccomp profile from the one that Debian's golang-github-containers-common installs.

    python scripts/make_seccomp.py /usr/share/containers/seccomp.json > src/trialplate/sandbox/seccomp.json

The stock profile (Apache-2.0) is the list of calls that ordinary programs need. This narrows it to what a guest may
do here and turns it into the form of the OCI runtime specification. The result is data, kept in the tree, and
`tests/sandbox/test_seccomp.py` says of each refused call why it is refused.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ALLOW = "SCMP_ACT_ALLOW"
REFUSE = "SCMP_ACT_ERRNO"
EPERM, EINVAL, ENOSYS, EAFNOSUPPORT = 1, 22, 38, 97

REMOVED = """
    mount mount_setattr move_mount fsopen fsconfig fsmount fspick open_tree umount umount2 pivot_root
    setns unshare keyctl add_key request_key userfaultfd name_to_handle_at open_by_handle_at
    memfd_secret syslog reboot pidfd_getfd migrate_pages move_pages mbind set_mempolicy get_mempolicy
    set_mempolicy_home_node clone clone3 socket socketpair ioctl personality quotactl quotactl_fd
    io_uring_setup io_uring_enter io_uring_register process_vm_writev bpf perf_event_open
    kexec_load kexec_file_load init_module finit_module delete_module acct swapon swapoff
    clock_settime clock_settime64 clock_adjtime clock_adjtime64 adjtimex settimeofday stime
    sethostname setdomainname fanotify_init fanotify_mark lookup_dcookie kcmp iopl ioperm vhangup
""".split()
ADDED = "chroot process_vm_writev".split()

NAMESPACE_FLAGS = 0x7E020000 | 0x80
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET = 1, 2, 10, 16, 17
NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_AUDIT = 0, 4, 9
PERSONALITIES = (0, 0x8, 0x20000, 0x20008, 0x40000, 0x40008, 0xFFFFFFFF)
"""Plain Linux, 32-bit addresses, the same with UNAME26, no address randomization (for debuggers), and the query."""


def rule(names: list[str], action: str, errno: int | None = None, *args: tuple[int, int, str, int]) -> dict[str, Any]:
    """Return one rule; an argument test is (index, value, operation, second value)."""
    made: dict[str, Any] = {"names": names, "action": action}
    if errno is not None:
        made["errnoRet"] = errno
    if args:
        made["args"] = [
            {"index": index, "value": value, "valueTwo": second, "op": f"SCMP_CMP_{operation}"}
            for index, value, operation, second in args
        ]
    return made


def ioctls_but(first: int, second: int) -> list[dict[str, Any]]:
    """Return the rules that allow every ioctl but two that differ in their lowest four bits only.

    The kernel looks at the low 32 bits of the request, while a plain comparison sees 64 and could be passed with a
    high bit set; so an ioctl is allowed where one of the 28 upper bits differs, or the lowest four are others.
    """
    assert first >> 4 == second >> 4  # noqa: S101 a fact about the two constants
    upper = [rule(["ioctl"], ALLOW, None, (1, 1 << bit, "MASKED_EQ", ~first & (1 << bit))) for bit in range(4, 32)]
    lower = [
        rule(["ioctl"], ALLOW, None, (1, 0xF, "MASKED_EQ", nibble))
        for nibble in range(16)
        if nibble not in {first & 0xF, second & 0xF}
    ]
    return upper + lower


def profile(stock: dict[str, Any]) -> dict[str, Any]:
    """Return the profile in OCI form."""
    plain = {
        name
        for entry in stock["syscalls"]
        if entry["action"] == ALLOW
        and not entry.get("args")
        and not entry.get("includes", {}).get("caps")
        and not entry.get("excludes", {}).get("caps")
        and "amd64" in entry.get("includes", {}).get("arches", ["amd64"])
        for name in entry["names"]
    }
    rules = [
        rule(sorted((plain - set(REMOVED)) | set(ADDED)), ALLOW),
        rule(["clone"], ALLOW, None, (0, NAMESPACE_FLAGS, "MASKED_EQ", 0)),
        # Programs fall back to clone only when clone3 does not exist at all; its flags lie in memory, out of reach.
        rule(["clone3"], REFUSE, ENOSYS),
        *(rule(["socket"], ALLOW, None, (0, family, "EQ", 0)) for family in (AF_UNIX, AF_INET, AF_INET6, AF_PACKET)),
        *(
            rule(["socket"], ALLOW, None, (0, AF_NETLINK, "EQ", 0), (2, protocol, "EQ", 0))
            for protocol in (NETLINK_ROUTE, NETLINK_SOCK_DIAG)
        ),
        # su, useradd and chpasswd carry on without auditing only at this answer.
        rule(["socket"], REFUSE, EINVAL, (0, AF_NETLINK, "EQ", 0), (2, NETLINK_AUDIT, "EQ", 0)),
        *(
            rule(["socket"], REFUSE, EAFNOSUPPORT, (0, AF_NETLINK, "EQ", 0), (2, protocol, "EQ", 0))
            for protocol in range(1, NETLINK_AUDIT)
            if protocol != NETLINK_SOCK_DIAG
        ),
        rule(["socket"], REFUSE, EAFNOSUPPORT, (0, AF_NETLINK, "EQ", 0), (2, NETLINK_AUDIT, "GT", 0)),
        *(
            rule(["socket"], REFUSE, EAFNOSUPPORT, (0, family, "EQ", 0))
            for family in range(AF_PACKET)
            if family not in {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}
        ),
        rule(["socket"], REFUSE, EAFNOSUPPORT, (0, AF_PACKET, "GT", 0)),
        # Some families can be reached by pairs too, and a refusal that comes late has loaded their module.
        rule(["socketpair"], ALLOW, None, (0, AF_UNIX, "EQ", 0)),
        rule(["socketpair"], REFUSE, EAFNOSUPPORT, (0, AF_UNIX, "NE", 0)),
        *ioctls_but(TIOCSTI, TIOCLINUX),
        *(rule(["personality"], ALLOW, None, (0, value, "EQ", 0)) for value in PERSONALITIES),
    ]
    return {
        "defaultAction": REFUSE,
        "defaultErrnoRet": EPERM,
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": rules,
    }


if __name__ == "__main__":
    print(json.dumps(profile(json.loads(Path(sys.argv[1]).read_text())), indent=1))
