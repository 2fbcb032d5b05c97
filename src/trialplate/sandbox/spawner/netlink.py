"""The kernel's own messages (rtnetlink(7)) for switches, cables, addresses and routes.

Four `ip` processes a scenario cost an eighth of its start; four kinds of message do not (ADR 4). A `Links` speaks to
the network namespace that its maker was in, from wherever it is used later.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct

_NEW_LINK, _NEW_ADDRESS, _NEW_ROUTE = 16, 20, 24
_ERROR = 2
_REQUEST, _ACK, _EXCLUSIVE, _CREATE = 0x1, 0x4, 0x200, 0x400
_IFF_UP = 1
_SIOCGIFINDEX = 0x8933
_MOST_ANSWER = 8192

# Attributes, each by the message that it belongs to.
_IFLA_IFNAME, _IFLA_MASTER, _IFLA_LINKINFO, _IFLA_NET_NS_FD = 3, 10, 18, 28
_INFO_KIND, _INFO_DATA, _VETH_PEER = 1, 2, 1
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_RTA_DST, _RTA_GATEWAY = 1, 5

_MAIN_TABLE, _BY_BOOT, _EVERYWHERE, _UNICAST = 254, 3, 0, 1


class Links:
    """The links, addresses and routes of the network namespace that the caller is in. Each change raises OSError."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)

    def add_switch(self, name: str) -> None:
        """Make a switch and put it up."""
        self._change(_NEW_LINK, _link() + _text(_IFLA_IFNAME, name) + _kind("bridge"), f"switch {name}")

    def add_cable(self, name: str, switch: str, other: str, namespace: str) -> None:
        """Plug a cable `name` into `switch`; its other end is `other` in the namespace at the path `namespace`."""
        fd = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
        try:
            # The kernel makes the other end first, and no end of a cable goes up before both are there.
            end = _link(up=False) + _text(_IFLA_IFNAME, other) + _number(_IFLA_NET_NS_FD, fd)
            message = _link() + _text(_IFLA_IFNAME, name) + _number(_IFLA_MASTER, self._index(switch))
            self._change(_NEW_LINK, message + _kind("veth", _attribute(_VETH_PEER, end)), f"cable {name}")
        finally:
            os.close(fd)

    def put_up(self, name: str) -> None:
        """Put the link `name` up."""
        self._change(_NEW_LINK, _link(self._index(name)), f"link {name}", make=False)

    def add_address(self, name: str, address: str) -> None:
        """Give the link `name` an address, written with the length of its prefix."""
        family, packed, length = _parsed(address)
        head = struct.pack("=BBBBI", family, length, 0, 0, self._index(name))
        message = head + _attribute(_IFA_LOCAL, packed) + _attribute(_IFA_ADDRESS, packed)
        self._change(_NEW_ADDRESS, message, f"address {address} of {name}")

    def add_route(self, to: str, via: str) -> None:
        """Send packets for the network `to`, written with the length of its prefix, to the address `via`."""
        family, network, length = _parsed(to)
        head = struct.pack("=8BI", family, length, 0, 0, _MAIN_TABLE, _BY_BOOT, _EVERYWHERE, _UNICAST, 0)
        message = head + _attribute(_RTA_DST, network) + _attribute(_RTA_GATEWAY, socket.inet_pton(family, via))
        self._change(_NEW_ROUTE, message, f"route {to} via {via}")

    def _index(self, name: str) -> int:
        """Return a link's number; the kernel answers for the namespace of the socket, not of the caller."""
        request = struct.pack("=16si", name.encode(), 0) + bytes(20)
        return int(struct.unpack_from("=i", fcntl.ioctl(self._socket, _SIOCGIFINDEX, request), 16)[0])

    def _change(self, kind: int, message: bytes, what: str, *, make: bool = True) -> None:
        """Send one message and wait for what the kernel says to it."""
        flags = _REQUEST | _ACK | (_CREATE | _EXCLUSIVE if make else 0)
        self._socket.send(struct.pack("=IHHII", 16 + len(message), kind, flags, 0, 0) + message)
        _, answer, _, _, _, error = struct.unpack_from("=IHHIIi", self._socket.recv(_MOST_ANSWER))
        if answer != _ERROR or error:
            raise OSError(-error, f"{what}: {os.strerror(-error)}")


def _link(index: int = 0, *, up: bool = True) -> bytes:
    """Return the head of a link's message: the link by its number (0: a new one), and whether it is put up."""
    flags = _IFF_UP if up else 0
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, flags, flags)


def _kind(name: str, data: bytes = b"") -> bytes:
    inner = _text(_INFO_KIND, name) + (_attribute(_INFO_DATA, data) if data else b"")
    return _attribute(_IFLA_LINKINFO, inner)


def _text(kind: int, value: str) -> bytes:
    return _attribute(kind, value.encode() + b"\0")


def _number(kind: int, value: int) -> bytes:
    return _attribute(kind, struct.pack("=I", value))


def _attribute(kind: int, value: bytes) -> bytes:
    """Return one attribute: length, kind, value, padded to four bytes that the length does not count."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _parsed(text: str) -> tuple[int, bytes, int]:
    """Return family, packed address and length of the prefix of an address such as 192.0.2.10/24."""
    address, _, length = text.partition("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address), int(length)
