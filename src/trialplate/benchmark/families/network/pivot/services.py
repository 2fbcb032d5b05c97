"""How each service is set up: what its settings say, and the files that it works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trialplate.benchmark.families.network.pivot import passwords, texts
from trialplate.benchmark.families.network.pivot.leftovers import tables
from trialplate.benchmark.families.network.pivot.spec import Link, PivotSpec
from trialplate.benchmark.families.network.pivot.traits import SEPARATORS
from trialplate.benchmark.secrecy import Secrets

_SAYS: Final = {"yes": True, "no": False}
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """The settings of a service, and files of its account: path, content and mode."""

    settings: Mapping[str, object]
    files: tuple[tuple[str, bytes, int], ...] = ()


def old_code(secrets: Secrets) -> str:
    """Return the superseded code that the archive holds: of the answer's form, and wrong."""
    text = "".join(_LETTERS[octet % len(_LETTERS)] for octet in secrets.octets("old code", 24))
    return "-".join(text[at : at + 6] for at in range(0, len(text), 6))


class Services:
    """Sets up the services of an attempt at an item."""

    def __init__(self, spec: PivotSpec, secrets: Secrets) -> None:
        self._spec, self._secrets = spec, secrets

    def setup(self, link: Link, name: str, *, repaired: bool) -> Setup:
        """Return how the service of a link is set up; `name` is that of its secret, `repaired` that it is sound."""
        trait = link.trait
        common = {"path": trait("path"), "via": trait("via"), "field": trait("field"), "direct": repaired}
        match link.kind:
            case "command":
                return self._lookup(link, common)
            case "template":
                values = {"marks": trait("marks").split(), "deny": trait("deny").split(), "values": texts.VALUES}
                return Setup(settings={**common, **values})
            case "state":
                return Setup(settings={**common, **_board(link)})
            case "drop":
                home = f"/srv/{link.name}"
                check = "base" if repaired else trait("check")
                files = tuple((f"{home}/{folder}/.kept", b"", 0o600) for folder in ("inbox", "jobs"))
                return Setup(settings={**common, "home": home, "check": check, "ending": trait("ending")}, files=files)
            case "database":
                return self._database(link, name, repaired=repaired)
            case _:
                return Setup(settings={**common, **self._keyed(link, self._secrets.token(name))})

    def _keyed(self, link: Link, key: str) -> Mapping[str, object]:
        """Return what a service needs that is opened by a key."""
        if link.kind == "runner":
            stale = self._stale(link)
            more = {each: link.trait(each) for each in ("header", "auth", "form")}
            keys = [[key, "run"], *([each, "read"] for each in stale)]
            return {**more, "later": _SAYS[link.trait("later")], "keys": keys}
        talk = {"verbs": link.trait("verbs").split(), "proof": link.trait("proof")}
        if link.kind == "gate":
            return {**talk, "inner": self._spec.subnets[link.subnet + 1], "key": key}
        users = self._users(link) if self._spec.cracked(link) else ((link.account, key, True),)
        return {**talk, "users": users}

    def _lookup(self, link: Link, common: Mapping[str, object]) -> Setup:
        rows: list[str] = list(texts.ROWS)
        if any(extra.role == "archive" and extra.link == link for extra in self._spec.extras):
            rows.append(f"record {self._spec.record}, superseded, {self._spec.label}: {old_code(self._secrets)}")
        records = f"/srv/{link.name}/rows.txt"
        deny = [SEPARATORS[int(mark)] for mark in link.trait("deny").split()]
        deny += [" ", "\t"] if link.trait("spaces") == "no" else []
        quote = {"none": "", "single": "'", "double": '"'}[link.trait("quote")]
        more = {"quote": quote, "deny": deny, "shows": _SAYS[link.trait("shows")], "records": records}
        return Setup(settings={**common, **more}, files=((records, ("\n".join(rows) + "\n").encode(), 0o400),))

    def _stale(self, link: Link) -> list[str]:
        """Return a key of former times that a job service still lets look, but not run."""
        stale = ((at, clue) for at, clue in enumerate(self._spec.clues) if not clue.live)
        return [self._secrets.token(f"stale {at}") for at, clue in stale if self._spec.links[clue.link] == link][:1]

    def _database(self, link: Link, name: str, *, repaired: bool) -> Setup:
        traits, base = dict(link.traits), f"/srv/{link.name}/base.db"
        shell = self._spec.links[self._spec.links.index(link) + 1]
        people: list[tuple[str, ...]] = []
        for user, password, active in self._users(shell):
            salt = self._secrets.token(f"salt {user}", 6)
            # A repaired database keeps passwords that follow no pattern.
            held = self._secrets.token(f"unpatterned {user}") if repaired else password
            people.append((user, salt, passwords.kept(traits, salt, held), "open" if active else "closed"))
        place = (
            f"{self._spec.machines[shell.target].name} {self._spec.address(shell.target, shell.subnet)} {shell.port}"
        )
        content = (
            (traits["people"], ("name", "salt", "secret", "state"), tuple(people)),
            ("policy", ("what", "says"), passwords.policy(traits)),
            ("uses", ("service", "place"), ((shell.name, place),)),
        )
        reader = self._secrets.token(name) if traits["reader"] == "yes" else ""
        settings = {"verbs": link.trait("verbs").split(), "file": base, "reader": reader, "people": traits["people"]}
        return Setup(settings=settings, files=((base, tables(content), 0o400),))

    def _users(self, shell: Link) -> tuple[tuple[str, str, bool], ...]:
        """Return names, passwords and whether they open it, of a shell whose database comes before it."""
        traits = dict(self._spec.links[self._spec.links.index(shell) - 1].traits)
        users = ((f"old-{shell.account}", False), (shell.account, True), ("audit", False))
        return tuple(
            (user, passwords.patterned(self._secrets, f"user {user}", traits), active) for user, active in users
        )


def _board(link: Link) -> Mapping[str, object]:
    return {
        "coder": link.trait("coder"),
        "tag": link.trait("tag"),
        "deflated": _SAYS[link.trait("deflated")],
        "protocol": int(link.trait("protocol")),
        "deny": link.trait("deny").split(),
        "board": texts.BOARD,
    }
