"""Signatures over records: DSSE envelopes around canonical headers, and signers chosen by key URI.

An envelope is the RFC 8785 form of `{"payload", "payloadType", "signatures": [{"keyid", "sig"}]}`; a signature is
over `pae(payloadType, payload)` (DSSE protocol 1.0.0). A signature line says nothing about who signed until it has
been verified with a key that the reader trusts already: `keyid` only says which key to try.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.body import Draft, verify_body
from trialplate.records.canon import CanonicalError, canonical, decode
from trialplate.trust.keyfile import open_key_file
from trialplate.trust.keys import KeyUriError, Signer, Verifier
from trialplate.trust.ports import Entry
from trialplate.trust.verdicts import Refused

HEADER_TYPE: Final = "application/vnd.trialplate.header+json"
MOST_ENVELOPE_BYTES: Final = 2 << 20
MOST_SIGNATURES: Final = 16


class SigningError(TrialplateError):
    """Something cannot be signed."""


class Verified(Struct, frozen=True):
    """`payload` is signed by each of the trusted keys `key_ids` (one or more, each once, sorted)."""

    payload: bytes
    key_ids: tuple[str, ...]


class _Signature(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    sig: str
    keyid: str = ""


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_envelope(payload: bytes, signers: Sequence[Signer], *, payload_type: str = HEADER_TYPE) -> bytes:
    """Return an envelope around `payload` with one signature line for each of `signers`, in their order.

    Raises:
        SigningError: for no signers, more than `MOST_SIGNATURES`, or the same key twice.
    """
    if not signers or len(signers) > MOST_SIGNATURES or len({signer.key_id for signer in signers}) < len(signers):
        raise SigningError(f"{len(signers)} keys cannot sign.", f"Sign with 1 to {MOST_SIGNATURES} different keys.")
    message = pae(payload_type, payload)
    return canonical(
        _Envelope(
            payload=base64.b64encode(payload).decode(),
            payload_type=payload_type,
            signatures=tuple(
                _Signature(keyid=signer.key_id, sig=base64.b64encode(signer.sign(message)).decode())
                for signer in signers
            ),
        )
    )


def open_envelope(envelope: bytes, keys: Sequence[Verifier], *, payload_type: str = HEADER_TYPE) -> Verified | Refused:
    """Return the payload and who of `keys` signed it, or why nobody is shown to have.

    Signatures by unknown keys are passed over. An empty key set refuses. How many keys must have signed, and whose,
    is the caller's rule over `key_ids`.

    Args:
        envelope: the bytes, from anywhere.
        keys: the keys that the caller trusts.
        payload_type: the one type that the caller can read.
    """
    if not keys:
        return Refused("No keys are trusted, so no signature counts.")
    opened = _parse(envelope)
    if isinstance(opened, Refused):
        return opened
    if opened.payload_type != payload_type:
        return Refused(f"The payload type is {opened.payload_type[:100]!r}, not {payload_type!r}.")
    payload = _base64(opened.payload)
    if payload is None:
        return Refused("The payload is not in base64.")
    signed = _signed_by(pae(payload_type, payload), opened.signatures, keys)
    if not signed:
        return Refused("No signature is by a trusted key.")
    return Verified(payload=payload, key_ids=tuple(sorted(signed)))


def sign_draft(draft: Draft, signers: Sequence[Signer]) -> Entry:
    """Return the record of `draft`, signed, as a store takes it.

    Raises:
        SigningError: see `sign_envelope`.
    """
    envelope = sign_envelope(canonical(draft.header), signers)
    return Entry(header=draft.header, body=draft.body, salt=draft.salt, envelope=envelope)


def verify_entry(entry: Entry, keys: Sequence[Verifier]) -> Verified | Refused:
    """Return who of `keys` signed the record, or why it must not be believed.

    A withheld body (no body, no random bytes) is no reason to refuse; a body that the header does not commit to is.
    """
    verdict = open_envelope(entry.envelope, keys)
    if isinstance(verdict, Refused):
        return verdict
    if verdict.payload != canonical(entry.header):
        return Refused("The envelope signs another header.")
    if (entry.body or entry.salt) and not verify_body(entry.header, entry.body, entry.salt):
        return Refused("The body is not the one that the header commits to.")
    return verdict


def open_signer(uri: str) -> Signer:
    """Return the signer of a private key URI; a `file:` key is created on first use.

    Raises:
        KeyUriError: for a scheme that is not supported, or a `file:` URI that names no absolute path.
        KeyFileError: where the key file cannot be used.
    """
    scheme = uri.partition(":")[0].lower() if ":" in uri else ""
    opener = _OPENERS.get(scheme)
    if opener is None:
        named = f"The key URI scheme {scheme[:20]!r} is not supported." if scheme.isalnum() else "This is no key URI."
        raise KeyUriError(named, f"Supported: {', '.join(f'{name}:' for name in _OPENERS)}, as in file:/path/to/key.")
    return opener(uri)


def _open_file_uri(uri: str) -> Signer:
    parts = urlsplit(uri)
    path = unquote_to_bytes(parts.path)
    plain = not (parts.query or parts.fragment) and parts.netloc in {"", "localhost"}
    if not plain or not path.startswith(b"/") or b"\0" in path or path.endswith((b"/", b"/.", b"/..")):
        raise KeyUriError("This file: URI names no key file.", "Write an absolute path, as in file:/path/to/key.")
    return open_key_file(Path(path.decode(errors="surrogateescape")))


_OPENERS: Final[Mapping[str, Callable[[str], Signer]]] = MappingProxyType({"file": _open_file_uri})


def _parse(envelope: bytes) -> _Envelope | Refused:
    try:
        opened = decode(envelope, _Envelope, most=MOST_ENVELOPE_BYTES)
    except CanonicalError as error:
        return Refused(f"This is no envelope: {error.what}")
    if len(opened.signatures) > MOST_SIGNATURES:
        return Refused(f"The envelope has more than {MOST_SIGNATURES} signatures.")
    return opened


def _signed_by(message: bytes, signatures: Sequence[_Signature], keys: Sequence[Verifier]) -> set[str]:
    named = {key.key_id: key for key in keys}
    signed: set[str] = set()
    for line in signatures:
        signature = _base64(line.sig)
        if signature is None:
            continue
        # A hint that names a trusted key saves trying the others; any other hint means nothing.
        hinted = named.get(line.keyid)
        candidates = named.values() if hinted is None else (hinted,)
        signed.update(key.key_id for key in candidates if key.verify(message, signature))
    return signed


def _base64(text: str) -> bytes | None:
    """Return the bytes of standard or URL-safe base64 (DSSE wants both read), or None where it is neither."""
    standard = text.replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(standard, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Python ignores bits that stand behind the last byte; one value shall have one form.
    return data if base64.b64encode(data).decode() == standard else None
