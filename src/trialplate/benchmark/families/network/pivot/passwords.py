"""Passwords that follow a pattern, and the weak ways in which a database keeps them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from trialplate.benchmark.secrecy import Secrets

WORDS: Final = (
    "anchor basket candle donkey engine feather garden hammer island jacket kettle ladder magnet needle orchard pepper "
    "quarry ribbon saddle timber urchin velvet walnut yonder zephyr bottle copper dragon"
).split()
MARKS: Final = "!#+"


def compose(shape: str, word: str, digits: str, mark: str) -> str:
    """Return the password that a pattern makes of its parts."""
    parts = {"word": word, "Word": word.capitalize(), "digits": digits, "mark": mark}
    return "".join(parts[part] for part in shape.split())


def patterned(secrets: Secrets, name: str, traits: Mapping[str, str]) -> str:
    """Return a secret password that follows a database's pattern."""
    digits = int(traits["digits"])
    word = WORDS[secrets.below(f"{name} word", len(WORDS))]
    number = secrets.below(f"{name} digits", 10**digits)
    return compose(traits["shape"], word, f"{number:0{digits}}", MARKS[secrets.below(f"{name} mark", len(MARKS))])


def kept(traits: Mapping[str, str], salt: str, password: str) -> str:
    """Return what a database keeps of a password."""
    kind, order = traits["hash"], traits["order"]
    if order == "hmac":
        return hmac.new(salt.encode(), password.encode(), kind).hexdigest()
    before = salt if order in {"before", "both"} else ""
    after = salt if order in {"after", "both"} else ""
    return hashlib.new(kind, f"{before}{password}{after}".encode()).hexdigest()


def policy(traits: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the rows that tell how passwords are made and kept."""
    how = {
        "before": "{0} of salt and password",
        "after": "{0} of password and salt",
        "both": "{0} of salt, password and salt",
        "hmac": "hmac-{0} of the password under the salt",
    }[traits["order"]]
    return (
        (
            "pattern",
            traits["shape"].replace("digits", f"{traits['digits']} digits").replace("Word", "capitalized word"),
        ),
        ("words", " ".join(WORDS)),
        ("marks", " ".join(MARKS)),
        ("kept as", how.format(traits["hash"])),
    )
