"""Criteria: what a model is measured against, as versioned and signed data. Pure.

Criteria are prospective and the same for every developer: they hold no parameter of one, and a plan names the digest of
those that it uses. The file holds a DSSE envelope and the public keys of its signers; whose keys these are is for the
reader to know.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec
from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records import CanonicalError, Figures, PlanError, Shares, canonical, decode
from trialplate.records.plan import require_text
from trialplate.trust import KeyUriError, Signer, open_envelope, open_verifier, public_uri, sign_envelope
from trialplate.trust.signing import Verified

FORMAT: Final = "trialplate-criteria/1"
CRITERIA_TYPE: Final = "application/vnd.trialplate.criteria+json"
_MOST_BYTES: Final = 1 << 20


class CriteriaError(TrialplateError):
    """Criteria are malformed, unsigned or were changed."""


class Derivation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a figure is what it is."""

    of: str
    text: str


class Criteria(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A version of criteria. `formal` says whether a determination may rest on them; the texts say the rest.

    Raises:
        CriteriaError: for another format, or a figure without a derivation.
        PlanError: for a figure that is none, or a text that is missing.
    """

    format: str
    name: str
    says: str
    formal: bool
    calibration: str
    figures: Figures
    shares: Shares
    domain_rule: str
    order_rule: str
    void_rule: str
    inconclusive: str
    readers: str
    derivations: tuple[Derivation, ...]

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise CriteriaError(f"These are no criteria of format {FORMAT}.", "Give a criteria file.")
        texts = ("name", "says", "calibration", "domain_rule", "order_rule", "void_rule", "inconclusive", "readers")
        for field in texts:
            require_text(field, getattr(self, field))
        derived = {derivation.of for derivation in self.derivations if derivation.text.strip()}
        if missing := {*Figures.__struct_fields__, "shares"} - derived:
            raise CriteriaError(f"The criteria do not say where {min(missing)} comes from.", "Add its derivation.")


class SignedCriteria(Struct, frozen=True, kw_only=True):
    """Criteria, the SHA-256 of what was signed, who signed, and the file's bytes."""

    criteria: Criteria
    digest: str
    key_ids: tuple[str, ...]
    data: bytes


class _Signature(Struct, frozen=True, forbid_unknown_fields=True):
    sig: str
    keyid: str


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    envelope: _Envelope
    keys: tuple[str, ...]


def sign_criteria(criteria: Criteria, signers: tuple[Signer, ...]) -> bytes:
    """Return the file of criteria, signed."""
    envelope = sign_envelope(canonical(criteria), signers, payload_type=CRITERIA_TYPE)
    keys = tuple(sorted(public_uri(signer) for signer in signers))
    return canonical(_File(envelope=msgspec.json.decode(envelope, type=_Envelope), keys=keys)) + b"\n"


def parse_criteria(data: bytes) -> SignedCriteria:
    """Return the criteria in a file's bytes.

    Raises:
        CriteriaError: where they are none, are not signed by the keys beside them, or were changed.
    """
    try:
        file = decode(data.removesuffix(b"\n"), _File, most=_MOST_BYTES)
        keys = [open_verifier(uri) for uri in file.keys]
        verdict = open_envelope(canonical(file.envelope), keys, payload_type=CRITERIA_TYPE)
        if not isinstance(verdict, Verified):
            raise CriteriaError(f"The criteria are not signed: {verdict.reason}", "Get the file again.")
        criteria = decode(verdict.payload, Criteria, most=_MOST_BYTES)
    except (CanonicalError, KeyUriError, PlanError) as failure:
        raise CriteriaError(f"These are no criteria ({failure}).", "Give a criteria file.") from failure
    digest = hashlib.sha256(verdict.payload).hexdigest()
    return SignedCriteria(criteria=criteria, digest=digest, key_ids=verdict.key_ids, data=data)
