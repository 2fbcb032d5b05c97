"""The beacon that an order hangs on: an operator's own draw, or a future round of drand that is read from a file.

Nothing is fetched. What a file says is checked as far as SHA-256 goes; the signature itself needs a BLS verifier.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import ClassVar, Final

import msgspec
from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records import Beacon

OPERATOR: Final = "operator"
_DRAND: Final = re.compile(r"drand:[0-9a-f]{64}:([1-9][0-9]{0,14})")
_DRAW: Final = re.compile(r"(?:[0-9a-f]{2}){16,64}")
_MOST_BYTES: Final = 1 << 16


class BeaconFileError(TrialplateError):
    """A beacon is malformed, or is not the round that the plan names."""

    exit_code: ClassVar[int] = 2


class _Round(Struct):
    """A round as drand's interface gives it; whatever else it says is passed over."""

    round: int
    randomness: str
    signature: str


def refuse_odd_beacon(source: str, seed: str) -> None:
    """Refuse a source that is none, and a draw that is none or goes with another source.

    Raises:
        BeaconFileError: for it.
    """
    if source != OPERATOR and not _DRAND.fullmatch(source):
        raise BeaconFileError(f"{source[:80]!r} is no beacon.", "Give operator, or drand:CHAIN:ROUND.")
    if seed and source != OPERATOR:
        raise BeaconFileError("--seed-beacon is an operator's draw.", "Leave it out, or use --beacon operator.")
    if seed and not _DRAW.fullmatch(seed):
        raise BeaconFileError("--seed-beacon is no draw.", "Give 32 to 128 lower-case hex digits.")


def read_beacon(source: str, path: Path) -> Beacon:
    """Return the round that a plan names, from a file.

    Raises:
        BeaconFileError: where the file holds another round, or a value that is not the hash of its signature.
    """
    match = _DRAND.fullmatch(source)
    if match is None:
        raise BeaconFileError("This plan takes its operator's own draw.", "Leave --beacon-file out.")
    try:
        with path.open("rb") as file:
            found = msgspec.json.decode(file.read(_MOST_BYTES), type=_Round)
        value, signature = bytes.fromhex(found.randomness), bytes.fromhex(found.signature)
    except (OSError, ValueError) as failure:
        raise BeaconFileError(f"{path} holds no round of drand ({failure}).", "Save the round as JSON.") from failure
    if found.round != int(match[1]):
        raise BeaconFileError(f"{path} holds round {found.round}, and the plan names {match[1]}.", "Give that round.")
    if hashlib.sha256(signature).digest() != value:
        raise BeaconFileError(f"The value in {path} is not the hash of its signature.", "Get the round again.")
    return Beacon(source=source, value=value.hex(), signature=signature.hex())
