"""KEV: CISA's catalog of known exploited vulnerabilities, imported from its JSON. Pure.

Purpose: to tell whether a vulnerability is known to be exploited, since when, and whether for ransomware.
In: the catalog as CISA publishes it, plain or gzip. Out: frozen entries by CVE; answers with the age of the catalog.
Rules: fields that are not used are passed over; a catalog that contradicts itself is refused as a whole. What has no
entry was not in the catalog of that day, and is no more than that: the decision point `cisa:KEV`, which asks just that,
takes the value N from a catalog that is fresh enough; nothing takes from it that nobody exploits a vulnerability.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct, field

from trialplate.formats.feeds import CVE, FeedError, Known, Unknown, answer, first_repeated, moment, plain
from trialplate.records.words import said

MOST_BYTES: Final = 32 << 20
"""Bytes of a catalog; in 2026 it has 1.5 million."""

MOST_ENTRIES: Final = 100_000
"""Entries of a catalog; in 2026 it has 1,662."""

LONGEST: Final = 10_000
"""Characters of a text of an entry; in 2026 the longest has 821."""

_Text = Annotated[str, Meta(max_length=LONGEST)]


class KevError(FeedError):
    """A KEV catalog is malformed, too large, or contradicts itself."""


class Ransomware(StrEnum):
    """Whether campaigns of ransomware are known to have used a vulnerability; UNKNOWN is never "no"."""

    KNOWN = "Known"
    UNKNOWN = "Unknown"


class KevEntry(Struct, frozen=True, kw_only=True):
    """A vulnerability that is known to be exploited.

    `due` is the day by which federal civilian agencies were told to do what `action` says; it binds nobody else.
    """

    cve: Annotated[str, Meta(pattern=rf"^{CVE}\Z")] = field(name="cveID")
    vendor: _Text = field(name="vendorProject")
    product: _Text
    name: _Text = field(name="vulnerabilityName")
    action: _Text = field(name="requiredAction")
    added: date = field(name="dateAdded")
    due: date = field(name="dueDate")
    ransomware: Ransomware = field(name="knownRansomwareCampaignUse", default=Ransomware.UNKNOWN)


class KevCatalog(Struct, frozen=True, kw_only=True):
    """A catalog: its version, when it was released (UTC), and its entries by CVE."""

    version: str
    released: datetime
    entries: Mapping[str, KevEntry]

    def look_up(self, cve: str, now: datetime) -> Known[KevEntry] | Unknown:
        """Return what the catalog says of a CVE, and how old it is at `now` (aware)."""
        cve = cve.upper()
        return answer(self.entries.get(cve), cve, as_of=self.released, now=now)


class _File(Struct, frozen=True):
    version: Annotated[str, Meta(min_length=1, max_length=100)] = field(name="catalogVersion")
    released: Annotated[str, Meta(max_length=100)] = field(name="dateReleased")
    count: int
    entries: Annotated[list[KevEntry], Meta(max_length=MOST_ENTRIES)] = field(name="vulnerabilities")


def parse_kev(data: bytes) -> KevCatalog:
    """Return the catalog in a file's bytes, which may be gzip.

    Raises:
        KevError: where it is no catalog, has too many entries or another number than it says, or lists a CVE twice.
        FeedError: where the bytes are too many or broken gzip, or the catalog does not say when it was released.
    """
    try:
        file = msgspec.json.decode(plain(data, most=MOST_BYTES), type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise KevError(f"This is no KEV catalog: {said(error)}.", "Give the JSON file that CISA publishes.") from None
    if file.count != len(file.entries):
        raise KevError(
            f"The catalog says that it has {file.count} entries, and has {len(file.entries)}.", "Get it again."
        )
    entries = {entry.cve: entry for entry in file.entries}
    if len(entries) != len(file.entries):
        raise KevError(
            f"The catalog lists {first_repeated(entry.cve for entry in file.entries)} twice.", "Get it again."
        )
    released = moment(file.released, "The catalog's dateReleased")
    return KevCatalog(version=file.version, released=released, entries=MappingProxyType(entries))
