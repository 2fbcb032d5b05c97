"""Check an assessment's bundle without trust in whoever made it: `python verify.py BUNDLE`.

This is one file on purpose. It needs Python 3.11 and `cryptography`, works alone on any machine, and shares no code
with the rest of Trialplate: it is a second implementation of docs/formats/bundle.md, record.md, checkpoint.md and
decision.md. It reads one folder, opens no connection and writes nothing but its answer.

In: a folder from anywhere, and what the caller trusts (keys, a checkpoint of the log that was kept).
Out: `check` returns a `Report`; `run` prints it. Exit status 0: verified or self-consistent, 1: refused, 2: called
wrongly.
Rules: whatever does not hold refuses the whole bundle; what is not there or was not checked is said to be so; no text
of a bundle reaches a terminal but in printable ASCII.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TextIO, TypeVar, cast, get_args, get_origin, get_type_hints

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_T = TypeVar("_T")

VERIFIED: Final = "verified against YOUR anchor"
SELF_CONSISTENT: Final = "self-consistent, signer unknown"
REFUSED: Final = "refused"

HOLDS: Final = "holds"
NOT_HERE: Final = "not here"
BY_WORD: Final = "by word of the operator"

_MIB: Final = 1 << 20
_MOST_FILE: Final = 64 * _MIB
_MOST_NOTE: Final = 1 << 16
_MOST_HEADER: Final = _MIB
_MOST_BODY: Final = 16 * _MIB
_MOST_ENVELOPE: Final = 2 * _MIB
_MOST_VALUES: Final = 1 << 22
"""Values that one JSON text may hold, so that no text of the allowed length fills the memory."""
_MOST_INTEGER: Final = 2**53 - 1
_DEEPEST: Final = 32
_MOST_KEYS: Final = 16
_MOST_NOTE_LINES: Final = 64
_MOST_SIGNATURES: Final = 16
_MOST_PLACES: Final = 4096
_MOST_ATTEMPTS: Final = 3
_MOST_NAMES: Final = 64
_MOST_NAME: Final = 128
_MOST_ORDINAL: Final = 2**31 - 1
_HASH_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_NOTE_HASH_BYTES: Final = 4
_HUNDRED: Final = 100
_SHOWN: Final = 100

FILES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "MANIFEST": _MOST_ENVELOPE,
        "README.txt": _MOST_FILE,
        "bank.json": _MOST_FILE,
        "characteristics.json": _MOST_FILE,
        "checkpoint": _MOST_NOTE,
        "criteria.json": _MOST_FILE,
        "draft.json": _MOST_BODY + 1,
        "proofs.json": _MOST_FILE,
        "records.jsonl": _MOST_FILE,
        "report.html": _MOST_FILE,
        "table.json": _MOST_FILE,
    }
)
"""The files of a bundle, and the most bytes that each may have."""


class Refusal(Exception):  # noqa: N818 - it is a verdict on the bundle and no error of this program
    """Something of a bundle does not hold. Its one argument is a sentence that says what and where.

    It derives from no class of Trialplate, because this file must work where Trialplate is not.
    """


class CallError(Exception):
    """The program was called with something that it cannot use; the bundle was not looked at."""


# ------------------------------------------------------------------------------------------- what is said at the end


@dataclass(frozen=True)
class Finding:
    """One line of a report: what was looked at, and `HOLDS`, `NOT_HERE` or `BY_WORD`."""

    what: str
    state: str


@dataclass(frozen=True)
class PlanLine:
    """A plan of the subject: its number, when it was made by its author's clock, and how it ended."""

    number: int
    at: str
    state: str


@dataclass(frozen=True)
class Report:
    """How a check ended.

    `ending` is `VERIFIED`, `SELF_CONSISTENT` or `REFUSED`; `why` one sentence on it; `answer` one sentence on what the
    assessment says, empty where the bundle is refused; `signers` the ids of the keys that signed MANIFEST and records;
    `advice` how to know more. Texts hold printable ASCII only.
    """

    ending: str
    why: str
    answer: str = ""
    findings: tuple[Finding, ...] = ()
    plans: tuple[PlanLine, ...] = ()
    signers: tuple[str, ...] = ()
    advice: str = ""


def shown(text: object) -> str:
    """Return what a bundle says, fit for a terminal: printable ASCII, everything else escaped, 100 characters."""
    plain = str(text)
    cut = plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}..."
    return "".join(char if " " <= char <= "~" else ascii(char)[1:-1] for char in cut)


# ----------------------------------------------------------------------------------------------------- canonical JSON


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of a value whose keys are ASCII and whose numbers are integers below 2**53.

    For such keys the order by code point is the order by UTF-16 that the RFC wants.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode()


