"""Where credentials are left: files of an account in eight kinds of place."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import io
import sqlite3
import tarfile
import zlib
from dataclasses import dataclass
from typing import Final

_STAMP: Final = "1767600000 +0000"
_ROUNDS: Final = 50_000
"""Of the key derivation in `data/sealed.py.tmpl`."""


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """What one credential leaves: files by their path below the home, and the environment of a program, if any."""

    files: tuple[tuple[str, bytes], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Seal:
    """What a sealed file is closed with."""

    phrase: str
    salt: bytes


def left(place: str, path: str, *, words: str, secret: str, seal: Seal) -> Leftover:
    """Return a credential as it is left in a kind of place; `words` says what it is for."""
    settings = f"# {words}\n[access]\nsecret = {secret}\n"
    match place:
        case "settings" | "note":
            return Leftover(files=((path, settings.encode()),))
        case "history":
            text = f"cd /tmp\ndf -h\n# {words}\nexport SECRET={secret}\nls -l\nexit\n"
            return Leftover(files=((path, text.encode()),))
        case "backup":
            return Leftover(files=((path, _archive({"conf/access.ini": settings, "conf/motd": "welcome\n"})),))
        case "environ":
            script = "#!/bin/sh\nwhile :; do sleep 50; done\n"
            return Leftover(
                files=((path, script.encode()),), environment=(("ACCESS_NOTE", words), ("ACCESS_SECRET", secret))
            )
        case "table":
            return Leftover(files=((path, table("access", ("words", "secret"), ((words, secret),))),))
        case "repository":
            return Leftover(files=tuple((f"{path}/{name}", data) for name, data in _repository(settings)))
        case _:
            return Leftover(files=((path, sealed(settings.encode(), seal)),))


def reading(place: str, path: str, *, phrase: str) -> str:
    """Return the shell command that shows what was left in a place, for whoever holds the account."""
    return {
        "settings": f"cat {path}",
        "note": f"cat {path}",
        "history": f"cat {path}",
        "backup": f"tar xzOf {path}",
        "environ": "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -a ^ACCESS_",
        "table": f"sqlite3 {path} '.dump access'",
        "repository": f"git -C {path} log -p",
        "sealed": f"echo {phrase} | python3 /opt/site/sealed.py {path}",
    }[place]


def table(name: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Return an SQLite database of one table."""
    return tables(((name, columns, rows),))


def tables(content: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]], ...]) -> bytes:
    """Return an SQLite database of some tables of text."""
    base = sqlite3.connect(":memory:")
    try:
        for name, columns, rows in content:
            base.execute(f"create table {name} ({', '.join(f'{column} text' for column in columns)})")
            filling = ", ".join("?" * len(columns))
            base.executemany(f"insert into {name} values ({filling})", rows)  # noqa: S608 the names are our own
        base.commit()
        return base.serialize()
    finally:
        base.close()


def sealed(text: bytes, seal: Seal) -> bytes:
    """Return a file that `sealed.py` opens with the passphrase."""
    key = hashlib.pbkdf2_hmac("sha256", seal.phrase.encode(), seal.salt, _ROUNDS)
    blocks = (hashlib.sha256(key + at.to_bytes(4, "big")).digest() for at in range(-(-len(text) // 32)))
    body = bytes(a ^ b for a, b in zip(text, b"".join(blocks), strict=False))
    mark = hmac.digest(key, body, "sha256")
    return "\n".join(part.hex() for part in (seal.salt, mark, body)).encode() + b"\n"


def _archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _repository(settings: str) -> tuple[tuple[str, bytes], ...]:
    """Return a git repository whose first commit has the settings and whose second takes them out."""
    objects: dict[str, bytes] = {}

    def put(kind: str, body: bytes) -> str:
        data = f"{kind} {len(body)}\0".encode() + body
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        objects[f".git/objects/{name[:2]}/{name[2:]}"] = zlib.compress(data)
        return name

    def tree(entries: tuple[tuple[str, str], ...]) -> str:
        return put("tree", b"".join(f"100644 {name}\0".encode() + bytes.fromhex(blob) for name, blob in entries))

    def commit(tree_name: str, parent: str, words: str) -> str:
        who = f"keeper <keeper@yard.example> {_STAMP}"
        above = f"parent {parent}\n" if parent else ""
        return put("commit", f"tree {tree_name}\n{above}author {who}\ncommitter {who}\n\n{words}\n".encode())

    readme = put("blob", b"Scripts of the night shift.\n")
    first = commit(tree((("README", readme), ("access.ini", put("blob", settings.encode())))), "", "begin")
    second = commit(tree((("README", readme),)), first, "take the settings out")
    return (
        (".git/HEAD", b"ref: refs/heads/main\n"),
        (".git/config", b"[core]\n\trepositoryformatversion = 0\n\tbare = false\n"),
        (".git/refs/heads/main", f"{second}\n".encode()),
        *objects.items(),
        ("README", b"Scripts of the night shift.\n"),
    )
