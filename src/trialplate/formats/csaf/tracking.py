"""The tests of how a document has come about: its version, its status and its revision history."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from trialplate.formats.csaf.model import At, Document, shown

_VERSION: Final = "/document/tracking/version"
_STATUS: Final = "/document/tracking/status"
_DRAFT: Final = "draft"


def unsorted_history(document: Document) -> Iterator[At]:
    """6.1.14: by date, the numbers of the history ascend. Entries of one moment count in the order of their numbers."""
    for earlier, later in pairwise(document.history):
        if later.version < earlier.version:
            yield At(later.path, "By date this entry follows one with a higher number.")


def not_latest_version(document: Document) -> Iterator[At]:
    """6.1.16: the document's version is the number of the last entry by date.

    Build metadata does not count, and in a draft the pre-release does not either.
    """
    tracking = document.csaf.document.tracking
    stated, last = document.version, document.history[-1].version
    same = stated.release == last.release if tracking.status == _DRAFT else stated == last
    if not same:
        newest = tracking.revision_history[document.history[-1].at].number
        yield At(_VERSION, f"The newest entry of the revision history is {shown(newest)}.")


def undeclared_draft(document: Document) -> Iterator[At]:
    """6.1.17: a version 0, 0.y.z or with a pre-release is a draft's."""
    tracking = document.csaf.document.tracking
    stated = document.version
    if tracking.status != _DRAFT and (stated.major == 0 or not stated.is_release):
        yield At(_STATUS, f"A document of version {shown(tracking.version)} is a draft.")


def zero_in_released_history(document: Document) -> Iterator[At]:
    """6.1.18: the history of a document that is no draft has no version 0 or 0.y.z."""
    if document.csaf.document.tracking.status != _DRAFT:
        for entry in document.history:
            if entry.version.major == 0:
                yield At(entry.path, "A released document's history begins with version 1.")


def prerelease_in_history(document: Document) -> Iterator[At]:
    """6.1.19: no number of the history has a pre-release."""
    for entry in document.history:
        if not entry.version.is_release:
            yield At(entry.path, "A revision history has no pre-releases.")


def prerelease_of_released(document: Document) -> Iterator[At]:
    """6.1.20: the version of a document that is no draft has no pre-release."""
    tracking = document.csaf.document.tracking
    if tracking.status != _DRAFT and not document.version.is_release:
        yield At(_VERSION, "Only a draft's version has a pre-release part.")


def gap_in_history(document: Document) -> Iterator[At]:
    """6.1.21: by date, the history begins with (major) version 0 or 1 and leaves out none."""
    first = document.history[0]
    if first.version.major > 1:
        yield At(first.path, "The first version is 0 or 1.")
    for earlier, later in pairwise(document.history):
        if later.version.major > earlier.version.major + 1:
            yield At(later.path, "Versions before this one are missing.")


def repeated_in_history(document: Document) -> Iterator[At]:
    """6.1.22: no two entries of the history have the same number."""
    seen: set[str] = set()
    for index, revision in enumerate(document.csaf.document.tracking.revision_history):
        if revision.number in seen:
            yield At(f"/document/tracking/revision_history/{index}/number", f"{shown(revision.number)} is there twice.")
        seen.add(revision.number)


def mixed_versioning(document: Document) -> Iterator[At]:
    """6.1.30: all versions are whole numbers, or all are semantic."""
    for entry in document.history:
        if entry.version.is_semantic != document.version.is_semantic:
            yield At(entry.path, "The document's version and this one are not of one kind (integer or semantic).")