def parse(data: bytes, what: str) -> object:
    """Return the value that `data` is the canonical form of.

    Raises:
        Refusal: for anything else: repeated or unsorted keys, floats, white space, deep nesting, too many values.
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MOST_VALUES:
        raise Refusal(f"{what} holds more than {_MOST_VALUES} values.")
    try:
        value: object = json.loads(data.decode(), parse_float=_no_float, parse_constant=_no_float)
        _check_plain(value, what)
        same = canonical(value) == data
    except (ValueError, RecursionError):
        raise Refusal(f"{what} is not JSON of the kind that records are written in.") from None
    if not same:
        raise Refusal(f"{what} is not in canonical form.")
    return value


def parse_file(data: bytes, what: str) -> object:
    """Return the value of a JSON file: its canonical form and a newline."""
    if not data.endswith(b"\n"):
        raise Refusal(f"{what} does not end in a newline.")
    return parse(data[:-1], what)


def _no_float(text: str) -> object:
    raise ValueError(text)


def _check_plain(value: object, what: str) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                # Another implementation could sort keys beyond ASCII in another order; no format has one.
                named = cast("dict[str, object]", each)
                if not all(key.isascii() for key in named):
                    raise Refusal(f"{what} has a field whose name is not ASCII.")
                below += named.values()
            elif isinstance(each, list):
                below += cast("list[object]", each)
            elif isinstance(each, int) and abs(each) > _MOST_INTEGER:
                raise Refusal(f"{what} holds an integer beyond 2^53 - 1.")
        if not below:
            return
        level = below
    raise Refusal(f"{what} is nested deeper than {_DEEPEST} levels.")


# ------------------------------------------------------------------------------------------------ values with a shape


@dataclass(frozen=True)
class Must:
    """A rule of a value beside its type."""

    says: str
    holds: Callable[[Any], bool]


def _like(pattern: str, says: str) -> Must:
    compiled = re.compile(pattern)
    return Must(says, lambda text: compiled.fullmatch(text) is not None)


def _between(low: int, high: int) -> Must:
    return Must(f"{low} to {high}", lambda number: low <= number <= high)


def _long(least: int, most: int) -> Must:
    return Must(f"{least} to {most} values", lambda values: least <= len(values) <= most)


def _is_moment(text: str) -> bool:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text) is None:
        return False
    with suppress(ValueError):
        datetime.fromisoformat(f"{text[:-1]}+00:00")
        return True
    return False


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _MOST_NAME and text.isprintable() and text == text.strip()


def _is_set(names: Sequence[str]) -> bool:
    return list(names) == sorted(set(names)) and len(names) <= _MOST_NAMES


Hash = Annotated[str, _like(r"[0-9a-f]{64}", "64 lower-case hex digits")]
Short = Annotated[str, _like(r"[0-9a-f]{32}", "32 lower-case hex digits")]
Digest = Annotated[str, _like(r"(?:[0-9a-f]{2}){1,128}", "1 to 128 bytes in lower-case hex")]
MaybeHash = Annotated[str, _like(r"(?:[0-9a-f]{64})?", "64 lower-case hex digits, or empty")]
MaybeDigest = Annotated[str, _like(r"(?:[0-9a-f]{2}){0,1024}", "lower-case hex, or empty")]
Number = Annotated[str, _like(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9})?", "a decimal number")]
Words = Annotated[str, Must("a text that says something", lambda text: bool(text.strip()))]
Count = Annotated[int, Must("0 or more", lambda number: number >= 0)]
Positive = Annotated[int, Must("1 or more", lambda number: number >= 1)]
Percent = Annotated[int, _between(1, _HUNDRED)]
Moment = Annotated[str, Must("a moment in UTC, as in 2026-12-07T00:00:00Z", _is_moment)]
PartyName = Annotated[str, Must("1 to 128 printable characters", _is_name)]
OfficeName = Annotated[str, Must("empty or 1 to 128 printable characters", lambda text: not text or _is_name(text))]
Step = Annotated[str, _like(r"[a-z][a-z0-9_.-]{0,63}", "1 to 64 of a-z, 0-9 and '_.-'")]
LabelName = Annotated[str, _like(r"[A-Za-z0-9](?:[A-Za-z0-9 ,._:/-]{0,126}[A-Za-z0-9])?", "a name in a label")]
LabelNames = Annotated[tuple[LabelName, ...], Must("a sorted set of at most 64 names", _is_set)]
ItemId = Annotated[str, _like(r"[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits and '._-'")]
PublicKey = Annotated[str, _like(r"ed25519:[0-9a-f]{64}", "ed25519: and 64 lower-case hex digits")]
PublicKeys = Annotated[
    tuple[PublicKey, ...],
    _long(1, _MOST_KEYS),
    Must("sorted and distinct", lambda keys: list(keys) == sorted(set(keys))),
]
PlaceNumber = Annotated[int, _between(0, _MOST_PLACES - 1)]
AttemptNumber = Annotated[int, _between(1, _MOST_ATTEMPTS)]
Level = Annotated[int, _between(0, 4)]
Ordinal = Annotated[int, _between(0, _MOST_ORDINAL)]
Void = Literal["VOID_PROVIDER", "VOID_SANDBOX", "VOID_SETUP", "VOID_SCORER", "VOID_LOST", "VOID_OPERATOR"]
Outcome = Literal["SOLVED", "NOT_SOLVED", "LIMIT", "REFUSED", "CHEATED", Void]
Answer = Literal["ABOVE", "BELOW", "INCONCLUSIVE"]
Reason = Literal["", "horizon", "limits", "integrity", "void"]


def read(value: object, kind: type[_T], where: str) -> _T:
    """Return a JSON value as a frozen dataclass, every field checked by its annotation.

    Raises:
        Refusal: for a field that is missing, unknown, of another type, or against its rule.
    """
    return cast("_T", _shaped(value, kind, where))


def _shaped(value: object, hint: object, where: str) -> object:
    origin = get_origin(hint)
    if origin is Annotated:
        base, *rules = get_args(hint)
        made = _shaped(value, base, where)
        for rule in rules:
            if not rule.holds(made):
                raise Refusal(f"{where} must be {rule.says}.")
        return made
    if origin is Literal:
        if value not in get_args(hint):
            raise Refusal(f"{where} is none of the values that it may have.")
        return value
    if origin is tuple:
        return _tuple(value, get_args(hint), where)
    if is_dataclass(hint):
        return _struct(value, cast("type[object]", hint), where)
    # The exact type, because True is an int to Python and not to JSON.
    if not (isinstance(hint, type) and type(value) is hint):
        raise Refusal(f"{where} is of another type than its format says.")
    return value


def _tuple(value: object, kinds: tuple[object, ...], where: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise Refusal(f"{where} is no list.")
    values = cast("list[object]", value)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(values)
    if len(values) != len(kinds):
        raise Refusal(f"{where} has {len(values)} values and not {len(kinds)}.")
    pairs = zip(values, kinds, strict=True)
    return tuple(_shaped(each, kind, f"{where}[{number}]") for number, (each, kind) in enumerate(pairs))


@cache
def _hints(kind: type[object]) -> Mapping[str, object]:
    return MappingProxyType(get_type_hints(kind, include_extras=True))


def _struct(value: object, kind: type[object], where: str) -> object:
    if not isinstance(value, dict):
        raise Refusal(f"{where} is no object.")
    given = cast("dict[str, object]", value)
    hints = _hints(kind)
    needed = {field.name for field in fields(cast("Any", kind)) if field.default is MISSING}
    if missing := needed - given.keys():
        raise Refusal(f"{where} has no field {min(missing)}.")
    if unknown := given.keys() - hints.keys():
        raise Refusal(f"{where} has the unknown field {shown(min(unknown))}.")
    return kind(**{name: _shaped(each, hints[name], f"{where}.{name}") for name, each in given.items()})


# -------------------------------------------------------------------------------------- signatures, notes and proofs


@dataclass(frozen=True)
class Signature:
    """A signature line of an envelope."""

    sig: str
    keyid: str = ""


@dataclass(frozen=True)
class Envelope:
    """A DSSE envelope as it is written."""

    payload: str
    payloadType: str  # noqa: N815 - the name of the field in DSSE
    signatures: Annotated[tuple[Signature, ...], _long(1, _MOST_SIGNATURES)]


@dataclass(frozen=True)
class Signed:
    """A payload, and the public keys (`ed25519:HEX`) of everyone who signed it."""

    payload: bytes
    keys: frozenset[str]


def unbase64(text: str, what: str) -> bytes:
    """Return the bytes of standard base64 in its only form.

    Raises:
        Refusal: for any other text.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(f"{what} is not in base64.") from None
    if base64.b64encode(data).decode() != text:
        raise Refusal(f"{what} is not in the only form of base64 that counts.")
    return data


def key_id(key: str) -> str:
    """Return the id of a public key `ed25519:HEX`: SHA-256 of its raw bytes, in hex."""
    return hashlib.sha256(_raw(key)).hexdigest()


