"""What a scenario may be: data that is checked once, with addresses that belong to nobody."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialplate.sandbox import File, Host, Limits, Nic, Route, Scenario, ScenarioError, Service, Subnet
from trialplate.sandbox.network import hosts_file, network_steps, sysctls
from trialplate.sandbox.scenario import RANGES
from trialplate.sandbox.trial import trial_scenario

IMAGE = "0" * 64
LAN = ipaddress.ip_network("192.0.2.0/24")
TRIAL = trial_scenario(IMAGE, "token")


def host(name: str = "one", **fields: Any) -> Host:  # noqa: ANN401 the fields of a host
    return Host(name=name, image=IMAGE, **fields)


def scenario(*hosts: Host, foothold: str = "one", subnets: tuple[Subnet, ...] = ()) -> Scenario:
    return Scenario(hosts=hosts or (host(),), foothold=foothold, subnets=subnets)


def nic(address: str, subnet: str = "lan") -> Nic:
    return Nic(subnet=subnet, address=ipaddress.ip_interface(address))


def lan(*hosts: Host) -> Scenario:
    return scenario(*hosts, subnets=(Subnet(name="lan", range=LAN),))


REFUSED = [
    (lambda: scenario(foothold="two"), "foothold 'two' is not a host"),
    (lambda: scenario(host("a")), "'a' is no host name"),
    (lambda: scenario(host("One")), "'One' is no host name"),
    (lambda: scenario(host("one\nlink")), "is no host name"),
    (lambda: scenario(host(), host()), "Two hosts are called 'one'"),
    (lambda: scenario(*(host(f"h{number}") for number in range(17)), foothold="h0"), "17 hosts are more than"),
    (lambda: scenario(subnets=(Subnet(name="lan", range=ipaddress.ip_network("10.0.0.0/24")),)), "uses 10.0.0.0/24"),
    (lambda: scenario(subnets=(Subnet(name="lan", range=ipaddress.ip_network("0.0.0.0/0")),)), "uses 0.0.0.0/0"),
    (
        lambda: scenario(subnets=(Subnet(name="lan", range=ipaddress.ip_network("2001:db8::/32")),)),
        "uses 2001:db8::/32",
    ),
    (lambda: lan(host(nics=(nic("192.0.2.1/24", "wan"),))), "connects to 'wan', which is no subnet"),
    (lambda: lan(host(nics=(nic("192.0.2.1/25"),))), "has 192.0.2.1/25 on lan"),
    (lambda: lan(host(nics=(nic("192.0.2.1/24"),) * 9)), "more than 8 connections"),
    (
        lambda: lan(host(routes=(Route(to=ipaddress.ip_network("0.0.0.0/0"), via=ipaddress.ip_address("192.0.2.1")),))),
        "has a route to 0.0.0.0/0",
    ),
    (lambda: scenario(host(services=(Service(name="x y", argv=("true",)),))), "'x y' is no service name"),
    (lambda: scenario(host(services=(Service(name="web", argv=()),))), "Service web of one has nothing to run"),
    (lambda: scenario(host(services=(Service(name="web", argv=("x",), port=70000),))), "port 70000"),
    (lambda: scenario(host(files=(("etc/x", File(content=b"")),))), "starts with the file 'etc/x'"),
    (lambda: scenario(host(files=(("/etc/../x", File(content=b"")),))), "starts with the file '/etc/../x'"),
    (lambda: scenario(host(files=(("/etc/", File(content=b"")),))), "starts with the file '/etc/'"),
    (lambda: scenario(host(files=(("/a\0b", File(content=b"")),))), "starts with the file"),
    (lambda: scenario(host(files=(("/big", File(content=bytes(65 << 20))),))), "starts with too many files"),
    (lambda: scenario(host(limits=Limits(memory=0))), "memory limit of 0"),
    (lambda: scenario(host(limits=Limits(processes=-1))), "processes limit of -1"),
    (lambda: scenario(host(limits=Limits(disk=1 << 40))), "disk limit of 1099511627776"),
]


@pytest.mark.parametrize("make, message", REFUSED)
def test_what_does_not_fit_together_is_refused_with_what_to_do(make: Any, message: str) -> None:  # noqa: ANN401 a row
    with pytest.raises(ScenarioError) as refused:
        make()
    assert message in refused.value.what
    assert refused.value.fix


def test_a_host_is_found_by_name() -> None:
    assert TRIAL.host("web").name == "web"
    with pytest.raises(KeyError):
        TRIAL.host("other")


NETWORKS = st.sampled_from(
    [
        *(part for allowed in RANGES[:2] for part in allowed.subnets(new_prefix=26)),
        *(ipaddress.ip_network(f"2001:db8:1:{number}::/64") for number in range(4)),
    ]
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a scenario of up to five hosts on up to three subnets, some of them routers."""
    ranges = draw(st.lists(NETWORKS, min_size=1, max_size=3, unique=True))
    subnets = tuple(Subnet(name=f"net{index}", range=each) for index, each in enumerate(ranges))
    hosts: list[Host] = []
    for number in range(draw(st.integers(min_value=1, max_value=5))):
        joined = draw(st.lists(st.sampled_from(subnets), max_size=2, unique=True))
        nics = tuple(
            Nic(
                subnet=each.name,
                address=ipaddress.ip_interface(f"{each.range[number + 1]}/{each.range.prefixlen}"),
            )
            for each in joined
        )
        routes = tuple(Route(to=each.range, via=joined[0].range[1]) for each in subnets if joined)
        hosts.append(host(f"host{number}", nics=nics, routes=routes, router=draw(st.booleans())))
    return Scenario(hosts=tuple(hosts), foothold="host0", subnets=subnets)


