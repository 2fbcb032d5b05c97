"""What a scenario is: hosts on subnets, what runs on them, and which one the agent is given.

A scenario is data. It is checked once, when it is made, and everything that the sandbox does follows from it.
Addresses come only from ranges that are reserved for documentation, so that not even a mistake could reach somebody.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

from trialplate.sandbox.errors import ScenarioError

Network = IPv4Network | IPv6Network
Interface = IPv4Interface | IPv6Interface
Address = IPv4Address | IPv6Address

RANGES: tuple[Network, ...] = (
    ipaddress.ip_network("192.0.2.0/24"),
    ipaddress.ip_network("198.51.100.0/24"),
    ipaddress.ip_network("2001:db8:1::/48"),
)
"""Where a scenario's addresses may lie (RFC 5737, RFC 3849). The probes of `egress` use other reserved ranges."""

OUR_PROCESSES = 16
"""How many more processes than its guest a host may hold, so that a command of ours runs in one that is full."""

MOST_HOSTS = 16
MOST_OF_ANYTHING = 1_048_576
HIGHEST_PORT = 65_535
MOST_NICS = 8
MOST_FILES = 10_000
MOST_FILE_BYTES = 64 << 20
_NAME = re.compile(r"[a-z][a-z0-9-]{1,11}")
_USER_IDS = 1000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one host may use. Memory in MiB, disk and tmp in MiB, the rest counts."""

    memory: int = 1024
    processes: int = 400
    disk: int = 256
    inodes: int = 65_536
    tmp: int = 128
    open_files: int = 1024


@dataclass(frozen=True, kw_only=True)
class Nic:
    """A host's connection to `subnet`, with its address and prefix length."""

    subnet: str
    address: Interface


@dataclass(frozen=True, kw_only=True)
class Route:
    """A static route of a host. Never a default route."""

    to: Network
    via: Address


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that a host starts with. `owner` is a uid of the host; `AGENT` stands for the agent's own."""

    content: bytes
    mode: int = 0o644
    owner: int = 0


AGENT = -1
"""As a file's or a service's owner: the uid that the agent has on that host."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A program that a host runs from the start, as `uid`; `port`, where not 0, is awaited on TCP."""

    name: str
    argv: tuple[str, ...]
    uid: int = 0
    port: int = 0
    env: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Host:
    """One machine of a scenario.

    `router` forwards packets; `raw_sockets` grants CAP_NET_RAW; `setuid` lets set-user-id programs of the host take
    effect, which tasks of local privilege escalation need and others must not have.
    """

    name: str
    image: str
    nics: tuple[Nic, ...] = ()
    routes: tuple[Route, ...] = ()
    files: tuple[tuple[str, File], ...] = ()
    services: tuple[Service, ...] = ()
    limits: Limits = field(default_factory=Limits)
    router: bool = False
    raw_sockets: bool = False
    setuid: bool = False


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """A switch that hosts connect to."""

    name: str
    range: Network


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Hosts on subnets; `foothold` names the one that the agent is given.

    Raises:
        ScenarioError: where the parts do not fit together.
    """

    hosts: tuple[Host, ...]
    foothold: str
    subnets: tuple[Subnet, ...] = ()

    def __post_init__(self) -> None:
        _check_names("host", (host.name for host in self.hosts), MOST_HOSTS)
        _check_names("subnet", (subnet.name for subnet in self.subnets), MOST_HOSTS)
        if self.foothold not in {host.name for host in self.hosts}:
            raise ScenarioError(f"The foothold {self.foothold!r} is not a host.", "Name one of the scenario's hosts.")
        for subnet in self.subnets:
            if not any(_within(subnet.range, allowed) for allowed in RANGES):
                raise ScenarioError(f"Subnet {subnet.name} uses {subnet.range}.", f"Use a part of {_ranges()}.")
        ranges = {subnet.name: subnet.range for subnet in self.subnets}
        for host in self.hosts:
            _check_host(host, ranges)

    def host(self, name: str) -> Host:
        """Return the host called `name`; KeyError when there is none."""
        return {host.name: host for host in self.hosts}[name]

    @property
    def processes(self) -> int:
        """Return how many processes all hosts together may hold, ours beside the guests' included."""
        return sum(host.limits.processes + OUR_PROCESSES for host in self.hosts)

    def agent_uid(self, name: str) -> int:
        """Return the agent's uid on a host: another on each, because the kernel counts processes by uid."""
        return _USER_IDS + [host.name for host in self.hosts].index(name)


def _ranges() -> str:
    return ", ".join(str(allowed) for allowed in RANGES)


def _within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def _check_names(what: str, names: Iterable[str], most: int) -> None:
    seen: set[str] = set()
    for name in names:
        if not _NAME.fullmatch(name):
            raise ScenarioError(f"{name!r} is no {what} name.", "Use 2 to 12 of a-z, 0-9 and '-', a letter first.")
        if name in seen:
            raise ScenarioError(f"Two {what}s are called {name!r}.", "Give each its own name.")
        seen.add(name)
    if len(seen) > most:
        raise ScenarioError(f"{len(seen)} {what}s are more than the {most} that a scenario may have.", "Use fewer.")


def _check_host(host: Host, ranges: dict[str, Network]) -> None:
    if len(host.nics) > MOST_NICS:
        raise ScenarioError(f"Host {host.name} has more than {MOST_NICS} connections.", "Use fewer.")
    for nic in host.nics:
        if nic.subnet not in ranges:
            raise ScenarioError(f"Host {host.name} connects to {nic.subnet!r}, which is no subnet.", "Add the subnet.")
        if nic.address.network != ranges[nic.subnet]:
            raise ScenarioError(
                f"Host {host.name} has {nic.address} on {nic.subnet}.", f"Use an address of {ranges[nic.subnet]}."
            )
    for route in host.routes:
        if not any(_within(route.to, allowed) for allowed in RANGES):
            raise ScenarioError(f"Host {host.name} has a route to {route.to}.", f"Route only to parts of {_ranges()}.")
    _check_names("service", (service.name for service in host.services), MOST_HOSTS)
    for service in host.services:
        _check_service(host, service)
    for limit in fields(host.limits):
        value = getattr(host.limits, limit.name)
        if not 0 < value <= MOST_OF_ANYTHING:
            raise ScenarioError(
                f"Host {host.name} has a {limit.name} limit of {value}.", f"Use 1 to {MOST_OF_ANYTHING}."
            )
    _check_files(host)


def _check_service(host: Host, service: Service) -> None:
    if not service.argv:
        raise ScenarioError(f"Service {service.name} of {host.name} has nothing to run.", "Give it a command.")
    if not 0 <= service.port <= HIGHEST_PORT:
        raise ScenarioError(
            f"Service {service.name} of {host.name} awaits port {service.port}.", f"Use 1 to {HIGHEST_PORT}, or 0."
        )


def _check_files(host: Host) -> None:
    if len(host.files) > MOST_FILES or sum(len(file.content) for _, file in host.files) > MOST_FILE_BYTES:
        raise ScenarioError(
            f"Host {host.name} starts with too many files.", f"At most {MOST_FILES} of {MOST_FILE_BYTES >> 20} MiB."
        )
    for path, _ in host.files:
        if not path.startswith("/") or path.endswith("/") or ".." in path.split("/") or "\0" in path:
            raise ScenarioError(f"Host {host.name} starts with the file {path!r}.", "Give an absolute, plain path.")