def _raw(key: str) -> bytes:
    return bytes.fromhex(key.partition(":")[2])


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` is that of the raw Ed25519 key `public` over `message` (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def open_envelope(envelope: Envelope, kind: str, keys: Sequence[str], what: str, *, exact: bool = False) -> Signed:
    """Return the payload of a DSSE 1.0.0 envelope and who of `keys` signed it.

    Every line must be by one of `keys`, and a key id must be that of the key, because a bundle names all who signed.

    Args:
        envelope: as it is written.
        kind: the payload type that it must have.
        keys: the public keys that may have signed.
        what: its name in a refusal.
        exact: refuse the URL-safe alphabet, where nothing else fixes the envelope's bytes.

    Raises:
        Refusal: where it is of another type, or a line is not by one of `keys`.
    """
    if envelope.payloadType != kind:
        raise Refusal(f"{what} is of the payload type {shown(envelope.payloadType)} and not {kind}.")
    decode = unbase64 if exact else _unbase64_either
    payload = decode(envelope.payload, f"The payload of {what}")
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload)
    signed: set[str] = set()
    for line in envelope.signatures:
        signature = decode(line.sig, f"A signature of {what}")
        candidates = (key for key in keys if not line.keyid or key_id(key) == line.keyid)
        made = next((key for key in candidates if verifies(_raw(key), message, signature)), None)
        if made is None:
            raise Refusal(f"{what} has a signature that no key which it names has made.")
        signed.add(made)
    return Signed(payload=payload, keys=frozenset(signed))


def _unbase64_either(text: str, what: str) -> bytes:
    return unbase64(text.replace("-", "+").replace("_", "/"), what)


@dataclass(frozen=True)
class NoteKey:
    """The key of a log: its name, which is the log's origin, and 32 raw bytes."""

    name: str
    public: bytes

    @property
    def hash(self) -> bytes:
        """The 4 bytes that name the key in signature lines."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:_NOTE_HASH_BYTES]


@dataclass(frozen=True)
class Checkpoint:
    """What a log says it holds: `size` leaves under the 32 bytes `root`."""

    origin: str
    size: int
    root: bytes


def parse_note_key(text: str, what: str) -> NoteKey:
    """Return the key that is written `name+hash+base64(0x01 || public key)`.

    Raises:
        Refusal: for another form or algorithm, or a hash that is not the key's.
    """
    match = re.fullmatch(r"([!-*,-~]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,99})", text)
    if match is None:
        raise Refusal(f"{what} is no note key.")
    raw = unbase64(match[3], what)
    key = NoteKey(name=match[1], public=raw[1:])
    if raw[:1] != b"\x01" or len(key.public) != _HASH_BYTES or key.hash.hex() != match[2]:
        raise Refusal(f"{what} is no Ed25519 note key, or does not fit its hash.")
    return key


def open_checkpoint(note: bytes, key: NoteKey, what: str) -> Checkpoint:
    """Return the checkpoint in a signed note, which the log's own `key` must have signed.

    Lines by other keys are passed over; one by `key` that does not verify refuses the note.

    Raises:
        Refusal: where the note is malformed, of another log, or not signed by `key`.
    """
    text, lines = _note(note, what)
    match = re.fullmatch(r"([!-*,-~]{1,255})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{44})\n", text)
    if match is None:
        raise Refusal(f"{what} is not three lines of origin, size and root.")
    checkpoint = Checkpoint(origin=match[1], size=int(match[2]), root=unbase64(match[3], f"The root of {what}"))
    if checkpoint.origin != key.name:
        raise Refusal(f"{what} is of the log {shown(checkpoint.origin)}, another one than {shown(key.name)}.")
    empty = not checkpoint.size and checkpoint.root != hashlib.sha256(b"").digest()
    if empty or checkpoint.size > _MOST_INTEGER or len(checkpoint.root) != _HASH_BYTES:
        raise Refusal(f"{what} has a size or a root that no log has.")
    own = [raw for name, raw in lines if name == key.name and raw[:_NOTE_HASH_BYTES] == key.hash]
    if not own or not all(verifies(key.public, text.encode(), raw[_NOTE_HASH_BYTES:]) for raw in own):
        raise Refusal(f"{what} is not signed by the log's own key.")
    return checkpoint


def _note(note: bytes, what: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text of a signed note, and name and bytes of each signature line."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise Refusal(f"{what} is not in UTF-8.") from None
    if len(note) > _MOST_NOTE or re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise Refusal(f"{what} is too long for a note, or holds control characters.")
    text, blank, rest = whole.rpartition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    if not blank or not rest.endswith("\n") or len(lines) > _MOST_NOTE_LINES:
        raise Refusal(f"{what} is not a text, a blank line, and 1 to {_MOST_NOTE_LINES} signature lines.")
    signatures: list[tuple[str, bytes]] = []
    for line in lines:
        match = re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        if match is None:
            raise Refusal(f"A signature line of {what} is malformed.")
        signatures.append((match[1], unbase64(match[2], f"A signature line of {what}")))
    return f"{text}\n", signatures


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Iterable[bytes]) -> str:
    """Return the tree hash over one leaf or more (RFC 9162 section 2.1.1), in hex."""
    # Two subtrees of one size are joined as soon as both are there; what is left at the end is joined from the right.
    pending: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, digest = 1, leaf_hash(leaf)
        while pending and pending[-1][0] == size:
            digest = _node(pending.pop()[1], digest)
            size *= 2
        pending.append((size, digest))
    digest = pending.pop()[1]
    while pending:
        digest = _node(pending.pop()[1], digest)
    return digest.hex()


def included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether `proof` shows the leaf hash at `index` of the tree (RFC 9162 section 2.1.3.2)."""
    if index >= size:
        return False
    at, last, digest = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            digest = _node(other, digest)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            digest = _node(digest, other)
        at, last = at >> 1, last >> 1
    return last == 0 and digest == root


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the new tree starts with the old one (RFC 9162 section 2.1.4.2).

    An empty tree shows nothing and is refused; so are equal sizes, for which no proof is needed.
    """
    if not 0 < old < new:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path:
        return False
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = _node(other, first), _node(other, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = _node(second, other)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# ------------------------------------------------------------------------------------------------- what a bundle says


@dataclass(frozen=True)
class Label:
    """How sensitive a record is, by its author."""

    level: Level
    compartments: LabelNames
    dissemination: LabelNames


@dataclass(frozen=True)
class Slot:
    """The place of a record in its subject's flow."""

    flow: Step
    step: Step
    ordinal: Ordinal


@dataclass(frozen=True)
class Header:
    """The signed part of a record (record.md)."""

    kind: str
    subject: Short
    author: PartyName
    office: OfficeName
    at: Moment
    label: Label
    parents: tuple[Hash, ...]
    slot: Slot
    nonce: Short
    body_commit: Hash


@dataclass(frozen=True)
class Nuisance:
    """The laws that an outcome is held under."""

    name: Words
    kappa: tuple[Number, Number]
    s: tuple[Number, Number]
    eps: tuple[Number, Number]


@dataclass(frozen=True)
class Figures:
    """The numbers of a decision."""

    cut_hours: Number
    delta: Number
    alpha: Number
    beta: Number
    linking: Number
    elicitation: Number
    band: Number
    nuisance: Nuisance
    cost: Positive
    look_every: Positive


@dataclass(frozen=True)
class Shares:
    """How much may go wrong, in percent of the runs."""

    limits: Percent
    voids: Percent


@dataclass(frozen=True)
class Argument:
    """An argument that the model was called with."""

    name: str
    value: str
    withheld: bool


@dataclass(frozen=True)
class ItemLimits:
    """What one attempt may use; 0 sets no limit."""

    tokens: Count
    seconds: Count
    turns: Count
    microdollars: Count


@dataclass(frozen=True)
class Elicitation:
    """How the model is brought to show what it can."""

    model: Words
    arguments: tuple[Argument, ...]
    agent: Words
    limits: ItemLimits
    token_budget: Count
    call_seconds: Positive
    call_retries: Count


@dataclass(frozen=True)
class Plan:
    """The body of `assessment.plan/1`."""

    number: Positive
    bank: Hash
    image: Digest
    isolation: Words
    items: Hash
    places: Annotated[int, _between(1, _MOST_PLACES)]
    table: Hash
    criteria: Words
    criteria_digest: Hash
    figures: Figures
    alpha_cal: Number
    beta_cal: Number
    shares: Shares
    calibration: Words
    calibration_digest: Digest
    domain_rule: Words
    order_rule: Words
    void_rule: Words
    attempts: AttemptNumber
    window: Positive
    beacon: Annotated[str, _like(r"operator|drand:[0-9a-f]{64}:[1-9][0-9]{0,14}", "operator or drand:CHAIN:ROUND")]
    elicitation: Elicitation
    readers: Words
    inconclusive: Words
    decision_digest: Digest
    vectors_digest: Digest
    characteristics: Digest
    accepted: bool


@dataclass(frozen=True)
class Place:
    """A place in the order: an item, or its twin, which nobody can solve honestly."""

    item: ItemId
    twin: bool


@dataclass(frozen=True)
class Beacon:
    """The draw that the order hangs on."""

    source: str
    value: Digest
    signature: MaybeDigest


@dataclass(frozen=True)
class Scores:
    """What an item adds to T+ and to T-: where it is not solved, and where it is."""

    above: tuple[int, int]
    below: tuple[int, int]


@dataclass(frozen=True)
class Rule:
    """The decision as integers: scores of each item, a bound a side after each, and after how many there is a look."""

    places: tuple[Scores, ...]
    bound_above: tuple[Positive, ...]
    bound_below: tuple[Positive, ...]
    looks: tuple[Positive, ...]
    attained_above: Number
    attained_below: Number


@dataclass(frozen=True)
class OrderDrawn:
    """The body of `assessment.order_drawn/1`."""

    plan: Hash
    beacon: Beacon
    seed: Hash
    places: Annotated[tuple[Place, ...], _long(1, _MOST_PLACES)]
    root: Hash
    rule: Rule


@dataclass(frozen=True)
class AttemptOpened:
    """The body of `assessment.attempt_opened/1`."""

    place: PlaceNumber
    attempt: AttemptNumber


@dataclass(frozen=True)
class Flag:
    """Something in a transcript that an honest attempt does not show."""

    rule: str
    times: int


@dataclass(frozen=True)
class RunResult:
    """The body of `assessment.run_result/1`."""

    place: PlaceNumber
    attempt: AttemptNumber
    outcome: Outcome
    endpoint: str
    input_tokens: Count
    output_tokens: Count
    microdollars: Count
    milliseconds: Count
    turns: Count
    transcript: MaybeHash
    flags: tuple[Flag, ...]
    prefix: Count
    above: int
    below: int


@dataclass(frozen=True)
class RunsEnded:
    """The body of `assessment.runs_ended/1`."""

    why: Literal["decided", "all items run", "budget spent"]
    attempts: Count


@dataclass(frozen=True)
class Horizon:
    """A time horizon in expert hours; `high` is the end of the scale where nothing bounds it."""

    estimate: Number
    low: Number
    high: Number
    bounded: bool


@dataclass(frozen=True)
class Evidence:
    """The cross-check beside the decision."""

    above: Number
    below: Number
    outcome: Answer


@dataclass(frozen=True)
class Estimate:
    """The body of `assessment.estimate/1`."""

    outcome: Answer
    reason: Reason
    runs: Count
    above: int
    below: int
    voids: Count
    limits: Count
    cheated: Count
    after: Count
    twins: Count
    twins_solved: Count
    horizon: Horizon
    evidence: Evidence
    escalate: bool


@dataclass(frozen=True)
class EarlierPlan:
    """A plan of the subject before the one in question."""

    number: Positive
    plan: Hash
    at: Moment
    state: Literal["finished", "abandoned"]
    outcome: Literal["", "ABOVE", "BELOW", "INCONCLUSIVE"]


@dataclass(frozen=True)
class AssessmentDraft:
    """The body of `determination.draft/1`."""

    subject: Short
    model: str
    number: Positive
    plan: Hash
    estimate: Hash
    outcome: Answer
    reason: Reason
    runs: Count
    voids: Count
    twins_solved: Count
    horizon: Horizon
    criteria: str
    criteria_digest: Hash
    cut_hours: Number
    alpha: Number
    beta: Number
    calibration: str
    formal: bool
    would_sign: Words
    says: tuple[str, ...]
    does_not_say: tuple[str, ...]
    earlier: tuple[EarlierPlan, ...]


Body = Plan | OrderDrawn | AttemptOpened | RunResult | RunsEnded | Estimate | AssessmentDraft

KINDS: Final[Mapping[str, type[Body]]] = MappingProxyType(
    {
        "assessment.plan/1": Plan,
        "assessment.order_drawn/1": OrderDrawn,
        "assessment.attempt_opened/1": AttemptOpened,
        "assessment.run_result/1": RunResult,
        "assessment.runs_ended/1": RunsEnded,
        "assessment.estimate/1": Estimate,
        "determination.draft/1": AssessmentDraft,
    }
)
"""The kinds of record that a bundle may hold."""

_SHOWN_ALWAYS: Final = (Plan, AssessmentDraft)
"""Bodies that are never withheld, not even those of earlier campaigns."""


@dataclass(frozen=True)
class Derivation:
    """Why a figure of the criteria is what it is."""

    of: str
    text: str


@dataclass(frozen=True)
class Criteria:
    """What a model is measured against; the same for every developer."""

    format: Literal["trialplate-criteria/1"]
    name: Words
    says: Words
    formal: bool
    calibration: Words
    figures: Figures
    shares: Shares
    domain_rule: Words
    order_rule: Words
    void_rule: Words
    inconclusive: Words
    readers: Words
    derivations: tuple[Derivation, ...]


@dataclass(frozen=True)
class CriteriaFile:
    """`criteria.json`."""

    envelope: Envelope
    keys: Annotated[tuple[PublicKey, ...], _long(1, _MOST_KEYS)]


@dataclass(frozen=True)
class ListedFile:
    """What the MANIFEST says of a file."""

    path: str
    sha256: Hash
    size: Count


@dataclass(frozen=True)
class Manifest:
    """The payload of `MANIFEST`."""

    files: tuple[ListedFile, ...]
    format: Literal["trialplate-bundle/1"]
    keys: PublicKeys
    log: str
    plan: Hash
    subject: Short


@dataclass(frozen=True)
class Line:
    """A line of `records.jsonl`."""

    body: str
    envelope: Envelope
    salt: MaybeHash


@dataclass(frozen=True)
class Earlier:
    """An earlier checkpoint of the log, and why the newest one extends it."""

    hashes: tuple[Hash, ...]
    root: Hash
    size: Positive


@dataclass(frozen=True)
class Inclusion:
    """Where a record stands in the log, and why."""

    hashes: tuple[Hash, ...]
    index: Count
    record: Hash


@dataclass(frozen=True)
class Proofs:
    """`proofs.json`."""

    earlier: tuple[Earlier, ...]
    inclusion: tuple[Inclusion, ...]


@dataclass(frozen=True)
class Family:
    """A family of a bank's items at a version."""

    name: str
    sources: Digest
    version: Positive


@dataclass(frozen=True)
class SealedItem:
    """An item as the public sees it."""

    commitment: Digest
    id: ItemId


@dataclass(frozen=True)
class Bank:
    """`bank.json`."""

    families: tuple[Family, ...]
    format: Literal["trialplate-bank/1"]
    items: Annotated[tuple[SealedItem, ...], _long(1, _MOST_PLACES)]
    name: str
    primitives: str
    root: Hash


@dataclass(frozen=True)
class Simulated:
    """How a method errs where the truth differs from the table in one way."""

    scenario: str
    method: str
    false_above: Number
    false_below: Number
    inconclusive: Number
    mean_runs: Number
    p90_runs: Number


@dataclass(frozen=True)
class Characteristics:
    """How often the rule errs on the items, by simulation."""

    format: Literal["trialplate-characteristics/1"]
    basis: Digest
    replicates: Positive
    alpha_cal: Number
    beta_cal: Number
    bound_runs: Number
    levels_kept: bool
    rows: tuple[Simulated, ...]


@dataclass(frozen=True)
class Row:
    """What is known of an item's difficulty."""

    item: ItemId
    family: str
    domain: str
    minutes: Positive
    b: Number
    a: Number


@dataclass(frozen=True)
class Table:
    """`table.json`."""

    rows: tuple[Row, ...]
    salt: Hash


@dataclass(frozen=True)
class Record:
    """A record whose signature and body commitment hold. `body` is None where it is withheld."""

    number: int
    id: str
    header: Header
    body: Body | None
    raw: bytes
    keys: frozenset[str]

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return f"Record {self.number} ({self.header.kind})"


@dataclass(frozen=True)
class Campaign:
    """A plan of the subject and all records up to the next plan."""

    number: int
    records: tuple[Record, ...]

    @property
    def plan(self) -> Record:
        """The record that begins it."""
        return self.records[0]

    @property
    def draft(self) -> AssessmentDraft | None:
        """The draft that finishes it, where there is one."""
        return next((record.body for record in self.records if isinstance(record.body, AssessmentDraft)), None)


@dataclass(frozen=True)
class Whole:
    """The bodies of a campaign that has all its parts, in their order."""

    plan: Plan
    order: OrderDrawn
    runs: tuple[tuple[str, AttemptOpened | RunResult], ...]
    end: RunsEnded
    estimate: Estimate
    draft: AssessmentDraft


@dataclass(frozen=True)
class Bundle:
    """Everything that a bundle says, read but not yet held against each other."""

    files: Mapping[str, bytes]
    manifest: Manifest
    manifest_keys: frozenset[str]
    records: tuple[Record, ...]
    log: NoteKey
    checkpoint: Checkpoint
    proofs: Proofs
    criteria: Criteria
    criteria_digest: str
    criteria_keys: frozenset[str]
    bank: Bank
    table: Table
    characteristics: Characteristics


# -------------------------------------------------------------------------------------------------- reading a bundle


def read_files(folder: Path) -> Mapping[str, bytes]:
    """Return the files of a bundle by name: exactly those of `FILES`, plain files, none beyond its size.

    Raises:
        Refusal: for a file that is missing, unknown, a link, a folder, too long, or that cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name not in FILES:
                    raise Refusal(f"The bundle holds {shown(entry.name)}, which no bundle does.")
        return MappingProxyType({name: _read_file(folder / name, most) for name, most in FILES.items()})
    except OSError as failure:
        raise Refusal(f"The bundle cannot be read: {shown(failure.strerror)}.") from None


def _read_file(path: Path, most: int) -> bytes:
    # A link, and a pipe that would never end, are refused before and again after opening, where the system can.
    if not os.path.lexists(path):
        raise Refusal(f"{path.name} is missing from the bundle.")
    if not stat.S_ISREG(path.lstat().st_mode):
        raise Refusal(f"{path.name} is no plain file.")
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    with os.fdopen(os.open(path, os.O_RDONLY | sum(flags)), "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise Refusal(f"{path.name} has more than {most} bytes.")
    return data


def read_bundle(folder: Path) -> Bundle:
    """Return what a bundle says, with every signature of it checked.

    Raises:
        Refusal: for anything malformed, unlisted, changed or not signed.
    """
    files = read_files(folder)
    manifest, manifest_keys = read_manifest(files)
    log = parse_note_key(manifest.log, "MANIFEST.log")
    criteria = read(parse_file(files["criteria.json"], "criteria.json"), CriteriaFile, "criteria.json")
    kind = "application/vnd.trialplate.criteria+json"
    signed = open_envelope(criteria.envelope, kind, criteria.keys, "criteria.json")
    return Bundle(
        files=files,
        manifest=manifest,
        manifest_keys=manifest_keys,
        records=read_records(files["records.jsonl"], manifest),
        log=log,
        checkpoint=open_checkpoint(files["checkpoint"], log, "The checkpoint"),
        proofs=read(parse_file(files["proofs.json"], "proofs.json"), Proofs, "proofs.json"),
        criteria=read(parse(signed.payload, "The payload of criteria.json"), Criteria, "The criteria"),
        criteria_digest=hashlib.sha256(signed.payload).hexdigest(),
        criteria_keys=signed.keys,
        bank=read(parse_file(files["bank.json"], "bank.json"), Bank, "bank.json"),
        table=read(parse_file(files["table.json"], "table.json"), Table, "table.json"),
        characteristics=read(
            parse_file(files["characteristics.json"], "characteristics.json"), Characteristics, "characteristics.json"
        ),
    )


def read_manifest(files: Mapping[str, bytes]) -> tuple[Manifest, frozenset[str]]:
    """Return the MANIFEST and the keys that signed it, where it lists every other file as it is.

    Raises:
        Refusal: where it is malformed, not signed by its own keys, or lists other files or other bytes.
    """
    envelope = read(parse(files["MANIFEST"], "MANIFEST"), Envelope, "MANIFEST")
    # The keys stand inside what they sign: they are read first, and nothing is believed before they verify.
    payload = unbase64(envelope.payload, "The payload of MANIFEST")
    manifest = read(parse(payload, "The payload of MANIFEST"), Manifest, "MANIFEST")
    kind = "application/vnd.trialplate.manifest+json"
    signed = open_envelope(envelope, kind, manifest.keys, "MANIFEST", exact=True)
    if [listed.path for listed in manifest.files] != sorted(FILES.keys() - {"MANIFEST"}):
        raise Refusal("MANIFEST does not list every file of the bundle once, sorted.")
    for listed in manifest.files:
        data = files[listed.path]
        if len(data) != listed.size or hashlib.sha256(data).hexdigest() != listed.sha256:
            raise Refusal(f"{listed.path} is not the file that MANIFEST lists.")
    return manifest, signed.keys


def read_records(data: bytes, manifest: Manifest) -> tuple[Record, ...]:
    """Return the records of a bundle in their order, each signed and each body the one that was committed to.

    Raises:
        Refusal: where one is malformed, unsigned, of an unknown kind, or withheld without the right to be.
    """
    if not data.endswith(b"\n"):
        raise Refusal("records.jsonl does not end in a newline.")
    records: list[Record] = []
    in_question = False
    for number, line in enumerate(data[:-1].split(b"\n"), 1):
        record = _read_record(line, number, manifest.keys)
        in_question = in_question or record.id == manifest.plan
        if record.body is None and (in_question or KINDS[record.header.kind] in _SHOWN_ALWAYS):
            raise Refusal(f"{record.name} withholds its body, which it may not.")
        records.append(record)
    return tuple(records)


def _read_record(data: bytes, number: int, keys: Sequence[str]) -> Record:
    what = f"Record {number}"
    line = read(parse(data, what), Line, what)
    signed = open_envelope(line.envelope, "application/vnd.trialplate.header+json", keys, what)
    if len(signed.payload) > _MOST_HEADER:
        raise Refusal(f"The header of {what} has more than {_MOST_HEADER} bytes.")
    header = read(parse(signed.payload, f"The header of {what}"), Header, f"The header of {what}")
    kind = KINDS.get(header.kind)
    if kind is None:
        raise Refusal(f"{what} is of the kind {shown(header.kind)}, which no bundle holds.")
    raw = unbase64(line.body, f"The body of {what}")
    body = None
    if raw or line.salt:
        commitment = hashlib.sha256(b"trialplate.body/1\n" + bytes.fromhex(line.salt) + raw).hexdigest()
        if not line.salt or len(raw) > _MOST_BODY or commitment != header.body_commit:
            raise Refusal(f"The body of {what} is not the one that its header commits to.")
        body = read(parse(raw, f"The body of {what}"), kind, f"The body of {what}")
    digest = hashlib.sha256(b"trialplate.header/1\n" + signed.payload).hexdigest()
    return Record(number=number, id=digest, header=header, body=body, raw=raw, keys=signed.keys)


# ---------------------------------------------------------------------------------------- one check a function: the log


def signers_of(bundle: Bundle) -> frozenset[str]:
    """Return the keys of all who signed MANIFEST and records."""
    return bundle.manifest_keys.union(*(record.keys for record in bundle.records))


def check_signers(bundle: Bundle) -> Finding:
    """Refuse a key that MANIFEST names among all who signed, and that signed nothing."""
    signed = signers_of(bundle) | bundle.criteria_keys | {f"ed25519:{bundle.log.public.hex()}"}
    for key in bundle.manifest.keys:
        if key not in signed:
            raise Refusal(f"MANIFEST names the key {key_id(key)} among all who signed, and it signed nothing.")
    return Finding(f"All {len(FILES)} files are listed in MANIFEST, byte by byte, and MANIFEST is signed.", HOLDS)


def check_chain(bundle: Bundle) -> Finding:
    """Refuse records that are not one chain about one subject, with each slot taken once."""
    before: tuple[str, ...] = ()
    slots: set[Slot] = set()
    for record in bundle.records:
        if record.header.subject != bundle.manifest.subject:
            raise Refusal(f"{record.name} is about another subject than MANIFEST.")
        if record.header.parents != before:
            raise Refusal(f"{record.name} does not rest on the record before it, and on that alone.")
        if record.header.slot in slots:
            raise Refusal(f"{record.name} takes a slot that was taken before.")
        slots.add(record.header.slot)
        before = (record.id,)
    return Finding(f"{len(bundle.records)} signed records of one subject are one chain without a gap.", HOLDS)


def check_log(bundle: Bundle) -> Finding:
    """Refuse records that are not all in the log, each behind the one before it."""
    proofs = bundle.proofs.inclusion
    if len(proofs) != len(bundle.records):
        raise Refusal("proofs.json does not prove each record once.")
    highest = -1
    for record, proof in zip(bundle.records, proofs, strict=True):
        if proof.record != record.id or proof.index <= highest:
            raise Refusal(f"proofs.json has {record.name} out of its order.")
        highest = proof.index
        path = [bytes.fromhex(each) for each in proof.hashes]
        leaf = leaf_hash(bytes.fromhex(record.id))
        if not included(proof.index, bundle.checkpoint.size, leaf, path, bundle.checkpoint.root):
            raise Refusal(f"{record.name} is not shown to be in the log.")
    told = f"the log {shown(bundle.log.name)}, which says it has {bundle.checkpoint.size} entries"
    return Finding(f"Every record is in {told}, in the order of the chain.", HOLDS)


def check_earlier(bundle: Bundle) -> Finding:
    """Refuse an earlier checkpoint that the newest one does not extend."""
    sizes = {earlier.size for earlier in bundle.proofs.earlier}
    if len(sizes) != len(bundle.proofs.earlier):
        raise Refusal("proofs.json has two earlier checkpoints of one size.")
    newest = bundle.checkpoint
    for earlier in bundle.proofs.earlier:
        path = [bytes.fromhex(each) for each in earlier.hashes]
        if not consistent(earlier.size, bytes.fromhex(earlier.root), newest.size, newest.root, path):
            raise Refusal(f"The log is not shown to extend its earlier checkpoint of size {earlier.size}.")
    if not sizes:
        return Finding("Earlier checkpoints of the log.", NOT_HERE)
    return Finding(f"The log extends each of the {len(sizes)} earlier checkpoints that it names.", HOLDS)


# -------------------------------------------------------------------------------- one check a function: the campaign


def campaigns_of(bundle: Bundle) -> tuple[Campaign, ...]:
    """Return the campaigns of the subject, from the first.

    Raises:
        Refusal: where the first record is no plan, plans are not numbered 1, 2, 3 ..., or a slot is of another flow.
    """
    begun: list[list[Record]] = []
    for record in bundle.records:
        if isinstance(record.body, Plan):
            begun.append([])
            if record.body.number != len(begun):
                raise Refusal(f"{record.name} is plan {record.body.number}, but the {len(begun)}. of its subject.")
        if not begun:
            raise Refusal(f"{record.name} stands before any plan.")
        if record.header.slot.flow != f"assessment.{len(begun)}":
            raise Refusal(f"{record.name} takes a slot of the flow {record.header.slot.flow} in campaign {len(begun)}.")
        begun[-1].append(record)
    return tuple(Campaign(number, tuple(records)) for number, records in enumerate(begun, 1))


def campaign_in_question(bundle: Bundle, campaigns: Sequence[Campaign]) -> Campaign:
    """Return the campaign that MANIFEST names by its plan.

    Raises:
        Refusal: where there is none.
    """
    for campaign in campaigns:
        if campaign.plan.id == bundle.manifest.plan:
            return campaign
    raise Refusal("MANIFEST names a plan that is not in the bundle.")


def whole(campaign: Campaign) -> Whole:
    """Return the parts of a campaign that is finished.

    Raises:
        Refusal: where it is not plan, order, attempts and results, end, estimate, draft, in this order.
    """
    bodies = [record.body for record in campaign.records]
    runs = tuple(
        (record.name, record.body) for record in campaign.records if isinstance(record.body, AttemptOpened | RunResult)
    )
    match bodies:
        case [Plan() as plan, OrderDrawn() as order, *_, RunsEnded() as end, Estimate() as estimate, last] if (
            isinstance(last, AssessmentDraft)
        ):
            draft = last
        case [Plan(), first, *_] if not isinstance(first, OrderDrawn):
            raise Refusal(f"{campaign.records[1].name} stands where the order must be drawn, before anything is run.")
        case _:
            raise Refusal("The campaign does not end with the end of its runs, an estimate and a draft.")
    if len(runs) + 5 != len(bodies):
        raise Refusal("The campaign has an order, an end, an estimate or a draft more than one.")
    return Whole(plan=plan, order=order, runs=runs, end=end, estimate=estimate, draft=draft)


_SAME_AS_PLAN: Final = "calibration figures shares domain_rule order_rule void_rule inconclusive readers".split()
"""Fields that criteria and plan have under one name."""


def check_criteria(bundle: Bundle, plan: Plan) -> Finding:
    """Refuse criteria that are not those which the plan names and repeats."""
    criteria = bundle.criteria
    if bundle.criteria_digest != plan.criteria_digest or criteria.name != plan.criteria:
        raise Refusal("criteria.json holds other criteria than those that the plan names.")
    for name in _SAME_AS_PLAN:
        if getattr(criteria, name) != getattr(plan, name):
            raise Refusal(f"The plan has another {name} than its criteria.")
    figures = plan.figures
    if Decimal(plan.alpha_cal) > Decimal(figures.alpha) or Decimal(plan.beta_cal) > Decimal(figures.beta):
        raise Refusal("The plan's boundaries are made for a higher error than its criteria allow.")
    told = f"{shown(criteria.name)} were written into the plan before the order was drawn, and are unchanged"
    informal = "" if criteria.formal else " They are not formal: no determination can rest on them."
    return Finding(f"The criteria {told}.{informal}", HOLDS)


def check_items(bundle: Bundle, plan: Plan, order: OrderDrawn) -> Finding:
    """Refuse a bank that was changed, and an order of other items than those that the plan commits to."""
    bank = bundle.bank
    commitments = {item.id: item.commitment for item in bank.items}
    if list(commitments) != sorted(commitments) or len(commitments) != len(bank.items):
        raise Refusal("The items of bank.json are not sorted, or one is there twice.")
    parts = canonical([bank.format, bank.name, bank.primitives, [asdict(family) for family in bank.families]])
    if tree_root([parts, *(f"{item.id}:{item.commitment}".encode() for item in bank.items)]) != bank.root:
        raise Refusal("The root of bank.json does not fit its items.")
    if bank.root != plan.bank:
        raise Refusal("bank.json is another bank than the plan's.")
    items = [place.item for place in order.places if not place.twin]
    if len(items) != plan.places or len(set(items)) != len(items):
        raise Refusal("The order has an item twice, or another number of items than the plan.")
    if unknown := set(items) - commitments.keys():
        raise Refusal(f"The order has the item {min(unknown)}, which is not in the bank.")
    if tree_root(f"{item}:{commitments[item]}".encode() for item in sorted(items)) != plan.items:
        raise Refusal("The items of the order are not those that the plan commits to.")
    seen: set[str] = set()
    for place in order.places:
        if place.twin and place.item not in seen:
            raise Refusal(f"The order has a twin of {place.item} before that item, or without it.")
        seen.add(place.item)
    return Finding(f"The order has exactly the {len(items)} items that the plan commits to, out of its bank.", HOLDS)


def check_table(bundle: Bundle, plan: Plan, order: OrderDrawn) -> Finding:
    """Refuse a table of difficulties that is not the one that the plan commits to."""
    table = bundle.table
    rows = canonical([asdict(row) for row in table.rows])
    if hashlib.sha256(b"trialplate.table/1\n" + bytes.fromhex(table.salt) + rows).hexdigest() != plan.table:
        raise Refusal("table.json is not the table that the plan commits to.")
    if [row.item for row in table.rows] != sorted(place.item for place in order.places if not place.twin):
        raise Refusal("The rows of table.json are not those of the order's items, sorted.")
    return Finding("The difficulties are those that the plan committed to.", HOLDS)


def check_characteristics(bundle: Bundle, plan: Plan) -> Finding:
    """Refuse simulated error rates that are not those which the plan names, or that it does not keep to."""
    found = bundle.characteristics
    if hashlib.sha256(bundle.files["characteristics.json"]).hexdigest() != plan.characteristics:
        raise Refusal("characteristics.json is not what the plan names.")
    if (found.alpha_cal, found.beta_cal) != (plan.alpha_cal, plan.beta_cal):
        raise Refusal("The plan's boundaries are made for other levels than characteristics.json says.")
    if not (found.levels_kept or plan.accepted):
        raise Refusal("The rule misses a level on this bank, and the plan does not say that it was accepted.")
    missed = " They miss a level, and were accepted all the same." if plan.accepted else ""
    return Finding(f"The simulated error rates are those that the plan names; not simulated here.{missed}", HOLDS)


def check_order(plan_id: str, plan: Plan, order: OrderDrawn) -> Finding:
    """Refuse an order that does not name the plan, or whose seed or root do not follow from plan and beacon."""
    if order.plan != plan_id:
        raise Refusal("The order names another plan.")
    if order.beacon.source != plan.beacon:
        raise Refusal("The order was drawn from another beacon than the plan names.")
    committed = {
        **{name: getattr(plan, name) for name in ("alpha_cal", "bank", "beta_cal", "items", "places")},
        "criteria": plan.criteria_digest,
        "figures": asdict(plan.figures),
    }
    commitment = hashlib.sha256(b"trialplate.commitment/1\n" + canonical(committed)).digest()
    length = len(commitment).to_bytes(8, "big")
    seed = hashlib.sha256(b"trialplate.order/1\n" + length + commitment + bytes.fromhex(order.beacon.value)).digest()
    if order.seed != seed.hex():
        raise Refusal("The order's seed does not follow from the plan and the beacon.")
    leaves = (
        hashlib.sha256(seed + number.to_bytes(4, "big")).digest() + f"{place.item}:{int(place.twin)}".encode()
        for number, place in enumerate(order.places)
    )
    if tree_root(leaves) != order.root:
        raise Refusal("The order's root does not fit its places.")
    return Finding("The order was drawn after the plan, with a seed made of plan and beacon.", HOLDS)


def check_beacon(order: OrderDrawn) -> Finding:
    """Refuse a beacon whose value is not that of its signature; say what was not checked of it."""
    beacon = order.beacon
    if beacon.source == "operator":
        if beacon.signature:
            raise Refusal("The operator's own draw has a signature, which it cannot have.")
        return Finding("The beacon: order drawn by the operator: not independent.", BY_WORD)
    if hashlib.sha256(bytes.fromhex(beacon.signature)).hexdigest() != beacon.value:
        raise Refusal("The value of the beacon is not the SHA-256 of its signature.")
    told = "not checked here: no BLS in this verifier, nor whether the round was still to come at the plan"
    return Finding(f"The drand signature of {shown(beacon.source)}: {told}.", NOT_HERE)


def check_rule(plan: Plan, order: OrderDrawn) -> Finding:
    """Refuse a rule that is not made for this order and these figures as far as integers show it."""
    rule, every = order.rule, plan.figures.look_every
    if {len(rule.places), len(rule.bound_above), len(rule.bound_below)} != {plan.places}:
        raise Refusal("The rule is for another number of items than the plan.")
    if rule.looks != tuple(n for n in range(1, plan.places + 1) if n % every == 0 or n == plan.places):
        raise Refusal("The rule looks at other times than the plan says.")
    if any(scores.above[0] or scores.above[1] < 0 or scores.below[0] < 0 or scores.below[1] for scores in rule.places):
        raise Refusal("By the rule's scores, an answer that speaks against a side adds to it, or the reverse.")
    attained = ((rule.attained_above, plan.alpha_cal), (rule.attained_below, plan.beta_cal))
    if any(Decimal(level) > Decimal(most) for level, most in attained):
        raise Refusal("The rule attains a higher error than the plan allows.")
    return Finding("Scores and boundaries from the table: not computed here: `trialplate replay` does.", NOT_HERE)


# ---------------------------------------------------------------------------------- one check a function: the decision


class Tally:
    """The sums T+ and T- over items in their order, and what the bounds say of them.

    `raw` is ABOVE, BELOW or INCONCLUSIVE. Once a look has `decided`, further items change nothing; where both sums
    reach their bounds at one look, they contradict each other, and it stays INCONCLUSIVE. `outcomes` are those of the
    items that count.
    """

    def __init__(self, rule: Rule, outcomes: Iterable[str] = ()) -> None:
        self._rule = rule
        self._looks = frozenset(rule.looks)
        self.raw = "INCONCLUSIVE"
        self.decided = False
        self.above = 0
        self.below = 0
        self.outcomes: list[str] = []
        for outcome in outcomes:
            self.add(outcome)

    @property
    def runs(self) -> int:
        """How many items count."""
        return len(self.outcomes)

    def add(self, outcome: str) -> None:
        """Count the next item, and look where the rule has a look."""
        if self.decided:
            return
        at, scores = self.runs, self._rule.places[self.runs]
        # What is void, or was cheated on, adds to neither sum: a solved item adds to T+ alone, another to T- alone.
        lowest = outcome.startswith("VOID_") or outcome == "CHEATED"
        self.above += scores.above[outcome == "SOLVED"]
        self.below += scores.below[lowest or outcome == "SOLVED"]
        self.outcomes.append(outcome)
        if self.runs in self._looks:
            above = self.above >= self._rule.bound_above[at]
            below = self.below >= self._rule.bound_below[at]
            self.decided = above or below
            if above is not below:
                self.raw = "ABOVE" if above else "BELOW"


class Ledger:
    """What stands at each place of an order while the records of a campaign are read in theirs."""

    def __init__(self, plan: Plan, order: OrderDrawn) -> None:
        self._plan = plan
        self._places = order.places
        self._tried = [0] * len(order.places)
        self._running = [False] * len(order.places)
        self._last = [""] * len(order.places)
        self._items = [number for number, place in enumerate(order.places) if not place.twin]
        self._counted = 0
        self._front = 0
        self.opened = 0
        self.voids = 0
        self.tally = Tally(order.rule)

    def settled(self, *, twins: bool) -> tuple[str, ...]:
        """Return the outcomes of the items, or of their twins, that have one."""
        return tuple(
            self._last[number]
            for number, place in enumerate(self._places)
            if place.twin is twins and self._is_settled(number)
        )

    @property
    def all_settled(self) -> bool:
        """Say whether every place has an outcome."""
        return self._front == len(self._places)

    @property
    def left_open(self) -> bool:
        """Say whether a look decided though a place before its last item has no outcome, as a twin's."""
        return self.tally.decided and self._front <= self._items[self.tally.runs - 1]

    @property
    def running(self) -> bool:
        """Say whether an attempt has no result yet."""
        return any(self._running)

    def open(self, opened: AttemptOpened, name: str) -> None:
        """Begin an attempt, or refuse one that may not begin now."""
        place, attempt = opened.place, opened.attempt
        if place >= len(self._places):
            raise Refusal(f"{name} is at a place that the order does not have.")
        if self._running[place] or attempt != self._tried[place] + 1 or attempt > self._plan.attempts:
            raise Refusal(f"{name} is not the next attempt at place {place}, or is one too many.")
        if attempt > 1 and not self._last[place].startswith("VOID_"):
            raise Refusal(f"{name} tries place {place} again, though its last attempt was not void.")
        if place >= self._front + self._plan.window:
            raise Refusal(f"{name} is at place {place}, outside the window of places that may run then.")
        self._tried[place], self._running[place] = attempt, True
        self.opened += 1

    def close(self, result: RunResult, name: str) -> None:
        """End an attempt, or refuse a result without one, or whose sums do not follow."""
        place = result.place
        if place >= len(self._places) or not self._running[place] or result.attempt != self._tried[place]:
            raise Refusal(f"{name} is the result of an attempt that was not opened.")
        self._running[place], self._last[place] = False, result.outcome
        self.voids += result.outcome.startswith("VOID_")
        while self._front < len(self._places) and self._is_settled(self._front):
            self._front += 1
        # A twin that is still under way holds up the window of places, and not the decision.
        while self._counted < len(self._items) and self._is_settled(self._items[self._counted]):
            self.tally.add(self._last[self._items[self._counted]])
            self._counted += 1
        said = (result.prefix, result.above, result.below)
        if said != (due := (self.tally.runs, self.tally.above, self.tally.below)):
            raise Refusal(f"{name} says {said} of items, T+ and T-, but the outcomes give {due}.")

    def _is_settled(self, number: int) -> bool:
        last = self._last[number]
        if self._running[number] or not last:
            return False
        return not last.startswith("VOID_") or self._tried[number] == self._plan.attempts


def check_runs(campaign: Whole) -> Ledger:
    """Return what stands at each place at the end of a campaign.

    Raises:
        Refusal: where attempts, results, their sums, or how the runs ended do not follow from order and rule.
    """
    ledger = Ledger(campaign.plan, campaign.order)
    for name, body in campaign.runs:
        if isinstance(body, AttemptOpened):
            ledger.open(body, name)
        else:
            ledger.close(body, name)
    if ledger.running:
        raise Refusal("An attempt has no result at the end of the runs.")
    if ledger.left_open:
        raise Refusal("A place before the item that decided has no outcome.")
    end = campaign.end
    if end.attempts != ledger.opened:
        raise Refusal(f"The end counts {end.attempts} attempts, but {ledger.opened} were opened.")
    if end.why == "decided" and not ledger.tally.decided:
        raise Refusal("The runs ended as decided, but no boundary was crossed.")
    if end.why == "all items run" and not ledger.all_settled:
        raise Refusal("The runs ended as all run, but a place has no outcome.")
    return ledger


def conclude(rule: Rule, shares: Shares, tally: Tally, *, twin_solved: bool) -> tuple[str, str]:
    """Return outcome and reason: the first line that holds of the table in bundle.md."""
    runs, limits = tally.runs, sum(outcome in {"LIMIT", "REFUSED"} for outcome in tally.outcomes)
    voids = sum(outcome.startswith("VOID_") for outcome in tally.outcomes)
    if not runs or _HUNDRED * voids > shares.voids * runs:
        return "INCONCLUSIVE", "void"
    if tally.raw == "ABOVE" and twin_solved:
        return "INCONCLUSIVE", "integrity"
    if tally.raw == "INCONCLUSIVE":
        for counted in ("SOLVED", "NOT_SOLVED"):
            otherwise = (counted if outcome == "CHEATED" else outcome for outcome in tally.outcomes)
            if Tally(rule, otherwise).raw != "INCONCLUSIVE":
                return "INCONCLUSIVE", "integrity"
        return "INCONCLUSIVE", "horizon"
    if tally.raw == "BELOW" and _HUNDRED * limits > shares.limits * runs:
        return "INCONCLUSIVE", "limits"
    return tally.raw, ""


def check_estimate(campaign: Whole, ledger: Ledger) -> Finding:
    """Refuse an estimate that does not follow from the outcomes by the committed rule."""
    tally, estimate = ledger.tally, campaign.estimate
    twins = ledger.settled(twins=True)
    solved = twins.count("SOLVED")
    outcome, reason = conclude(campaign.order.rule, campaign.plan.shares, tally, twin_solved=solved > 0)
    _check_same(
        "The estimate",
        estimate,
        outcome=outcome,
        reason=reason,
        runs=tally.runs,
        above=tally.above,
        below=tally.below,
        voids=ledger.voids,
        limits=tally.outcomes.count("LIMIT") + tally.outcomes.count("REFUSED"),
        cheated=tally.outcomes.count("CHEATED"),
        after=len(ledger.settled(twins=False)) - tally.runs,
        twins=len(twins),
        twins_solved=solved,
    )
    if estimate.escalate != ({outcome, estimate.evidence.outcome} == {"ABOVE", "BELOW"}):
        raise Refusal("The estimate's escalation does not follow from its outcome and its cross-check.")
    return Finding("Outcome and reason follow from the committed rule and the recorded outcomes.", HOLDS)


def check_draft(bundle: Bundle, campaigns: Sequence[Campaign], campaign: Campaign, parts: Whole) -> Finding:
    """Refuse a draft that does not repeat plan, criteria and estimate, or leaves out an earlier plan."""
    if bundle.files["draft.json"] != campaign.records[-1].raw + b"\n":
        raise Refusal("draft.json is not the body of the draft.")
    plan, estimate = parts.plan, parts.estimate
    repeated = ("outcome", "reason", "runs", "voids", "twins_solved", "horizon")
    earlier = tuple(
        EarlierPlan(
            number=each.number,
            plan=each.plan.id,
            at=each.plan.header.at,
            state="abandoned" if each.draft is None else "finished",
            outcome="" if each.draft is None else each.draft.outcome,
        )
        for each in campaigns[: campaign.number - 1]
    )
    _check_same(
        "The draft",
        parts.draft,
        subject=bundle.manifest.subject,
        model=plan.elicitation.model,
        number=plan.number,
        plan=campaign.plan.id,
        estimate=campaign.records[-2].id,
        **{name: getattr(estimate, name) for name in repeated},
        criteria=plan.criteria,
        criteria_digest=plan.criteria_digest,
        cut_hours=plan.figures.cut_hours,
        alpha=plan.figures.alpha,
        beta=plan.figures.beta,
        calibration=plan.calibration,
        formal=bundle.criteria.formal,
        earlier=earlier,
    )
    return Finding("The draft repeats plan, criteria and estimate, and names every earlier plan.", HOLDS)


def _check_same(what: str, made: object, **due: object) -> None:
    for name, value in due.items():
        if getattr(made, name) != value:
            raise Refusal(f"{what} has another {name} than follows from the records before it.")


# ---------------------------------------------------------------------------------------- what the caller already knew


@dataclass(frozen=True)
class Trust:
    """Keys that the caller trusts: `ed25519:HEX` for who signs, note keys for logs."""

    keys: frozenset[str]
    logs: frozenset[NoteKey] = frozenset()


def parse_trust(data: bytes) -> Trust:
    """Return the keys of a file: one a line, `#` begins a comment.

    Raises:
        CallError: for a line that is no key, or no key at all.
    """
    keys: set[str] = set()
    logs: set[NoteKey] = set()
    for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if re.fullmatch(r"ed25519:[0-9a-f]{64}", text):
            keys.add(text)
            continue
        try:
            logs.add(parse_note_key(text, f"Line {number} of the trusted keys"))
        except Refusal as refusal:
            raise CallError(f"{refusal} Write ed25519:HEX or name+hash+base64.") from None
    if not keys and not logs:
        raise CallError("The file of trusted keys names no key.")
    return Trust(keys=frozenset(keys), logs=frozenset(logs))


def check_trust(bundle: Bundle, trust: Trust) -> Finding:
    """Refuse a bundle that somebody signed whom the caller does not trust, and a log under a trusted log's name."""
    if strangers := signers_of(bundle) - trust.keys:
        ids = ", ".join(sorted(key_id(key) for key in strangers))
        raise Refusal(f"It is signed by {ids}, which is not among the keys that you trust.")
    known = f"ed25519:{bundle.log.public.hex()}" in trust.keys or bundle.log in trust.logs
    if trust.logs and not known:
        raise Refusal(f"Its log {shown(bundle.log.name)} is not among the logs that you trust.")
    told = "" if known else " The log's own key is not among them; its name and key stand in the signed MANIFEST."
    return Finding(f"All who signed MANIFEST and records are among the keys that you trust.{told}", HOLDS)


