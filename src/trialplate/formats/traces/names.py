"""Names of functions without what differs between two builds: parameters, template arguments, compiler suffixes."""

from __future__ import annotations

import re
from typing import Final

from trialplate.formats.traces.model import MAX_NAME

_PIECES: Final = re.compile(r"[<>()\[\]{}]|[^<>()\[\]{}]+")
_OPENS: Final = {"<": ">", "(": ")", "[": "]", "{": "}"}
_CLOSES: Final = frozenset(_OPENS.values())

_OPERATOR: Final = re.compile(r"\boperator\s*(?:->\*?|<=>|<<=?|>>=?|<=?|>=?|\(\)|\[\]|new\[\]|delete\[\])")
"""The operators whose names hold brackets, which are no brackets of arguments."""

_BRACKETS: Final = "<>()[]"
_STAND_INS: Final = "\u2039\u203a\u207d\u207e\u2045\u2046"
_SPELLED: Final = str.maketrans(_BRACKETS, _STAND_INS)
_PLAIN: Final = str.maketrans(_STAND_INS, _BRACKETS)
"""Stand-ins for the brackets of an operator while brackets of arguments are taken out."""

_ANONYMOUS: Final = ("(anonymous namespace)::", "`anonymous namespace'::", "`anonymous-namespace'::", "{anonymous}::")
_THUNKS: Final = ("non-virtual thunk to ", "virtual thunk to ", "covariant return thunk to ", "[inlined] ")
_OFFSET: Final = re.compile(r"\+0x[0-9a-fA-F]+$")
_RUST_HASH: Final = re.compile(r"::h[0-9a-f]{16}$")
_CLONES: Final = frozenset(
    "isra part constprop cold lto_priv clone llvm __uniq localalias str resume destroy cleanup specialized".split()
)


def bare_name(function: str) -> str:
    """Return the name of `function` as it is in every build, or its module's base name where it is a path.

    Taken out: template arguments, parameters and what follows them, return types, anonymous namespaces, the words
    `thunk to`, an offset (`+0x1f`), the hash of a Rust name, and suffixes of clones (`.isra.0`, `.cold`,
    `[clone .part.1]`). A name of a lambda becomes the name of the function that it stands in. At most `MAX_NAME`
    characters are read, in time proportional to their number.
    """
    name = function[:MAX_NAME].strip()
    if name.startswith("/") or name[1:3] == ":\\":
        return base_name(name)
    for words in _ANONYMOUS:
        name = name.replace(words, "")
    for words in _THUNKS:
        name = name.removeprefix(words)
    name = _OPERATOR.sub(lambda found: found[0].translate(_SPELLED), name)
    name = _without_return_type(_without_arguments(name)).translate(_PLAIN)
    return _without_clones(_RUST_HASH.sub("", _OFFSET.sub("", name)))


def base_name(path: str) -> str:
    """Return the last part of a path of any system, without folders."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _without_arguments(name: str) -> str:
    """Return the text of `name` up to its parameters and outside template arguments.

    A bracket that closes nothing is passed over; one that is never closed swallows the rest, since the name was cut.
    """
    kept: list[str] = []
    waiting: list[str] = []
    for piece in _PIECES.findall(name):
        if waiting:
            if piece == waiting[-1]:
                waiting.pop()
            elif piece in _OPENS:
                waiting.append(_OPENS[piece])
        elif piece in {"(", "[", "{"} and kept:
            break
        elif piece in _OPENS:
            waiting.append(_OPENS[piece])
        elif piece not in _CLOSES:
            kept.append(piece)
    return "".join(kept).strip().removesuffix("::")


def _without_return_type(name: str) -> str:
    """Return `name` from its last word on, or from the word that holds `operator`, whose names have spaces."""
    before, found, after = name.partition("operator")
    if found and not (before[-1:].isalnum() or before.endswith("_")) and not (after[:1].isalnum() or after[:1] == "_"):
        return before.rpartition(" ")[2] + found + after
    return name.rpartition(" ")[2]


def _without_clones(name: str) -> str:
    parts = name.split(".")
    while len(parts) > 1 and parts[0] and (parts[-1] in _CLONES or parts[-1].isdecimal()):
        parts.pop()
    return ".".join(parts)
