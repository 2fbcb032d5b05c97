"""Mutations of JSON documents that stay JSON: bytes changed at random seldom do, and never reach what is behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from tests.formats.intake.test_hostile import inner_places

_ODD: Final = (None, True, False, -1, 0, 1, 2**63, 1e308, "", "\x00", "\ud800", "9" * 40)
"""Values that are right in few places."""


def changed(data: bytes, words: Sequence[str], rng: Random) -> bytes:
    """Return a JSON document with one to four changes, or the same bytes where they are no document.

    A change puts a word, an odd value or a copy of another part in a place, adds it, or takes a part away.
    """
    try:
        whole: list[Any] = [json.loads(data)]
        for _ in range(rng.randint(1, 4)):
            _change(whole, words, rng)
        return json.dumps(whole[0]).encode()
    except (ValueError, RecursionError):
        return data


def _change(whole: list[Any], words: Sequence[str], rng: Random) -> None:
    places = list(inner_places(whole))
    container, key = rng.choice(places)
    other, name = rng.choice(places)
    # Written and read again, so that a document never holds one of its parts within itself.
    part = json.loads(json.dumps(other[name]))
    value = rng.choice((rng.choice(words), rng.choice(_ODD), part, [part], {rng.choice(words): part}))
    match rng.randrange(3):
        case 0 if container is not whole:
            del container[key]
        case 1 if isinstance(container[key], dict):
            container[key][rng.choice(words)] = value
        case 1 if isinstance(container[key], list):
            container[key].insert(rng.randint(0, len(container[key])), value)
        case _:
            container[key] = value
