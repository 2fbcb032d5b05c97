"""The machine: all mechanisms put together, the accounts, and the record."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from trialplate.benchmark.families.network.leads import texts
from trialplate.benchmark.families.network.leads.mechanisms import built
from trialplate.benchmark.families.network.leads.pieces import Grant, Pieces, Site, source, token_of
from trialplate.benchmark.families.network.leads.residents import unit_path
from trialplate.benchmark.families.network.leads.spec import LeadsSpec
from trialplate.benchmark.family import BASE, Blueprint, Compiled, Recipe
from trialplate.benchmark.secrecy import Secrets
from trialplate.sandbox import File, Host, Scenario, Service

_HELPERS: Final = ("become", "runas")
_PREPARE: Final = "/root/prepare.py"
_HOSTD: Final = "/usr/local/sbin/hostd"
_SETUID: Final = 0o4755
_CLOSED: Final = 0o600


def blueprint(spec: LeadsSpec, secrets: Secrets, *, patched: bool) -> Blueprint:
    """Return the machine; `patched`, with one link of the chain built soundly."""
    all_pieces: list[Pieces] = []
    for link, real in spec.placed():
        site = Site(spec, secrets, link, weak=real and not (patched and link == spec.chain[spec.closed]))
        built(site)
        all_pieces.append(site.pieces)
    files = {path: content for pieces in all_pieces for path, content in pieces.files.items()}
    # Units come before the rights that mechanisms give them, and those of folders before what lies in them.
    grants = [
        *_common_grants(spec),
        *_unit_grants(all_pieces),
        *(grant for each in all_pieces for grant in each.grants),
    ]
    files |= _common_files(spec, secrets, all_pieces, grants)
    host = Host(
        name=spec.host,
        image=BASE,
        # Everything is closed until its rights are set.
        files=tuple((path, File(content=content, mode=_CLOSED)) for path, content in files.items()),
        services=(
            Service(
                name="hostd",
                argv=("/bin/sh", "-c", f"python3 {_PREPARE} && exec python3 {_HOSTD}"),
                port=spec.port,
            ),
        ),
        setuid=True,
    )
    compiled = tuple(each for pieces in all_pieces for each in pieces.compiled)
    return Blueprint(
        scenario=Scenario(hosts=(host,), foothold=spec.host),
        compiled=(*compiled, *(_helper(spec, name) for name in _HELPERS)),
    )


def _helper(spec: LeadsSpec, name: str) -> Compiled:
    command = "gcc -O1 -w -s -Wl,--build-id=none -o out main.c"
    build = Recipe(sources=(("main.c", source(f"{name}.c").encode()),), command=command, output="out")
    return Compiled(host=spec.host, path=f"/usr/local/bin/{name}", recipe=build, mode=_SETUID)


def _common_grants(spec: LeadsSpec) -> list[Grant]:
    """Return the rights of homes, of the record and of what the services read."""
    owner, people = spec.owner.name, spec.accounts[1:]
    folder = spec.record.rpartition("/")[0]
    return [
        *(Grant(account.home, account.name, account.name, 0o700, folder=True) for account in people),
        *(Grant(f"{account.home}/.access", account.name, account.name, 0o600) for account in people),
        Grant(folder, owner, owner, 0o700, folder=True),
        Grant(spec.record, owner, owner, 0o600),
        Grant(spec.draft, "root", "root", 0o644),
        *(
            Grant(path, "root", "root", 0o755, folder=True)
            for path in ("/etc/hostd", "/etc/hostd/units", "/etc/become")
        ),
        *(Grant(path, "root", "root", 0o644) for path in ("/etc/hostd/timetable", "/etc/runas.rules", _HOSTD)),
        Grant("/etc/become/access", "root", "root", 0o600),
    ]


def _unit_grants(all_pieces: list[Pieces]) -> list[Grant]:
    units = [(account, name) for pieces in all_pieces for account, name, _ in pieces.units]
    return [
        *(
            Grant(unit_path(account, "x").rpartition("/")[0], "root", "root", 0o755, folder=True)
            for account, _ in units
        ),
        *(Grant(unit_path(account, name), "root", "root", 0o644) for account, name in units),
    ]


def _common_files(
    spec: LeadsSpec, secrets: Secrets, all_pieces: list[Pieces], grants: list[Grant]
) -> Mapping[str, bytes]:
    """Return the record, its old copy, credentials, and what the services of the machine read."""
    people = spec.accounts[1:]
    made = [(account.name, account.uid, account.home) for account in people if account.uid]
    rows = [(grant.path, grant.owner, grant.group, grant.mode, grant.folder) for grant in grants]
    jobs = [
        "# SECONDS ACCOUNT COMMAND",
        "30 root /usr/bin/find /var/log -name '*.status' -size +64k -delete",
        *(job for pieces in all_pieces for job in pieces.jobs),
    ]
    rules = ["# CALLER ACCOUNT VARIABLE COMMAND", *(rule for pieces in all_pieces for rule in pieces.rules)]
    units = {unit_path(account, name): text for pieces in all_pieces for account, name, text in pieces.units}
    words = {f"{account.home}/.access": f"{token_of(secrets, account, '')}\n" for account in people}
    table = "".join(f"{account.name}:{token_of(secrets, account, '')}\n" for account in people)
    content = {
        spec.record: texts.record(spec, secrets.answer),
        spec.draft: texts.draft(spec, _withdrawn(secrets)),
        "/etc/hostd/timetable": "\n".join([*jobs, ""]),
        "/etc/runas.rules": "\n".join([*rules, ""]),
        "/etc/become/access": table,
        _PREPARE: source("prepare.py", accounts=repr(made), grants=repr(rows)),
        _HOSTD: source("hostd.py", port=spec.port),
        **units,
        **words,
    }
    return {path: text.encode() for path, text in content.items()}


def _withdrawn(secrets: Secrets) -> str:
    """Return a value of the form of an answer that is none."""
    text = base64.b32encode(secrets.octets("withdrawn", 15)).decode()
    return "-".join(text[at : at + 6] for at in range(0, len(text), 6))
