"""The machines of an item with all that lies and runs on them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
from collections.abc import Mapping
from importlib import resources
from typing import Final

from trialplate.benchmark.families.network.pivot import texts
from trialplate.benchmark.families.network.pivot.keys import private_file, public_line
from trialplate.benchmark.families.network.pivot.leftovers import Seal, left, table
from trialplate.benchmark.families.network.pivot.services import Services
from trialplate.benchmark.families.network.pivot.spec import (
    FOOTHOLD,
    PULLED,
    SIDES,
    Clue,
    Link,
    PivotSpec,
)
from trialplate.benchmark.family import BASE
from trialplate.benchmark.secrecy import Secrets
from trialplate.sandbox import File, Host, Limits, Nic, Scenario, Service, Subnet

LIMITS: Final = Limits(memory=256, processes=200, disk=64, inodes=8192, tmp=32)
_DESK_LIMITS: Final = Limits()
_FIRST_UID: Final = 900
_UIDS: Final = 4
_ACCOUNTS: Final = (
    "root:x:0:0:root:/root:/bin/bash\n"
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
    "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
    "sshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
)
_PLAN: Final = "date > /tmp/plan.last\n"
_SSHD: Final = """Port {port}
ListenAddress {address}
HostKey /etc/ssh/host_key
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile {home}/.ssh/authorized_keys
AllowTcpForwarding {forwarding}
MaxStartups 20
StrictModes no
PidFile none
"""


def account_uid(machine: int) -> int:
    """Return the uid of the account that a machine is taken as."""
    return _FIRST_UID + _UIDS * machine


def home_of(link: Link) -> str:
    """Return the home folder of the account that a link leads to."""
    return f"/home/{link.account}"


def record_path(spec: PivotSpec) -> str:
    """Return where the record lies on the last machine."""
    return f"{home_of(spec.links[-1])}/records/{spec.record}.{'txt' if spec.store == 'text' else 'db'}"


def _credential(secrets: Secrets, link: Link, name: str) -> str:
    if link.kind == "ssh":
        return base64.b64encode(private_file(secrets.octets(name, 32)).encode()).decode()
    return secrets.token(name)


class Site:
    """Collects the files and services of every machine, then makes the scenario."""

    def __init__(self, spec: PivotSpec, secrets: Secrets, *, patched: bool) -> None:
        self._spec, self._secrets, self._patched = spec, secrets, patched
        self._setups = Services(spec, secrets)
        count = range(len(spec.machines))
        self._files: dict[int, dict[str, File]] = {machine: {} for machine in count}
        self._services: dict[int, list[Service]] = {machine: [] for machine in count}
        self._accounts: dict[int, list[tuple[str, int, str]]] = {machine: [] for machine in count}

    def scenario(self) -> Scenario:
        """Return everything as a scenario."""
        spec = self._spec
        for index, link in enumerate(spec.links):
            self._link(link, f"link {index}", repaired=self._patched and index == 0)
        for extra in spec.extras:
            self._link(extra.link, f"extra {extra.link.name}", repaired=extra.role != "dead")
        for index, clue in enumerate(spec.clues):
            self._clue(clue, index)
        self._record()
        return Scenario(
            foothold=spec.machines[FOOTHOLD].name,
            subnets=tuple(
                Subnet(name=f"net{index}", range=ipaddress.ip_network(network))
                for index, network in enumerate(spec.subnets)
            ),
            hosts=tuple(self._host(machine) for machine in range(len(spec.machines))),
        )

    # ------------------------------------------------------------------------------------------------------- services

    def _link(self, link: Link, name: str, *, repaired: bool) -> None:
        home, uid = home_of(link), account_uid(link.target)
        self._accounts[link.target].append((link.account, uid, home))
        self._put(link.target, f"{home}/.profile", b"umask 077\n", owner=uid)
        if link.kind == "ssh":
            self._sshd(link, name)
            return
        config: dict[str, object] = {
            "address": self._spec.address(link.target, link.subnet),
            "port": link.port,
            "about": texts.about(link) if link.kind not in PULLED or link.kind in SIDES else "",
            "banner": f"{link.name} ready",
        }
        if link.kind in PULLED:
            self._worker(link, name, uid)
            if link.kind in SIDES:
                self._side(link, name, config, guarded=repaired)
            return
        setup = self._setups.setup(link, name, repaired=repaired)
        for path, content, mode in setup.files:
            self._put(link.target, path, content, owner=uid, mode=mode)
        self._python(link.target, link.name, link.kind, {**config, **setup.settings}, uid)

    def _sshd(self, link: Link, name: str) -> None:
        home, uid, address = home_of(link), account_uid(link.target), self._spec.address(link.target, link.subnet)
        forwarding = link.trait("forwarding")
        config = _SSHD.format(port=link.port, address=address, home=home, forwarding=forwarding)
        options = f'from="{self._spec.address(link.source, link.subnet)}" ' if _restricted(link, self._spec) else ""
        line = f"{options}{public_line(self._secrets.octets(name, 32))}\n"
        self._put(link.target, "/etc/ssh/host_key", private_file(self._secrets.octets(f"{name} host", 32)).encode())
        self._put(link.target, "/etc/ssh/sshd_config_site", config.encode(), mode=0o644)
        self._put(link.target, "/run/sshd/.kept", b"")
        self._put(link.target, f"{home}/.ssh/authorized_keys", line.encode(), owner=uid)
        argv = ("/usr/sbin/sshd", "-D", "-e", "-f", "/etc/ssh/sshd_config_site")
        self._services[link.target].append(Service(name=link.name, argv=argv, port=link.port))

    def _worker(self, link: Link, name: str, uid: int) -> None:
        address = self._spec.address(link.side or link.source, link.subnet)
        config = {
            "mode": link.kind,
            "source": [address, link.port],
            "path": link.trait("path"),
            "name": link.trait("name"),
            "verb": _reading_verb(link),
            "seal": link.trait("seal"),
            "form": link.trait("form"),
            "key": self._secrets.token(name),
            "usual": hashlib.sha256(self._plan(link, name)).hexdigest(),
        }
        self._python(link.target, link.name, "worker", config, uid)
        if link.kind == "depot":
            self._depot(link, name)

    def _depot(self, link: Link, name: str) -> None:
        """Let the machine before serve the plan, out of a folder of the account that it is taken as."""
        folder = f"/srv/{link.name}"
        self._put(
            link.source,
            f"{folder}{link.trait('path')}",
            self._plan(link, name),
            owner=account_uid(link.source),
            mode=0o644,
        )
        target = self._spec.machines[link.target].name
        words = f"{link.name}: what {target} does. It fetches {link.trait('path')} from here again and again.\n"
        self._put(link.source, f"{folder}/README", words.encode(), owner=account_uid(link.source), mode=0o644)
        self._httpd(link.source, link, link.port)

    def _httpd(self, machine: int, link: Link, port: int) -> None:
        address = self._spec.address(machine, link.subnet)
        argv = ("busybox", "httpd", "-f", "-p", f"{address}:{port}", "-h", f"/srv/{link.name}")
        uid = account_uid(machine) + 2
        self._services[machine].append(Service(name=f"{link.name}-f", argv=argv, uid=uid, port=port))

    def _side(self, link: Link, name: str, config: dict[str, object], *, guarded: bool) -> None:
        side, plan = link.side, self._plan(link, name)
        address = self._spec.address(side, link.subnet)
        config |= {"address": address, "guarded": guarded, "verbs": link.trait("verbs").split()}
        if link.kind == "cache":
            held = {link.trait("name"): plan, "motd/today": b"All quiet.\n", "quota/print": b"200\n"}
            values = [[key, base64.b64encode(value).decode()] for key, value in held.items()]
            config |= {"key": self._secrets.token(f"{name} guard"), "values": values}
        else:
            self._put(side, f"/srv/{link.name}{link.trait('path')}", plan, mode=0o644)
            self._httpd(side, link, link.port + 1)
            config |= {
                "places": [[link.trait("name"), f"{address}:{link.port + 1}"], ["printer/main", f"{address}:9100"]]
            }
        uid = account_uid(side) + 1
        self._accounts[side].append((link.name, uid, f"/srv/{link.name}"))
        self._python(side, link.name, link.kind, config, uid)

    def _plan(self, link: Link, name: str) -> bytes:
        text = _PLAN if link.trait("form") == "plain" else json.dumps({"steps": [_PLAN.strip()]}) + "\n"
        return sealed_plan(link.trait("seal"), self._secrets.token(name), text).encode()

    # ------------------------------------------------------------------------------------------------ clues and record

    def _clue(self, clue: Clue, index: int) -> None:
        link = self._spec.links[clue.link]
        held = self._spec.held_by(clue.machine)
        if held is None:
            raise ValueError(f"nobody holds machine {clue.machine}")
        home, uid = home_of(held), account_uid(clue.machine)
        name = f"link {clue.link}" if clue.live else f"stale {index}"
        phrase = self._secrets.token(f"phrase {index}", 8)
        leftover = left(
            clue.place,
            clue.path,
            words=self._words(link, live=clue.live),
            secret=_credential(self._secrets, link, name),
            seal=Seal(phrase=phrase, salt=self._secrets.octets(f"salt {index}", 8)),
        )
        for path, content in leftover.files:
            self._put(clue.machine, f"{home}/{path}", content, owner=uid)
        if leftover.environment:
            argv = ("/bin/sh", f"{home}/{clue.path}")
            job = Service(name=f"job-{index}", argv=argv, uid=uid, env=leftover.environment)
            self._services[clue.machine].append(job)
        if clue.place == "sealed":
            self._phrase(clue, phrase)

    def _phrase(self, clue: Clue, phrase: str) -> None:
        self._put(clue.machine, "/opt/site/sealed.py", _data("sealed"), mode=0o644)
        holder = self._spec.held_by(clue.phrase)
        if holder is None:
            raise ValueError(f"nobody holds machine {clue.phrase}")
        where = f"{self._spec.machines[clue.machine].name}:{clue.path}"
        words = f"passphrase of {where}, for sealed.py there\n{phrase}\n"
        path = f"{home_of(holder)}/{clue.phrase_path}"
        self._put(clue.phrase, path, words.encode(), owner=account_uid(clue.phrase))

    def _words(self, link: Link, *, live: bool) -> str:
        machine = link.side or (link.source if link.kind == "depot" else link.target)
        where = f"{self._spec.address(machine, link.subnet)} port {link.port}"
        what = {
            "runner": "job key",
            "ssh": "ssh key in base64",
            "shell": "password",
            "database": "reader's word",
            "gate": "key",
        }.get(link.kind, "key under which plans are sealed by HMAC-SHA256, hex in the first line")
        user = f", user {link.account}" if link.kind in {"ssh", "shell"} else ""
        return f"{what} for {link.name} on {where}{user}{'' if live else ' (before the last change of keys)'}"

    def _record(self) -> None:
        spec = self._spec
        line = f"{spec.label}: {self._secrets.answer}"
        if spec.store == "text":
            content = f"record {spec.record}\nstate: current\n{line}\n".encode()
        else:
            content = table("record", ("name", "content"), ((spec.record, "state: current"), (spec.record, line)))
        self._put(spec.final, record_path(spec), content, owner=account_uid(spec.final), mode=0o400)

    # -------------------------------------------------------------------------------------------------------- machines

    def _put(self, machine: int, path: str, content: bytes, *, owner: int = 0, mode: int = 0o600) -> None:
        self._files[machine][path] = File(content=content, owner=owner, mode=mode)

    def _python(self, machine: int, name: str, kind: str, settings: Mapping[str, object], uid: int) -> None:
        """Let a machine run one of our programs; it is awaited where its settings name a port."""
        self._put(machine, f"/opt/{name}/netkit.py", _data("netkit"), mode=0o644)
        self._put(machine, f"/opt/{name}/serve.py", _data(kind), mode=0o644)
        self._put(machine, f"/etc/{name}/settings.json", json.dumps(settings).encode(), owner=uid, mode=0o400)
        argv = ("python3", "-S", "-B", f"/opt/{name}/serve.py", f"/etc/{name}/settings.json")
        port = settings.get("port", 0)
        service = Service(name=name, argv=argv, uid=uid, port=port if isinstance(port, int) else 0)
        self._services[machine].append(service)

    def _host(self, machine: int) -> Host:
        spec, made = self._spec, self._spec.machines[machine]
        files = dict(self._files[machine])
        names = [f"127.0.0.1 localhost\n127.0.1.1 {made.name}"]
        if machine != FOOTHOLD:
            rows = [f"{name}:x:{uid}:{uid}::{home}:/bin/bash\n" for name, uid, home in self._accounts[machine]]
            files["/etc/passwd"] = File(content=(_ACCOUNTS + "".join(rows)).encode())
            names += [
                f"{spec.address(other, subnet)} {spec.machines[other].name}"
                for subnet in made.subnets
                for other, seen in enumerate(spec.machines)
                if subnet in seen.subnets
            ]
        files["/etc/hosts"] = File(content=("\n".join(names) + "\n").encode())
        prefix = {index: network.partition("/")[2] for index, network in enumerate(spec.subnets)}
        return Host(
            name=made.name,
            image=BASE,
            nics=tuple(
                Nic(
                    subnet=f"net{each}", address=ipaddress.ip_interface(f"{spec.address(machine, each)}/{prefix[each]}")
                )
                for each in made.subnets
            ),
            files=tuple(files.items()),
            services=tuple(self._services[machine]),
            limits=_DESK_LIMITS if machine == FOOTHOLD else LIMITS,
        )


def sealed_plan(seal: str, key: str, text: str) -> str:
    """Return a plan as a worker takes it."""
    if seal == "none":
        return text
    if seal == "digest":
        return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}"
    return f"{hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()}\n{text}"


def _restricted(link: Link, spec: PivotSpec) -> bool:
    """Say whether a key is taken from its holder's address only; behind a gate that is another's."""
    return link.trait("from") == "yes" and link.subnet in spec.machines[link.source].subnets


def _reading_verb(link: Link) -> str:
    verbs = link.trait("verbs").split()
    return {"cache": verbs[:1], "registry": verbs[1:2]}.get(link.kind, [""])[0]


def _data(name: str) -> bytes:
    folder = resources.files("trialplate.benchmark.families.network.pivot").joinpath("data")
    return folder.joinpath(f"{name}.py.tmpl").read_bytes()
