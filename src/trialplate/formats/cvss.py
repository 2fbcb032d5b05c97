"""CVSS: the scores of vectors of versions 2.0, 3.0, 3.1 and 4.0. Pure.

Purpose: to show and to check scores; nothing here ranks by them (that is `trialplate.formats.ssvc`).
In: a vector as text. Out: its scores and their severities.
Rules: a score is computed from its vector and never taken over from whoever sent it; one that needs metrics which the
vector does not have is absent, not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

# The kept library of Red Hat computes all versions. It is LGPL-3.0-or-later, and used here as an unmodified dependency.
from cvss import (  # pyright: ignore[reportMissingTypeStubs] - it ships no types; what is used of it gets them below
    CVSS2,
    CVSS3,
    CVSS4,
    CVSSError,
)
from msgspec import Struct

from trialplate.errors import TrialplateError
from trialplate.records.words import said

LONGEST: Final = 512
"""Characters that a vector may have; one with every metric of version 4.0 has fewer than 250."""

_SHOWN: Final = 80

_TEMPORAL: Final = frozenset("E RL RC".split())
_ENVIRONMENTAL_2: Final = frozenset("CDP TD CR IR AR".split())
_ENVIRONMENTAL_3: Final = frozenset("CR IR AR MAV MAC MPR MUI MS MC MI MA".split())
_THREAT_4: Final = frozenset("E".split())
_ENVIRONMENTAL_4: Final = frozenset("CR IR AR MAV MAC MAT MPR MUI MVC MVI MVA MSC MSI MSA".split())
_MEDIUM: Final = Decimal("4.0")
_HIGH: Final = Decimal("7.0")
_CRITICAL: Final = Decimal("9.0")
_UNDEFINED: Final = frozenset("ND X".split())
"""What a metric says where it says nothing, in version 2.0 and in later ones."""


class CvssError(TrialplateError):
    """A text is no CVSS vector of a version that is known."""


class Version(StrEnum):
    """The versions of CVSS."""

    V2_0 = "2.0"
    V3_0 = "3.0"
    V3_1 = "3.1"
    V4_0 = "4.0"


class Severity(StrEnum):
    """Severities, as CVSS 3.0 to 4.0 name them. Version 2.0 names none; NVD ranks its scores from LOW to HIGH."""

    NONE = "None"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"


class Score(Struct, frozen=True):
    """A score from 0.0 to 10.0, with exactly one decimal, and what it is called."""

    value: Decimal
    severity: Severity


class Scores(Struct, frozen=True, kw_only=True):
    """The scores of a vector.

    `base` follows from the base metrics alone, `threat` from these and the temporal metrics (the threat metric of
    version 4.0), `environmental` from all. Each of the latter two is there only where one of its metrics is defined.
    """

    version: Version
    vector: str
    base: Score
    threat: Score | None = None
    environmental: Score | None = None

    @property
    def overall(self) -> Score:
        """Return the score that uses all that the vector says."""
        return self.environmental or self.threat or self.base


class _Computed(Protocol):
    """What the library makes of a vector: in version 4.0 one score, in others base, temporal and environmental."""

    def scores(self) -> tuple[float | None, ...]: ...


class _Rule(Struct, frozen=True):
    """How a version is computed, and which of its metrics make up the two scores that may be absent."""

    compute: Callable[[str], _Computed]
    threat: frozenset[str]
    environmental: frozenset[str]


_RULE_3: Final = _Rule(CVSS3, _TEMPORAL, _ENVIRONMENTAL_3)
_RULES: Final[Mapping[Version, _Rule]] = {
    Version.V2_0: _Rule(CVSS2, _TEMPORAL, _ENVIRONMENTAL_2),
    Version.V3_0: _RULE_3,
    Version.V3_1: _RULE_3,
    Version.V4_0: _Rule(CVSS4, _THREAT_4, _ENVIRONMENTAL_4),
}


def base_scores(vector: str) -> Scores:
    """Return the scores of a vector, which begins with `CVSS:VERSION/` in all versions but 2.0.

    The order of its metrics makes no difference, in version 4.0 either.

    Raises:
        CvssError: for a text that is too long, of another version, or lacks, repeats or invents a metric or value.
    """
    if len(vector) > LONGEST:
        raise CvssError(f"{len(vector)} characters are more than the {LONGEST} of a CVSS vector.", "Give the vector.")
    version = _version(vector)
    rule = _RULES[version]
    try:
        found = rule.compute(vector).scores()
    except CVSSError as error:
        raise CvssError(
            f"{vector[:_SHOWN]!r} is no CVSS {version} vector: {said(error)}.", "Correct it, or leave it out."
        ) from None
    defined = {metric for metric, _, value in _fields(vector) if value not in _UNDEFINED}
    with_threat, with_environment = bool(defined & rule.threat), bool(defined & rule.environmental)
    if version is Version.V4_0:
        overall, *_ = found
        threat = _without(vector, rule.environmental) if with_environment else overall
        base = _without(vector, rule.environmental | rule.threat) if with_environment or with_threat else overall
        found = (base, threat, overall)
    base, threat, environmental = (_score(version, value or 0.0) for value in found)
    return Scores(
        version=version,
        vector=vector,
        base=base,
        threat=threat if with_threat else None,
        environmental=environmental if with_environment else None,
    )


def _version(vector: str) -> Version:
    """Return the version that a vector says it is of."""
    if not vector.startswith("CVSS:"):
        return Version.V2_0
    named = vector[len("CVSS:") :].partition("/")[0]
    for version in (Version.V3_0, Version.V3_1, Version.V4_0):
        if named == version:
            return version
    raise CvssError(
        f"{vector[:_SHOWN]!r} is of no known version of CVSS.", "Give one of version 4.0, 3.1, 3.0, or 2.0 (no prefix)."
    )


def _fields(vector: str) -> Iterable[tuple[str, str, str]]:
    """Yield metric, colon and value of each field of a vector that was found well formed."""
    return (field.partition(":") for field in vector.split("/"))


def _without(vector: str, left_out: frozenset[str]) -> float | None:
    """Return the score of a vector of version 4.0 as if these metrics were not defined."""
    kept = "/".join("".join(field) for field in _fields(vector) if field[0] not in left_out)
    return CVSS4(kept).scores()[0]


def _score(version: Version, value: float) -> Score:
    """Return a score with its severity; some of version 2.0 are computed as -0.0."""
    tenths = Decimal(f"{abs(value):.1f}")
    return Score(tenths, _severity(version, tenths))


def _severity(version: Version, value: Decimal) -> Severity:
    """Return the severity of a score: the scale that CVSS 3.0 to 4.0 share, or of version 2.0 as NVD ranks it."""
    if value >= _HIGH:
        return Severity.CRITICAL if value >= _CRITICAL and version is not Version.V2_0 else Severity.HIGH
    if value >= _MEDIUM:
        return Severity.MEDIUM
    return Severity.LOW if value > 0 or version is Version.V2_0 else Severity.NONE
