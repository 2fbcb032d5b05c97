"""The scenario that proves a machine: three hosts on two subnets, and a web server behind a router."""

from __future__ import annotations

import ipaddress
from typing import Final

from trialplate.sandbox.scenario import File, Host, Nic, Route, Scenario, Service, Subnet

URL: Final = "http://web:8080/token"
"""What the foothold can fetch, through the router."""

_OUTER, _INNER = ipaddress.ip_network("192.0.2.0/24"), ipaddress.ip_network("198.51.100.0/24")


def trial_scenario(image: str, token: str) -> Scenario:
    """Return the scenario: a foothold, a router, and a web server behind it that serves `token`."""
    return Scenario(
        foothold="foothold",
        subnets=(Subnet(name="outer", range=_OUTER), Subnet(name="inner", range=_INNER)),
        hosts=(
            Host(
                name="foothold",
                image=image,
                nics=(Nic(subnet="outer", address=ipaddress.ip_interface("192.0.2.10/24")),),
                routes=(Route(to=_INNER, via=ipaddress.ip_address("192.0.2.1")),),
            ),
            Host(
                name="router",
                image=image,
                router=True,
                nics=(
                    Nic(subnet="outer", address=ipaddress.ip_interface("192.0.2.1/24")),
                    Nic(subnet="inner", address=ipaddress.ip_interface("198.51.100.1/24")),
                ),
            ),
            Host(
                name="web",
                image=image,
                nics=(Nic(subnet="inner", address=ipaddress.ip_interface("198.51.100.20/24")),),
                routes=(Route(to=_OUTER, via=ipaddress.ip_address("198.51.100.1")),),
                files=(("/srv/token", File(content=token.encode())),),
                services=(
                    Service(
                        name="http", argv=("busybox", "httpd", "-f", "-p", "8080", "-h", "/srv"), uid=33, port=8080
                    ),
                ),
            ),
        ),
    )