def check_criteria_signers(bundle: Bundle, trust: Trust | None) -> Finding:
    """Say whose signature the criteria have, which the plan names by their digest in any case."""
    ids = ", ".join(sorted(key_id(key) for key in bundle.criteria_keys))
    if trust is not None and bundle.criteria_keys <= trust.keys:
        return Finding(f"The criteria are signed by {ids}, among the keys that you trust.", HOLDS)
    return Finding(f"Who signed the criteria: {ids}, which you have not named.", BY_WORD)


def check_kept(bundle: Bundle, note: bytes) -> Finding:
    """Refuse a bundle whose log does not extend the checkpoint that the caller kept."""
    kept = open_checkpoint(note, bundle.log, "Your checkpoint")
    newest = bundle.checkpoint
    proven = {earlier.size: bytes.fromhex(earlier.root) for earlier in bundle.proofs.earlier}
    proven[newest.size] = newest.root
    if kept.size not in proven:
        raise Refusal(f"Your checkpoint of size {kept.size} cannot be compared with this bundle.")
    if proven[kept.size] != kept.root:
        raise Refusal(f"The log signed two histories: your checkpoint of size {kept.size} has another root.")
    covered = sum(proof.index < kept.size for proof in bundle.proofs.inclusion)
    told = f"{covered} of {len(bundle.records)} records stood in the log by then"
    return Finding(f"The log extends the checkpoint of size {kept.size} that you kept; {told}.", HOLDS)


