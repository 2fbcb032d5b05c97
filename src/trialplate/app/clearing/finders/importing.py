"""Many documents at once: each file of a list or a folder is sent like one alone, and one that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.app.clearing.files import read_file
from trialplate.app.clearing.finders.reporting import Sent, Tell, submit
from trialplate.app.clearing.house import House
from trialplate.clearinghouse.vault import MOST_BYTES
from trialplate.errors import TrialplateError

SUFFIXES: Final = frozenset({".json", ".sarif"})
"""How the names of documents in a folder end."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a file; `problem` says why it was refused, and is empty where it was not.

    `taken` counts its findings that were taken, `again` those of them that had been taken earlier, and `refused` its
    results that were not taken.
    """

    file: str
    document: str = ""
    taken: int = 0
    again: int = 0
    refused: int = 0
    problem: str = ""


def files_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the documents that are meant: a file itself, and of a folder all that lie in it at any depth, in order.

    What is linked into a folder is passed over: whoever made the folder does not choose what is read.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (each for each in sorted(path.rglob("*")) if each.suffix.lower() in SUFFIXES)
            found += (each for each in inside if each.is_file() and not each.is_symlink())
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))


def imported(house: House, party: str, files: Sequence[Path], tell: Tell) -> Iterator[Outcome]:
    """Send files one after another, and yield what became of each; sending them again takes up where a kill ended it.

    Args:
        house: the clearinghouse.
        party: who sends them.
        files: see `files_of`.
        tell: is told how far the file is that is being sent.
    """
    for file in files:
        # A name that is no UTF-8 has no other form in JSON.
        name = str(file).encode("utf-8", "backslashreplace").decode()
        try:
            receipt = submit(house, party, Sent(document=read_file(file, MOST_BYTES)), tell)
        except TrialplateError as failure:
            yield Outcome(file=name, problem=str(failure))
        else:
            yield Outcome(
                file=name,
                document=receipt.document,
                taken=len(receipt.taken),
                again=sum(each.again for each in receipt.taken),
                refused=len(receipt.refused),
                problem=receipt.problem or ("" if receipt.good else "None of its results was taken."),
            )
