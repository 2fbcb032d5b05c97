"""The machines of an item: the desks with their programs and this attempt's keys, and the foothold with the papers."""

from __future__ import annotations

import base64
import ipaddress
import json
from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.families.cryptography.ticket.note import note_of
from trialplate.benchmark.families.cryptography.ticket.spec import Place, Stage, Station, TicketSpec
from trialplate.benchmark.family import BASE, Blueprint
from trialplate.benchmark.secrecy import Secrets
from trialplate.sandbox import AGENT, File, Host, Limits, Nic, Scenario, Service, Subnet

HOME: Final = "/home/agent"
_DATA: Final = resources.files("trialplate.benchmark.families.cryptography.ticket").joinpath("data")
_FOLDER: Final = "/srv/desk"
_UID: Final = 940
_CODE_BYTES: Final = 15
_KEYS: Final = ("cipher", "generator", "extras", "serial")
_START: Final = '\n\nif __name__ == "__main__":\n    main(sys.argv[1])\n'

Json = dict[str, object]


def source(name: str) -> str:
    """Return a program of the family's data by its name without endings."""
    return _DATA.joinpath(f"{name}.py.tmpl").read_text()


def service_source(station: Station) -> str:
    """Return the program of a desk: the shared parts and the scheme of its kind."""
    parts = ("kit", "decorations", "server", f"schemes/{station.stage.kind}")
    return "\n\n".join(source(part) for part in parts) + _START


def stage_facts(stage: Stage, account: str) -> Json:
    """Return a stage as its scheme and its attack read it."""
    layout = stage.layout
    return {
        "p": stage.settings,
        "form": {"names": layout.names, "sep": layout.sep, "assign": layout.assign, "last_wins": layout.last_wins},
        "goal": "read" if stage.reads else "forge",
        "holder": account,
        **{
            name: getattr(stage, name)
            for name in (
                "encoding",
                "join",
                "tag_first",
                "low",
                "high",
                "until",
                "site",
                "other",
                "other_memo",
                "limit",
                "memo_most",
                "memo_any",
            )
        },
    }


def wire_facts(station: Station) -> Json:
    """Return what stands on a desk's wire, and where it is."""
    return {
        "transport": station.transport,
        "frame": station.frame,
        "words": dict(station.words),
        "ops": dict(station.ops),
        "desks": [{"at": [place.host, place.port], "offers": place.offers} for place in station.places],
    }


class Keys:
    """The secrets of an attempt, by the station that they belong to."""

    def __init__(self, spec: TicketSpec, secrets: Secrets) -> None:
        self._spec, self._secrets = spec, secrets

    @property
    def account_key(self) -> str:
        """What the agent's account signs in with."""
        return self._secrets.token("account key", 10)

    def prize(self, at: int) -> str:
        """What the desk of a station protects: the answer, or the words that admit to the next desk."""
        if at == len(self._spec.stations) - 1:
            return self._secrets.answer
        text = base64.b32encode(self._secrets.octets(f"admission {at}", _CODE_BYTES)).decode()
        return "-".join(text[start : start + 6] for start in range(0, len(text), 6))

    def config(self, at: int, place: Place, *, patched: bool) -> Json:
        """Return what a desk's program reads at its start."""
        spec, station = self._spec, self._spec.stations[at]
        return {
            **{name: value for name, value in wire_facts(station).items() if name != "desks"},
            "stage": stage_facts(station.stage, spec.account),
            "port": place.port,
            "offers": place.offers,
            "account": spec.account,
            "key": self.account_key,
            "access": self.prize(at - 1) if at else "",
            "title": station.title,
            "label": station.label,
            "prize": self.prize(at),
            "extras": station.extras,
            "repaired": patched,
            "keys": {name: self._secrets.token(f"station {at} {name}", 32) for name in _KEYS},
        }


def blueprint(spec: TicketSpec, secrets: Secrets, *, patched: bool) -> Blueprint:
    """Return the machines; in the twin no desk misuses anything."""
    keys = Keys(spec, secrets)
    hosts = [_foothold(spec, keys)]
    for at, station in enumerate(spec.stations):
        program = service_source(station).encode()
        for place in station.places:
            config = json.dumps(keys.config(at, place, patched=patched)).encode()
            hosts.append(_desk_host(spec, place, program, config))
    lan = Subnet(name="lan", range=ipaddress.ip_network(spec.subnet))
    return Blueprint(scenario=Scenario(hosts=tuple(hosts), foothold=spec.foothold, subnets=(lan,)))


def _nic(spec: TicketSpec, address: str) -> Nic:
    prefix = ipaddress.ip_network(spec.subnet).prefixlen
    return Nic(subnet="lan", address=ipaddress.ip_interface(f"{address}/{prefix}"))


def _desk_host(spec: TicketSpec, place: Place, program: bytes, config: bytes) -> Host:
    files = (
        (f"{_FOLDER}/desk.py", File(content=program, mode=0o400, owner=_UID)),
        (f"{_FOLDER}/desk.json", File(content=config, mode=0o400, owner=_UID)),
    )
    argv = ("/usr/bin/python3", "-I", f"{_FOLDER}/desk.py", f"{_FOLDER}/desk.json")
    return Host(
        name=place.host,
        image=BASE,
        nics=(_nic(spec, place.address),),
        files=files,
        services=(Service(name="desk", argv=argv, uid=_UID, port=place.port),),
        limits=Limits(memory=192),
    )


def _foothold(spec: TicketSpec, keys: Keys) -> Host:
    words = dict(spec.stations[0].words)
    account = {words["account"]: spec.account, words["key"]: keys.account_key}
    files = [("account.json", json.dumps(account, indent=1) + "\n")]
    for at, station in enumerate(spec.stations):
        files.append((f"design-{at + 1}.txt" if len(spec.stations) > 1 else "design.txt", note_of(spec, station)))
    if spec.client:
        wire = {
            place.host: {
                "host": place.host,
                "port": place.port,
                "transport": station.transport,
                "frame": station.frame,
            }
            for station in spec.stations
            for place in station.places
        }
        files.append(("client.py", Template(source("client")).substitute(wire=json.dumps(wire, indent=1))))
    return Host(
        name=spec.foothold,
        image=BASE,
        nics=(_nic(spec, spec.address),),
        files=tuple((f"{HOME}/{name}", File(content=text.encode(), mode=0o600, owner=AGENT)) for name, text in files),
        limits=Limits(memory=512),
    )
