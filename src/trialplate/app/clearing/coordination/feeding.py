"""Public feeds in the home: what is known to be exploited (KEV), and how probable it is (EPSS). Nothing is fetched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import Struct

from trialplate.app.clearing.files import read_file
from trialplate.app.clearing.house import House
from trialplate.app.clearing.roles import Role, require
from trialplate.app.settings import Settings
from trialplate.formats import epss, kev
from trialplate.formats.epss import EpssScores, parse_epss
from trialplate.formats.feeds import plain
from trialplate.formats.kev import KevCatalog, parse_kev
from trialplate.records import written

KEV: Final = "kev.json"
EPSS: Final = "epss.csv"
"""The names of the feeds in the folder `feeds` of the home."""

_MOST_BYTES: Final = max(kev.MOST_BYTES, epss.MOST_BYTES)


@dataclass(frozen=True, kw_only=True)
class Feeds:
    """The feeds that were imported; None is one that was not."""

    kev: KevCatalog | None = None
    epss: EpssScores | None = None


NO_FEEDS: Final = Feeds()


class Imported(Struct, frozen=True, kw_only=True):
    """A feed that was imported: which, its version or model, when it was made, and how many vulnerabilities it has."""

    feed: str
    version: str
    as_of: str
    entries: int


def feeds_of(home: Path) -> Feeds:
    """Return the feeds that were imported into a home.

    Raises:
        FeedError: where one of them was damaged since.
        FileError: where one of them cannot be read.
    """
    kev_path, epss_path = home / "feeds" / KEV, home / "feeds" / EPSS
    return Feeds(
        kev=parse_kev(read_file(kev_path, kev.MOST_BYTES)) if kev_path.exists() else None,
        epss=parse_epss(read_file(epss_path, epss.MOST_BYTES)) if epss_path.exists() else None,
    )


def import_feed(settings: Settings, house: House, party: str, path: Path) -> Imported:
    """Import a file of CISA's KEV catalog (JSON) or of FIRST's EPSS scores (CSV), plain or gzip, in place of the last.

    Raises:
        RoleError: where the party is no coordinator.
        FeedError: where it is neither.
        FileError: where it cannot be read.
    """
    require(house, party, Role.COORDINATOR)
    data = read_file(path, _MOST_BYTES)
    if plain(data, most=_MOST_BYTES).lstrip()[:1] == b"{":
        catalog = parse_kev(data)
        _keep(settings.home / "feeds" / KEV, data)
        found = Imported(
            feed="KEV", version=catalog.version, as_of=written(catalog.released), entries=len(catalog.entries)
        )
    else:
        scores = parse_epss(data)
        _keep(settings.home / "feeds" / EPSS, data)
        found = Imported(feed="EPSS", version=scores.model, as_of=written(scores.scored), entries=len(scores.rows))
    return found


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(data)
    part.replace(path)