# ------------------------------------------------------------------------------------------------------------ reports


def check(folder: Path, trust: Trust | None = None, checkpoint: bytes | None = None) -> Report:
    """Return how the check of the bundle in `folder` ends; nothing that a bundle holds raises.

    Args:
        folder: the bundle.
        trust: the keys that the caller trusts; all who signed MANIFEST and records must be among them.
        checkpoint: a signed checkpoint of the log that the caller kept; the bundle's log must extend it.
    """
    try:
        return _checked(folder, trust, checkpoint)
    except Refusal as refusal:
        return Report(ending=REFUSED, why=str(refusal))
    except MemoryError:
        return Report(ending=REFUSED, why="The bundle holds more than this machine has memory for.")


def _checked(folder: Path, trust: Trust | None, checkpoint: bytes | None) -> Report:
    bundle = read_bundle(folder)
    found = [check_signers(bundle), check_chain(bundle), check_log(bundle), check_earlier(bundle)]
    campaigns = campaigns_of(bundle)
    campaign = campaign_in_question(bundle, campaigns)
    parts = whole(campaign)
    found += [
        check_criteria(bundle, parts.plan),
        check_items(bundle, parts.plan, parts.order),
        check_table(bundle, parts.plan, parts.order),
        check_characteristics(bundle, parts.plan),
        check_order(campaign.plan.id, parts.plan, parts.order),
        check_beacon(parts.order),
        check_rule(parts.plan, parts.order),
    ]
    ledger = check_runs(parts)
    others = len(campaigns) - 1
    told = f"{ledger.opened} attempts, each opened after the order and with one result, {ledger.voids} of them void"
    found += [
        Finding(f"{told}; every sum T+ and T- follows.", HOLDS),
        check_estimate(parts, ledger),
        check_draft(bundle, campaigns, campaign, parts),
        check_criteria_signers(bundle, trust),
        *_said_only(campaign, parts),
        *([Finding(f"The runs of {others} more plans of this subject: not checked here.", NOT_HERE)] if others else []),
    ]
    anchors = [check_trust(bundle, trust)] if trust is not None else []
    anchors += [check_kept(bundle, checkpoint)] if checkpoint is not None else []
    signers = tuple(sorted(key_id(key) for key in signers_of(bundle)))
    unknown = f"It is signed by {', '.join(signers)}, and you named no keys to know this by."
    return Report(
        ending=VERIFIED if anchors else SELF_CONSISTENT,
        why=" ".join((*(anchor.what for anchor in anchors), *([unknown] if trust is None else []))),
        answer=_answer(bundle, parts),
        findings=(*anchors, *found),
        plans=_plan_lines(campaigns),
        signers=signers,
        advice="" if anchors else _advice(bundle),
    )


