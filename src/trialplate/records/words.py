"""Foreign words in messages: what a library says of a document quotes parts of it, which can be hostile. Pure."""

from __future__ import annotations

from typing import Final

MOST_SAID: Final = 200
"""Characters that a message quotes of what a library says."""


def plain(text: str) -> str:
    """Return a text in printable ASCII, everything else escaped."""
    return "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in text)


def said(error: Exception) -> str:
    """Return what a library says of a document, in printable ASCII and cut, without a full stop of its own."""
    return plain(str(error)[:MOST_SAID])[:MOST_SAID].rstrip(".")
