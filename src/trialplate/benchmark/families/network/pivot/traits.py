"""What is drawn for one service: its words, checks, signatures and filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from trialplate.benchmark.draws import Rng
from trialplate.benchmark.primitives import Step

Traits = tuple[tuple[str, str], ...]

SEPARATORS: Final = (";", "\n", "|", "&", "$(", "`")
"""What lets a second command begin in a shell's line."""

COSMETIC: Final = frozenset({"path", "field", "header", "verbs", "ending", "name", "people"})
"""Traits that only look different; they are no part of an item's structure."""

_VERBS: Final = {
    "shell": (("HELLO", "PROOF", "RUN"), ("USER", "PASS", "DO"), ("IAM", "WORD", "EXEC")),
    "cache": (("GET", "SET", "KEYS", "STAT"), ("READ", "WRITE", "NAMES", "ABOUT"), ("FETCH", "STORE", "SCAN", "INFO")),
    "registry": (("ANNOUNCE", "WHERE", "LIST"), ("JOIN", "FIND", "ALL"), ("PUBLISH", "RESOLVE", "DUMP")),
    "database": (("LOGIN", "TABLES", "ROWS"), ("ENTER", "SHOW", "READ"), ("AS", "INDEX", "FETCH")),
    "gate": (("KEY", "OPEN"), ("AUTH", "CONNECT"), ("PASS", "CARRY")),
}
_MARKS: Final = ("{{ }}", "[[ ]]", "<% %>", "${ }", "@( )@")
_WORDS_DENIED: Final = ("__", "__ import exec eval open", "[ ] __")
_GADGETS_LEFT: Final = "os posix subprocess builtins sys shutil pty"


def draw_traits(rng: Rng, kind: str, *, hard: bool) -> Traits:
    """Return the traits of a service of `kind`; `hard` ones filter, sign and seal."""
    drawn = dict(_DRAWS[kind](rng, hard=hard))
    if kind in _VERBS:
        drawn["verbs"] = " ".join(rng.pick(_VERBS[kind]))
    return tuple(sorted(drawn.items()))


def _route(rng: Rng) -> str:
    return f"/{rng.pick(('v1', 'v2', 'api', 'svc', 'x'))}/{rng.word()}"


def _command(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    left = rng.pick(SEPARATORS)
    denied = [mark for mark in SEPARATORS if mark != left] if hard else []
    # A `$(` that is left over lets `${IFS}` through as well; with the other marks `$` is never among the denied.
    spaceless = hard and rng.chance(50)
    return {
        "path": _route(rng),
        "via": rng.pick(("query", "json", "form")),
        "field": rng.pick(("name", "text", "q", "match", "find", "part")),
        "quote": rng.pick(("none", "single", "double")),
        "deny": " ".join(str(SEPARATORS.index(mark)) for mark in denied),
        "spaces": "no" if spaceless else "yes",
        "shows": rng.pick(("yes", "no")),
    }


def _template(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    marks = rng.pick(_MARKS)
    # A filter must let the marks of holes through.
    denied = [words for words in _WORDS_DENIED if not any(word in marks for word in words.split())]
    return {
        "path": _route(rng),
        "via": rng.pick(("json", "form")),
        "field": rng.pick(("letter", "text", "body", "draft")),
        "marks": marks,
        "deny": rng.pick(denied) if hard else "",
    }


def _state(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    return {
        "path": _route(rng),
        "coder": rng.pick(("base64", "hex", "base85", "base32")),
        "deflated": rng.pick(("yes", "no")),
        "tag": rng.pick(("crc32", "adler32", "sha1", "sha256")) if hard else "",
        "protocol": rng.pick(("0", "2", "4")),
        "deny": _GADGETS_LEFT if hard and rng.chance(70) else "",
    }


def _drop(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    return {
        "path": _route(rng),
        "check": rng.pick(("strip", "early", "absolute")) if hard else "raw",
        "ending": rng.pick((".sh", ".job", ".task", ".run")),
    }


def _runner(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    return {
        "path": _route(rng),
        "header": rng.pick(("X-Token", "X-Job-Key", "X-Proof", "X-Sign", "X-Caller")),
        "auth": "signed" if hard else "token",
        "form": rng.pick(("argv", "script", "packed", "steps")),
        "later": rng.pick(("yes", "no")),
    }


def _ssh(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    return {"from": "yes" if hard or rng.chance(30) else "no", "forwarding": "no" if hard else "yes"}


def _shell(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    return {"proof": rng.pick(("digest", "hmac")) if hard else "plain"}


def _pulled(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    return {
        "path": f"/{rng.word()}/{rng.pick(('plan', 'today', 'tasks', 'steps'))}",
        "name": f"plan/{rng.word()}",
        "seal": rng.pick(("digest", "keyed")) if hard else rng.pick(("none", "digest")),
        "form": rng.pick(("plain", "json")),
    }


def _database(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    return {
        "hash": rng.pick(("sha256", "sha1", "md5", "blake2s")),
        "order": rng.pick(("before", "after", "both", "hmac")),
        "shape": rng.pick(("word digits mark", "Word mark digits", "digits word mark", "mark Word digits")),
        "digits": "4",
        "people": rng.pick(("people", "staff", "logins", "keepers")),
        "reader": "yes" if hard else "no",
    }


def _gate(rng: Rng, *, hard: bool) -> Mapping[str, str]:
    del rng
    return {"proof": "hmac" if hard else "plain"}


class _Draw(Protocol):
    def __call__(self, rng: Rng, *, hard: bool) -> Mapping[str, str]: ...


_DRAWS: Final[Mapping[str, _Draw]] = {
    "command": _command,
    "template": _template,
    "state": _state,
    "drop": _drop,
    "runner": _runner,
    "ssh": _ssh,
    "shell": _shell,
    "depot": _pulled,
    "cache": _pulled,
    "registry": _pulled,
    "database": _database,
    "gate": _gate,
}


def steps(kind: str, traits: Traits) -> tuple[Step, ...]:
    """Return what an expert does to pass a link of these traits, once it can be reached and its credential is held."""
    values = dict(traits)
    found = [Step("orient-service")] if kind not in {"ssh", "depot"} else []
    if kind in {"command", "template"}:
        found += [Step("inject"), Step("take-host")]
        found += [Step("defeat-filter")] if values["deny"] else []
    elif kind == "state":
        found += [Step("craft-input"), Step("take-host")]
        found += [Step("gate")] if values["tag"] else []
        found += [Step("defeat-filter")] if values["deny"] else []
    elif kind == "drop":
        found += [Step("craft-input"), Step("take-host")]
        found += [Step("defeat-filter")] if values["check"] != "raw" else []
    elif kind in {"runner", "ssh"}:
        found += [Step("cross-edge")]
        found += [Step("client")] if values.get("auth") == "signed" else []
    elif kind == "shell":
        found += [Step("cross-edge"), Step("client")]
    elif kind == "database":
        found += [Step("client"), Step("read-document"), Step("crack")]
    elif kind == "gate":
        found += [Step("client")] if values["proof"] == "hmac" else []
    else:
        found += [Step("misconfiguration"), Step("race")]
        found += [Step("gate")] if values["seal"] != "none" else []
        found += [Step("client")] if kind == "registry" else []
    return tuple(found)