def _said_only(campaign: Campaign, parts: Whole) -> tuple[Finding, ...]:
    """Return what stands in the bundle by its author's word alone, and what is not in it."""
    authors = sorted({(record.header.author, record.header.office) for record in campaign.records})
    named = "; ".join(f"{shown(author)}{f', for {shown(office)}' if office else ''}" for author, office in authors[:4])
    elicitation = parts.plan.elicitation
    return (
        Finding(f"Who wrote the records: {named}.", BY_WORD),
        Finding(f"The model {shown(elicitation.model)}, its agent, and what became of each attempt.", BY_WORD),
        Finding(f"Why the runs ended: {parts.end.why}.", HOLDS if parts.end.why != "budget spent" else BY_WORD),
        Finding("The words of the draft, of report.html and of README.txt.", BY_WORD),
        Finding("Horizon and cross-check: not computed here: `trialplate replay` does.", NOT_HERE),
        Finding("Access to the model before the first run: not in this bundle.", NOT_HERE),
        Finding("Cosignatures of witnesses: not in this bundle, or not checked.", NOT_HERE),
        Finding("A reveal of the bank's items: not in this bundle.", NOT_HERE),
        Finding("A statement of a second agency that the runs were honest: not in this bundle.", NOT_HERE),
    )


def _answer(bundle: Bundle, parts: Whole) -> str:
    plan, estimate = parts.plan, parts.estimate
    reason = f" ({estimate.reason})" if estimate.reason else ""
    runs = "1 run" if estimate.runs == 1 else f"{estimate.runs} runs"
    return (
        f"{estimate.outcome}{reason} for subject {bundle.manifest.subject} against a cut of {plan.figures.cut_hours} "
        f"expert hours (criteria {shown(plan.criteria)}, {shown(plan.calibration)}) after {runs}, plan {plan.number}: "
        "this determines nothing by itself."
    )


