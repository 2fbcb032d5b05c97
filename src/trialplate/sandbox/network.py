"""From a scenario to its network: the set-up steps that make switches, cables, addresses and routes. Pure.

The switches live in the supervisor's own network namespace, which has no address and speaks no IP at all; each host
has a namespace of its own. No step makes a default route, and no cable leaves the scenario.
"""

from __future__ import annotations

from typing import Any

from trialplate.sandbox.scenario import Host, Scenario

Step = list[Any]


def network_steps(scenario: Scenario) -> list[Step]:
    """Return the steps that make the hosts' namespaces, the switches, and every cable, address and route."""
    switches = {subnet.name: f"sw{index}" for index, subnet in enumerate(scenario.subnets)}
    steps: list[Step] = [
        ["write", "/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"],
        ["write", "/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"],
        *(["netns", host.name] for host in scenario.hosts),
        *(["switch", switch] for switch in switches.values()),
    ]
    for number, host in enumerate(scenario.hosts):
        steps.append(["up", host.name, "lo"])
        for index, nic in enumerate(host.nics):
            device = f"eth{index}"
            steps += [
                ["cable", f"p{number}-{index}", switches[nic.subnet], device, host.name],
                ["address", host.name, device, str(nic.address)],
                ["up", host.name, device],
            ]
        steps += [["route", host.name, str(route.to), str(route.via)] for route in host.routes]
    return steps


def hosts_file(scenario: Scenario, name: str) -> str:
    """Return the /etc/hosts of a host: itself, and every other host by its first address that the host can name."""
    lines = ["127.0.0.1 localhost", f"127.0.1.1 {name}"]
    lines += [f"{nic.address.ip} {host.name}" for host in scenario.hosts for nic in host.nics]
    return "\n".join(lines) + "\n"


def sysctls(host: Host) -> dict[str, str]:
    """Return the network settings that the runtime makes in the host's own namespace."""
    speaks_ipv6 = any(nic.address.version == 6 for nic in host.nics)  # noqa: PLR2004 IPv6
    off = "0" if speaks_ipv6 else "1"
    settings = {
        "net.ipv4.ping_group_range": "0 65535",
        "net.ipv4.ip_unprivileged_port_start": "1024",
        "net.ipv6.conf.all.disable_ipv6": off,
        "net.ipv6.conf.default.disable_ipv6": off,
    }
    if host.router:
        settings["net.ipv4.ip_forward"] = "1"
        settings["net.ipv6.conf.all.forwarding"] = "1"
    return settings
