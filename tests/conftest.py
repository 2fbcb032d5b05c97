"""What every test may rely on: no network, no sockets unless asked for, real reference data, a real sandbox image."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from trialplate.home import home_folder

ROOT = Path(__file__).parents[1]

_SIOCGIFFLAGS = 0x8913
_IFF_UP = 0x1
_OPEN = ("sandbox", "battery", "sockets")

settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile(
    "thorough", deadline=None, print_blob=True, max_examples=1000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("trialplate")
    group.addoption("--require-reference", action="store_true", help="missing reference data is a failure, not a skip")
    group.addoption("--battery", action="store_true", help="run the slow rows too")


def pytest_sessionstart() -> None:
    """Refuse to start where a test that went wrong could reach a network."""
    found = reachable_network()
    if found:
        pytest.exit(
            f"A network can be reached from here ({found}), and no test may have one. "
            "Run `make test`, or `scripts/netless .venv/bin/pytest ...`.",
            returncode=pytest.ExitCode.USAGE_ERROR,
        )


def reachable_network() -> str:
    """Return what of a network this process can reach, in words; empty where there is only loopback.

    A link that is down does no harm: the kernel puts some (tunnels) into every network namespace.
    """
    links = [line.partition(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
    up = [link for link in links if link != "lo" and _is_up(link)]
    routes = Path("/proc/net/route").read_text().splitlines()[1:]
    return ", ".join([*(f"link {link} is up" for link in up), *(f"route by {row.split()[0]}" for row in routes)])


def _is_up(link: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asked:
        answer = fcntl.ioctl(asked, _SIOCGIFFLAGS, struct.pack("16sH14x", link.encode(), 0))
    return bool(struct.unpack("16sH14x", answer)[1] & _IFF_UP)


# Before the plug-in that gathers groups looks at them.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.get_closest_marker(name) for name in _OPEN):
            item.add_marker("enable_socket")
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    if config.getoption("--battery"):
        return
    left_out = [item for item in items if item.get_closest_marker("battery")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("battery")]


def _group(item: pytest.Item) -> str:
    """Return what runs one after another, in one process beside another: campaigns, scenarios, the tests of a file."""
    path = item.path.relative_to(ROOT).as_posix()
    if not item.get_closest_marker("sandbox"):
        return path
    return "campaigns" if path.startswith("tests/benchmark/") else "scenarios"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the product does."""
    return "asyncio"


@pytest.fixture(scope="session")
def reference(pytestconfig: pytest.Config) -> Path:
    """Return the folder of official reference data; without it a test skips, or fails under --require-reference."""
    folder = Path(os.environ.get("TRIALPLATE_REFERENCE") or ROOT.parent / "shared" / "data").resolve()
    if not folder.is_dir():
        missing = f"No reference data in {folder}: set TRIALPLATE_REFERENCE to its folder."
        if pytestconfig.getoption("--require-reference"):
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return folder


@pytest.fixture(scope="session")
def trialplate_home() -> Path:
    """Return the real home, with the sandbox image that `make setup` has built."""
    home = home_folder(os.environ)
    if not any(home.glob("cache/images/*/record.json")):
        pytest.fail(f"No sandbox image in {home}: run make setup.", pytrace=False)
    return home