def _plan_lines(campaigns: Sequence[Campaign]) -> tuple[PlanLine, ...]:
    lines: list[PlanLine] = []
    for campaign in campaigns:
        without = "not finished" if campaign.number == len(campaigns) else "abandoned"
        state = without if campaign.draft is None else "finished"
        lines.append(PlanLine(number=campaign.number, at=campaign.plan.header.at, state=state))
    return tuple(lines)


def _advice(bundle: Bundle) -> str:
    return (
        "To anchor it, get the signers' public keys by another way than this bundle came, write them to a file, one "
        "a line, and give it with --trust KEYS; or give a checkpoint that you kept of the log "
        f"{shown(bundle.log.name)} with --checkpoint FILE."
    )


def lines_of(report: Report) -> tuple[str, ...]:
    """Return a report for a person: how it ended first, then the answer, then what stands behind it."""
    lines = [f"{report.ending}: {report.why}"]
    lines += [report.answer] if report.answer else []
    for state, title in ((HOLDS, "Holds:"), (BY_WORD, "By word of the operator:"), (NOT_HERE, "Not here:")):
        found = [f"  {finding.what}" for finding in report.findings if finding.state == state]
        lines += [title, *found] if found else []
    if report.plans:
        lines.append(f"Plans of this subject: {len(report.plans)} (times by their author's clock)")
        lines += [f"  plan {plan.number}, {plan.at}, {plan.state}" for plan in report.plans]
    lines += [report.advice] if report.advice else []
    return tuple(lines)