@given(scenarios())
def test_no_scenario_has_a_route_out(made: Scenario) -> None:
    for step in network_steps(made):
        match step:
            case ["route", _, network, _]:
                assert any(ipaddress.ip_network(network).subnet_of(allowed) for allowed in same_version(network))
            case ["address", _, _, address]:
                network = ipaddress.ip_interface(address).network
                assert any(network.subnet_of(allowed) for allowed in same_version(address))
            case _:
                assert step[0] in {"write", "netns", "switch", "cable", "up"}


def same_version(text: str) -> list[Any]:
    version = ipaddress.ip_interface(text).version
    return [allowed for allowed in RANGES if allowed.version == version]


@given(scenarios())
def test_the_switches_have_no_address_and_speak_no_ip(made: Scenario) -> None:
    steps = network_steps(made)
    assert steps[0][:2] == ["write", "/proc/sys/net/ipv6/conf/all/disable_ipv6"]
    hosts = {each.name for each in made.hosts}
    assert {step[1] for step in steps if step[0] in {"address", "route", "up"}} <= hosts


@given(scenarios())
def test_every_host_has_an_agent_of_its_own(made: Scenario) -> None:
    uids = [made.agent_uid(each.name) for each in made.hosts]
    assert len(set(uids)) == len(uids)
    assert min(uids) >= 1000


def test_names_lead_to_first_addresses() -> None:
    lines = hosts_file(TRIAL, "web").splitlines()
    assert lines[:2] == ["127.0.0.1 localhost", "127.0.1.1 web"]
    assert "192.0.2.10 foothold" in lines
    assert "198.51.100.20 web" in lines


def test_a_router_forwards_and_others_do_not() -> None:
    assert sysctls(TRIAL.host("router"))["net.ipv4.ip_forward"] == "1"
    assert "net.ipv4.ip_forward" not in sysctls(TRIAL.host("web"))


def test_ipv6_is_off_unless_a_host_has_an_address_of_it() -> None:
    six = replace(TRIAL.hosts[0], nics=(nic("2001:db8:1::5/64"),), routes=())
    assert sysctls(six)["net.ipv6.conf.all.disable_ipv6"] == "0"
    assert sysctls(TRIAL.hosts[0])["net.ipv6.conf.all.disable_ipv6"] == "1"
