"""The tests of single vulnerabilities: their ids, statuses, flags and remediations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from trialplate.formats.csaf.model import At, Bearer, Document, Statuses, shown, vulnerability_path
from trialplate.formats.csaf.versions import Moment, moment
from trialplate.formats.csaf.weaknesses import weakness_names


def contradicting_status(document: Document) -> Iterator[At]:
    """6.1.6: no product of a vulnerability has two statuses that contradict each other."""
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        if statuses := vulnerability.product_status:
            yield from _contradictions(f"{vulnerability_path(index)}/product_status", statuses)


def unknown_weakness(document: Document) -> Iterator[At]:
    """6.1.11: every CWE is a weakness, by number and by a name that any version of CWE gives it."""
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        if cwe := vulnerability.cwe:
            names = weakness_names(cwe.id)
            if not names:
                yield At(f"{vulnerability_path(index)}/cwe/id", f"{shown(cwe.id)} is no weakness of CWE.")
            elif cwe.name not in names:
                yield At(f"{vulnerability_path(index)}/cwe/name", f"The name of {cwe.id} is {shown(names[0])}.")


def repeated_cve(document: Document) -> Iterator[At]:
    """6.1.23: no two vulnerabilities have the same CVE."""
    seen: set[str] = set()
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        if vulnerability.cve and vulnerability.cve in seen:
            yield At(f"{vulnerability_path(index)}/cve", f"{vulnerability.cve} is there twice.")
        seen.add(vulnerability.cve)


def repeated_involvement(document: Document) -> Iterator[At]:
    """6.1.24: no party is involved twice at one date in a vulnerability; having no date is one, too."""
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        seen: set[tuple[str, Moment]] = set()
        for at, each in enumerate(vulnerability.involvements):
            dated = (each.party, moment(each.date))
            if dated in seen:
                path = f"{vulnerability_path(index)}/involvements/{at}"
                yield At(path, f"The party {each.party} is involved twice at one date.")
            seen.add(dated)


def remediation_of_nothing(document: Document) -> Iterator[At]:
    """6.1.29: every remediation names products or groups."""
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        yield from _of_nothing(f"{vulnerability_path(index)}/remediations", vulnerability.remediations)


def flag_of_nothing(document: Document) -> Iterator[At]:
    """6.1.32: every flag names products or groups."""
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        yield from _of_nothing(f"{vulnerability_path(index)}/flags", vulnerability.flags)


def repeated_flag(document: Document) -> Iterator[At]:
    """6.1.33: no product of a vulnerability has two flags: each label of CSAF 2.0 is a justification of VEX."""
    for index, vulnerability in enumerate(document.csaf.vulnerabilities):
        flagged = Counter(product for flag in vulnerability.flags for product in document.products_of((flag,)))
        for product, times in flagged.items():
            if times > 1:
                yield At(f"{vulnerability_path(index)}/flags", f"{shown(product)} has {times} flags; one is allowed.")


def _contradictions(path: str, statuses: Statuses) -> Iterator[At]:
    # Of these a product can have one; that it is recommended contradicts none of them.
    kinds = (
        ("affected", (*statuses.first_affected, *statuses.known_affected, *statuses.last_affected)),
        ("not affected", statuses.known_not_affected),
        ("fixed", (*statuses.first_fixed, *statuses.fixed)),
        ("under investigation", statuses.under_investigation),
    )
    for (kind, products), (other, others) in combinations([each for each in kinds if each[1]], 2):
        for product in sorted(frozenset(products).intersection(others)):
            yield At(path, f"{shown(product)} is both {kind} and {other}.")


def _of_nothing(path: str, listed: Sequence[Bearer]) -> Iterator[At]:
    for index, bearer in enumerate(listed):
        if not bearer.product_ids and not bearer.group_ids:
            yield At(f"{path}/{index}", "It names no product and no group.")
