"""How urgent a case is: by decision tables, from what is known and nothing else. Pure.

What is unknown stays unknown. That a finding was reproduced says nothing about who exploits it: our proof is sealed and
makes no public one; the kind of a crash alone does not tell how much an attacker wins. So most tables stay undecided,
and say what is missing.

`order` follows from the tables: an undecided one counts as its most urgent possible outcome, so that nobody gains by
leaving something out. The coordinator's table comes first, the supplier's and the deployer's break ties, each by its
most urgent possible outcome and then by its least urgent. BOD 26-04 binds federal agencies, is shown, and orders
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from trialplate.formats import feeds
from trialplate.formats.cvss import CvssError, Scores, base_scores
from trialplate.formats.epss import EpssScores
from trialplate.formats.kev import KevCatalog
from trialplate.formats.ssvc import Decided, Input, Shipped, Table, decide, relevant, shipped
from trialplate.records import moment
from trialplate.records.case import Fact, Known, Priority, Ranked
from trialplate.records.finding import Claimed

FRESH_DAYS: Final = 7
"""How old a KEV catalog may be for its silence to count."""

ORDERING: Final = (Shipped.CISA_COORDINATOR, Shipped.SUPPLIER, Shipped.DEPLOYER)
"""The tables that order, the first one before the others."""
ADVICE: Final = (Shipped.CISA_BOD_26_04,)
"""The tables that are shown."""

_BASE: Final = 16
_DAY: Final = 24 * 60 * 60
_EXPLOITATION: Final = "ssvc:E:1.1.0"
_IN_KEV: Final = "cisa:KEV:1.0.0"
_CVE: Final = re.compile(feeds.CVE)
_PLACES: Final = Decimal("1e-9")
_MOST_NAMED: Final = 8
_MOST_CHARACTERS: Final = 120


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a case.

    `aliases` and `severity` are what its reports claim. `found` are values of decision points that somebody stands for,
    with the reason; there is none for what nobody knows.
    """

    aliases: tuple[str, ...] = ()
    severity: tuple[Claimed, ...] = ()
    found: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Tables:
    """The tables that order cases, the first one before the others, and those that are shown beside them."""

    ordering: tuple[Table, ...]
    advice: tuple[Table, ...]


def shipped_tables() -> Tables:
    """Return the tables that are used unless others are named."""
    return Tables(tuple(map(shipped, ORDERING)), tuple(map(shipped, ADVICE)))


def prioritize(facts: Facts, tables: Tables, kev: KevCatalog | None, epss: EpssScores | None, now: str) -> Priority:
    """Return how urgent a case is, with every table's inputs and what is missing.

    Args:
        facts: what is known of it.
        tables: the tables to ask, at least one to order by.
        kev: the catalog, or None: then nothing is known of its exploitation.
        epss: the scores of a day, or None: then its probability is unknown.
        now: the moment of the question, by which the age of the feeds is told.

    Raises:
        InputError: where a fact is for an unknown value of a point, or a point is given twice.
        MomentError: where `now` is not a moment.
    """
    at = moment(now)
    cves = tuple(dict.fromkeys(alias.upper() for alias in facts.aliases if _CVE.fullmatch(alias.upper())))
    exploited, fact, told = _exploited(cves, kev, at)
    found = _merged(facts.found, fact)
    ranked = [_ranked(table, found) for table in (*tables.ordering, *tables.advice)]
    probability, chance = _probability(cves, epss, at)
    scores, claim = _scores(facts.severity)
    return Priority(
        order=_order(zip(tables.ordering, ranked, strict=False)),
        tables=tuple(ranked),
        exploited=exploited,
        epss=probability,
        vector=scores.vector if scores else "",
        score=str(scores.overall.value) if scores else "",
        severity=scores.overall.severity.value if scores else "",
        reasons=(told, chance, *claim, *map(_said, (*tables.ordering, *tables.advice), ranked)),
    )


