"""Whom a campaign is about: an opaque id of a version of a model, the same for every campaign of this home."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from trialplate.records import SubjectId, canonical
from trialplate.records.header import SUBJECT_BYTES
from trialplate.trust import Signer

_TAG: Final = b"trialplate.subject/1\n"


def subject_of(signer: Signer, model: str, arguments: Mapping[str, str]) -> SubjectId:
    """Return the id of a model that is called with these arguments.

    It is a hash of the signer's signature over them, which Ed25519 makes the same every time: whoever lacks the key can
    neither compute it nor guess a model from it.
    """
    named = canonical({"model": model, "arguments": dict(arguments)})
    return SubjectId(hashlib.sha256(signer.sign(_TAG + named)).digest()[:SUBJECT_BYTES].hex())
