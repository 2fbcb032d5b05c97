"""Check files of security advisories: read each inside its limit, and say whether it is valid CSAF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.formats.csaf import MOST_BYTES, Problem, check


class UnreadableFileError(TrialplateError):
    """A file that was named cannot be read."""


class Checked(Struct, frozen=True):
    """What is to be said of a file: the version of CSAF that it states (or empty), and every problem."""

    file: str
    version: str
    valid: bool
    errors: tuple[Problem, ...]


def validated(files: Iterable[Path]) -> Iterator[Checked]:
    """Check files one after another, by the schema and the mandatory tests of CSAF 2.0.

    A file that is too large, no JSON or of another version is an answer, too.

    Raises:
        UnreadableFileError: for a file that cannot be read.
    """
    for file in files:
        verdict = check(_read(file))
        # A name that is no UTF-8 has no other form in JSON.
        name = str(file).encode("utf-8", "backslashreplace").decode()
        yield Checked(name, verdict.version, verdict.valid, verdict.problems)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            # One byte more than is allowed is enough to be refused.
            return opened.read(MOST_BYTES + 1)
    except OSError as failure:
        raise UnreadableFileError(
            f"{file} cannot be read ({failure.strerror}).", "Name a file that can be read."
        ) from failure
