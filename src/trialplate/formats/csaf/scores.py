"""The tests of scores: one a product and version, computed right, and consistent with their vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, cast

from trialplate.formats.csaf.model import At, Document, shown, vulnerability_path
from trialplate.formats.cvss import LONGEST, CvssError, Score, base_scores
from trialplate.records.words import plain

_KEPT: Final = 4096
"""Vectors whose scores are kept; many advisories of one publisher share theirs."""

_LETTERS: Final = (
    ("AV", "attackVector", "modifiedAttackVector"),
    ("AC", "attackComplexity", "modifiedAttackComplexity"),
    ("PR", "privilegesRequired", "modifiedPrivilegesRequired"),
    ("UI", "userInteraction", "modifiedUserInteraction"),
    ("S", "scope", "modifiedScope"),
    ("C", "confidentialityImpact", "modifiedConfidentialityImpact"),
    ("I", "integrityImpact", "modifiedIntegrityImpact"),
    ("A", "availabilityImpact", "modifiedAvailabilityImpact"),
)
_REQUIREMENTS: Final = {
    "CR": "confidentialityRequirement",
    "IR": "integrityRequirement",
    "AR": "availabilityRequirement",
}
_TEMPORAL: Final = {"RL": "remediationLevel", "RC": "reportConfidence"}

_METRICS_3: Final = (
    {metric: base for metric, base, _ in _LETTERS}
    | {f"M{metric}": modified for metric, _, modified in _LETTERS}
    | {"E": "exploitCodeMaturity"}
    | _TEMPORAL
    | _REQUIREMENTS
)
"""For each metric of a vector of CVSS 3 the property of the same meaning."""

_METRICS_2: Final = {
    "AV": "accessVector",
    "AC": "accessComplexity",
    "Au": "authentication",
    "C": "confidentialityImpact",
    "I": "integrityImpact",
    "A": "availabilityImpact",
    "E": "exploitability",
    "CDP": "collateralDamagePotential",
    "TD": "targetDistribution",
    **_TEMPORAL,
    **_REQUIREMENTS,
}
"""The same of CVSS 2."""

_PROPERTIES: Final[Mapping[int, Mapping[str, str]]] = {
    version: {name: metric for metric, name in metrics.items()}
    for version, metrics in ((2, _METRICS_2), (3, _METRICS_3))
}
"""For each version of CVSS and property the metric of the same meaning."""

_LONG: Final[Mapping[int, Mapping[str, str]]] = {
    2: {
        "NOT_DEFINED": "ND",
        "PROOF_OF_CONCEPT": "POC",
        "OFFICIAL_FIX": "OF",
        "TEMPORARY_FIX": "TF",
        "UNCONFIRMED": "UC",
        "UNCORROBORATED": "UR",
        "LOW_MEDIUM": "LM",
        "MEDIUM_HIGH": "MH",
    },
    3: {"NOT_DEFINED": "X"},
}
"""Values that a vector writes otherwise than by their first letter."""

_RESULTS: Final = tuple((name, f"{name}Score", f"{name}Severity") for name in ("base", "temporal", "environmental"))
"""What follows from a vector, and the two properties that hold it."""

_UNDEFINED: Final = frozenset({"X", "ND"})


class _Rated(NamedTuple):
    """A CVSS object of a vulnerability's score, each by its index; `version` is 2 or 3."""

    vulnerability: int
    score: int
    version: int
    vector: str
    values: Mapping[str, object]

    @property
    def path(self) -> str:
        """Return the JSON pointer of the object."""
        return f"{vulnerability_path(self.vulnerability)}/scores/{self.score}/cvss_v{self.version}"


class _Scores(NamedTuple):
    """The scores of a vector, in the order of what follows from it."""

    base: Score
    temporal: Score
    environmental: Score


