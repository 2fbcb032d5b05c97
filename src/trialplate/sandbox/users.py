"""Find a user in a guest's own account files, which a guest may have written anything into. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from trialplate.sandbox.errors import SandboxError

_HIGHEST = 65_533


class UnknownUserError(SandboxError):
    """The host has no such user."""


@dataclass(frozen=True, kw_only=True)
class User:
    """A user of a host: ids and home folder."""

    uid: int
    gid: int
    home: str


ROOT = User(uid=0, gid=0, home="/root")


def find_user(passwd: str, name: str) -> User:
    """Return the user called `name`, or with that uid, from the text of an /etc/passwd.

    Raises:
        UnknownUserError: where there is none, or its line makes no sense.
    """
    for line in passwd.splitlines():
        fields = line.split(":")
        if len(fields) >= 6 and name in {fields[0], fields[2]}:  # noqa: PLR2004 name:password:uid:gid:comment:home
            return User(uid=_identifier(fields[2], name), gid=_identifier(fields[3], name), home=fields[5] or "/")
    if name.isdigit():
        return User(uid=_identifier(name, name), gid=_identifier(name, name), home="/")
    raise UnknownUserError(f"The host has no user {name!r}.", "Use a name or uid of its /etc/passwd.")


def _identifier(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _HIGHEST:
        raise UnknownUserError(f"The host's /etc/passwd gives {name!r} the id {text[:20]!r}.", "Use another user.")
    return int(text)
