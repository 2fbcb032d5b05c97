"""What a mechanism puts on the machine."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from string import Template
from typing import Final

from trialplate.benchmark.families.network.leads.spec import AGENT_ACCOUNT, Account, LeadsSpec, Link
from trialplate.benchmark.family import Compiled, Recipe
from trialplate.benchmark.secrecy import Secrets

AGENT_NAME: Final = "agent"
_SETUID: Final = 0o6755


@dataclass(frozen=True)
class Grant:
    """Owner, group (names of accounts) and mode of a path, set before anything runs; a folder is made."""

    path: str
    owner: str
    group: str
    mode: int
    folder: bool = False


@dataclass
class Pieces:
    """Files by path, rights, lines of the timetable, units by account and name, rules, and programs to compile."""

    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    grants: list[Grant] = field(default_factory=list[Grant])
    jobs: list[str] = field(default_factory=list[str])
    units: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    rules: list[str] = field(default_factory=list[str])
    compiled: list[Compiled] = field(default_factory=list[Compiled])


class Site:
    """The place that a link is built on: names, and helpers that give paths their contents and rights.

    `weak` says whether the link's mistake is there; a sound one looks the same from afar.
    """

    def __init__(self, spec: LeadsSpec, secrets: Secrets, link: Link, *, weak: bool) -> None:
        self.spec = spec
        self.secrets = secrets
        self.link = link
        self.weak = weak
        self.pieces = Pieces()
        self.folder = link.folder
        self.source: Account = spec.accounts[link.source]
        self.target: Account = spec.accounts[link.target]
        # The target's own jobs work in here, and of all others only the source may enter.
        mode = 0o755 if link.source == AGENT_ACCOUNT else 0o750
        self.grant(self.folder, self.target.name, self.source.name, mode, folder=True)

    def text(self, template: str, **holes: object) -> str:
        """Return one of the sources, told who and where."""
        names = {"name": self.link.name, "folder": self.folder, "target": self.target.name, "status": self.status}
        return source(f"kinds/{template}", **{**names, **holes})

    @property
    def status(self) -> str:
        """Return the file that the service keeps its state in for everybody to see."""
        return f"/var/log/{self.link.name}.status"

    def put(self, path: str, content: str | bytes, *, owner: str = "root", mode: int = 0o644) -> str:
        """Place a file and return its path."""
        self.pieces.files[path] = content.encode() if isinstance(content, str) else content
        self.grant(path, owner, owner, mode)
        return path

    def make(self, path: str, *, owner: str = "root", group: str = "", mode: int = 0o755) -> str:
        """Place a folder and return its path."""
        self.grant(path, owner, group or owner, mode, folder=True)
        return path

    def grant(self, path: str, owner: str, group: str, mode: int, *, folder: bool = False) -> None:
        """Set the rights of a path; the last word counts."""
        self.pieces.grants.append(Grant(path, owner, group, mode, folder))

    def loosen(self, path: str, *, folder: bool = False) -> None:
        """Let the source write a path, for the reason that was drawn, where the link is weak."""
        if not self.weak:
            return
        extra = 0o111 if folder or path.endswith((".sh", ".py")) else 0
        match self.link.grant:
            case "owner":
                self.grant(path, self.source.name, self.source.name, 0o644 | extra, folder=folder)
            case "group":
                self.grant(path, "root", self.source.name, 0o664 | extra, folder=folder)
            case _:
                self.grant(path, "root", "root", 0o666 | extra, folder=folder)

    def job(self, command: str) -> None:
        """Have the scheduler run a command as the target, again and again; it keeps its status file up to date."""
        self.put(self.status, "", owner=self.target.name)
        self.pieces.jobs.append(f"{self.link.seconds} {self.target.name} {command}")

    def compile(self, path: str, code: str, *, flags: str = "", setuid: bool = True) -> str:
        """Have a program compiled to `path`; with `setuid` it runs with the target's ids."""
        build = Recipe(
            sources=(("main.c", code.encode()),),
            command=f"gcc -O1 -w -s -Wl,--build-id=none {flags} -o out main.c",
            output="out",
        )
        self.pieces.compiled.append(Compiled(host=self.spec.host, path=path, recipe=build))
        owner = self.target.name if setuid else "root"
        self.grant(path, owner, owner, _SETUID if setuid else 0o755)
        return path

    def token(self, what: str = "") -> str:
        """Return the target's credential, or with a word another one that opens nothing."""
        return token_of(self.secrets, self.target, what)


def database(rows: list[tuple[str, str, str]]) -> bytes:
    """Return a database of accounts for services, as SQLite keeps it in a file."""
    base = sqlite3.connect(":memory:")
    try:
        base.execute("CREATE TABLE accounts (service TEXT, account TEXT, access TEXT)")
        base.executemany("INSERT INTO accounts VALUES (?, ?, ?)", rows)
        base.commit()
        return base.serialize()
    finally:
        base.close()


def token_of(secrets: Secrets, account: Account, what: str = "") -> str:
    """Return the credential of an account; with a word, one that only looks like it."""
    return secrets.token(f"token {account.name} {what}", 12)


@cache
def _template(path: str) -> Template:
    folder = resources.files("trialplate.benchmark.families.network.leads").joinpath("data")
    return Template(folder.joinpath(f"{path}.tmpl").read_text())


def source(path: str, **holes: object) -> str:
    """Return a source with its holes filled."""
    return _template(path).substitute(holes)
