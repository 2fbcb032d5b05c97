"""The keys of a home: one a party, each made on first use, and the key of its index."""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final

from trialplate.errors import TrialplateError
from trialplate.trust import Signer, open_signer

RESERVED: Final = frozenset({"house", "index", "vault"})
"""Names of the home's own keys, which no party on a command line may have."""

_PARTY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_INDEX_TAG: Final = b"trialplate.index/1\n"


class PartyError(TrialplateError):
    """A party is named in a way that no key can have."""

    exit_code: ClassVar[int] = 2


class Keyring:
    """The keys in a folder.

    Args:
        folder: readable by its owner only; it must exist before a key is made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._signers: dict[str, Signer] = {}

    def signer(self, party: str) -> Signer:
        """Return the key of a party, made on first use.

        Raises:
            PartyError: for a name that is no plain file name.
            KeyFileError: where the key file cannot be used.
        """
        if party not in self._signers:
            if not _PARTY.fullmatch(party):
                raise PartyError(
                    f"{party[:40]!r} cannot be a party's name.",
                    "Use 1 to 64 of A-Z, a-z, 0-9 and '._-', as in mill.dev.",
                )
            self._signers[party] = open_signer(f"file:{self._folder / f'{party}.key'}")
        return self._signers[party]

    def keyed(self, text: str) -> str:
        """Return a fingerprint of a text that only the holder of this home's index key can compute."""
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def _index_key(self) -> bytes:
        return hashlib.sha256(self.signer("index").sign(_INDEX_TAG)).digest()
