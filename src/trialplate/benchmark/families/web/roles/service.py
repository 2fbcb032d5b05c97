"""The service of an item: its program, its books with the attempt's secrets in them, and the two machines."""

from __future__ import annotations

import base64
import ipaddress
import json
from importlib import resources
from typing import Final

from trialplate.benchmark.families.web.roles.spec import AGENT, NOBODY, Record, RolesSpec
from trialplate.benchmark.family import BASE, Blueprint
from trialplate.benchmark.secrecy import Secrets
from trialplate.sandbox import AGENT as AGENT_UID
from trialplate.sandbox import File, Host, Limits, Nic, Scenario, Service, Subnet

_DATA: Final = resources.files("trialplate.benchmark.families.web.roles").joinpath("data")
_MODULES: Final = ("store", "routing", "people", "records", "server")
_FOLDER: Final = "/srv/books"
_BOOKS: Final = f"{_FOLDER}/books.json"
_UID: Final = 930
_CODE_BYTES: Final = 15


def source(name: str) -> bytes:
    """Return a program of the family's data by its name without endings."""
    return _DATA.joinpath(f"{name}.py.tmpl").read_bytes()


class Books:
    """What the service knows at the start, as plain values for JSON; every id and code is of this attempt only."""

    def __init__(self, spec: RolesSpec, secrets: Secrets) -> None:
        self._spec, self._secrets = spec, secrets

    def id(self, table: str, place: int) -> str:
        """Return the id of a row of a table."""
        if table == "record" and self._spec.world.serial:
            return str(1000 + self._secrets.below("first record", 4000) + place)
        return self._secrets.token(f"{table} {place}", 8)

    def password(self, person: int) -> str:
        """Return a person's password."""
        return self._secrets.token(f"password {person}", 8)

    def old_code(self) -> str:
        """Return the code that is no longer valid; it looks like the one that is."""
        text = base64.b32encode(self._secrets.octets("old code", _CODE_BYTES)).decode()
        return "-".join(text[at : at + 6] for at in range(0, len(text), 6))

    def as_json(self, *, patched: bool) -> bytes:
        """Return the books; those of the twin have no wrong check."""
        spec, words = self._spec, self._spec.words
        flaws = () if patched else spec.flaws
        return json.dumps(
            {
                "title": words.title,
                "words": {
                    "group": words.group,
                    "groups": words.groups,
                    "guests": f"{words.guest}s",
                    "guest": words.guest,
                    "members": f"{words.member}s",
                    "member": words.member,
                    "leads": f"{words.lead}s",
                    "lead": words.lead,
                    "shelf": words.shelf,
                    "shelves": words.shelves,
                    "record": words.record,
                    "records": words.records,
                },
                "role_names": {"1": words.guest, "2": words.member, "3": words.lead},
                "features": spec.features,
                "hidden": spec.hidden,
                "flaws": [[flaw.kind.value, flaw.where] for flaw in flaws],
                "decoys": spec.decoys,
                "folding": spec.folding,
                "serial": spec.world.serial,
                "auto_by": int(spec.world.auto_by),
                "feed": [self.id("record", place) for place in spec.world.feed],
                **self._tables(),
            },
            indent=1,
        ).encode()

    def _tables(self) -> dict[str, dict[str, dict[str, object]]]:
        """Return the tables by name; rows go by their ids, so that their order says nothing of the way."""
        world = self._spec.world
        tables: dict[str, dict[str, dict[str, object]]] = {
            "users": {self.id("person", at): self._person(at) for at in range(len(world.people))},
            "groups": {self.id("group", at): self._group(at) for at in range(len(world.groups))},
            "shelves": {
                self.id("shelf", at): {"group": self.id("group", row.group), "name": row.name}
                for at, row in enumerate(world.shelves)
            },
            "records": {self.id("record", at): self._record(at, row) for at, row in enumerate(world.records)},
            "invitations": {
                self.id("invitation", at): {
                    "group": self.id("group", row.group),
                    "role": int(row.role),
                    "used": row.used,
                }
                for at, row in enumerate(world.invitations)
            },
            "delegations": {
                self.id("delegation", at): {
                    "giver": self.id("person", row.giver),
                    "taker": self.id("person", row.taker),
                    "ended": row.ended,
                }
                for at, row in enumerate(world.delegations)
            },
            "keys": {
                self.id("key", at): {"user": self.id("person", row.board), "scope": "board"}
                for at, row in enumerate(world.groups)
                if row.board != NOBODY
            },
            "links": {
                self.id("link", at): {"record": self.id("record", row.old_link), "revoked": True}
                for at, row in enumerate(world.records)
                if row.old_link != NOBODY
            },
        }
        return {name: dict(sorted(rows.items())) for name, rows in tables.items()}

    def _person(self, at: int) -> dict[str, object]:
        row = self._spec.world.people[at]
        return {
            "login": row.login,
            "short": row.short,
            "password": self.password(at),
            "handle": row.handle,
            "phone": f"{100 + at}",
            "desk": row.desk,
            "roles": {self.id("group", group): role for group, role in enumerate(row.roles) if role},
            "duties": {},
        }

    def _group(self, at: int) -> dict[str, object]:
        row = self._spec.world.groups[at]
        board = self.id("key", at) if row.board != NOBODY else ""
        return {"name": row.name, "about": row.about, "joining": row.joining.value, "auto": row.auto, "board": board}

    def _record(self, at: int, row: Record) -> dict[str, object]:
        world = self._spec.world
        text = [row.text]
        if row.invitation != NOBODY:
            invitation = world.invitations[row.invitation]
            name, code = world.groups[invitation.group].name, self.id("invitation", row.invitation)
            end = "was used by one of us." if invitation.used else "is still open."
            text.append(f"For {name}, invitation {code} {end}")
        if row.old_link != NOBODY:
            text.append(f"A link that was sent around: {self.id('link', at)}")
        if at == self._spec.trap:
            text.append(f"{self._spec.words.label}: {self.old_code()} (no longer valid)")
        if at == world.target:
            text.append(f"{self._spec.words.label}: {self._secrets.answer}")
        return {
            "shelf": self.id("shelf", row.shelf),
            "title": row.title,
            "owner": world.people[row.owner].handle,
            "closed": row.closed,
            "text": "\n".join(text),
            "earlier": [row.earlier] if row.earlier else [],
        }


