"""Attempts to reach something outside the box, or to change the box's own network.

No packet goes to a real address: those are only asked of the route table, where connecting a UDP socket sends
nothing. A connection is tried only to addresses that are reserved for documentation, once there is no route, and to
the driver's own listeners.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct

from tests.sandbox.attacks.box.outcome import Facts, RefusedError

_SECONDS = 2.0
_SIOCSIFADDR, _SIOCSIFFLAGS = 0x8916, 0x8914
_RTM_NEWADDR, _RTM_NEWROUTE, _RTM_NEWLINK = 20, 24, 16
_REQUEST = 0x1 | 0x4 | 0x400 | 0x200
"""NLM_F_REQUEST | ACK | CREATE | EXCL."""


def route(_: Facts, address: str) -> str:
    """Ask the kernel for a route."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        asked.connect((address, 53))
        return f"a route to {address}, from {asked.getsockname()[0]}"


def connect(facts: Facts, address: str) -> str:
    """Connect, to an address of documentation, unless there is a route, which is a success already."""
    try:
        return route(facts, address)
    except OSError:
        return _tcp(address, 80)


def loopback(facts: Facts, address: str) -> str:
    """Connect to the driver's listener on the machine's loopback."""
    return _tcp(address, facts["ports"][address])


def neighbor(facts: Facts, port: int) -> str:
    """Connect to another host of the scenario on a port that it does not serve to others."""
    return _tcp(facts["peer"], port)


def _tcp(address: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_SECONDS)
        probe.connect((address, port))
        return f"connected to {address} port {port}"


def abstract(facts: Facts, whose: str) -> str:
    """Connect to an abstract unix socket that somebody else listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.connect("\0" + facts["abstract"][whose])
        return "connected"


def unix_paths(facts: Facts) -> str:
    """Connect to the driver's socket in a folder, and to every socket that machines are known to have."""
    for path in (facts["socket"], *facts["sockets"]):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                return f"{path} is there: {error}"
            return f"connected to {path}"
    raise RefusedError("none of the machine's sockets is there")


def sockets_in_run(_: Facts) -> str:
    """Look for any socket below /run."""
    for folder, _names, files in os.walk("/run"):
        for name in files:
            if os.lstat(f"{folder}/{name}").st_mode & 0o170000 == 0o140000:
                return f"{folder}/{name} is a socket"
    raise RefusedError("no socket below /run")


def resolver(_: Facts) -> str:
    """Look for a name server; none is asked."""
    with open("/etc/resolv.conf", encoding="utf-8") as file:
        found = [line.strip() for line in file if line.startswith("nameserver")]
    if found:
        return f"{found}"
    raise RefusedError("no name server")


def default_route(_: Facts) -> str:
    """Look for a default route in the tables of both families."""
    with open("/proc/net/route", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    if any(row[1] == "00000000" and row[7] == "00000000" for row in rows):
        return "an IPv4 default route"
    with open("/proc/net/ipv6_route", encoding="ascii") as file:
        # Flag 0x200 marks the kernel's own entry that rejects what has no route.
        rows = [line.split() for line in file]
    if any(row[1] == "00" and row[0] == "0" * 32 and not int(row[8], 16) & 0x200 for row in rows):
        return "an IPv6 default route"
    raise RefusedError("no default route")


def open_socket(_: Facts, family: int, kind: int, protocol: int = 0) -> str:
    """Make a socket, and close it."""
    socket.socket(family, kind, protocol).close()
    return "the socket was made"


def change_address(_: Facts) -> str:
    """Give the box's first interface another address, by ioctl."""
    request = struct.pack("16sH2s4s8x", b"eth0", socket.AF_INET, b"", socket.inet_aton("192.0.2.99"))
    return _ioctl(_SIOCSIFADDR, request)


def link_down(_: Facts) -> str:
    """Take loopback down, by ioctl."""
    return _ioctl(_SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", 0))


def _ioctl(number: int, request: bytes) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as through:
        fcntl.ioctl(through, number, request)
    return "the kernel agreed"


def add_address(_: Facts) -> str:
    """Add an address to loopback, by netlink."""
    address = socket.inet_aton("192.0.2.98")
    attributes = b"".join(struct.pack("=HH4s", 8, kind, address) for kind in (1, 2))
    return _netlink(_RTM_NEWADDR, struct.pack("=BBBBI", socket.AF_INET, 32, 0, 0, 1) + attributes)


def add_default_route(_: Facts) -> str:
    """Add a default route through loopback, by netlink."""
    body = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, 254, 4, 253, 1, 0) + struct.pack("=HHI", 8, 4, 1)
    return _netlink(_RTM_NEWROUTE, body)


def add_link(_: Facts) -> str:
    """Add a dummy interface, by netlink."""
    kind = b"dummy\0"
    inner = struct.pack("=HH", 4 + len(kind), 1) + kind + b"\0\0"
    body = struct.pack("=BxHiII", 0, 0, 0, 0, 0) + struct.pack("=HH", 4 + len(inner), 18) + inner
    return _netlink(_RTM_NEWLINK, body)


def _netlink(kind: int, body: bytes) -> str:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as to:
        to.settimeout(_SECONDS)
        to.bind((0, 0))
        to.send(struct.pack("=IHHII", 16 + len(body), kind, _REQUEST, 1, 0) + body)
        answer = to.recv(4096)
    error = -struct.unpack_from("=i", answer, 16)[0]
    if error:
        raise OSError(error, os.strerror(error))
    return "the kernel agreed"


ATTEMPTS = {
    "route": route,
    "connect": connect,
    "loopback": loopback,
    "neighbor": neighbor,
    "abstract": abstract,
    "unix_paths": unix_paths,
    "sockets_in_run": sockets_in_run,
    "resolver": resolver,
    "default_route": default_route,
    "open_socket": open_socket,
    "change_address": change_address,
    "link_down": link_down,
    "add_address": add_address,
    "add_default_route": add_default_route,
    "add_link": add_link,
}
