"""The network of a scenario as its hosts see it: both families of addresses, routes through routers, errors."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from trialplate.sandbox import Completed, Host, HostHandle, Nic, Route, Running, Sandbox, Scenario, Subnet

pytestmark = [pytest.mark.sandbox, pytest.mark.anyio]

LAN = "2001:db8:1:7::/64"
FAR = "2001:db8:1:8::/64"


def nic(subnet: str, address: str) -> Nic:
    return Nic(subnet=subnet, address=ipaddress.ip_interface(address))


def route(to: str, via: str) -> Route:
    return Route(to=ipaddress.ip_network(to), via=ipaddress.ip_address(via))


def two_subnets(image: str, *, via: str = "2001:db8:1:7::1") -> Scenario:
    return Scenario(
        foothold="near",
        subnets=tuple(
            Subnet(name=name, range=ipaddress.ip_network(text))
            for name, text in (("lan", LAN), ("far", FAR), ("old", "192.0.2.0/24"))
        ),
        hosts=(
            Host(
                name="near",
                image=image,
                nics=(nic("lan", "2001:db8:1:7::10/64"), nic("old", "192.0.2.10/24")),
                routes=(route(FAR, via),),
            ),
            Host(
                name="between",
                image=image,
                nics=(nic("lan", "2001:db8:1:7::1/64"), nic("far", "2001:db8:1:8::1/64"), nic("old", "192.0.2.1/24")),
                router=True,
            ),
            Host(
                name="away",
                image=image,
                nics=(nic("far", "2001:db8:1:8::20/64"),),
                routes=(route(LAN, "2001:db8:1:8::1"),),
            ),
        ),
    )


@pytest.fixture(scope="module")
async def sandbox(trialplate_home: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(trialplate_home) as opened:
        yield opened


@pytest.fixture(scope="module")
async def running(sandbox: Sandbox) -> AsyncIterator[Running]:
    started = await sandbox.start(two_subnets(sandbox.images.named("base").digest))
    yield started
    await started.close()


async def shown(host: HostHandle, *words: str) -> list[dict[str, Any]]:
    done = await host.exec(("ip", "-json", *words), user=host.agent, timeout=20)
    assert isinstance(done, Completed)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_every_link_is_up_and_has_its_addresses(running: Running) -> None:
    links = {link["ifname"]: link for link in await shown(running.foothold, "address")}
    assert set(links) == {"lo", "eth0", "eth1"}
    assert all("UP" in link["flags"] for link in links.values())
    on = {
        name: {(each["local"], each["prefixlen"]) for each in link["addr_info"] if each["scope"] == "global"}
        for name, link in links.items()
    }
    assert on["eth0"] == {("2001:db8:1:7::10", 64)}
    assert on["eth1"] == {("192.0.2.10", 24)}


async def test_an_address_answers_at_once_through_a_router(running: Running) -> None:
    done = await running.foothold.exec(
        ("ping", "-6", "-c", "1", "-W", "2", "2001:db8:1:8::20"), user=running.foothold.agent, timeout=20
    )
    assert isinstance(done, Completed)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_the_only_routes_are_those_that_the_scenario_names(running: Running) -> None:
    routes = {(each["dst"], each.get("gateway")) for each in await shown(running.foothold, "-6", "route")}
    assert {pair for pair in routes if not pair[0].startswith("fe80")} == {
        ("2001:db8:1:7::/64", None),
        (FAR, "2001:db8:1:7::1"),
    }
    assert [each["dst"] for each in await shown(running.foothold, "-4", "route")] == ["192.0.2.0/24"]


async def test_a_route_that_the_kernel_refuses_is_named(sandbox: Sandbox) -> None:
    scenario = two_subnets(sandbox.images.named("base").digest, via="2001:db8:1:9::1")
    with pytest.raises(OSError, match="route 2001:db8:1:8::/64 via 2001:db8:1:9::1: "):
        await sandbox.start(scenario)