def repeated_scores(document: Document) -> Iterator[At]:
    """6.1.7: no product of a vulnerability has two scores of one version of CVSS."""
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        # The schema sees to it that no list of products names one twice.
        if len(vulnerability.scores) == 1:
            continue
        seen: set[tuple[str, str]] = set()
        for at, score in enumerate(vulnerability.scores):
            versions = [_version(cvss) for cvss in (score.cvss_v2, score.cvss_v3) if cvss is not None]
            mine = {(product, version) for product in score.products for version in versions}
            for product, version in sorted(mine & seen):
                path = f"{vulnerability_path(index)}/scores/{at}"
                yield At(path, f"{shown(product)} has another score of CVSS version {shown(version)}.")
            seen |= mine


def wrong_scores(document: Document) -> Iterator[At]:
    """6.1.9: every score and severity is what follows from the vector.

    A vector that keeps to the pattern of its schema and yet lacks or repeats a metric has no scores, and is reported.
    """
    for rated in _rated(document):
        # What is kept has to be short, whoever wrote it.
        computed = _computed(rated.vector[: LONGEST + 1])
        if isinstance(computed, str):
            yield At(f"{rated.path}/vectorString", computed)
            continue
        for (name, *properties), score in zip(_RESULTS, computed, strict=True):
            if not rated.values.keys().isdisjoint(properties):
                yield from _compared(rated, name, score)


def inconsistent_metrics(document: Document) -> Iterator[At]:
    """6.1.10: every metric that is a property, too, has there the value that it has in the vector.

    A property whose metric the vector leaves out contradicts nothing.
    """
    for rated in _rated(document):
        metrics = _PROPERTIES[rated.version]
        named = metrics.keys() & rated.values.keys()
        if not named:
            continue
        given = _metrics(rated.vector)
        for name in sorted(named):
            metric, value = metrics[name], rated.values[name]
            if metric in given and isinstance(value, str) and _letter(value, rated.version) != given[metric]:
                yield At(f"{rated.path}/{name}", f"{shown(value)} is not what the vector says of {metric}.")


def _rated(document: Document) -> Iterator[_Rated]:
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        for at, score in enumerate(vulnerability.scores):
            for version, cvss in ((2, score.cvss_v2), (3, score.cvss_v3)):
                if isinstance(vector := _values(cvss).get("vectorString"), str):
                    yield _Rated(index, at, version, vector, _values(cvss))


def _values(cvss: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", cvss) if isinstance(cvss, dict) else {}


def _version(cvss: object) -> str:
    return str(_values(cvss).get("version"))


def _metrics(vector: str) -> Mapping[str, str]:
    pairs = (part.partition(":") for part in vector.split("/"))
    return {metric: value for metric, _, value in pairs if metric != "CVSS"}


def _letter(value: str, version: int) -> str:
    """Return how a vector writes a value: its first letter, with exceptions."""
    return _LONG[version].get(value, value[:1])


def _compared(rated: _Rated, name: str, score: Score) -> Iterator[At]:
    given = rated.values.get(f"{name}Score")
    # Both are the numbers nearest to a decimal of one place, so that they are equal where the decimals are.
    if isinstance(given, int | float) and given != float(score.value):
        yield At(f"{rated.path}/{name}Score", f"By the vector, the {name} score is {score.value}.")
    severity = rated.values.get(f"{name}Severity")
    if isinstance(severity, str) and severity != score.severity.name:
        yield At(f"{rated.path}/{name}Severity", f"By the vector, the {name} severity is {score.severity.name}.")


@lru_cache(maxsize=_KEPT)
def _computed(vector: str) -> _Scores | str:
    """Return the scores of a vector, or why it has none."""
    try:
        scores = base_scores(vector)
        weighed = scores if scores.environmental else base_scores(_weighed(vector))
    except CvssError as error:
        return plain(error.what)
    return _Scores(scores.base, scores.threat or scores.base, weighed.overall)


def _weighed(vector: str) -> str:
    """Return a vector without what it leaves undefined, and with one requirement that weighs as undefined does.

    Its environmental score is that of a vector without environmental metrics, which version 3.1 computes in another way
    than the base score.
    """
    kept = (part for part in vector.split("/") if part.partition(":")[2] not in _UNDEFINED)
    return "/".join((*kept, "CR:M"))
