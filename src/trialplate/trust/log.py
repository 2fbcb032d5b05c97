"""What a log signs: checkpoints (c2sp.org/tlog-checkpoint v1.0.0) as signed notes.

This profile is narrower than the specification: the name of the log's key is the origin, the key is Ed25519, the
tree size fits a record (below 2**53), and there are no extension lines, because no monitor could audit them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.upkeep import Checkpoint
from trialplate.trust.keys import Signer
from trialplate.trust.merkle import EMPTY_ROOT, HASH_BYTES
from trialplate.trust.note import NoteKey, open_note, sign_note, strict_base64
from trialplate.trust.verdicts import Refused

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_LINES: Final = 3


class LogError(TrialplateError):
    """A log was asked to say something that it must not say."""


class OpenedCheckpoint(Struct, frozen=True):
    """The log of `checkpoint.origin` said this: its own `key` signed it."""

    checkpoint: Checkpoint
    key: NoteKey


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """Return the signed note of `checkpoint`, under the origin as the name of the key.

    Whether the log may sign (never less than it signed before, and only what extends it) is the caller's rule.

    Raises:
        LogError: for an empty tree whose root is not that of the empty tree.
    """
    if not _root_fits(checkpoint):
        raise LogError("An empty log has another root than the empty tree.", "Sign the tree that the log holds.")
    root = base64.b64encode(bytes.fromhex(checkpoint.root)).decode()
    return sign_note(f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n", checkpoint.origin, signer)


def open_checkpoint(note: bytes, keys: Sequence[NoteKey]) -> OpenedCheckpoint | Refused:
    """Return the checkpoint and the log's key that signed it, or why it must not be believed.

    Args:
        note: the bytes, from anywhere, at most `MOST_NOTE_BYTES`.
        keys: the keys that the caller trusts. A key counts only for the log that it is named for; an empty set
            refuses.
    """
    opened = open_note(note, keys)
    if isinstance(opened, Refused):
        return opened
    checkpoint = _parse(opened.text)
    if isinstance(checkpoint, Refused):
        return checkpoint
    for key in opened.keys:
        if key.name == checkpoint.origin:
            return OpenedCheckpoint(checkpoint=checkpoint, key=key)
    return Refused(f"The checkpoint of {checkpoint.origin!r} is not signed by that log's key.")


def _parse(text: str) -> Checkpoint | Refused:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != _LINES:
        return Refused("A checkpoint has three lines: origin, size, root.")
    origin, size, root = lines
    if not _SIZE.fullmatch(size):
        return Refused("The checkpoint's size is no decimal number without leading zeros.")
    digest = strict_base64(root)
    if digest is None or len(digest) != HASH_BYTES:
        return Refused("The checkpoint's root is not 32 bytes in base64.")
    try:
        checkpoint = Checkpoint(origin=origin, size=int(size), root=digest.hex())
    except TrialplateError as error:
        return Refused(f"The checkpoint is not well formed: {error.what}")
    if not _root_fits(checkpoint):
        return Refused("The checkpoint of an empty log has another root than the empty tree.")
    return checkpoint


def _root_fits(checkpoint: Checkpoint) -> bool:
    return checkpoint.size > 0 or checkpoint.root == EMPTY_ROOT.hex()
