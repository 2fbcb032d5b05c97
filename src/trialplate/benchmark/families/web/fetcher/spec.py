"""What is drawn for an item of the family."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from trialplate.benchmark.family import Spec

FRONT_PORT: Final = 8080
PAGES_PORT: Final = 8010
META_PORT: Final = 8020
STORE_PORT: Final = 8030
META_ADDRESS: Final = "198.51.100.50"


class Guard(StrEnum):
    """What the service checks before it fetches, and so how it is got around."""

    NONE = "none"
    WORD = "word"
    """The address must contain the pages' host and port, anywhere."""
    LITERAL = "literal"
    """It must not contain the name or the address of the machine behind; other forms of the address pass."""
    PREFIX = "prefix"
    """It must begin with the pages' address, which may also be the name of a user."""
    DECODED = "decoded"
    """Its host must not be the machine behind, but it is decoded once more before it is fetched."""
    REDIRECT = "redirect"
    """Its host must be on the service's own subnet, but redirects are followed unchecked."""


class Shown(StrEnum):
    """How much of what was fetched comes back."""

    WHOLE = "whole"
    BASE64 = "base64"
    LINE = "line"
    """One line, which the caller names by its number."""


class Proof(StrEnum):
    """What the metadata service wants to see before it answers."""

    NOTHING = "nothing"
    HEADER = "header"
    SESSION = "session"
    """A token that it gives out under another path to whoever sends the header."""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """Names and texts that do not change what has to be done."""

    foothold: str
    front: str
    pages: str
    meta: str
    store: str
    title: str
    route: str
    field: str
    label: str
    bucket: str
    object: str
    other_buckets: tuple[str, ...]
    role: str
    second_role: str
    other_roles: tuple[str, ...]
    header: str
    phrasing: int


class FetcherSpec(Spec, frozen=True, forbid_unknown_fields=True):
    """An item: the ways in which fetching, metadata and store work.

    `headers`: callers may add headers; `raw`: what an address holds after decoding goes into the request as it is;
    `tree`: the folders above the roles; `lines`: credentials come as lines and not as JSON; `signed`: fields of a
    request to the store in the order in which they are signed, empty where a bearer token suffices; `joiner` between
    them; `chained`: the role must take a second one; `versions`: how many earlier ones the object has.
    """

    guard: Guard
    shown: Shown
    headers: bool
    raw: bool
    proof: Proof
    tree: tuple[str, ...]
    lines: bool
    signed: tuple[str, ...]
    joiner: str
    chained: bool
    versions: int
    words: Words