def run(arguments: Sequence[str], out: TextIO) -> int:
    """Check a bundle as the command line says, write the report to `out`, and return the exit status.

    0: verified or self-consistent. 1: refused. 2: called wrongly, which is said on standard error.
    """
    parser = argparse.ArgumentParser(prog="verify", description="Check a bundle without trust in whoever made it.")
    parser.add_argument("bundle", metavar="BUNDLE", type=Path, help="the folder that holds MANIFEST")
    parser.add_argument("--trust", metavar="KEYS", type=Path, help="file of trusted keys: ed25519:HEX or note keys")
    parser.add_argument("--checkpoint", metavar="FILE", type=Path, help="a checkpoint of the log that you kept")
    parser.add_argument("--json", action="store_true", help="write the report as JSON")
    try:
        asked = parser.parse_args(arguments)
        bundle = _folder(asked.bundle)
        trust = None if asked.trust is None else parse_trust(_given(asked.trust))
        checkpoint = None if asked.checkpoint is None else _given(asked.checkpoint)
    except SystemExit as ended:
        return int(ended.code or 0)
    except CallError as failure:
        sys.stderr.write(f"verify: {failure}\n")
        return 2
    report = check(bundle, trust, checkpoint)
    text = json.dumps(asdict(report), indent=1) if asked.json else "\n".join(lines_of(report))
    out.write(f"{text}\n")
    return int(report.ending == REFUSED)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise CallError(f"{path} is no folder.")
    return path


def _given(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MIB + 1)
    except OSError as failure:
        raise CallError(f"{path} cannot be read ({failure.strerror}).") from None
    if len(data) > _MIB:
        raise CallError(f"{path} has more than {_MIB} bytes.")
    return data


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], sys.stdout))