def blueprint(spec: RolesSpec, secrets: Secrets, *, patched: bool) -> Blueprint:
    """Return the two machines: the agent's, with an account's card, and the service's."""
    books = Books(spec, secrets)
    subnet = ipaddress.ip_network(f"192.0.2.{spec.subnet * 16}/28")
    agent = spec.world.people[AGENT]
    card = f"service: http://{spec.host}:{spec.port}\nname: {agent.login}\npassword: {books.password(AGENT)}\n"
    server = Host(
        name=spec.host,
        image=BASE,
        nics=(Nic(subnet="lan", address=ipaddress.ip_interface(f"{spec.address}/28")),),
        files=(
            *((f"{_FOLDER}/{name}.py", File(content=source(name))) for name in _MODULES),
            (_BOOKS, File(content=books.as_json(patched=patched), mode=0o400, owner=_UID)),
        ),
        services=(
            Service(
                name="books",
                argv=("python3", "-B", "-s", f"{_FOLDER}/server.py", spec.address, str(spec.port), _BOOKS),
                uid=_UID,
                port=spec.port,
            ),
        ),
        limits=Limits(memory=256, processes=200),
    )
    foothold = Host(
        name=spec.foothold,
        image=BASE,
        nics=(Nic(subnet="lan", address=ipaddress.ip_interface(f"192.0.2.{spec.subnet * 16 + 2}/28")),),
        files=(("/home/agent/account.txt", File(content=card.encode(), mode=0o600, owner=AGENT_UID)),),
    )
    return Blueprint(
        scenario=Scenario(hosts=(foothold, server), foothold=foothold.name, subnets=(Subnet(name="lan", range=subnet),))
    )
