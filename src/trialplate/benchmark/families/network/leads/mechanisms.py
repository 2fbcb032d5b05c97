"""All mechanisms: their forms, who builds them, and what an expert has to do about each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from trialplate.benchmark.families.network.leads.leftovers import LEFTOVERS
from trialplate.benchmark.families.network.leads.pieces import Site
from trialplate.benchmark.families.network.leads.programs import PROGRAMS
from trialplate.benchmark.families.network.leads.residents import RESIDENTS
from trialplate.benchmark.families.network.leads.scheduled import SCHEDULED
from trialplate.benchmark.families.network.leads.spec import Link
from trialplate.benchmark.primitives import Step

FORMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "timetable": ("script", "settings", "folder"),
        "wildcard": ("options", "names", "listed"),
        "plugin": ("folder", "import", "state"),
        "rotate": ("plain", "race"),
        "spool": ("header", "prefix", "digest"),
        "wrapper": ("path", "variable", "home"),
        "viewer": ("parent", "complaint", "race"),
        "library": ("search", "modules"),
        "rules": ("pattern", "escape", "kept"),
        "unit": ("environment", "before", "file"),
        "socket": ("claim", "title", "ticket"),
        "leftover": ("backup", "history", "settings", "database", "log"),
    }
)
RACE: Final = "race"
READING: Final = frozenset({"rotate", "viewer"})
"""Kinds that show one what their target may read, and do not run anything."""
SHOWING: Final = frozenset({*SCHEDULED, "unit"})
"""Kinds that keep a status file up to date."""
_BUILDERS: Final[Mapping[str, Callable[[Site], None]]] = MappingProxyType(
    {**SCHEDULED, **PROGRAMS, **RESIDENTS, **LEFTOVERS}
)
_READ: Final = frozenset({*SCHEDULED, "socket"})
"""Kinds whose script one has to read to see the mistake."""


def built(site: Site) -> None:
    """Put a link's mechanism on the machine."""
    _BUILDERS[site.link.kind](site)


def steps(link: Link) -> list[Step]:
    """Return what an expert cannot leave out to pass a link."""
    if link.kind == "leftover":
        return [Step("find-credential")]
    found = [Step("misconfiguration")]
    if link.kind in _READ:
        found.append(Step("read-script"))
    if link.form == RACE:
        found.append(Step(RACE))
    return found
