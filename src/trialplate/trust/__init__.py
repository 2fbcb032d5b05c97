"""Trust: who may read, who signed, and what was promised.

Purpose: the rules that every context leans on and none may bend. `labels` decides who may read; `signing` signs and
verifies records; `sealing` seals bodies at rest; `merkle` proves what a log holds; `log` signs and opens its
checkpoints; `ports` says what a record store promises.
In: labels and readers; drafts and keys; leaf hashes and proofs; bytes from anywhere.
Out: verdicts as values (`Granted`, `Verified`, `OpenedCheckpoint`, or `Refused` with a reason, which is false; for
proofs a bool), signed entries, notes.
Rules: empty means no (clearance, key set, signatures); a verdict never raises; a refusal's reason is for the side
that holds the object; private keys appear in no `repr`, log or error; only `keyfile` does I/O.
"""

from trialplate.trust.keyfile import KeyFileError
from trialplate.trust.keys import (
    Ed25519Signer,
    Ed25519Verifier,
    KeyUriError,
    Signer,
    Verifier,
    key_id,
    open_verifier,
    public_uri,
)
from trialplate.trust.labels import Granted, dominates, join, may_read
from trialplate.trust.log import LogError, OpenedCheckpoint, open_checkpoint, sign_checkpoint
from trialplate.trust.merkle import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    TreeError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from trialplate.trust.note import NoteError, NoteKey, parse_note_key
from trialplate.trust.ports import Entry, Reader
from trialplate.trust.sealing import SealingError, SealingKey, seal, sealing_key, unseal
from trialplate.trust.signing import (
    HEADER_TYPE,
    SigningError,
    Verified,
    open_envelope,
    open_signer,
    pae,
    sign_draft,
    sign_envelope,
    verify_entry,
)
from trialplate.trust.verdicts import Refused

__all__ = [
    "EMPTY_ROOT",
    "HEADER_TYPE",
    "Ed25519Signer",
    "Ed25519Verifier",
    "Entry",
    "Frontier",
    "Granted",
    "KeyFileError",
    "KeyUriError",
    "LogError",
    "NoteError",
    "NoteKey",
    "OpenedCheckpoint",
    "Reader",
    "Refused",
    "SealingError",
    "SealingKey",
    "Signer",
    "SigningError",
    "Tree",
    "TreeError",
    "Verified",
    "Verifier",
    "consistency_proof",
    "dominates",
    "inclusion_proof",
    "join",
    "key_id",
    "leaf_hash",
    "may_read",
    "node_hash",
    "open_checkpoint",
    "open_envelope",
    "open_signer",
    "open_verifier",
    "pae",
    "parse_note_key",
    "public_uri",
    "root_of",
    "seal",
    "sealing_key",
    "sign_checkpoint",
    "sign_draft",
    "sign_envelope",
    "unseal",
    "verify_consistency",
    "verify_entry",
    "verify_inclusion",
]