def _exploited(cves: Sequence[str], kev: KevCatalog | None, now: datetime) -> tuple[Known, tuple[Fact, ...], str]:
    """Return what the catalog says, which facts follow from it, and that in words."""
    if kev is None:
        return Known.UNKNOWN, (), "Whether it is exploited is unknown: no KEV catalog was imported."
    if not cves:
        said = "Whether it is exploited is unknown: no report names a CVE id, by which the KEV catalog lists."
        return Known.UNKNOWN, (), said
    answers = [kev.look_up(cve, now) for cve in cves]
    age = answers[0].age_seconds // _DAY
    source = f"the KEV catalog {_clipped(kev.version)}, {_days(age)} old"
    listed = next((cve for cve, said in zip(cves, answers, strict=True) if isinstance(said, feeds.Known)), "")
    if listed:
        said = f"It is known to be exploited: a report names {listed}, which is in {source}."
        return Known.YES, (Fact(_IN_KEV, "Y", said), Fact(_EXPLOITATION, "A", said)), said
    named = ", ".join(cves[:_MOST_NAMED])
    if age > FRESH_DAYS:
        return Known.UNKNOWN, (), f"Whether it is exploited is unknown: {named} is not in {source}, which is too old."
    said = f"{named} is not in {source}."
    # The catalog's silence answers the one question whether it lists it, and not whether anybody exploits it.
    return Known.NO, (Fact(_IN_KEV, "N", said),), said


def _merged(stood_for: Sequence[Fact], from_feed: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return all facts; where the catalog knows of exploitation, nobody's word takes that away."""
    fixed = {fact.point for fact in from_feed}
    return (*from_feed, *(fact for fact in stood_for if fact.point not in fixed))


def _ranked(table: Table, facts: Sequence[Fact]) -> Ranked:
    answer = decide(table, relevant(table, [Input(fact.point, fact.value) for fact in facts]))
    because = {fact.point: fact.because for fact in facts}
    outcomes = (answer.outcome,) if isinstance(answer, Decided) else tuple(reversed(answer.outcomes))
    return Ranked(
        table=answer.table,
        version=answer.version,
        outcomes=tuple(outcome.name for outcome in outcomes),
        inputs=tuple(Fact(given.point, given.value, because[given.point]) for given in answer.inputs),
        missing=() if isinstance(answer, Decided) else answer.missing,
    )


def _order(ranked: Iterable[tuple[Table, Ranked]]) -> int:
    """Return one number that sorts as the tables do: of each the most and the least urgent outcome, 0 the most."""
    order = 0
    for table, each in ranked:
        names = [value.name for value in reversed(table.outcome.values)]
        for outcome in (each.outcomes[0], each.outcomes[-1]):
            order = order * _BASE + names.index(outcome)
    return order


def _probability(cves: Sequence[str], epss: EpssScores | None, now: datetime) -> tuple[str, str]:
    """Return the highest probability among its names, empty where it is unknown, and that in words."""
    if epss is None:
        return "", "Its EPSS probability is unknown: no scores were imported."
    answers = [epss.look_up(cve, now) for cve in cves]
    known = [said for said in answers if isinstance(said, feeds.Known)]
    if not known:
        return "", "Its EPSS probability is unknown: the scores have no CVE id that a report names."
    best = max(known, key=lambda said: said.entry.score)
    # A score that is too small to be written is not nothing.
    score = max(best.entry.score, _PLACES).quantize(_PLACES) if best.entry.score else Decimal(0)
    written = f"{score:f}".rstrip("0").rstrip(".") if score else "0"
    entry, age = best.entry, best.age_seconds // _DAY
    return written, f"EPSS gives {entry.cve} the probability {written} ({_clipped(entry.model)}, {_days(age)} old)."


def _scores(severity: Sequence[Claimed]) -> tuple[Scores | None, tuple[str, ...]]:
    """Return the scores, computed anew, of the claimed vector of the newest version, and what is to be said of it."""
    found: list[Scores] = []
    broken = 0
    for claimed in severity:
        if "/" not in claimed.value:
            continue
        try:
            found.append(base_scores(claimed.value))
        except CvssError:
            broken += 1
    said = (f"{broken} claimed CVSS vectors are none, and were passed over.",) if broken else ()
    if not found:
        return None, said
    best = max(found, key=lambda scores: (scores.version.value, scores.overall.value, scores.vector))
    claim = (
        f"A report claims {best.vector}, whose score is {best.overall.value} by our own computation; "
        "nothing is ordered by it."
    )
    return best, (claim, *said)


def _said(table: Table, ranked: Ranked) -> str:
    unknown = ", ".join(point.name for point in table.points if point.id in ranked.missing)
    missing = f"; unknown: {unknown}" if unknown else ""
    return f"{table.name} {table.version}: {' or '.join(ranked.outcomes)}{missing}. {table.says}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _clipped(text: str) -> str:
    return text[:_MOST_CHARACTERS]
