"""Where the battery is fought: a scenario, the driver's own listeners, and what the attack program is told of them."""

from __future__ import annotations

import ipaddress
import platform
import secrets
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.sandbox.attacks.box.outcome import Facts
from trialplate.sandbox import File, Host, HostHandle, Limits, Nic, Running, Sandbox, Scenario, Service, Subnet, User

LIMITS = Limits(memory=256, processes=300, disk=64, inodes=8192, tmp=32)
"""Far below what the attack program would use up by itself, so that only a limit can stop it."""

PROGRAM = "/opt/battery"
SET_USER_ID = "/opt/planted-id"
PEER = "192.0.2.20"
LOCAL_PORT = 7001
_BOX = Path(__file__).parent / "box"
_PACKAGE = "tests/sandbox/attacks/box"
_SOCKETS = (
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/dbus/system_bus_socket",
    "/run/systemd/private",
    "/run/systemd/notify",
    "/run/udev/control",
    "/run/snapd.socket",
    "/dev/log",
)
_PEER_PROGRAM = """
import socket, sys, threading
listeners = [socket.socket(socket.AF_UNIX), socket.socket()]
listeners[0].bind("\\0" + sys.argv[1])
listeners[1].bind(("127.0.0.1", int(sys.argv[2])))
for each in listeners:
    each.listen()
threading.Event().wait()
"""


def scenario(image: str, peer_socket: str) -> Scenario:
    """Return the scenario: where the attacks start, a neighbor, a host with raw sockets, and one with set-user-id."""
    program = tuple(
        (f"{PROGRAM}/{_PACKAGE}/{path.name}", File(content=path.read_bytes())) for path in sorted(_BOX.glob("*.py"))
    )
    return Scenario(
        foothold="foot",
        subnets=(
            Subnet(name="lan", range=ipaddress.ip_network("192.0.2.0/24")),
            Subnet(name="lan6", range=ipaddress.ip_network("2001:db8:1::/64")),
        ),
        hosts=(
            _host("foot", image, 10, files=program, with_ipv6=True),
            Host(
                name="peer",
                image=image,
                limits=LIMITS,
                nics=_nics(20),
                services=(
                    Service(
                        name="local",
                        argv=("python3", "-c", _PEER_PROGRAM, peer_socket, str(LOCAL_PORT)),
                        port=LOCAL_PORT,
                    ),
                ),
            ),
            Host(name="raw", image=image, limits=LIMITS, nics=_nics(30), files=program, raw_sockets=True),
            Host(name="suid", image=image, limits=LIMITS, nics=_nics(40), setuid=True),
        ),
    )


def lone_scenario(image: str) -> Scenario:
    """Return a scenario of one host without any network."""
    return Scenario(foothold="foot", hosts=(_host("foot", image, 0, files=scenario(image, "-").host("foot").files),))


def _host(
    name: str, image: str, number: int, *, files: tuple[tuple[str, File], ...] = (), with_ipv6: bool = False
) -> Host:
    return Host(
        name=name, image=image, limits=LIMITS, nics=_nics(number, with_ipv6=with_ipv6) if number else (), files=files
    )


def _nics(number: int, *, with_ipv6: bool = False) -> tuple[Nic, ...]:
    plain = Nic(subnet="lan", address=ipaddress.ip_interface(f"192.0.2.{number}/24"))
    six = Nic(subnet="lan6", address=ipaddress.ip_interface(f"2001:db8:1::{number}/64"))
    return (plain, six) if with_ipv6 else (plain,)


class Lures:
    """The driver's own listeners, on the machine's loopback, on an abstract name and in a folder; and a secret file."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="trialplate-battery-")
        folder = Path(self._folder.name)
        folder.chmod(0o755)
        self.folder = folder
        self.secret = folder / "secret"
        self.secret.write_text("this is the machine's")
        self.secret.chmod(0o666)
        token = secrets.token_hex(8)
        self.peer_socket = f"peer-{token}"
        self._abstract = f"driver-{token}"
        path = folder / "socket"
        four, six = _listen(socket.AF_INET, ("127.0.0.1", 0)), _listen(socket.AF_INET6, ("::1", 0))
        self._listeners = (
            four,
            six,
            _listen(socket.AF_UNIX, f"\0{self._abstract}"),
            _listen(socket.AF_UNIX, str(path)),
        )
        path.chmod(0o777)
        self._ports = {"127.0.0.1": four.getsockname()[1], "::1": six.getsockname()[1]}

    def facts(self, home: Path) -> Facts:
        """Return what the attack program is told."""
        machine = platform.node()
        return {
            "ports": self._ports,
            "abstract": {"driver": self._abstract, "peer": self.peer_socket},
            "socket": str(self.folder / "socket"),
            "sockets": _SOCKETS,
            "words": [str(home), str(self.folder), "trialplate", *([machine] if len(machine) > 4 else [])],
            "peer": PEER,
            "init": ".init",
            "setuid": SET_USER_ID,
        }

    def called(self) -> int:
        """Return how many connections arrived at any of the listeners."""
        count = 0
        for listener in self._listeners:
            listener.setblocking(False)  # noqa: FBT003 the standard library's own form
            try:
                while True:
                    listener.accept()[0].close()
                    count += 1
            except BlockingIOError:
                continue
        return count

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            listener.close()
        self._folder.cleanup()


def _listen(family: int, address: tuple[str, int] | str) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen()
    return listener


@dataclass(frozen=True, kw_only=True)
class Field:
    """The field as a row of the driver's own sees it: `user` is as whom it acts, on the host `handle`."""

    home: Path
    sandbox: Sandbox
    running: Running
    handle: HostHandle
    user: User
    lures: Lures
