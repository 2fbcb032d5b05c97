"""The transform in Python, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

from trialplate.benchmark.families.reversing.transform.armor import armored, bare
from trialplate.benchmark.families.reversing.transform.ciphers import Quarter, Speck, Tea
from trialplate.benchmark.families.reversing.transform.kinds import Kind, Setting
from trialplate.benchmark.families.reversing.transform.local import Bits, Permute, Rotate, Stream, Substitute
from trialplate.benchmark.families.reversing.transform.schedule import Keys, tag_of
from trialplate.benchmark.families.reversing.transform.solved import Linear, Lost, Matrix, Polynomial
from trialplate.benchmark.families.reversing.transform.spec import BLOCK, Part, Transform
from trialplate.benchmark.families.reversing.transform.spreading import Feedback, Halves, Ring, Sweep

_ALL: Final = (
    Sweep(), Feedback(), Halves(), Ring(), Tea(), Speck(), Quarter(), Substitute(), Stream(), Rotate(), Permute(),
    Bits(), Matrix(), Polynomial(), Linear(), Lost(),
)  # fmt: skip
KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.name: kind for kind in _ALL})
LOST: Final = Lost.name
_WORD: Final = 4


def salted(transform: Transform) -> Part | None:
    """Return the stage whose salt no header holds, if there is one."""
    return next((stage for stage in transform.stages if stage.kind == LOST), None)


def sealed(transform: Transform, master: bytes, text: bytes, nonce: bytes, salt: int = 0) -> bytes:
    """Return a text sealed by a master key, as the program would with this nonce and salt."""
    data = bytearray(text) + bytes([transform.filler]) * (-len(text) % BLOCK or (0 if text else BLOCK))
    values = {"length": len(text), "tag": tag_of(transform.tag, data)}
    for part, keys in key_words(transform, master, nonce, values):
        KINDS[part.kind].seal(part, data, keys, Setting(transform.shuffle, salt))
        if part.kind == LOST:
            values["check"] = Lost.check(part, salt, keys)
    header = b"".join(
        nonce if field == "nonce" else values[field].to_bytes(_WORD, _order(transform))
        for field in transform.header.fields
    )
    return armored(transform.armor, bytes.fromhex(transform.header.magic) + header + data)


def key_words(
    transform: Transform, master: bytes, nonce: bytes, values: Mapping[str, int]
) -> Iterator[tuple[Part, list[int]]]:
    """Yield the stages in order, each with its key words."""
    parts = {
        "master": master,
        "nonce": nonce,
        **{name: values[name].to_bytes(_WORD, "little") for name in ("length", "tag")},
    }
    schedule = Keys(transform.schedule, b"".join(parts[name] for name in transform.order))
    for part in transform.stages:
        yield part, schedule.take(KINDS[part.kind].words(part))


def taken_apart(transform: Transform, file: bytes) -> tuple[bytes, dict[str, int], bytes]:
    """Return a sealed file's nonce, the numbers of its header, and its body; ValueError where it is none."""
    data = bare(transform.armor, file)
    magic = bytes.fromhex(transform.header.magic)
    if not data.startswith(magic):
        raise ValueError("not a sealed file")
    at, nonce, values = len(magic), b"", dict[str, int]()
    for field in transform.header.fields:
        size = transform.header.nonce if field == "nonce" else _WORD
        piece, at = data[at : at + size], at + size
        if field == "nonce":
            nonce = piece
        else:
            values[field] = int.from_bytes(piece, _order(transform))
    body = data[at:]
    if not body or len(body) % BLOCK or values["length"] > len(body):
        raise ValueError("a sealed file of another length")
    return nonce, values, body


def opened(transform: Transform, master: bytes, file: bytes, salt: int = 0) -> bytes | None:
    """Return the text of a sealed file, or None where master key or salt are others; ValueError where it is none."""
    nonce, values, body = taken_apart(transform, file)
    data = bytearray(body)
    for part, keys in reversed(list(key_words(transform, master, nonce, values))):
        KINDS[part.kind].open(part, data, keys, Setting(transform.shuffle, salt))
    return bytes(data[: values["length"]]) if tag_of(transform.tag, data) == values["tag"] else None


def _order(transform: Transform) -> Literal["big", "little"]:
    return "big" if transform.header.big else "little"
